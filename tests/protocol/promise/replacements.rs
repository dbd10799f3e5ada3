//! A replacement is one operation in two legs: what it may take away is what its plan showed, in either order.

use serde_json::{Value as Json, json};

use super::core::{Core, Planned, Stored, Version};
use super::{assign_elsewhere, at_assign, never_emptied};
use crate::scene::{Scene, config, config_of, with};
use crate::target::{Target, sorted};
use crate::tenant::{COMPANY_OWNED, KIOSKS, LAPTOPS, OTHER_POLICY, POLICY, Tenant, WORKSTATIONS};

fn before() -> Vec<Target> {
    vec![Target::group(WORKSTATIONS), Target::exclusion(KIOSKS)]
}

/// As many, fewer, more targets, and others.
fn sets() -> [Vec<Target>; 4] {
    let smaller = before()[..1].to_vec();
    let larger = [before(), vec![Target::group(LAPTOPS)]].concat();
    [before(), smaller, larger, vec![Target::all_users()]]
}

fn elements(targets: &[Target]) -> Vec<Json> {
    sorted(targets.iter().map(Target::element))
}

/// An object that was created and is in state, and its next command.
async fn assigned(scene: &Scene, version: Version) -> (Core<'_>, Stored) {
    let core = Core::new(scene, version);
    let stored = core.created(&config(&before())).await;
    (core, core.refreshed(&stored).await)
}

/// The rows of the other policy are these now.
fn assign_other(scene: &Scene, targets: &[Target]) {
    let path = format!("/_emulator/deviceConfigurations/{OTHER_POLICY}/assignments");
    let rows: Vec<Json> = targets.iter().map(Target::row).collect();
    assert_eq!(scene.control("PUT", &path, Some(&json!(rows))).0, 200);
}

#[tokio::test]
async fn create_first_is_one_update_where_the_client_hands_the_plan_on() {
    for wanted in sets() {
        let scene = Scene::new(&Tenant::default()).await;
        let (core, old) = assigned(&scene, Version::V1_16).await;
        let plan = core.plan_replacement(&old, &config(&wanted)).await;
        assert!(!plan.failed(), "{}", plan.messages);
        core.begin().await;
        let created = core.create_leg(&plan).await;
        assert!(!created.failed(), "{wanted:?}: {}", created.messages);
        assert_eq!(created.stored.assignments(), elements(&wanted));
        let destroyed = core.destroy_leg(&old, &plan).await;
        assert!(!destroyed.failed() && destroyed.stored.is_absent(), "{wanted:?}: {}", destroyed.messages);
        scene.must_hold(&wanted);
        never_emptied(&scene);
    }
}

#[tokio::test]
async fn create_first_stops_where_the_client_hands_the_plan_on_and_another_hand_was_there() {
    let scene = Scene::new(&Tenant::default()).await;
    let (core, old) = assigned(&scene, Version::V1_16).await;
    let plan = core.plan_replacement(&old, &config(&sets()[1])).await;
    let theirs = [before(), vec![Target::all_devices()]].concat();
    assign_elsewhere(&scene, &theirs);
    core.begin().await;
    let created = core.create_leg(&plan).await;
    assert!(
        created.failed() && created.stored.is_absent(),
        "Terraform restores the old object: {}",
        created.messages
    );
    assert!(created.messages.contains("allDevicesAssignmentTarget"), "{}", created.messages);
    scene.must_hold(&theirs);
}

#[tokio::test]
async fn create_first_is_refused_by_the_operation_where_the_client_does_not_hand_the_plan_on() {
    for wanted in sets() {
        let scene = Scene::new(&Tenant::default()).await;
        let (core, old) = assigned(&scene, Version::V1_11).await;
        let plan = core.plan_replacement(&old, &config(&wanted)).await;
        assert!(!plan.failed(), "{}", plan.messages);
        core.begin().await;
        // An error here would leave the old object set aside for good.
        let again = core.plan_again(&Stored::absent(), &plan).await;
        assert!(!again.failed(), "{}", again.messages);
        let created = core.operate(&Stored::absent(), &again).await;
        assert!(created.failed() && created.stored.is_absent(), "{wanted:?}: {}", created.messages);
        for way_out in ["create_before_destroy", "-replace", "untaint"] {
            assert!(created.messages.contains(way_out), "{way_out} in {}", created.messages);
        }
        scene.must_hold(&before());
        // Without the replacement the same configuration goes through.
        core.begin().await;
        let without = core.plan(&core.refreshed(&old).await, &config(&wanted)).await;
        core.begin().await;
        let applied = core.apply(&old, &without).await;
        assert!(!applied.failed(), "{}", applied.messages);
        scene.must_hold(&wanted);
    }
}

