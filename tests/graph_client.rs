//! The Graph client against real sockets on loopback: paging, errors, batches, and what goes over the wire. The
//! entities themselves are the emulator's business.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test that finds something unexpected has to stop, and says what it proves in its name"
)]

#[path = "graph_client/bounds.rs"]
mod bounds;
#[path = "support/scripted_graph.rs"]
mod scripted_graph;
#[path = "support/together.rs"]
mod together;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use scripted_graph::{Asked, Reply, ScriptedGraph};
use serde_json::{Value, json};
use terraform_provider_defender::auth::credential::{AccessToken, Credential};
use terraform_provider_defender::auth::error::SignInFailure;
use terraform_provider_defender::auth::selected_method::MethodName;
use terraform_provider_defender::auth::{
    self, InputOrigin, SelectedMethod, StaticToken, TokenCache, TokenSource,
};
use terraform_provider_defender::graph::types::{AssignmentTarget, TargetKind};
use terraform_provider_defender::graph::{
    Answer, Client, Error, Finding, Patience, Refusal, Request, Version,
};
use terraform_provider_defender::transport::{Secret, Transport};
use together::together;
use tokio::sync::Barrier;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

const TOKEN: &str = "eyJ0.only-for-the-endpoint";
const POLICY: &str = "1f0e6c5a-0000-4000-8000-000000000001";
const PATH: &str = "/beta/deviceManagement/deviceConfigurations/1f0e6c5a-0000-4000-8000-000000000001";

/// Sends everything once; repeating has tests of its own, in `graph_retry.rs`.
fn client(root: &str) -> Client {
    Client::new(
        root.parse().unwrap(),
        Arc::new(StaticToken::new(
            TOKEN,
            SelectedMethod::access_token(InputOrigin::Argument("access_token")),
        )),
        Transport::new("defender-test/1.2".into()),
    )
    .patient(Patience::none())
}

async fn start() -> (ScriptedGraph, Client) {
    let graph = ScriptedGraph::start().await;
    let client = client(graph.root());
    (graph, client)
}

fn row(group: &str) -> Value {
    json!({
        "id": format!("{POLICY}_{group}"), "source": "direct", "sourceId": POLICY, "intent": "apply",
        "target": {
            "@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group,
            "deviceAndAppManagementAssignmentFilterId": null, "deviceAndAppManagementAssignmentFilterType": "none",
        },
    })
}

fn page(rows: &[Value], next: Option<&str>) -> Reply {
    let mut body = json!({"@odata.context": "x", "value": rows});
    if let Some(next) = next {
        body["@odata.nextLink"] = json!(next);
    }
    Reply::json(200, &body)
}

fn policy() -> Value {
    json!({
        "@odata.type": "#microsoft.graph.windowsDefenderAdvancedThreatProtectionConfiguration",
        "id": POLICY, "displayName": "Onboarding", "version": 1, "somethingNew": {"a": []},
    })
}

fn item(id: &str, status: u16, body: &Value) -> Value {
    json!({"id": id, "status": status, "headers": {"Content-Type": "application/json"}, "body": body})
}

fn batch_answer(items: &[Value]) -> Reply {
    Reply::json(200, &json!({ "responses": items }))
}

fn document(result: &Result<Answer, Error>) -> Value {
    result.clone().unwrap().decode().unwrap()
}

fn groups_of(assignments: &[terraform_provider_defender::graph::types::Assignment]) -> Vec<&str> {
    assignments.iter().filter_map(|assignment| assignment.target.group_id.as_deref()).collect()
}

fn intune_message(sentence: &str) -> String {
    let message = format!(
        "{sentence} - Operation ID (for customer support): 00000000-0000-0000-0000-000000000000 - \
         Activity ID: aaaa-1 - Url: https://fef.example.manage.microsoft.com/x?api-version=1-2"
    );
    json!({"_version": 3, "Message": message, "CustomApiErrorPhrase": "", "RetryAfter": null, "HttpHeaders": "{}"})
        .to_string()
}

fn error_body(code: &str, message: &str) -> Value {
    let inner = json!({"date": "2025-10-26T17:07:09", "request-id": "r-1", "client-request-id": "c-1"});
    json!({"error": {"code": code, "message": message, "innerError": inner}})
}

// What goes over the wire

