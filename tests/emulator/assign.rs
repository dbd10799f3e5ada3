//! The action `assign`: every rule of its body, and the replacement of the set.

use serde_json::{Value, json};
use terraform_provider_defender::emulator::semantics::{AssignAnswer, RepeatedTarget, Unproven};
use terraform_provider_defender::emulator::{Options, Semantics};

use crate::support::*;

/// Each body is refused with 400 and leaves the set as it was.
async fn refuses(graph: &Graph, version: &str, bodies: impl IntoIterator<Item = (Value, &str)>) {
    let before = graph.targets().await;
    for (body, part) in bodies {
        let answer = graph.post(&format!("{}/assign", policy_path(version)), body.clone()).await;
        assert_eq!((answer.status, answer.code()), (400, "BadRequest"), "{body}");
        assert!(answer.message().contains(part), "{body}: {}", answer.message());
        assert_eq!(graph.targets().await, before, "{body}");
    }
}

#[allow(clippy::needless_pass_by_value, reason = "every caller makes the value on the spot")]
fn one(element: Value) -> Value {
    json!({"assignments": [element]})
}

#[allow(clippy::needless_pass_by_value, reason = "every caller makes the value on the spot")]
fn target(target: Value) -> Value {
    json!({"assignments": [{"target": target}]})
}

#[tokio::test]
async fn assign_refuses_bodies_that_do_not_fit_the_model() {
    let graph = Graph::start();
    assert_eq!(graph.assign(json!([group(STAFF)])).await.status, 200);
    let abstract_type = "#microsoft.graph.deviceAndAppManagementAssignmentTarget";
    let bodies = [
        (json!([]), "An object of type"),
        (json!({}), "must be sent"),
        (json!({"assignments": null}), "must be sent"),
        (json!({"assignments": {}}), "is an object"),
        (json!({"assignments": [], "extra": 1}), "'extra' does not exist"),
        (json!({"assignments": [null]}), "An object of type"),
        (one(json!({})), "needs a target"),
        (one(json!({"target": null})), "needs a target"),
        (one(json!({"target": "all"})), "An object of type"),
        (target(json!({"groupId": PILOT})), "is abstract"),
        (target(json!({"@odata.type": abstract_type})), "is abstract"),
        (target(json!({"@odata.type": "#microsoft.graph.noTarget"})), "could not be resolved"),
        (target(json!({"@odata.type": "groupAssignmentTarget", "groupId": PILOT})), "could not be resolved"),
        (
            target(json!({"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget", "groupId": PILOT})),
            "'groupId' does not exist",
        ),
        (
            target(json!({"@odata.type": "#microsoft.graph.groupAssignmentTarget", "group_id": PILOT})),
            "'group_id' does not exist",
        ),
        (
            target(json!({"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": 5})),
            "cannot be converted",
        ),
        (
            json!({"assignments": [{"target": group(PILOT)["target"], "filter": "x"}]}),
            "'filter' does not exist",
        ),
        (one(filtered(group(PILOT), CORPORATE, "some")), "not a value of property"),
    ];
    refuses(&graph, "beta", bodies).await;
}

