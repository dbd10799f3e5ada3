//! The `tracing` layer: collects events, adds the fields of their spans, and passes each record to a writer.

use time::OffsetDateTime;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::plugin::log::level::{Levels, Module};
use crate::plugin::log::record::{Fields, render_line};

/// Writes one line per event. `write` receives a whole line and must not split it.
pub(super) struct TerraformLog<W> {
    levels: Levels,
    write: W,
}

impl<W: Fn(&[u8])> TerraformLog<W> {
    pub(super) fn new(levels: Levels, write: W) -> Self {
        Self { levels, write }
    }
}

impl<S, W> Layer<S> for TerraformLog<W>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: Fn(&[u8]) + 'static,
{
    // The levels never change, so each call site is decided once.
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.levels.enables(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.levels.enables(metadata)
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().replace(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(module) = Module::from_metadata(event.metadata()) else { return };
        let mut fields = Fields::default();
        event.record(&mut fields);
        let message = fields.remove_message();
        // From the innermost span outwards, because inner fields take precedence.
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(outer) = span.extensions().get::<Fields>() {
                fields.inherit_from(outer);
            }
        }
        (self.write)(&render_line(
            *event.metadata().level(),
            module,
            OffsetDateTime::now_utc(),
            message,
            fields,
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::sync::{Arc, Mutex};
    use tracing_subscriber::layer::SubscriberExt;

    const PROTOCOL: &str = "terraform_provider_defender::protocol::service";

    /// The records that `work` logs if `TF_LOG` is `level`.
    fn logged(level: &str, work: impl FnOnce()) -> Vec<Value> {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&lines);
        let levels = Levels::from_variables(|name| (name == "TF_LOG").then(|| level.to_owned()));
        let layer = TerraformLog::new(levels, move |line: &[u8]| sink.lock().unwrap().push(line.to_vec()));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), work);
        let lines = lines.lock().unwrap();
        lines.iter().map(|line| serde_json::from_slice(line).unwrap()).collect()
    }

    #[test]
    fn a_record_has_the_fields_of_all_enclosing_spans() {
        let records = logged("trace", || {
            let outer = tracing::info_span!(target: PROTOCOL, "call", tf_rpc = "ReadResource", tf_req_id = tracing::field::Empty);
            let _outer = outer.enter();
            outer.record("tf_req_id", "id-1");
            let _inner = tracing::debug_span!("request", method = "GET", attempt = 1).entered();
            tracing::debug!(status = 200, attempt = 2, retry = false, "Graph answered");
        });
        let expected = [
            ("@level", Value::from("debug")),
            ("@module", "provider".into()),
            ("@message", "Graph answered".into()),
            ("tf_rpc", "ReadResource".into()),
            ("tf_req_id", "id-1".into()),
            ("method", "GET".into()),
            ("status", 200.into()),
            ("retry", false.into()),
            // The innermost value takes precedence.
            ("attempt", 2.into()),
        ];
        for (name, value) in expected {
            assert_eq!(records[0][name], value, "{name}");
        }
    }

    #[test]
    fn records_of_the_protocol_have_the_sdks_module_name() {
        let records = logged("info", || tracing::info!(target: PROTOCOL, "Received request"));
        assert_eq!(records[0]["@module"], "sdk.proto");
    }

    #[test]
    fn records_of_other_crates_are_dropped() {
        let records = logged("trace", || {
            tracing::error!(target: "h2::codec", "a frame");
            tracing::error!(target: "terraform_provider_defender_like", "another crate");
        });
        assert_eq!(records, Vec::<Value>::new());
    }

    #[test]
    fn spans_keep_their_fields_when_only_errors_are_enabled() {
        let records = logged("error", || {
            let _span = tracing::trace_span!(target: PROTOCOL, "call", tf_rpc = "ReadResource").entered();
            tracing::warn!("not wanted");
            tracing::error!("wanted");
        });
        assert_eq!(records.len(), 1);
        assert_eq!(records[0]["tf_rpc"], "ReadResource");
    }

    #[test]
    fn a_field_cannot_replace_terraforms_keys() {
        let records = logged("trace", || {
            let _span = tracing::info_span!("call", "@level" = 7, message = "of the span").entered();
            tracing::info!("@timestamp" = 1, "@" = 2, "text");
        });
        assert_eq!(records[0]["@level"], "info");
        assert_eq!(records[0]["@message"], "text");
        assert!(records[0]["@timestamp"].is_string());
        assert_eq!(records[0]["timestamp"], 1);
        assert_eq!(records[0]["level"], 7);
    }

    #[test]
    fn an_event_without_text_has_an_empty_message() {
        let records = logged("trace", || tracing::info!(count = 3));
        assert_eq!(records[0]["@message"], "");
    }

    #[test]
    fn an_error_includes_its_causes_and_nan_is_a_string() {
        let records = logged("trace", || {
            let error = crate::plugin::error::Error::Runtime(std::io::Error::other("no descriptors"));
            let error: &(dyn std::error::Error + 'static) = &error;
            tracing::info!(error, ratio = f64::NAN, "text");
        });
        assert_eq!(records[0]["ratio"], "NaN");
        assert!(records[0]["error"].as_str().unwrap().contains("no descriptors"));
    }
}
