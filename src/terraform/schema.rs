//! Schemas: attributes and blocks, their documentation, and the rules that hang on them.
//!
//! A schema says everything about the shape of a value that does not need the service: types, flags, defaults,
//! validators and plan modifiers. How it travels is the business of `protocol`; how its rules are applied, that of
//! [`super::validate`] and [`super::plan`].

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::ty::Type;
use super::validators::Validator;
use super::value::Value;

/// The schema of a provider block or of a resource.
#[derive(Debug)]
pub struct Schema {
    /// Counted from 0; raised when stored state needs an upgrade.
    pub version: i64,
    /// The content.
    pub block: Block,
}

/// A block: attributes and nested blocks, with unique names.
#[derive(Debug, Default)]
pub struct Block {
    /// Markdown for the registry and for editors.
    pub description: &'static str,
    /// Attributes, in the order in which the documentation shows them.
    pub attributes: Vec<Attribute>,
    /// Nested blocks.
    pub blocks: Vec<NestedBlock>,
}

/// One attribute.
#[derive(Debug)]
pub struct Attribute {
    /// Lower-case letters, digits and underscores.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// Who sets it.
    pub presence: Presence,
    /// Markdown: meaning, unit, default, allowed values, what a change does.
    pub description: &'static str,
    /// Environment variables that stand in when it is left out; the first that is set wins.
    pub variables: &'static [&'static str],
    /// Hidden in Terraform's output.
    pub sensitive: bool,
    /// Read from configuration only, never stored.
    pub write_only: bool,
    /// What to use instead, if it should no longer be used.
    pub deprecation: Option<&'static str>,
    /// Checks of a known value, offline.
    pub validators: Vec<Box<dyn Validator>>,
    /// How a plan treats it.
    pub modifiers: Vec<Modifier>,
}

/// What an attribute holds.
#[derive(Debug)]
pub enum Shape {
    /// A value of a type.
    Plain(Type),
    /// Objects with attributes of their own.
    Nested(Nesting, Vec<Attribute>),
}

/// How often, and by what, the content of something nested is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nesting {
    /// Once or not at all.
    Single,
    /// In order.
    List,
    /// Without order or duplicates.
    Set,
    /// By string key.
    Map,
}

/// Who sets an attribute: the user, the provider, or either. The combinations that Terraform refuses cannot be said.
#[derive(Debug, Clone, PartialEq)]
pub enum Presence {
    /// The user must set it.
    Required,
    /// The user may set it.
    Optional,
    /// The provider sets it.
    Computed,
    /// The user may set it; the provider does so otherwise.
    OptionalComputed,
    /// The user may set it; otherwise it has this value.
    Default(Value),
}

/// A nested block.
#[derive(Debug)]
pub struct NestedBlock {
    /// Lower-case letters, digits and underscores.
    pub name: &'static str,
    /// How its content is found.
    pub nesting: Nesting,
    /// Fewest and most blocks; a maximum of 0 means no limit. For [`Nesting::Single`] both are 0 or both are 1.
    pub limits: (i64, i64),
    /// Its content.
    pub block: Block,
}

/// How a plan treats an attribute beyond the general rules. All leave creates and destroys alone.
#[derive(Debug, Clone, Copy)]
pub enum Modifier {
    /// The planned value in the spelling of the prior one, where the two mean the same: `(planned, prior)`. `None`: it
    /// has that spelling already, or means something else.
    PriorSpelling(fn(&Value, &Value) -> Option<Value>),
    /// Plan the prior value where nothing else is known.
    KeepPriorForUnknown,
    /// A change needs a new object.
    RequiresReplace,
}

/// The schema of a resource's identity: the few values that are enough to find it again.
#[derive(Debug)]
pub struct IdentitySchema {
    /// Counted from 0.
    pub version: i64,
    /// Strings, numbers, bools, or lists of these.
    pub attributes: Vec<IdentityAttribute>,
}

/// One value of an identity.
#[derive(Debug)]
pub struct IdentityAttribute {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: Type,
    /// Whether an import by identity must give it.
    pub required_for_import: bool,
    /// Plain text.
    pub description: &'static str,
}

impl Schema {
    /// The type of the values that this schema describes.
    pub fn ty(&self) -> Type {
        self.block.ty()
    }
}

impl Block {
    /// An object of all attributes and nested blocks.
    pub fn ty(&self) -> Type {
        let attributes = self.attributes.iter().map(|attribute| (attribute.name, attribute.ty()));
        let blocks = self.blocks.iter().map(|block| (block.name, block.ty()));
        Type::object(attributes.chain(blocks))
    }
}

impl Attribute {
    /// An attribute of a plain type, without any rule beyond its presence.
    pub fn new(name: &'static str, ty: Type, presence: Presence, description: &'static str) -> Self {
        Self::shaped(name, Shape::Plain(ty), presence, description)
    }

    /// An attribute that holds objects.
    pub fn nested(
        name: &'static str,
        nesting: Nesting,
        attributes: Vec<Attribute>,
        presence: Presence,
        description: &'static str,
    ) -> Self {
        Self::shaped(name, Shape::Nested(nesting, attributes), presence, description)
    }

