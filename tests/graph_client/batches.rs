//! Reads that share a `$batch`.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use terraform_provider_defender::graph::{Error, ResponseProblem};

use crate::scripted_graph::{ReceivedRequest, Reply};
use crate::support::{batch_response, document, error_body, item, reads, start};
use crate::together::together;

#[tokio::test]
async fn batch_items_are_matched_by_id_whatever_their_order() {
    let (graph, client) = start().await;
    graph.reply(batch_response(&[
        item("3", 200, &json!({"n": 2})),
        item("1", 200, &json!({"n": 0})),
        item("2", 404, &error_body("Request_ResourceNotFound", "gone")),
    ]));
    let results = together(&client, &reads(3)).await;
    assert_eq!(document(&results[0]), json!({"n": 0}));
    assert_eq!(results[1].as_ref().unwrap_err().code(), Some("Request_ResourceNotFound"));
    assert_eq!(results[1].as_ref().unwrap_err().call().unwrap().path, "/beta/groups/g1");
    assert_eq!(document(&results[2]), json!({"n": 2}));

    let request = &graph.requests()[0];
    assert_eq!(request.line, "POST /beta/$batch");
    assert_eq!(request.json()["requests"][1], json!({"id": "2", "method": "GET", "url": "/groups/g1"}));
}

#[tokio::test]
async fn a_missing_repeated_or_statusless_batch_item_is_an_error_of_its_own() {
    let (graph, client) = start().await;
    graph.reply(batch_response(&[
        item("1", 200, &json!({"n": 0})),
        item("2", 200, &json!({"n": 1})),
        item("2", 200, &json!({"n": 1})),
        item("77", 200, &json!({"n": 2})),
        json!({"id": "4", "body": {}}),
    ]));
    let results = together(&client, &reads(4)).await;
    assert!(results[0].is_ok());
    for (position, expected) in [(1, ResponseProblem::ItemRepeated), (2, ResponseProblem::ItemMissing)] {
        let Err(Error::Undocumented { problem, .. }) = &results[position] else { panic!("{results:?}") };
        assert_eq!(*problem, expected);
    }
    let Err(Error::Undocumented { problem: ResponseProblem::WrongShape { .. }, .. }) = &results[3] else {
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
    graph.reply(batch_response(&[throttled, other]).header("request-id", "r-envelope"));
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
async fn more_than_twenty_reads_take_several_envelopes() {
    let (graph, client) = start().await;
    let echo = |request: &ReceivedRequest| {
        let requests = request.json()["requests"].as_array().unwrap().clone();
        let answers: Vec<Value> = requests
            .iter()
            .rev()
            .map(|request| item(request["id"].as_str().unwrap(), 200, &json!({"url": request["url"]})))
            .collect();
        batch_response(&answers)
    };
    graph.reply_always_with(echo);
    let results = together(&client, &reads(42)).await;
    let urls: Vec<_> = results.iter().map(|result| document(result)["url"].clone()).collect();
    let wanted: Vec<_> = (0..42).map(|number| json!(format!("/groups/g{number}"))).collect();
    assert_eq!(urls, wanted);
    let sizes: Vec<_> =
        graph.requests().iter().map(|request| request.json()["requests"].as_array().unwrap().len()).collect();
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
async fn a_caller_that_gives_up_does_not_affect_the_others() {
    let (graph, client) = start().await;
    graph.reply(batch_response(&[item("1", 200, &json!({})), item("2", 200, &json!({}))]));
    let [first, second, third] = &reads(3)[..] else { unreachable!() };
    let given_up = tokio::time::timeout(Duration::ZERO, client.send_batched(first));
    let (given_up, second, third) =
        tokio::join!(given_up, client.send_batched(second), client.send_batched(third));
    assert!(given_up.is_err());
    second.unwrap();
    third.unwrap();
    assert_eq!(
        graph.requests()[0].json()["requests"][0]["url"],
        "/groups/g1",
        "the first read has left the queue"
    );
}

#[tokio::test]
async fn a_batch_response_without_responses_is_an_error_of_every_item() {
    let (graph, client) = start().await;
    graph.reply(Reply::json(200, &json!({"value": []})));
    assert!(together(&client, &reads(2)).await.iter().all(Result::is_err));
}
