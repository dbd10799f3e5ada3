//! Plans, without any service: what is known, what is left open, what is kept.

use serde_json::{Value as Json, json};
use terraform_provider_defender::terraform::managed_resource::PRIVATE_MARKER;
use terraform_provider_defender::wire::tfplugin6 as wire;

use crate::in_process::{RESOURCE, client, decoded, provider, state};

const POLICY: &str = "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a";
const OTHER_POLICY: &str = "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4b";
const GROUP: &str = "a1b2c3d4-0000-0000-0000-00000000000a";

fn group(group_id: &str) -> Json {
    json!({"type": "groupAssignmentTarget", "group_id": group_id})
}

fn full_group(group_id: &str) -> Json {
    json!({
        "type": "groupAssignmentTarget", "group_id": group_id, "collection_id": null, "filter_id": null,
        "filter_type": null,
    })
}

fn config(policy: &str, assignments: &Json) -> Json {
    json!({"device_configuration_id": policy, "assignments": assignments})
}

fn prior() -> Json {
    json!({
        "id": POLICY, "device_configuration_id": POLICY, "assignments": [group(GROUP)],
        "assignment_ids": {format!("groupAssignmentTarget/{GROUP}"): "p_g"}, "inherited_assignments": [],
    })
}

/// What Terraform proposes: the prior state with the configuration laid over it.
fn proposed(prior: &Json, config: &Json) -> Json {
    let mut proposed = config.clone();
    for computed in ["id", "assignment_ids", "inherited_assignments"] {
        proposed[computed] = prior[computed].clone();
    }
    proposed
}

async fn plan(prior: &Json, config: &Json) -> wire::plan_resource_change::Response {
    let request = wire::plan_resource_change::Request {
        type_name: RESOURCE.into(),
        prior_state: (!prior.is_null()).then(|| state(prior)),
        proposed_new_state: Some(state(&proposed(prior, config))),
        config: Some(state(config)),
        ..Default::default()
    };
    let answer = client(provider()).plan_resource_change(request).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics, []);
    assert!(!answer.planned_private.is_empty(), "every planned state carries a marker");
    answer
}

#[tokio::test]
async fn a_create_knows_the_id_and_leaves_open_what_the_service_decides() {
    let answer = plan(&Json::Null, &config(POLICY, &json!([group(GROUP)]))).await;
    let planned = decoded(answer.planned_state.as_ref());
    assert_eq!(planned["id"], POLICY);
    assert_eq!(planned["assignments"], json!([full_group(GROUP)]));
    assert_eq!(planned["assignment_ids"], json!({"<unknown>": "<unknown>"}));
    assert!(answer.planned_identity.is_some());
}

#[tokio::test]
async fn an_unchanged_resource_plans_its_prior_state_to_the_byte() {
    let answer = plan(&prior(), &config(POLICY, &json!([group(GROUP)]))).await;
    assert_eq!(answer.planned_state, Some(state(&prior())));
}

#[tokio::test]
async fn upper_case_in_configuration_is_no_change() {
    let config = config(&POLICY.to_uppercase(), &json!([group(&GROUP.to_uppercase())]));
    let answer = plan(&prior(), &config).await;
    assert_eq!(answer.planned_state, Some(state(&prior())));
    assert_eq!(answer.requires_replace, []);
}

#[tokio::test]
async fn a_switch_alone_leaves_everything_else_known() {
    let mut config = config(POLICY, &json!([group(GROUP)]));
    config["skip_destroy"] = json!(true);
    let mut expected = prior();
    expected["skip_destroy"] = json!(true);
    let answer = plan(&prior(), &config).await;
    assert_eq!(answer.planned_state, Some(state(&expected)));
}

#[tokio::test]
async fn another_target_leaves_its_own_id_open_and_nothing_else() {
    let more = json!([group(GROUP), {"type": "allDevicesAssignmentTarget"}]);
    let planned = decoded(plan(&prior(), &config(POLICY, &more)).await.planned_state.as_ref());
    let ids =
        json!({"allDevicesAssignmentTarget": "<unknown>", format!("groupAssignmentTarget/{GROUP}"): "p_g"});
    assert_eq!(planned["assignment_ids"], ids);
    assert_eq!((&planned["id"], &planned["inherited_assignments"]), (&json!(POLICY), &json!([])));
    let other = json!([{"type": "allDevicesAssignmentTarget"}]);
    let planned = decoded(plan(&prior(), &config(POLICY, &other)).await.planned_state.as_ref());
    assert_eq!(planned["assignment_ids"], json!({"allDevicesAssignmentTarget": "<unknown>"}));
}

#[tokio::test]
async fn a_target_that_is_not_known_leaves_all_ids_open() {
    let planned =
        decoded(plan(&prior(), &config(POLICY, &json!([group("<unknown>")]))).await.planned_state.as_ref());
    assert_eq!(planned["assignment_ids"], json!({"<unknown>": "<unknown>"}));
    assert_eq!(planned["inherited_assignments"], json!([]));
}

#[tokio::test]
async fn a_time_out_block_that_is_left_out_is_planned_null() {
    let mut prior = prior();
    prior["timeouts"] = json!({"create": "1m"});
    let config = config(POLICY, &json!([group(GROUP)]));
    // As Terraform 1.0 to 1.2 propose it.
    let mut proposed = proposed(&prior, &config);
    proposed["timeouts"] = prior["timeouts"].clone();
    let request = wire::plan_resource_change::Request {
        type_name: RESOURCE.into(),
        prior_state: Some(state(&prior)),
        proposed_new_state: Some(state(&proposed)),
        config: Some(state(&config)),
        ..Default::default()
    };
    let answer = client(provider()).plan_resource_change(request).await.unwrap().into_inner();
    assert_eq!(decoded(answer.planned_state.as_ref())["timeouts"], Json::Null);
}

#[tokio::test]
async fn another_policy_replaces_the_resource() {
    let answer = plan(&prior(), &config(OTHER_POLICY, &json!([group(GROUP)]))).await;
    assert_eq!(answer.requires_replace.len(), 1);
    assert_eq!(decoded(answer.planned_state.as_ref())["id"], OTHER_POLICY);
}

#[tokio::test]
async fn unknown_ids_stay_unknown() {
    let config = config("<unknown>", &json!([group("<unknown>")]));
    let planned = decoded(plan(&Json::Null, &config).await.planned_state.as_ref());
    assert_eq!(
        (&planned["id"], &planned["device_configuration_id"]),
        (&json!("<unknown>"), &json!("<unknown>"))
    );
}

#[tokio::test]
async fn an_identity_is_planned_once_it_is_known() {
    let of = |policy: &'static str| async move {
        plan(&Json::Null, &config(policy, &json!([]))).await.planned_identity
    };
    assert!(of(POLICY).await.is_some());
    assert_eq!(of("<unknown>").await, None);
}

#[tokio::test]
async fn a_destroy_plans_nothing() {
    let request = wire::plan_resource_change::Request {
        type_name: RESOURCE.into(),
        prior_state: Some(state(&prior())),
        prior_private: b"kept".to_vec(),
        ..Default::default()
    };
    let answer = client(provider()).plan_resource_change(request).await.unwrap().into_inner();
    assert_eq!(decoded(answer.planned_state.as_ref()), Json::Null);
    assert_eq!(answer.planned_private, PRIVATE_MARKER, "no old plan's private data");
    assert_eq!(answer.diagnostics, []);
}
