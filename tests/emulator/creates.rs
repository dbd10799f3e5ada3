//! Creates of policies that fail: answers that are lost before or after the effect, policies that become visible late, and
//! creates that take effect twice.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::*;

const POLICIES: &str = "/beta/deviceManagement/deviceConfigurations";
const CATALOG: &str = "/beta/deviceManagement/configurationPolicies";

fn new_policy() -> Value {
    json!({"@odata.type": DEFENDER, "displayName": "New"})
}

/// A rule for creates of device configurations.
fn with_fault(mut rule: Value) -> Graph {
    let graph = Graph::start();
    rule["match"] = json!({"method": "POST", "path": "/deviceConfigurations"});
    graph.emulator.faults(&rule).unwrap();
    graph
}

/// The ids of the policies named "New" that a list shows.
async fn found(graph: &Graph) -> Vec<String> {
    let answer = graph.get(&format!("{POLICIES}?$filter=displayName eq 'New'")).await;
    answer.each("id").into_iter().map(str::to_owned).collect()
}

/// Whether the response to a create is lost.
async fn is_lost(graph: &Graph) -> bool {
    graph.request(Method::POST, POLICIES).json(&new_policy()).send().await.is_err()
}

#[tokio::test]
async fn the_answer_of_a_create_is_lost_before_or_after_the_effect() {
    for (moment, policies) in [("before", 0), ("after", 1)] {
        let graph = with_fault(json!({"cut": moment}));
        assert!(is_lost(&graph).await, "{moment}");
        assert_eq!(found(&graph).await.len(), policies, "{moment}");
        assert_eq!(graph.post(POLICIES, new_policy()).await.status, 201, "the rule is used up");
    }
}

#[tokio::test]
async fn a_create_fails_before_or_after_the_effect() {
    for (after, policies) in [(false, 0), (true, 1)] {
        let graph = with_fault(json!({"status": 503, "afterEffect": after}));
        assert_eq!(graph.post(POLICIES, new_policy()).await.status, 503);
        assert_eq!(found(&graph).await.len(), policies, "after the effect: {after}");
    }
}

#[tokio::test]
async fn a_new_policy_becomes_visible_late_in_lists_and_calls() {
    let graph = with_fault(json!({"hideCreated": 4}));
    let created = graph.post(POLICIES, new_policy()).await;
    assert_eq!(created.status, 201);
    let id = created.body["id"].as_str().unwrap();
    let path = format!("{POLICIES}/{id}");
    assert_eq!(found(&graph).await, Vec::<String>::new());
    assert_eq!(graph.get(POLICIES).await.rows().len(), 2, "the others are visible");
    assert_eq!(graph.get(CATALOG).await.rows().len(), 1, "another collection is not counted");
    assert_eq!(graph.get(&path).await.code(), "ResourceNotFound");
    assert_eq!(graph.patch(&path, new_policy()).await.status, 404);
    assert_eq!(graph.get(&path).await.status, 200);
    assert_eq!(found(&graph).await, [id]);
}

#[tokio::test]
async fn a_policy_of_the_settings_catalog_becomes_visible_late() {
    let graph = Graph::start();
    graph.emulator.faults(&json!({"hideCreated": 1})).unwrap();
    let created = graph.post(CATALOG, json!({"name": "New", "settings": []})).await;
    assert_eq!(created.status, 201, "{}", created.body);
    assert_eq!(graph.get(CATALOG).await.each("id"), [CATALOG_POLICY]);
    assert_eq!(graph.get(CATALOG).await.rows().len(), 2);
}

#[tokio::test]
async fn a_create_takes_effect_twice_and_the_answer_is_about_the_second() {
    let graph = with_fault(json!({"repeat": true}));
    let created = graph.post(POLICIES, new_policy()).await;
    assert_eq!(created.status, 201);
    let ids = found(&graph).await;
    assert!(ids.len() == 2 && ids[0] != ids[1], "{ids:?}");
    assert!(ids.contains(&created.body["id"].as_str().unwrap().to_owned()));
    let posts = graph.emulator.calls().into_iter().filter(|call| call.method == "POST").count();
    assert_eq!(posts, 1, "the client sent one");
}

#[tokio::test]
async fn effects_on_a_create_are_combined() {
    let graph = with_fault(json!({"repeat": true, "hideCreated": 1, "cut": "after", "name": "all"}));
    assert!(is_lost(&graph).await);
    assert_eq!(found(&graph).await.len(), 0);
    assert_eq!(found(&graph).await.len(), 2);
    let graph = with_fault(json!({"hideCreated": 1, "status": 504, "afterEffect": true}));
    assert_eq!(graph.post(POLICIES, new_policy()).await.status, 504);
    assert_eq!([found(&graph).await.len(), found(&graph).await.len()], [0, 1]);
    let graph = with_fault(json!({"repeat": true, "delay": "1ms"}));
    assert_eq!(graph.post(POLICIES, new_policy()).await.status, 201);
    assert_eq!(found(&graph).await.len(), 2);
}

#[tokio::test]
async fn a_refused_create_hides_and_repeats_nothing() {
    let graph = with_fault(json!({"repeat": true, "hideCreated": 5}));
    assert_eq!(graph.post(POLICIES, json!({"@odata.type": DEFENDER})).await.status, 400);
    assert_eq!(graph.get(POLICIES).await.rows().len(), 2);
}

#[tokio::test]
async fn only_a_create_matches_such_a_rule() {
    let graph = with_fault(json!({"repeat": true}));
    assert_eq!(graph.assign(json!([group(PILOT)])).await.rows().len(), 1);
    assert_eq!(graph.post("/v1.0/groups", json!({})).await.status, 400);
    graph.post(POLICIES, new_policy()).await;
    assert_eq!(found(&graph).await.len(), 2);
}

#[tokio::test]
async fn cleared_faults_show_what_was_hidden() {
    let graph = with_fault(json!({"hideCreated": 100}));
    graph.post(POLICIES, new_policy()).await;
    assert_eq!(found(&graph).await.len(), 0);
    graph.emulator.control("DELETE", "/_emulator/faults", None);
    assert_eq!(found(&graph).await.len(), 1);
}

#[test]
fn combinations_without_a_sense_are_refused() {
    let graph = Graph::start();
    for (rule, part) in [
        (json!({"hideCreated": 0}), "faults[0].hideCreated: "),
        (json!({"repeat": false}), "faults[0].repeat: "),
        (json!({"repeat": true, "cut": "before"}), "faults[0]: 'repeat' can be combined"),
        (json!({"hideCreated": 1, "status": 503}), "faults[0]: 'hideCreated' can be combined"),
        (json!({"hideCreated": 1, "stale": 1}), "faults[0]: 'hideCreated' can be combined"),
        (json!({"repeat": true, "cut": "after", "delay": "1s"}), "faults[0].delay: A rule has only one"),
    ] {
        let message = graph.emulator.faults(&rule).unwrap_err();
        assert!(message.starts_with(part), "{rule}: {message}");
    }
}
