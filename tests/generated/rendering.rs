//! Tests the schema section, including shapes that no resource has yet.

use expect_test::expect;
use terraform_provider_defender::terraform::schema::{Attribute, Block, NestedBlock, Nesting, Presence};
use terraform_provider_defender::terraform::ty::Type;

use super::pages::schema::section;

fn attribute(name: &'static str, presence: Presence) -> Attribute {
    Attribute::new(name, Type::String, presence, "About it.")
}

#[test]
fn nested_attributes_have_sections_with_anchors() {
    let leaf = Attribute::nested(
        "inner",
        Nesting::List,
        vec![attribute("leaf", Presence::Computed)],
        Presence::Required,
        "Inner.",
    );
    let outer = Attribute::nested("outer", Nesting::Map, vec![leaf], Presence::OptionalComputed, "Outer.");
    let block = Block { attributes: vec![outer], ..Block::default() };
    expect![[r###"
        ## Schema

        ### Optional

        - `outer` (Attributes Map) Outer. (see [below for nested schema](#nestedatt--outer))

        <a id="nestedatt--outer"></a>
        ### Nested Schema for `outer`

        Required:

        - `inner` (Attributes List) Inner. (see [below for nested schema](#nestedatt--outer--inner))

        <a id="nestedatt--outer--inner"></a>
        ### Nested Schema for `outer.inner`

        Read-Only:

        - `leaf` (String) About it.

    "###]]
    .assert_eq(&section(&block));
}

#[test]
fn flags_and_limits_are_in_parentheses() {
    let mut old = attribute("old", Presence::Optional).sensitive();
    old.write_only = true;
    old.deprecation = Some("Use `new`.");
    let rule = |name, nesting, limits| {
        let block = Block { description: "Rules.", ..Block::default() };
        NestedBlock { name, nesting, limits, block }
    };
    let block = Block {
        attributes: vec![
            old,
            Attribute::new("sizes", Type::map(Type::set(Type::Number)), Presence::Computed, "One.\n\nTwo."),
        ],
        blocks: vec![
            rule("one", Nesting::Single, (1, 1)),
            rule("many", Nesting::List, (1, 3)),
            rule("any", Nesting::Set, (0, 0)),
        ],
        ..Block::default()
    };
    expect![[r###"
        ## Schema

        ### Required

        - `one` (Block) Rules. (see [below for nested schema](#nestedblock--one))
        - `many` (Block List, Min: 1, Max: 3) Rules. (see [below for nested schema](#nestedblock--many))

        ### Optional

        - `old` (String, Sensitive, Write-only, Deprecated) About it. **Deprecated**: Use `new`.
        - `any` (Block Set) Rules. (see [below for nested schema](#nestedblock--any))

        ### Read-Only

        - `sizes` (Map of Set of Number) One.

          Two.

        <a id="nestedblock--one"></a>
        ### Nested Schema for `one`

        <a id="nestedblock--many"></a>
        ### Nested Schema for `many`

        <a id="nestedblock--any"></a>
        ### Nested Schema for `any`

    "###]]
    .assert_eq(&section(&block));
}
