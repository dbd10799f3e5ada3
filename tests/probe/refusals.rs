//! What ends a probe, and what it says then.

use serde_json::{Value, json};

use crate::world::*;

#[test]
fn a_group_with_members_is_refused_before_anything_is_created() {
    let emulator = emulator(defaults());
    let members = json!({"value": [{"id": GROUP}]}).to_string();
    let rule = json!({"match": {"path": "transitiveMembers"}, "status": 200, "body": members});
    emulator.faults(&rule).unwrap();
    let (status, text) = run(&emulator, &["--yes", "--group", GROUP]);
    assert_eq!(status, Some(1));
    assert!(text.contains(&format!("The group {GROUP} has members.")), "{text}");
    assert!(emulator.calls().iter().all(|call| call.method == "GET"));
}

#[test]
fn members_that_cannot_be_read_are_no_permission() {
    let emulator = emulator(defaults());
    emulator.faults(&json!({"match": {"path": "transitiveMembers"}, "status": 403})).unwrap();
    let (status, text) = run(&emulator, &["--yes", "--group", GROUP]);
    assert_eq!(status, Some(1));
    assert!(text.contains("needs GroupMember.Read.All"), "{text}");
}

#[test]
fn a_policy_that_cannot_be_deleted_is_named() {
    let emulator = emulator(defaults());
    let rule = json!({
        "match": {"method": "DELETE", "path": "deviceConfigurations", "skip": 1}, "status": 403, "times": null,
    });
    emulator.faults(&rule).unwrap();
    let (status, text) = run(&emulator, &["--yes", "--json"]);
    assert_eq!(status, Some(1));
    let report: Value = serde_json::from_str(&text).unwrap();
    let left: Vec<&str> = report["leftBehind"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(left.len(), 2, "{text}");
    assert!(report["ending"].as_str().unwrap().contains("Delete them by hand"), "{text}");
}

/// A create whose answer is lost ends the probe, and its policy is found by its name. Eight refused writes come before it.
#[test]
fn a_policy_whose_create_got_no_answer_is_deleted() {
    let emulator = emulator(defaults());
    let rule = json!({
        "match": {"method": "POST", "path": "/deviceConfigurations", "skip": 8}, "cut": "after",
    });
    emulator.faults(&rule).unwrap();
    let (status, text) = run(&emulator, &["--yes"]);
    assert_eq!(status, Some(1));
    assert!(text.contains("The probe ended: "), "{text}");
    must_be_clean(&emulator);
}

/// The list does not show the policy at first, or never.
#[test]
fn a_policy_whose_create_got_no_answer_may_appear_later() {
    let empty = json!({"value": []}).to_string();
    for (times, is_found) in [(json!(2), true), (json!(null), false)] {
        let emulator = emulator(defaults());
        let create =
            json!({"match": {"method": "POST", "path": "/deviceConfigurations", "skip": 8}, "cut": "after"});
        let list = json!({
            "match": {"method": "GET", "path": "/deviceConfigurations", "query": "displayName eq"},
            "times": times, "status": 200, "body": empty,
        });
        emulator.faults(&json!([create, list])).unwrap();
        let (status, text) = run(&emulator, &["--yes"]);
        assert_eq!((status, text.contains("A create got no answer")), (Some(1), !is_found), "{text}");
        assert_eq!(policies(&emulator).len(), if is_found { 1 } else { 2 });
    }
}

#[test]
fn a_token_that_graph_refuses_ends_the_probe() {
    let options = terraform_provider_defender::emulator::Options { require_sign_in: true, ..defaults() };
    let (status, text) = run(&emulator(options), &["--yes"]);
    assert_eq!(status, Some(1));
    assert!(text.contains("terraform-provider-defender check"), "{text}");
}

#[test]
fn arguments_that_do_not_exist_end_it_with_usage() {
    let output = command(&emulator(defaults()), &["--group", "Pilot"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("unknown argument \"--group\""));
}
