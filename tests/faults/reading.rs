//! Faults of reads, before a write or in an operation that only reads: the rows of the guide's first table.

use serde_json::{Value as Json, json};

use crate::behaviour::Behaviour;
use crate::case::{Case, Operation, Point, World, each, statuses};
use crate::clock::Pause;
use crate::in_process::kind;
use crate::target::Target;
use crate::tenant::{KIOSKS, LAPTOPS, POLICY};

faults! {
    throttled_once_with_retry_after { read: Retried, create: Retried, update: Retried, replace: Retried, delete: Retried, import: Retried }
    throttled_once_without_retry_after { read: Retried, create: Retried, update: Retried, replace: Retried, delete: Retried, import: Retried }
    throttled_beyond_the_time_out { read: Kept, create: NoState, update: Kept, replace: Kept, delete: Kept, import: NoState }
    failed_once { read: Retried, create: Retried, update: Retried, replace: Retried, delete: Retried, import: Retried }
    failed_for_good { read: Kept, create: NoState, update: Kept, replace: Kept, delete: Kept, import: NoState }
    failed_for_good_after_another_read { read: Kept, create: NoState, update: Kept, replace: Kept, delete: Kept, import: NoState }
    connection_broken_once { read: Retried, create: Retried, update: Retried, replace: Retried, delete: Retried, import: Retried }
    connection_broken_for_good { read: Kept, create: NoState, update: Kept, replace: Kept, delete: Kept, import: NoState }
    cannot_connect { read: Kept, create: NoState, update: Kept, replace: Kept, delete: Kept, import: NoState }
    bad_request { read: Kept, create: NoState, update: Kept, replace: Kept, delete: Kept, import: NoState }
    token_expired { read: Retried, create: Retried, update: Retried, replace: Retried, delete: Retried, import: Retried }
    token_refused_for_good { read: Kept, create: NoState, update: Kept, replace: Kept, delete: Kept, import: NoState }
    permission_missing { read: Kept, create: NoState, update: Kept, replace: Kept, delete: Kept, import: NoState }
    policy_deleted { read: Gone, create: NoState, update: Kept, replace: Kept, delete: NothingToDo, import: NoState }
    assignments_of_an_existing_policy_not_found { read: Kept, create: NoState, update: Kept, replace: Kept, delete: Kept, import: NoState }
    route_not_found { read: Kept, create: NoState, update: Kept, replace: Kept, delete: Kept, import: NoState }
    locked_or_in_conflict_once { read: Retried, create: Retried, update: Retried, replace: Retried, delete: Retried, import: Retried }
    locked_or_in_conflict_for_good { read: Kept, create: NoState, update: Kept, replace: Kept, delete: Kept, import: NoState }
    empty_body { read: Kept, create: NoState, update: Kept, replace: Kept, delete: Kept, import: NoState }
    truncated_body_once { read: Retried, create: Retried, update: Retried, replace: Retried, delete: Retried, import: Retried }
    truncated_body_for_good { read: Kept, create: NoState, update: Kept, replace: Kept, delete: Kept, import: NoState }
    page_of_a_proxy { read: Kept, create: NoState, update: Kept, replace: Kept, delete: Kept, import: NoState }
    wrong_content_type { read: Kept, create: NoState, update: Kept, replace: Kept, delete: Kept, import: NoState }
    oversized_body { read: Kept, create: NoState, update: Kept, replace: Kept, delete: Kept, import: NoState }
    deeply_nested_body { read: Kept, create: NoState, update: Kept, replace: Kept, delete: Kept, import: NoState }
    unknown_members { read: GoesOn, create: GoesOn, update: GoesOn, replace: GoesOn, delete: GoesOn, import: GoesOn }
    unknown_kind_of_target { read: Shown, create: Refused, update: Refused, replace: RefusedTruth, delete: Refused, import: Shown }
    changed_elsewhere_since_the_plan { create: Refused, update: Refused, replace: RefusedTruth, delete: Refused }
    already_as_planned { create: Refused, update: NothingToDo, replace: NothingToDo, delete: NothingToDo }
    stale_answer_after_a_write { read: Shown, create: WaitedFor, update: WaitedFor, import: Shown }
    slow_answer { read: GoesOn, create: ReadsAgain, update: ReadsAgain, replace: ReadsAgain, delete: ReadsAgain, import: GoesOn }
    policy_not_visible_yet { create: WaitedFor }
    assignments_not_visible_yet { create: WaitedFor }
    group_not_visible_yet { create: WaitedFor, update: WaitedFor, replace: WaitedFor }
    group_that_does_not_exist { create: NoState, update: Kept, replace: Kept }
    look_up_of_groups_refused { create: GoesOn, update: GoesOn, replace: GoesOn }
    look_up_of_groups_failed_for_good { create: NoState, update: Kept, replace: Kept }
    item_of_a_batch_lost_or_doubled { create: Retried, replace: Retried }
    time_out_passed { read: Kept, create: NoState, update: Kept, replace: Kept, delete: Kept, import: NoState }
    stopped_during_a_pause { read: Kept, create: NoState, update: Kept, replace: Kept, delete: Kept, import: NoState }
    panicked { read: Kept, create: NoState, update: Kept, replace: NoState, delete: Kept, import: NoState }
}