#[tokio::test]
async fn a_request_carries_bearer_accept_user_agent_and_a_fresh_id_each_time() {
    let (graph, client) = start().await;
    graph.reply(Reply::json(200, &policy())).reply(Reply::json(200, &policy()));
    client.get_device_configuration(POLICY).await.unwrap();
    client.get_device_configuration(POLICY).await.unwrap();

    let asked = graph.asked();
    assert_eq!(asked[0].line, format!("GET {PATH}"));
    assert_eq!(asked[0].header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
    assert_eq!(asked[0].header("accept"), Some("application/json"));
    assert_eq!(asked[0].header("user-agent"), Some("defender-test/1.2"));
    assert_eq!(asked[0].header("accept-encoding"), Some("gzip"));
    let ids: Vec<_> = asked.iter().map(|asked| asked.header("client-request-id").unwrap()).collect();
    assert_eq!(ids[0].len(), 36);
    assert_ne!(ids[0], ids[1]);
}

struct CountedToken(Arc<AtomicUsize>);

#[async_trait]
impl TokenSource for CountedToken {
    async fn token(&self) -> Result<Secret, auth::Error> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(Secret::new(TOKEN))
    }

    async fn renew(&self, _refused: &Secret) -> Result<Option<Secret>, auth::Error> {
        Ok(None)
    }
}

#[tokio::test]
async fn nothing_is_asked_of_graph_or_of_the_token_source_before_the_first_call() {
    let graph = ScriptedGraph::start().await;
    let tokens = Arc::new(AtomicUsize::new(0));
    let source = Arc::new(CountedToken(Arc::clone(&tokens)));
    let client = Client::new(graph.root().parse().unwrap(), source, Transport::new("x".into())).clone();
    assert_eq!((tokens.load(Ordering::SeqCst), graph.asked().len()), (0, 0));

    graph.reply(Reply::json(200, &policy()));
    client.get_device_configuration(POLICY).await.unwrap();
    assert_eq!((tokens.load(Ordering::SeqCst), graph.asked().len()), (1, 1));
}

// A token that Graph refuses

/// Signs in as often as it is asked, and numbers its tokens.
#[derive(Debug)]
struct Numbered {
    sign_ins: Arc<AtomicUsize>,
    selected_method: SelectedMethod,
}

#[async_trait]
impl Credential for Numbered {
    async fn sign_in(&self) -> Result<AccessToken, SignInFailure> {
        let secret = Secret::new(format!("token-{}", self.sign_ins.fetch_add(1, Ordering::SeqCst)));
        Ok(AccessToken { secret, expires_on: time::OffsetDateTime::now_utc() + Duration::from_hours(1) })
    }

    fn selected_method(&self) -> &SelectedMethod {
        &self.selected_method
    }
}

/// Waits with every renewal until all have been refused.
struct Together {
    cache: TokenCache,
    barrier: Barrier,
}

#[async_trait]
impl TokenSource for Together {
    async fn token(&self) -> Result<Secret, auth::Error> {
        self.cache.token().await
    }

    async fn renew(&self, refused: &Secret) -> Result<Option<Secret>, auth::Error> {
        self.barrier.wait().await;
        self.cache.renew(refused).await
    }
}

fn numbered() -> (Arc<AtomicUsize>, TokenCache) {
    let sign_ins = Arc::new(AtomicUsize::new(0));
    let selected_method = SelectedMethod {
        name: MethodName::ClientSecret,
        reason: "client_secret is given".into(),
        inputs: Vec::new(),
        tenant_id: None,
        client_id: None,
    };
    let credential = Numbered { sign_ins: Arc::clone(&sign_ins), selected_method };
    (sign_ins, TokenCache::new(Box::new(credential)))
}

async fn start_with(tokens: Arc<dyn TokenSource>) -> (ScriptedGraph, Client) {
    let graph = ScriptedGraph::start().await;
    let client = Client::new(graph.root().parse().unwrap(), tokens, Transport::new("x".into()));
    (graph, client)
}

fn unauthorized() -> Reply {
    Reply::json(401, &error_body("InvalidAuthenticationToken", "Lifetime validation failed"))
}

