//! The log event of a call.

use std::sync::Mutex;

use terraform_provider_defender::graph::types::TargetKind;
use terraform_provider_defender::graph::{ApiVersion, Request};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

use crate::scripted_graph::Reply;
use crate::support::{TOKEN, assign, page, row, start, target};

/// The fields of every event of this process as text.
static EVENTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Events;

impl<S: tracing::Subscriber> Layer<S> for Events {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        struct Text(String);
        impl tracing::field::Visit for Text {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                self.0.extend([field.name(), "=", &format!("{value:?}"), " "]);
            }
        }
        let mut text = Text(String::new());
        event.record(&mut text);
        EVENTS.lock().unwrap().push(text.0);
    }
}

#[tokio::test]
async fn each_call_leaves_one_log_event_with_ids_and_without_token_query_or_body() {
    // For the whole process: tracing caches for each event whether a subscriber is interested, and tests on other threads
    // may have filled the cache already, so it is rebuilt.
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Events)).unwrap();
    tracing::callsite::rebuild_interest_cache();

    let (graph, client) = start().await;
    graph.reply(page(&[row("g1")], None).header("request-id", "r-1")).reply(Reply::cut());
    let request = Request::get(ApiVersion::Beta, &["log-probe"]).query("$skiptoken", "opaque");
    client.send(&request).await.unwrap();
    assign(&client, "log-probe", &[target(TargetKind::Group, "group-in-body")]).await.unwrap_err();

    let all = EVENTS.lock().unwrap().clone();
    let ours: Vec<_> = all.iter().filter(|event| event.contains("log-probe")).collect();
    assert_eq!(ours.len(), 2, "{ours:?}");
    for fact in
        ["method=\"GET\"", "path=/beta/log-probe ", "status=200", "duration_ms=", "request_id=\"r-1\""]
    {
        assert!(ours[0].contains(fact), "{fact}: {ours:?}");
    }
    assert!(ours[1].contains("method=\"POST\"") && !ours[1].contains("status="), "{ours:?}");
    for hidden in [TOKEN, "opaque", "group-in-body", "deviceAndAppManagement"] {
        assert!(!all.iter().any(|event| event.contains(hidden)), "{hidden}: {all:?}");
    }
}
