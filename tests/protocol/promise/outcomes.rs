//! What is left of a write that failed, or whose outcome is open: the state says what is assigned, and a message does
//! not say that nothing was written where something may have been.

use serde_json::{Value as Json, json};
use terraform_provider_defender::emulator::Options;
use terraform_provider_defender::provider::Provider;

use super::core::{Core, Stored, Version};
use super::{at_assign, never_emptied};
use crate::directory::{ALL, CLIENT_ID, SECRET, TENANT_ID, directory};
use crate::in_process::kind;
use crate::scene::{Scene, config, config_of, stored, with};
use crate::target::{Target, sorted};
use crate::tenant::{KIOSKS, LAPTOPS, OTHER_POLICY, POLICY, Tenant, WORKSTATIONS};

const NOTHING_WRITTEN: &str = "Nothing was written";

fn before() -> Vec<Target> {
    vec![Target::group(WORKSTATIONS)]
}

fn wanted() -> Vec<Target> {
    vec![Target::group(LAPTOPS), Target::exclusion(KIOSKS)]
}

fn elements(targets: &[Target]) -> Vec<Json> {
    sorted(targets.iter().map(Target::element))
}

fn within(limit: &str, config: Json) -> Json {
    with(config, "timeouts", json!({"create": limit, "read": limit, "update": limit, "delete": limit}))
}

fn always(mut rule: Json) -> Json {
    rule["times"] = Json::Null;
    rule
}

fn no_more_faults(scene: &Scene) {
    scene.control("DELETE", "/_emulator/faults", None);
}

/// Reads of the rows fail from the second one on: the one before the write is good.
fn later_reads_fail() -> Json {
    json!({"match": {"method": "GET", "path": format!("{POLICY}/assignments"), "skip": 1}, "times": null, "status": 500})
}

#[tokio::test]
async fn a_policy_made_just_now_may_answer_404_where_it_is_listed_and_written() {
    let listing = json!({"match": {"method": "GET", "path": format!("{POLICY}/assignments")}, "status": 404});
    let assign = at_assign(&json!({"status": 404, "times": 2}));
    for faults in [json!([listing]), json!([assign]), json!([listing, assign])] {
        let scene = Scene::new(&Tenant::default()).await;
        scene.fault(&faults);
        let created = scene.apply(&Json::Null, &config(&wanted())).await;
        assert_eq!(created.messages, "", "{faults}");
        assert_eq!(created.assignments(), elements(&wanted()));
        scene.must_hold(&wanted());
    }
}

#[tokio::test]
async fn a_404_of_assign_that_stays_is_an_error() {
    let scene = Scene::new(&Tenant::default()).await;
    scene.fault(&always(at_assign(&json!({"status": 404}))));
    let created = scene.apply(&Json::Null, &within("3s", config(&wanted()))).await;
    assert!(created.failed() && created.state.is_null(), "{}", created.messages);
    assert!(scene.assign_calls() > 1, "it was sent again");
}

#[tokio::test]
async fn a_503_may_have_taken_effect() {
    for is_create in [true, false] {
        for is_readable in [true, false] {
            let scene = Scene::new(&Tenant::default()).await;
            let core = Core::new(&scene, Version::V1_11);
            let prior = if is_create {
                Stored::absent()
            } else {
                core.created(&within("5s", config(&before()))).await
            };
            let plan = core.plan(&prior, &within("5s", config(&wanted()))).await;
            core.begin().await;
            let again = core.plan_again(&prior, &plan).await;
            let busy = always(at_assign(&json!({"status": 503, "retryAfter": "3600", "afterEffect": true})));
            scene.fault(&if is_readable { json!([busy]) } else { json!([busy, later_reads_fail()]) });
            let applied = core.operate(&prior, &again).await;
            no_more_faults(&scene);
            assert!(!applied.messages.contains(NOTHING_WRITTEN), "{}", applied.messages);
            assert!(!applied.stored.is_absent(), "nothing may be assigned outside the state");
            scene.must_hold(&wanted());
            if is_readable || is_create {
                assert_eq!(applied.stored.assignments(), elements(&wanted()));
            }
            core.begin().await;
            assert_eq!(core.refreshed(&applied.stored).await.assignments(), elements(&wanted()));
        }
    }
}

