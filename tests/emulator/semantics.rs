//! Choices for open questions about the service, changed while the emulator runs.

use reqwest::Method;
use serde_json::{Value, json};
use terraform_provider_defender::emulator::SEMANTICS_CHOICES;

use crate::support::*;

const SEMANTICS: &str = "/_emulator/semantics";

#[tokio::test]
async fn choices_change_over_http_and_the_others_stay() {
    let graph = Graph::start();
    let twice = json!([group(PILOT), group(PILOT)]);
    assert_eq!(graph.assign(twice.clone()).await.status, 400);
    let changes = json!({"repeatedTarget": "dropLater", "assignTouchesPolicy": true});
    let answer = send(graph.anonymous(Method::PUT, SEMANTICS).json(&changes)).await;
    assert_eq!((answer.status, &answer.body["unknownGroup"]), (200, &json!("accept")));
    assert_eq!(graph.assign(twice).await.rows().len(), 1);
    assert_eq!(graph.get(&policy_path("beta")).await.body["version"], 2);
    let shown = send(graph.anonymous(Method::GET, SEMANTICS)).await;
    assert_eq!(shown.body, answer.body);
}

#[tokio::test]
async fn reset_restores_the_choices_of_the_start() {
    let graph = Graph::start();
    let before = graph.emulator.control("GET", SEMANTICS, None);
    graph.emulator.control("PUT", SEMANTICS, Some(&json!({"patchAnswer": "entity"})));
    assert_ne!(graph.emulator.control("GET", SEMANTICS, None), before);
    graph.emulator.control("POST", "/_emulator/reset", None);
    assert_eq!(graph.emulator.control("GET", SEMANTICS, None), before);
}

#[test]
fn a_choice_that_does_not_exist_is_refused_by_its_name_and_changes_nothing() {
    let graph = Graph::start();
    let before = graph.emulator.control("GET", SEMANTICS, None);
    for (changes, part) in [
        (json!({"patchAnswer": "entity", "unknownGroup": "maybe"}), "unknownGroup: unknown variant `maybe`"),
        (json!({"unknown_group": "accept"}), "unknown_group: unknown field"),
        (json!({"assignTouchesPolicy": "yes"}), "assignTouchesPolicy: invalid type"),
    ] {
        let (status, answer) = graph.emulator.control("PUT", SEMANTICS, Some(&changes));
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(status == 400 && message.starts_with(part), "{message}");
    }
    assert_eq!(graph.emulator.control("GET", SEMANTICS, None), before);
}

#[test]
fn every_choice_is_listed_with_its_values() {
    let graph = Graph::start();
    let (_, start) = graph.emulator.control("GET", SEMANTICS, None);
    let mut names: Vec<&str> = SEMANTICS_CHOICES.iter().map(|choice| choice.name).collect();
    names.sort_unstable();
    assert_eq!(names, start.as_object().unwrap().keys().collect::<Vec<_>>());
    for choice in SEMANTICS_CHOICES {
        for value in choice.values {
            let value: Value = value.parse::<bool>().map_or_else(|_| json!(value), Value::Bool);
            let (status, answer) =
                graph.emulator.control("PUT", SEMANTICS, Some(&json!({choice.name: value})));
            assert_eq!((status, &answer[choice.name]), (200, &value), "{}", choice.name);
        }
        let (status, answer) =
            graph.emulator.control("PUT", SEMANTICS, Some(&json!({choice.name: "another"})));
        let message = answer["error"]["message"].as_str().unwrap();
        let listed = choice.values.iter().all(|value| message.contains(&format!("`{value}`")));
        assert!(status == 400 && (listed || message.contains("expected a boolean")), "{message}");
    }
}

/// As IntuneCD does it: the rows that were read are posted back, with those of policy sets.
#[tokio::test]
async fn a_row_of_a_policy_set_that_is_posted_back_stays_the_policy_sets() {
    let inherited = json!({
        "target": group(PILOT)["target"], "source": "policySets", "sourceId": MISSING,
    });
    for (choice, status, sources) in [
        ("ignore", 200, vec!["direct", "policySets"]),
        ("refuse", 400, vec!["policySets"]),
        ("makeDirect", 200, vec!["direct", "direct", "policySets"]),
    ] {
        let graph = Graph::start();
        let path = format!("/_emulator/deviceConfigurations/{POLICY}/assignments");
        graph.emulator.control("PUT", &path, Some(&json!([inherited])));
        graph.emulator.control("PUT", SEMANTICS, Some(&json!({"policySetRowSent": choice})));
        assert_eq!(graph.assign(json!([group(STAFF), inherited])).await.status, status, "{choice}");
        let rows = graph.get(&format!("{}/assignments", policy_path("beta"))).await;
        assert_eq!(rows.each("source"), sources, "{choice}");
    }
}

#[tokio::test]
async fn answers_of_deletes_keys_and_the_model_can_be_those_of_other_families() {
    let graph = Graph::start();
    let body = json!({"@odata.type": DEFENDER, "color": "red"});
    let policy = policy_path("beta");
    assert_eq!(graph.get("/beta/deviceManagement/deviceConfigurations/x").await.status, 404);
    assert_eq!(graph.patch(&policy, body.clone()).await.code(), "BadRequest");
    let choices =
        json!({"deleteAnswer": "ok", "nonGuidKey": "refuse", "modelErrorCode": "modelValidationFailure"});
    graph.emulator.control("PUT", SEMANTICS, Some(&choices));
    assert_eq!(graph.get("/beta/deviceManagement/deviceConfigurations/x").await.status, 400);
    let refused = graph.patch(&policy, body).await;
    assert_eq!(refused.code(), "ModelValidationFailure");
    assert_eq!(refused.body["error"]["innerError"]["message"], refused.body["error"]["message"]);
    assert_eq!(graph.delete(&policy).await.status, 200);
}
