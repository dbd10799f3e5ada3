//! Counts of a group's transitive members: the header, the forms of the answer, and permissions.

use reqwest::Method;
use serde_json::{Value, json};
use terraform_provider_defender::emulator::{Options, Tenant};

use crate::sign_in::minted;
use crate::support::*;

const CASTS: [&str; 3] = ["", "microsoft.graph.device/", "microsoft.graph.user/"];

/// A group with 412 devices and 390 users, and one without counts.
fn graph() -> Graph {
    let counts = json!({"devices": 412, "users": 390});
    let document = json!({"groups": [
        {"id": PILOT, "displayName": "Pilot", "transitiveMemberCounts": counts},
        {"id": STAFF, "displayName": "Staff"},
    ]});
    Graph::with(Tenant::from_json(document).unwrap(), Options::default())
}

fn path(id: &str, cast: &str) -> String {
    format!("/groups/{id}/transitiveMembers/{cast}$count")
}

async fn count(graph: &Graph, path: &str) -> Answer {
    send(graph.request(Method::GET, path).header("ConsistencyLevel", "eventual")).await
}

/// The counts of a group: all members, devices, users.
async fn counts(graph: &Graph, id: &str) -> Vec<Value> {
    let mut counts = Vec::new();
    for cast in CASTS {
        counts.push(count(graph, &format!("/v1.0{}", path(id, cast))).await.body);
    }
    counts
}

/// An item for each count of a group, and their bodies in this order.
async fn counts_in_a_batch(graph: &Graph, headers: &Value) -> Vec<Value> {
    let item = |cast: &str| json!({"id": format!("<{cast}>"), "method": "GET", "url": path(PILOT, cast), "headers": headers});
    let body = json!({"requests": CASTS.map(item)});
    let answer = graph.post("/v1.0/$batch", body).await;
    let mut responses = answer.body["responses"].as_array().unwrap().clone();
    responses.sort_by_key(|response| response["id"].to_string());
    responses
}

#[tokio::test]
async fn a_count_without_the_header_is_refused() {
    let graph = graph();
    for cast in CASTS {
        let answer = graph.get(&format!("/v1.0{}", path(PILOT, cast))).await;
        assert_eq!((answer.status, answer.code()), (400, "Request_BadRequest"));
        assert_eq!(answer.message(), "$count is not currently supported.");
    }
    let items = counts_in_a_batch(&graph, &json!({})).await;
    assert!(items.iter().all(|item| item["status"] == 400), "{items:?}");
}

#[tokio::test]
async fn what_has_no_count_is_refused() {
    let graph = graph();
    let unknown = count(&graph, &format!("/v1.0{}", path(MISSING, ""))).await;
    assert_eq!((unknown.status, unknown.code()), (404, "Request_ResourceNotFound"));
    let no_guid = count(&graph, &format!("/v1.0{}", path("pilot", ""))).await;
    assert_eq!((no_guid.status, no_guid.code()), (400, "Request_BadRequest"));
    for rest in ["microsoft.graph.contact/$count", "microsoft.graph.user", "$count?$filter=x eq 'y'"] {
        let path = format!("/v1.0/groups/{PILOT}/transitiveMembers/{rest}");
        assert_eq!(count(&graph, &path).await.status, 400, "{rest}");
    }
    let written = graph.post(&format!("/v1.0{}", path(PILOT, "")), json!({})).await;
    assert_eq!(written.status, 405);
}

#[tokio::test]
async fn a_count_is_a_number_as_text() {
    let graph = graph();
    for version in ["v1.0", "beta"] {
        let answer = count(&graph, &format!("/{version}{}", path(PILOT, ""))).await;
        assert_eq!((answer.status, answer.body), (200, json!(802)));
        assert_eq!(answer.headers["content-type"], "text/plain");
    }
    assert_eq!(counts(&graph, PILOT).await, [json!(802), json!(412), json!(390)]);
    assert_eq!(counts(&graph, STAFF).await, [json!(0), json!(0), json!(0)]);
}

#[tokio::test]
async fn a_count_in_a_batch_is_a_json_number_or_text() {
    let graph = graph();
    let headers = json!({"ConsistencyLevel": "eventual"});
    let bodies =
        |items: Vec<Value>| items.into_iter().map(|item| item["body"].clone()).collect::<Vec<Value>>();
    let items = counts_in_a_batch(&graph, &headers).await;
    assert_eq!(items[0]["headers"]["Content-Type"], "text/plain");
    assert_eq!(bodies(items), [json!(802), json!(412), json!(390)]);
    graph.emulator.control("PUT", "/_emulator/semantics", Some(&json!({"batchedCount": "text"})));
    let items = counts_in_a_batch(&graph, &headers).await;
    assert_eq!(bodies(items), [json!("802"), json!("412"), json!("390")]);
    assert_eq!(counts(&graph, PILOT).await[0], json!(802), "outside of a batch nothing changes");
}

