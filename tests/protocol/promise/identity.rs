//! Identities: known or left out, never in part. Clients from Terraform 1.12 on keep them; some show a plan with an
//! unknown one blank, others refuse it.

use serde_json::{Value as Json, json};
use terraform_provider_defender::protocol::msgpack;
use terraform_provider_defender::terraform::ty::Type;
use terraform_provider_defender::terraform::value::Value;
use terraform_provider_defender::wire::tfplugin6 as wire;

use crate::in_process::{RESOURCE, client, kind, provider, state};
use crate::scene::{Scene, config, config_of, with};
use crate::target::Target;
use crate::tenant::{POLICY, Tenant, WORKSTATIONS};

const UNKNOWN: &str = "<unknown>";

/// What is known only after apply: the policy's id, group ids and filter ids, each alone and all together.
fn unknowns() -> Vec<(&'static str, Json)> {
    let group = json!([{"type": "groupAssignmentTarget", "group_id": UNKNOWN}]);
    let filtered = |group: &str| {
        let target = json!({"type": "groupAssignmentTarget", "group_id": group});
        json!([with(with(target, "filter_id", json!(UNKNOWN)), "filter_type", json!("include"))])
    };
    let with_set = |policy: &str, set: Json| with(config_of(policy, &[]), "assignments", set);
    vec![
        ("policy id", config_of(UNKNOWN, &[Target::all_devices()])),
        ("group id", with_set(POLICY, group.clone())),
        ("filter id", with_set(POLICY, filtered(WORKSTATIONS))),
        ("set", with_set(POLICY, json!(UNKNOWN))),
        ("group id and policy id", with_set(UNKNOWN, group)),
        ("all", with_set(UNKNOWN, filtered(UNKNOWN))),
    ]
}

#[tokio::test]
async fn a_plan_has_an_identity_where_the_policy_is_known_and_none_elsewhere() {
    for configured in [false, true] {
        for (name, config) in unknowns() {
            let scene = Scene::new(&Tenant::default()).await;
            let mut client = if configured { scene.client() } else { client(provider()) };
            let request = wire::plan_resource_change::Request {
                type_name: RESOURCE.into(),
                proposed_new_state: Some(state(&config)),
                config: Some(state(&config)),
                ..Default::default()
            };
            let answer = client.plan_resource_change(request).await.unwrap().into_inner();
            assert_eq!(answer.diagnostics, [], "{name}");
            let is_known = config["device_configuration_id"] != UNKNOWN;
            assert_eq!(identity_of(answer.planned_identity), is_known.then(|| POLICY.to_owned()), "{name}");
        }
    }
}

/// A replacement by a policy that is not known yet: the prior identity is that of another object.
#[tokio::test]
async fn a_replacement_by_a_policy_that_is_not_known_yet_has_no_identity() {
    let prior =
        with(with(config(&[Target::all_devices()]), "id", json!(POLICY)), "assignment_ids", json!({}));
    let wanted = config_of(UNKNOWN, &[Target::all_devices()]);
    let request = wire::plan_resource_change::Request {
        type_name: RESOURCE.into(),
        prior_state: Some(state(&prior)),
        proposed_new_state: Some(state(&with(wanted.clone(), "id", json!(POLICY)))),
        config: Some(state(&wanted)),
        prior_identity: Some(identity(POLICY)),
        ..Default::default()
    };
    let answer = client(provider()).plan_resource_change(request).await.unwrap().into_inner();
    assert_eq!(answer.requires_replace.len(), 1);
    assert_eq!(identity_of(answer.planned_identity), None);
}

fn ty() -> Type {
    Type::object([(kind::translated("device_configuration_id"), Type::String)])
}

fn identity(policy: &str) -> wire::ResourceIdentityData {
    let value = Value::Object([(kind::translated("device_configuration_id"), Value::string(policy))].into());
    let msgpack = msgpack::encode(&value, &ty()).unwrap();
    wire::ResourceIdentityData { identity_data: Some(wire::DynamicValue { msgpack, json: Vec::new() }) }
}

/// The policy that an identity names.
fn identity_of(identity: Option<wire::ResourceIdentityData>) -> Option<String> {
    let value = msgpack::decode(&identity?.identity_data?.msgpack, &ty()).unwrap();
    value.attribute(&kind::translated("device_configuration_id")).and_then(Value::as_str).map(str::to_owned)
}
