//! Faults of `assign`, the only write: the rows of the guide's second table. Reads and imports never write.

use serde_json::{Value as Json, json};

use crate::behaviour::Behaviour;
use crate::case::{Case, Meanwhile, Operation, Point, World, each, foreign, statuses, wanted};
use crate::clock::Pause;
use crate::reading::rows_with_news;
use crate::target::Target;
use crate::tenant::KIOSKS;

faults! {
    throttled_once_with_retry_after { create: Retried, update: Retried, replace: Retried, delete: Retried }
    throttled_once_without_retry_after { create: Retried, update: Retried, replace: Retried, delete: Retried }
    throttled_beyond_the_time_out { create: NoState, update: Kept, replace: Kept, delete: Kept }
    not_available_beyond_the_time_out { create: Truth, update: Truth, replace: Truth, delete: Truth }
    failed_once_before_it_took_effect { create: Retried, update: Retried, replace: Retried, delete: Retried }
    failed_once_after_it_took_effect { create: ReadBack, update: ReadBack, replace: ReadBack, delete: ReadBack }
    failed_for_good { create: Truth, update: Truth, replace: Truth, delete: Truth }
    connection_broken_before_it_took_effect { create: Retried, update: Retried, replace: Retried, delete: Retried }
    connection_broken_after_it_took_effect { create: ReadBack, update: ReadBack, replace: ReadBack, delete: ReadBack }
    connection_broken_for_good { create: Truth, update: Truth, replace: Truth, delete: Truth }
    answer_lost_and_reads_fail { create: Planned, update: Kept, replace: Planned, delete: Kept }
    cannot_connect { create: NoState, update: Kept, replace: Kept, delete: Kept }
    bad_request { create: NoState, update: Kept, replace: Kept, delete: Kept }
    token_expired { create: Retried, update: Retried, replace: Retried, delete: Retried }
    token_refused_for_good { create: NoState, update: Kept, replace: Kept, delete: Kept }
    permission_missing { create: NoState, update: Kept, replace: Kept, delete: Kept }
    policy_not_visible_yet { create: WaitedFor }
    policy_deleted_since_the_read { create: NoState, update: Kept, replace: NoState, delete: NothingToDo }
    route_not_found { create: NoState, update: Kept, replace: Kept, delete: Kept }
    locked_or_in_conflict_once { create: Retried, update: Retried, replace: Retried, delete: Retried }
    locked_or_in_conflict_for_good { create: NoState, update: Kept, replace: Kept, delete: Kept }
    empty_body { create: ReadBack, update: ReadBack, replace: ReadBack, delete: ReadBack }
    truncated_body { create: ReadBack, update: ReadBack, replace: ReadBack, delete: ReadBack }
    page_of_a_proxy_after_it_took_effect { create: ReadBack, update: ReadBack, replace: ReadBack, delete: ReadBack }
    page_of_a_proxy_that_swallowed_it { create: Truth, update: Truth, replace: Truth, delete: Truth }
    wrong_content_type { create: ReadBack, update: ReadBack, replace: ReadBack, delete: ReadBack }
    oversized_body { create: ReadBack, update: ReadBack, replace: ReadBack, delete: ReadBack }
    deeply_nested_body { create: ReadBack, update: ReadBack, replace: ReadBack, delete: ReadBack }
    unknown_members { create: GoesOn, update: GoesOn, replace: GoesOn, delete: GoesOn }
    stale_answer { create: WaitedFor, update: WaitedFor, replace: WaitedFor, delete: WaitedFor }
    answer_that_disagrees { create: Truth, update: Truth, replace: Truth, delete: Truth }
    changed_elsewhere_during_a_pause { create: Refused, update: Refused, replace: RefusedTruth, delete: Refused }
    changed_elsewhere_while_the_token_was_renewed { create: Refused, update: Refused, replace: RefusedTruth, delete: Refused }
    changed_elsewhere_while_the_read_was_slow { create: Refused, update: Refused, replace: RefusedTruth, delete: Refused }
    changed_elsewhere_after_a_lost_answer { create: RefusedTruth, update: RefusedTruth, replace: RefusedTruth, delete: RefusedTruth }
    time_out_passed { create: Finished, update: Finished, replace: Finished, delete: Finished }
    stopped_while_it_is_under_way { create: Finished, update: Finished, replace: Finished, delete: Finished }
    stopped_during_a_pause { create: NoState, update: Kept, replace: Kept, delete: Kept }
    stopped_during_a_pause_after_a_failure { create: Truth, update: Truth, replace: Truth, delete: Truth }
    stopped_during_a_pause_after_it_took_effect { create: ReadBack, update: ReadBack, replace: ReadBack, delete: ReadBack }
    panicked_after_it_took_effect { create: NoState, update: Kept, replace: NoState, delete: Kept }
}

const UNKNOWN_OUTCOME: &str = "it is not known whether the write took effect";

fn throttled_once_with_retry_after(_: Operation) -> Vec<Case> {
    each(&[Point::assign()], &statuses(&[429, 503], &json!({"retryAfter": "7"})), Point::once)
}

