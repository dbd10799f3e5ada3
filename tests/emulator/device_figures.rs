//! Figures about devices: the status of a policy, the onboarding of all devices, and conflicts.

use reqwest::Method;
use serde_json::{Value, json};
use terraform_provider_defender::emulator::{Options, Tenant};

use crate::sign_in::minted;
use crate::support::*;

const ONBOARDING: &str = "advancedThreatProtectionOnboardingStateSummary";
const CONFLICTS: &str = "deviceConfigurationConflictSummary";
const NEVER: &str = "0001-01-01T00:00:00Z";

fn below(version: &str, name: &str) -> String {
    format!("/{version}/deviceManagement/{name}")
}

fn status_path(version: &str) -> String {
    format!("{}/deviceStatusOverview", policy_path(version))
}

fn put(graph: &Graph, address: &str, body: &Value) -> (u16, Value) {
    graph.emulator.control("PUT", &format!("/_emulator/{address}"), Some(body))
}

fn put_status(graph: &Graph, id: &str, body: &Value) -> (u16, Value) {
    put(graph, &format!("deviceConfigurations/{id}/deviceStatusOverview"), body)
}

/// Without what depends on the time or the address.
fn without(mut body: Value, names: &[&str]) -> Value {
    for name in names {
        body.as_object_mut().unwrap().remove(*name);
    }
    body
}

fn conflict(id: &str) -> Value {
    json!({
        "id": id,
        "conflictingDeviceConfigurations": [
            {"id": POLICY, "displayName": "Onboarding", "sourceType": "deviceConfiguration"},
            {"id": OTHER_POLICY, "displayName": "Onboarding, old"},
        ],
        "contributingSettings": ["AdvancedThreatProtectionOnboardingBlob"],
        "deviceCheckinsImpacted": 7,
    })
}

/// The tenant file spells everything as Graph does.
fn tenant_with_figures() -> Tenant {
    let status = json!({"successCount": 400, "pendingCount": 12, "configurationVersion": 1,
        "lastUpdateDateTime": "2026-11-27T08:00:00Z"});
    let policy =
        json!({"id": POLICY, "displayName": "Onboarding", "version": 3, "deviceStatusOverview": status});
    let document = json!({
        "deviceConfigurations": [policy],
        ONBOARDING: {"value": {"id": "summary", "compliantDeviceCount": 400}},
        CONFLICTS: {"value": [conflict("c1"), conflict("c2"), conflict("c3")]},
    });
    Tenant::from_json(document).unwrap()
}

#[tokio::test]
async fn the_status_of_a_new_policy_is_zero_for_its_version() {
    let graph = Graph::start();
    let answer = graph.get(&status_path("beta")).await;
    let expected = json!({
        "id": POLICY, "pendingCount": 0, "notApplicableCount": 0, "notApplicablePlatformCount": 0, "successCount": 0,
        "errorCount": 0, "failedCount": 0, "conflictCount": 0, "lastUpdateDateTime": NEVER, "configurationVersion": 1,
    });
    assert_eq!((answer.status, without(answer.body, &["@odata.context"])), (200, expected.clone()));
    let old = graph.get(&status_path("v1.0")).await.body;
    let lacking = without(expected, &["conflictCount", "notApplicablePlatformCount"]);
    assert_eq!(without(old, &["@odata.context"]), lacking);
    graph.patch(&policy_path("beta"), json!({"@odata.type": DEFENDER, "description": "x"})).await;
    assert_eq!(graph.get(&status_path("beta")).await.body["configurationVersion"], 2);
}

#[tokio::test]
async fn members_of_the_status_can_be_selected() {
    let graph = Graph::start();
    let path = format!("{}?$select=successCount,configurationVersion", status_path("beta"));
    let selected = without(graph.get(&path).await.body, &["@odata.context"]);
    assert_eq!(selected, json!({"successCount": 0, "configurationVersion": 1}));
    for path in [
        format!("{}?$select=conflictCount", status_path("v1.0")),
        format!("{}?$select=compliantCount", status_path("beta")),
        format!("{}?$filter=id eq 'x'", status_path("beta")),
    ] {
        assert_eq!(graph.get(&path).await.status, 400, "{path}");
    }
}

#[tokio::test]
async fn only_device_configurations_have_a_status() {
    let graph = Graph::start();
    let unknown = format!("/beta/deviceManagement/deviceConfigurations/{MISSING}/deviceStatusOverview");
    let answer = graph.get(&unknown).await;
    assert_eq!((answer.status, answer.code()), (404, "ResourceNotFound"));
    let catalog =
        format!("/beta/deviceManagement/configurationPolicies/{CATALOG_POLICY}/deviceStatusOverview");
    assert_eq!(graph.get(&catalog).await.code(), "No method match route template");
    let written = graph.patch(&status_path("beta"), json!({})).await;
    assert_eq!(written.code(), "No method match route template");
    assert_eq!(put_status(&graph, CATALOG_POLICY, &json!({})).0, 404);
}

