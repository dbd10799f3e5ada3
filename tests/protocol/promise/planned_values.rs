//! Planned values, key by key: a plan shows the targets that enter and leave and nothing else.

use serde_json::{Value as Json, json};
use terraform_provider_defender::wire::tfplugin6 as wire;

use super::core::{Core, Stored, Version};
use crate::in_process::{RESOURCE, client, decoded, provider, state};
use crate::scene::{Scene, config, with};
use crate::target::Target;
use crate::tenant::{COMPANY_OWNED, KIOSKS, LAPTOPS, PERSONAL, POLICY, POLICY_SET, Tenant, WORKSTATIONS};

const UNKNOWN: &str = "<unknown>";

fn before() -> Vec<Target> {
    vec![Target::group(WORKSTATIONS).including(COMPANY_OWNED), Target::exclusion(KIOSKS)]
}

/// In a policy that has something from a policy set, too.
async fn assigned(scene: &Scene) -> (Core<'_>, Stored) {
    let core = Core::new(scene, Version::V1_11);
    let stored = core.created(&config(&before())).await;
    (core, core.refreshed(&stored).await)
}

fn tenant() -> Tenant {
    Tenant::default().with_rows(&[Target::group(LAPTOPS).inherited_row(POLICY_SET)])
}

#[tokio::test]
async fn a_target_that_enters_and_one_that_leaves_change_one_key_each() {
    let scene = Scene::new(&tenant()).await;
    let (core, prior) = assigned(&scene).await;
    let wanted = [before()[0].clone(), Target::all_users()];
    let plan = core.plan(&prior, &config(&wanted)).await;
    let kept = format!("groupAssignmentTarget/{WORKSTATIONS}");
    let expected = json!({
        kept.as_str(): prior.json()["assignment_ids"][kept.as_str()],
        "allLicensedUsersAssignmentTarget": UNKNOWN,
    });
    assert_eq!(plan.state["assignment_ids"], expected);
    assert_eq!(plan.state["inherited_assignments"], prior.json()["inherited_assignments"]);
    core.begin().await;
    let applied = core.apply(&prior, &plan).await;
    assert_eq!(applied.messages, "");
    assert_eq!(applied.stored.json(), core.refreshed(&applied.stored).await.json());
}

#[tokio::test]
async fn another_filter_on_the_same_target_changes_no_key() {
    let scene = Scene::new(&tenant()).await;
    let (core, prior) = assigned(&scene).await;
    let wanted = [Target::group(WORKSTATIONS).excluding(PERSONAL), before()[1].clone()];
    let plan = core.plan(&prior, &config(&wanted)).await;
    for computed in ["assignment_ids", "inherited_assignments"] {
        assert_eq!(plan.state[computed], prior.json()[computed], "{computed}");
    }
}

#[tokio::test]
async fn targets_that_only_leave_leave_nothing_unknown() {
    let scene = Scene::new(&tenant()).await;
    let (core, prior) = assigned(&scene).await;
    let plan = core.plan(&prior, &config(&before()[1..])).await;
    assert!(!plan.state.to_string().contains(UNKNOWN), "{}", plan.state);
    let emptied = core.plan(&prior, &config(&[])).await;
    assert_eq!(emptied.state["assignment_ids"], json!({}));
}

#[tokio::test]
async fn a_key_that_cannot_be_known_leaves_the_map_open_and_nothing_else() {
    let scene = Scene::new(&tenant()).await;
    let (core, prior) = assigned(&scene).await;
    let kept = before()[0].element();
    let unknown_group = json!([kept, {"type": "groupAssignmentTarget", "group_id": UNKNOWN}]);
    let plan = core.plan(&prior, &with(config(&[]), "assignments", unknown_group)).await;
    assert_eq!(plan.state["assignment_ids"], json!({UNKNOWN: UNKNOWN}));
    assert_eq!(plan.state["inherited_assignments"], prior.json()["inherited_assignments"]);
    // A filter is no part of a key.
    let unknown_filter = json!([
        {"type": "groupAssignmentTarget", "group_id": WORKSTATIONS, "filter_id": UNKNOWN, "filter_type": "include"},
        before()[1].element(),
    ]);
    let plan = core.plan(&prior, &with(config(&[]), "assignments", unknown_filter)).await;
    assert_eq!(plan.state["assignment_ids"], prior.json()["assignment_ids"]);
}

#[tokio::test]
async fn a_create_leaves_open_what_the_service_decides() {
    let scene = Scene::new(&Tenant::default()).await;
    let plan = Core::new(&scene, Version::V1_11).plan(&Stored::absent(), &config(&before())).await;
    assert_eq!(plan.messages, "");
    assert_eq!(plan.state["assignment_ids"], json!({UNKNOWN: UNKNOWN}));
}

/// Terraform 1.0 to 1.2 propose the prior block where the configuration has none.
#[tokio::test]
async fn a_block_that_is_left_out_is_planned_null() {
    let ids = json!({format!("groupAssignmentTarget/{WORKSTATIONS}"): "row"});
    let mut prior = with(config(&[Target::group(WORKSTATIONS)]), "timeouts", json!({"create": "5m"}));
    for (name, value) in
        [("id", json!(POLICY)), ("assignment_ids", ids), ("inherited_assignments", json!([]))]
    {
        prior = with(prior, name, value);
    }
    let request = wire::plan_resource_change::Request {
        type_name: RESOURCE.into(),
        prior_state: Some(state(&prior)),
        proposed_new_state: Some(state(&prior)),
        config: Some(state(&config(&[Target::group(WORKSTATIONS)]))),
        ..Default::default()
    };
    let answer = client(provider()).plan_resource_change(request).await.unwrap().into_inner();
    let planned = decoded(answer.planned_state.as_ref());
    assert_eq!(planned, with(decoded(Some(&state(&prior))), "timeouts", Json::Null));
}