fn throttled_once_with_retry_after(operation: Operation) -> Vec<Case> {
    each(&operation.reads(), &statuses(&[429, 503], &json!({"retryAfter": "7"})), Point::once)
}

fn throttled_once_without_retry_after(operation: Operation) -> Vec<Case> {
    each(&operation.reads(), &statuses(&[429, 503], &json!({})), Point::once)
}

fn throttled_beyond_the_time_out(operation: Operation) -> Vec<Case> {
    let always = |point: &Point, effect: &Json| {
        point
            .always(effect)
            .says("Microsoft Graph throttled the request")
            .says("Microsoft Graph is not available")
    };
    let waits = json!({"retryAfter": "100"});
    let too_long = json!({"retryAfter": "3600"});
    [statuses(&[429, 503], &waits), statuses(&[429, 503], &too_long)]
        .iter()
        .flat_map(|effects| each(&operation.reads(), effects, always))
        .collect()
}

fn failed_once(operation: Operation) -> Vec<Case> {
    each(&operation.reads(), &statuses(&[500, 502, 504], &json!({})), Point::once)
}

fn failed_for_good(operation: Operation) -> Vec<Case> {
    always(operation, &statuses(&[500, 502, 504], &json!({})), "Microsoft Graph is not available")
}

fn failed_for_good_after_another_read(operation: Operation) -> Vec<Case> {
    let case = operation.reads()[0].always(&json!({"status": 502})).says("Microsoft Graph is not available");
    vec![Case { world: World::FailingForLong, ..case }]
}

fn connection_broken_once(operation: Operation) -> Vec<Case> {
    each(&operation.reads(), &[json!({"cut": "before"}), json!({"cut": "after"})], Point::once)
}

fn connection_broken_for_good(operation: Operation) -> Vec<Case> {
    always(operation, &[json!({"cut": "before"})], "the response of Microsoft Graph could not be read")
}

fn cannot_connect(_: Operation) -> Vec<Case> {
    vec![Case::in_world(World::Unreachable).says("Microsoft Graph was not reached")]
}

fn bad_request(operation: Operation) -> Vec<Case> {
    // Not even with the code of a missing policy.
    let disguised = json!({"status": 400, "code": "ResourceNotFound"});
    always(operation, &[json!({"status": 400}), disguised], "Microsoft Graph refused the request")
}

fn token_expired(operation: Operation) -> Vec<Case> {
    let mut points = operation.reads();
    if operation.creates() {
        points.extend([Point::policy(), Point::assignments(), Point::groups()]);
    }
    each(&points, &statuses(&[401], &json!({})), |point, effect| point.once(effect).signing_in())
}

fn token_refused_for_good(operation: Operation) -> Vec<Case> {
    let refusal = json!({"status": 401});
    // With a new token, the items of a refused batch are requested one by one.
    let anything = Point::new("anything", &json!({"path": "/beta"}));
    let case = |point: &Point, refusal: &Json| {
        let case = point.always(refusal).and(&anything, refusal, &Json::Null);
        case.says("Microsoft Graph did not accept the access token")
    };
    let refused = each(&operation.reads()[..1], &[refusal], case);
    let renewed_in_vain = refused.clone().into_iter().map(Case::signing_in);
    refused.iter().cloned().chain(renewed_in_vain).collect()
}

fn permission_missing(operation: Operation) -> Vec<Case> {
    always(operation, &statuses(&[403], &json!({})), "permission is missing")
}

fn policy_deleted(operation: Operation) -> Vec<Case> {
    // A create waits, because the policy may have been created seconds ago.
    let says = ["does not exist", "it does not exist in Intune"];
    let says = if operation.creates() { says[0] } else { says[1] };
    vec![Case::in_world(World::PolicyGone).says(says).within("900ms")]
}