fn bearers(graph: &ScriptedGraph) -> Vec<String> {
    graph.asked().iter().map(|asked| asked.header("authorization").unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_refused_token_is_replaced_and_the_request_repeated_once_writes_too() {
    let (graph, client) = start_with(Arc::new(numbered().1)).await;
    graph.reply(unauthorized()).reply(Reply::bytes(204, Vec::new()));
    client.send(&Request::post(Version::Beta, &["x"], json!({"a": 1}))).await.unwrap();
    assert_eq!(bearers(&graph), ["Bearer token-0", "Bearer token-1"]);
    assert_eq!(graph.asked()[0].body, graph.asked()[1].body);
}

#[tokio::test]
async fn a_second_refusal_ends_it() {
    let (graph, client) = start_with(Arc::new(numbered().1)).await;
    graph.reply(unauthorized()).reply(unauthorized());
    let error = client.get_device_configuration(POLICY).await.unwrap_err();
    assert!(error.is_unauthorized(), "{error}");
    assert_eq!(bearers(&graph).len(), 2);
}

#[tokio::test]
async fn a_given_token_that_is_refused_is_not_sent_again() {
    let (graph, client) = start().await;
    graph.reply(unauthorized());
    let error = client.get_device_configuration(POLICY).await.unwrap_err();
    let refused = error.call().unwrap().refused_token.clone().unwrap();
    assert_eq!(refused.method.unwrap().to_string(), "access token");
}

#[tokio::test]
async fn ten_refusals_at_once_cost_one_renewal() {
    let (sign_ins, cache) = numbered();
    let (graph, client) = start_with(Arc::new(Together { cache, barrier: Barrier::new(10) })).await;
    for reply in [unauthorized(), page(&[], None)] {
        for _ in 0..10 {
            graph.reply(reply.clone());
        }
    }
    let asking: Vec<_> = (0..10)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.list_assignment_filters().await })
        })
        .collect();
    for asking in asking {
        asking.await.unwrap().unwrap();
    }
    assert_eq!(sign_ins.load(Ordering::SeqCst), 2);
    let count = |token: &str| bearers(&graph).iter().filter(|bearer| *bearer == token).count();
    assert_eq!((count("Bearer token-0"), count("Bearer token-1")), (10, 10));
}

#[tokio::test]
async fn an_empty_id_is_refused_before_sending() {
    let (graph, client) = start().await;
    let errors = [
        client.get_device_configuration("").await.unwrap_err(),
        client.list_assignments("").await.unwrap_err(),
        assign(&client, "", &[]).await.unwrap_err(),
        client.get_assignment_filter("").await.unwrap_err(),
        client.get_policy_for_assignment("", &[]).await.policy.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, Error::Refused(Refusal::UnfitSegment { .. })), "{error}");
        assert!(!error.may_have_taken_effect());
    }
    assert!(graph.asked().is_empty());
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_its_target_gets_no_token() {
    let (graph, client) = start().await;
    let elsewhere = ScriptedGraph::start().await;
    let location = format!("{}/beta/x?secret=s", elsewhere.root());
    graph.reply(Reply::text(302, "text/html", "moved").header("Location", &location));

    let error = client.get_device_configuration(POLICY).await.unwrap_err();
    let Error::Undocumented { finding: Finding::Redirect { to }, .. } = &error else { panic!("{error}") };
    assert_eq!(to.as_deref(), Some(format!("{}/beta/x", elsewhere.root()).as_str()));
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn no_error_shows_the_token() {
    let (graph, client) = start().await;
    graph
        .reply(Reply::json(401, &error_body("InvalidAuthenticationToken", &format!("bad token {TOKEN}"))))
        .reply(Reply::text(407, "text/html", &format!("<pre>Authorization: Bearer {TOKEN}</pre>")))
        .reply(Reply::cut());
    for _ in 0..3 {
        let error = client.get_device_configuration(POLICY).await.unwrap_err();
        assert!(!format!("{error} {error:?} {client:?}").contains(TOKEN), "{error:?}");
    }
}

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
    // For the whole process: tracing remembers for each event whether anybody listens, and tests on other threads
    // have made it remember "nobody". Hence also the rebuilding.
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Events)).unwrap();
    tracing::callsite::rebuild_interest_cache();

    let (graph, client) = start().await;
    graph.reply(page(&[row("g1")], None).header("request-id", "r-1")).reply(Reply::cut());
    let request = Request::get(Version::Beta, &["log-probe"]).query("$skiptoken", "opaque");
    client.send(&request).await.unwrap();
    assign(&client, "log-probe", &[AssignmentTarget::group("group-in-body")]).await.unwrap_err();

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

// Paging

#[tokio::test]
async fn all_pages_are_read_by_links_used_as_given() {
    let (graph, client) = start().await;
    let second = format!("{}{PATH}/assignments?$skiptoken=A%2bB%3D", graph.root());
    let third = format!("{}/beta/elsewhere('x')?$skiptoken=2", graph.root());
    graph
        .reply(page(&[row("g1")], Some(&second)))
        .reply(page(&[], Some(&third)))
        .reply(page(&[row("g2"), row("g3")], None));

    let assignments = client.list_assignments(POLICY).await.unwrap();
    assert_eq!(groups_of(&assignments), ["g1", "g2", "g3"]);
    assert_eq!(
        graph.lines(),
        [
            format!("GET {PATH}/assignments"),
            format!("GET {PATH}/assignments?$skiptoken=A%2bB%3D"),
            "GET /beta/elsewhere('x')?$skiptoken=2".to_owned(),
        ]
    );
    assert!(graph.asked().iter().all(|asked| asked.header("authorization").is_some()));
}

