//! `configurationPolicies`: what differs from device configurations. What both have in common is tested with the latter.

use reqwest::Method;
use serde_json::{Value, json};
use terraform_provider_defender::emulator::{Options, Tenant};

use crate::support::*;

const EDR: &str = "0b8a3d5e-5c0f-4a55-9a07-3a1d0a5c6e01";
const DEFENDER_SCOPED: &str = "0b8a3d5e-5c0f-4a55-9a07-3a1d0a5c6e02";
const ANTIVIRUS: &str = "0b8a3d5e-5c0f-4a55-9a07-3a1d0a5c6e03";
const ROOT: &str = "/beta/deviceManagement/configurationPolicies";
const TEMPLATE: &str = "0385b795-0f2f-44ac-8602-9f65bf6adede_1";
const TYPE: &str = "device_vendor_msft_windowsadvancedthreatprotection_configurationtype";

fn graph() -> Graph {
    graph_with(Options::default())
}

fn graph_with(options: Options) -> Graph {
    let antivirus = json!({"templateId": "804339ad-1553-4478-a742-138fb5807418_1",
        "templateFamily": "endpointSecurityAntivirus", "templateDisplayName": "Microsoft Defender Antivirus"});
    let document = json!({
        "configurationPolicies": [
            {"id": EDR, "name": "EDR"},
            {"id": DEFENDER_SCOPED, "name": "Scoped", "disableEntraGroupPolicyAssignment": true},
            {"id": ANTIVIRUS, "name": "Antivirus", "templateReference": antivirus},
        ],
        "groups": [{"id": PILOT, "displayName": "Pilot"}, {"id": STAFF, "displayName": "Staff"}],
        "assignmentFilters": [
            {"id": CORPORATE, "displayName": "Corporate", "platform": "windows10AndLater"},
            {"id": PHONES, "displayName": "Phones", "platform": "iOS"},
        ],
    });
    Graph::with(Tenant::from_json(document).unwrap(), options)
}

/// A policy of the template with the onboarding blob of a setting as a secret.
fn document(secret: &str, state: &str) -> Value {
    json!({
        "name": "New", "description": "", "platforms": "windows10", "technologies": "mdm,microsoftSense",
        "roleScopeTagIds": ["0"], "templateReference": {"templateId": TEMPLATE},
        "settings": [{
            "@odata.type": "#microsoft.graph.deviceManagementConfigurationSetting",
            "settingInstance": {
                "@odata.type": "#microsoft.graph.deviceManagementConfigurationChoiceSettingInstance",
                "settingDefinitionId": TYPE,
                "choiceSettingValue": {
                    "@odata.type": "#microsoft.graph.deviceManagementConfigurationChoiceSettingValue",
                    "value": format!("{TYPE}_onboard"),
                    "children": [{
                        "@odata.type": "#microsoft.graph.deviceManagementConfigurationSimpleSettingInstance",
                        "settingDefinitionId": "device_vendor_msft_windowsadvancedthreatprotection_onboarding",
                        "simpleSettingValue": {
                            "@odata.type": "#microsoft.graph.deviceManagementConfigurationSecretSettingValue",
                            "value": secret, "valueState": state,
                        },
                    }],
                },
            },
        }],
    })
}

fn secret_of(settings: &Value) -> &Value {
    &settings[0]["settingInstance"]["choiceSettingValue"]["children"][0]["simpleSettingValue"]
}

