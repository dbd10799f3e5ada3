//! What comes of a write: failures that leave nothing behind, answers that are not what was sent, and repetition.
//! Every fault is asked for by the test; the waiting is the provider's own, kept short by `timeouts`.

use expect_test::expect;
use serde_json::{Value as Json, json};
use terraform_provider_defender::emulator::Options;

use crate::scene::{Answer, Scene, config, stored, wait_until, with};
use crate::target::Target;
use crate::tenant::{BASELINE, COMPANY_OWNED, KIOSKS, LAPTOPS, POLICY, POLICY_SET, Tenant, WORKSTATIONS};

const ABSENT: &str = "00000000-1111-4222-8333-444444444444";
const ASSIGN: &str = "/assign ";

fn before() -> [Target; 1] {
    [Target::group(WORKSTATIONS).including(COMPANY_OWNED)]
}

fn wanted() -> [Target; 2] {
    [Target::group(LAPTOPS), Target::exclusion(KIOSKS)]
}

/// With this long for everything.
fn within(limit: &str, config: Json) -> Json {
    with(config, "timeouts", json!({"create": limit, "read": limit, "update": limit, "delete": limit}))
}

/// The state after `before` was written, in a tenant where it is so.
async fn assigned() -> (Scene, Json) {
    let scene = Scene::new(&Tenant::default().assigned_to(&before())).await;
    let state = scene.read(&stored(&before())).await.state;
    (scene, state)
}

fn assign(effect: &Json) -> Json {
    let mut rule = effect.clone();
    rule["match"] = json!({"method": "POST", "path": "/assign"});
    rule
}

fn summary(answer: &Answer) -> &str {
    answer.messages.lines().next().unwrap_or("nothing to say")
}

fn elements(targets: &[Target]) -> Vec<Json> {
    crate::target::sorted(targets.iter().map(Target::element))
}

