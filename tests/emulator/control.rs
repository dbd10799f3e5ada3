//! Test control: changes outside of Graph, the call log and the reset.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::*;

const ROWS: &str = "/_emulator/deviceConfigurations/0b8a3d5e-5c0f-4a55-9a07-3a1d0a5c6d01/assignments";

#[tokio::test]
async fn control_refuses_what_it_does_not_have() {
    let graph = Graph::start();
    let control = |method: &str, path: &str, body: Value| graph.emulator.control(method, path, Some(&body));
    for (method, path, body, status) in [
        ("POST", "/_emulator/faults", json!({}), 400),
        ("PATCH", "/_emulator/faults", json!({}), 404),
        ("PUT", "/_emulator/semantics", json!([]), 400),
        ("GET", "/_emulator", json!({}), 404),
        ("POST", "/_emulator/users", json!({}), 404),
        ("DELETE", "/_emulator/groups/x", json!({}), 404),
        ("DELETE", "/_emulator/users/x", json!({}), 404),
        ("POST", "/_emulator/groups", json!({}), 400),
        ("POST", "/_emulator/groups", json!({"id": PILOT, "displayName": "Twin"}), 409),
        ("PUT", "/_emulator/deviceConfigurations/x/assignments", json!([]), 404),
        ("GET", "/_emulator/deviceConfigurations/x/assignments", json!({}), 404),
        ("PUT", ROWS, json!({}), 400),
        ("PUT", ROWS, json!([{}]), 400),
        (
            "PUT",
            ROWS,
            json!([{"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "group": "x"}}]),
            400,
        ),
    ] {
        let (found, answer) = control(method, path, body);
        assert_eq!(found, status, "{method} {path}: {answer}");
        assert!(answer["error"]["message"].is_string(), "{method} {path}: {answer}");
    }
}

#[tokio::test]
async fn control_needs_no_token_and_is_not_logged() {
    let graph = Graph::start();
    let answer = send(graph.anonymous(Method::PUT, ROWS).json(&json!({"assignments": [group(PILOT)]}))).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["assignments"][0]["id"], format!("{POLICY}_{PILOT}"));
    assert_eq!(graph.targets().await.len(), 1);
    let log = send(graph.anonymous(Method::GET, "/_emulator/calls")).await.body;
    let calls = log["calls"].as_array().unwrap();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0]["path"], format!("{}/assignments", policy_path("beta")));
    assert_eq!(
        (&calls[0]["method"], &calls[0]["status"], &calls[0]["batch"]),
        (&json!("GET"), &json!(200), &Value::Null)
    );
    assert_eq!((&log["counters"]["requests"], &log["counters"]["writes"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn the_log_counts_what_each_assign_listed() {
    let graph = Graph::start();
    for rows in [json!([group(PILOT), group(STAFF)]), json!([])] {
        graph.assign(rows).await;
    }
    graph.targets().await;
    let counts: Vec<_> = graph.emulator.calls().into_iter().map(|call| call.assigned).collect();
    assert_eq!(counts, [Some(2), Some(0), None]);
}

#[tokio::test]
async fn rows_can_be_what_no_call_could_make_them() {
    let graph = Graph::start();
    let zero = "00000000-0000-0000-0000-000000000000";
    let rows = json!([
        {"target": {"@odata.type": "#microsoft.graph.futureAssignmentTarget", "depth": 3}},
        filtered(group(MISSING), zero, "none"),
        {"id": "own", "target": group(PILOT)["target"], "source": "policySets", "sourceId": STAFF},
    ]);
    assert_eq!(graph.emulator.control("PUT", ROWS, Some(&rows)).0, 200);
    let answer = graph.get(&format!("{}/assignments", policy_path("beta"))).await;
    let row = |id: &str| answer.rows().iter().find(|row| row["id"] == id).unwrap().clone();
    let future = row(&format!("{POLICY}_futureAssignmentTarget"));
    assert_eq!(
        (&future["target"]["@odata.type"], &future["target"]["depth"]),
        (&json!("#microsoft.graph.futureAssignmentTarget"), &json!(3))
    );
    assert_eq!(
        row(&format!("{POLICY}_{MISSING}"))["target"]["deviceAndAppManagementAssignmentFilterId"],
        zero
    );
    assert_eq!((&row("own")["source"], &row("own")["sourceId"]), (&json!("policySets"), &json!(STAFF)));
}

#[tokio::test]
async fn objects_can_be_added_and_removed() {
    let graph = Graph::start();
    let group = json!({"id": MISSING.to_uppercase(), "displayName": "Late"});
    assert_eq!(graph.emulator.control("POST", "/_emulator/groups", Some(&group)).0, 201);
    assert_eq!(graph.get(&format!("/v1.0/groups/{MISSING}")).await.status, 200);
    graph.assign(json!([filtered(all("allDevices"), CORPORATE, "include")])).await;
    for (collection, id, path) in [
        ("groups", MISSING, format!("/v1.0/groups/{MISSING}")),
        ("assignmentFilters", CORPORATE, format!("/beta/deviceManagement/assignmentFilters/{CORPORATE}")),
        ("deviceConfigurations", POLICY, policy_path("beta")),
    ] {
        assert_eq!(graph.emulator.control("DELETE", &format!("/_emulator/{collection}/{id}"), None).0, 204);
        assert_eq!(graph.get(&path).await.status, 404);
    }
}

#[tokio::test]
async fn reset_returns_to_the_start() {
    let graph = Graph::start();
    let before = graph.get(&policy_path("beta")).await.body;
    graph.assign(json!([group(PILOT)])).await;
    graph.delete(&format!("/v1.0/groups/{PILOT}")).await;
    graph.patch(&policy_path("beta"), json!({"@odata.type": DEFENDER, "displayName": "Other"})).await;
    assert_eq!(send(graph.anonymous(Method::POST, "/_emulator/reset")).await.status, 204);
    assert_eq!(graph.emulator.calls(), []);
    assert_eq!(graph.get(&policy_path("beta")).await.body, before);
    assert_eq!(graph.get(&format!("/v1.0/groups/{PILOT}")).await.status, 200);
    assert_eq!(graph.targets().await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_dropped_emulator_listens_no_more() {
    let graph = Graph::start();
    assert_eq!(graph.get("/v1.0/groups").await.status, 200);
    let address = graph.emulator.address();
    drop(graph);
    assert!(std::net::TcpStream::connect(address).is_err());
}
