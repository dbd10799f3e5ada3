//! Test faults: each effect over HTTP, for a separate request and for a batch item.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::*;

const FAULTS: &str = "/_emulator/faults";

fn with_faults(rules: &Value) -> Graph {
    let graph = Graph::start();
    graph.emulator.faults(rules).unwrap();
    graph
}

fn rows_path() -> String {
    format!("{}/assignments", policy_path("beta"))
}

fn faults_left(graph: &Graph) -> Value {
    graph.emulator.control("GET", FAULTS, None).1["faults"].clone()
}

/// An item of a batch that reads the rows of the policy, or assigns them.
fn item(id: &str, assignments: Option<Value>) -> Value {
    let url = |tail: &str| format!("/deviceManagement/deviceConfigurations/{POLICY}/{tail}");
    match assignments {
        None => json!({"id": id, "method": "GET", "url": url("assignments")}),
        Some(rows) => json!({
            "id": id, "method": "POST", "url": url("assign"),
            "headers": {"Content-Type": "application/json"}, "body": {"assignments": rows},
        }),
    }
}

fn batch(graph: &Graph, items: &[Value]) -> RequestBuilder {
    graph.request(Method::POST, "/beta/$batch").json(&json!({"requests": items}))
}

/// The responses of a batch with one id.
fn responses(answer: &Answer, id: &str) -> Vec<Value> {
    let all = answer.body["responses"].as_array().unwrap();
    all.iter().filter(|response| response["id"] == id).cloned().collect()
}

/// Status, content type and text of a response that may not be JSON.
async fn raw(request: RequestBuilder) -> (u16, String, String) {
    let response = request.send().await.unwrap();
    let content_type = response.headers().get("content-type");
    let content_type = content_type.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    (response.status().as_u16(), content_type, response.text().await.unwrap())
}

#[tokio::test]
async fn a_rule_that_makes_no_sense_is_refused_and_none_is_set() {
    let graph = Graph::start();
    let rules = [
        (json!({}), "faults[0]: A rule must have one of status, cut, "),
        (json!([{"status": 429}, 5]), "faults[1]: An object"),
        (json!({"status": 99}), "faults[0].status: "),
        (json!({"status": 600}), "faults[0].status: "),
        (json!({"status": 429, "cut": "after"}), "faults[0].cut: A rule has only one effect"),
        (json!({"status": 429, "retryafter": "2"}), "faults[0].retryafter: "),
        (json!({"status": 429, "retryAfter": "now+soon"}), "faults[0].retryAfter: "),
        (json!({"status": 429, "retryAfter": "a\nb"}), "faults[0].retryAfter: "),
        (json!({"status": 429, "times": 0}), "faults[0].times: "),
        (json!({"status": 429, "shape": "odd"}), "faults[0].shape: "),
        (json!({"status": 429, "match": {"verb": "GET"}}), "faults[0].match.verb: "),
        (json!({"status": 429, "match": {"method": "G T"}}), "faults[0].match.method: "),
        (json!({"status": 429, "match": {"skip": -1}}), "faults[0].match.skip: "),
        (
            json!({"status": 200, "body": {"repeat": "[", "times": 1_000_000_000_u64}}),
            "faults[0].body.times: ",
        ),
        (json!({"status": 200, "contentType": "text/html"}), "faults[0].contentType: "),
        (json!({"cut": "now"}), "faults[0].cut: "),
        (json!({"delay": "5"}), "faults[0].delay: "),
        (json!({"drip": "slowly"}), "faults[0].drip: "),
        (json!({"stale": 0}), "faults[0].stale: "),
        (json!({"hide": "x"}), "faults[0].hide: "),
        (json!({"hideGroups": ["x"]}), "faults[0].hideGroups: "),
        (json!({"item": "lost"}), "faults[0].item: "),
        (
            json!({"dropTargets": [], "addTargets": [{"groupId": PILOT}]}),
            "faults[0].addTargets[0].@odata.type: ",
        ),
    ];
    for (rule, part) in rules {
        let answer = send(graph.anonymous(Method::POST, FAULTS).json(&rule)).await;
        assert_eq!(answer.status, 400, "{rule}");
        assert!(answer.message().starts_with(part), "{rule}: {}", answer.message());
        assert_eq!(graph.emulator.faults(&rule), Err(answer.message().to_owned()));
    }
    assert_eq!(faults_left(&graph), json!([]));
}

