//! Lists as data sources read them: by template, by type, by name, with settings, and in pages.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use terraform_provider_defender::emulator::{Options, Tenant};

use crate::support::*;

const CATALOG: &str = "/beta/deviceManagement/configurationPolicies";
const DEVICE: &str = "/beta/deviceManagement/deviceConfigurations";
const FILTERS: &str = "/beta/deviceManagement/assignmentFilters";
const EDR_FAMILY: &str = "endpointSecurityEndpointDetectionAndResponse";
const EDR_TEMPLATE: &str = "0385b795-0f2f-44ac-8602-9f65bf6adede_1";
const PREFIX: &str = "device_vendor_msft_windowsadvancedthreatprotection";
const ISOF: &str = "isof('microsoft.graph.windowsDefenderAdvancedThreatProtectionConfiguration')";

fn choice(definition: &str, value: &str, children: &Value) -> Value {
    let id = format!("{PREFIX}_{definition}");
    json!({"settingInstance": {
        "@odata.type": "#microsoft.graph.deviceManagementConfigurationChoiceSettingInstance",
        "settingDefinitionId": id,
        "choiceSettingValue": {"value": format!("{id}_{value}"), "children": children},
    }})
}

/// Both settings of the template; the first has a secret.
fn settings() -> Value {
    let secret = json!({
        "@odata.type": "#microsoft.graph.deviceManagementConfigurationSecretSettingValue",
        "value": "the blob", "valueState": "notEncrypted",
    });
    let child = json!({"settingDefinitionId": format!("{PREFIX}_onboarding"), "simpleSettingValue": secret});
    json!([
        choice("configurationtype", "onboard", &json!([child])),
        choice("configuration_samplesharing", "1", &json!([]))
    ])
}

/// 30 policies for endpoint detection and response, and one each of another template and of none.
fn catalog(options: Options) -> Graph {
    let antivirus = json!({"templateId": "804339ad-1553-4478-a742-138fb5807418_1",
        "templateFamily": "endpointSecurityAntivirus"});
    let mut policies: Vec<Value> =
        (0..30).map(|n| json!({"name": format!("EDR {n:02}"), "settings": settings()})).collect();
    policies.push(json!({"name": "Antivirus", "templateReference": antivirus}));
    policies.push(json!({"name": "Custom", "templateReference": {"templateId": ""}}));
    let tenant = Tenant::from_json(json!({"configurationPolicies": policies})).unwrap();
    Graph::with(tenant, options)
}

/// The pages of a list.
async fn pages(graph: &Graph, first: &str) -> Vec<Vec<Value>> {
    let (mut pages, mut link) = (Vec::new(), Some(first.to_owned()));
    while let Some(path) = link {
        let answer = graph.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        pages.push(answer.rows().clone());
        link = answer.next_link().map(str::to_owned);
    }
    pages
}

fn sizes(pages: &[Vec<Value>]) -> Vec<usize> {
    pages.iter().map(Vec::len).collect()
}

fn secret_of(settings: &Value) -> &Value {
    &settings[0]["settingInstance"]["choiceSettingValue"]["children"][0]["simpleSettingValue"]
}

#[tokio::test]
async fn policies_are_filtered_by_family_and_template() {
    let graph = catalog(Options::default());
    for (filter, expected) in [
        (format!("templateFamily eq '{EDR_FAMILY}'"), vec![25, 5]),
        (format!("templateId eq '{EDR_TEMPLATE}'"), vec![25, 5]),
        ("templateFamily eq 'endpointSecurityAntivirus'".to_owned(), vec![1]),
        ("templateFamily eq 'none'".to_owned(), vec![1]),
        ("templateFamily eq 'endpointSecurityFirewall'".to_owned(), vec![0]),
    ] {
        let path = format!("{CATALOG}?$filter=templateReference/{filter}&$select=id,name,templateReference");
        assert_eq!(sizes(&pages(&graph, &path).await), expected, "{filter}");
    }
    let two = format!("$filter=templateReference/templateFamily eq '{EDR_FAMILY}' and name eq 'x'");
    assert_eq!(graph.get(&format!("{CATALOG}?{two}")).await.status, 400);
}

#[tokio::test]
async fn settings_are_expanded_on_every_page_with_tokens_for_secrets() {
    let graph = catalog(Options::default());
    let path =
        format!("{CATALOG}?$filter=templateReference/templateFamily eq '{EDR_FAMILY}'&$expand=settings");
    let mut tokens = BTreeSet::new();
    for policy in pages(&graph, &path).await.concat() {
        assert_eq!((&policy["settingCount"], policy["settings"].as_array().unwrap().len()), (&json!(2), 2));
        let secret = secret_of(&policy["settings"]);
        assert_eq!(secret["valueState"], "encryptedValueToken");
        tokens.insert(secret["value"].as_str().unwrap().to_owned());
    }
    assert_eq!(tokens.len(), 30, "each secret has a token of its own");
    assert!(!tokens.contains("the blob"));
}