#[tokio::test]
async fn test_control_sets_the_status() {
    let graph = Graph::start();
    let (status, shown) = put_status(&graph, POLICY, &json!({"successCount": 400, "conflictCount": 2}));
    assert_eq!((status, &shown["successCount"], &shown["pendingCount"]), (200, &json!(400), &json!(0)));
    let read = graph.get(&status_path("beta")).await.body;
    assert_eq!(without(read, &["@odata.context"]), shown);
    assert_ne!(shown["lastUpdateDateTime"], NEVER, "the time of the call");
    let older = json!({"configurationVersion": 1, "lastUpdateDateTime": "2026-11-27T08:00:00Z"});
    put_status(&graph, POLICY, &older);
    graph.patch(&policy_path("beta"), json!({"@odata.type": DEFENDER, "description": "x"})).await;
    let read = graph.get(&status_path("beta")).await.body;
    assert_eq!(read["configurationVersion"], 1, "the figures of the version before");
    assert_eq!(read["lastUpdateDateTime"], "2026-11-27T08:00:00Z");
}

#[tokio::test]
async fn what_is_no_figure_is_refused_and_changes_nothing() {
    let graph = Graph::start();
    for body in
        [json!({"okCount": 1}), json!({"errorCount": -1}), json!({"lastUpdateDateTime": "now"}), json!(1)]
    {
        assert_eq!(put_status(&graph, POLICY, &body).0, 400, "{body}");
    }
    for body in [json!({"okDeviceCount": 1}), json!({"errorDeviceCount": "1"}), json!([])] {
        assert_eq!(put(&graph, ONBOARDING, &body).0, 400, "{body}");
    }
    let wrong_type = json!([{"conflictingDeviceConfigurations": [{"sourceType": "policy"}]}]);
    for body in [json!({}), json!([{"settings": []}]), json!([conflict("c"), conflict("c")]), wrong_type] {
        assert_eq!(put(&graph, CONFLICTS, &body).0, 400, "{body}");
    }
    assert_eq!(graph.get(&status_path("beta")).await.body["errorCount"], 0);
    assert_eq!(graph.get(&below("beta", CONFLICTS)).await.rows().len(), 0);
}

#[tokio::test]
async fn the_onboarding_of_all_devices_is_inside_of_value_or_not() {
    let graph = Graph::start();
    let (status, shown) =
        put(&graph, ONBOARDING, &json!({"compliantDeviceCount": 400, "errorDeviceCount": 2}));
    assert_eq!((status, shown.as_object().unwrap().len()), (200, 9));
    let path = below("beta", ONBOARDING);
    let wrapped = graph.get(&path).await;
    assert_eq!((wrapped.status, &wrapped.body["value"]), (200, &shown));
    assert_eq!(wrapped.body.get("compliantDeviceCount"), None);
    let selected = graph.get(&format!("{path}?$select=errorDeviceCount")).await.body;
    assert_eq!(selected["value"], json!({"errorDeviceCount": 2}));
    graph.emulator.control("PUT", "/_emulator/semantics", Some(&json!({"onboardingSummary": "entity"})));
    assert_eq!(without(graph.get(&path).await.body, &["@odata.context"]), shown);
    assert_eq!(graph.get(&format!("{path}?$select=okDeviceCount")).await.status, 400);
}

#[tokio::test]
async fn the_figures_of_the_tenant_are_in_beta_only() {
    let graph = Graph::start();
    for name in [ONBOARDING, CONFLICTS] {
        let answer = graph.get(&below("v1.0", name)).await;
        assert!(answer.message().contains(&format!("segment '{name}'")), "{}", answer.message());
        let written = graph.post(&below("beta", name), json!({})).await;
        assert_eq!(written.code(), "No method match route template");
    }
}

#[tokio::test]
async fn conflicts_are_listed_in_pages() {
    let options = Options { page_size: Some(2), ..Options::default() };
    let graph = Graph::with(tenant_with_figures(), options);
    let path = below("beta", CONFLICTS);
    let first = graph.get(&path).await;
    let second = graph.get(first.next_link().unwrap()).await;
    assert_eq!((first.rows().len(), second.rows().len(), second.next_link()), (2, 1, None));
    let (status, shown) = put(&graph, CONFLICTS, &json!([conflict("c4")]));
    assert_eq!((status, &shown), (200, &json!([conflict("c4")])));
    assert_eq!(graph.get(&path).await.body["value"], shown, "a source type that is not known is left out");
    let selected = graph.get(&format!("{path}?$select=deviceCheckinsImpacted&$top=1")).await;
    assert_eq!(selected.rows(), &vec![json!({"deviceCheckinsImpacted": 7})]);
    assert_eq!(graph.get(&format!("{path}?$filter=id eq 'c4'")).await.status, 400);
}