    /// The same, with a check.
    #[must_use]
    pub fn validated(mut self, validator: impl Validator + 'static) -> Self {
        self.validators.push(Box::new(validator));
        self
    }

    /// The same, with a rule for plans.
    #[must_use]
    pub fn modified(mut self, modifier: Modifier) -> Self {
        self.modifiers.push(modifier);
        self
    }

    /// The same, hidden in Terraform's output.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// The same, completed from the environment.
    #[must_use]
    pub fn from_environment(mut self, variables: &'static [&'static str]) -> Self {
        self.variables = variables;
        self
    }

    /// What documentation says about it: the description, and the variables that stand in.
    pub fn documentation(&self) -> Cow<'static, str> {
        let names: Vec<String> = self.variables.iter().map(|name| format!("`{name}`")).collect();
        match names.as_slice() {
            [] => Cow::Borrowed(self.description),
            [name] => format!("{} Environment variable: {name}.", self.description).into(),
            names => format!(
                "{} Environment variables, the first set wins: {}.",
                self.description,
                names.join(", ")
            )
            .into(),
        }
    }

    /// The type of its value.
    pub fn ty(&self) -> Type {
        match &self.shape {
            Shape::Plain(ty) => ty.clone(),
            Shape::Nested(nesting, attributes) => {
                let object =
                    Type::object(attributes.iter().map(|attribute| (attribute.name, attribute.ty())));
                nesting.of(object)
            }
        }
    }

    fn shaped(name: &'static str, shape: Shape, presence: Presence, description: &'static str) -> Self {
        Self {
            name,
            shape,
            presence,
            description,
            variables: &[],
            sensitive: false,
            write_only: false,
            deprecation: None,
            validators: Vec::new(),
            modifiers: Vec::new(),
        }
    }
}

impl NestedBlock {
    /// The type of its value. Lists and maps of blocks that hold something dynamic cannot have one element type, so
    /// they travel as tuples and objects in a dynamic slot.
    pub fn ty(&self) -> Type {
        let object = self.block.ty();
        match self.nesting {
            Nesting::List | Nesting::Map if holds_dynamic(&object) => Type::Dynamic,
            nesting => nesting.of(object),
        }
    }
}

impl Nesting {
    fn of(self, object: Type) -> Type {
        match self {
            Self::Single => object,
            Self::List => Type::list(object),
            Self::Set => Type::set(object),
            Self::Map => Type::map(object),
        }
    }
}

impl Presence {
    /// Whether the user must set it.
    pub fn is_required(&self) -> bool {
        matches!(self, Self::Required)
    }

    /// Whether the user may set or leave it out.
    pub fn is_optional(&self) -> bool {
        matches!(self, Self::Optional | Self::OptionalComputed | Self::Default(_))
    }

    /// Whether the provider may set it. Terraform wants this of attributes with a default as well.
    pub fn is_computed(&self) -> bool {
        matches!(self, Self::Computed | Self::OptionalComputed | Self::Default(_))
    }
}

impl IdentitySchema {
    /// An object of all its values.
    pub fn ty(&self) -> Type {
        Type::Object(
            self.attributes
                .iter()
                .map(|attribute| (attribute.name.to_owned(), attribute.ty.clone()))
                .collect::<BTreeMap<_, _>>(),
        )
    }
}

fn holds_dynamic(ty: &Type) -> bool {
    match ty {
        Type::Dynamic => true,
        Type::Bool | Type::Number | Type::String => false,
        Type::List(element) | Type::Set(element) | Type::Map(element) => holds_dynamic(element),
        Type::Tuple(elements) => elements.iter().any(holds_dynamic),
        Type::Object(attributes) => attributes.values().any(holds_dynamic),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_blocks_with_something_dynamic_is_dynamic() {
        let block = |ty| NestedBlock {
            name: "rule",
            nesting: Nesting::List,
            limits: (0, 0),
            block: Block {
                attributes: vec![Attribute::new("value", ty, Presence::Optional, "")],
                ..Block::default()
            },
        };
        assert_eq!(block(Type::Dynamic).ty(), Type::Dynamic);
        assert_eq!(block(Type::String).ty(), Type::list(Type::object([("value", Type::String)])));
    }

    #[test]
    fn documentation_ends_with_the_variables() {
        let attribute = |variables| {
            Attribute::new("a", Type::String, Presence::Optional, "About it.").from_environment(variables)
        };
        assert_eq!(attribute(&[]).documentation(), "About it.");
        assert_eq!(attribute(&["A"]).documentation(), "About it. Environment variable: `A`.");
        assert_eq!(
            attribute(&["A", "B"]).documentation(),
            "About it. Environment variables, the first set wins: `A`, `B`."
        );
    }

    #[test]
    fn a_default_is_optional_and_computed() {
        let presence = Presence::Default(Value::Bool(false));
        assert!(presence.is_optional() && presence.is_computed() && !presence.is_required());
    }
}