#[tokio::test]
async fn a_link_to_another_port_is_refused_and_gets_no_token() {
    let (graph, client) = start().await;
    let elsewhere = ScriptedGraph::start().await;
    graph.reply(page(&[row("g1")], Some(&format!("{}/beta/x?$skiptoken=s", elsewhere.root()))));

    let error = client.list_assignments(POLICY).await.unwrap_err();
    assert!(matches!(&error, Error::Refused(Refusal::ForeignLink { .. })), "{error}");
    assert!(!error.to_string().contains("skiptoken"), "{error}");
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn pages_that_lead_in_a_circle_are_an_error() {
    let (graph, client) = start().await;
    let link = |number: u8| format!("{}{PATH}/assignments?$skiptoken={number}", graph.root());
    graph
        .reply(page(&[row("g1")], Some(&link(1))))
        .reply(page(&[row("g2")], Some(&link(2))))
        .reply(page(&[row("g1")], Some(&link(1))));
    let error = client.list_assignments(POLICY).await.unwrap_err();
    assert!(matches!(error, Error::Undocumented { finding: Finding::LinkLoop, .. }), "{error}");
}

#[tokio::test]
async fn pages_without_end_are_given_up() {
    let (graph, client) = start().await;
    for number in 0..2_000 {
        let link = format!("{}{PATH}/assignments?$skiptoken={number}", graph.root());
        graph.reply(page(&[], Some(&link)));
    }
    let error = client.list_assignments(POLICY).await.unwrap_err();
    let Error::Undocumented { finding: Finding::TooManyPages { limit }, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!(*limit, 2_000);
}

#[tokio::test]
async fn a_collection_without_value_is_an_error_and_never_empty() {
    for body in [json!({}), json!({"value": null}), json!({"@odata.context": "x"})] {
        let (graph, client) = start().await;
        graph.reply(Reply::json(200, &body));
        let error = client.list_assignments(POLICY).await.unwrap_err();
        assert!(matches!(error, Error::Undocumented { finding: Finding::NoValue, .. }), "{error}");
    }
    for reply in [
        Reply::bytes(204, Vec::new()),
        Reply::json(200, &json!([])),
        Reply::json(200, &json!({"value": [{}]})),
    ] {
        let (graph, client) = start().await;
        graph.reply(reply);
        let error = client.list_assignments(POLICY).await.unwrap_err();
        assert!(matches!(error, Error::Undocumented { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_failing_second_page_fails_the_whole_list() {
    let (graph, client) = start().await;
    let second = format!("{}{PATH}/assignments?$skiptoken=2", graph.root());
    graph.reply(page(&[row("g1")], Some(&second))).reply(Reply::bytes(504, Vec::new()));
    let error = client.list_assignments(POLICY).await.unwrap_err();
    assert!(error.is_unavailable(), "{error}");
}

// Errors

#[tokio::test]
async fn a_nested_404_is_unwrapped_and_means_that_the_policy_is_gone() {
    let (graph, client) = start().await;
    graph.reply(
        Reply::json(404, &error_body("ResourceNotFound", &intune_message("An error has occurred")))
            .header("request-id", "r-9")
            .header("Date", "Sun, 26 Oct 2025 17:07:10 GMT"),
    );
    let error = client.get_device_configuration(POLICY).await.unwrap_err();
    assert!(error.is_resource_not_found());

    let call = error.call().unwrap();
    assert_eq!((call.method.as_str(), call.path.as_str(), call.status), ("GET", PATH, Some(404)));
    assert_eq!((error.code(), call.request_id.as_deref()), (Some("ResourceNotFound"), Some("r-9")));
    assert_eq!(call.date.as_deref(), Some("2025-10-26T17:07:10Z"));
    assert_eq!(Some(call.client_request_id.as_str()), graph.asked()[0].header("client-request-id"));
    let object = error.object().unwrap();
    assert_eq!(
        (object.message.as_str(), object.activity_id.as_deref()),
        ("An error has occurred", Some("aaaa-1"))
    );
}

#[tokio::test]
async fn a_doubly_nested_403_is_forbidden_with_ids_from_its_body() {
    let (graph, client) = start().await;
    let wrapped =
        json!({"ErrorCode": "Forbidden", "Message": intune_message("Not authorized"), "Target": null});
    graph.reply(Reply::json(403, &error_body("UnknownError", &wrapped.to_string())));
    let error = client.list_assignments(POLICY).await.unwrap_err();
    assert!(error.is_forbidden());
    assert_eq!(
        (error.code(), error.object().unwrap().message.as_str()),
        (Some("Forbidden"), "Not authorized")
    );
    assert_eq!(error.call().unwrap().request_id.as_deref(), Some("r-1"));
}

#[tokio::test]
async fn a_404_of_the_address_is_not_a_missing_policy() {
    for body in [
        error_body("ResourceNotFound", "Invalid version: devicemanagement"),
        error_body("No method match route template", "No OData route exists that match template ~/x"),
        error_body("UnknownError", ""),
    ] {
        let (graph, client) = start().await;
        graph.reply(Reply::json(404, &body));
        let error = client.get_device_configuration(POLICY).await.unwrap_err();
        assert!(!error.is_resource_not_found(), "{error}");
    }
    let (graph, client) = start().await;
    graph.reply(Reply::text(404, "text/html", "<html>Not here</html>"));
    let error = client.get_device_configuration(POLICY).await.unwrap_err();
    assert!(!error.is_resource_not_found(), "{error}");
}

#[tokio::test]
async fn a_page_of_a_proxy_is_shown_in_part_whatever_its_status() {
    for status in [200, 502] {
        let (graph, client) = start().await;
        graph.reply(Reply::text(
            status,
            "text/html",
            &format!("<html>\n<h1>Sign in</h1>{}", "x".repeat(500)),
        ));
        let error = client.get_device_configuration(POLICY).await.unwrap_err();
        let Error::Undocumented { finding: Finding::NotGraph { content_type, beginning }, .. } = &error
        else {
            panic!("{error}")
        };
        assert_eq!((content_type.as_deref(), beginning.len()), (Some("text/html"), 120));
        assert!(beginning.starts_with("<html> <h1>Sign in</h1>x"), "{beginning}");
        assert_eq!(error.status(), Some(status));
    }
}

#[tokio::test]
async fn a_throttled_call_keeps_what_graph_says_about_waiting() {
    let (graph, client) = start().await;
    let body = error_body("TooManyRequests", "Too many requests.");
    graph.reply(Reply::json(429, &body).header("Retry-After", "2.128")).reply(Reply::json(429, &body));
    let first = client.get_device_configuration(POLICY).await.unwrap_err();
    assert!(first.is_throttled());
    assert_eq!(first.call().unwrap().retry_after.as_deref(), Some("2.128"));
    // Another client, since this one pauses now.
    let second = self::client(graph.root()).get_device_configuration(POLICY).await.unwrap_err();
    assert_eq!(second.call().unwrap().retry_after, None);
}

#[tokio::test]
async fn a_truncated_body_of_a_read_is_unreadable() {
    let (graph, client) = start().await;
    graph.reply(page(&[row("g1")], None).truncated());
    let error = client.list_assignments(POLICY).await.unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }), "{error}");
    assert!(!error.may_have_taken_effect());
}

#[tokio::test]
async fn a_broken_compression_is_unreadable() {
    let (graph, client) = start().await;
    graph.reply(Reply::bytes(200, b"not gzip at all".to_vec()).header("Content-Encoding", "gzip"));
    let error = client.get_device_configuration(POLICY).await.unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }), "{error}");
}

#[tokio::test]
async fn a_closed_port_is_not_reached_and_the_write_has_no_effect() {
    // Bound but not listening: the port cannot become anybody else's meanwhile.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let closed = format!("http://{}", socket.local_addr().unwrap());
    let error = assign(&client(&closed), POLICY, &[]).await.unwrap_err();
    assert!(matches!(error, Error::NotReached { .. }), "{error}");
    assert!(!error.may_have_taken_effect());
    assert_eq!(error.call().unwrap().path, format!("{PATH}/assign"));
}

// Assign

#[tokio::test]
async fn assign_sends_the_whole_set_and_gives_the_returned_one_all_pages() {
    let (graph, client) = start().await;
    let second = format!("{}{PATH}/assign?$skiptoken=2", graph.root());
    graph.reply(page(&[row("g1")], Some(&second))).reply(page(&[row("g2")], None));
    let targets =
        [AssignmentTarget::group("g1").with_filter("f1", "include"), AssignmentTarget::exclusion_group("g2")];
    let assignments = assign(&client, POLICY, &targets).await.unwrap();
    assert_eq!(groups_of(&assignments), ["g1", "g2"]);
    assert_eq!(assignments[0].target.kind(), Some(TargetKind::Group));

    let asked = &graph.asked()[0];
    assert_eq!(asked.line, format!("POST {PATH}/assign"));
    assert_eq!(asked.header("content-type"), Some("application/json"));
    let expected = json!({"assignments": [
        {"target": {
            "@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": "g1",
            "deviceAndAppManagementAssignmentFilterId": "f1", "deviceAndAppManagementAssignmentFilterType": "include",
        }},
        {"target": {"@odata.type": "#microsoft.graph.exclusionGroupAssignmentTarget", "groupId": "g2"}},
    ]});
    assert_eq!(asked.json(), expected);
    assert!(graph.lines()[1].starts_with("GET "));
}

#[tokio::test]
async fn assign_sends_the_array_also_when_it_is_empty() {
    let (graph, client) = start().await;
    graph.reply(page(&[], None));
    assert_eq!(assign(&client, POLICY, &[]).await.unwrap(), []);
    assert_eq!(graph.asked()[0].json(), json!({"assignments": []}));
}

#[tokio::test]
async fn assign_refuses_to_write_an_unknown_kind_of_target() {
    let (graph, client) = start().await;
    let target = json!({"@odata.type": "#microsoft.graph.organizationalUnitAssignmentTarget"});
    let error = assign(&client, POLICY, &[serde_json::from_value(target).unwrap()]).await.unwrap_err();
    assert!(matches!(error, Error::Refused(Refusal::UnknownTarget { .. })), "{error}");
    assert!(graph.asked().is_empty());
}

#[tokio::test]
async fn an_assign_whose_answer_is_lost_has_an_unknown_outcome() {
    for reply in [Reply::cut(), page(&[row("g1")], None).truncated()] {
        let (graph, client) = start().await;
        graph.reply(reply);
        let error = assign(&client, POLICY, &[]).await.unwrap_err();
        assert!(matches!(error, Error::OutcomeUnknown { .. }), "{error}");
        assert!(error.may_have_taken_effect());
        assert_eq!(graph.asked().len(), 1, "a write is never repeated by itself");
    }
}

#[tokio::test]
async fn a_read_whose_connection_is_cut_is_unreadable() {
    let (graph, client) = start().await;
    graph.reply(Reply::cut());
    let error = client.get_device_configuration(POLICY).await.unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }), "{error}");
    assert_eq!(error.status(), None);
}

