//! Device configurations: the members of both versions, create, change, delete, and the query options.

use serde_json::{Value, json};
use terraform_provider_defender::emulator::semantics::PatchAnswer;
use terraform_provider_defender::emulator::{Options, Semantics};

use crate::support::*;

const BETA: &str = "/beta/deviceManagement/deviceConfigurations";
const V1: &str = "/v1.0/deviceManagement/deviceConfigurations";

fn names(document: &Value) -> Vec<&str> {
    document.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn create_refuses_what_is_no_defender_policy() {
    let graph = Graph::start();
    let with = |name: &str, value: Value| {
        let mut body = json!({"@odata.type": DEFENDER, "displayName": "New"});
        body[name] = value;
        body
    };
    for (path, body, part) in [
        (BETA, json!({"displayName": "New"}), "is abstract"),
        (BETA, with("@odata.type", json!("#microsoft.graph.deviceConfiguration")), "is abstract"),
        (BETA, with("@odata.type", json!("#microsoft.graph.noConfiguration")), "could not be resolved"),
        (BETA, json!({"@odata.type": DEFENDER}), "displayName"),
        (BETA, with("displayName", Value::Null), "displayName"),
        (BETA, with("allowSamples", json!(true)), "'allowSamples' does not exist"),
        (BETA, with("allowSampleSharing", json!("yes")), "cannot be converted"),
        (BETA, with("allowSampleSharing", Value::Null), "must not be null"),
        (BETA, with("supportsScopeTags", json!(true)), "read-only"),
        (BETA, with("assignments", json!([])), "Assignments cannot be created"),
        (V1, with("roleScopeTagIds", json!(["0"])), "'roleScopeTagIds' does not exist"),
        (V1, with("advancedThreatProtectionOnboardingBlob", json!("x")), "does not exist"),
    ] {
        let answer = graph.post(path, body.clone()).await;
        assert_eq!((answer.status, answer.code()), (400, "BadRequest"), "{body}");
        assert!(answer.message().contains(part), "{body}: {}", answer.message());
    }
    let mut two_blobs = with("advancedThreatProtectionOnboardingBlob", json!("x"));
    two_blobs["advancedThreatProtectionAutoPopulateOnboardingBlob"] = json!(true);
    assert_eq!(graph.post(BETA, two_blobs).await.status, 400);
    assert_eq!(graph.get(BETA).await.rows().len(), 2, "nothing was created");
}

#[tokio::test]
async fn a_policy_lives_from_create_to_delete() {
    let graph = Graph::start();
    let body = json!({
        "@odata.type": DEFENDER, "id": "00000000-0000-0000-0000-000000000000", "version": 7, "displayName": "New",
        "allowSampleSharing": true,
        "deviceManagementApplicabilityRuleOsVersion": {"name": "r", "minOSVersion": "10.0", "ruleType": "include"},
    });
    let created = graph.post(BETA, body).await;
    assert_eq!(created.status, 201);
    let id = created.body["id"].as_str().unwrap();
    assert_ne!(id, "00000000-0000-0000-0000-000000000000");
    assert_eq!((&created.body["version"], &created.body["roleScopeTagIds"]), (&json!(1), &json!(["0"])));
    assert_eq!(created.body["createdDateTime"], created.body["lastModifiedDateTime"]);
    assert!(
        created.body["@odata.context"]
            .as_str()
            .unwrap()
            .ends_with("#deviceManagement/deviceConfigurations/$entity")
    );
    let rule = json!({"name": "r", "minOSVersion": "10.0", "maxOSVersion": null, "ruleType": "include"});
    assert_eq!(created.body["deviceManagementApplicabilityRuleOsVersion"], rule);

    let path = format!("{BETA}/{id}");
    assert_eq!(graph.get(&path).await.body, created.body);
    assert_eq!(graph.patch(&path, json!({"displayName": "Newer"})).await.status, 400, "the type is missing");
    let other_type = "#microsoft.graph.windows10CustomConfiguration";
    assert_eq!(
        graph.patch(&path, json!({"@odata.type": other_type, "displayName": "Newer"})).await.status,
        400
    );
    assert_eq!(graph.patch(&path, json!({"@odata.type": DEFENDER, "color": "red"})).await.status, 400);
    assert_eq!(graph.get(&path).await.body, created.body);

    let patched = graph.patch(&path, json!({"@odata.type": DEFENDER, "displayName": "Newer"})).await;
    assert_eq!((patched.status, patched.body), (204, Value::Null));
    let read = graph.get(&path).await.body;
    assert_eq!(
        (&read["displayName"], &read["version"], &read["allowSampleSharing"]),
        (&json!("Newer"), &json!(2), &json!(true))
    );

    assert_eq!(graph.delete(&path).await.status, 204);
    assert_eq!(graph.delete(&path).await.status, 404);
    let gone = graph.get(&path).await;
    assert_eq!((gone.status, gone.code()), (404, "ResourceNotFound"));
    assert_eq!(graph.patch(&path, json!({"@odata.type": DEFENDER})).await.status, 404);
}

#[tokio::test]
async fn patch_answers_with_the_entity_if_told_so() {
    let semantics = Semantics { patch_answer: PatchAnswer::Entity, ..Semantics::default() };
    let graph = Graph::with(tenant(), Options { semantics, ..Options::default() });
    let patched =
        graph.patch(&policy_path("beta"), json!({"@odata.type": DEFENDER, "description": null})).await;
    assert_eq!((patched.status, &patched.body["description"]), (200, &Value::Null));
}

#[tokio::test]
async fn a_blob_is_never_read_back_as_written() {
    let graph = Graph::start();
    let body = json!({"@odata.type": DEFENDER, "displayName": "New", "advancedThreatProtectionOnboardingBlob": "secret"});
    let created = graph.post(BETA, body).await.body;
    let blob = created["advancedThreatProtectionOnboardingBlob"].as_str().unwrap();
    assert!(blob.starts_with("<EncryptedMessage>") && !blob.contains("secret"), "{blob}");
}

#[tokio::test]
async fn v1_hides_the_members_of_beta() {
    let graph = Graph::start();
    let shown = graph.get(&policy_path("v1.0")).await.body;
    let expected = [
        "@odata.context",
        "@odata.type",
        "allowSampleSharing",
        "createdDateTime",
        "description",
        "displayName",
        "enableExpeditedTelemetryReporting",
        "id",
        "lastModifiedDateTime",
        "version",
    ];
    assert_eq!(names(&shown), expected);
    let beta = graph.get(&policy_path("beta")).await.body;
    assert_eq!(beta["supportsScopeTags"], json!(true));
    assert_eq!(names(&beta).len(), expected.len() + 10);
}

#[tokio::test]
async fn query_options_that_are_not_proven_are_refused() {
    let graph = Graph::start();
    for query in [
        "$filter=startswith(displayName,'On')",
        "$filter=description eq 'x'",
        "$filter=displayName eq 'a' or displayName eq 'b'",
        "$select=allowSampleSharing",
        "$expand=deviceStatuses",
        "$orderby=description",
        "$orderby=displayName,id",
        "$skip=1",
        "$count=yes",
        "$expand=assignments($filter=id eq 'x')",
        "$expand=assignments($select=id",
        "$search=On",
        "$top=x",
        "select=color",
    ] {
        let answer = graph.get(&format!("{BETA}?{query}")).await;
        assert_eq!((answer.status, answer.code()), (400, "BadRequest"), "{query}");
    }
    assert_eq!(graph.get(&format!("{V1}?$select=roleScopeTagIds")).await.status, 400);
    assert_eq!(graph.get(&format!("{}?$top=1", policy_path("beta"))).await.status, 400);
}

#[tokio::test]
async fn policies_are_found_by_name() {
    let graph = Graph::start();
    let body = json!({"@odata.type": DEFENDER, "displayName": "It's 100% + more & on"});
    assert_eq!(graph.post(BETA, body).await.status, 201);
    let filter = "displayName eq 'It''s 100% + more & on'";
    let answer = send(
        graph.request(reqwest::Method::GET, BETA).query(&[("$filter", filter), ("$select", "displayName")]),
    )
    .await;
    assert_eq!(*answer.rows(), [json!({"@odata.type": DEFENDER, "displayName": "It's 100% + more & on"})]);
    assert!(answer.body["@odata.context"].as_str().unwrap().ends_with("deviceConfigurations(displayName)"));
    assert_eq!(graph.get(&format!("{BETA}?$filter=displayName eq 'onboarding'")).await.rows().len(), 0);
    assert_eq!(graph.get(&format!("{BETA}?$filter=displayName eq 'Onboarding'")).await.each("id"), [POLICY]);
}

#[tokio::test]
async fn assignments_are_expanded_on_item_and_list() {
    let graph = Graph::start();
    graph.assign(json!([group(PILOT)])).await;
    let item = graph.get(&format!("{}?$expand=assignments&$select=id", policy_path("v1.0"))).await.body;
    assert_eq!(item["assignments"][0]["target"]["groupId"], PILOT);
    assert_eq!(item["assignments"][0].get("source"), None);
    let context = item["assignments@odata.context"].as_str().unwrap();
    let cast = DEFENDER.trim_start_matches('#');
    assert!(context.ends_with(&format!("deviceConfigurations('{POLICY}')/{cast}/assignments")), "{context}");
    assert_eq!(item.get("displayName"), None);

    let list = graph.get(&format!("{BETA}?$select=id&$expand=assignments&$top=999")).await;
    let row = |id: &str| list.rows().iter().find(|row| row["id"] == id).unwrap();
    assert_eq!(row(POLICY)["assignments"][0]["source"], "direct");
    assert_eq!(row(OTHER_POLICY)["assignments"], json!([]));
}

#[tokio::test]
async fn policies_of_other_types_are_kept_with_what_the_tenant_says_of_them() {
    let graph = Graph::start();
    let body = json!({"displayName": "Custom", "@odata.type": "#microsoft.graph.sharedPCConfiguration", "maintenanceStartTime": "03:00"});
    assert_eq!(
        graph.post(BETA, body.clone()).await.status,
        400,
        "own members of other types are not modeled"
    );
    let (status, added) = graph.emulator.control("POST", "/_emulator/deviceConfigurations", Some(&body));
    assert_eq!(status, 201);
    let read = graph.get(&format!("{BETA}/{}", added["id"].as_str().unwrap())).await.body;
    assert_eq!(
        (&read["@odata.type"], &read["maintenanceStartTime"]),
        (&body["@odata.type"], &json!("03:00"))
    );
}

#[tokio::test]
async fn a_change_counts_a_version_and_moves_the_time() {
    let graph = Graph::start();
    let path = policy_path("beta");
    let before = graph.get(&path).await.body;
    for version in [2, 3] {
        let earlier = graph.get(&path).await.body;
        assert_eq!(graph.patch(&path, json!({"@odata.type": DEFENDER})).await.status, 204);
        let read = graph.get(&path).await.body;
        assert_eq!(read["version"], version);
        assert_ne!(read["lastModifiedDateTime"], earlier["lastModifiedDateTime"]);
        assert_eq!(read["createdDateTime"], before["createdDateTime"]);
    }
    for body in [json!({"displayName": ""}), json!({"displayName": null})] {
        let mut body = body;
        body["@odata.type"] = json!(DEFENDER);
        assert!(graph.patch(&path, body).await.message().contains("displayName"));
    }
    assert_eq!(graph.get(&path).await.body["version"], 3, "a refused change counts none");
}

#[tokio::test]
async fn a_change_without_a_type_is_refused_or_by_choice_accepted() {
    let graph = Graph::start();
    let path = policy_path("beta");
    for (choice, status) in [("refuse", 400), ("accept", 204)] {
        graph.emulator.control("PUT", "/_emulator/semantics", Some(&json!({"patchWithoutType": choice})));
        assert_eq!(graph.patch(&path, json!({"allowSampleSharing": true})).await.status, status, "{choice}");
        assert_eq!(graph.patch(&path, json!({"color": "red"})).await.status, 400, "{choice}");
        let other = json!({"@odata.type": "#microsoft.graph.windows10CustomConfiguration"});
        assert_eq!(graph.patch(&path, other).await.status, 400, "{choice}");
    }
    assert_eq!(graph.get(&path).await.body["allowSampleSharing"], json!(true));
}

#[tokio::test]
async fn null_clears_a_package_and_an_absent_member_keeps_it() {
    let graph = Graph::start();
    let path = policy_path("beta");
    for direction in ["Onboarding", "Offboarding"] {
        let blob = format!("advancedThreatProtection{direction}Blob");
        let filename = format!("advancedThreatProtection{direction}Filename");
        let package = json!({"@odata.type": DEFENDER, &blob: "secret", &filename: "package"});
        assert_eq!(graph.patch(&path, package).await.status, 204);
        let written = graph.get(&path).await.body;
        assert_eq!((written[&blob].is_string(), &written[&filename]), (true, &json!("package")));
        graph.patch(&path, json!({"@odata.type": DEFENDER, "description": "x"})).await;
        let kept = graph.get(&path).await.body;
        assert_eq!((&kept[&blob], &kept[&filename]), (&written[&blob], &written[&filename]));
        graph.patch(&path, json!({"@odata.type": DEFENDER, &blob: null, &filename: null})).await;
        let cleared = graph.get(&path).await.body;
        assert_eq!((&cleared[&blob], &cleared[&filename]), (&Value::Null, &Value::Null));
    }
}

#[tokio::test]
async fn an_empty_description_is_kept_or_by_choice_null() {
    let graph = Graph::start();
    let path = policy_path("beta");
    for (choice, read) in [(false, json!("")), (true, Value::Null)] {
        let choices = json!({"emptyDescriptionIsNull": choice});
        graph.emulator.control("PUT", "/_emulator/semantics", Some(&choices));
        let body = json!({"@odata.type": DEFENDER, "displayName": "New", "description": ""});
        assert_eq!(graph.post(BETA, body.clone()).await.body["description"], read);
        graph.patch(&path, body).await;
        assert_eq!(graph.get(&path).await.body["description"], read);
        graph.patch(&path, json!({"@odata.type": DEFENDER, "description": null})).await;
        assert_eq!(graph.get(&path).await.body["description"], Value::Null);
    }
}

#[tokio::test]
async fn scope_tags_and_applicability_rules_are_read_as_written() {
    let graph = Graph::start();
    let path = policy_path("beta");
    let edition = json!({"name": "e", "osEditionTypes": ["windows10Enterprise"], "ruleType": "exclude"});
    let version = json!({"name": "v", "minOSVersion": "10.0", "maxOSVersion": "11.0", "ruleType": "include"});
    let mode = json!({"name": "m", "deviceMode": "sModeConfiguration", "ruleType": "include"});
    let rules = [("OsEdition", edition), ("OsVersion", version), ("DeviceMode", mode)];
    let mut body = json!({"@odata.type": DEFENDER, "roleScopeTagIds": ["0", "7"]});
    for (kind, rule) in &rules {
        body[format!("deviceManagementApplicabilityRule{kind}")] = rule.clone();
    }
    assert_eq!(graph.patch(&path, body).await.status, 204);
    graph.patch(&path, json!({"@odata.type": DEFENDER, "displayName": "Newer"})).await;
    let read = graph.get(&path).await.body;
    assert_eq!(read["roleScopeTagIds"], json!(["0", "7"]));
    for (kind, rule) in &rules {
        let name = format!("deviceManagementApplicabilityRule{kind}");
        assert_eq!(read[&name], *rule, "an absent rule is kept");
        graph.patch(&path, json!({"@odata.type": DEFENDER, &name: null})).await;
        assert_eq!(graph.get(&path).await.body[&name], Value::Null);
    }
    graph.patch(&path, json!({"@odata.type": DEFENDER, "roleScopeTagIds": null})).await;
    assert_eq!(graph.get(&path).await.body["roleScopeTagIds"], json!(["0"]));
}

#[tokio::test]
async fn a_deleted_policy_takes_its_assignments_along() {
    let graph = Graph::start();
    graph.assign(json!([filtered(group(PILOT), CORPORATE, "include")])).await;
    let filter = format!("/beta/deviceManagement/assignmentFilters/{CORPORATE}");
    assert_eq!(graph.get(&filter).await.body["payloads"].as_array().unwrap().len(), 1);
    assert_eq!(graph.delete(&policy_path("beta")).await.status, 204);
    assert_eq!(graph.get(&format!("{}/assignments", policy_path("beta"))).await.status, 404);
    assert_eq!(graph.get(&filter).await.body["payloads"], json!([]));
    let missing = graph.delete(&format!("{BETA}/{MISSING}")).await;
    assert_eq!((missing.status, missing.code()), (404, "ResourceNotFound"));
}

#[tokio::test]
async fn names_with_quotes_are_found() {
    let graph = Graph::start();
    for name in ["'", "''", "it's 'new'", "a''b", "\"quoted\"", "double  space"] {
        graph.post(BETA, json!({"@odata.type": DEFENDER, "displayName": name})).await;
        let filter = format!("displayName eq '{}'", name.replace('\'', "''"));
        let answer = send(graph.request(reqwest::Method::GET, BETA).query(&[("$filter", filter)])).await;
        assert_eq!(answer.each("displayName"), [name]);
    }
}
