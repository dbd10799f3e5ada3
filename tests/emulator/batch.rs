//! `$batch`: the envelope, and items that are served like separate requests.

use std::collections::HashSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::*;

fn get(id: &str, url: &str) -> Value {
    json!({"id": id, "method": "GET", "url": url})
}

fn assign_item(id: &str, assignments: &Value) -> Value {
    json!({
        "id": id, "method": "POST", "url": format!("/deviceManagement/deviceConfigurations/{POLICY}/assign"),
        "headers": {"Content-Type": "application/json"}, "body": {"assignments": assignments},
    })
}

async fn batch(graph: &Graph, requests: Value) -> Answer {
    graph.post("/beta/$batch", json!({"requests": requests})).await
}

fn response<'a>(answer: &'a Answer, id: &str) -> &'a Value {
    answer.body["responses"].as_array().unwrap().iter().find(|response| response["id"] == id).unwrap()
}

#[tokio::test]
async fn an_envelope_that_cannot_be_read_is_refused() {
    let graph = Graph::start();
    let many: Vec<Value> = (0..21).map(|n| get(&n.to_string(), "/groups")).collect();
    for requests in [
        json!([]),
        json!(null),
        json!(many),
        json!([get("a", "/groups"), get("A", "/groups")]),
        json!([{"method": "GET", "url": "/groups"}]),
        json!([{"id": true, "method": "GET", "url": "/groups"}]),
        json!([{"id": "1", "url": "/groups"}]),
        json!([{"id": "1", "method": "GET"}]),
        json!([{"id": "1", "method": "GET", "url": "/groups", "dependsOn": ["2"]}]),
        json!([
            {"id": "1", "method": "GET", "url": "/groups", "dependsOn": ["2"]},
            {"id": "2", "method": "GET", "url": "/groups", "dependsOn": ["1"]},
        ]),
    ] {
        let answer = batch(&graph, requests.clone()).await;
        assert_eq!((answer.status, answer.code()), (400, "BadRequest"), "{requests}");
    }
    assert_eq!(graph.get("/beta/$batch").await.status, 405);
    let bare =
        graph.anonymous(Method::POST, "/beta/$batch").json(&json!({"requests": [get("1", "/groups")]}));
    assert_eq!(send(bare).await.status, 401);
    assert_eq!(graph.emulator.calls().iter().filter(|call| call.batch.is_some()).count(), 0);
}

#[tokio::test]
async fn each_item_has_its_own_status_headers_and_body() {
    let graph = Graph::start();
    let requests = json!([
        get("rows", &format!("/deviceManagement/deviceConfigurations('{POLICY}')/assignments?$select=id")),
        get("slashless", &format!("groups/{PILOT}")),
        get("missing", &format!("/groups/{MISSING}")),
        get("versioned", "/beta/groups"),
        {"id": "nested", "method": "POST", "url": "/$batch", "headers": {"Content-Type": "application/json"},
         "body": {"requests": [get("inner", "/groups")]}},
        {"id": "typed", "method": "POST", "url": "/directoryObjects/getByIds", "body": {"ids": [PILOT]},
         "headers": {"content-type": "application/json"}},
        {"id": "gone", "method": "DELETE", "url": format!("/groups/{STAFF}")},
    ]);
    let answer = batch(&graph, requests).await;
    assert_eq!(answer.status, 200);
    let status = |id: &str| response(&answer, id)["status"].as_u64().unwrap();
    for (id, expected) in [
        ("rows", 200),
        ("slashless", 200),
        ("missing", 404),
        ("versioned", 400),
        ("nested", 400),
        ("typed", 200),
        ("gone", 204),
    ] {
        assert_eq!(status(id), expected, "{id}: {}", response(&answer, id));
    }
    assert_eq!(response(&answer, "missing")["body"]["error"]["code"], "Request_ResourceNotFound");
    assert!(
        response(&answer, "rows")["headers"]["Content-Type"]
            .as_str()
            .unwrap()
            .starts_with("application/json")
    );
    assert_eq!(response(&answer, "gone").get("body"), None);
    assert_eq!(graph.get(&format!("/v1.0/groups/{STAFF}")).await.status, 404, "the write counts");
}