#[tokio::test]
async fn an_assign_whose_later_page_fails_has_been_written() {
    let (graph, client) = start().await;
    let second = format!("{}{PATH}/assign?$skiptoken=2", graph.root());
    graph
        .reply(page(&[row("g1")], Some(&second)))
        .reply(Reply::json(404, &error_body("ResourceNotFound", "An error has occurred")));
    let error = assign(&client, POLICY, &[]).await.unwrap_err();
    assert!(error.may_have_taken_effect(), "{error}");
    assert!(!error.is_resource_not_found(), "{error}");
    assert_eq!(error.call().unwrap().path, format!("{PATH}/assign"));
}

#[tokio::test]
async fn an_assign_answered_with_an_error_says_whether_it_may_be_in_force() {
    for (status, expected) in
        [(400, false), (404, false), (429, false), (503, true), (500, true), (504, true)]
    {
        let (graph, client) = start().await;
        graph.reply(Reply::json(status, &error_body("x", "y")));
        let error = assign(&client, POLICY, &[]).await.unwrap_err();
        assert_eq!(error.may_have_taken_effect(), expected, "{status}");
    }
}

// Batches
fn reads(count: usize) -> Vec<Request> {
    (0..count).map(|number| Request::get(Version::Beta, &["groups", &format!("g{number}")])).collect()
}