fn assignments_of_an_existing_policy_not_found(_: Operation) -> Vec<Case> {
    let not_found = json!({"status": 404, "code": "ResourceNotFound"});
    let case = Point::assignments().always(&not_found);
    vec![case.says("its assignments cannot be found").says("it does not exist in Intune")]
}

fn route_not_found(operation: Operation) -> Vec<Case> {
    let route =
        json!({"status": 404, "code": "No method match route template", "message": "No OData route exists"});
    let version =
        json!({"status": 404, "code": "ResourceNotFound", "message": "Invalid version: devicemanagement"});
    always(operation, &[route, version], "Microsoft Graph refused the request")
}

fn locked_or_in_conflict_once(operation: Operation) -> Vec<Case> {
    each(&operation.reads(), &statuses(&[409, 423], &json!({})), Point::once)
}

fn locked_or_in_conflict_for_good(operation: Operation) -> Vec<Case> {
    always(operation, &statuses(&[409, 423], &json!({})), "Microsoft Graph reported a conflict")
}

fn empty_body(operation: Operation) -> Vec<Case> {
    let says = if operation.creates() { "a batch response without" } else { "an empty body" };
    bodies(operation, &[json!({"status": 200, "body": ""}), json!({"status": 204, "body": ""})], says)
}

fn truncated_body_once(operation: Operation) -> Vec<Case> {
    each(&operation.bodies(), &[json!({"status": 200, "body": "{\"value\": ["})], Point::once)
}

fn truncated_body_for_good(operation: Operation) -> Vec<Case> {
    let half = json!({"status": 200, "body": "{\"value\": ["});
    bodies(operation, &[half], "the response of Microsoft Graph could not be read")
}

fn page_of_a_proxy(operation: Operation) -> Vec<Case> {
    let page =
        |status: u16| json!({"status": status, "body": "<html>Sign in</html>", "contentType": "text/html"});
    bodies(operation, &[page(200), page(404)], "the response is not from Microsoft Graph")
}

fn wrong_content_type(operation: Operation) -> Vec<Case> {
    let empty = json!({"status": 200, "body": "{\"value\": []}", "contentType": "text/plain"});
    bodies(operation, &[empty], "the response is not from Microsoft Graph")
}

fn oversized_body(operation: Operation) -> Vec<Case> {
    let spaces = json!({"status": 200, "body": {"repeat": " ", "times": 64 * 1024 * 1024 + 1}});
    bodies(operation, &[spaces], "the body is larger than")
}

fn deeply_nested_body(operation: Operation) -> Vec<Case> {
    let nested = json!({"status": 200, "body": {"repeat": "[", "times": 200_000}});
    bodies(operation, &[nested], "nested too deeply")
}

fn unknown_members(operation: Operation) -> Vec<Case> {
    let body = match operation {
        Operation::Create | Operation::Replace => batch_with_news(&operation.found()),
        Operation::Import => policy_with_news(),
        _ => rows_with_news(&operation.found()),
    };
    let effect = json!({"status": 200, "body": body.to_string()});
    operation.bodies().iter().take(1).map(|point| point.once(&effect).harmless()).collect()
}

fn unknown_kind_of_target(operation: Operation) -> Vec<Case> {
    let case = Case::in_world(World::UnknownKind).says("of a kind that this provider does not know");
    vec![if operation.writes() { case.needs_mending() } else { case }]
}

fn changed_elsewhere_since_the_plan(_: Operation) -> Vec<Case> {
    let case = Case::in_world(World::ChangedElsewhere).says("is already assigned");
    vec![case.says("its assignments have changed since the plan")]
}

fn already_as_planned(_: Operation) -> Vec<Case> {
    vec![Case::in_world(World::AsPlanned).says("is already assigned")]
}

fn stale_answer_after_a_write(_: Operation) -> Vec<Case> {
    vec![Case::in_world(World::Lagging)]
}

fn slow_answer(operation: Operation) -> Vec<Case> {
    let slow = json!({"delay": "1200ms", "afterEffect": true});
    let point = &operation.reads()[0];
    let cases = [point.once(&slow), point.always(&slow)];
    cases.map(|case| case.harmless().taking_time()).to_vec()
}

fn policy_not_visible_yet(_: Operation) -> Vec<Case> {
    let policy = Point::new("policy", &json!({"path": POLICY}));
    // Policy and assignments are requested together, so two calls are one read.
    vec![policy.once(&json!({"hide": 2}))]
}