#[tokio::test]
async fn rules_are_counted_listed_and_cleared() {
    let graph = Graph::start();
    let first = json!({"match": {"method": "get", "path": "/Groups", "skip": 1}, "times": 2, "status": 429});
    let second = json!({"name": "always", "match": {"query": "$top=3"}, "times": null, "status": 503});
    let answer = send(graph.anonymous(Method::POST, FAULTS).json(&json!([first, second]))).await;
    assert_eq!(answer.status, 201);
    let mut statuses = Vec::new();
    for path in
        ["/v1.0/groups", "/v1.0/groups", "/v1.0/groups?%24top=3", "/beta/groups?$top=3", "/v1.0/groups"]
    {
        statuses.push(graph.get(path).await.status);
    }
    assert_eq!(statuses, [200, 429, 429, 503, 200]);
    let labels: Vec<_> = graph.emulator.calls().into_iter().map(|call| call.fault).collect();
    let label = |text: &str| Some(text.to_owned());
    assert_eq!(labels, [None, label("0"), label("0"), label("always"), None]);
    assert_eq!(faults_left(&graph), json!([{"number": 1, "left": null, "skip": 0, "rule": second}]));
    assert_eq!(send(graph.anonymous(Method::DELETE, FAULTS)).await.status, 204);
    assert_eq!(graph.get("/v1.0/groups?$top=3").await.status, 200);
}

#[tokio::test]
async fn reset_clears_faults_and_what_they_left() {
    let graph =
        with_faults(&json!([{"stale": 5}, {"status": 500, "times": null, "match": {"path": "/groups"}}]));
    graph.assign(json!([group(PILOT)])).await;
    graph.emulator.control("POST", "/_emulator/reset", None);
    assert_eq!(faults_left(&graph), json!([]));
    graph.assign(json!([group(PILOT)])).await;
    assert_eq!(graph.targets().await.len(), 1);
}

#[tokio::test]
async fn requests_without_a_token_meet_no_rule() {
    let graph = with_faults(&json!({"status": 503}));
    assert_eq!(send(graph.anonymous(Method::GET, "/v1.0/groups")).await.status, 401);
    assert_eq!(graph.get("/v1.0/groups").await.status, 503);
}

#[tokio::test]
async fn a_failure_has_the_usual_code_and_the_asked_shape() {
    let graph = with_faults(&json!([
        {"status": 429, "retryAfter": 2},
        {"status": 503, "retryAfter": "0.5", "code": "Busy", "message": "Later."},
        {"status": 429, "retryAfter": "Wed, 21 Oct 2026 07:28:00 GMT"},
        {"status": 429, "retryAfter": "now+2s"},
        {"status": 401},
        {"status": 500, "shape": "intune"},
        {"status": 403, "shape": "nested"},
    ]));
    let path = policy_path("beta");
    let mut answers = Vec::new();
    for _ in 0..7 {
        answers.push(graph.get(&path).await);
    }
    let retry_after: Vec<_> =
        answers.iter().filter_map(|answer| answer.headers.get("retry-after")?.to_str().ok()).collect();
    assert_eq!(retry_after[..3], ["2", "0.5", "Wed, 21 Oct 2026 07:28:00 GMT"]);
    assert!(retry_after.len() == 4 && retry_after[3].ends_with(" GMT"), "{retry_after:?}");
    let codes: Vec<_> = answers.iter().map(|answer| (answer.status, answer.code())).collect();
    assert_eq!(codes[..2], [(429, "TooManyRequests"), (503, "Busy")]);
    assert_eq!(answers[1].message(), "Later.");
    assert_eq!(codes[4], (401, "InvalidAuthenticationToken"));
    assert!(answers[4].headers.contains_key("www-authenticate"));
    assert!(
        answers[5].message().contains("\"Message\": \"An internal server error has occurred - Operation ID")
    );
    assert_eq!(codes[6], (403, "UnknownError"));
    let outer: Value = serde_json::from_str(answers[6].message()).unwrap();
    let inner: Value = serde_json::from_str(outer["Message"].as_str().unwrap()).unwrap();
    let headers: Value = serde_json::from_str(inner["HttpHeaders"].as_str().unwrap()).unwrap();
    assert_eq!(outer["ErrorCode"], "Forbidden");
    assert!(headers["WWW-Authenticate"].as_str().unwrap().starts_with("Bearer realm=\"urn:intune:service,"));
}

