//! Schemas: attributes and blocks, with their documentation, validators and plan modifiers.
//!
//! A schema holds everything about a value that can be known offline. [`super::validate`] and [`super::plan`] apply
//! its rules; `protocol` encodes it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::ty::Type;
use super::validators::Validator;
use super::value::Value;

/// The schema of a provider block or of a resource.
#[derive(Debug)]
pub struct Schema {
    /// Starts at 0 and increases when stored state needs an upgrade.
    pub version: i64,
    /// The root block.
    pub block: Block,
}

/// Attributes and nested blocks, all with distinct names.
#[derive(Debug, Default)]
pub struct Block {
    /// Markdown for the registry and for editors.
    pub description: &'static str,
    /// Attributes, in the order of the documentation.
    pub attributes: Vec<Attribute>,
    /// Nested blocks, in the order of the documentation.
    pub blocks: Vec<NestedBlock>,
}

/// One attribute.
#[derive(Debug)]
pub struct Attribute {
    /// Lower-case letters, digits and underscores.
    pub name: &'static str,
    /// A plain type or nested attributes.
    pub shape: AttributeShape,
    /// Whether the user, the provider or both can set it.
    pub presence: Presence,
    /// Markdown: meaning, unit, default, allowed values, effect of a change.
    pub description: &'static str,
    /// Environment variables that supply the value if the attribute is omitted. The first one that is set wins.
    pub variables: &'static [&'static str],
    /// Hidden in Terraform's output.
    pub sensitive: bool,
    /// Read from the configuration only, never stored.
    pub write_only: bool,
    /// What to use instead, if the attribute is deprecated.
    pub deprecation: Option<&'static str>,
    /// Offline checks of a known value.
    pub validators: Vec<Box<dyn Validator>>,
    /// Plan rules beyond the general ones.
    pub modifiers: Vec<Modifier>,
}

/// The shape of an attribute's value.
#[derive(Debug)]
pub enum AttributeShape {
    /// A value of a type.
    Plain(Type),
    /// Objects with attributes of their own.
    Nested(Nesting, Vec<Attribute>),
}

/// How nested objects are collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nesting {
    /// At most one object.
    Single,
    /// Ordered.
    List,
    /// Unordered, without duplicates.
    Set,
    /// Keyed by strings.
    Map,
}

/// Whether the user, the provider or both can set an attribute. Combinations that Terraform rejects cannot be
/// expressed.
#[derive(Debug, Clone, PartialEq)]
pub enum Presence {
    /// The user must set it.
    Required,
    /// The user may set it.
    Optional,
    /// The provider sets it.
    Computed,
    /// The user may set it; otherwise the provider does.
    OptionalComputed,
    /// The user may set it; otherwise it has this value.
    Default(Value),
}

/// A nested block.
#[derive(Debug)]
pub struct NestedBlock {
    /// Lower-case letters, digits and underscores.
    pub name: &'static str,
    /// How several blocks are collected.
    pub nesting: Nesting,
    /// Minimum and maximum number of blocks; a maximum of 0 means no limit. For [`Nesting::Single`] both are 0 or
    /// both are 1.
    pub limits: (i64, i64),
    /// The content of each block.
    pub block: Block,
}

/// A plan rule of an attribute beyond the general ones. None applies to creates or destroys.
#[derive(Debug, Clone, Copy)]
pub enum Modifier {
    /// Keeps the prior spelling of an equivalent value. The function takes `(planned, prior)` and returns the
    /// respelled value, or `None` to leave the planned value unchanged.
    PriorSpelling(fn(&Value, &Value) -> Option<Value>),
    /// Plans the prior value instead of unknown.
    KeepPriorForUnknown,
    /// A change replaces the object.
    RequiresReplace,
}

/// The schema of a resource's identity: the values that identify the remote object.
#[derive(Debug)]
pub struct IdentitySchema {
    /// Starts at 0.
    pub version: i64,
    /// Strings, numbers, bools, or lists of these.
    pub attributes: Vec<IdentityAttribute>,
}

