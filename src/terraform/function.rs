//! The trait that a provider function implements. A function is pure: it uses no session, network, clock or
//! environment, because Terraform calls it on an unconfigured provider and compares the results of plan and apply.

use super::ty::Type;
use super::value::Value;

/// A provider function.
pub trait Function: Send + Sync + 'static {
    /// Its name, parameters and documentation.
    fn signature(&self) -> Signature;

    /// The result for these arguments, one for each parameter and then the variadic ones. All are wholly known, and
    /// none is null at its root.
    ///
    /// # Errors
    /// The arguments break a rule. The text lists all problems, because Terraform shows only one error of a call.
    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError>;
}

/// What Terraform knows of a function.
#[derive(Debug)]
pub struct Signature {
    /// The part after `provider::defender::`.
    pub name: &'static str,
    /// The parameters, in order.
    pub parameters: Vec<Parameter>,
    /// The parameter of all further arguments.
    pub variadic_parameter: Option<Parameter>,
    /// The type of the result.
    pub returns: Type,
    /// One sentence.
    pub summary: &'static str,
    /// Markdown for the registry.
    pub description: &'static str,
}

/// A parameter. Terraform itself refuses null, and does not call the function while an argument is unknown.
#[derive(Debug)]
pub struct Parameter {
    /// Lower-case letters, digits and underscores.
    pub name: &'static str,
    /// The type of its arguments.
    pub ty: Type,
    /// The attributes of its objects that a call may leave out, which are null then.
    pub optional_attributes: &'static [&'static str],
    /// Markdown.
    pub description: &'static str,
}

/// Why a call has no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// All problems.
    pub text: String,
    /// The position of the argument, counted from 0. Variadic arguments count on.
    pub argument: Option<usize>,
}

impl Signature {
    /// The parameter of the argument at a position, counted from 0.
    pub fn parameter(&self, position: usize) -> Option<&Parameter> {
        self.parameters.get(position).or(self.variadic_parameter.as_ref())
    }

    /// Whether a call may have this number of arguments.
    pub fn accepts(&self, count: usize) -> bool {
        let least = self.parameters.len();
        count == least || (count > least && self.variadic_parameter.is_some())
    }
}

impl FunctionError {
    /// An error about the argument at a position.
    pub fn at(argument: usize, text: impl Into<String>) -> Self {
        Self { text: text.into(), argument: Some(argument) }
    }

    /// An error about the arguments together.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), argument: None }
    }
}
