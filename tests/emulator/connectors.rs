//! Connectors of threat defense partners, and what Defender's connector changes for onboarding blobs.

use serde_json::{Value, json};
use terraform_provider_defender::emulator::{Options, Tenant};

use crate::sign_in::minted;
use crate::support::*;

const COLLECTION: &str = "mobileThreatDefenseConnectors";
const POLICIES: &str = "/beta/deviceManagement/deviceConfigurations";
const BLOB: &str = "advancedThreatProtectionOnboardingBlob";
const AUTO: &str = "advancedThreatProtectionAutoPopulateOnboardingBlob";

fn path(version: &str) -> String {
    format!("/{version}/deviceManagement/{COLLECTION}")
}

fn put(graph: &Graph, body: &Value) -> (u16, Value) {
    graph.emulator.control("PUT", &format!("/_emulator/{COLLECTION}"), Some(body))
}

fn set_state(graph: &Graph, id: &str, state: &str) {
    let (status, shown) = put(graph, &json!([{"id": id, "partnerState": state}]));
    assert_eq!((status, &shown[0]["partnerState"]), (200, &json!(state)));
}

fn policy(name: &str, value: impl Into<Value>) -> Value {
    json!({"@odata.type": DEFENDER, "displayName": "New", name: value.into()})
}

async fn statuses(graph: &Graph, body: &Value) -> [u16; 2] {
    let created = graph.post(POLICIES, body.clone()).await;
    [created.status, graph.patch(&policy_path("beta"), body.clone()).await.status]
}

#[tokio::test]
async fn a_tenant_has_no_connectors_until_they_are_set() {
    let graph = Graph::with(Tenant::default(), Options::default());
    for version in ["v1.0", "beta"] {
        let answer = graph.get(&path(version)).await;
        assert_eq!((answer.status, answer.rows().len()), (200, 0));
        let missing = graph.get(&format!("{}/{CONNECTOR}", path(version))).await;
        assert_eq!((missing.status, missing.code()), (404, "ResourceNotFound"));
    }
    set_state(&graph, CONNECTOR, "unresponsive");
    assert_eq!(graph.get(&path("beta")).await.each("partnerState"), ["unresponsive"]);
    graph.emulator.control("POST", "/_emulator/reset", None);
    assert_eq!(graph.get(&path("beta")).await.rows().len(), 0);
}

#[tokio::test]
async fn a_connector_is_shown_with_the_members_of_its_version() {
    let row = json!({
        "@odata.type": "#microsoft.graph.mobileThreatDefenseConnector", "id": CONNECTOR.to_uppercase(),
        "partnerState": "enabled", "lastHeartbeatDateTime": "2026-11-27T08:00:00Z", "windowsEnabled": true,
        "partnerUnresponsivenessThresholdInDays": 3, "macEnabled": true,
    });
    let tenant = Tenant::from_json(json!({COLLECTION: {"value": [row]}})).unwrap();
    let graph = Graph::with(tenant, Options::default());
    let shown = graph.get(&format!("{}('{CONNECTOR}')", path("beta"))).await.body;
    for (name, value) in [
        ("id", json!(CONNECTOR)),
        ("partnerState", json!("enabled")),
        ("lastHeartbeatDateTime", json!("2026-11-27T08:00:00Z")),
        ("windowsEnabled", json!(true)),
        ("microsoftDefenderForEndpointAttachEnabled", json!(false)),
        ("partnerUnresponsivenessThresholdInDays", json!(3)),
        ("macEnabled", json!(true)),
    ] {
        assert_eq!(shown[name], value, "{name}");
    }
    assert_eq!(shown.get("displayName"), None);
    let old = graph.get(&path("v1.0")).await;
    assert_eq!(old.rows()[0].as_object().unwrap().len(), 16);
    assert_eq!(old.rows()[0].get("macEnabled"), None);
    let selected = graph.get(&format!("{}?$select=id,partnerState", path("v1.0"))).await;
    assert_eq!(*selected.rows(), [json!({"id": CONNECTOR, "partnerState": "enabled"})]);
    assert_eq!(graph.get(&format!("{}?$select=displayName", path("beta"))).await.status, 400);
    assert_eq!(graph.get(&format!("{}?$filter=id eq 'x'", path("beta"))).await.status, 400);
    assert_eq!(graph.post(&path("beta"), json!({})).await.status, 400, "connectors are only read");
}