#[tokio::test]
async fn a_secret_is_stored_and_shown_as_a_token() {
    let graph = graph();
    let created = graph.post(ROOT, document("the blob", "notEncrypted")).await;
    assert_eq!(created.status, 201, "{}", created.body);
    assert_eq!(created.body["settings"], Value::Null, "a navigation property");
    assert_eq!(
        created.body["templateReference"]["templateFamily"],
        "endpointSecurityEndpointDetectionAndResponse"
    );
    let path = format!("{ROOT}('{}')", created.body["id"].as_str().unwrap());
    let settings = graph.get(&format!("{path}/settings")).await.body["value"].clone();
    let secret = secret_of(&settings);
    assert_eq!(secret["valueState"], "encryptedValueToken");
    let token = secret["value"].as_str().unwrap().to_owned();
    assert!(token.len() == 36 && !settings.to_string().contains("the blob"));

    let put = |body: Value| send(graph.request(Method::PUT, &path).json(&body));
    let foreign = put(document("11111111-1111-4111-8111-111111111111", "encryptedValueToken")).await;
    assert_eq!((foreign.status, foreign.message()), (400, "The token is not one of this policy."));
    assert_eq!(put(document(&token, "encryptedValueToken")).await.status, 204);
    let expanded = graph.get(&format!("{path}?$expand=settings")).await.body;
    assert_eq!(
        secret_of(&expanded["settings"])["value"],
        json!(token),
        "an unchanged secret keeps its token"
    );
    assert_eq!(put(document("another blob", "notEncrypted")).await.status, 204);
    let changed = graph.get(&format!("{path}/settings")).await.body;
    assert_ne!(secret_of(&changed["value"])["value"], json!(token));
    assert_eq!(graph.patch(&path, json!({"name": "Renamed"})).await.status, 204);
    assert_eq!(graph.get(&path).await.body["name"], "Renamed");
    assert_eq!(graph.delete(&path).await.status, 204);
    assert_eq!(
        (graph.get(&path).await.status, graph.get(&path).await.code().to_owned()),
        (404, "ResourceNotFound".into())
    );
}

#[tokio::test]
async fn what_does_not_fit_the_model_or_the_template_is_refused() {
    let graph = graph();
    let with = |name: &str, value: Value| {
        let mut body = document("x", "notEncrypted");
        body[name] = value;
        body
    };
    let setting = |instance: Value| json!([{ "settingInstance": instance }]);
    let choice = "#microsoft.graph.deviceManagementConfigurationChoiceSettingInstance";
    for (body, part) in [
        (json!({}), "'name' is required"),
        (with("displayName", json!("x")), "'displayName' does not exist"),
        (with("platforms", json!("macOS")), "does not fit the template"),
        (with("templateReference", json!({"templateId": "unknown"})), "does not exist"),
        (with("disableEntraGroupPolicyAssignment", json!(true)), "does not exist"),
        (with("@odata.type", json!("#microsoft.graph.deviceConfiguration")), "is not the type"),
        (with("settings", json!([{}])), "needs a 'settingInstance'"),
        (
            with("settings", setting(json!({"@odata.type": choice, "settingDefinitionId": "other"}))),
            "does not have",
        ),
        (with("settings", setting(json!({"settingDefinitionId": TYPE}))), "is a choice"),
        (
            with(
                "settings",
                setting(json!({"@odata.type": choice, "settingDefinitionId": TYPE,
                "choiceSettingValue": {"value": format!("{TYPE}_maybe")}})),
            ),
            "is not a choice",
        ),
        (document("x", "encryptedValueToken"), "not one of this policy"),
        (document("x", "maybe"), "needs 'value' and 'valueState'"),
        (document(&"x".repeat(175_033), "notEncrypted"), "too long"),
    ] {
        let answer = graph.post(ROOT, body).await;
        assert_eq!(answer.status, 400, "{part}: {}", answer.body);
        assert!(answer.message().contains(part), "{part}: {}", answer.message());
    }
    assert_eq!(graph.post(ROOT, with("assignments", json!([]))).await.status, 400, "no deep insert");
}

#[tokio::test]
async fn assignments_have_a_source_and_no_intent() {
    let graph = graph();
    let path = format!("{ROOT}/{EDR}");
    let assign =
        async |rows: Value| graph.post(&format!("{path}/assign"), json!({"assignments": rows})).await.body;
    let refused = assign(json!([{"intent": "apply", "target": group(PILOT)["target"]}])).await;
    assert!(refused["error"]["message"].as_str().unwrap().contains("'intent' does not exist"), "{refused}");
    let legacy = json!({"assignments": [], "deviceConfigurationGroupAssignments": []});
    assert_eq!(graph.post(&format!("{path}/assign"), legacy).await.status, 400);
    let filter = assign(json!([filtered(group(PILOT), PHONES, "include")])).await;
    assert!(filter["error"]["message"].as_str().unwrap().contains("another platform"), "{filter}");
    assign(json!([group(PILOT), exclusion(STAFF)])).await;
    let replaced = assign(json!([filtered(all("allDevices"), CORPORATE, "include")])).await;
    assert_eq!(replaced["value"].as_array().unwrap().len(), 1);
    let row = &graph.get(&format!("{path}/assignments")).await.body["value"][0];
    assert_eq!((&row["source"], &row["sourceId"]), (&json!("direct"), &json!(EDR)));
    assert_eq!(row.get("intent"), None);
    assert_eq!(graph.get(&path).await.body["isAssigned"], true);
    assert_eq!(graph.get(&format!("{path}?$expand=assignments")).await.body["assignments"], json!([]));
    assert_eq!(graph.get(&format!("{path}/assignments?$select=intent")).await.status, 400);
}