#[tokio::test]
async fn test_control_sets_the_counts() {
    let graph = graph();
    let put = |id: &str, body: Value| {
        let path = format!("/_emulator/groups/{id}/transitiveMemberCounts");
        graph.emulator.control("PUT", &path, Some(&body))
    };
    for wrong in [json!({"devices": -1}), json!({"devices": "1"}), json!({"device": 1}), json!([])] {
        assert_eq!(put(PILOT, wrong.clone()).0, 400, "{wrong}");
    }
    assert_eq!(put(MISSING, json!({})).0, 404);
    assert_eq!(put(PILOT, json!({"users": 7})), (200, json!({"devices": 0, "users": 7})));
    assert_eq!(counts(&graph, PILOT).await, [json!(7), json!(0), json!(7)]);
    graph.emulator.control("POST", "/_emulator/reset", None);
    assert_eq!(counts(&graph, PILOT).await[0], json!(802));
}

#[tokio::test]
async fn a_group_does_not_show_its_counts() {
    let graph = graph();
    let rows = graph.get("/v1.0/groups").await.body.to_string();
    let group = graph.get(&format!("/beta/groups/{PILOT}")).await.body.to_string();
    assert!(!rows.contains("ransitive") && !group.contains("ransitive"), "{rows} {group}");
    let path = "/v1.0/groups?$select=transitiveMemberCounts";
    assert_eq!(graph.get(path).await.status, 400);
    let body = json!({"displayName": "New", "mailNickname": "new", "mailEnabled": false, "securityEnabled": true,
        "transitiveMemberCounts": {"devices": 1}});
    let created = graph.post("/v1.0/groups", body).await;
    assert_eq!(counts(&graph, created.body["id"].as_str().unwrap()).await[0], json!(0));
}

#[test]
fn counts_of_a_tenant_file_are_checked() {
    let group = json!({"displayName": "Pilot", "transitiveMemberCounts": {"printers": 1}});
    let error = Tenant::from_json(json!({"groups": [group]})).unwrap_err().to_string();
    assert!(error.starts_with("groups[0].transitiveMemberCounts.printers: "), "{error}");
}

/// The statuses of the three counts with these roles.
async fn statuses(graph: &Graph, roles: &[&str]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for cast in CASTS {
        let request = graph.anonymous(Method::GET, &format!("/v1.0{}", path(PILOT, cast)));
        let token = minted(&json!({"roles": roles}));
        statuses.push(send(request.bearer_auth(token).header("ConsistencyLevel", "eventual")).await.status);
    }
    statuses
}

#[tokio::test]
async fn the_permission_for_groups_suffices_or_not() {
    const GROUPS: &str = "GroupMember.Read.All";
    let graph = graph();
    assert_eq!(statuses(&graph, &["Device.Read.All"]).await, [403, 403, 403]);
    assert_eq!(statuses(&graph, &[GROUPS]).await, [200, 200, 200]);
    let choice = json!({"memberTypePermission": "memberType"});
    graph.emulator.control("PUT", "/_emulator/semantics", Some(&choice));
    for (roles, expected) in [
        (vec![GROUPS], [200, 403, 403]),
        (vec![GROUPS, "Device.Read.All"], [200, 200, 403]),
        (vec![GROUPS, "User.Read.All"], [200, 403, 200]),
        (vec!["Device.Read.All", "User.Read.All"], [403, 403, 403]),
        (vec!["Directory.Read.All"], [200, 200, 200]),
    ] {
        assert_eq!(statuses(&graph, &roles).await, expected, "{roles:?}");
    }
}

#[tokio::test]
async fn faults_apply_to_counts() {
    let graph = graph();
    graph.emulator.faults(&json!({"match": {"path": "$count"}, "status": 503, "times": 3})).unwrap();
    let failed = count(&graph, &format!("/v1.0{}", path(PILOT, ""))).await;
    assert_eq!(failed.status, 503);
    let items = counts_in_a_batch(&graph, &json!({"ConsistencyLevel": "eventual"})).await;
    assert_eq!(items.iter().filter(|item| item["status"] == 503).count(), 2);
    graph.emulator.faults(&json!({"hideGroups": [PILOT], "times": 2})).unwrap();
    assert_eq!(count(&graph, &format!("/v1.0{}", path(PILOT, ""))).await.status, 404);
    let found = graph.get("/v1.0/groups?$filter=displayName eq 'Pilot'").await;
    assert_eq!(found.rows().len(), 0);
    let log = graph.emulator.calls();
    assert!(log.iter().any(|call| call.path.ends_with("/$count") && call.fault.is_some()));
}
