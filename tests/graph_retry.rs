//! Repeating of the Graph client against a scripted server on loopback: what is sent again, after which pause, and
//! what is told in the end. The clock is the test's own: pauses are noted and take no time.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test that finds something unexpected has to stop, and says what it proves in its name"
)]

#[path = "support/manual_clock.rs"]
mod manual_clock;
#[path = "support/scripted_graph.rs"]
#[allow(dead_code, reason = "shared with the tests of the client, which need more of it")]
mod scripted_graph;
#[path = "support/together.rs"]
mod together;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use manual_clock::ManualClock;
use scripted_graph::{Asked, Reply, ScriptedGraph};
use serde_json::{Value, json};
use terraform_provider_defender::auth::{InputOrigin, SelectedMethod, StaticToken};
use terraform_provider_defender::graph::call::End;
use terraform_provider_defender::graph::retry::{Clock, Kind};
use terraform_provider_defender::graph::types::Assignment;
use terraform_provider_defender::graph::{Client, Error, Finding, Patience, Request, Version};
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
        let token = self.client.hold_token().await?;
        self.client.assign(&token, POLICY, &[]).await
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

/// With ten minutes for everything together, by its own clock.
fn client(root: &str, clock: &Arc<ManualClock>) -> Client {
    let token = Arc::new(StaticToken::new(
        "token",
        SelectedMethod::access_token(InputOrigin::Argument("access_token")),
    ));
    let client = Client::new(root.parse().unwrap(), token, Transport::new("test".into()));
    let clock: Arc<dyn Clock> = Arc::clone(clock) as _;
    let end = clock.now() + Duration::from_mins(10);
    client.by_clock(clock).patient(Patience::until(end))
}

fn get() -> Request {
    Request::get(Version::Beta, &["deviceManagement", "deviceConfigurations", POLICY])
}

fn post_to_read() -> Request {
    Request::post_to_read(Version::V1, &["directoryObjects", "getByIds"], json!({"ids": []}))
}

fn write() -> Request {
    Request::post(Version::Beta, &["deviceManagement", "deviceConfigurations", POLICY, "assign"], json!({}))
}

fn failure(status: u16) -> Reply {
    Reply::json(status, &json!({"error": {"code": "x", "message": "no"}}))
}

fn success() -> Reply {
    Reply::json(200, &json!({"value": []}))
}

fn times(error: &Error) -> (u32, Option<End>) {
    let tried = error.call().unwrap().tried;
    (tried.times, tried.end)
}

