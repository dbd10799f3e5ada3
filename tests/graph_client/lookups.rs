//! Look-ups by name, counts of members, lists of policies and what Intune reports about rollouts.

use serde_json::{Value, json};
use terraform_provider_defender::graph::groups::MemberType;
use terraform_provider_defender::graph::types::DeviceConfiguration;

use crate::scripted_graph::Reply;
use crate::support::{PATH, POLICY, batch_response, error_body, item, page, policy, start};

const EDR_LIST: &str = "GET /beta/deviceManagement/configurationPolicies?";

#[tokio::test]
async fn a_name_is_quoted_and_encoded() {
    let (graph, client) = start().await;
    graph.reply(page(&[json!({"id": "g1", "displayName": "O'Brien & Zoë"})], None));
    let found = client.find_groups("O'Brien & Zoë").await.unwrap();
    assert_eq!((found.len(), found[0].display_name.as_deref()), (1, Some("O'Brien & Zoë")));
    let request = &graph.requests()[0];
    assert_eq!(
        request.line,
        "GET /v1.0/groups?$filter=displayName%20eq%20%27O%27%27Brien%20%26%20Zo%C3%AB%27\
         &$select=id,displayName,securityEnabled,groupTypes,membershipRule"
    );
    assert_eq!(request.header("consistencylevel"), Some("eventual"));
}

#[tokio::test]
async fn a_count_is_a_number_in_any_form() {
    let (graph, client) = start().await;
    let count = async || client.count_transitive_members("g1", MemberType::Device).await;
    for body in ["412", "\u{feff}412"] {
        graph.reply(Reply::bytes(200, body.into()).header("Content-Type", "text/plain"));
        assert_eq!(count().await.unwrap(), 412, "{body:?}");
    }
    assert_eq!(graph.lines()[0], "GET /v1.0/groups/g1/transitiveMembers/microsoft.graph.device/$count");
    for body in ["", "-1", "12.5", "many", "<html>412</html>", "{\"value\": 412}"] {
        graph.reply(Reply::bytes(200, body.into()).header("Content-Type", "text/plain"));
        assert!(count().await.is_err(), "{body:?}");
    }
}

#[tokio::test]
async fn counts_share_a_batch_of_their_own_version() {
    let (graph, client) = start().await;
    graph.reply(batch_response(&[item("1", 200, &json!(7)), item("2", 200, &json!("\u{feff}8"))]));
    let (devices, users) = tokio::join!(
        client.count_transitive_members("g1", MemberType::Device),
        client.count_transitive_members("g1", MemberType::User)
    );
    assert_eq!((devices.unwrap(), users.unwrap()), (7, 8));
    let request = &graph.requests()[0];
    assert_eq!(request.line, "POST /v1.0/$batch");
    assert_eq!(request.json()["requests"][1]["headers"], json!({"ConsistencyLevel": "eventual"}));
}

#[tokio::test]
async fn a_group_that_does_not_exist_is_recognized() {
    let (graph, client) = start().await;
    graph.reply(Reply::json(404, &error_body("Request_ResourceNotFound", "gone")));
    assert!(client.get_group("g1").await.unwrap_err().is_directory_object_not_found());
    graph.reply(Reply::json(404, &error_body("ResourceNotFound", "no route")));
    assert!(!client.get_group("g1").await.unwrap_err().is_directory_object_not_found());
}

#[tokio::test]
async fn a_large_directory_is_not_listed() {
    let (graph, client) = start().await;
    let next = |number: usize| format!("{}/v1.0/groups?$skiptoken={number}", graph.root());
    let group = |number: usize| json!({"id": format!("g{number}"), "displayName": "x"});
    for number in 0..3 {
        graph.reply(page(&[group(number)], Some(&next(number))));
    }
    graph.reply(page(&[group(3)], None));
    assert_eq!(client.list_groups().await.unwrap().len(), 4);
    for number in 10..15 {
        graph.reply(page(&[group(number)], Some(&next(number))));
    }
    assert_eq!(client.list_groups().await.unwrap(), []);
}

