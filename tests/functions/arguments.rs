//! Arguments that are null, unknown, of another type or too few.

use expect_test::expect;
use serde_json::json;
use terraform_provider_defender::terraform::value::Value;
use terraform_provider_defender::wire::tfplugin6 as wire;

use crate::caller::{Caller, Refusal};
use crate::drawn::GROUPS;
use crate::in_process::{client, provider};

#[tokio::test]
async fn an_unknown_argument_gives_an_unknown_result() {
    let mut caller = Caller::new().await;
    let target = Value::object([
        ("type", Value::string("groupAssignmentTarget")),
        ("group_id", Value::unknown()),
        ("collection_id", Value::Null),
        ("filter_id", Value::Null),
        ("filter_type", Value::Null),
    ]);
    let ids = Value::list([Value::unknown()]);
    for (name, arguments) in [
        ("combine", vec![Value::list([]), Value::unknown()]),
        ("combine", vec![Value::list([target.clone()])]),
        ("policy_id", vec![Value::unknown()]),
        ("targets", vec![ids, Value::list([])]),
        ("with_filter", vec![Value::list([target]), Value::string("x"), Value::string("y")]),
    ] {
        assert!(caller.call_with_values(name, &arguments).await.unwrap().is_unknown(), "{name}");
    }
}

#[tokio::test]
async fn a_null_argument_is_named() {
    let mut caller = Caller::new().await;
    for (name, arguments, parameter, position) in [
        ("combine", vec![json!([]), json!(null)], "targets", 1),
        ("policy_id", vec![json!(null)], "text", 0),
        ("targets", vec![json!([]), json!(null)], "exclude", 1),
        ("with_filter", vec![json!([]), json!(null), json!("include")], "filter_id", 1),
    ] {
        let text = format!("{parameter} must not be null");
        let refusal = Refusal { text, argument: Some(position) };
        assert_eq!(caller.call(name, &arguments).await, Err(refusal), "{name}");
    }
}

#[tokio::test]
async fn null_inside_a_list_is_refused() {
    let mut caller = Caller::new().await;
    let ids = caller.call("targets", &[json!([GROUPS[0], null]), json!([])]).await.unwrap_err();
    assert_eq!(ids.argument, Some(0));
    expect!["include has a null element. Remove the element instead"].assert_eq(&ids.text);
    let targets = caller.call("combine", &[json!([]), json!([null])]).await.unwrap_err();
    assert_eq!(targets.argument, Some(1));
    expect!["In argument 2: targets has a null element. Remove the element instead"].assert_eq(&targets.text);
}

#[tokio::test]
async fn a_wrong_number_of_arguments_and_unreadable_bytes_are_refused() {
    let mut client = client(provider());
    for name in ["policy_id", "targets", "with_filter"] {
        let request = wire::call_function::Request { name: name.into(), arguments: Vec::new() };
        let error = client.call_function(request).await.unwrap().into_inner().error.unwrap();
        assert_eq!(error.text, format!("{name} does not take 0 arguments"));
    }
    let garbage = wire::DynamicValue { msgpack: vec![0xc1], json: Vec::new() };
    let request = wire::call_function::Request { name: "policy_id".into(), arguments: vec![garbage] };
    let error = client.call_function(request).await.unwrap().into_inner().error.unwrap();
    assert_eq!(error.function_argument, Some(0));
}