fn throttled_once_without_retry_after(_: Operation) -> Vec<Case> {
    each(&[Point::assign()], &statuses(&[429, 503], &json!({})), Point::once)
}

fn throttled_beyond_the_time_out(_: Operation) -> Vec<Case> {
    always(&long_pauses(429), "Microsoft Graph throttled the request")
}

fn not_available_beyond_the_time_out(_: Operation) -> Vec<Case> {
    always(&long_pauses(503), UNKNOWN_OUTCOME)
}

fn failed_once_before_it_took_effect(_: Operation) -> Vec<Case> {
    each(&[Point::assign()], &statuses(&[500, 502, 504], &json!({})), Point::once)
}

fn failed_once_after_it_took_effect(_: Operation) -> Vec<Case> {
    each(&[Point::assign()], &statuses(&[500, 502, 503, 504], &json!({"afterEffect": true})), Point::once)
}

fn failed_for_good(_: Operation) -> Vec<Case> {
    always(&statuses(&[500, 502, 504], &json!({})), UNKNOWN_OUTCOME)
}

fn connection_broken_before_it_took_effect(_: Operation) -> Vec<Case> {
    vec![Point::assign().once(&json!({"cut": "before"}))]
}

fn connection_broken_after_it_took_effect(_: Operation) -> Vec<Case> {
    vec![Point::assign().once(&json!({"cut": "after"}))]
}

fn connection_broken_for_good(_: Operation) -> Vec<Case> {
    always(&[json!({"cut": "before"})], UNKNOWN_OUTCOME)
}

fn answer_lost_and_reads_fail(operation: Operation) -> Vec<Case> {
    let mut case = Point::assign().once(&json!({"cut": "after"}));
    // The read before the write succeeds; for a create, it is an item of a batch.
    let later = json!({"method": "GET", "path": "/assignments", "skip": 1});
    case.rules.extend(Point::new("assignments", &later).always(&json!({"status": 500})).rules);
    vec![case.says(UNKNOWN_OUTCOME).leaves(&operation.aimed_at())]
}

fn cannot_connect(_: Operation) -> Vec<Case> {
    vec![Case::in_world(World::UnreachableAtTheWrite).says("Microsoft Graph was not reached")]
}

fn bad_request(_: Operation) -> Vec<Case> {
    always(
        &statuses(&[400], &json!({"message": "Group is not supported", "shape": "intune"})),
        "Group is not supported",
    )
}

fn token_expired(_: Operation) -> Vec<Case> {
    vec![Point::assign().once(&json!({"status": 401})).signing_in()]
}

fn token_refused_for_good(_: Operation) -> Vec<Case> {
    let refused = always(&[json!({"status": 401})], "Microsoft Graph did not accept the access token");
    let renewed_in_vain = refused.clone().into_iter().map(Case::signing_in);
    refused.iter().cloned().chain(renewed_in_vain).collect()
}

fn permission_missing(_: Operation) -> Vec<Case> {
    always(&[json!({"status": 403})], "grant DeviceManagementConfiguration.ReadWrite.All")
}

fn policy_not_visible_yet(_: Operation) -> Vec<Case> {
    let not_found = json!({"status": 404, "code": "ResourceNotFound"});
    vec![Point::assign().times(&not_found, &json!(3))]
}

fn policy_deleted_since_the_read(_: Operation) -> Vec<Case> {
    vec![Point::assign().once(&json!({"hide": 1000})).says("it does not exist in Intune")]
}

fn route_not_found(_: Operation) -> Vec<Case> {
    let route =
        json!({"status": 404, "code": "No method match route template", "message": "No OData route exists"});
    always(&[route], "Microsoft Graph refused the request")
}

fn locked_or_in_conflict_once(_: Operation) -> Vec<Case> {
    each(&[Point::assign()], &statuses(&[409, 423], &json!({})), Point::once)
}

fn locked_or_in_conflict_for_good(_: Operation) -> Vec<Case> {
    always(&statuses(&[409, 423], &json!({})), "Microsoft Graph reported a conflict")
}

fn empty_body(_: Operation) -> Vec<Case> {
    in_force(&[json!({"status": 200, "body": ""}), json!({"status": 204, "body": ""})])
}

fn truncated_body(_: Operation) -> Vec<Case> {
    in_force(&[json!({"status": 200, "body": "{\"value\": ["})])
}

fn page_of_a_proxy_after_it_took_effect(_: Operation) -> Vec<Case> {
    in_force(&[page()])
}

fn page_of_a_proxy_that_swallowed_it(_: Operation) -> Vec<Case> {
    let says = "the service does not show the assignments as sent";
    vec![Point::assign().once(&page()).within("900ms").says(says)]
}

fn wrong_content_type(_: Operation) -> Vec<Case> {
    in_force(&[json!({"status": 200, "body": "{\"value\": []}", "contentType": "text/plain"})])
}

fn oversized_body(_: Operation) -> Vec<Case> {
    in_force(&[json!({"status": 200, "body": {"repeat": " ", "times": 64 * 1024 * 1024 + 1}})])
}

fn deeply_nested_body(_: Operation) -> Vec<Case> {
    in_force(&[json!({"status": 200, "body": {"repeat": "[", "times": 200_000}})])
}

