//! The action `assign`, the only write.

use serde_json::json;
use terraform_provider_defender::graph::types::TargetKind;
use terraform_provider_defender::graph::{Error, RequestError};

use crate::scripted_graph::Reply;
use crate::support::{PATH, POLICY, assign, error_body, groups_of, page, policies, row, start, target};

#[tokio::test]
async fn assign_sends_the_whole_set_and_returns_all_pages_of_the_new_one() {
    let (graph, client) = start().await;
    let second = format!("{}{PATH}/assign?$skiptoken=2", graph.root());
    graph.reply(page(&[row("g1")], Some(&second))).reply(page(&[row("g2")], None));
    let targets = [
        target(TargetKind::Group, "g1").with_filter("f1", "include"),
        target(TargetKind::ExclusionGroup, "g2"),
    ];
    let assignments = assign(&client, POLICY, &targets).await.unwrap();
    assert_eq!(groups_of(&assignments), ["g1", "g2"]);
    assert_eq!(assignments[0].target.kind(), Some(TargetKind::Group));

    let request = &graph.requests()[0];
    assert_eq!(request.line, format!("POST {PATH}/assign"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    let expected = json!({"assignments": [
        {"target": {
            "@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": "g1",
            "deviceAndAppManagementAssignmentFilterId": "f1", "deviceAndAppManagementAssignmentFilterType": "include",
        }},
        {"target": {"@odata.type": "#microsoft.graph.exclusionGroupAssignmentTarget", "groupId": "g2"}},
    ]});
    assert_eq!(request.json(), expected);
    assert!(graph.lines()[1].starts_with("GET "));
}

#[tokio::test]
async fn assign_sends_the_array_even_if_it_is_empty() {
    let (graph, client) = start().await;
    graph.reply(page(&[], None));
    assert_eq!(assign(&client, POLICY, &[]).await.unwrap(), []);
    assert_eq!(graph.requests()[0].json(), json!({"assignments": []}));
}

#[tokio::test]
async fn assign_refuses_to_write_an_unknown_kind_of_target() {
    let (graph, client) = start().await;
    let target = json!({"@odata.type": "#microsoft.graph.organizationalUnitAssignmentTarget"});
    let error = assign(&client, POLICY, &[serde_json::from_value(target).unwrap()]).await.unwrap_err();
    assert!(matches!(error, Error::NotSent(RequestError::UnsupportedTarget { .. })), "{error}");
    assert!(graph.requests().is_empty());
}

#[tokio::test]
async fn an_assign_whose_response_is_lost_has_an_unknown_outcome() {
    for reply in [Reply::cut(), page(&[row("g1")], None).truncated()] {
        let (graph, client) = start().await;
        graph.reply(reply);
        let error = assign(&client, POLICY, &[]).await.unwrap_err();
        assert!(matches!(error, Error::OutcomeUnknown { .. }), "{error}");
        assert!(error.may_have_taken_effect());
        assert_eq!(graph.requests().len(), 1, "a write is never retried");
    }
}

#[tokio::test]
async fn a_read_whose_connection_is_cut_is_unreadable() {
    let (graph, client) = start().await;
    graph.reply(Reply::cut());
    let error = policies(&client).get(POLICY).await.unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }), "{error}");
    assert_eq!(error.status(), None);
}

#[tokio::test]
async fn an_assign_whose_later_page_fails_has_been_written() {
    let (graph, client) = start().await;
    let second = format!("{}{PATH}/assign?$skiptoken=2", graph.root());
    graph
        .reply(page(&[row("g1")], Some(&second)))
        .reply(Reply::json(404, &error_body("ResourceNotFound", "An error has occurred")));
    let error = assign(&client, POLICY, &[]).await.unwrap_err();
    assert!(error.may_have_taken_effect(), "{error}");
    assert!(!error.is_resource_not_found(), "{error}");
    assert_eq!(error.call().unwrap().path, format!("{PATH}/assign"));
}

#[tokio::test]
async fn an_assign_answered_with_an_error_says_whether_it_may_be_in_force() {
    for (status, expected) in
        [(400, false), (404, false), (429, false), (503, true), (500, true), (504, true)]
    {
        let (graph, client) = start().await;
        graph.reply(Reply::json(status, &error_body("x", "y")));
        let error = assign(&client, POLICY, &[]).await.unwrap_err();
        assert_eq!(error.may_have_taken_effect(), expected, "{status}");
    }
}
