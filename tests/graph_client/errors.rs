//! Errors: what each response means to a caller.

use serde_json::json;
use terraform_provider_defender::graph::{Error, ResponseProblem};

use crate::closed_port::ClosedPort;
use crate::scripted_graph::Reply;
use crate::support::{PATH, POLICY, assign, client, error_body, intune_message, page, policies, row, start};

#[tokio::test]
async fn a_nested_404_is_unwrapped_and_means_that_the_policy_is_gone() {
    let (graph, client) = start().await;
    graph.reply(
        Reply::json(404, &error_body("ResourceNotFound", &intune_message("An error has occurred")))
            .header("request-id", "r-9")
            .header("Date", "Sun, 26 Oct 2025 17:07:10 GMT"),
    );
    let error = policies(&client).get(POLICY).await.unwrap_err();
    assert!(error.is_resource_not_found());

    let call = error.call().unwrap();
    assert_eq!((call.method.as_str(), call.path.as_str(), call.status), ("GET", PATH, Some(404)));
    assert_eq!((error.code(), call.request_id.as_deref()), (Some("ResourceNotFound"), Some("r-9")));
    assert_eq!(call.date.as_deref(), Some("2025-10-26T17:07:10Z"));
    assert_eq!(Some(call.client_request_id.as_str()), graph.requests()[0].header("client-request-id"));
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
    let error = policies(&client).list_assignments(POLICY).await.unwrap_err();
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
        let error = policies(&client).get(POLICY).await.unwrap_err();
        assert!(!error.is_resource_not_found(), "{error}");
    }
    let (graph, client) = start().await;
    graph.reply(Reply::text(404, "text/html", "<html>Not here</html>"));
    let error = policies(&client).get(POLICY).await.unwrap_err();
    assert!(!error.is_resource_not_found(), "{error}");
}

#[tokio::test]
async fn an_excerpt_of_a_proxy_page_is_shown_whatever_its_status() {
    for status in [200, 502] {
        let (graph, client) = start().await;
        graph.reply(Reply::text(
            status,
            "text/html",
            &format!("<html>\n<h1>Sign in</h1>{}", "x".repeat(500)),
        ));
        let error = policies(&client).get(POLICY).await.unwrap_err();
        let Error::Undocumented { problem: ResponseProblem::NotGraph { content_type, excerpt }, .. } = &error
        else {
            panic!("{error}")
        };
        assert_eq!((content_type.as_deref(), excerpt.len()), (Some("text/html"), 120));
        assert!(excerpt.starts_with("<html> <h1>Sign in</h1>x"), "{excerpt}");
        assert_eq!(error.status(), Some(status));
    }
}

#[tokio::test]
async fn a_throttled_call_keeps_retry_after() {
    let (graph, client) = start().await;
    let body = error_body("TooManyRequests", "Too many requests.");
    graph.reply(Reply::json(429, &body).header("Retry-After", "2.128")).reply(Reply::json(429, &body));
    let first = policies(&client).get(POLICY).await.unwrap_err();
    assert!(first.is_throttled());
    assert_eq!(first.call().unwrap().retry_after.as_deref(), Some("2.128"));
    // Another client, because the first one pauses now.
    let other = crate::support::client(graph.root());
    let second = policies(&other).get(POLICY).await.unwrap_err();
    assert_eq!(second.call().unwrap().retry_after, None);
}

#[tokio::test]
async fn a_truncated_body_of_a_read_is_unreadable() {
    let (graph, client) = start().await;
    graph.reply(page(&[row("g1")], None).truncated());
    let error = policies(&client).list_assignments(POLICY).await.unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }), "{error}");
    assert!(!error.may_have_taken_effect());
}

#[tokio::test]
async fn a_broken_compression_is_unreadable() {
    let (graph, client) = start().await;
    graph.reply(Reply::bytes(200, b"not gzip at all".to_vec()).header("Content-Encoding", "gzip"));
    let error = policies(&client).get(POLICY).await.unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }), "{error}");
}

#[tokio::test]
async fn a_closed_port_is_not_reached_and_the_write_has_no_effect() {
    let closed = ClosedPort::new();
    let error = assign(&client(closed.origin()), POLICY, &[]).await.unwrap_err();
    assert!(matches!(error, Error::NotReached { .. }), "{error}");
    assert!(!error.may_have_taken_effect());
    assert_eq!(error.call().unwrap().path, format!("{PATH}/assign"));
}