#[tokio::test]
async fn any_body_can_be_answered() {
    let graph = with_faults(&json!([
        {"status": 502, "body": "<html>Bad gateway</html>", "contentType": "text/html"},
        {"status": 504, "body": ""},
        {"status": 200, "body": "{\"value\": ["},
        {"status": 200, "body": {"repeat": "[", "times": 100_000}},
    ]));
    let get = || raw(graph.request(Method::GET, "/beta/groups"));
    assert_eq!(get().await, (502, "text/html".to_owned(), "<html>Bad gateway</html>".to_owned()));
    assert_eq!(get().await, (504, String::new(), String::new()));
    assert_eq!(get().await, (200, "application/json".to_owned(), "{\"value\": [".to_owned()));
    assert_eq!(get().await.2, "[".repeat(100_000));
}

#[tokio::test]
async fn a_failure_before_the_effect_changes_nothing_and_after_it_does() {
    let graph = with_faults(&json!([
        {"match": {"path": "/assign", "method": "POST"}, "status": 504},
        {"match": {"path": "/assign", "method": "POST"}, "status": 504, "afterEffect": true},
    ]));
    assert_eq!(graph.assign(json!([group(PILOT)])).await.status, 504);
    assert_eq!(graph.targets().await.len(), 0);
    assert_eq!(graph.assign(json!([group(PILOT)])).await.status, 504);
    assert_eq!(graph.targets().await.len(), 1);
}

#[tokio::test]
async fn a_cut_connection_gives_no_answer_before_or_after_the_effect() {
    let post = json!({"method": "POST"});
    let graph = with_faults(&json!([
        {"match": post, "cut": "before"},
        {"match": post, "cut": "after", "name": "torn"},
    ]));
    for rows in [0, 1] {
        let path = format!("{}/assign", policy_path("beta"));
        let body = json!({"assignments": [group(PILOT)]});
        let error = graph.request(Method::POST, &path).json(&body).send().await.unwrap_err();
        assert!(error.is_request() && !error.is_connect(), "{error:?}");
        assert_eq!(graph.targets().await.len(), rows);
    }
    let calls: Vec<_> = graph.emulator.calls().into_iter().map(|call| (call.status, call.fault)).collect();
    let label = |text: &str| Some(text.to_owned());
    assert_eq!(calls, [(0, label("0")), (200, None), (200, label("torn")), (200, None)]);
}

#[tokio::test]
async fn a_delay_lies_before_the_effect_or_after_it() {
    for (after, rows) in [(false, 0), (true, 1)] {
        let graph = with_faults(&json!({"delay": "3600s", "afterEffect": after}));
        // Once the rule is used up, the request waits.
        let met = async {
            while faults_left(&graph) != json!([]) {
                tokio::task::yield_now().await;
            }
            graph.targets().await.len()
        };
        tokio::select! {
            answer = graph.assign(json!([group(PILOT)])) => panic!("answered {}", answer.status),
            found = met => assert_eq!(found, rows),
        }
    }
}

#[tokio::test]
async fn a_delayed_request_is_answered_in_the_end() {
    let graph = with_faults(&json!([{"delay": "1ms"}, {"delay": "0.001s", "afterEffect": true}]));
    assert_eq!(graph.assign(json!([group(PILOT)])).await.rows().len(), 1);
    assert_eq!(graph.targets().await.len(), 1);
    assert_eq!(faults_left(&graph), json!([]));
}

#[tokio::test]
async fn a_dripping_answer_begins_after_the_effect_and_sends_blank_after_blank() {
    let graph = with_faults(&json!({"match": {"path": "/assign"}, "drip": "1ms"}));
    let assign = format!("{}/assign", policy_path("beta"));
    let request = graph.request(Method::POST, &assign).json(&json!({"assignments": [group(PILOT)]}));
    let mut response = request.send().await.unwrap();
    assert_eq!((response.status().as_u16(), graph.targets().await.len()), (200, 1));
    for _ in 0..20 {
        assert_eq!(response.chunk().await.unwrap().as_deref(), Some(&b" "[..]));
    }
}

