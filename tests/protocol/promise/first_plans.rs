//! Plans of a create: what they can know of the policy, and which of two calls about one policy is refused.

use std::fmt::Write as _;

use expect_test::expect;

use super::core::{Core, Planned, Stored, Version};
use super::{assign_elsewhere, never_emptied};
use crate::scene::{Scene, config, config_of};
use crate::target::Target;
use crate::tenant::{KIOSKS, OTHER_POLICY, Tenant, WORKSTATIONS};

fn wanted() -> Vec<Target> {
    vec![Target::group(WORKSTATIONS), Target::exclusion(KIOSKS)]
}

/// `Error` or `Warning`, or a dash where there is nothing to say.
fn severity(messages: &str) -> &str {
    messages.split([':', ' ']).next().filter(|word| !word.is_empty()).unwrap_or("-")
}

#[tokio::test]
async fn a_create_is_refused_by_the_first_plan_that_can_tell_and_always_by_the_operation() {
    let mut table = String::new();
    for (live, found) in [
        ("nothing", Vec::new()),
        ("less", wanted()[..1].to_vec()),
        ("the same", wanted()),
        ("something else", vec![Target::all_users()]),
    ] {
        for version in [Version::V1_5, Version::V1_11, Version::V1_16] {
            let scene = Scene::new(&Tenant::default()).await;
            assign_elsewhere(&scene, &found);
            let core = Core::new(&scene, version);
            let plan = core.plan(&Stored::absent(), &config(&wanted())).await;
            core.begin().await;
            let again = core.plan_again(&Stored::absent(), &plan).await;
            let applied = core.operate(&Stored::absent(), &again).await;
            let verdicts = [&plan.messages, &again.messages, &applied.messages].map(|text| severity(text));
            writeln!(table, "{live}, {version:?}: {}", verdicts.join(", ")).unwrap();
            assert_eq!(applied.stored.is_absent(), !found.is_empty());
            scene.must_hold(if found.is_empty() { wanted() } else { found.clone() }.as_slice());
        }
    }
    expect![[r#"
        nothing, V1_5: -, -, -
        nothing, V1_11: -, -, -
        nothing, V1_16: -, -, -
        less, V1_5: Warning, Warning, Error
        less, V1_11: Error, -, Error
        less, V1_16: Error, -, Error
        the same, V1_5: Warning, Warning, Error
        the same, V1_11: Error, -, Error
        the same, V1_16: Error, -, Error
        something else, V1_5: Error, Error, Error
        something else, V1_11: Error, -, Error
        something else, V1_16: Error, -, Error
    "#]]
    .assert_eq(&table);
}

/// What a configuration makes of the address that holds the policy now.
#[derive(Clone, Copy, Debug)]
enum Old {
    IsTakenOut,
    Stays,
    MovesToAnotherPolicy,
}

/// Whichever of the two calls comes second is refused, whether the object was refreshed or not: what it holds could be
/// taken away by the one while the other believes to have it.
#[tokio::test]
async fn a_policy_at_two_addresses_is_refused_by_one_of_two_plans() {
    for old in [Old::IsTakenOut, Old::Stays, Old::MovesToAnotherPolicy] {
        for is_new_first in [true, false] {
            for is_refreshed in [true, false] {
                let scene = Scene::new(&Tenant::default().with_policy(OTHER_POLICY)).await;
                let core = Core::new(&scene, Version::V1_11);
                let mut stored = core.created(&config(&wanted())).await;
                if is_refreshed {
                    stored = core.refreshed(&stored).await;
                }
                let (new, of_old) = if is_new_first {
                    let new = plan_new(core).await;
                    (new, plan_old(core, &stored, old).await)
                } else {
                    let of_old = plan_old(core, &stored, old).await;
                    (plan_new(core).await, of_old)
                };
                let messages = format!("{}{}", new.messages, of_old.messages);
                let case = format!("{old:?}, new first {is_new_first}, refreshed {is_refreshed}");
                assert!(new.failed() || of_old.failed(), "{case}: {messages}");
                if !matches!(old, Old::Stays) {
                    assert!(messages.contains("moved {"), "{case}: {messages}");
                }
                never_emptied(&scene);
            }
        }
    }
}

async fn plan_new(core: Core<'_>) -> Planned {
    core.plan(&Stored::absent(), &config(&wanted())).await
}

async fn plan_old(core: Core<'_>, stored: &Stored, old: Old) -> Planned {
    match old {
        Old::IsTakenOut => core.plan_destroy(stored).await,
        Old::Stays => core.plan(stored, &config(&wanted())).await,
        Old::MovesToAnotherPolicy => core.plan(stored, &config_of(OTHER_POLICY, &wanted())).await,
    }
}

/// The plan of a tainted object is that of a create, and nothing else holds the policy.
#[tokio::test]
async fn a_tainted_object_that_was_refreshed_is_not_refused_and_one_that_was_not_is() {
    for is_refreshed in [true, false] {
        let scene = Scene::new(&Tenant::default()).await;
        let core = Core::new(&scene, Version::V1_11);
        let stored = core.created(&config(&wanted())).await;
        if is_refreshed {
            core.refreshed(&stored).await;
        }
        let plan = core.plan_tainted(&config(&wanted()[..1])).await;
        assert_eq!(plan.failed(), !is_refreshed, "{}", plan.messages);
        assert!(is_refreshed || plan.messages.contains("untaint"), "{}", plan.messages);
    }
}

#[tokio::test]
async fn a_policy_that_is_taken_away_while_another_is_planned_has_nothing_to_do_with_it() {
    let scene = Scene::new(&Tenant::default().with_policy(OTHER_POLICY)).await;
    let core = Core::new(&scene, Version::V1_11);
    let stored = core.refreshed(&core.created(&config(&wanted())).await).await;
    let plans = [
        core.plan(&Stored::absent(), &config_of(OTHER_POLICY, &wanted())).await,
        core.plan_destroy(&stored).await,
    ];
    assert_eq!(plans.map(|plan| plan.messages), ["", ""]);
}
