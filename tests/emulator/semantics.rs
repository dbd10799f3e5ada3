//! Choices for open questions about the service, changed while the emulator runs.

use reqwest::Method;
use serde_json::json;

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