#[tokio::test]
async fn batch_items_are_matched_by_id_whatever_their_order() {
    let (graph, client) = start().await;
    graph.reply(batch_answer(&[
        item("3", 200, &json!({"n": 2})),
        item("1", 200, &json!({"n": 0})),
        item("2", 404, &error_body("Request_ResourceNotFound", "gone")),
    ]));
    let results = together(&client, &reads(3)).await;
    assert_eq!(document(&results[0]), json!({"n": 0}));
    assert!(results[1].as_ref().unwrap_err().is_group_not_found());
    assert_eq!(results[1].as_ref().unwrap_err().call().unwrap().path, "/beta/groups/g1");
    assert_eq!(document(&results[2]), json!({"n": 2}));

    let asked = &graph.asked()[0];
    assert_eq!(asked.line, "POST /beta/$batch");
    assert_eq!(asked.json()["requests"][1], json!({"id": "2", "method": "GET", "url": "/groups/g1"}));
}

#[tokio::test]
async fn a_missing_repeated_or_statusless_batch_item_is_an_error_of_its_own() {
    let (graph, client) = start().await;
    graph.reply(batch_answer(&[
        item("1", 200, &json!({"n": 0})),
        item("2", 200, &json!({"n": 1})),
        item("2", 200, &json!({"n": 1})),
        item("77", 200, &json!({"n": 2})),
        json!({"id": "4", "body": {}}),
    ]));
    let results = together(&client, &reads(4)).await;
    assert!(results[0].is_ok());
    for (position, expected) in [(1, Finding::ItemRepeated), (2, Finding::ItemMissing)] {
        let Err(Error::Undocumented { finding, .. }) = &results[position] else { panic!("{results:?}") };
        assert_eq!(*finding, expected);
    }
    let Err(Error::Undocumented { finding: Finding::WrongShape { .. }, .. }) = &results[3] else {
        panic!("{results:?}")
    };
}

