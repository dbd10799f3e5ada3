//! The connector between Intune and Defender for Endpoint, and what it refuses.

use serde_json::{Value, json};
use terraform_provider_defender::emulator::{Options, Tenant};

use crate::support::*;

const DEFENDER: &str = "fc780465-2017-40d4-a0c5-307022471b92";
const PATH: &str = "/beta/deviceManagement/mobileThreatDefenseConnectors";
const POLICIES: &str = "/beta/deviceManagement/deviceConfigurations";

fn graph(connectors: &Value) -> Graph {
    let document = json!({"deviceConfigurations": [], "mobileThreatDefenseConnectors": connectors});
    Graph::with(Tenant::from_json(document).unwrap(), Options::default())
}

fn policy(more: &Value) -> Value {
    let mut policy = json!({
        "@odata.type": "#microsoft.graph.windowsDefenderAdvancedThreatProtectionConfiguration", "displayName": "MDE",
    });
    policy.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    policy
}

#[tokio::test]
async fn a_connector_is_listed_and_set() {
    let graph = graph(&json!([{"id": DEFENDER, "partnerState": "available"}]));
    assert_eq!(graph.get(PATH).await.each("partnerState"), ["available"]);
    let enabled = json!([{"id": DEFENDER, "partnerState": "enabled"}]);
    let (status, _) =
        graph.emulator.control("PUT", "/_emulator/mobileThreatDefenseConnectors", Some(&enabled));
    assert_eq!(status, 200);
    assert_eq!(graph.get(&format!("{PATH}/{DEFENDER}")).await.body["partnerState"], "enabled");
    assert_eq!(graph.get(&format!("{PATH}/{POLICY}")).await.status, 404);
    let wrong = json!([{"id": DEFENDER, "partnerState": "on"}]);
    let (status, _) = graph.emulator.control("PUT", "/_emulator/mobileThreatDefenseConnectors", Some(&wrong));
    assert_eq!(status, 400);
}

#[tokio::test]
async fn an_enabled_connector_refuses_a_blob_of_a_client() {
    let blob = json!({"advancedThreatProtectionOnboardingBlob": "x"});
    for (state, status) in [("enabled", 400), ("unresponsive", 201)] {
        let graph = graph(&json!([{"id": DEFENDER, "partnerState": state}]));
        assert_eq!(graph.post(POLICIES, policy(&blob)).await.status, status, "{state}");
        let made = graph.post(POLICIES, policy(&json!({}))).await;
        let path = format!("{POLICIES}/{}", made.body["id"].as_str().unwrap());
        let patched = graph.patch(&path, policy(&blob)).await;
        assert_eq!(patched.status, if status == 400 { 400 } else { 204 }, "{state}");
        let cleared = json!({"advancedThreatProtectionOnboardingBlob": null});
        assert_eq!(graph.patch(&path, policy(&cleared)).await.status, 204, "{state}");
    }
}