#[tokio::test]
async fn assign_refuses_what_breaks_the_rules_of_the_service() {
    let graph = Graph::start();
    assert_eq!(graph.assign(json!([group(STAFF)])).await.status, 200);
    let collection = |id: &str| {
        target(
            json!({"@odata.type": "#microsoft.graph.configurationManagerCollectionAssignmentTarget", "collectionId": id}),
        )
    };
    let bodies = [
        (one(group("pilots")), "Invalid GroupId : pilots provided, a valid AADGroupId is expected."),
        (one(group("")), "Invalid GroupId :  provided"),
        (one(all("group")), "Invalid GroupId"),
        (collection(PILOT), "An error has occurred"),
        (collection(""), "An error has occurred"),
        (json!({"assignments": [group(PILOT), group(&PILOT.to_uppercase())]}), "more than once"),
        (json!({"assignments": [group(PILOT), exclusion(PILOT)]}), "more than once"),
        (
            json!({"assignments": [group(PILOT), filtered(group(PILOT), CORPORATE, "include")]}),
            "more than once",
        ),
        (one(filtered(group(PILOT), "null", "include")), "Invalid assignment filter id"),
        (one(filtered(group(PILOT), Value::Null, "include")), "needs an assignment filter id"),
        (
            one(filtered(group(PILOT), "00000000-0000-0000-0000-000000000000", "include")),
            "needs an assignment filter id",
        ),
        (one(filtered(group(PILOT), CORPORATE, "none")), "needs the filter type"),
        (one(filtered(exclusion(PILOT), CORPORATE, "include")), "exclusion group"),
        (one(filtered(group(PILOT), PHONES, "include")), "another platform"),
        (one(filtered(group(PILOT), MISSING, "include")), "does not exist"),
        (
            json!({"assignments": [], "deviceConfigurationGroupAssignments": [{"targetGroupId": PILOT}]}),
            "no longer supported",
        ),
    ];
    refuses(&graph, "beta", bodies).await;
}

#[tokio::test]
async fn assign_in_v1_refuses_members_of_beta() {
    let graph = Graph::start();
    let with = |name: &str, value: Value| {
        let mut element = group(PILOT);
        element[name] = value;
        one(element)
    };
    let bodies = [
        (one(filtered(group(PILOT), CORPORATE, "include")), "deviceAndAppManagementAssignmentFilter"),
        (one(filtered(group(PILOT), Value::Null, "none")), "deviceAndAppManagementAssignmentFilter"),
        (with("intent", json!("apply")), "'intent' does not exist"),
        (with("source", json!("direct")), "'source' does not exist"),
        (with("sourceId", json!(POLICY)), "'sourceId' does not exist"),
        (json!({"assignments": [], "deviceConfigurationGroupAssignments": []}), "does not exist"),
    ];
    refuses(&graph, "v1.0", bodies).await;
}

#[tokio::test]
async fn assign_to_an_unknown_policy_is_404_in_the_nested_shape() {
    let graph = Graph::start();
    let path = format!("/beta/deviceManagement/deviceConfigurations/{MISSING}/assign");
    let answer = graph.post(&path, json!({"assignments": []})).await;
    assert_eq!((answer.status, answer.code()), (404, "ResourceNotFound"));
    let nested: Value = serde_json::from_str(answer.message()).unwrap();
    assert!(nested["Message"].as_str().unwrap().starts_with("An error has occurred - Operation ID"));
    assert!(nested["Message"].as_str().unwrap().contains(&format!("deviceConfigurations('{MISSING}')/")));
}

#[tokio::test]
async fn every_address_form_of_assign_works() {
    let graph = Graph::start();
    for version in ["v1.0", "beta"] {
        let keyed = format!("/{version}/deviceManagement/deviceConfigurations('{POLICY}')");
        let cast = DEFENDER.trim_start_matches('#');
        for (path, group_id) in [
            (format!("{}/assign", policy_path(version)), PILOT),
            (format!("{}/microsoft.graph.assign", policy_path(version)), STAFF),
            (format!("{keyed}/assign"), PILOT),
            (format!("{keyed}/microsoft.graph.assign"), STAFF),
            (format!("{keyed}/assign").replace('\'', "%27"), PILOT),
            (format!("{}/{cast}/assign", policy_path(version)), STAFF),
            (format!("{}/assign", policy_path(version).replace(POLICY, &POLICY.to_uppercase())), PILOT),
        ] {
            let answer = graph.post(&path, one(group(group_id))).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            assert_eq!(answer.each("id"), [format!("{POLICY}_{group_id}")], "{path}");
            assert_eq!(graph.targets().await[0]["groupId"], group_id, "{path}");
        }
    }
}