#[tokio::test]
async fn a_throttled_batch_item_brings_its_own_retry_after_and_ids() {
    let (graph, client) = start().await;
    let body = error_body("TooManyRequests", "Too many requests.");
    let throttled = json!({
        "id": "1", "status": 429, "headers": {"Retry-After": "7", "Request-Id": "r-item"}, "body": body,
    });
    let other = item("2", 200, &json!({}));
    graph.reply(batch_answer(&[throttled, other]).header("request-id", "r-envelope"));
    let results = together(&client, &reads(2)).await;
    let error = results[0].as_ref().unwrap_err();
    assert!(error.is_throttled());
    let call = error.call().unwrap();
    assert_eq!((call.retry_after.as_deref(), call.request_id.as_deref()), (Some("7"), Some("r-item")));
}

#[tokio::test]
async fn a_read_that_comes_alone_goes_alone() {
    let (graph, client) = start().await;
    graph.reply(Reply::json(200, &json!({"n": 0})));
    let results = together(&client, &reads(1)).await;
    assert_eq!(document(&results[0]), json!({"n": 0}));
    assert_eq!(graph.lines(), ["GET /beta/groups/g0"]);
}

#[tokio::test]
async fn more_than_twenty_reads_take_several_envelopes_and_each_gets_its_own_answer() {
    let (graph, client) = start().await;
    let echo = |asked: &Asked| {
        let requests = asked.json()["requests"].as_array().unwrap().clone();
        let answers: Vec<Value> = requests
            .iter()
            .rev()
            .map(|request| item(request["id"].as_str().unwrap(), 200, &json!({"url": request["url"]})))
            .collect();
        batch_answer(&answers)
    };
    graph.reply_ever_after_by(echo);
    let results = together(&client, &reads(42)).await;
    let urls: Vec<_> = results.iter().map(|result| document(result)["url"].clone()).collect();
    let wanted: Vec<_> = (0..42).map(|number| json!(format!("/groups/g{number}"))).collect();
    assert_eq!(urls, wanted);
    let sizes: Vec<_> =
        graph.asked().iter().map(|asked| asked.json()["requests"].as_array().unwrap().len()).collect();
    assert_eq!(sizes.iter().copied().collect::<BTreeSet<_>>(), BTreeSet::from([2, 20]));
}

#[tokio::test]
async fn a_failed_envelope_fails_its_own_items_only() {
    let (graph, client) = start().await;
    graph.reply(Reply::json(404, &error_body("ResourceNotFound", "x")));
    for result in together(&client, &reads(20)).await {
        let error = result.unwrap_err();
        assert_eq!(error.status(), Some(404));
        assert!(!error.is_resource_not_found(), "a 404 of the batch is not one of the object");
    }
    graph.reply(Reply::json(200, &json!({})));
    assert!(together(&client, &reads(1)).await[0].is_ok());
}

#[tokio::test]
async fn whoever_gives_up_takes_nobody_along() {
    let (graph, client) = start().await;
    graph.reply(batch_answer(&[item("1", 200, &json!({})), item("2", 200, &json!({}))]));
    let [first, second, third] = &reads(3)[..] else { unreachable!() };
    let given_up = tokio::time::timeout(Duration::ZERO, client.send_coalesced(first));
    let (given_up, second, third) =
        tokio::join!(given_up, client.send_coalesced(second), client.send_coalesced(third));
    assert!(given_up.is_err());
    second.unwrap();
    third.unwrap();
    assert_eq!(graph.asked()[0].json()["requests"][0]["url"], "/groups/g1", "nobody waits for the first");
}

