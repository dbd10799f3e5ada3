//! What the probe finds out.

use serde_json::{Value, json};
use terraform_provider_defender::emulator::{Options, SEMANTICS_CHOICES, Semantics};

use crate::world::*;

/// Choices that no call of Graph can show: they are about a policy set that exists, about sign-in, or about permissions that
/// the token of a test tenant has, or about a tenant that is not connected to Defender.
const NOT_SHOWN: [&str; 5] = [
    "assignAnswer",
    "autoPopulateWithoutConnector",
    "memberTypePermission",
    "policySetRowDeleted",
    "signInErrorDescription",
];

/// Another value than that of the start.
fn turned(name: &str, start: &Value) -> Value {
    let choice = SEMANTICS_CHOICES.iter().find(|choice| choice.name == name).unwrap();
    let values = choice.values.iter().map(|value| value.parse::<bool>().map_or(json!(value), Value::Bool));
    values.into_iter().find(|value| *value != start[name]).unwrap()
}

fn start() -> Value {
    json!(Semantics::for_modules())
}

fn shown() -> Vec<&'static str> {
    SEMANTICS_CHOICES.iter().map(|choice| choice.name).filter(|name| !NOT_SHOWN.contains(name)).collect()
}

fn with(changes: &Value) -> Options {
    Options { semantics: Semantics::for_modules().with_document(changes).unwrap(), ..Options::default() }
}

#[test]
fn the_emulator_answers_everything_as_assumed() {
    let report = report(&emulator(defaults()));
    assert_eq!(with_result(&report, "differs"), Vec::<String>::new());
    assert_eq!(with_result(&report, "notAsked"), Vec::<String>::new());
    assert!(report["questions"].as_array().unwrap().len() >= 80);
    // What it settles is what the emulator does.
    for (name, value) in report["semantics"].as_object().unwrap() {
        assert_eq!((name, value), (name, &start()[name]));
    }
    assert_eq!(report["semantics"].as_object().unwrap().len(), shown().len());
}

#[test]
fn each_choice_that_is_turned_changes_one_answer() {
    for name in shown() {
        let value = turned(name, &start());
        let report = report(&emulator(with(&json!({name: value}))));
        let differing = with_result(&report, "differs");
        assert_eq!((differing.len(), &report["semantics"][name]), (1, &value), "{name}: {differing:?}");
    }
}

#[test]
fn ten_choices_that_are_turned_are_the_ten_differences_and_the_emulator_takes_them() {
    let names = shown();
    for rotation in 0..4 {
        let ten = names.iter().cycle().skip(rotation * 5).take(10);
        let changes: Value = ten.map(|name| ((*name).to_owned(), turned(name, &start()))).collect();
        let report = report(&emulator(with(&changes)));
        assert_eq!(with_result(&report, "differs").len(), 10, "{changes}");
        let observed = Semantics::for_modules().with_document(&report).unwrap();
        assert_eq!(observed, Semantics::for_modules().with_document(&changes).unwrap());
    }
}

#[test]
fn the_report_names_what_is_assumed_and_what_was_observed() {
    let emulator = emulator(with(&json!({"patchAnswer": "entity"})));
    let (status, text) = run(&emulator, &["--yes", "--group", GROUP]);
    assert_eq!(status, Some(0));
    let difference = "    *  PATCH of description\n           assumed:  204\n           observed: 200\n";
    assert!(text.contains(difference), "{text}");
    assert!(
        text.ends_with(" questions: 106 answers as assumed, 1 different, 3 new, 0 not asked\n"),
        "{text}"
    );
}

#[test]
fn without_a_group_nothing_is_assigned() {
    let emulator = emulator(defaults());
    let (status, text) = run(&emulator, &["--yes"]);
    assert_eq!(status, Some(0));
    assert!(text.contains("    -  assign to a group: not asked, it needs a group without members"), "{text}");
    let stored = emulator.calls().into_iter().filter(|call| call.assigned.is_some_and(|rows| rows > 0));
    assert!(stored.into_iter().all(|call| call.status >= 400));
    must_be_clean(&emulator);
}

#[test]
fn without_consent_nothing_is_sent() {
    let emulator = emulator(defaults());
    let (status, text) = run(&emulator, &["--group", GROUP]);
    assert_eq!((status, emulator.calls().len(), emulator.token_requests().len()), (Some(0), 0, 0));
    assert!(
        text.contains("Nothing has been sent yet.") && text.contains(&format!("assigned to {GROUP} only")),
        "{text}"
    );
}
