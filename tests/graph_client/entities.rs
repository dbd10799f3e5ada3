//! The calls of the entities.

use serde_json::json;
use terraform_provider_defender::graph::{Error, GroupId, ResponseProblem};

use crate::support::{
    PATH, POLICY, batch_response, error_body, groups_of, intune_message, item, page, policies, policy, row,
    start,
};

#[tokio::test]
async fn policy_assignments_and_groups_come_in_one_batch_and_further_pages_after_it() {
    let (graph, client) = start().await;
    let second = format!("{}{PATH}/assignments?$skiptoken=2", graph.root());
    let group = json!({"@odata.type": "#microsoft.graph.group", "id": "g1", "displayName": "Pilot"});
    graph
        .reply(batch_response(&[
            item("2", 200, &json!({"value": [row("g1")], "@odata.nextLink": second})),
            item("3", 200, &json!({"value": [group]})),
            item("1", 200, &policy()),
        ]))
        .reply(page(&[row("g2")], None));
    let found = policies(&client).get_for_assignment(POLICY, &[GroupId::new("g1"), GroupId::new("g2")]).await;
    assert_eq!(
        found.policy.unwrap().type_name(),
        Some("windowsDefenderAdvancedThreatProtectionConfiguration")
    );
    assert_eq!(groups_of(&found.assignments.unwrap()), ["g1", "g2"]);
    assert_eq!(found.groups.unwrap()[0].display_name.as_deref(), Some("Pilot"));

    assert_eq!(graph.lines(), ["POST /beta/$batch".into(), format!("GET {PATH}/assignments?$skiptoken=2")]);
    let by_ids = &graph.requests()[0].json()["requests"][2];
    assert_eq!(by_ids["url"], "/directoryObjects/getByIds");
    assert_eq!(by_ids["body"], json!({"ids": ["g1", "g2"], "types": ["group"]}));
    assert_eq!(by_ids["headers"]["Content-Type"], "application/json");
}

#[tokio::test]
async fn each_part_of_the_batch_has_its_own_error() {
    let (graph, client) = start().await;
    graph.reply(batch_response(&[
        item("1", 404, &error_body("ResourceNotFound", &intune_message("An error has occurred"))),
        item("2", 200, &json!({})),
        item("3", 403, &error_body("Authorization_RequestDenied", "Insufficient privileges")),
    ]));
    let found = policies(&client).get_for_assignment(POLICY, &[GroupId::new("g1")]).await;
    assert!(found.policy.unwrap_err().is_resource_not_found());
    assert!(matches!(found.assignments, Err(Error::Undocumented { problem: ResponseProblem::NoValue, .. })));
    assert!(found.groups.unwrap_err().is_forbidden());
}

#[tokio::test]
async fn no_groups_are_requested_without_ids() {
    let (graph, client) = start().await;
    graph.reply(batch_response(&[item("1", 200, &policy()), item("2", 200, &json!({"value": []}))]));
    let found = policies(&client).get_for_assignment(POLICY, &[]).await;
    assert_eq!(found.groups.unwrap(), []);
    assert_eq!(client.get_groups_by_ids(&[]).await.unwrap(), []);
    assert_eq!(graph.requests().len(), 1);
}

#[tokio::test]
async fn groups_by_ids_go_through_the_stable_version_and_other_objects_are_left_out() {
    let (graph, client) = start().await;
    let user = json!({"@odata.type": "#microsoft.graph.user", "id": "u"});
    graph.reply(page(&[json!({"id": "g1", "displayName": null}), user], None));
    let groups = client.get_groups_by_ids(&[GroupId::new("g1"), GroupId::new("gone")]).await.unwrap();
    assert_eq!(groups.iter().map(|group| group.id.as_str()).collect::<Vec<_>>(), ["g1"]);
    assert_eq!(graph.lines(), ["POST /v1.0/directoryObjects/getByIds"]);
}

#[tokio::test]
async fn assignment_filters_are_listed_with_their_platform() {
    let (graph, client) = start().await;
    let filter = json!({
        "id": "f1", "displayName": "Corporate", "platform": "windows10AndLater", "rule": "x", "payloads": null,
        "assignmentFilterManagementType": "devices",
    });
    graph.reply(page(&[filter], None));
    let filters = client.list_assignment_filters().await.unwrap();
    assert!(filters[0].is_for_windows());
    assert_eq!(graph.lines(), ["GET /beta/deviceManagement/assignmentFilters"]);
}
