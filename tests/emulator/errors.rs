//! The headers of every response, the shapes of errors, and the checks before dispatch.

use reqwest::Method;
use serde_json::{Value, json};
use terraform_provider_defender::emulator::Options;

use crate::support::*;

#[tokio::test]
async fn a_request_without_a_token_is_refused_with_a_challenge() {
    let graph = Graph::start();
    let path = policy_path("beta");
    let bare = || graph.anonymous(Method::GET, &path);
    for request in [bare(), bare().bearer_auth(""), bare().header("Authorization", "Basic eDp5")] {
        let answer = send(request).await;
        assert_eq!((answer.status, answer.code()), (401, "InvalidAuthenticationToken"));
        assert_eq!(answer.message(), "Access token is empty.");
        assert!(answer.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer realm="));
    }
    assert_eq!(graph.get(&path).await.status, 200);
}

#[tokio::test]
async fn every_answer_carries_its_ids_and_date() {
    let graph = Graph::start();
    for path in [policy_path("beta"), "/beta/nothing".to_owned(), "/_emulator/calls".to_owned()] {
        let answer = send(graph.request(Method::GET, &path).header("client-request-id", "mine")).await;
        assert_eq!(answer.headers["client-request-id"], "mine", "{path}");
        assert_eq!(answer.headers["request-id"].len(), 36, "{path}");
        assert!(answer.headers.contains_key("date"), "{path}");
    }
    let answer = graph.get(&policy_path("beta")).await;
    assert_eq!(answer.headers["client-request-id"], answer.headers["request-id"]);
}

#[tokio::test]
async fn a_nested_error_has_the_members_of_intune_in_their_order() {
    let graph = Graph::start();
    let path = format!("/beta/deviceManagement/deviceConfigurations/{MISSING}");
    let answer = send(graph.request(Method::GET, &path).header("client-request-id", "mine")).await;
    assert!(
        answer.message().starts_with("{\r\n  \"_version\": 3,\r\n  \"Message\": \"An error has occurred - ")
    );
    let ends = "\r\n  \"CustomApiErrorPhrase\": \"\",\r\n  \"RetryAfter\": null,\r\n  \"ErrorSourceService\": \"\",\r\n  \"HttpHeaders\": \"{}\"\r\n}";
    assert!(answer.message().ends_with(ends), "{}", answer.message());
    let nested: Value = serde_json::from_str(answer.message()).unwrap();
    assert!(nested["Message"].as_str().unwrap().contains(" - Activity ID: mine - Url: https://fef."));
    let inner = &answer.body["error"]["innerError"];
    assert_eq!(inner["client-request-id"], "mine");
    assert_eq!(inner["request-id"], answer.headers["request-id"].to_str().unwrap());
    assert_eq!(inner["date"].as_str().unwrap().len(), "2025-10-26T17:07:09".len());
}

#[tokio::test]
async fn addresses_outside_the_model_are_refused() {
    let graph = Graph::start();
    for (path, status, part) in [
        ("/v2.0/groups", 404, "Invalid version: v2.0"),
        ("/beta/users", 400, "Resource not found for the segment 'users'."),
        (
            "/beta/deviceManagement/managedDevices",
            400,
            "Resource not found for the segment 'managedDevices'.",
        ),
        ("/beta/deviceManagement", 400, "Resource not found for the segment 'deviceManagement'."),
        ("/beta", 400, "Resource not found"),
        (
            "/beta/users",
            400,
            "The emulator serves only a part of Graph: deviceManagement/deviceConfigurations,",
        ),
        ("/health", 404, "The emulator serves Graph below /v1.0 and /beta"),
    ] {
        let answer = graph.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.message().contains(part), "{path}: {}", answer.message());
    }
}

#[tokio::test]
async fn a_body_must_be_json_and_say_so() {
    let graph = Graph::start();
    let path = format!("{}/assign", policy_path("beta"));
    let post = || graph.request(Method::POST, &path);
    let untyped = send(post().body(r#"{"assignments":[]}"#)).await;
    assert_eq!(untyped.status, 400);
    let text = send(post().header("Content-Type", "text/plain").body(r#"{"assignments":[]}"#)).await;
    assert_eq!(text.status, 415);
    let broken = send(post().header("Content-Type", "application/json").body("{")).await;
    assert_eq!((broken.status, broken.code()), (400, "BadRequest"));
    let with_charset =
        post().header("Content-Type", "application/json; charset=utf-8").body(r#"{"assignments":[]}"#);
    assert_eq!(send(with_charset).await.status, 200);
}

/// The statuses of 120 writes in six batches.
async fn write_120_times(graph: &Graph) -> Vec<u64> {
    let item = |n: u32| {
        json!({
            "id": n.to_string(), "method": "POST",
            "url": format!("/deviceManagement/deviceConfigurations/{POLICY}/assign"),
            "headers": {"Content-Type": "application/json"}, "body": {"assignments": []},
        })
    };
    let requests: Vec<Value> = (0..20).map(item).collect();
    let mut statuses = Vec::new();
    for _ in 0..6 {
        let answer = graph.post("/beta/$batch", json!({"requests": requests})).await;
        statuses.extend(
            answer.body["responses"].as_array().unwrap().iter().map(|one| one["status"].as_u64().unwrap()),
        );
    }
    statuses
}

#[tokio::test]
async fn limits_are_counted_always_and_enforced_when_asked_for() {
    for limits in [false, true] {
        let graph = Graph::with(tenant(), Options { limits, ..Options::default() });
        let statuses = write_120_times(&graph).await;
        let refused = statuses.iter().filter(|status| **status == 429).count();
        assert_eq!(refused, if limits { 20 } else { 0 });
        let counters = &graph.emulator.control("GET", "/_emulator/calls", None).1["counters"];
        assert_eq!((&counters["peakWrites"], &counters["overLimit"]), (&json!(120), &json!(20)));
        assert_eq!(graph.get("/v1.0/groups").await.status, 200, "the directory is another service");
    }
}

#[tokio::test]
async fn a_throttled_write_is_told_so_without_a_time_to_wait() {
    let graph = Graph::with(tenant(), Options { limits: true, ..Options::default() });
    write_120_times(&graph).await;
    let answer = graph.assign(json!([group(PILOT)])).await;
    assert_eq!((answer.status, answer.code()), (429, "TooManyRequests"));
    assert!(!answer.headers.contains_key("retry-after"));
    assert!(answer.message().contains("\"_version\": 3"), "{}", answer.message());
    assert_eq!(graph.targets().await, Vec::<Value>::new(), "reads go on, and nothing was written");
}