#[tokio::test]
async fn addresses_that_only_look_like_assign_are_refused() {
    let graph = Graph::start();
    let body = || json!({"assignments": []});
    let root = "/beta/deviceManagement/deviceConfigurations";
    for (path, status, part) in [
        (format!("{root}//assign"), 400, "Empty segment"),
        (format!("{root}('')/assign"), 400, "Empty segment"),
        (format!("{root}/assign"), 400, "No OData route exists"),
        (format!("{root}/{POLICY}/assignAll"), 400, "No OData route exists"),
        (format!("{root}/{POLICY}/groupAssignments"), 400, "No OData route exists"),
        (format!("{root}/{POLICY}/microsoft.graph.windows10CustomConfiguration/assign"), 404, ""),
        (
            format!("/beta/deviceManagement/deviceConfiguration/{POLICY}/assign"),
            400,
            "segment 'deviceConfiguration'",
        ),
        (
            format!("/deviceManagement/deviceConfigurations/{POLICY}/assign"),
            404,
            "Invalid version: devicemanagement",
        ),
    ] {
        let answer = graph.post(&path, body()).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert!(answer.message().contains(part), "{path}: {}", answer.message());
    }
    let answer = graph.get(&format!("{}/assign", policy_path("beta"))).await;
    assert_eq!((answer.status, answer.code()), (400, "No method match route template"));
    assert!(
        answer.message().contains("~/singleton/navigation/key/action with http verb GET"),
        "{}",
        answer.message()
    );
}

#[tokio::test]
async fn assign_replaces_the_whole_set() {
    let graph = Graph::start();
    assert_eq!(graph.assign(json!([group(PILOT), exclusion(STAFF)])).await.rows().len(), 2);
    assert_eq!(graph.assign(json!([group(STAFF)])).await.rows().len(), 1);
    let targets = graph.targets().await;
    assert_eq!(targets.len(), 1);
    assert_eq!(
        (&targets[0]["@odata.type"], &targets[0]["groupId"]),
        (&json!("#microsoft.graph.groupAssignmentTarget"), &json!(STAFF))
    );
    assert_eq!(graph.assign(json!([])).await.body["value"], json!([]));
    assert_eq!(graph.targets().await, Vec::<Value>::new());
}

#[tokio::test]
async fn ids_are_derived_from_policy_and_target() {
    let graph = Graph::start();
    let collection = json!({"target": {"@odata.type": "#microsoft.graph.configurationManagerCollectionAssignmentTarget", "collectionId": "PS100012"}});
    let rows =
        json!([all("allDevices"), all("allLicensedUsers"), group(PILOT), exclusion(STAFF), collection]);
    let answer = graph.assign(rows).await;
    let mut expected =
        [ALL_DEVICES, ALL_USERS, PILOT, STAFF, "PS100012"].map(|key| format!("{POLICY}_{key}"));
    expected.sort();
    assert_eq!(answer.each("id"), expected);
    // Neither a filter nor the change to an exclusion gives another id.
    let again =
        graph.assign(json!([exclusion(PILOT), filtered(all("allDevices"), CORPORATE, "exclude")])).await;
    assert_eq!(again.each("id"), [format!("{POLICY}_{PILOT}"), format!("{POLICY}_{ALL_DEVICES}")]);
}

