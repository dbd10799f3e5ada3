//! The checker of the tests in process refuses what Terraform refuses, and nothing else.

use terraform_provider_defender::protocol::type_json;
use terraform_provider_defender::terraform::ty::Type;
use terraform_provider_defender::terraform::value::Value;
use terraform_provider_defender::wire::tfplugin6::schema::nested_block::NestingMode as BlockNesting;
use terraform_provider_defender::wire::tfplugin6::schema::object::NestingMode;
use terraform_provider_defender::wire::tfplugin6::schema::{Attribute, Block, NestedBlock, Object};

use crate::in_process::conformance::{block_type, problems_of_plan, problems_of_result};

fn attribute(name: &str, optional: bool, computed: bool) -> Attribute {
    let r#type = type_json::encode(&Type::String);
    Attribute { name: name.to_owned(), r#type, optional, computed, ..Attribute::default() }
}

/// `name` is the user's, `id` the provider's, `tag` either's; `set` holds elements with a `name`, `block` one.
fn block() -> Block {
    let inner = vec![attribute("name", true, false)];
    let nested = Object { attributes: inner.clone(), nesting: NestingMode::Set.into(), ..Object::default() };
    let set = Attribute { nested_type: Some(nested), r#type: Vec::new(), ..attribute("set", true, false) };
    let attributes = vec![
        attribute("name", true, false),
        attribute("id", false, true),
        attribute("tag", true, true),
        Attribute { write_only: true, ..attribute("secret", true, false) },
        set,
    ];
    let content = Block { attributes: inner, ..Block::default() };
    let single = NestedBlock {
        type_name: "block".to_owned(),
        block: Some(content),
        nesting: BlockNesting::Single.into(),
        ..NestedBlock::default()
    };
    Block { attributes, block_types: vec![single], ..Block::default() }
}

/// An object with these members; the others are null.
fn object(members: &[(&str, Value)]) -> Value {
    let Type::Object(types) = block_type(&block()) else { panic!("a block is an object") };
    let member = |name: &String| members.iter().find(|(given, _)| given == name);
    let members =
        types.keys().map(|name| (name.clone(), member(name).map_or(Value::Null, |found| found.1.clone())));
    Value::object(members)
}

fn named(names: &[&str]) -> Value {
    Value::set(names.iter().map(|name| Value::object([("name", Value::string(*name))])))
}

fn text(text: &str) -> Value {
    Value::string(text)
}

#[test]
fn plans_are_judged_as_terraform_judges_them() {
    let config = object(&[("name", text("a")), ("set", named(&["x"]))]);
    let prior = object(&[("name", text("A")), ("id", text("1"))]);
    let kept = [("name", text("a")), ("set", named(&["x"]))];
    let with = |more: &[(&str, Value)]| object(&[more, &kept].concat());
    let cases: [(&str, Value, usize); 11] = [
        ("as configured", with(&[("id", Value::unknown())]), 0),
        ("the prior spelling", with(&[("name", text("A"))]), 0),
        ("a third spelling", with(&[("name", text("Á"))]), 1),
        ("an unknown for what is configured", with(&[("name", Value::unknown())]), 1),
        ("a value for an optional and computed one", with(&[("tag", text("t"))]), 0),
        ("a value for a write-only one", with(&[("secret", text("s"))]), 1),
        ("another set of the same length", with(&[("set", named(&["y"]))]), 0),
        ("a longer set", with(&[("set", named(&["x", "y"]))]), 1),
        ("no set", with(&[("set", Value::Null)]), 1),
        ("a block that is not configured", with(&[("block", Value::object([("name", text("b"))]))]), 1),
        ("nothing at all", Value::Null, 1),
    ];
    for (name, planned, problems) in cases {
        let found = problems_of_plan(&block(), &prior, &config, &planned);
        assert_eq!(found.len(), problems, "{name}: {found:?}");
    }
    assert_eq!(problems_of_plan(&block(), &prior, &Value::Null, &Value::Null), [""; 0]);
    assert_eq!(problems_of_plan(&block(), &prior, &Value::Null, &prior).len(), 1);
}

#[test]
fn results_are_judged_as_terraform_judges_them() {
    let open = Value::object([("name", Value::unknown())]);
    let planned =
        object(&[("id", Value::unknown()), ("name", text("a")), ("set", Value::set([open.clone()]))]);
    let of = |id: Value, name: Value, set: Value| object(&[("id", id), ("name", name), ("set", set)]);
    let cases: [(&str, Value, usize); 7] = [
        ("as planned", of(text("1"), text("a"), named(&["x"])), 0),
        ("an unknown that became null", of(Value::Null, text("a"), named(&["x"])), 0),
        ("another value", of(text("1"), text("b"), named(&["x"])), 1),
        ("null for a value", of(text("1"), Value::Null, named(&["x"])), 1),
        ("more elements", of(text("1"), text("a"), named(&["x", "y"])), 1),
        ("fewer elements", of(text("1"), text("a"), named(&[])), 1),
        ("nothing", Value::Null, 1),
    ];
    for (name, actual, problems) in cases {
        let found = problems_of_result(&planned, &actual);
        assert_eq!(found.len(), problems, "{name}: {found:?}");
    }
    let null = object(&[]);
    assert_eq!(problems_of_result(&null, &object(&[("id", text("1"))])).len(), 1, "planned null stays null");
    let two = object(&[("set", Value::set([open.clone(), open]))]);
    assert_eq!(
        problems_of_result(&two, &object(&[("set", named(&["x"]))])),
        [""; 0],
        "unknowns may turn out equal"
    );
    let ids = |id: Value| Value::map([("kept", text("1")), ("new", id)]);
    assert_eq!(problems_of_result(&ids(Value::unknown()), &ids(text("2"))), [""; 0]);
    assert_eq!(problems_of_result(&ids(text("2")), &Value::map([("kept", text("1"))])).len(), 2);
}