/// As IntuneCD (numbers as ids) and Microsoft's SDKs (absolute addresses, further members) send them.
#[tokio::test]
async fn items_are_read_as_clients_in_use_send_them() {
    let graph = Graph::start();
    let requests = json!([
        {"id": 7, "method": "GET", "url": format!("groups/{PILOT}")},
        {"id": "absolute", "method": "GET", "depends_on": [], "headers": {}, "anything": 1,
         "url": format!("https://graph.microsoft.com/beta/groups/{PILOT}?$select=id")},
    ]);
    let answer = batch(&graph, requests).await;
    assert_eq!(response(&answer, "7")["status"], 200, "{}", answer.body);
    assert_eq!(response(&answer, "absolute")["body"]["id"], PILOT, "{}", answer.body);
}

#[tokio::test]
async fn a_write_without_body_or_content_type_fails_the_whole_batch() {
    let graph = Graph::start();
    for bare in [
        json!({"id": "bare", "method": "POST", "url": "/directoryObjects/getByIds", "body": {"ids": [PILOT]}}),
        json!({"id": "bare", "method": "PATCH", "url": "/groups/x", "headers": {"Content-Type": "application/json"}}),
    ] {
        let answer = batch(&graph, json!([assign_item("write", &json!([group(PILOT)])), bare])).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.message(), "Write request id : bare does not contain Content-Type header or body.");
    }
    assert!(graph.targets().await.is_empty(), "nothing was served");
}

#[tokio::test]
async fn children_are_served_after_their_parents_and_fail_with_them() {
    let graph = Graph::start();
    let mut rows = get("rows", &format!("/deviceManagement/deviceConfigurations/{POLICY}/assignments"));
    rows["dependsOn"] = json!(["WRITE"]);
    let answer = batch(&graph, json!([rows, assign_item("write", &json!([group(PILOT)]))])).await;
    assert_eq!(response(&answer, "rows")["body"]["value"].as_array().unwrap().len(), 1);

    let mut child = assign_item("child", &json!([]));
    child["dependsOn"] = json!(["parent"]);
    let mut grandchild = get("grandchild", "/groups");
    grandchild["dependsOn"] = json!(["child"]);
    let answer =
        batch(&graph, json!([grandchild, child, get("parent", &format!("/groups/{MISSING}"))])).await;
    assert_eq!(response(&answer, "child")["status"], 424);
    assert_eq!(response(&answer, "grandchild")["status"], 424);
    assert_eq!(graph.targets().await.len(), 1, "the child was not tried");
}

#[tokio::test]
async fn responses_come_in_another_order_each_time() {
    let graph = Graph::start();
    let requests: Vec<Value> = (0..20).map(|n| get(&n.to_string(), "/groups")).collect();
    let mut orders = HashSet::new();
    for _ in 0..5 {
        let answer = batch(&graph, json!(requests)).await;
        let ids =
            answer.body["responses"].as_array().unwrap().iter().map(|response| response["id"].to_string());
        orders.insert(ids.collect::<Vec<_>>());
    }
    assert!(orders.len() > 1);
    assert!(orders.iter().all(|order| order.len() == 20));
}

#[tokio::test]
async fn items_are_logged_with_their_envelope() {
    let graph = Graph::start();
    batch(&graph, json!([get("one", "/groups?$top=1"), get("two", &format!("groups/{MISSING}"))])).await;
    let calls = graph.emulator.calls();
    let envelope = calls.iter().find(|call| call.path == "/beta/$batch").unwrap();
    assert_eq!((envelope.status, &envelope.batch), (200, &None));
    let item = |id: &str| calls.iter().find(|call| call.batch.as_deref() == Some(id)).unwrap();
    assert_eq!((item("one").path.as_str(), item("one").status), ("/beta/groups?$top=1", 200));
    assert_eq!(
        (item("two").path.as_str(), item("two").status),
        (format!("/beta/groups/{MISSING}").as_str(), 404)
    );
    assert_eq!(item("one").envelope, Some(envelope.number));
}