#[tokio::test]
async fn settings_of_one_policy_are_expanded_and_listed_alike() {
    let graph = catalog(Options { page_size: Some(1), ..Options::default() });
    let filter = "$filter=name eq 'EDR 07'";
    let found = graph.get(&format!("{CATALOG}?{filter}")).await.rows()[0].clone();
    assert_eq!(found.get("settings"), None, "a navigation property");
    let path = format!("{CATALOG}/{}", found["id"].as_str().unwrap());
    let expanded = graph.get(&format!("{path}?$expand=settings")).await.body;
    let listed = pages(&graph, &format!("{path}/settings")).await;
    assert_eq!(sizes(&listed), [1, 1]);
    let mut listed = listed.concat();
    listed.sort_by_key(|setting| setting["id"].to_string());
    assert_eq!(json!(listed), expanded["settings"]);
    let selected = graph.get(&format!("{path}?$expand=settings($select=id)&$select=settingCount")).await.body;
    assert_eq!(selected["settings"], json!([{"id": "0"}, {"id": "1"}]));
    assert_eq!(selected["settingCount"], 2);
}

#[tokio::test]
async fn the_settings_of_an_unknown_policy_are_404() {
    let graph = catalog(Options::default());
    let answer = graph.get(&format!("{CATALOG}/{MISSING}/settings")).await;
    assert_eq!((answer.status, answer.code()), (404, "ResourceNotFound"));
    assert_eq!(graph.get(&format!("/v1.0{}", CATALOG.trim_start_matches("/beta"))).await.status, 400);
}

#[tokio::test]
async fn device_configurations_are_found_by_name() {
    let graph = Graph::start();
    let name = "Bob's + Ämter";
    for _ in 0..2 {
        graph.emulator.control(
            "POST",
            "/_emulator/deviceConfigurations",
            Some(&json!({"displayName": name})),
        );
    }
    let filter = "displayName%20eq%20'Bob''s%20%2B%20%C3%84mter'";
    let found = graph.get(&format!("{DEVICE}?$filter={filter}&$select=id,displayName")).await;
    assert_eq!(found.each("displayName"), [name, name], "names are not unique");
    assert_eq!(found.each("@odata.type"), [DEFENDER, DEFENDER]);
}

#[tokio::test]
async fn a_filter_by_type_is_refused_unless_it_is_chosen() {
    let graph = Graph::start();
    let refused = graph.get(&format!("{DEVICE}?$filter={ISOF}")).await;
    assert_eq!(refused.status, 400);
    assert!(refused.message().ends_with("the emulator's, not Graph's."), "{}", refused.message());
    graph.emulator.control("PUT", "/_emulator/semantics", Some(&json!({"typeFilter": "accept"})));
    assert_eq!(graph.get(&format!("{DEVICE}?$filter={ISOF}&$select=id")).await.each("id"), [POLICY]);
    let base = graph.get(&format!("{DEVICE}?$filter=isof('microsoft.graph.deviceConfiguration')")).await;
    assert_eq!(base.rows().len(), 2);
    for unknown in ["isof('microsoft.graph.windowsDefender')", "isof('windows10CustomConfiguration')"] {
        let answer = graph.get(&format!("{DEVICE}?$filter={unknown}")).await;
        assert!(answer.message().contains("could not be resolved"), "{}", answer.message());
    }
    for elsewhere in [CATALOG, "/v1.0/groups"] {
        assert_eq!(graph.get(&format!("{elsewhere}?$filter={ISOF}")).await.status, 400, "{elsewhere}");
    }
}

#[tokio::test]
async fn a_list_filtered_by_type_has_pages() {
    let policies: Vec<Value> = (0..5).map(|n| json!({"displayName": format!("P{n}")})).collect();
    let tenant = Tenant::from_json(json!({"deviceConfigurations": policies})).unwrap();
    let graph = Graph::with(tenant, Options { page_size: Some(2), ..Options::default() });
    graph.emulator.control("PUT", "/_emulator/semantics", Some(&json!({"typeFilter": "accept"})));
    assert_eq!(sizes(&pages(&graph, &format!("{DEVICE}?$filter={ISOF}")).await), [2, 2, 1]);
}

#[tokio::test]
async fn assignment_filters_have_pages() {
    let filters: Vec<Value> =
        (0..5).map(|n| json!({"displayName": format!("F{}", n / 2), "platform": "iOS"})).collect();
    let tenant = Tenant::from_json(json!({"assignmentFilters": filters})).unwrap();
    let graph = Graph::with(tenant, Options::default());
    assert_eq!(sizes(&pages(&graph, &format!("{FILTERS}?$top=2&$select=id,displayName")).await), [2, 2, 1]);
    assert_eq!(sizes(&pages(&graph, FILTERS).await), [5]);
    let ids: BTreeSet<String> = pages(&graph, &format!("{FILTERS}?$top=3"))
        .await
        .concat()
        .iter()
        .map(|row| row["id"].to_string())
        .collect();
    assert_eq!(ids.len(), 5);
    assert_eq!(graph.get(&format!("{FILTERS}?$filter=displayName eq 'F0'")).await.status, 400);
}
