//! Retries of the Graph client against a scripted server on loopback: what is sent again, after which pause, and which
//! error is returned. The test's clock records pauses and skips them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test that finds something unexpected has to stop, and says what it proves in its name"
)]

#[path = "../support/closed_port.rs"]
#[allow(dead_code, reason = "shared with tests that choose the port")]
mod closed_port;
#[path = "../support/manual_clock.rs"]
mod manual_clock;
#[path = "../support/scripted_graph.rs"]
#[allow(dead_code, reason = "shared with the tests of the client, which need more of it")]
mod scripted_graph;
#[path = "../support/together.rs"]
mod together;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use closed_port::ClosedPort;
use manual_clock::ManualClock;
use scripted_graph::{ReceivedRequest, Reply, ScriptedGraph};
use serde_json::{Value, json};
use terraform_provider_defender::auth::{InputOrigin, SelectedMethod, StaticToken};
use terraform_provider_defender::graph::call_record::GiveUpReason;
use terraform_provider_defender::graph::retry::{Clock, ThrottlingBucket};
use terraform_provider_defender::graph::types::Assignment;
use terraform_provider_defender::graph::{
    ApiVersion, Client, Error, PolicyCollection, Request, ResponseProblem, RetryBudget,
};
use terraform_provider_defender::transport::Transport;
use together::together;

const POLICY: &str = "1f0e6c5a-0000-4000-8000-000000000001";

struct Scene {
    graph: ScriptedGraph,
    clock: Arc<ManualClock>,
    client: Client,
}

impl Scene {
    async fn new() -> Self {
        let graph = ScriptedGraph::start().await;
        let clock = Arc::new(ManualClock::new());
        let client = client(graph.root(), &clock);
        Self { graph, clock, client }
    }

    async fn assign_nothing(&self) -> Result<Vec<Assignment>, Error> {
        let token = self.client.acquire_token().await?;
        self.client.policies(PolicyCollection::DeviceConfigurations).assign(&token, POLICY, &[]).await
    }

    fn script(&self, replies: impl IntoIterator<Item = Reply>) {
        for reply in replies {
            self.graph.reply(reply);
        }
    }

    fn pauses_ms(&self) -> Vec<u128> {
        self.clock.pauses().iter().map(Duration::as_millis).collect()
    }
}

/// A client with a retry budget of ten minutes, by its own clock.
fn client(root: &str, clock: &Arc<ManualClock>) -> Client {
    let token = Arc::new(StaticToken::new(
        "token",
        SelectedMethod::access_token(InputOrigin::Argument("access_token")),
    ));
    let client = Client::new(root.parse().unwrap(), token, Transport::new("test".into()));
    let clock: Arc<dyn Clock> = Arc::clone(clock) as _;
    let end = clock.now() + Duration::from_mins(10);
    client.with_clock(clock).for_operation(RetryBudget::until(end))
}

fn get() -> Request {
    Request::get(ApiVersion::Beta, &["deviceManagement", "deviceConfigurations", POLICY])
}

fn post_to_read() -> Request {
    Request::post_to_read(ApiVersion::V1, &["directoryObjects", "getByIds"], json!({"ids": []}))
}

fn write() -> Request {
    Request::post(
        ApiVersion::Beta,
        &["deviceManagement", "deviceConfigurations", POLICY, "assign"],
        json!({}),
    )
}

fn failure(status: u16) -> Reply {
    Reply::json(status, &json!({"error": {"code": "x", "message": "no"}}))
}

fn success() -> Reply {
    Reply::json(200, &json!({"value": []}))
}

fn attempts(error: &Error) -> (u32, Option<GiveUpReason>) {
    let attempts = error.call().unwrap().attempts;
    (attempts.count, attempts.give_up_reason)
}