#[tokio::test]
async fn a_create_that_fails_leaves_what_is_there_and_the_next_run_mends_it_in_one_write() {
    let dropped = format!("exclusionGroupAssignmentTarget/{KIOSKS}");
    let absent = json!({"hideGroups": [KIOSKS], "times": null});
    let mut texts = Vec::new();
    for (fault, left) in [
        (assign(&json!({"status": 403})), None),
        (assign(&json!({"dropTargets": [dropped]})), Some(vec![wanted()[0].clone()])),
        (absent, None),
    ] {
        let scene = Scene::new(&Tenant::default()).await;
        scene.fault(&fault);
        let failed = scene.apply(&Json::Null, &within("900ms", config(&wanted()))).await;
        scene.must_hold(left.as_deref().unwrap_or_default());
        match &left {
            None => assert_eq!(failed.state, Json::Null, "nothing was written"),
            Some(left) => assert_eq!(failed.assignments(), elements(left), "tainted, with what is there"),
        }
        texts.push(failed.messages);

        scene.control("DELETE", "/_emulator/faults", None);
        scene.configure(&json!({})).await;
        let sent = scene.assign_calls();
        let state = if failed.state.is_null() {
            scene.applied(&Json::Null, &config(&wanted())).await
        } else {
            scene.replaced(&failed.state, &config(&wanted())).await
        };
        scene.must_hold(&wanted());
        assert_eq!(scene.assign_calls(), sent + 1, "in one write, so the policy was never emptied");
        assert_eq!(scene.read(&state).await.state, state);
    }
    expect![[r#"
        Error: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294: permission is missing
        Microsoft Graph denied access ("An error has occurred") while writing its assignments.
        Request: POST /beta/deviceManagement/deviceConfigurations/0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294/assign, status 403, code Forbidden, request-id …, client-request-id …, <date>.
        Next: grant DeviceManagementConfiguration.ReadWrite.All to the identity that signed in (for an application, as an application permission with admin consent), then get a new token. A tenant without an Intune license gives the same answer. Nothing was written.

        Error at assignments: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294: the service does not show the assignments as sent
        Microsoft Graph accepted the assignments, but the service still shows a different set after 0.9s.
        Sent but missing:
          - exclusionGroupAssignmentTarget c5f3b8d4-2e69-40b7-ac3f-8b40bd9e7f03
        Present but not sent:
          (none)
        Next: look at the policy in the Intune admin center, then apply again. Terraform then plans to replace the resource; the provider replaces the assignments with a single write, so the policy is never left without assignments.

        Error at assignments: Group c5f3b8d4-2e69-40b7-ac3f-8b40bd9e7f03 does not exist
        The directory still has no such group after 0.9s. A new group normally appears earlier.
        Next: correct the id in assignments, or check whether the token belongs to the right tenant. Nothing was written.
    "#]].assert_eq(&texts.join("\n"));
}

#[tokio::test]
async fn an_update_that_fails_leaves_the_state_as_it_is_in_truth() {
    let dropped = format!("groupAssignmentTarget/{LAPTOPS}");
    let added = Target::all_users();
    let mut texts = Vec::new();
    for (fault, left) in [
        (assign(&json!({"status": 403})), before().to_vec()),
        (
            assign(&json!({"status": 400, "message": "Group is not supported", "shape": "intune"})),
            before().to_vec(),
        ),
        (
            assign(&json!({"dropTargets": [dropped], "addTargets": [added.row()["target"]]})),
            vec![added.clone(), wanted()[1].clone()],
        ),
    ] {
        let (scene, prior) = assigned().await;
        scene.fault(&fault);
        let failed = scene.apply(&prior, &within("900ms", config(&wanted()))).await;
        assert_eq!(failed.assignments(), elements(&left));
        scene.must_hold(&left);
        assert_eq!(scene.assign_calls(), 1, "a refusal is not sent again");
        let read = scene.read(&failed.state).await.state;
        assert_eq!(read["assignment_ids"], failed.state["assignment_ids"]);
        texts.push(failed.messages);
    }
    expect![[r#"
        Error: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294: permission is missing
        Microsoft Graph denied access ("An error has occurred") while writing its assignments.
        Request: POST /beta/deviceManagement/deviceConfigurations/0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294/assign, status 403, code Forbidden, request-id …, client-request-id …, <date>.
        Next: grant DeviceManagementConfiguration.ReadWrite.All to the identity that signed in (for an application, as an application permission with admin consent), then get a new token. A tenant without an Intune license gives the same answer. Nothing was written.

        Error: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294: Microsoft Graph refused the request
        Microsoft Graph refused the request ("Group is not supported") while writing its assignments.
        Request: POST /beta/deviceManagement/deviceConfigurations/0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294/assign, status 400, code BadRequest, request-id …, client-request-id …, <date>.
        Next: correct what the message names, then run the command again. Nothing was written.

        Error at assignments: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294: the service does not show the assignments as sent
        Microsoft Graph accepted the assignments, but the service still shows a different set after 0.9s.
        Sent but missing:
          - groupAssignmentTarget b4e2a7c3-1d58-4fa6-9b2e-7a3fac8d6e02
        Present but not sent:
          - allLicensedUsersAssignmentTarget
        Next: look at the policy in the Intune admin center, then run terraform plan, which shows the current assignments.
    "#]].assert_eq(&texts.join("\n"));
}

#[tokio::test]
async fn a_delete_that_fails_keeps_what_is_left() {
    let (scene, prior) = assigned().await;
    scene.fault(&json!([
        assign(&json!({"status": 403})),
        assign(&json!({"addTargets": [before()[0].row()["target"]]}))
    ]));
    let prior = within("900ms", prior);
    let refused = scene.apply(&prior, &Json::Null).await;
    let undone = scene.apply(&prior, &Json::Null).await;
    for answer in [&refused, &undone] {
        assert_eq!(answer.assignments(), elements(&before()));
    }
    expect![[r#"
        Error at assignments: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294: the service does not show the assignments as sent
        Microsoft Graph accepted the assignments, but the service still shows a different set after 0.9s.
        Sent but missing:
          (none)
        Present but not sent:
          - groupAssignmentTarget a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01, filter include d604c9e5-3f7a-41c8-bd40-9c51ceaf8004
        Next: look at the policy in the Intune admin center, then run terraform plan, which shows the current assignments.
    "#]].assert_eq(&undone.messages);
    assert_eq!(summary(&refused), format!("Error: Policy {POLICY}: permission is missing"));
    scene.applied(&undone.state, &Json::Null).await;
    scene.must_hold(&[]);
}

#[tokio::test]
async fn a_group_that_enters_and_does_not_exist_stops_an_update_before_it_is_sent() {
    let (scene, prior) = assigned().await;
    let targets = [before().to_vec(), vec![Target::exclusion(ABSENT)]].concat();
    let failed = scene.apply(&prior, &within("900ms", config(&targets))).await;
    assert_eq!(failed.state, prior);
    expect![[r#"
        Error at assignments: Group 00000000-1111-4222-8333-444444444444 does not exist
        The directory still has no such group after 0.9s. A new group normally appears earlier.
        Next: correct the id in assignments, or check whether the token belongs to the right tenant. Nothing was written.
    "#]].assert_eq(&failed.messages);
    assert_eq!(scene.assign_calls(), 0);
}

#[tokio::test]
async fn a_policy_and_groups_made_just_now_are_waited_for() {
    let scene = Scene::new(&Tenant::default()).await;
    // Policy and assignments are asked for together, so two calls are one look.
    scene.fault(&json!([{"match": {"path": POLICY}, "hide": 2}]));
    scene.applied(&Json::Null, &config(&before())).await;
    scene.must_hold(&before());

    let (scene, prior) = assigned().await;
    scene.fault(&json!({"hideGroups": [LAPTOPS]}));
    scene.applied(&prior, &config(&wanted())).await;
    scene.must_hold(&wanted());
    assert_eq!(scene.calls("/getByIds").len(), 2);
}

#[tokio::test]
async fn reads_that_lag_behind_a_write_are_waited_for() {
    let (scene, prior) = assigned().await;
    scene.fault(&assign(&json!({"stale": 1, "answer": "old"})));
    let state = scene.applied(&prior, &config(&wanted())).await;
    assert_eq!(Answer { state, messages: String::new() }.assignments(), elements(&wanted()));
    assert_eq!(scene.assign_calls(), 1, "looking again is enough");
}

#[tokio::test]
async fn the_answer_of_assign_is_enough_where_it_agrees() {
    let (scene, prior) = assigned().await;
    scene.fault(&assign(&json!({"stale": 3})));
    scene.applied(&prior, &config(&wanted())).await;
    let after: Vec<String> = scene.calls("").into_iter().skip_while(|call| !call.contains(ASSIGN)).collect();
    assert_eq!(after.len(), 1, "a read would only show the past: {after:?}");
}

#[tokio::test]
async fn all_pages_of_the_answer_of_assign_count() {
    let paged = Options { page_size: Some(1), ..Options::default() };
    let scene = Scene::configured(&Tenant::default(), paged, &json!({}), Box::new(|_| None)).await;
    let state = scene.applied(&Json::Null, &config(&wanted())).await;
    assert_eq!(state["assignment_ids"].as_object().unwrap().len(), 2);
}

#[tokio::test]
async fn rows_of_policy_sets_stay_where_the_answer_of_assign_leaves_them_out() {
    let inherited = Target::all_devices().inherited_row(POLICY_SET);
    let scene = Scene::new(&Tenant::default().with_rows(&[inherited])).await;
    scene.control("PUT", "/_emulator/semantics", Some(&json!({"assignAnswer": "directRows"})));
    let state = scene.applied(&Json::Null, &config(&wanted())).await;
    assert_eq!(state["inherited_assignments"][0]["source_id"], POLICY_SET);
    assert_eq!(scene.read(&state).await.state, state);
}

#[tokio::test]
async fn a_write_whose_outcome_is_open_is_repeated_only_where_it_is_needed() {
    let mut table = Vec::new();
    for (name, effect, times) in [
        ("429 before", json!({"status": 429, "retryAfter": "0"}), 1),
        ("503 before", json!({"status": 503, "retryAfter": "0.1"}), 2),
        ("500 after", json!({"status": 500, "retryAfter": "0", "afterEffect": true}), 1),
        ("503 after", json!({"status": 503, "retryAfter": "0", "afterEffect": true}), 1),
        ("cut before", json!({"cut": "before"}), 1),
        ("cut after", json!({"cut": "after"}), 1),
    ] {
        let (scene, prior) = assigned().await;
        scene.fault(&with(assign(&effect), "times", json!(times)));
        let state = scene.applied(&prior, &config(&wanted())).await;
        assert_eq!(Answer { state, messages: String::new() }.assignments(), elements(&wanted()));
        scene.must_hold(&wanted());
        let steps = scene.calls("").into_iter().skip_while(|call| !call.contains(ASSIGN));
        let steps = steps.map(|call| call.rsplit('/').next().unwrap_or_default().to_owned());
        table.push(format!("{name}: {}\n", steps.collect::<Vec<_>>().join(", ")));
    }
    expect![[r#"
        429 before: assign 429, assignments 200, assign 200
        503 before: assign 503, assignments 200, assign 503, assignments 200, assign 200
        500 after: assign 500, assignments 200
        503 after: assign 503, assignments 200
        cut before: assign 0, assignments 200, assign 200
        cut after: assign 200, assignments 200
    "#]]
    .assert_eq(&table.concat());
}

#[tokio::test]
async fn a_write_is_not_repeated_over_what_somebody_else_has_written_meanwhile() {
    let others = [Target::all_users()];
    let mut texts = Vec::new();
    // Where nothing was written, only a new plan can take the others' change into the state.
    for (effect, left) in [
        (json!({"status": 429, "retryAfter": "1"}), before().to_vec()),
        (json!({"cut": "after"}), others.to_vec()),
    ] {
        let (scene, prior) = assigned().await;
        scene.fault(&assign(&effect));
        let config = config(&wanted());
        let interrupts = async {
            wait_until("the write is sent", || scene.assign_calls() > 0).await;
            scene.assign_in_portal(&[others[0].row()]);
        };
        let (refused, ()) = tokio::join!(scene.apply(&prior, &config), interrupts);
        assert_eq!(refused.assignments(), elements(&left));
        assert_eq!(scene.assign_calls(), 1);
        scene.must_hold(&others);
        texts.push(refused.messages);
    }
    expect![[r#"
        Error at assignments: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294: its assignments have changed since the plan
        They were changed outside of this run, and a write replaces the whole set.
        The plan saw:
          - groupAssignmentTarget a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01, filter include d604c9e5-3f7a-41c8-bd40-9c51ceaf8004 (group "Workstations")
        The policy now has:
          - allLicensedUsersAssignmentTarget
        To be written:
          - exclusionGroupAssignmentTarget c5f3b8d4-2e69-40b7-ac3f-8b40bd9e7f03 (group "Kiosks")
          - groupAssignmentTarget b4e2a7c3-1d58-4fa6-9b2e-7a3fac8d6e02 (group "Laptops")
        Nothing was written.
        Next: run terraform plan again, review the changes, and apply the new plan. If this plan was made with -refresh=false, plan again without it.

        Error at assignments: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294: its assignments have changed since the plan
        They were changed outside of this run, and a write replaces the whole set.
        The plan saw:
          - groupAssignmentTarget a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01, filter include d604c9e5-3f7a-41c8-bd40-9c51ceaf8004 (group "Workstations")
        The policy now has:
          - allLicensedUsersAssignmentTarget
        To be written:
          - exclusionGroupAssignmentTarget c5f3b8d4-2e69-40b7-ac3f-8b40bd9e7f03 (group "Kiosks")
          - groupAssignmentTarget b4e2a7c3-1d58-4fa6-9b2e-7a3fac8d6e02 (group "Laptops")
        The response to the first attempt was lost, so the planned assignments may have been in effect for a while. The provider sent nothing else.
        Next: run terraform plan again, review the changes, and apply the new plan. If this plan was made with -refresh=false, plan again without it.
    "#]].assert_eq(&texts.join("\n"));
}

#[tokio::test]
async fn a_service_that_stays_busy_is_given_up() {
    let (scene, prior) = assigned().await;
    scene.fault(&with(assign(&json!({"status": 429, "retryAfter": "0"})), "times", Json::Null));
    let failed = scene.apply(&prior, &within("2s", config(&wanted()))).await;
    assert_eq!(failed.state["assignments"], prior["assignments"]);
    expect![[r#"
        Error: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294: Microsoft Graph throttled the request
        Microsoft Graph throttled the request ("Too many requests.") while writing its assignments.
        Request: POST /beta/deviceManagement/deviceConfigurations/0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294/assign, status 429, code TooManyRequests, request-id …, client-request-id …, <date>.
        Tried … times, waited …, until the operation had no time left for the next pause.
        Next: run the command again in a minute. Nothing was written.
    "#]].assert_eq(&failed.messages);
    let (scene, prior) = assigned().await;
    scene.fault(&with(assign(&json!({"status": 503, "retryAfter": "3600"})), "times", Json::Null));
    let failed = scene.apply(&prior, &within("5s", config(&wanted()))).await;
    assert_eq!(
        (failed.state["assignments"].clone(), scene.assign_calls()),
        (prior["assignments"].clone(), 1)
    );
    expect![[r#"
        Error: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294: it is not known whether the write took effect
        Microsoft Graph answered with an error: ServiceUnavailable: An error has occurred. This happened while writing its assignments.
        Request: POST /beta/deviceManagement/deviceConfigurations/0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294/assign, status 503, code ServiceUnavailable, request-id …, client-request-id …, <date>.
        Tried once, waited …, until the operation had no time left for the next pause.
        Next: run terraform plan. The state now contains the assignments that the provider read after the failure.
    "#]].assert_eq(&failed.messages);
}

#[tokio::test]
async fn an_answer_that_is_lost_for_good_is_told_as_such() {
    let (scene, prior) = assigned().await;
    let reads =
        json!({"match": {"method": "GET", "path": "/assignments", "skip": 1}, "times": null, "status": 500});
    scene.fault(&json!([assign(&json!({"cut": "after"})), reads]));
    let failed = scene.apply(&prior, &within("900ms", config(&wanted()))).await;
    assert_eq!(failed.assignments(), elements(&before()));
    expect![[r#"
        Error: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294: it is not known whether the write took effect
        The response to a write was lost, so the write may have taken effect: error sending request: client error (SendRequest): connection closed before message completed. This happened while writing its assignments.
        Request: POST /beta/deviceManagement/deviceConfigurations/0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294/assign, client-request-id ….
        Next: run terraform plan, which reads the current assignments. The state is unchanged.
    "#]].assert_eq(&failed.messages);
}

#[tokio::test]
async fn a_time_out_ends_the_looking_and_never_cuts_a_write() {
    let (scene, prior) = assigned().await;
    let looking = json!({"delay": "30s", "match": {"method": "GET", "path": "/assignments"}});
    scene.fault(&looking);
    let failed = scene.apply(&prior, &within("1s", config(&wanted()))).await;
    assert_eq!(failed.state["assignments"], prior["assignments"]);
    expect![[r#"
        Error: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294: the update took too long
        It timed out after 1s. Nothing was written. The state is unchanged.
        Next: if the service is slow, raise the time-out update in the timeouts block of the resource.
    "#]]
    .assert_eq(&failed.messages);
    assert_eq!(scene.assign_calls(), 0);

    let (scene, prior) = assigned().await;
    scene.fault(&assign(&json!({"delay": "2s", "afterEffect": true})));
    scene.applied(&prior, &within("1s", config(&wanted()))).await;
    scene.must_hold(&wanted());
}

#[tokio::test]
async fn a_create_after_a_destroy_of_the_same_run_is_not_taken_in_by_a_stale_read() {
    let (scene, prior) = assigned().await;
    // What -replace does: the reads after the destroy still show the old set, which is the one to create.
    scene.fault(&assign(&json!({"stale": 2})));
    scene.applied(&prior, &Json::Null).await;
    scene.applied(&Json::Null, &config(&before())).await;
    scene.must_hold(&before());
    assert_eq!(scene.assign_calls(), 2);
}

#[tokio::test]
async fn a_destroy_after_a_failed_create_of_the_same_run_keeps_the_policy_assigned() {
    let (scene, prior) = assigned().await;
    let renamed_with_a_missing_group = [before()[0].clone(), Target::group(ABSENT)];
    let create = scene.apply(&Json::Null, &within("10ms", config(&renamed_with_a_missing_group))).await;
    assert_eq!(create.state, Json::Null);
    let destroy = scene.apply(&prior, &Json::Null).await;
    assert_eq!(destroy.state, prior);
    expect![[r#"
        Error: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294: the old object is kept, because applying the new object failed
        This run has tried to apply the policy in another object and failed. Destroying the old one now would leave the policy without assignments. This resource has sent nothing, and its state is unchanged.
        Next: fix the cause of the other error, and apply again. If the address has changed, use a "moved" block.
    "#]].assert_eq(&destroy.messages);
    scene.must_hold(&before());
    // The next run is not held back by it.
    scene.configure(&json!({})).await;
    scene.applied(&prior, &Json::Null).await;
}

#[tokio::test]
async fn a_group_look_up_that_fails_is_no_permission_to_write_unseen_groups() {
    for (fault, writes) in [(json!({"status": 503}), 0), (json!({"status": 403}), 1)] {
        let (scene, prior) = assigned().await;
        let mut rule = fault;
        rule["match"] = json!({"path": "getByIds"});
        rule["times"] = Json::Null;
        scene.fault(&rule);
        scene.apply(&prior, &within("1s", config(&wanted()))).await;
        assert_eq!(scene.assign_calls(), writes);
    }
}

#[tokio::test]
async fn a_read_that_fails_keeps_the_state_whatever_the_failure() {
    let mut table = Vec::new();
    let effects = [
        ("400", json!({"status": 400})),
        ("401", json!({"status": 401})),
        ("403", json!({"status": 403})),
        ("404 of the assignments", json!({"status": 404})),
        ("429", json!({"status": 429})),
        ("500", json!({"status": 500})),
        ("503", json!({"status": 503})),
        ("cut", json!({"cut": "before"})),
        ("page of a proxy", json!({"status": 200, "body": "<html>", "contentType": "text/html"})),
        ("half a body", json!({"status": 200, "body": "{\"value\": ["})),
        ("no value", json!({"status": 200, "body": "{}"})),
    ];
    for (name, effect) in effects {
        let scene = Scene::new(&Tenant::default().assigned_to(&before())).await;
        let prior = stored(&before());
        scene.fault(&with(with(effect, "match", json!({"path": "/assignments"})), "times", Json::Null));
        let answer = scene.read(&within("1s", prior.clone())).await;
        assert_eq!(answer.assignments(), elements(&before()), "{name}");
        table.push(format!("{name}: {}\n", summary(&answer).replace(POLICY, "…")));
    }
    expect![[r#"
        400: Error: Policy …: Microsoft Graph refused the request
        401: Error: Policy …: Microsoft Graph did not accept the access token
        403: Error: Policy …: permission is missing
        404 of the assignments: Error: Policy …: its assignments cannot be found
        429: Error: Policy …: Microsoft Graph throttled the request
        500: Error: Policy …: Microsoft Graph is not available
        503: Error: Policy …: Microsoft Graph is not available
        cut: Error: Policy …: the response of Microsoft Graph could not be read
        page of a proxy: Error: Policy …: the response is not from Microsoft Graph
        half a body: Error: Policy …: the response of Microsoft Graph could not be read
        no value: Error: Policy …: the response of Microsoft Graph has an unexpected shape
    "#]]
    .assert_eq(&table.concat());
}

#[tokio::test]
async fn a_policy_of_another_type_and_one_that_vanishes_are_told_apart() {
    let scene = Scene::new(&Tenant::default().with_baseline()).await;
    let other = with(config(&wanted()), "device_configuration_id", json!(BASELINE));
    let refused = scene.apply(&Json::Null, &other).await;
    let absent = with(config(&wanted()), "device_configuration_id", json!(ABSENT));
    let missing = scene.apply(&Json::Null, &within("900ms", absent)).await;
    assert_eq!((refused.state, missing.state), (Json::Null, Json::Null));
    expect![[r#"
        Error at device_configuration_id: The policy is not a Defender for Endpoint onboarding policy
        Policy c94d7a60-2e1f-4b38-8f5d-a3c6e9b01d72 ("Policy c94d7a60-2e1f-4b38-8f5d-a3c6e9b01d72") is of the type windows10GeneralConfiguration. This resource manages only policies of the type windowsDefenderAdvancedThreatProtectionConfiguration.
        Next: use the id of a policy that was made with the profile type "Microsoft Defender for Endpoint". This policy was not changed.

        Error at device_configuration_id: Policy 00000000-1111-4222-8333-444444444444 does not exist
        Intune still has no such policy after 0.9s. A new policy normally appears earlier.
        Request: GET /beta/deviceManagement/deviceConfigurations/00000000-1111-4222-8333-444444444444, status 404, code ResourceNotFound, request-id …, client-request-id …, <date>.
        Next: check device_configuration_id, and whether the token belongs to the right tenant. Nothing was written.
    "#]].assert_eq(&[refused.messages, missing.messages].join("\n"));
    assert_eq!(scene.assign_calls(), 0);
}