#[tokio::test]
async fn the_list_of_onboarding_policies_drops_other_types_and_an_option_that_is_refused() {
    let (graph, client) = start().await;
    let other =
        json!({"@odata.type": "#microsoft.graph.windows10GeneralConfiguration", "id": "x", "version": "odd"});
    graph
        .reply(Reply::json(400, &error_body("BadRequest", "$top")))
        .reply(page(&[other, policy(), json!({"id": "untyped"})], None));
    let found = client.list_atp_configurations().await.unwrap();
    assert_eq!((found.len(), found[0].id.as_str()), (1, POLICY));
    assert_eq!(graph.lines().len(), 2);

    graph.reply(Reply::json(200, &policy()));
    let DeviceConfiguration::Atp(found) = client.get_device_configuration(POLICY).await.unwrap() else {
        panic!()
    };
    assert_eq!(found.version, Some(1));
    assert_eq!(graph.lines()[2], format!("GET {PATH}"));
}

fn edr(id: &str, more: &Value) -> Value {
    let mut policy = json!({"id": id, "name": id,
        "templateReference": {"templateFamily": "endpointSecurityEndpointDetectionAndResponse"}});
    policy.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    policy
}

#[tokio::test]
async fn the_list_of_edr_policies_drops_what_the_service_refuses_and_other_families() {
    let (graph, client) = start().await;
    let refused = || Reply::json(400, &error_body("BadRequest", "x"));
    let antivirus = json!({"id": "a", "templateReference": {"templateFamily": "endpointSecurityAntivirus"}});
    graph.reply(refused()).reply(refused()).reply(page(&[antivirus, edr("p", &json!({}))], None));
    let found = client.list_edr_policies().await.unwrap();
    assert_eq!((found.len(), found[0].id.as_str()), (1, "p"));
    let filter = "$filter=templateReference%2FtemplateFamily%20eq%20%27endpointSecurityEndpointDetectionAndResponse%27";
    assert_eq!(graph.lines()[0], format!("{EDR_LIST}{filter}&$expand=settings"));
    assert_eq!(graph.lines()[1], format!("{EDR_LIST}{filter}"));
}

#[tokio::test]
async fn settings_that_a_policy_lacks_are_fetched() {
    let (graph, client) = start().await;
    let complete = edr("p", &json!({"settingCount": 1, "settings": [{}]}));
    let incomplete = edr("q", &json!({"settingCount": 2, "settings": [{}]}));
    graph.reply(page(&[complete, incomplete], None)).reply(page(&[json!({}), json!({})], None));
    let found = client.list_edr_policies().await.unwrap();
    for policy in found {
        client.with_settings(policy).await.unwrap();
    }
    assert_eq!(
        graph.lines()[1..],
        ["GET /beta/deviceManagement/configurationPolicies/q/settings".to_owned()]
    );
}

#[tokio::test]
async fn the_onboarding_summary_comes_wrapped_or_plain_and_never_empty() {
    let (graph, client) = start().await;
    let summary =
        json!({"compliantDeviceCount": 40, "nonCompliantDeviceCount": 7, "unknownDeviceCount": null});
    for body in [json!({"value": summary}), summary] {
        graph.reply(Reply::json(200, &body));
        let found = client.get_onboarding_state_summary().await.unwrap();
        assert_eq!((found.compliant_device_count, found.unknown_device_count), (40, None));
    }
    for body in [json!({}), json!({"value": []}), json!({"value": {}})] {
        graph.reply(Reply::json(200, &body));
        assert!(client.get_onboarding_state_summary().await.is_err(), "{body}");
    }
}

#[tokio::test]
async fn a_status_without_counts_is_an_error() {
    let (graph, client) = start().await;
    let whole = json!({"pendingCount": 1, "successCount": 2, "errorCount": 3, "failedCount": 4});
    graph.reply(Reply::json(200, &whole)).reply(Reply::json(200, &json!({"pendingCount": 1})));
    assert_eq!(client.get_status_overview(POLICY).await.unwrap().success_count, 2);
    assert!(client.get_status_overview(POLICY).await.is_err());
    assert_eq!(graph.lines()[0], format!("GET {PATH}/deviceStatusOverview"));
}