#[tokio::test]
async fn a_throttled_read_is_retried_after_its_pause() {
    // The test's clock gives 0.5 as the random number: half of the bound, or Retry-After and half of what is added.
    let waits = [
        (None, None, 1_000),
        (Some("7"), None, 7_350),
        (Some("0"), None, 50),
        (Some("2.5"), None, 2_625),
        (Some("Sat, 31 Jan 2026 09:00:20 GMT"), Some("Sat, 31 Jan 2026 09:00:00 GMT"), 21_000),
        (Some("Sat, 31 Jan 2026 12:00:20 GMT"), None, 21_000),
        (Some("soon"), None, 1_000),
    ];
    for status in [429, 503] {
        for request in [get(), post_to_read()] {
            for (retry_after, date, pause) in waits {
                let scene = Scene::new().await;
                let mut reply = failure(status);
                for (name, value) in [("Retry-After", retry_after), ("Date", date)] {
                    reply = value.into_iter().fold(reply, |reply, value| reply.header(name, value));
                }
                scene.script([reply, success()]);
                scene.client.send(&request).await.unwrap();
                assert_eq!(scene.pauses_ms(), [pause], "{status} {retry_after:?} {date:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_read_is_retried_soon_after_transient_failures() {
    let failures = [
        failure(500),
        failure(502),
        Reply::bytes(504, Vec::new()),
        Reply::text(502, "text/html", "<html>"),
        Reply::cut(),
        success().truncated(),
        Reply::text(200, "application/json", "{\"value\": ["),
    ];
    for reply in failures {
        for request in [get(), post_to_read()] {
            let scene = Scene::new().await;
            scene.script([reply.clone(), reply.clone(), success()]);
            scene.client.send(&request).await.unwrap();
            assert_eq!(scene.pauses_ms(), [250, 500], "{reply:?}");
        }
    }
}

#[tokio::test]
async fn a_permanent_failure_is_not_retried() {
    for reply in [
        failure(400),
        failure(401),
        failure(403),
        failure(404),
        failure(501),
        Reply::text(404, "text/html", "<html>"),
        Reply::text(200, "text/html", "<html>"),
        Reply::bytes(302, Vec::new()).header("Location", "https://elsewhere.example/"),
    ] {
        let scene = Scene::new().await;
        scene.script([reply.clone()]);
        let error = scene.client.send(&get()).await.unwrap_err();
        assert_eq!((attempts(&error), scene.pauses_ms()), ((1, None), vec![]), "{reply:?}");
    }
}

#[tokio::test]
async fn a_write_is_sent_once_whatever_its_result() {
    for reply in [failure(429), failure(503), failure(500), failure(504), Reply::cut(), success().truncated()]
    {
        let scene = Scene::new().await;
        scene.script([reply.clone(), reply]);
        scene.client.send(&write()).await.unwrap_err();
        scene.assign_nothing().await.unwrap_err();
        assert_eq!(scene.pauses_ms(), [0; 0]);
    }
}

#[tokio::test]
async fn each_attempt_has_its_own_id() {
    let scene = Scene::new().await;
    scene.script([failure(429), Reply::cut(), success()]);
    scene.client.send(&get()).await.unwrap();
    let requests = scene.graph.requests();
    let ids: BTreeSet<&str> =
        requests.iter().map(|request| request.header("client-request-id").unwrap()).collect();
    assert_eq!((requests.len(), ids.len()), (3, 3));
}

#[tokio::test]
async fn a_pause_longer_than_the_remaining_budget_does_not_start() {
    let scene = Scene::new().await;
    scene.script([failure(429).header("Retry-After", "1"), failure(429).header("Retry-After", "3600")]);
    let error = scene.client.send(&get()).await.unwrap_err();
    assert!(error.is_throttled());
    assert_eq!(attempts(&error), (2, Some(GiveUpReason::OutOfTime)));
    assert_eq!(error.call().unwrap().attempts.elapsed, Duration::from_millis(1_050));
    assert_eq!(scene.pauses_ms(), [1_050]);
}

#[tokio::test]
async fn a_lasting_failure_is_given_up_when_the_budget_is_spent() {
    let scene = Scene::new().await;
    // Pauses of 0.25, 0.5, 1, 2, 4, 8 and then 15 seconds each fit into ten minutes. The last error is returned.
    let fit = 6 + 38;
    scene.script((0..fit).map(|_| failure(500)));
    scene.script([failure(504).header("request-id", "r-last")]);
    let error = scene.client.send(&get()).await.unwrap_err();
    assert_eq!(attempts(&error), (fit + 1, Some(GiveUpReason::OutOfTime)));
    let call = error.call().unwrap();
    assert_eq!((call.status, call.request_id.as_deref()), (Some(504), Some("r-last")));
}

/// A read with its whole budget is retried as usual after a look-up with a short failure limit has given up.
#[tokio::test]
async fn a_short_failure_limit_does_not_shorten_the_retries_of_other_reads() {
    let scene = Scene::new().await;
    let end = scene.clock.now() + Duration::from_mins(1);
    let impatient = RetryBudget::until(end).with_failure_limit(Duration::from_secs(10));
    scene.script((0..6).map(|_| failure(500)));
    let error = scene.client.for_operation(impatient).send(&get()).await.unwrap_err();
    assert_eq!(attempts(&error), (6, None));
    scene.script((0..3).map(|_| failure(500)).chain([success()]));
    scene.client.send(&get()).await.unwrap();
}

#[tokio::test]
async fn an_endless_retry_after_of_zero_is_not_a_busy_loop() {
    let scene = Scene::new().await;
    let end = scene.clock.now() + Duration::from_mins(1);
    scene.script((0..18).map(|_| failure(429).header("Retry-After", "0")));
    let error = scene.client.for_operation(RetryBudget::until(end)).send(&get()).await.unwrap_err();
    assert_eq!(attempts(&error), (18, Some(GiveUpReason::OutOfTime)));
}

#[tokio::test]
async fn a_cancelled_caller_gets_the_error_at_once() {
    let scene = Scene::new().await;
    scene.script([failure(429).header("Retry-After", "60")]);
    let end = scene.clock.now() + Duration::from_mins(10);
    let client = scene.client.for_operation(RetryBudget::until(end).cancelled_by(|| std::future::ready(())));
    let error = client.send(&get()).await.unwrap_err();
    assert!(error.is_cancelled() && error.is_throttled());
    assert_eq!((attempts(&error), scene.pauses_ms()), ((1, Some(GiveUpReason::Cancelled)), vec![]));
}

#[tokio::test]
async fn connecting_is_retried_for_half_a_minute() {
    let closed = ClosedPort::new();
    let clock = Arc::new(ManualClock::new());
    let error = client(closed.origin(), &clock).send(&get()).await.unwrap_err();
    assert!(matches!(error, Error::NotReached { .. }), "{error:?}");
    // 0.25, 0.5, 1, 2, 4, 8 seconds; another 15 would exceed the limit.
    assert_eq!((attempts(&error).0, clock.pauses().len()), (7, 6));
}

#[tokio::test]
async fn throttling_pauses_one_bucket_and_no_other() {
    let scene = Scene::new().await;
    scene.script([failure(429).header("Retry-After", "20"), success(), success(), success()]);
    let without_retries = scene.client.for_operation(RetryBudget::none());
    without_retries.send(&get()).await.unwrap_err();

    without_retries.send(&post_to_read()).await.unwrap();
    assert!(
        !without_retries
            .retry_loop(ThrottlingBucket::IntuneWrites)
            .acquire_permit()
            .await
            .unwrap()
            .has_waited()
    );
    let paused = without_retries
        .send(&Request::get(ApiVersion::Beta, &["deviceManagement", "other"]))
        .await
        .unwrap_err();
    assert_eq!(attempts(&paused), (0, Some(GiveUpReason::OutOfTime)));
    assert!(paused.call().unwrap().path.ends_with(POLICY), "the error that opened the breaker is returned");

    assert_eq!(scene.graph.requests().len(), 2);
    scene.client.send(&get()).await.unwrap();
    assert_eq!(scene.pauses_ms(), [21_000]);
    without_retries.send(&get()).await.unwrap();
}

#[tokio::test]
async fn a_permit_says_whether_it_waited_for_others() {
    let scene = Scene::new().await;
    scene.script([failure(429).header("Retry-After", "20")]);
    let mut first = scene.client.retry_loop(ThrottlingBucket::IntuneWrites);
    let permit = first.acquire_permit().await.unwrap();
    assert!(!permit.has_waited());
    let error = scene.assign_nothing().await.unwrap_err();
    assert!(first.record_failure(permit, &error));

    let mut second = scene.client.retry_loop(ThrottlingBucket::IntuneWrites);
    let permit = second.acquire_permit().await.unwrap();
    assert!(permit.has_waited());
    second.record_success(permit);
    assert!(
        !scene.client.retry_loop(ThrottlingBucket::IntuneWrites).acquire_permit().await.unwrap().has_waited(),
        "it is over"
    );
}

fn item(id: &str, status: u16) -> Value {
    let body =
        if status == 200 { json!({"id": id}) } else { json!({"error": {"code": "x", "message": "no"}}) };
    json!({"id": id, "status": status, "headers": {}, "body": body})
}

fn throttled_item(id: &str, retry_after: &str) -> Value {
    let mut item = item(id, 429);
    item["headers"] = json!({"Retry-After": retry_after});
    item
}

fn batch(items: &[Value]) -> Reply {
    Reply::json(200, &json!({ "responses": items }))
}

/// Success for every request, alone or in a batch.
fn success_of(request: &ReceivedRequest) -> Reply {
    if !request.line.ends_with("/$batch") {
        return success();
    }
    let body = request.json();
    let ids = body["requests"].as_array().unwrap().iter().map(|request| request["id"].as_str().unwrap());
    batch(&ids.map(|id| item(id, 200)).collect::<Vec<_>>())
}

fn three() -> [Request; 3] {
    ["a", "b", "c"].map(|name| Request::get(ApiVersion::Beta, &["deviceManagement", name]))
}

#[tokio::test]
async fn only_failed_items_are_retried_after_their_pause() {
    let scene = Scene::new().await;
    scene.script([batch(&[throttled_item("1", "10"), item("2", 200), item("3", 404)]), success()]);
    let results = together(&scene.client, &three()).await;
    assert_eq!([results[0].is_ok(), results[1].is_ok(), results[2].is_ok()], [true, true, false]);
    assert_eq!(results[2].as_ref().unwrap_err().status(), Some(404));
    assert_eq!(scene.graph.lines(), ["POST /beta/$batch", "GET /beta/deviceManagement/a"]);
    assert_eq!(scene.pauses_ms(), [10_500]);
}

#[tokio::test]
async fn a_missing_or_repeated_item_is_retried() {
    let scene = Scene::new().await;
    let faulty = batch(&[item("1", 200), item("1", 200), item("2", 200)]);
    scene.script([faulty, batch(&[item("1", 200), item("2", 500)]), batch(&[item("1", 200)])]);
    let results = together(&scene.client, &three()).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");

    let scene = Scene::new().await;
    scene.script([batch(&[item("2", 200), item("3", 200), item("3", 200)])]);
    let results = together(&scene.client.for_operation(RetryBudget::none()), &three()).await;
    let finding = |position: usize| match &results[position] {
        Err(Error::Undocumented { problem, call }) => (problem.clone(), call.attempts.count),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        [finding(0), finding(2)],
        [(ResponseProblem::ItemMissing, 1), (ResponseProblem::ItemRepeated, 1)]
    );
    assert!(results[1].is_ok());
}

#[tokio::test]
async fn the_reads_of_a_failed_envelope_are_retried_separately() {
    for status in [500, 503] {
        let scene = Scene::new().await;
        scene.script([failure(status)]);
        scene.graph.reply_always_with(success_of);
        let results = together(&scene.client, &three()).await;
        assert!(results.iter().all(Result::is_ok), "{results:?}");

        let scene = Scene::new().await;
        scene.graph.reply_ever_after(failure(status));
        let results = together(&scene.client, &three()).await;
        let summaries: Vec<_> = results.iter().map(|result| attempts(result.as_ref().unwrap_err())).collect();
        assert!(summaries.iter().all(|(_, end)| *end == Some(GiveUpReason::OutOfTime)), "{summaries:?}");
        assert!(summaries.iter().map(|(count, _)| count).sum::<u32>() > 3, "{summaries:?}");
    }
}

#[tokio::test]
async fn a_throttled_item_of_the_directory_pauses_the_directory() {
    let scene = Scene::new().await;
    let without_retries = scene.client.for_operation(RetryBudget::none());
    let requests = [get(), Request::get(ApiVersion::Beta, &["groups", "g"])];
    scene.script([batch(&[item("1", 200), throttled_item("2", "20")]), success()]);
    let results = together(&without_retries, &requests).await;
    assert!(results[0].is_ok() && results[1].as_ref().is_err_and(Error::is_throttled));
    assert_eq!(attempts(&without_retries.send(&post_to_read()).await.unwrap_err()).0, 0);
    without_retries.send(&get()).await.unwrap();
}

#[tokio::test]
async fn a_batched_read_that_is_throttled_repeatedly_pauses_longer_each_time() {
    let scene = Scene::new().await;
    let requests = [get(), Request::get(ApiVersion::Beta, &["groups", "g"])];
    scene.script([batch(&[item("1", 200), item("2", 429)]), failure(429), failure(429), success()]);
    let results = together(&scene.client, &requests).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(scene.pauses_ms(), [1_000, 2_000, 4_000]);
}
