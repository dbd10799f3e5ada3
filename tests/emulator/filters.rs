//! Assignment filters, which exist in beta only.

use serde_json::json;

use crate::support::*;

const FILTERS: &str = "/beta/deviceManagement/assignmentFilters";

#[tokio::test]
async fn v1_has_no_assignment_filters() {
    let graph = Graph::start();
    let answer = graph.get("/v1.0/deviceManagement/assignmentFilters").await;
    assert_eq!(answer.status, 400);
    assert!(answer.message().starts_with("Resource not found for the segment 'assignmentFilters'."));
}

#[tokio::test]
async fn a_filter_shows_where_it_is_used_and_cannot_be_deleted_then() {
    let graph = Graph::start();
    assert_eq!(graph.get(&format!("{FILTERS}/{MISSING}")).await.status, 404);
    assert_eq!(graph.get(FILTERS).await.each("platform"), ["iOS", "windows10AndLater"]);
    graph.assign(json!([filtered(all("allDevices"), CORPORATE, "exclude")])).await;
    let path = format!("{FILTERS}/{CORPORATE}");
    let expected = json!([{
        "payloadId": POLICY, "payloadType": "deviceConfigurationAndCompliance", "groupId": ALL_DEVICES,
        "assignmentFilterType": "exclude",
    }]);
    assert_eq!(graph.get(&path).await.body["payloads"], expected);
    let refused = graph.delete(&path).await;
    assert_eq!(refused.status, 400);
    assert!(refused.message().contains("existing assignments"), "{}", refused.message());
    graph.assign(json!([])).await;
    assert_eq!(graph.delete(&path).await.status, 204);
    assert_eq!(graph.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_filter_is_created_with_name_platform_and_rule() {
    let graph = Graph::start();
    for body in [
        json!({"displayName": "New", "rule": "x"}),
        json!({"displayName": "New", "rule": "x", "platform": "windows"}),
        json!({"displayName": "New", "platform": "windows10AndLater"}),
        json!({"displayName": "New", "platform": "windows10AndLater", "rule": "x", "roleScopeTagIds": ["0"]}),
    ] {
        assert_eq!(graph.post(FILTERS, body).await.status, 400);
    }
    let body =
        json!({"displayName": "New", "platform": "windows10AndLater", "rule": "(device.model -eq \"X\")"});
    let created = graph.post(FILTERS, body).await;
    assert_eq!((created.status, &created.body["assignmentFilterManagementType"]), (201, &json!("devices")));
    let id = created.body["id"].as_str().unwrap();
    assert_eq!(graph.assign(json!([filtered(group(PILOT), id, "include")])).await.status, 200);
}