#[tokio::test]
async fn targets_are_normalised_on_write() {
    let graph = Graph::start();
    let no_filter = filtered(group(&PILOT.to_uppercase()), "00000000-0000-0000-0000-000000000000", "none");
    let without_hash = json!({
        "@odata.type": "microsoft.graph.deviceConfigurationAssignment",
        "id": "mine", "source": "direct", "sourceId": "mine", "intent": "apply",
        "target": {
            "@odata.type": "microsoft.graph.allDevicesAssignmentTarget",
            "deviceAndAppManagementAssignmentFilterId": CORPORATE.to_uppercase(),
            "deviceAndAppManagementAssignmentFilterType": "include",
        },
    });
    let answer = graph.assign(json!([no_filter, without_hash])).await;
    let row = |id: &str| answer.rows().iter().find(|row| row["id"] == format!("{POLICY}_{id}")).unwrap();
    let expected = |id: &str, target: Value| json!({"id": format!("{POLICY}_{id}"), "source": "direct", "sourceId": POLICY, "intent": "apply", "target": target});
    assert_eq!(
        *row(PILOT),
        expected(
            PILOT,
            json!({
                "@odata.type": "#microsoft.graph.groupAssignmentTarget",
                "groupId": PILOT,
                "deviceAndAppManagementAssignmentFilterId": null,
                "deviceAndAppManagementAssignmentFilterType": "none",
            })
        )
    );
    assert_eq!(
        *row(ALL_DEVICES),
        expected(
            ALL_DEVICES,
            json!({
                "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget",
                "deviceAndAppManagementAssignmentFilterId": CORPORATE,
                "deviceAndAppManagementAssignmentFilterType": "include",
            })
        )
    );
    let context = format!(
        "{}/beta/$metadata#Collection(microsoft.graph.deviceConfigurationAssignment)",
        graph.emulator.base_url()
    );
    assert_eq!(answer.body["@odata.context"], context);
}

#[tokio::test]
async fn assign_in_v1_shows_id_and_target_only_and_loses_filters() {
    let graph = Graph::start();
    graph.assign(json!([filtered(group(PILOT), CORPORATE, "include")])).await;
    let answer = graph.post(&format!("{}/assign", policy_path("v1.0")), one(group(PILOT))).await;
    let target = json!({"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": PILOT});
    assert_eq!(*answer.rows(), [json!({"id": format!("{POLICY}_{PILOT}"), "target": target})]);
    assert_eq!(graph.targets().await[0]["deviceAndAppManagementAssignmentFilterType"], "none");
}

#[tokio::test]
async fn rows_of_policy_sets_survive_assign() {
    let graph = Graph::start();
    let row = json!({"target": group(STAFF)["target"], "source": "policySets", "sourceId": MISSING});
    graph.emulator.control(
        "PUT",
        &format!("/_emulator/deviceConfigurations/{POLICY}/assignments"),
        Some(&json!([row])),
    );
    let answer = graph.assign(json!([group(STAFF), group(PILOT)])).await;
    assert_eq!(answer.each("source"), ["direct", "direct", "policySets"]);
    assert_eq!(graph.assign(json!([])).await.each("sourceId"), [MISSING]);
    assert_eq!(graph.targets().await.len(), 1);
}

#[tokio::test]
async fn assign_leaves_version_and_time_of_the_policy_alone() {
    let graph = Graph::start();
    let before = graph.get(&policy_path("beta")).await.body;
    graph.assign(json!([group(PILOT)])).await;
    assert_eq!(graph.get(&policy_path("beta")).await.body, before);
}

#[tokio::test]
async fn open_questions_can_be_answered_the_other_way() {
    let semantics = Semantics {
        assignments_left_out: Unproven::Accept,
        repeated_target: RepeatedTarget::DropLater,
        unknown_group: Unproven::Refuse,
        filter_on_exclusion: Unproven::Accept,
        assign_answer: AssignAnswer::DirectRows,
        assign_touches_policy: true,
        ..Semantics::default()
    };
    let graph = Graph::with(tenant(), Options { semantics, ..Options::default() });
    assert_eq!(graph.assign(json!([group(MISSING)])).await.status, 400);
    let answer = graph.assign(json!([filtered(exclusion(PILOT), CORPORATE, "include"), group(PILOT)])).await;
    assert_eq!(answer.rows().len(), 1);
    assert_eq!(answer.rows()[0]["target"]["@odata.type"], "#microsoft.graph.exclusionGroupAssignmentTarget");
    assert_eq!(graph.get(&policy_path("beta")).await.body["version"], 2);
    assert_eq!(graph.post(&format!("{}/assign", policy_path("beta")), json!({})).await.status, 200);
    assert_eq!(graph.targets().await.len(), 0);
}
