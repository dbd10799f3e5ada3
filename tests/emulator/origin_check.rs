//! Test control refuses web pages, and logs stay bounded for requests of any size.

use reqwest::Method;
use serde_json::json;

use crate::support::*;

const RESET: &str = "/_emulator/reset";
const OIDC: &str = "/_emulator/oidc/github";

async fn control(graph: &Graph, path: &str, headers: &[(&'static str, &str)]) -> u16 {
    let request = graph.anonymous(Method::POST, path);
    send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await.status
}

/// The values of these forms need no encoding.
async fn ask_for_token(graph: &Graph, form: &[(&str, &str)]) {
    let fields: Vec<String> = form.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = graph.anonymous(Method::POST, "/t/oauth2/v2.0/token");
    send(request.header("content-type", "application/x-www-form-urlencoded").body(fields.join("&"))).await;
}

#[tokio::test]
async fn test_control_refuses_pages_of_other_sites() {
    let graph = Graph::start();
    let own = graph.emulator.base_url();
    let port = graph.emulator.address().port();
    let (rebound, local) = (format!("evil.example:{port}"), format!("localhost:{port}"));
    for (headers, expected) in [
        (vec![], 204),
        (vec![("origin", own.as_str())], 204),
        (vec![("host", local.as_str())], 204),
        (vec![("sec-fetch-site", "same-origin")], 204),
        (vec![("sec-fetch-site", "none")], 204),
        (vec![("origin", "https://evil.example")], 403),
        (vec![("origin", "null")], 403),
        (vec![("sec-fetch-site", "cross-site")], 403),
        (vec![("host", rebound.as_str())], 403),
        (vec![("host", rebound.as_str()), ("origin", "http://evil.example")], 403),
    ] {
        assert_eq!(control(&graph, RESET, &headers).await, expected, "{headers:?}");
    }
    assert_eq!(control(&graph, OIDC, &[("origin", "https://evil.example")]).await, 403);
}

#[tokio::test]
async fn graph_itself_asks_every_caller_for_a_token() {
    let graph = Graph::start();
    let request = graph.request(Method::GET, "/v1.0/groups").header("origin", "https://evil.example");
    assert_eq!(send(request).await.status, 200);
}

#[tokio::test]
async fn the_log_of_token_requests_is_bounded_in_bytes() {
    let graph = Graph::start();
    let large = "x".repeat(3 * 1024 * 1024);
    for _ in 0..5 {
        let form = [("grant_type", "client_credentials"), ("client_id", large.as_str())];
        ask_for_token(&graph, &form).await;
    }
    let requests = graph.emulator.token_requests();
    let bytes: usize =
        requests.iter().filter_map(|request| request.client_id.as_ref()).map(String::len).sum();
    assert!(bytes <= 8 * 1024 * 1024 && !requests.is_empty(), "{bytes} bytes of {} requests", requests.len());
}

#[tokio::test]
async fn the_log_of_calls_is_bounded_in_bytes() {
    let graph = Graph::start();
    let path = format!("/v1.0/groups?$filter={}", "x".repeat(50_000));
    for _ in 0..200 {
        graph.get(&path).await;
    }
    let calls = graph.emulator.calls();
    let bytes: usize = calls.iter().map(|call| call.path.len()).sum();
    assert!(bytes <= 8 * 1024 * 1024 && calls.len() > 100, "{bytes} bytes of {} calls", calls.len());
    assert_eq!(calls.last().unwrap().number, 200);
}

#[tokio::test]
async fn a_long_assertion_is_not_remembered() {
    let graph = Graph::start();
    let part = |document: serde_json::Value| {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(document.to_string())
    };
    for (claims, remembered) in [(json!({"iss": "x"}), true), (json!({"iss": "x".repeat(100_000)}), false)] {
        let assertion = format!("{}.{}.{}", part(json!({"alg": "PS256"})), part(claims), part(json!("s")));
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", MISSING),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &assertion),
        ];
        ask_for_token(&graph, &form).await;
        assert_eq!(graph.emulator.token_requests().last().unwrap().assertion.is_some(), remembered);
    }
}
