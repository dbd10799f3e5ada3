//! Refreshing many policies from one list: what it costs, and that the list can speed a refresh up but never change
//! what comes of it.

use std::cell::Cell;

use futures_util::future::join_all;
use serde_json::{Value as Json, json};
use terraform_provider_defender::emulator::Options;

use crate::http;
use crate::scene::{Answer, Scene, config_of};
use crate::target::Target;
use crate::tenant::{COMPANY_OWNED, KIOSKS, LAPTOPS, POLICY_SET, Tenant, WORKSTATIONS};

const LIST: &str = "/beta/deviceManagement/deviceConfigurations?$select=id&$expand=assignments";
const MANY: usize = 40;

fn id(number: usize) -> String {
    format!("{number:08x}-7c41-4f2a-9d36-58e1b0c7f294")
}

fn usual() -> Vec<Target> {
    vec![Target::group(WORKSTATIONS), Target::exclusion(KIOSKS).excluding(COMPANY_OWNED)]
}

/// So many targets that an expansion may have been cut.
fn numerous() -> Vec<Target> {
    (0..12).map(|number| Target::collection(&format!("SMS{number:05}"))).collect()
}

fn tenant() -> Tenant {
    (0..MANY).fold(Tenant::default(), |tenant, number| tenant.with_policy(&id(number)))
}

fn rows(targets: &[Target]) -> Json {
    targets.iter().map(Target::row).collect()
}

/// A scene, and how many requests of it are of no interest.
struct Watched {
    scene: Scene,
    seen: Cell<u64>,
}

impl std::ops::Deref for Watched {
    type Target = Scene;

    fn deref(&self) -> &Scene {
        &self.scene
    }
}

impl Watched {
    /// What somebody else does: the rows of the policy are these now.
    fn assigns(&self, number: usize, rows: &Json) {
        let path = format!("/_emulator/deviceConfigurations/{}/assignments", id(number));
        let (status, body) = self.emulator.control("PUT", &path, Some(rows));
        assert_eq!(status, 200, "{body}");
    }

    async fn read_all(&self, states: &[Json]) -> Vec<Answer> {
        join_all(states.iter().map(|state| self.read(state))).await
    }

    /// Requests over the wire: an envelope is one, its items are none.
    fn requests(&self) -> Vec<String> {
        let seen = self.seen.get();
        let calls = self.emulator.calls().into_iter();
        let calls = calls.filter(|call| call.envelope.is_none() && call.number > seen);
        calls.map(|call| format!("{} {}", call.method, call.path)).collect()
    }

    /// The list of policies as the service has it now.
    fn list(&self) -> Json {
        let answer = http::send(&self.emulator.base_url(), "GET", LIST, Some("token"), None);
        assert_eq!(answer.status, 200);
        answer.body
    }

    fn forget_requests(&self) {
        self.seen.set(self.emulator.calls().last().map_or(0, |call| call.number));
    }
}

/// All policies assigned, and their states by plain reads.
async fn refreshed(block: &Json, options: Options) -> (Watched, Vec<Json>) {
    let scene = Scene::configured(&tenant(), options, block, Box::new(|_| None)).await;
    let scene = Watched { scene, seen: Cell::new(0) };
    for number in 0..MANY {
        scene.assigns(number, &rows(&if number % 8 == 7 { numerous() } else { usual() }));
    }
    scene.configure(&json!({"bulk_refresh": false})).await;
    let imported: Vec<Json> = (0..MANY).map(|number| config_of(&id(number), &[])).collect();
    let states = scene.read_all(&imported).await.into_iter().map(|answer| answer.state).collect();
    scene.configure(block).await;
    scene.forget_requests();
    (scene, states)
}

/// Every kind of change that somebody may make to a policy.
fn somebody_changes(scene: &Watched) {
    let mut inherited = Target::all_users().row();
    inherited["source"] = json!("policySets");
    inherited["sourceId"] = json!(POLICY_SET);
    let mut with_inherited = rows(&usual());
    with_inherited.as_array_mut().unwrap().push(inherited);
    let fewer = numerous().split_off(1);
    for (number, rows) in [
        (11, rows(&[])),
        (12, rows(&usual()[..1])),
        (13, rows(&[usual(), vec![Target::all_devices()]].concat())),
        (14, rows(&[Target::group(WORKSTATIONS), Target::exclusion(KIOSKS)])),
        (15, rows(&fewer)),
        (16, rows(&[Target::group(LAPTOPS)])),
        (17, with_inherited),
    ] {
        scene.assigns(number, &rows);
    }
    let path = format!("/_emulator/deviceConfigurations/{}", id(18));
    assert_eq!(scene.control("DELETE", &path, None).0, 204);
}