#[tokio::test]
async fn a_read_is_repeated_after_a_pause_as_status_and_retry_after_say() {
    // With even chances: half of the doubling bound; what is asked for and half of what may be added.
    let asked = [
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
            for (retry_after, date, pause) in asked {
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
async fn a_read_is_repeated_soon_after_failures_that_may_pass() {
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
async fn a_read_that_would_fail_again_is_not_repeated() {
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
        assert_eq!((times(&error), scene.pauses_ms()), ((1, None), vec![]), "{reply:?}");
    }
}

#[tokio::test]
async fn a_write_is_sent_once_whatever_becomes_of_it() {
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
async fn each_try_has_an_id_of_its_own() {
    let scene = Scene::new().await;
    scene.script([failure(429), Reply::cut(), success()]);
    scene.client.send(&get()).await.unwrap();
    let asked = scene.graph.asked();
    let ids: BTreeSet<&str> = asked.iter().map(|asked| asked.header("client-request-id").unwrap()).collect();
    assert_eq!((asked.len(), ids.len()), (3, 3));
}

#[tokio::test]
async fn a_pause_that_is_longer_than_the_time_left_is_not_begun() {
    let scene = Scene::new().await;
    scene.script([failure(429).header("Retry-After", "1"), failure(429).header("Retry-After", "3600")]);
    let error = scene.client.send(&get()).await.unwrap_err();
    assert!(error.is_throttled());
    assert_eq!(times(&error), (2, Some(End::OutOfTime)));
    assert_eq!(error.call().unwrap().tried.over, Duration::from_millis(1_050));
    assert_eq!(scene.pauses_ms(), [1_050]);
}

#[tokio::test]
async fn a_failure_that_does_not_pass_is_given_up_with_the_time_and_not_before() {
    let scene = Scene::new().await;
    // 0.25, 0.5, 1, 2, 4, 8 and then 15 seconds each fit into ten minutes; the last answer is told.
    let fit = 6 + 38;
    scene.script((0..fit).map(|_| failure(500)));
    scene.script([failure(504).header("request-id", "r-last")]);
    let error = scene.client.send(&get()).await.unwrap_err();
    assert_eq!(times(&error), (fit + 1, Some(End::OutOfTime)));
    let call = error.call().unwrap();
    assert_eq!((call.status, call.request_id.as_deref()), (Some(504), Some("r-last")));
}

#[tokio::test]
async fn retry_after_zero_without_end_is_no_busy_loop() {
    let scene = Scene::new().await;
    let end = scene.clock.now() + Duration::from_mins(1);
    scene.script((0..18).map(|_| failure(429).header("Retry-After", "0")));
    let error = scene.client.patient(Patience::until(end)).send(&get()).await.unwrap_err();
    assert_eq!(times(&error), (18, Some(End::OutOfTime)));
}

#[tokio::test]
async fn a_caller_that_does_not_want_to_wait_any_more_is_answered_at_once() {
    let scene = Scene::new().await;
    scene.script([failure(429).header("Retry-After", "60")]);
    let end = scene.clock.now() + Duration::from_mins(10);
    let client = scene.client.patient(Patience::until(end).unless(|| std::future::ready(())));
    let error = client.send(&get()).await.unwrap_err();
    assert!(error.is_cancelled() && error.is_throttled());
    assert_eq!((times(&error), scene.pauses_ms()), ((1, Some(End::Cancelled)), vec![]));
}

#[tokio::test]
async fn a_service_that_is_not_reached_gets_half_a_minute() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let clock = Arc::new(ManualClock::new());
    let error = client(&format!("http://{closed}"), &clock).send(&get()).await.unwrap_err();
    assert!(matches!(error, Error::NotReached { .. }), "{error:?}");
    // 0.25, 0.5, 1, 2, 4, 8 seconds; another 15 would pass the bound.
    assert_eq!((times(&error).0, clock.pauses().len()), (7, 6));
}

#[tokio::test]
async fn a_request_to_wait_holds_all_of_its_kind_and_no_other() {
    let scene = Scene::new().await;
    scene.script([failure(429).header("Retry-After", "20"), success(), success(), success()]);
    let impatient = scene.client.patient(Patience::none());
    impatient.send(&get()).await.unwrap_err();

    impatient.send(&post_to_read()).await.unwrap();
    assert!(!impatient.tries(Kind::IntuneWrite).turn().await.unwrap().waited());
    let held =
        impatient.send(&Request::get(Version::Beta, &["deviceManagement", "other"])).await.unwrap_err();
    assert_eq!(times(&held), (0, Some(End::OutOfTime)));
    assert!(held.call().unwrap().path.ends_with(POLICY), "the answer that began the pause is told");

    assert_eq!(scene.graph.asked().len(), 2);
    scene.client.send(&get()).await.unwrap();
    assert_eq!(scene.pauses_ms(), [21_000]);
    impatient.send(&get()).await.unwrap();
}

#[tokio::test]
async fn writers_hear_that_they_have_waited_for_others() {
    let scene = Scene::new().await;
    scene.script([failure(429).header("Retry-After", "20")]);
    let mut first = scene.client.tries(Kind::IntuneWrite);
    let turn = first.turn().await.unwrap();
    assert!(!turn.waited());
    let error = scene.assign_nothing().await.unwrap_err();
    assert!(first.failed(turn, &error));

    let mut second = scene.client.tries(Kind::IntuneWrite);
    let turn = second.turn().await.unwrap();
    assert!(turn.waited());
    second.succeeded(turn);
    assert!(!scene.client.tries(Kind::IntuneWrite).turn().await.unwrap().waited(), "it is over");
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

/// Success for whatever is asked, alone or in a batch.
fn success_of(asked: &Asked) -> Reply {
    if !asked.line.ends_with("/$batch") {
        return success();
    }
    let asked = asked.json();
    let ids = asked["requests"].as_array().unwrap().iter().map(|request| request["id"].as_str().unwrap());
    batch(&ids.map(|id| item(id, 200)).collect::<Vec<_>>())
}

fn three() -> [Request; 3] {
    ["a", "b", "c"].map(|name| Request::get(Version::Beta, &["deviceManagement", name]))
}

#[tokio::test]
async fn only_the_items_that_failed_are_asked_for_again_after_their_pause() {
    let scene = Scene::new().await;
    scene.script([batch(&[throttled_item("1", "10"), item("2", 200), item("3", 404)]), success()]);
    let results = together(&scene.client, &three()).await;
    assert_eq!([results[0].is_ok(), results[1].is_ok(), results[2].is_ok()], [true, true, false]);
    assert_eq!(results[2].as_ref().unwrap_err().status(), Some(404));
    assert_eq!(scene.graph.lines(), ["POST /beta/$batch", "GET /beta/deviceManagement/a"]);
    assert_eq!(scene.pauses_ms(), [10_500]);
}

#[tokio::test]
async fn a_missing_or_repeated_item_is_asked_for_again_and_never_empty() {
    let scene = Scene::new().await;
    let faulty = batch(&[item("1", 200), item("1", 200), item("2", 200)]);
    scene.script([faulty, batch(&[item("1", 200), item("2", 500)]), batch(&[item("1", 200)])]);
    let results = together(&scene.client, &three()).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");

    let scene = Scene::new().await;
    scene.script([batch(&[item("2", 200), item("3", 200), item("3", 200)])]);
    let results = together(&scene.client.patient(Patience::none()), &three()).await;
    let finding = |position: usize| match &results[position] {
        Err(Error::Undocumented { finding, call }) => (finding.clone(), call.tried.times),
        other => panic!("{other:?}"),
    };
    assert_eq!([finding(0), finding(2)], [(Finding::ItemMissing, 1), (Finding::ItemRepeated, 1)]);
    assert!(results[1].is_ok());
}

#[tokio::test]
async fn the_reads_of_a_failed_envelope_are_asked_for_again_and_told_by_themselves() {
    for status in [500, 503] {
        let scene = Scene::new().await;
        scene.script([failure(status)]);
        scene.graph.reply_ever_after_by(success_of);
        let results = together(&scene.client, &three()).await;
        assert!(results.iter().all(Result::is_ok), "{results:?}");

        let scene = Scene::new().await;
        scene.graph.reply_ever_after(failure(status));
        let results = together(&scene.client, &three()).await;
        let told: Vec<_> = results.iter().map(|result| times(result.as_ref().unwrap_err())).collect();
        assert!(told.iter().all(|(_, end)| *end == Some(End::OutOfTime)), "{told:?}");
        assert!(told.iter().map(|(times, _)| times).sum::<u32>() > 3, "{told:?}");
    }
}

#[tokio::test]
async fn a_throttled_item_of_the_directory_holds_the_directory() {
    let scene = Scene::new().await;
    let impatient = scene.client.patient(Patience::none());
    let requests = [get(), Request::get(Version::Beta, &["groups", "g"])];
    scene.script([batch(&[item("1", 200), throttled_item("2", "20")]), success()]);
    let results = together(&impatient, &requests).await;
    assert!(results[0].is_ok() && results[1].as_ref().is_err_and(Error::is_throttled));
    assert_eq!(times(&impatient.send(&post_to_read()).await.unwrap_err()).0, 0);
    impatient.send(&get()).await.unwrap();
}

#[tokio::test]
async fn a_read_of_a_batch_that_is_throttled_again_and_again_is_asked_for_after_ever_longer_pauses() {
    let scene = Scene::new().await;
    let requests = [get(), Request::get(Version::Beta, &["groups", "g"])];
    scene.script([batch(&[item("1", 200), item("2", 429)]), failure(429), failure(429), success()]);
    let results = together(&scene.client, &requests).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(scene.pauses_ms(), [1_000, 2_000, 4_000]);
}