#[tokio::test]
async fn assign_drops_and_adds_targets() {
    let added = json!({"@odata.type": "#microsoft.graph.futureAssignmentTarget", "depth": 3});
    let graph = with_faults(&json!([
        {"dropTargets": [format!("groupAssignmentTarget/{}", PILOT.to_uppercase()), "allDevicesAssignmentTarget"]},
        {"addTargets": [added]},
        {"dropTargets": ["groupAssignmentTarget"], "addTargets": [exclusion(PILOT)["target"]]},
    ]));
    let sent = json!([group(PILOT), group(STAFF), all("allDevices")]);
    let answer = graph.assign(sent).await;
    assert_eq!(answer.each("id"), [format!("{POLICY}_{STAFF}")]);
    assert_eq!(graph.targets().await.len(), 1);
    let answer = graph.assign(json!([])).await;
    assert_eq!(answer.rows()[0]["target"]["depth"], 3);
    graph.assign(json!([group(PILOT)])).await;
    assert_eq!(graph.targets().await[0]["@odata.type"], "#microsoft.graph.exclusionGroupAssignmentTarget");
    graph.assign(json!([group(PILOT)])).await;
    assert_eq!(graph.targets().await[0]["@odata.type"], "#microsoft.graph.groupAssignmentTarget");
}

#[tokio::test]
async fn reads_after_an_assign_show_the_old_rows_for_a_while() {
    let graph = with_faults(&json!([{"stale": 3}, {"stale": 1, "answer": "old"}]));
    let answer = graph.assign(json!([group(PILOT)])).await;
    assert_eq!(answer.rows().len(), 1, "the answer shows the new set");
    assert_eq!(graph.targets().await.len(), 0);
    let expanded = graph.get(&format!("{}?$expand=assignments", policy_path("beta"))).await;
    assert_eq!(expanded.body["assignments"], json!([]));
    let list = graph.get("/beta/deviceManagement/deviceConfigurations?$expand=assignments").await;
    assert!(list.rows().iter().all(|policy| policy["assignments"] == json!([])));
    graph.get(&policy_path("beta")).await;
    let truth = format!("/_emulator/deviceConfigurations/{POLICY}/assignments");
    let (status, shown) = graph.emulator.control("GET", &truth, None);
    assert_eq!(
        (status, shown["assignments"].as_array().unwrap().len()),
        (200, 1),
        "control sees what is there"
    );
    assert_eq!(graph.targets().await.len(), 1);

    let answer = graph.assign(json!([])).await;
    assert_eq!(answer.rows().len(), 1, "the answer shows the old set");
    assert_eq!(graph.targets().await.len(), 1);
    assert_eq!(graph.targets().await.len(), 0);
}

#[tokio::test]
async fn a_new_policy_is_not_visible_for_a_while() {
    let graph = with_faults(&json!({"match": {"method": "POST"}, "hide": 3}));
    let collection = "/beta/deviceManagement/deviceConfigurations";
    let created = graph.post(collection, json!({"@odata.type": DEFENDER, "displayName": "New"})).await;
    assert_eq!(created.status, 201);
    let path = format!("{collection}/{}", created.body["id"].as_str().unwrap());
    let action = format!("{path}/assign");
    let assign = || graph.post(&action, json!({"assignments": []}));
    let first = graph.get(&path).await;
    assert_eq!((first.status, first.code()), (404, "ResourceNotFound"));
    assert_eq!(graph.get(&format!("{path}/assignments")).await.status, 404);
    assert_eq!(assign().await.status, 404);
    assert_eq!(assign().await.status, 200);
    assert_eq!(graph.get(&policy_path("beta")).await.status, 200, "the others are visible");
}

#[tokio::test]
async fn an_existing_policy_disappears_for_a_while() {
    let graph = with_faults(&json!({"match": {"path": POLICY}, "hide": 2}));
    assert_eq!(graph.get("/beta/deviceManagement/deviceConfigurations").await.rows().len(), 2);
    assert_eq!(graph.get(&policy_path("beta")).await.status, 404);
    assert_eq!(graph.get(&rows_path()).await.status, 404);
    assert_eq!(graph.get(&rows_path()).await.status, 200);
}