fn told(answers: Vec<Answer>) -> Vec<(Json, String)> {
    answers.into_iter().map(|answer| (answer.state, answer.messages)).collect()
}

#[tokio::test]
async fn many_unchanged_policies_cost_a_batch_and_the_pages_of_the_list() {
    let options = Options { page_size: Some(25), ..Options::default() };
    let (scene, mut states) = refreshed(&json!({}), options).await;
    states.retain(|state| state["assignments"].as_array().unwrap().len() < 10);
    for (answer, state) in scene.read_all(&states).await.iter().zip(&states) {
        assert_eq!((&answer.state, answer.messages.as_str()), (state, ""));
    }
    let requests = scene.requests();
    assert_eq!(requests.len(), 3, "{requests:#?}");
    assert_eq!(requests.iter().filter(|request| request.contains("/$batch")).count(), 1, "{requests:#?}");
    assert_eq!(requests.iter().filter(|request| request.contains("$expand=assignments")).count(), 2);
}

#[tokio::test]
async fn a_change_is_found_and_costs_one_request_more() {
    let (scene, mut states) = refreshed(&json!({}), Options::default()).await;
    states.retain(|state| state["assignments"].as_array().unwrap().len() < 10);
    let changed = states.iter().position(|state| state["device_configuration_id"] == json!(id(20))).unwrap();
    scene.assigns(20, &rows(&[Target::all_devices()]));
    let answers = scene.read_all(&states).await;
    for (number, (answer, state)) in answers.iter().zip(&states).enumerate() {
        assert_eq!(answer.state == *state, number != changed, "{}", answer.state);
    }
    assert_eq!(answers[changed].assignments(), [Target::all_devices().element()]);
    assert!(scene.requests().len() <= 3, "{:#?}", scene.requests());
}

#[tokio::test]
async fn a_few_policies_are_read_by_themselves() {
    let (scene, states) = refreshed(&json!({}), Options::default()).await;
    for state in &states[..3] {
        scene.read(state).await;
    }
    assert_eq!(
        scene.requests(),
        [0, 1, 2].map(|number| {
            format!("GET /beta/deviceManagement/deviceConfigurations/{}/assignments", id(number))
        })
    );
    scene.forget_requests();
    scene.configure(&json!({})).await;
    scene.read_all(&states[..10]).await;
    let requests = scene.requests();
    assert_eq!(requests, ["POST /beta/$batch"], "a batch for ten at once");
}

#[tokio::test]
async fn without_bulk_refresh_every_policy_is_read() {
    for (block, variable) in [(json!({"bulk_refresh": false}), None), (json!({}), Some("false"))] {
        let environment = move |name: &str| (name == "DEFENDER_BULK_REFRESH").then_some(variable?.to_owned());
        let scene = Scene::configured(&tenant(), Options::default(), &block, Box::new(environment)).await;
        let imported: Vec<Json> = (0..MANY).map(|number| config_of(&id(number), &[])).collect();
        join_all(imported.iter().map(|state| scene.read(state))).await;
        let listed = scene.recorded().into_iter().filter(|call| call.path.contains("$expand"));
        assert_eq!(listed.count(), 0);
    }
}

/// A list that is not the truth.
struct Lie {
    name: &'static str,
    tell: fn(&mut Vec<Json>),
}

/// The lies about one policy are told of an unchanged one and of changed ones alike.
fn lies() -> Vec<Lie> {
    let lie = |name, tell| Lie { name, tell };
    vec![
        lie("nothing is listed", Vec::clear),
        lie("policies are left out", |policies| policies.retain(is_odd)),
        lie("the rows are left out", |policies| each(policies, |policy| drop(policy.remove("assignments")))),
        lie("the rows are null", |policies| set_rows(policies, |_| Json::Null)),
        lie("the rows are none", |policies| set_rows(policies, |_| json!([]))),
        lie("the rows are cut to one", |policies| {
            set_rows(policies, |rows| json!(rows[..rows.len().min(1)]));
        }),
        lie("a row is repeated", |policies| {
            set_rows(policies, |rows| json!([rows, &rows[..rows.len().min(1)]].concat()));
        }),
        lie("the rest of the rows is elsewhere", |policies| {
            each(policies, |policy| {
                policy
                    .insert("assignments@odata.nextLink".to_owned(), json!("https://graph.microsoft.com/x"));
            });
        }),
        lie("policies are listed twice, with other rows", |policies| {
            let mut again = policies.clone();
            set_rows(&mut again, |_| json!([]));
            policies.extend(again);
        }),
        lie("policies are listed twice, without rows first", |policies| {
            let mut first = policies.clone();
            each(&mut first, |policy| drop(policy.remove("assignments")));
            policies.splice(0..0, first);
        }),
        lie("rows of another policy", |policies| {
            let other = policies.first().unwrap()["assignments"].clone();
            set_rows(policies, |_| other.clone());
        }),
        lie("filters are left out", |policies| {
            set_rows(policies, |rows| {
                let plain = rows.iter().cloned().map(|mut row| {
                    row["target"].as_object_mut().unwrap().retain(|name, _| !name.contains("Filter"));
                    row
                });
                plain.collect()
            });
        }),
        lie("policies of another type", |policies| {
            each(policies, |policy| {
                policy.insert(
                    "@odata.type".to_owned(),
                    json!("#microsoft.graph.windows10GeneralConfiguration"),
                );
            });
        }),
    ]
}

