//! The functions as the provider announces them.

use crate::caller::Caller;

#[tokio::test]
async fn four_functions_are_announced_with_documentation() {
    let caller = Caller::new().await;
    let mut names: Vec<&str> = caller.functions.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["combine", "policy_id", "targets", "with_filter"]);
    for (name, function) in &caller.functions {
        assert!(function.summary.ends_with('.') && function.description.len() > 100, "{name}");
        for parameter in function.parameters.iter().chain(&function.variadic_parameter) {
            assert!(parameter.description.ends_with('.'), "{name}, {}", parameter.name);
            assert!(!parameter.allow_null_value && !parameter.allow_unknown_values);
        }
    }
}

#[tokio::test]
async fn targets_have_the_shape_of_the_resources() {
    let caller = Caller::new().await;
    let attributes = r#"{"collection_id":"string","filter_id":"string","filter_type":"string","group_id":"string","type":"string"}"#;
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let combine = &caller.functions["combine"];
    assert_eq!(
        text(&combine.variadic_parameter.as_ref().unwrap().r#type),
        format!(r#"["list",["object",{attributes},["collection_id","filter_id","filter_type","group_id"]]]"#)
    );
    for name in ["combine", "targets", "with_filter"] {
        let result = caller.functions[name].r#return.as_ref().unwrap();
        assert_eq!(text(&result.r#type), format!(r#"["set",["object",{attributes}]]"#));
    }
}