#[tokio::test]
async fn a_tenant_file_has_figures_and_a_reset_restores_them() {
    let graph = Graph::with(tenant_with_figures(), Options::default());
    put_status(&graph, POLICY, &json!({}));
    put(&graph, ONBOARDING, &json!({}));
    put(&graph, CONFLICTS, &json!([]));
    graph.emulator.control("POST", "/_emulator/reset", None);
    let status = graph.get(&status_path("beta")).await.body;
    assert_eq!((&status["successCount"], &status["configurationVersion"]), (&json!(400), &json!(1)));
    assert_eq!(graph.get(&policy_path("beta")).await.body.get("deviceStatusOverview"), None);
    let onboarding = graph.get(&below("beta", ONBOARDING)).await.body;
    assert_eq!(onboarding["value"]["compliantDeviceCount"], 400);
    assert_eq!(onboarding["value"]["id"], "summary");
    assert_eq!(graph.get(&below("beta", CONFLICTS)).await.each("id"), ["c1", "c2", "c3"]);
}

#[test]
fn mistakes_in_figures_of_a_tenant_file_are_named_with_their_place() {
    let policy = json!({"displayName": "P", "deviceStatusOverview": {"okCount": 1}});
    for (document, place) in [
        (json!({"deviceConfigurations": [policy]}), "deviceConfigurations[0].deviceStatusOverview.okCount: "),
        (
            json!({ONBOARDING: {"value": {"okDeviceCount": 1}}}),
            "advancedThreatProtectionOnboardingStateSummary.value.",
        ),
        (json!({CONFLICTS: [conflict("c"), conflict("c")]}), "deviceConfigurationConflictSummary[1].id: "),
    ] {
        let error = Tenant::from_json(document).unwrap_err().to_string();
        assert!(error.starts_with(place), "{error}");
    }
}

#[tokio::test]
async fn figures_need_the_permission_for_device_configurations() {
    let graph = Graph::start();
    for path in [status_path("beta"), below("beta", ONBOARDING), below("beta", CONFLICTS)] {
        for (role, status) in [
            ("DeviceManagementConfiguration.Read.All", 200),
            ("DeviceManagementConfiguration.ReadWrite.All", 200),
            ("DeviceManagementManagedDevices.Read.All", 403),
            ("GroupMember.Read.All", 403),
        ] {
            let token = minted(&json!({"roles": [role]}));
            let answer = send(graph.anonymous(Method::GET, &path).bearer_auth(token)).await;
            assert_eq!(answer.status, status, "{path} {role}");
        }
    }
}

#[tokio::test]
async fn figures_are_read_in_a_batch_with_faults_and_are_logged() {
    let graph = Graph::start();
    let item =
        |id: &str, path: String| json!({"id": id, "method": "GET", "url": path.replacen("/beta", "", 1)});
    graph.emulator.faults(&json!([{"match": {"path": CONFLICTS}, "status": 503}])).unwrap();
    let requests = json!([
        item("status", status_path("beta")),
        item("onboarding", below("beta", ONBOARDING)),
        item("conflicts", below("beta", CONFLICTS))
    ]);
    let answer = graph.post("/beta/$batch", json!({"requests": requests})).await;
    for response in answer.body["responses"].as_array().unwrap() {
        let expected = if response["id"] == "conflicts" { 503 } else { 200 };
        assert_eq!(response["status"], expected, "{response}");
    }
    graph.emulator.faults(&json!([{"match": {"path": POLICY}, "hide": 1}])).unwrap();
    assert_eq!(graph.get(&status_path("beta")).await.status, 404);
    assert_eq!(graph.get(&status_path("beta")).await.status, 200);
    let logged: Vec<u16> = graph.emulator.calls().iter().map(|call| call.status).collect();
    assert_eq!(logged.len(), 6, "{logged:?}");
}

#[tokio::test]
async fn figures_count_against_the_limits_of_intune() {
    let graph = Graph::start();
    for path in
        [status_path("beta"), below("beta", ONBOARDING), below("beta", CONFLICTS), "/v1.0/groups".into()]
    {
        graph.get(&path).await;
    }
    let (_, log) = graph.emulator.control("GET", "/_emulator/calls", None);
    assert_eq!(log["counters"]["requests"], 3);
}