fn is_odd(policy: &Json) -> bool {
    policy["id"].as_str().unwrap().as_bytes()[7] % 2 == 1
}

fn each(policies: &mut [Json], change: impl Fn(&mut serde_json::Map<String, Json>)) {
    for policy in policies.iter_mut() {
        change(policy.as_object_mut().unwrap());
    }
}

fn set_rows(policies: &mut [Json], rows: impl Fn(&[Json]) -> Json) {
    each(policies, |policy| {
        let others = rows(policy["assignments"].as_array().unwrap());
        policy.insert("assignments".to_owned(), others);
    });
}

fn list_fault(effect: &Json) -> Json {
    let mut rule = json!({"match": {"query": "$expand"}, "times": null});
    rule.as_object_mut().unwrap().extend(effect.as_object().unwrap().clone());
    rule
}

/// What plain reads say after the changes.
async fn plainly(scene: &Watched, states: &[Json]) -> Vec<(Json, String)> {
    scene.configure(&json!({"bulk_refresh": false})).await;
    let plain = told(scene.read_all(states).await);
    scene.configure(&json!({})).await;
    plain
}

#[tokio::test]
async fn a_list_that_lies_changes_nothing() {
    let (scene, states) = refreshed(&json!({}), Options::default()).await;
    somebody_changes(&scene);
    let plain = plainly(&scene, &states).await;
    let changed = plain.iter().zip(&states).filter(|((state, _), before)| state != *before).count();
    assert_eq!(changed, 8, "all changes show in plain reads");
    for lie in lies() {
        let mut list = scene.list();
        (lie.tell)(list["value"].as_array_mut().unwrap());
        scene.fault(&list_fault(&json!({"status": 200, "body": list.to_string()})));
        assert_eq!(told(scene.read_all(&states).await), plain, "{}", lie.name);
        must_have_listed(&scene, lie.name);
        scene.configure(&json!({})).await;
    }
}

#[tokio::test]
async fn a_list_that_fails_changes_nothing() {
    let (scene, states) = refreshed(&json!({}), Options::default()).await;
    somebody_changes(&scene);
    let plain = plainly(&scene, &states).await;
    let broken = [
        json!({"status": 400}),
        json!({"status": 403}),
        json!({"status": 404}),
        json!({"status": 501}),
        json!({"status": 200, "body": ""}),
        json!({"status": 200, "body": "{\"value\": [{\"id\""}),
        json!({"status": 200, "body": "{\"value\": null}"}),
        json!({"status": 200, "body": "{\"value\": [{\"id\": 7}]}"}),
        json!({"status": 200, "body": "<html>", "contentType": "text/html"}),
        json!({"status": 200, "body": {"repeat": "[", "times": 10_000}}),
        json!({"status": 200, "body": "{\"value\": [], \"@odata.nextLink\": \"https://elsewhere.example/\"}"}),
    ];
    for effect in broken {
        scene.fault(&list_fault(&effect));
        assert_eq!(told(scene.read_all(&states).await), plain, "{effect}");
        must_have_listed(&scene, &effect.to_string());
        scene.configure(&json!({})).await;
    }
}

#[tokio::test]
async fn a_list_whose_second_page_fails_changes_nothing() {
    let options = Options { page_size: Some(25), ..Options::default() };
    let (scene, states) = refreshed(&json!({}), options).await;
    somebody_changes(&scene);
    let plain = plainly(&scene, &states).await;
    scene.fault(&json!({"match": {"query": "$skiptoken"}, "times": null, "status": 403}));
    assert_eq!(told(scene.read_all(&states).await), plain);
}