/// One value of an identity.
#[derive(Debug)]
pub struct IdentityAttribute {
    /// Lower-case letters, digits and underscores.
    pub name: &'static str,
    /// A type that [`IdentitySchema::attributes`] allows.
    pub ty: Type,
    /// Whether an import by identity must include it.
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
    /// An attribute of a plain type, without validators or modifiers.
    pub fn new(name: &'static str, ty: Type, presence: Presence, description: &'static str) -> Self {
        Self::with_shape(name, AttributeShape::Plain(ty), presence, description)
    }

    /// An attribute with nested attributes.
    pub fn nested(
        name: &'static str,
        nesting: Nesting,
        attributes: Vec<Attribute>,
        presence: Presence,
        description: &'static str,
    ) -> Self {
        Self::with_shape(name, AttributeShape::Nested(nesting, attributes), presence, description)
    }

    /// Adds a validator.
    #[must_use]
    pub fn validated(mut self, validator: impl Validator + 'static) -> Self {
        self.validators.push(Box::new(validator));
        self
    }

    /// Adds validators.
    #[must_use]
    pub fn validated_by(mut self, validators: Vec<Box<dyn Validator>>) -> Self {
        self.validators.extend(validators);
        self
    }

    /// Adds a plan modifier.
    #[must_use]
    pub fn modified(mut self, modifier: Modifier) -> Self {
        self.modifiers.push(modifier);
        self
    }

    /// Hides the value in Terraform's output.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// Sets the environment variables that supply the value if the attribute is omitted.
    #[must_use]
    pub fn from_environment(mut self, variables: &'static [&'static str]) -> Self {
        self.variables = variables;
        self
    }

    /// The description followed by the environment variables.
    pub fn documentation(&self) -> Cow<'static, str> {
        let names: Vec<String> = self.variables.iter().map(|name| format!("`{name}`")).collect();
        match names.as_slice() {
            [] => Cow::Borrowed(self.description),
            [name] => format!("{} Environment variable: {name}.", self.description).into(),
            names => format!(
                "{} Environment variables, of which the first one that is set is used: {}.",
                self.description,
                names.join(", ")
            )
            .into(),
        }
    }

    /// The type of its value.
    pub fn ty(&self) -> Type {
        match &self.shape {
            AttributeShape::Plain(ty) => ty.clone(),
            AttributeShape::Nested(nesting, attributes) => {
                let object =
                    Type::object(attributes.iter().map(|attribute| (attribute.name, attribute.ty())));
                nesting.wrap(object)
            }
        }
    }

    fn with_shape(
        name: &'static str,
        shape: AttributeShape,
        presence: Presence,
        description: &'static str,
    ) -> Self {
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
    /// The type of its value. Lists and maps of blocks with a dynamic attribute have no common element type, so
    /// Terraform sends them as tuples and objects of dynamic type.
    pub fn ty(&self) -> Type {
        let object = self.block.ty();
        match self.nesting {
            Nesting::List | Nesting::Map if contains_dynamic(&object) => Type::Dynamic,
            nesting => nesting.wrap(object),
        }
    }
}

impl Nesting {
    fn wrap(self, object: Type) -> Type {
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

    /// Whether the user may set or omit it.
    pub fn is_optional(&self) -> bool {
        matches!(self, Self::Optional | Self::OptionalComputed | Self::Default(_))
    }

    /// Whether the provider may set it. Terraform requires this for attributes with a default too.
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

fn contains_dynamic(ty: &Type) -> bool {
    match ty {
        Type::Dynamic => true,
        Type::Bool | Type::Number | Type::String => false,
        Type::List(element) | Type::Set(element) | Type::Map(element) => contains_dynamic(element),
        Type::Tuple(elements) => elements.iter().any(contains_dynamic),
        Type::Object(attributes) => attributes.values().any(contains_dynamic),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_blocks_with_a_dynamic_attribute_is_dynamic() {
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
            "About it. Environment variables, of which the first one that is set is used: `A`, `B`."
        );
    }

    #[test]
    fn a_default_is_optional_and_computed() {
        let presence = Presence::Default(Value::Bool(false));
        assert!(presence.is_optional() && presence.is_computed() && !presence.is_required());
    }
}