#[tokio::test]
async fn a_batch_answer_without_responses_is_an_error_of_every_item() {
    let (graph, client) = start().await;
    graph.reply(Reply::json(200, &json!({"value": []})));
    assert!(together(&client, &reads(2)).await.iter().all(Result::is_err));
}

// Entities

#[tokio::test]
async fn policy_assignments_and_groups_come_in_one_batch_and_further_pages_after_it() {
    let (graph, client) = start().await;
    let second = format!("{}{PATH}/assignments?$skiptoken=2", graph.root());
    let group = json!({"@odata.type": "#microsoft.graph.group", "id": "g1", "displayName": "Pilot"});
    graph
        .reply(batch_answer(&[
            item("2", 200, &json!({"value": [row("g1")], "@odata.nextLink": second})),
            item("3", 200, &json!({"value": [group]})),
            item("1", 200, &policy()),
        ]))
        .reply(page(&[row("g2")], None));
    let found = client.get_policy_for_assignment(POLICY, &["g1".into(), "g2".into()]).await;
    assert!(found.policy.unwrap().is_defender_atp());
    assert_eq!(groups_of(&found.assignments.unwrap()), ["g1", "g2"]);
    assert_eq!(found.groups.unwrap()[0].display_name.as_deref(), Some("Pilot"));

    assert_eq!(graph.lines(), ["POST /beta/$batch".into(), format!("GET {PATH}/assignments?$skiptoken=2")]);
    let by_ids = &graph.asked()[0].json()["requests"][2];
    assert_eq!(by_ids["url"], "/directoryObjects/getByIds");
    assert_eq!(by_ids["body"], json!({"ids": ["g1", "g2"], "types": ["group"]}));
    assert_eq!(by_ids["headers"]["Content-Type"], "application/json");
}

#[tokio::test]
async fn each_part_of_the_batch_fails_for_itself() {
    let (graph, client) = start().await;
    graph.reply(batch_answer(&[
        item("1", 404, &error_body("ResourceNotFound", &intune_message("An error has occurred"))),
        item("2", 200, &json!({})),
        item("3", 403, &error_body("Authorization_RequestDenied", "Insufficient privileges")),
    ]));
    let found = client.get_policy_for_assignment(POLICY, &["g1".into()]).await;
    assert!(found.policy.unwrap_err().is_resource_not_found());
    assert!(matches!(found.assignments, Err(Error::Undocumented { finding: Finding::NoValue, .. })));
    assert!(found.groups.unwrap_err().is_forbidden());
}

#[tokio::test]
async fn no_groups_are_asked_for_when_none_are_named() {
    let (graph, client) = start().await;
    graph.reply(batch_answer(&[item("1", 200, &policy()), item("2", 200, &json!({"value": []}))]));
    let found = client.get_policy_for_assignment(POLICY, &[]).await;
    assert_eq!(found.groups.unwrap(), []);
    assert_eq!(client.get_groups_by_ids(&[]).await.unwrap(), []);
    assert_eq!(graph.asked().len(), 1);
}

#[tokio::test]
async fn groups_by_ids_go_through_the_stable_version_and_other_objects_are_left_out() {
    let (graph, client) = start().await;
    let user = json!({"@odata.type": "#microsoft.graph.user", "id": "u"});
    graph.reply(page(&[json!({"id": "g1", "displayName": null}), user], None));
    let groups = client.get_groups_by_ids(&["g1".into(), "gone".into()]).await.unwrap();
    assert_eq!(groups.iter().map(|group| group.id.as_str()).collect::<Vec<_>>(), ["g1"]);
    assert_eq!(graph.lines(), ["POST /v1.0/directoryObjects/getByIds"]);
}

#[tokio::test]
async fn an_assignment_filter_is_read_with_its_platform() {
    let (graph, client) = start().await;
    graph.reply(Reply::json(200, &json!({
        "id": "f1", "displayName": "Corporate", "platform": "windows10AndLater", "rule": "x", "payloads": null,
        "assignmentFilterManagementType": "devices",
    })));
    let filter = client.get_assignment_filter("f1").await.unwrap();
    assert!(filter.is_for_windows());
    assert_eq!(graph.lines(), ["GET /beta/deviceManagement/assignmentFilters/f1"]);
}

/// Writes with a token that was taken right before.
async fn assign(
    client: &Client,
    id: &str,
    targets: &[AssignmentTarget],
) -> Result<Vec<terraform_provider_defender::graph::types::Assignment>, Error> {
    let token = client.hold_token().await?;
    client.assign(&token, id, targets).await
}