fn assignments_not_visible_yet(_: Operation) -> Vec<Case> {
    let not_found = json!({"status": 404, "code": "ResourceNotFound"});
    vec![Point::assignments().times(&not_found, &json!(3))]
}

fn group_not_visible_yet(_: Operation) -> Vec<Case> {
    vec![Point::groups().once(&json!({"hideGroups": [KIOSKS]}))]
}

fn group_that_does_not_exist(_: Operation) -> Vec<Case> {
    let hidden = Point::groups().always(&json!({"hideGroups": [LAPTOPS]}));
    vec![hidden.within("900ms").says("Group b4e2a7c3-1d58-4fa6-9b2e-7a3fac8d6e02 does not exist")]
}

fn look_up_of_groups_refused(_: Operation) -> Vec<Case> {
    each(&[Point::groups()], &statuses(&[400, 403, 404], &json!({})), Point::always)
}

fn look_up_of_groups_failed_for_good(_: Operation) -> Vec<Case> {
    let effects = [statuses(&[429, 500, 503], &json!({})), vec![json!({"cut": "before"})]].concat();
    each(&[Point::groups()], &effects, |point, effect| {
        // A broken connection affects the whole batch.
        point.always(effect).says("looking up its groups").says("reading it before the first assignment")
    })
}

fn item_of_a_batch_lost_or_doubled(_: Operation) -> Vec<Case> {
    let items = [Point::policy(), Point::assignments(), Point::groups()];
    each(&items, &[json!({"item": "missing"}), json!({"item": "repeated"})], Point::once)
}

fn time_out_passed(operation: Operation) -> Vec<Case> {
    let point = &operation.reads()[0];
    let silent = json!({"delay": "60s"});
    if operation != Operation::Import {
        return vec![point.once(&silent).within("1s").says("took too long")];
    }
    // An import has no time-out of its own: most of its five minutes are spent in a pause.
    let mut case = point.once(&json!({"status": 429, "retryAfter": "293"}));
    case.rules.extend(point.once(&silent).rules);
    vec![case.says("took too long").says("until the operation had no time left")]
}

fn stopped_during_a_pause(operation: Operation) -> Vec<Case> {
    each(&operation.reads(), &statuses(&[429, 500], &json!({})), |point, effect| {
        point.always(effect).pausing(Pause::Stop).says("interrupted")
    })
}

fn panicked(operation: Operation) -> Vec<Case> {
    each(&operation.reads(), &statuses(&[429], &json!({})), |point, effect| {
        point.always(effect).pausing(Pause::Panic).says("The provider has a bug")
    })
}

fn always(operation: Operation, effects: &[Json], says: &'static str) -> Vec<Case> {
    each(&operation.reads(), effects, |point, effect| point.always(effect).says(says))
}

fn bodies(operation: Operation, effects: &[Json], says: &'static str) -> Vec<Case> {
    each(&operation.bodies(), effects, |point, effect| point.always(effect).says(says))
}

/// Assignments in a shape that is newer than the provider.
pub fn rows_with_news(targets: &[Target]) -> Json {
    let row = |(number, target): (usize, &Target)| {
        let mut row = target.row();
        row["id"] = json!(format!("row {number}"));
        row["source"] = json!("direct");
        row["newMember"] = json!({"a": [1]});
        row["target"]["newMember"] = json!([]);
        row
    };
    json!({"value": targets.iter().enumerate().map(row).collect::<Vec<_>>(), "@odata.new": 1})
}

fn policy_with_news() -> Json {
    let atp = "#microsoft.graph.windowsDefenderAdvancedThreatProtectionConfiguration";
    kind::policy(&json!({"@odata.type": atp, "id": POLICY, "displayName": "Onboarding", "newMember": [{}]}))
}

fn batch_with_news(found: &[Target]) -> Json {
    let groups =
        [LAPTOPS, KIOSKS].map(|id| json!({"@odata.type": "#microsoft.graph.group", "id": id, "new": 1}));
    let bodies = [policy_with_news(), rows_with_news(found), json!({"value": groups, "new": null})];
    let response = |(number, body): (usize, &Json)| json!({"id": (number + 1).to_string(), "status": 200, "headers": {}, "body": body, "new": true});
    json!({"responses": bodies.iter().enumerate().map(response).collect::<Vec<_>>(), "new": {}})
}