/// What a failed create leaves is tainted; the replacement that follows empties nothing, and ends as configured.
#[tokio::test]
async fn a_create_that_failed_after_its_write_is_healed_by_the_next_apply() {
    let dropped = at_assign(&json!({"dropTargets": [format!("exclusionGroupAssignmentTarget/{KIOSKS}")]}));
    let lost = always(at_assign(&json!({"cut": "after"})));
    for (faults, there) in
        [(json!([dropped]), wanted()[..1].to_vec()), (json!([lost, later_reads_fail()]), wanted())]
    {
        let scene = Scene::new(&Tenant::default()).await;
        let core = Core::new(&scene, Version::V1_11);
        let brief = within("3s", config(&wanted()));
        let plan = core.plan(&Stored::absent(), &brief).await;
        core.begin().await;
        let again = core.plan_again(&Stored::absent(), &plan).await;
        scene.fault(&faults);
        let created = core.operate(&Stored::absent(), &again).await;
        no_more_faults(&scene);
        assert!(created.failed(), "{faults}");
        assert_eq!(created.stored.assignments(), elements(&there), "{}", created.messages);
        scene.must_hold(&there);

        core.begin().await;
        let left = core.refreshed(&created.stored).await;
        let plan = core.plan_tainted(&brief).await;
        assert!(!plan.failed(), "{}", plan.messages);
        core.begin().await;
        let destroyed = core.destroy_leg(&left, &plan).await;
        assert!(!destroyed.failed(), "{}", destroyed.messages);
        let healed = core.create_leg(&plan).await;
        assert!(!healed.failed(), "{}", healed.messages);
        assert_eq!(healed.stored.assignments(), elements(&wanted()));
        scene.must_hold(&wanted());
        never_emptied(&scene);
    }
}

#[tokio::test]
async fn a_create_that_was_refused_leaves_no_state_and_the_next_one_goes_through() {
    let scene = Scene::new(&Tenant::default()).await;
    let core = Core::new(&scene, Version::V1_11);
    let plan = core.plan(&Stored::absent(), &config(&wanted())).await;
    core.begin().await;
    scene.fault(&at_assign(&json!({"status": 403})));
    let refused = core.apply(&Stored::absent(), &plan).await;
    assert!(refused.failed() && refused.stored.is_absent(), "{}", refused.messages);
    assert!(refused.messages.contains(NOTHING_WRITTEN), "{}", refused.messages);
    core.begin().await;
    core.created(&config(&wanted())).await;
    scene.must_hold(&wanted());
}

#[tokio::test]
async fn a_401_of_one_item_of_a_batch_renews_the_token() {
    let tenant = Tenant::default().with_policy(OTHER_POLICY).with_directory(&directory(ALL));
    let scene = Scene::unconfigured(&tenant, Options::default(), Provider::new(Box::new(|_| None)));
    scene
        .configure(&json!({
            "access_token": null, "tenant_id": TENANT_ID, "client_id": CLIENT_ID, "client_secret": SECRET,
            "authority_host": scene.emulator.base_url(),
        }))
        .await;
    scene.fault(&json!({"match": {"method": "GET", "path": format!("{POLICY}/assignments")}, "status": 401}));
    let other =
        with(with(stored(&[]), "id", json!(OTHER_POLICY)), "device_configuration_id", json!(OTHER_POLICY));
    let prior = stored(&[]);
    let (one, other) = tokio::join!(scene.read(&prior), scene.read(&other));
    assert_eq!((one.messages.as_str(), other.messages.as_str()), ("", ""));
    assert!(scene.recorded().iter().any(|call| call.envelope.is_some() && call.status == 401));
    assert_eq!(scene.emulator.token_requests().len(), 2);
}

#[tokio::test]
async fn a_row_that_takes_a_policy_away_is_not_shown_as_assigned() {
    if kind::IS_EDR {
        // Assignments of the settings catalog have no intent.
        return;
    }
    let scene = Scene::new(&Tenant::default()).await;
    let mut removed = Target::group(KIOSKS).row();
    removed["intent"] = json!("remove");
    scene.assign_in_portal(&[removed, before()[0].row()]);
    let read = scene.read(&stored(&before())).await;
    assert_eq!((read.messages.as_str(), read.assignments()), ("", elements(&before())));
}

#[tokio::test]
async fn a_read_time_out_that_is_too_short_names_the_way_out() {
    let scene = Scene::new(&Tenant::default()).await;
    scene.fault(&json!({"match": {"path": format!("{POLICY}/assignments")}, "delay": "30s"}));
    let read = scene.read(&within("300ms", stored(&before()))).await;
    assert!(read.failed(), "{}", read.messages);
    assert!(read.messages.contains("-refresh=false"), "{}", read.messages);
    let other = scene.plan(&Json::Null, &config_of(POLICY, &before())).await;
    assert_eq!(other.messages, "", "no other operation is concerned");
}