#[tokio::test]
async fn destroy_first_sends_one_write_at_most() {
    for version in [Version::V1_11, Version::V1_16] {
        for wanted in sets() {
            for is_tainted in [false, true] {
                let scene = Scene::new(&Tenant::default()).await;
                let (core, old) = assigned(&scene, version).await;
                let plan = replacement(core, &old, &config(&wanted), is_tainted).await;
                assert!(!plan.failed(), "{}", plan.messages);
                core.begin().await;
                let sent = scene.assign_calls();
                let destroyed = core.destroy_leg(&old, &plan).await;
                assert!(!destroyed.failed() && destroyed.stored.is_absent(), "{}", destroyed.messages);
                scene.must_hold(&before());
                let created = core.create_leg(&plan).await;
                assert!(!created.failed(), "{wanted:?}, tainted {is_tainted}: {}", created.messages);
                assert_eq!(created.stored.assignments(), elements(&wanted));
                scene.must_hold(&wanted);
                let changes = usize::from(elements(&wanted) != elements(&before()));
                assert_eq!(scene.assign_calls() - sent, changes);
                never_emptied(&scene);
            }
        }
    }
}

/// An error in the plan that Terraform repeats after the delete would leave the policy assigned and in no state.
#[tokio::test]
async fn look_ups_that_fail_after_the_destroy_leg_do_not_stop_the_create() {
    let wanted = [Target::group(WORKSTATIONS).including(COMPANY_OWNED)];
    for version in [Version::V1_11, Version::V1_16] {
        let scene = Scene::new(&Tenant::default()).await;
        let (core, old) = assigned(&scene, version).await;
        let plan = core.plan_replacement(&old, &config(&wanted)).await;
        assert!(!plan.failed(), "{}", plan.messages);
        core.begin().await;
        let destroyed = core.destroy_leg(&old, &plan).await;
        assert!(!destroyed.failed() && destroyed.stored.is_absent(), "{}", destroyed.messages);
        scene.fault(
            &json!({"status": 401, "times": null, "match": {"method": "GET", "path": "/assignmentFilters"}}),
        );
        let created = core.create_leg(&plan).await;
        assert!(!created.failed(), "{}", created.messages);
        scene.must_hold(&wanted);
        never_emptied(&scene);
    }
}

#[tokio::test]
async fn destroy_first_stops_where_another_hand_was_there_and_returns_what_is_there() {
    let theirs = [before(), vec![Target::all_devices()]].concat();
    for is_tainted in [false, true] {
        for is_before_the_first_leg in [true, false] {
            let scene = Scene::new(&Tenant::default()).await;
            let (core, old) = assigned(&scene, Version::V1_11).await;
            let plan = replacement(core, &old, &config(&sets()[1]), is_tainted).await;
            core.begin().await;
            if is_before_the_first_leg {
                assign_elsewhere(&scene, &theirs);
            }
            let destroyed = core.destroy_leg(&old, &plan).await;
            if destroyed.failed() {
                assert_eq!(destroyed.stored.json(), old.json());
            } else {
                assign_elsewhere(&scene, &theirs);
                let created = core.create_leg(&plan).await;
                assert!(created.failed(), "{}", created.messages);
                assert!(!created.stored.is_absent(), "nothing may be assigned outside the state");
                assert!(created.messages.contains("allDevicesAssignmentTarget"), "{}", created.messages);
            }
            scene.must_hold(&theirs);
            never_emptied(&scene);
        }
    }
}

#[tokio::test]
async fn a_create_leg_that_fails_keeps_the_set_and_the_state() {
    for is_tainted in [false, true] {
        let scene = Scene::new(&Tenant::default()).await;
        let (core, old) = assigned(&scene, Version::V1_11).await;
        let plan = replacement(core, &old, &config(&sets()[1]), is_tainted).await;
        core.begin().await;
        scene.fault(&at_assign(&json!({"status": 403})));
        let destroyed = core.destroy_leg(&old, &plan).await;
        assert!(!destroyed.failed(), "{}", destroyed.messages);
        let created = core.create_leg(&plan).await;
        assert!(created.failed(), "{}", created.messages);
        assert_eq!(created.stored.assignments(), elements(&before()), "what is there");
        scene.must_hold(&before());
        // Terraform taints what a failed create leaves; the next run heals that.
        core.begin().await;
        let left = core.refreshed(&created.stored).await;
        let plan = core.plan_tainted(&config(&sets()[1])).await;
        assert!(!plan.failed(), "{}", plan.messages);
        core.begin().await;
        assert!(!core.destroy_leg(&left, &plan).await.failed());
        assert!(!core.create_leg(&plan).await.failed());
        scene.must_hold(&sets()[1]);
        never_emptied(&scene);
    }
}

