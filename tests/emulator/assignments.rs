//! The navigation property `assignments`: listing, adding and removing single rows.

use serde_json::json;

use crate::support::*;

fn rows_path(version: &str) -> String {
    format!("{}/assignments", policy_path(version))
}

#[tokio::test]
async fn rows_of_an_unknown_policy_are_404() {
    let graph = Graph::start();
    let path = format!("/beta/deviceManagement/deviceConfigurations/{MISSING}/assignments");
    for answer in [
        graph.get(&path).await,
        graph.post(&path, group(PILOT)).await,
        graph.get(&format!("{path}/x")).await,
        graph.delete(&format!("{path}/x")).await,
    ] {
        assert_eq!((answer.status, answer.code()), (404, "ResourceNotFound"));
    }
}

#[tokio::test]
async fn verbs_that_the_collection_does_not_have_are_route_errors() {
    let graph = Graph::start();
    graph.assign(json!([group(PILOT)])).await;
    let row = format!("{}/{POLICY}_{PILOT}", rows_path("beta"));
    for answer in [
        graph.patch(&row, group(STAFF)).await,
        graph.post(&row, group(STAFF)).await,
        graph.delete(&rows_path("beta")).await,
    ] {
        assert_eq!((answer.status, answer.code()), (400, "No method match route template"));
    }
}

#[tokio::test]
async fn a_row_is_added_read_and_removed_singly() {
    let graph = Graph::start();
    assert_eq!(graph.post(&rows_path("beta"), group("x")).await.status, 400);
    assert_eq!(
        graph.post(&rows_path("v1.0"), filtered(group(PILOT), CORPORATE, "include")).await.status,
        400
    );
    let added = graph.post(&rows_path("beta"), group(PILOT)).await;
    let id = format!("{POLICY}_{PILOT}");
    assert_eq!((added.status, &added.body["id"]), (201, &json!(id)));
    assert_eq!(graph.post(&rows_path("beta"), exclusion(PILOT)).await.status, 400, "the id is taken");
    assert_eq!(graph.post(&rows_path("beta"), group(STAFF)).await.status, 201);
    assert_eq!(graph.targets().await.len(), 2);

    let row = format!("{}/{id}", rows_path("beta"));
    assert_eq!(graph.get(&row).await.body["target"]["groupId"], PILOT);
    assert_eq!(graph.get(&format!("{}('{id}')", rows_path("beta"))).await.status, 200);
    assert_eq!(graph.delete(&row).await.status, 204);
    assert_eq!(graph.get(&row).await.status, 404);
    assert_eq!(graph.delete(&row).await.status, 404);
    assert_eq!(graph.targets().await.len(), 1);
}

#[tokio::test]
async fn a_row_of_a_policy_set_cannot_be_removed_but_its_direct_twin_can() {
    let graph = Graph::start();
    let inherited = json!({"target": group(PILOT)["target"], "source": "policySets", "sourceId": MISSING});
    let put = format!("/_emulator/deviceConfigurations/{POLICY}/assignments");
    graph.emulator.control("PUT", &put, Some(&json!([inherited, group(PILOT)])));
    let row = format!("{}/{POLICY}_{PILOT}", rows_path("beta"));
    assert_eq!(graph.delete(&row).await.status, 204);
    assert_eq!(graph.delete(&row).await.status, 400);
    assert_eq!(graph.get(&rows_path("beta")).await.each("source"), ["policySets"]);
}

#[tokio::test]
async fn v1_lists_id_and_target_only() {
    let graph = Graph::start();
    graph.assign(json!([filtered(group(PILOT), CORPORATE, "include")])).await;
    let answer = graph.get(&rows_path("v1.0")).await;
    let target = json!({"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": PILOT});
    assert_eq!(*answer.rows(), [json!({"id": format!("{POLICY}_{PILOT}"), "target": target})]);
}

#[tokio::test]
async fn members_are_selected_by_names_that_exist() {
    let graph = Graph::start();
    graph.assign(json!([group(PILOT)])).await;
    assert_eq!(graph.get(&format!("{}?$select=source", rows_path("v1.0"))).await.status, 400);
    assert_eq!(graph.get(&format!("{}?$filter=id eq 'x'", rows_path("beta"))).await.status, 400);
    let answer = graph.get(&format!("{}?$select=id,source", rows_path("beta"))).await;
    assert_eq!(*answer.rows(), [json!({"id": format!("{POLICY}_{PILOT}"), "source": "direct"})]);
}
