//! The guards at the level of gRPC: what is refused, in which words, and what stays as it was.

use expect_test::expect;
use serde_json::{Value as Json, json};
use terraform_provider_defender::wire::tfplugin6 as wire;

use crate::in_process::{decoded, state};
use crate::scene::{Scene, config, config_of, stored, with};
use crate::target::Target;
use crate::tenant::{COMPANY_OWNED, KIOSKS, LAPTOPS, OTHER_POLICY, POLICY, POLICY_SET, Tenant, WORKSTATIONS};

/// A target of a kind that is newer than the provider.
fn unknown_row() -> Json {
    json!({"target": {"@odata.type": "#microsoft.graph.organizationalUnitAssignmentTarget", "unitId": "7"}})
}

fn workstations() -> Target {
    Target::group(WORKSTATIONS).including(COMPANY_OWNED)
}

/// Assigned by somebody else before Terraform comes.
fn assigned() -> [Target; 2] {
    [workstations(), Target::exclusion(KIOSKS)]
}

#[tokio::test]
async fn a_create_that_would_lose_assignments_is_refused_at_plan_and_at_apply() {
    let scene = Scene::new(&Tenant::default().assigned_to(&assigned())).await;
    // The same group without its filter is another assignment.
    let wanted = config(&[Target::group(WORKSTATIONS), Target::all_users()]);
    let planned = scene.plan(&Json::Null, &wanted).await;
    let applied = scene.apply(&Json::Null, &wanted).await;
    assert_eq!((planned.messages.as_str(), &applied.state), (applied.messages.as_str(), &Json::Null));
    assert_eq!(planned.state["id"], POLICY, "a plan does not depend on what was found");
    expect![[r#"
        Error at assignments: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294 is already assigned
        A new resource needs a policy without direct assignments, because a write replaces the whole set. This policy has:
          - exclusionGroupAssignmentTarget c5f3b8d4-2e69-40b7-ac3f-8b40bd9e7f03 (group "Kiosks")
          - groupAssignmentTarget a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01, filter include d604c9e5-3f7a-41c8-bd40-9c51ceaf8004 (group "Workstations")
        The configuration does not contain:
          - exclusionGroupAssignmentTarget c5f3b8d4-2e69-40b7-ac3f-8b40bd9e7f03 (group "Kiosks")
          - groupAssignmentTarget a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01, filter include d604c9e5-3f7a-41c8-bd40-9c51ceaf8004 (group "Workstations")
        Nothing was written.
        Next, one of these:
          1. If another resource in the state manages this policy, move that resource to this address:
             moved {
               from = defender_atp_assignment.OLD_NAME
               to   = defender_atp_assignment.NEW_NAME
             }
          2. To adopt the existing assignments, for example after an interrupted apply, import the policy; the plan then shows each difference:
             import {
               to = defender_atp_assignment.NAME
               id = "0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294"
             }
          3. To replace the existing assignments, set overwrite_existing = true.
        The provider cannot always detect that a create belongs to a replacement. For a tainted resource, run terraform untaint with its address, or plan with refresh. If the resource has create_before_destroy, do one of these: remove that setting, plan without -replace, or run terraform untaint.
    "#]].assert_eq(&applied.messages);
    assert_eq!(scene.assign_calls(), 0);
    scene.must_hold(&assigned());
}

#[tokio::test]
async fn overwrite_existing_replaces_other_assignments_and_never_adopts_the_same() {
    let scene = Scene::new(&Tenant::default().assigned_to(&assigned())).await;
    let wanted = with(config(&assigned()), "overwrite_existing", json!(true));
    let plan = scene.plan(&Json::Null, &wanted).await;
    let create = scene.apply(&Json::Null, &wanted).await;
    // This client does not say which plan it asks for.
    assert_eq!(create.messages, plan.messages.replacen("Warning", "Error", 1));
    assert_eq!(create.state, Json::Null);
    scene.must_hold(&assigned());
    assert_eq!(scene.assign_calls(), 0);
    expect![[r#"
        Error at assignments: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294 already has the configured assignments
        overwrite_existing is set, but there is nothing to replace. Another resource may manage the same assignments, and destroying that resource would remove them. The policy has:
          - exclusionGroupAssignmentTarget c5f3b8d4-2e69-40b7-ac3f-8b40bd9e7f03 (group "Kiosks")
          - groupAssignmentTarget a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01, filter include d604c9e5-3f7a-41c8-bd40-9c51ceaf8004 (group "Workstations")
        Nothing was written.
        Next, one of these:
          1. If another resource in the state manages this policy, move that resource to this address:
             moved {
               from = defender_atp_assignment.OLD_NAME
               to   = defender_atp_assignment.NEW_NAME
             }
          2. To adopt the existing assignments, for example after an interrupted apply, import the policy; the plan then shows each difference:
             import {
               to = defender_atp_assignment.NAME
               id = "0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294"
             }
        The provider cannot always detect that a create belongs to a replacement. For a tainted resource, run terraform untaint with its address, or plan with refresh. If the resource has create_before_destroy, do one of these: remove that setting, plan without -replace, or run terraform untaint.
    "#]].assert_eq(&create.messages);
}

#[tokio::test]
async fn overwrite_existing_is_a_switch_of_creates_alone() {
    let mut table = Vec::new();
    for value in [Json::Null, json!(false), json!(true)] {
        let scene = Scene::new(&Tenant::default().assigned_to(&assigned())).await;
        let wanted = [Target::group(LAPTOPS)];
        let switched = |targets: &[Target]| with(config(targets), "overwrite_existing", value.clone());
        let verdict = |messages: &str| messages.lines().next().map_or("goes ahead", first_word).to_owned();

        let plan = verdict(&scene.plan(&Json::Null, &switched(&wanted)).await.messages);
        let create = verdict(&scene.apply(&Json::Null, &switched(&wanted)).await.messages);
        scene.must_hold(&if create == "Warning" { wanted.to_vec() } else { assigned().to_vec() });

        // Another run: the state has the switch, and somebody has changed the policy since the plan.
        scene.configure(&json!({})).await;
        let prior = with(stored(&wanted), "overwrite_existing", value.clone());
        let found = [Target::all_devices()];
        scene.assign_in_portal(&[found[0].row()]);
        let update = verdict(&scene.apply(&prior, &switched(&[Target::all_users()])).await.messages);
        scene.must_hold(&found);
        let elsewhere = Scene::new(&Tenant::default().assigned_to(&found)).await;
        let delete = verdict(&elsewhere.apply(&prior, &Json::Null).await.messages);
        elsewhere.must_hold(&found);
        table
            .push(format!("{value:5} | plan {plan} | create {create} | update {update} | delete {delete}\n"));
    }
    expect![[r#"
        null | plan Error | create Error | update Error | delete Error
        false | plan Error | create Error | update Error | delete Error
        true | plan Warning | create Warning | update Error | delete Error
    "#]]
    .assert_eq(&table.concat());
}

#[tokio::test]
async fn a_create_takes_over_nothing_even_where_it_would_lose_nothing() {
    let upper_case: Vec<Target> = assigned().iter().map(Target::with_upper_case_ids).collect();
    let more = [upper_case.clone(), vec![Target::all_users()]].concat();
    for wanted in [&upper_case, &more] {
        let scene = Scene::new(&Tenant::default().assigned_to(&assigned())).await;
        let refused = scene.apply(&Json::Null, &config(wanted)).await;
        assert!(refused.failed() && refused.messages.contains("The configuration contains all of them."));
        assert_eq!((refused.state, scene.assign_calls()), (Json::Null, 0));
        scene.must_hold(&assigned());
    }
    for (wanted, writes) in [(more.as_slice(), 1), (&[], 0)] {
        let scene = Scene::new(&Tenant::default()).await;
        assert_eq!(scene.plan(&Json::Null, &config(wanted)).await.messages, "");
        scene.applied(&Json::Null, &config(wanted)).await;
        assert_eq!((scene.assign_calls(), scene.rows().len()), (writes, wanted.len()));
    }
}

#[tokio::test]
async fn a_client_that_does_not_say_which_plan_it_asks_for_gets_a_warning_where_nothing_would_be_lost() {
    for (capabilities, expected) in
        [(None, "Warning"), (Some(deferral(false)), "Error"), (Some(deferral(true)), "")]
    {
        let scene = Scene::new(&Tenant::default().assigned_to(&assigned())).await;
        let messages = scene.plan_with(&Json::Null, &config(&assigned()), capabilities).await.messages;
        assert_eq!(first_word(&messages).trim_end_matches(':'), expected, "{messages}");
        let scene = Scene::new(&Tenant::default().assigned_to(&assigned())).await;
        let messages = scene.plan_with(&Json::Null, &config(&[]), capabilities).await.messages;
        let expected = if expected.is_empty() { "" } else { "Error" };
        assert_eq!(first_word(&messages).trim_end_matches(':'), expected, "{messages}");
    }
}

fn deferral(allowed: bool) -> wire::ClientCapabilities {
    wire::ClientCapabilities { deferral_allowed: allowed, ..Default::default() }
}

#[tokio::test]
async fn the_guard_of_creates_needs_the_policy_alone() {
    let scene = Scene::new(&Tenant::default().assigned_to(&assigned())).await;
    let unknown = json!([{"type": "groupAssignmentTarget", "group_id": "<unknown>"}]);
    let unknown = with(config(&[]), "assignments", unknown);
    let messages = scene.plan(&Json::Null, &unknown).await.messages;
    assert!(
        messages.contains("Whether the configuration contains all of them is not known yet."),
        "{messages}"
    );
    // The second call of a replacement: the first has seen the old object.
    let wanted = config(&[Target::all_users()]);
    assert_eq!(scene.plan_after(b"planned", &Json::Null, &wanted).await.messages, "");
    let wanted = config_of("<unknown>", &[Target::all_users()]);
    assert_eq!(scene.plan(&Json::Null, &wanted).await.messages, "", "the policy is not known yet");
}

#[tokio::test]
async fn an_update_of_what_somebody_changed_is_refused_and_keeps_the_state() {
    let scene = Scene::new(&Tenant::default()).await;
    scene.assign_in_portal(&[Target::group(WORKSTATIONS).row(), Target::exclusion(LAPTOPS).row()]);
    let prior = stored(&assigned());
    let answer = scene.apply(&prior, &config(&[Target::all_devices()])).await;
    assert_eq!(answer.state, whole(&prior));
    expect![[r#"
        Error at assignments: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294: its assignments have changed since the plan
        They were changed outside of this run, and a write replaces the whole set.
        The plan saw:
          - exclusionGroupAssignmentTarget c5f3b8d4-2e69-40b7-ac3f-8b40bd9e7f03 (group "Kiosks")
          - groupAssignmentTarget a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01, filter include d604c9e5-3f7a-41c8-bd40-9c51ceaf8004 (group "Workstations")
        The policy now has:
          - exclusionGroupAssignmentTarget b4e2a7c3-1d58-4fa6-9b2e-7a3fac8d6e02 (group "Laptops")
          - groupAssignmentTarget a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01 (group "Workstations")
        To be written:
          - allDevicesAssignmentTarget
        Nothing was written.
        Next: run terraform plan again, review the changes, and apply the new plan. If this plan was made with -refresh=false, plan again without it.
    "#]].assert_eq(&answer.messages);
    assert_eq!(scene.assign_calls(), 0);
}

#[tokio::test]
async fn a_delete_of_what_somebody_changed_is_refused_and_keeps_the_state() {
    let scene = Scene::new(&Tenant::default().assigned_to(&[workstations()])).await;
    let prior = stored(&assigned());
    let answer = scene.apply(&prior, &Json::Null).await;
    assert_eq!(answer.state, whole(&prior));
    expect![[r#"
        Error at assignments: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294: its assignments have changed since the plan
        They were changed outside of this run, and a write replaces the whole set.
        The plan saw:
          - exclusionGroupAssignmentTarget c5f3b8d4-2e69-40b7-ac3f-8b40bd9e7f03 (group "Kiosks")
          - groupAssignmentTarget a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01, filter include d604c9e5-3f7a-41c8-bd40-9c51ceaf8004 (group "Workstations")
        The policy now has:
          - groupAssignmentTarget a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01, filter include d604c9e5-3f7a-41c8-bd40-9c51ceaf8004 (group "Workstations")
        To be written:
          (none)
        Nothing was written.
        Next: run terraform plan again, review the changes, and apply the new plan. If this plan was made with -refresh=false, plan again without it.
    "#]].assert_eq(&answer.messages);
    scene.must_hold(&[workstations()]);
}

#[tokio::test]
async fn a_change_that_is_there_already_needs_no_write() {
    let wanted = [Target::all_devices()];
    let scene = Scene::new(&Tenant::default().assigned_to(&wanted)).await;
    scene.applied(&stored(&assigned()), &config(&wanted)).await;
    let emptied = Scene::new(&Tenant::default()).await;
    assert_eq!(emptied.applied(&stored(&assigned()), &Json::Null).await, Json::Null);
    assert_eq!((scene.assign_calls(), emptied.assign_calls()), (0, 0));
}

#[tokio::test]
async fn a_group_that_is_gone_does_not_keep_others_from_leaving() {
    const GONE: &str = "00000000-1111-4222-8333-444444444444";
    let found = [Target::group(GONE), Target::group(KIOSKS)];
    let scene = Scene::new(&Tenant::default().assigned_to(&found)).await;
    let wanted = [Target::group(GONE), Target::group(LAPTOPS)];
    scene.applied(&stored(&found), &config(&wanted)).await;
    scene.must_hold(&wanted);
}

#[tokio::test]
async fn a_kind_that_nobody_knows_is_shown_and_never_written_over() {
    let rows = [workstations().row(), unknown_row()];
    let scene = Scene::new(&Tenant::default().with_rows(&rows)).await;
    let read = scene.read(&stored(&[workstations()])).await;
    assert_eq!(read.messages, "");
    assert_eq!(read.assignments().len(), 2);
    let wanted = config(&[workstations()]);
    let create = scene.apply(&Json::Null, &wanted).await;
    scene.configure(&json!({})).await;
    let update = scene.apply(&read.state, &wanted).await;
    let delete = scene.apply(&read.state, &Json::Null).await;
    assert_eq!((&create.state, &update.state), (&Json::Null, &read.state));
    assert_eq!((&delete.state, &delete.messages), (&read.state, &update.messages));
    expect![[r#"
        Error at assignments: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294: it has assignments of a kind that this provider does not know
        A write replaces the whole set, and the provider could not write back these assignments:
          - organizationalUnitAssignmentTarget (id 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294_organizationalUnitAssignmentTarget)
        Nothing was written.
        Next: use a newer version of the provider, or remove them in the Intune admin center if they are not needed. To replace all existing assignments, set overwrite_existing = true.

        Error at assignments: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294: it has assignments of a kind that this provider does not know
        A write replaces the whole set, and the provider could not write back these assignments:
          - organizationalUnitAssignmentTarget (id 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294_organizationalUnitAssignmentTarget)
        Nothing was written.
        Next: use a newer version of the provider, or remove them in the Intune admin center if they are not needed.
    "#]].assert_eq(&[create.messages, update.messages].join("\n"));
    assert_eq!(scene.assign_calls(), 0);
    // Only this takes it away, and says so.
    let overwritten = scene.apply(&Json::Null, &with(wanted, "overwrite_existing", json!(true))).await;
    assert!(
        overwritten.messages.contains("- organizationalUnitAssignmentTarget"),
        "{}",
        overwritten.messages
    );
    scene.must_hold(&[workstations()]);
}

#[tokio::test]
async fn a_delete_of_what_this_run_has_written_sends_nothing() {
    let wanted = [workstations()];
    let scene = Scene::new(&Tenant::default()).await;
    scene.applied(&Json::Null, &config(&wanted)).await;
    let old = scene.apply(&stored(&wanted), &Json::Null).await;
    assert_eq!(old.state, Json::Null);
    scene.must_hold(&wanted);
    assert_eq!(scene.assign_calls(), 1);
    expect![[r#"
        Warning: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294 stays assigned: it is now managed at another address
        This run has applied the policy in another object (at another address or by a replacement), so destroying the old one sent nothing and only removed it from the state. If the address has changed, use a "moved" block, so that Terraform does not destroy anything.
    "#]].assert_eq(&old.messages);
}

#[tokio::test]
async fn a_delete_of_another_policy_is_not_held_back() {
    let scene = Scene::new(&Tenant::default().with_policy(OTHER_POLICY).assigned_to(&assigned())).await;
    scene.applied(&Json::Null, &config_of(OTHER_POLICY, &[Target::all_users()])).await;
    scene.applied(&stored(&assigned()), &Json::Null).await;
    scene.must_hold(&[]);
}

#[tokio::test]
async fn skip_destroy_leaves_the_policy_assigned_and_says_so() {
    let scene = Scene::new(&Tenant::default().assigned_to(&assigned())).await;
    let prior = with(stored(&assigned()), "skip_destroy", json!(true));
    let planned = scene.plan(&prior, &Json::Null).await;
    let applied = scene.apply(&prior, &Json::Null).await;
    assert_eq!((&planned.messages, &applied.state), (&applied.messages, &Json::Null));
    expect![[r#"
        Warning: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294 stays assigned
        skip_destroy is set: destroying the resource only removes it from the state. The policy keeps its assignments, and Terraform does not manage them from then on.
    "#]].assert_eq(&applied.messages);
    assert_eq!(scene.calls(""), [""; 0]);
    scene.must_hold(&assigned());
}

#[tokio::test]
async fn rows_of_policy_sets_are_shown_and_survive_everything() {
    let inherited = Target::group(LAPTOPS).inherited_row(POLICY_SET);
    let scene = Scene::new(&Tenant::default().with_rows(std::slice::from_ref(&inherited))).await;
    let element = json!([{
        "type": "groupAssignmentTarget", "group_id": LAPTOPS, "collection_id": null, "filter_id": null,
        "filter_type": null, "source": "policySets", "source_id": POLICY_SET,
    }]);
    // The group is inherited already; that it is assigned directly as well is nobody's mistake.
    let created = scene.applied(&Json::Null, &config(&[Target::group(LAPTOPS)])).await;
    assert_eq!(created["inherited_assignments"], element);
    scene.must_hold(&[Target::group(LAPTOPS)]);
    let updated = scene.applied(&created, &config(&[Target::all_users()])).await;
    assert_eq!(updated["inherited_assignments"], element);
    assert_eq!(scene.read(&updated).await.state, updated);
    let elsewhere = Scene::new(&Tenant::default().with_rows(&[inherited, Target::all_users().row()])).await;
    elsewhere.applied(&updated, &Json::Null).await;
    elsewhere.must_hold(&[]);
    assert_eq!(elsewhere.rows().len(), 1, "that of the policy set");
}

#[tokio::test]
async fn writers_of_one_policy_take_turns() {
    let slow = terraform_provider_defender::emulator::Options {
        latency: std::time::Duration::from_millis(50),
        ..Default::default()
    };
    let scene = Scene::configured(&Tenant::default(), slow, &json!({}), Box::new(|_| None)).await;
    let [one, other] = [config(&[Target::all_devices()]), config(&[Target::all_users()])];
    let (one, other) = tokio::join!(scene.apply(&Json::Null, &one), scene.apply(&Json::Null, &other));
    let refused = [&one, &other].into_iter().filter(|answer| answer.state.is_null()).count();
    assert_eq!((refused, scene.assign_calls()), (1, 1), "the second sees what the first has written");
}

/// A state with its null attributes, as answers have them.
fn whole(values: &Json) -> Json {
    decoded(Some(&state(values)))
}

fn first_word(line: &str) -> &str {
    line.split_whitespace().next().unwrap_or_default()
}