fn unknown_members(operation: Operation) -> Vec<Case> {
    in_force(&[json!({"status": 200, "body": rows_with_news(&operation.aimed_at()).to_string()})])
}

fn stale_answer(_: Operation) -> Vec<Case> {
    vec![Point::assign().once(&json!({"stale": 1, "answer": "old"}))]
}

fn answer_that_disagrees(operation: Operation) -> Vec<Case> {
    let dropped = format!("exclusionGroupAssignmentTarget/{KIOSKS}");
    let (effect, left) = match operation {
        Operation::Delete => {
            (json!({"addTargets": [Target::all_users().row()["target"]]}), vec![Target::all_users()])
        }
        _ => (json!({"dropTargets": [dropped]}), wanted()[..1].to_vec()),
    };
    let case = Point::assign().once(&effect).within("900ms").leaves(&left);
    vec![case.says("the service does not show the assignments as sent")]
}

fn changed_elsewhere_during_a_pause(_: Operation) -> Vec<Case> {
    each(&[Point::assign()], &statuses(&[409, 423, 429], &json!({})), |point, effect| {
        changed_elsewhere(point.once(effect).pausing(Pause::ChangedElsewhere))
    })
}

fn changed_elsewhere_while_the_token_was_renewed(_: Operation) -> Vec<Case> {
    let tokens = Point::new("token", &json!({"path": "oauth2", "skip": 1}));
    let case = Point::assign().once(&json!({"status": 401})).signing_in();
    let case = case.and(&tokens, &json!({"delay": "1500ms"}), &json!(1));
    vec![changed_elsewhere(case.meanwhile(Meanwhile::ChangedAfterTheRefusal))]
}

fn changed_elsewhere_while_the_read_was_slow(operation: Operation) -> Vec<Case> {
    let case = operation.reads()[0].once(&json!({"delay": "1500ms", "afterEffect": true}));
    vec![changed_elsewhere(case.taking_time().meanwhile(Meanwhile::ChangedDuringTheRead))]
}

fn changed_elsewhere_after_a_lost_answer(_: Operation) -> Vec<Case> {
    let effects = [statuses(&[500, 503], &json!({})), vec![json!({"cut": "before"})]].concat();
    each(&[Point::assign()], &effects, |point, effect| {
        changed_elsewhere(point.once(effect).pausing(Pause::ChangedElsewhere))
    })
}

fn changed_elsewhere(case: Case) -> Case {
    let case = case.leaves(&foreign());
    case.says("is already assigned").says("its assignments have changed since the plan")
}

fn time_out_passed(_: Operation) -> Vec<Case> {
    vec![Point::assign().once(&json!({"delay": "2500ms", "afterEffect": true})).within("2s").taking_time()]
}

fn stopped_while_it_is_under_way(_: Operation) -> Vec<Case> {
    vec![
        Point::assign()
            .once(&json!({"delay": "500ms", "afterEffect": true}))
            .meanwhile(Meanwhile::StopDuringTheWrite),
    ]
}

fn stopped_during_a_pause(_: Operation) -> Vec<Case> {
    each(&[Point::assign()], &statuses(&[409, 423, 429], &json!({})), |point, effect| {
        point.always(effect).pausing(Pause::Stop).says("interrupted")
    })
}

fn stopped_during_a_pause_after_a_failure(_: Operation) -> Vec<Case> {
    let effects = [statuses(&[500, 503], &json!({})), vec![json!({"cut": "before"})]].concat();
    each(&[Point::assign()], &effects, |point, effect| {
        point.once(effect).pausing(Pause::Stop).says(UNKNOWN_OUTCOME)
    })
}

fn stopped_during_a_pause_after_it_took_effect(_: Operation) -> Vec<Case> {
    let failures = statuses(&[500, 503], &json!({"afterEffect": true}));
    let effects = [failures, vec![json!({"cut": "after"})]].concat();
    each(&[Point::assign()], &effects, |point, effect| point.once(effect).pausing(Pause::Stop))
}

fn panicked_after_it_took_effect(operation: Operation) -> Vec<Case> {
    let case = Point::assign().once(&json!({"cut": "after"})).pausing(Pause::Panic);
    vec![case.says("It is unknown what this operation had already written").leaves(&operation.aimed_at())]
}

fn always(effects: &[Json], says: &'static str) -> Vec<Case> {
    each(&[Point::assign()], effects, |point, effect| point.always(effect).says(says))
}

/// The write takes effect and has this response.
fn in_force(effects: &[Json]) -> Vec<Case> {
    each(&[Point::assign()], effects, |point, effect| {
        let mut effect = effect.clone();
        effect["afterEffect"] = json!(true);
        point.once(&effect)
    })
}

/// One that ends after several pauses, and one that is longer than the time-out.
fn long_pauses(status: u16) -> Vec<Json> {
    ["100", "3600"].map(|pause| json!({"status": status, "retryAfter": pause})).to_vec()
}

fn page() -> Json {
    json!({"status": 200, "body": "<html>Sign in</html>", "contentType": "text/html"})
}