#[tokio::test]
async fn a_slip_in_a_connector_is_refused_with_its_place() {
    let graph = Graph::start();
    let row = json!({"id": CONNECTOR, "partnerState": "enabled"});
    for (body, part) in [
        (json!({}), "An array of connectors"),
        (json!([{"partnerState": "enabled"}]), "[0].id: "),
        (json!([{"id": CONNECTOR}]), "[0].partnerState: "),
        (json!([{"id": CONNECTOR, "partnerState": "on"}]), "[0].partnerState: "),
        (
            json!([{"id": CONNECTOR, "partnerState": "enabled", "displayName": "Defender"}]),
            "[0].displayName: ",
        ),
        (json!([row, row]), "[1].id: "),
    ] {
        let (status, answer) = put(&graph, &body);
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(status == 400 && message.starts_with(part), "{message}");
    }
    assert_eq!(graph.get(&path("beta")).await.each("partnerState"), ["available"]);
}

#[tokio::test]
async fn connectors_need_a_permission_of_their_own() {
    let graph = Graph::start();
    for (role, status) in [
        ("DeviceManagementServiceConfig.Read.All", 200),
        ("DeviceManagementServiceConfig.ReadWrite.All", 200),
        ("DeviceManagementConfiguration.Read.All", 403),
        ("DeviceManagementConfiguration.ReadWrite.All", 403),
    ] {
        let token = minted(&json!({"roles": [role]}));
        for path in [path("v1.0"), format!("{}/{CONNECTOR}", path("beta"))] {
            let request = graph.anonymous(reqwest::Method::GET, &path).bearer_auth(&token);
            assert_eq!(send(request).await.status, status, "{role}");
        }
    }
}

#[tokio::test]
async fn a_blob_is_refused_only_while_the_connector_of_defender_is_enabled() {
    let graph = Graph::start();
    let other = "c2b688fe-48c0-464b-a89c-67041aa8fcb2";
    for (id, state, status) in [
        (CONNECTOR, "unavailable", [201, 204]),
        (CONNECTOR, "available", [201, 204]),
        (CONNECTOR, "unresponsive", [201, 204]),
        (other, "enabled", [201, 204]),
        (CONNECTOR, "enabled", [400, 400]),
    ] {
        set_state(&graph, id, state);
        assert_eq!(statuses(&graph, &policy(BLOB, "x")).await, status, "{id} {state}");
    }
    let refused = graph.post(POLICIES, policy(BLOB, "x")).await;
    assert!(
        refused.code() == "BadRequest" && refused.message().contains("connector"),
        "{}",
        refused.message()
    );
}

/// The policy got its blob before Intune was connected.
#[tokio::test]
async fn a_policy_with_an_older_blob_can_be_changed_while_the_connector_is_enabled() {
    let graph = Graph::start();
    let path = policy_path("beta");
    assert_eq!(graph.patch(&path, policy(BLOB, "x")).await.status, 204);
    let before = graph.get(&path).await.body;
    set_state(&graph, CONNECTOR, "enabled");
    assert_eq!(
        graph.patch(&path, json!({"@odata.type": DEFENDER, "displayName": "Newer"})).await.status,
        204
    );
    let read = graph.get(&path).await.body;
    assert_eq!((&read["displayName"], &read[BLOB]), (&json!("Newer"), &before[BLOB]));
    assert_eq!(graph.patch(&path, policy(AUTO, true)).await.status, 400, "there would be two blobs");
    let change = json!({"@odata.type": DEFENDER, AUTO: true, BLOB: null});
    assert_eq!(graph.patch(&path, change).await.status, 204);
    assert_eq!(graph.get(&path).await.body[BLOB], Value::Null);
    assert_eq!(statuses(&graph, &policy("advancedThreatProtectionOffboardingBlob", "x")).await, [201, 204]);
}

#[tokio::test]
async fn auto_populate_without_a_connector_is_accepted_or_by_choice_refused() {
    for (choice, status) in [("accept", [201, 204]), ("refuse", [400, 400])] {
        let graph = Graph::start();
        let choices = json!({"autoPopulateWithoutConnector": choice});
        graph.emulator.control("PUT", "/_emulator/semantics", Some(&choices));
        assert_eq!(statuses(&graph, &policy(AUTO, true)).await, status, "{choice}");
        assert_eq!(statuses(&graph, &policy(AUTO, false)).await, [201, 204], "{choice}");
        set_state(&graph, CONNECTOR, "enabled");
        assert_eq!(statuses(&graph, &policy(AUTO, true)).await, [201, 204], "{choice}");
    }
}
