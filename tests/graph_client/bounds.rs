//! Responses beyond the bounds: large bodies, many objects, large collections, and pages of a proxy inside a batch.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use terraform_provider_defender::graph::{Error, ResponseProblem};

use crate::scripted_graph::Reply;
use crate::support::{
    PATH, POLICY, TOKEN, batch_response, document, item, page, policies, reads, row, start,
};
use crate::together::together;

/// Above the bound of one answer.
const TOO_LARGE: usize = 8 * 1024 * 1024 + 1;

#[tokio::test]
async fn a_body_beyond_the_limit_is_given_up() {
    let (graph, client) = start().await;
    graph.reply(Reply::bytes(200, vec![b' '; TOO_LARGE]));
    let error = policies(&client).get(POLICY).await.unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }), "{error}");
    assert!(error.to_string().contains("larger than 8388608 bytes"), "{error}");
}

#[tokio::test]
async fn many_small_objects_are_given_up() {
    let (graph, client) = start().await;
    let body = format!(r#"{{"value":[{}{{}}]}}"#, "{},".repeat(200_000));
    graph.reply(Reply::text(200, "application/json", &body));
    let error = policies(&client).list_assignments(POLICY).await.unwrap_err();
    let too_many = matches!(
        error,
        Error::Undocumented { problem: ResponseProblem::TooManyContainers { limit: 100_000 }, .. }
    );
    assert!(too_many, "{error}");
}

#[tokio::test]
async fn an_endless_collection_is_given_up() {
    let (graph, client) = start().await;
    let rows = vec![row(&"g".repeat(1_000)); 1_000];
    let root = graph.root().to_owned();
    let number = AtomicUsize::new(0);
    graph.reply_always_with(move |_| {
        let number = number.fetch_add(1, Ordering::SeqCst);
        page(&rows, Some(&format!("{root}{PATH}/assignments?$skiptoken={number}")))
    });
    let error = policies(&client).list_assignments(POLICY).await.unwrap_err();
    let Error::Undocumented { problem: ResponseProblem::CollectionTooLarge { .. }, .. } = &error else {
        panic!("{error}")
    };
    assert!(graph.lines().len() < 20, "{} pages", graph.lines().len());
}

#[tokio::test]
async fn a_link_that_is_longer_than_any_real_one_is_not_followed() {
    let (graph, client) = start().await;
    let link = format!("{}{PATH}/assignments?$skiptoken={}", graph.root(), "x".repeat(20_000));
    graph.reply(page(&[], Some(&link)));
    let error = policies(&client).list_assignments(POLICY).await.unwrap_err();
    assert!(error.to_string().contains("longer than 16384 bytes"), "{error}");
}

#[tokio::test]
async fn a_foreign_link_is_shortened_and_loses_control_characters() {
    let (graph, client) = start().await;
    graph.reply(page(&[], Some(&format!("https://evil.example/\u{1b}[2J{}", "x".repeat(5_000)))));
    let text = policies(&client).list_assignments(POLICY).await.unwrap_err().to_string();
    assert!(text.contains("evil.example") && text.len() < 400, "{text}");
    assert!(!text.contains('\u{1b}'), "{text:?}");
}

#[tokio::test]
async fn the_largest_page_of_a_real_tenant_is_read() {
    let (graph, client) = start().await;
    let listed: Vec<Value> = (0..999)
        .map(|number| {
            let rows: Vec<Value> = (0..9).map(|group| row(&format!("{POLICY}{group}"))).collect();
            json!({"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "id": format!("{number}"),
                "assignments@odata.context": "x".repeat(150), "assignments": rows})
        })
        .collect();
    let body = json!({ "value": listed }).to_string();
    println!("{} bytes", body.len());
    graph.reply(Reply::text(200, "application/json", &body));
    assert_eq!(policies(&client).list().await.unwrap().len(), 999);
}

#[tokio::test]
async fn a_proxy_page_inside_a_batch_is_reported() {
    let (graph, client) = start().await;
    let page = json!(format!("<html>\r\nSign in, {TOKEN}</html>"));
    let html = json!({"id": "1", "status": 200, "headers": {"Content-Type": "text/html"}, "body": page});
    graph.reply(batch_response(&[html, item("2", 403, &page), item("3", 200, &json!([]))]));
    let results = together(&client, &reads(3)).await;
    for (result, content_type) in results.iter().zip(["text/html", "application/json"]) {
        let text = result.as_ref().unwrap_err().to_string();
        assert!(text.contains(&format!("\"<html> Sign in, [redacted]</html>\" ({content_type})")), "{text}");
    }
    assert_eq!(document(&results[2]), json!([]));
}

#[tokio::test]
async fn a_batch_response_with_too_many_items_is_an_error_of_every_item() {
    let (graph, client) = start().await;
    graph.reply(batch_response(&vec![json!(1); 1_000_000]));
    for result in together(&client, &reads(2)).await {
        let text = result.unwrap_err().to_string();
        assert!(text.contains("a batch response without \"responses\""), "{text}");
    }
}