#[tokio::test]
async fn a_policy_of_defender_takes_no_groups() {
    let graph = graph();
    let assign = format!("{ROOT}/{DEFENDER_SCOPED}/assign");
    for row in [group(PILOT), exclusion(PILOT)] {
        let answer = graph.post(&assign, json!({"assignments": [row]})).await;
        assert_eq!(answer.status, 400);
        assert!(answer.message().contains("cannot be assigned to Entra groups"), "{}", answer.message());
    }
    assert_eq!(graph.post(&assign, json!({"assignments": [all("allDevices")]})).await.status, 200);
}

#[tokio::test]
async fn a_list_has_25_policies_a_page_and_filters_by_template() {
    let graph = graph();
    for number in 0..30 {
        let (status, _) = graph.emulator.control(
            "POST",
            "/_emulator/configurationPolicies",
            Some(&json!({"name": format!("P{number}")})),
        );
        assert_eq!(status, 201);
    }
    let first = graph.get(&format!("{ROOT}?$select=id,name&$top=999")).await;
    assert_eq!(first.rows().len(), 25);
    assert_eq!(graph.get(first.next_link().unwrap()).await.rows().len(), 8);
    let query = format!("$filter=templateReference/templateId eq '{TEMPLATE}'&$select=id");
    let mut found = graph.get(&format!("{ROOT}?{query}")).await;
    let mut count = found.rows().len();
    while let Some(link) = found.next_link() {
        found = graph.get(link).await;
        count += found.rows().len();
    }
    assert_eq!(count, 32, "all but the antivirus policy");
    assert_eq!(graph.get(&format!("{ROOT}?$filter=description eq 'x'")).await.status, 400);
    assert_eq!(graph.get(&format!("{ROOT}?$orderby=name")).await.status, 400);
}

#[tokio::test]
async fn the_collection_is_in_beta_only() {
    let graph = graph();
    let answer = graph.get("/v1.0/deviceManagement/configurationPolicies").await;
    assert_eq!(answer.status, 400);
    assert!(answer.message().contains("segment 'configurationPolicies'"), "{}", answer.message());
    let root = format!("/beta/deviceManagement/deviceConfigurations/{EDR}");
    assert_eq!(graph.get(&root).await.status, 404, "the ids of one collection are unknown in the other");
}

#[tokio::test]
async fn faults_apply_to_both_collections() {
    let graph = graph();
    let path = format!("{ROOT}/{EDR}");
    graph.emulator.faults(&json!([{"match": {"path": "assign"}, "stale": 1}])).unwrap();
    graph.post(&format!("{path}/assign"), json!({"assignments": [group(PILOT)]})).await;
    assert_eq!(graph.get(&format!("{path}/assignments")).await.rows().len(), 0);
    assert_eq!(graph.get(&format!("{path}/assignments")).await.rows().len(), 1);
    graph.emulator.faults(&json!([{"match": {"path": EDR}, "hide": 1}])).unwrap();
    assert_eq!(graph.get(&path).await.status, 404);
    assert_eq!(graph.get(&path).await.status, 200);
    let control = format!("/_emulator/configurationPolicies/{EDR}/assignments");
    let (status, rows) = graph.emulator.control("GET", &control, None);
    assert_eq!((status, rows["assignments"].as_array().unwrap().len()), (200, 1));
    let (status, _) = graph.emulator.control("PUT", &control, Some(&json!([])));
    assert_eq!(status, 200);
    let (status, _) =
        graph.emulator.control("DELETE", &format!("/_emulator/configurationPolicies/{EDR}"), None);
    assert_eq!((status, graph.get(&path).await.status), (204, 404));
}

#[tokio::test]
async fn limits_count_both_collections_together() {
    let graph = graph_with(Options { limits: true, ..Options::default() });
    let assign = |id: &str| format!("{ROOT}/{id}/assign");
    for _ in 0..100 {
        let answer = graph.post(&assign(EDR), json!({"assignments": []})).await;
        assert_eq!(answer.status, 200);
    }
    let path = format!("/beta/deviceManagement/deviceConfigurations/{EDR}/assign");
    assert_eq!(graph.post(&path, json!({"assignments": []})).await.status, 429);
}