#[tokio::test]
async fn options_that_the_service_refuses_are_left_out() {
    let (scene, mut states) = refreshed(&json!({}), Options::default()).await;
    states.retain(|state| state["assignments"].as_array().unwrap().len() < 10);
    let refuse = |option: &str| json!({"match": {"query": option}, "times": null, "status": 400});
    scene.fault(&json!([refuse("$select"), refuse("$top")]));
    scene.read_all(&states).await;
    let lists: Vec<_> = scene.requests().into_iter().filter(|request| request.contains("$expand")).collect();
    let root = "GET /beta/deviceManagement/deviceConfigurations";
    assert_eq!(
        lists,
        [
            format!("{root}?$select=id,displayName&$top=999&$expand=assignments"),
            format!("{root}?$top=999&$expand=assignments"),
            format!("{root}?$expand=assignments"),
        ]
    );
    assert_eq!(scene.requests().len(), 4);
}

#[tokio::test]
async fn a_token_that_is_refused_at_the_list_is_refused_for_all() {
    let (scene, states) = refreshed(&json!({}), Options::default()).await;
    scene.fault(&json!({"match": {"path": "deviceConfigurations"}, "times": null, "status": 401}));
    scene.fault(&json!({"match": {"path": "$batch"}, "times": null, "status": 401}));
    for (answer, state) in scene.read_all(&states).await.iter().zip(&states) {
        assert_eq!(answer.state, *state, "a failed read keeps the state");
        assert!(answer.messages.contains("status 401"), "{}", answer.messages);
    }
    assert_eq!(scene.requests().len(), 2, "{:#?}", scene.requests());
}

#[tokio::test]
async fn what_this_run_has_written_is_not_taken_from_the_list() {
    let (scene, states) = refreshed(&json!({}), Options::default()).await;
    let old_list = scene.list();
    let state = scene.applied(&states[20], &config_of(&id(20), &[Target::all_devices()])).await;
    scene.fault(&list_fault(&json!({"status": 200, "body": old_list.to_string()})));
    scene.read_all(&states[..12]).await;
    assert_eq!(scene.read(&state).await.assignments(), [Target::all_devices().element()]);
    assert_eq!(scene.read(&states[20]).await.assignments(), [Target::all_devices().element()]);
}

#[tokio::test]
async fn the_next_command_sees_a_change_that_was_made_after_the_list() {
    let (scene, states) = refreshed(&json!({}), Options::default()).await;
    scene.read_all(&states).await;
    scene.assigns(21, &rows(&[Target::all_devices()]));
    scene.configure(&json!({})).await;
    let answers = scene.read_all(&states).await;
    assert_eq!(answers[21].assignments(), [Target::all_devices().element()]);
}

#[tokio::test]
async fn planned_creates_share_the_list_and_a_refusal_is_confirmed() {
    let (scene, _) = refreshed(&json!({}), Options::default()).await;
    for number in 0..MANY {
        scene.assigns(number, &rows(&[]));
    }
    scene.assigns(30, &rows(&[Target::all_users()]));
    let before = scene.calls(&format!("{}/assignments", id(30))).len();
    let configs: Vec<Json> = (0..MANY).map(|number| config_of(&id(number), &usual()[..1])).collect();
    let plans = join_all(configs.iter().map(|config| scene.plan(&Json::Null, config))).await;
    for (number, plan) in plans.iter().enumerate() {
        assert_eq!(plan.messages.is_empty(), number != 30, "{number}: {}", plan.messages);
    }
    assert!(plans[30].messages.contains("allLicensedUsersAssignmentTarget"), "{}", plans[30].messages);
    let asked = scene.calls(&format!("{}/assignments", id(30))).len() - before;
    assert_eq!(asked, 1, "asked for itself before it is refused");
    let reads = scene.requests().into_iter().filter(|request| !request.contains("getByIds")).count();
    assert!(reads <= 4, "{:#?}", scene.requests());
}

#[tokio::test]
async fn a_list_that_lies_lets_no_create_pass() {
    let (scene, _) = refreshed(&json!({}), Options::default()).await;
    let mut list = scene.list();
    set_rows(list["value"].as_array_mut().unwrap(), |_| json!([]));
    scene.fault(&list_fault(&json!({"status": 200, "body": list.to_string()})));
    let config = config_of(&id(3), &[Target::group(LAPTOPS)]);
    join_all((0..12).map(|_| scene.plan(&Json::Null, &config))).await;
    let answer = scene.apply(&Json::Null, &config).await;
    assert!(answer.messages.contains("is already assigned"), "{}", answer.messages);
    assert!(answer.state.is_null());
    assert_eq!(scene.assign_calls(), 0);
}

fn must_have_listed(scene: &Watched, name: &str) {
    let (_, left) = scene.control("GET", "/_emulator/faults", None);
    assert!(scene.recorded().iter().any(|call| call.fault.is_some()), "{name}: {left}");
    let (status, _) = scene.control("DELETE", "/_emulator/faults", None);
    assert_eq!(status, 204);
    scene.forget_requests();
}