#[tokio::test]
async fn the_directory_does_not_know_a_group_for_a_while() {
    let graph = with_faults(&json!({"hideGroups": [PILOT.to_uppercase()], "times": 2}));
    let ask =
        |ids: Value| graph.post("/v1.0/directoryObjects/getByIds", json!({"ids": ids, "types": ["group"]}));
    assert_eq!(ask(json!([STAFF])).await.rows().len(), 1, "not concerned, so not counted");
    assert_eq!(ask(json!([PILOT, STAFF])).await.each("id"), [STAFF]);
    assert_eq!(graph.get(&format!("/v1.0/groups/{PILOT}")).await.status, 404);
    assert_eq!(ask(json!([PILOT, STAFF])).await.rows().len(), 2);
}

#[tokio::test]
async fn an_item_of_a_batch_meets_rules_and_the_envelope_only_its_own() {
    let graph = with_faults(&json!([
        {"match": {"path": "/assignments"}, "status": 429, "retryAfter": "2", "shape": "intune"},
        {"match": {"path": "/assignments"}, "status": 502, "body": "<html>", "contentType": "text/html"},
        {"match": {"path": "$batch"}, "status": 503},
        {"match": {"method": "POST"}, "dropTargets": ["groupAssignmentTarget"]},
    ]));
    assert_eq!(send(batch(&graph, &[item("r", None)])).await.status, 503);
    let items = [item("a", None), item("b", None), item("w", Some(json!([group(PILOT)]))), item("c", None)];
    let answer = send(batch(&graph, &items)).await;
    assert_eq!(answer.status, 200);
    let one = |id: &str| responses(&answer, id).remove(0);
    assert_eq!((&one("a")["status"], &one("a")["headers"]["Retry-After"]), (&json!(429), &json!("2")));
    assert_eq!(one("a")["body"]["error"]["code"], "TooManyRequests");
    let html = (&one("b")["status"], &one("b")["headers"]["Content-Type"], &one("b")["body"]);
    assert_eq!(html, (&json!(502), &json!("text/html"), &json!("<html>")));
    assert_eq!(one("w")["body"]["value"], json!([]));
    assert_eq!(one("c")["status"], 200);
    let marked: Vec<_> = graph.emulator.calls().into_iter().filter(|call| call.fault.is_some()).collect();
    assert_eq!(marked.len(), 4);
}

#[tokio::test]
async fn responses_of_a_batch_can_be_missing_or_doubled() {
    let graph =
        with_faults(&json!([{"item": "missing"}, {"match": {"path": "/groups"}, "item": "repeated"}]));
    assert_eq!(graph.get(&rows_path()).await.status, 200, "a request of its own is not concerned");
    let groups = json!({"id": "g", "method": "GET", "url": "/groups"});
    let answer = send(batch(&graph, &[item("a", None), item("b", None), groups])).await;
    let counts = ["a", "b", "g"].map(|id| responses(&answer, id).len());
    assert_eq!(counts, [0, 1, 2]);
}

#[tokio::test]
async fn a_cut_item_cuts_the_batch_and_its_moment_counts() {
    let graph = with_faults(&json!([
        {"match": {"path": "/assign", "method": "POST"}, "cut": "before"},
        {"match": {"path": "/assign", "method": "POST"}, "cut": "after"},
    ]));
    for rows in [0, 1] {
        let items = [item("w", Some(json!([group(PILOT)]))), item("r", None)];
        assert!(batch(&graph, &items).send().await.is_err());
        assert_eq!(graph.targets().await.len(), rows);
    }
}

#[tokio::test]
async fn reads_in_a_batch_are_stale_too() {
    let graph = with_faults(&json!({"stale": 1}));
    let items = [item("w", Some(json!([group(PILOT)]))), item("r", None), item("s", None)];
    let answer = send(batch(&graph, &items)).await;
    let counts = ["r", "s"].map(|id| responses(&answer, id)[0]["body"]["value"].as_array().unwrap().len());
    assert_eq!(counts, [0, 1], "items are served in their order while rules are pending");
    assert_eq!(graph.targets().await.len(), 1);
}