#[tokio::test]
async fn create_first_the_old_object_answers_for_what_a_failed_write_has_left() {
    let scene = Scene::new(&Tenant::default()).await;
    let (core, old) = assigned(&scene, Version::V1_16).await;
    let plan = core.plan_replacement(&old, &brief(config(&sets()[2]))).await;
    core.begin().await;
    scene.fault(&at_assign(&json!({"dropTargets": [format!("groupAssignmentTarget/{LAPTOPS}")]})));
    let created = core.create_leg(&plan).await;
    assert!(created.failed() && created.stored.is_absent(), "{}", created.messages);
    scene.must_hold(&before());
    // Terraform restores the old object; a plan with refresh goes on from there.
    core.begin().await;
    let left = core.refreshed(&old).await;
    let plan = core.plan(&left, &config(&sets()[2])).await;
    assert!(!plan.failed() && !plan.replaces, "{}", plan.messages);
    core.begin().await;
    assert!(!core.apply(&left, &plan).await.failed());
    scene.must_hold(&sets()[2]);
    never_emptied(&scene);
}

#[tokio::test]
async fn reads_that_lag_behind_take_nothing_from_a_replacement() {
    let scene = Scene::new(&Tenant::default()).await;
    let (core, old) = assigned(&scene, Version::V1_11).await;
    let plan = core.plan_replacement(&old, &config(&sets()[1])).await;
    core.begin().await;
    let mut lagging = at_assign(&json!({"stale": 1}));
    lagging["times"] = Json::Null;
    scene.fault(&lagging);
    assert!(!core.destroy_leg(&old, &plan).await.failed());
    let created = core.create_leg(&plan).await;
    scene.control("DELETE", "/_emulator/faults", None);
    assert!(!created.failed(), "{}", created.messages);
    scene.must_hold(&sets()[1]);
    never_emptied(&scene);
}

#[tokio::test]
async fn a_replacement_by_another_policy_is_checked_by_the_first_plan_call() {
    let absent = "00000000-1111-4222-8333-444444444444";
    let foreign = [Target::all_devices()];
    let tenant = Tenant::default().with_policy(OTHER_POLICY).with_baseline();
    for (policy, text) in [
        (OTHER_POLICY, "allDevicesAssignmentTarget"),
        (absent, absent),
        (crate::tenant::BASELINE, "windows10"),
    ] {
        let scene = Scene::new(&tenant).await;
        let (core, old) = assigned(&scene, Version::V1_11).await;
        assign_other(&scene, &foreign);
        let first = core.first_call(&old, &config_of(policy, &before())).await;
        assert!(first.failed(), "{policy}: {}", first.messages);
        assert!(first.messages.contains(text), "{}", first.messages);
    }
}

#[tokio::test]
async fn a_replacement_by_another_policy_takes_nothing_before_the_new_one_is_known_to_be_free() {
    let foreign = [Target::all_devices()];
    for deletes_it in [false, true] {
        let scene = Scene::new(&Tenant::default().with_policy(OTHER_POLICY)).await;
        let core = Core::new(&scene, Version::V1_11);
        let old = core.created(&brief(config(&before()))).await;
        let old = core.refreshed(&old).await;
        let plan = core.plan(&old, &brief(config_of(OTHER_POLICY, &before()))).await;
        assert!(plan.replaces && !plan.failed(), "{}", plan.messages);
        if deletes_it {
            scene.control("DELETE", &format!("/_emulator/deviceConfigurations/{OTHER_POLICY}"), None);
        } else {
            assign_other(&scene, &foreign);
        }
        core.begin().await;
        let destroyed = core.destroy_leg(&old, &plan).await;
        assert!(destroyed.failed(), "{}", destroyed.messages);
        assert!(
            destroyed.messages.contains(OTHER_POLICY) && destroyed.messages.contains(POLICY),
            "{}",
            destroyed.messages
        );
        assert_eq!(destroyed.stored.json(), old.json());
        scene.must_hold(&before());
    }
}

#[tokio::test]
async fn an_overwriting_replacement_takes_nothing_if_the_other_policy_has_its_set_by_then() {
    let scene = Scene::new(&Tenant::default().with_policy(OTHER_POLICY)).await;
    let (core, old) = assigned(&scene, Version::V1_11).await;
    let overwriting = with(config_of(OTHER_POLICY, &sets()[1]), "overwrite_existing", json!(true));
    let plan = core.plan(&old, &overwriting).await;
    assert!(plan.replaces && !plan.failed(), "{}", plan.messages);
    assign_other(&scene, &sets()[1]);
    core.begin().await;
    let destroyed = core.destroy_leg(&old, &plan).await;
    assert!(destroyed.failed(), "{}", destroyed.messages);
    scene.must_hold(&before());
    // The same is refused while planning.
    core.begin().await;
    assert!(core.first_call(&old, &overwriting).await.failed());
}

/// Not the ten minutes that a policy is waited for.
fn brief(config: Json) -> Json {
    with(config, "timeouts", json!({"create": "2s", "delete": "2s"}))
}

async fn replacement(core: Core<'_>, old: &Stored, config: &Json, is_tainted: bool) -> Planned {
    if is_tainted { core.plan_tainted(config).await } else { core.plan_replacement(old, config).await }
}
