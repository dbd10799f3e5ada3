//! Why no sign-in method was selected. Does not phrase the diagnostic.

use super::super::inputs::InputOrigin;
use super::super::selected_method::MethodName;
use super::input_error::InputError;

/// Why no method was selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SelectionError {
    /// Inputs that cannot be used.
    Invalid(Vec<InputError>),
    /// The value of this argument is known only after apply, and could change the selection.
    Unknown(&'static str),
    /// Some methods have only some of their inputs, and none has all of them.
    Incomplete(Vec<IncompleteMethod>),
    /// No credentials are configured, and `use_cli` from this origin disables the Azure CLI.
    NothingConfigured(InputOrigin),
}

/// A method that some inputs request, such as `use_oidc`, but that lacks other inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncompleteMethod {
    /// The method; `None` for an application without any credential, because no input requests a method.
    pub method: Option<MethodName>,
    /// The inputs that are set, and where they came from.
    pub given: Vec<(&'static str, InputOrigin)>,
    /// The missing inputs, for messages: `client_secret or client_secret_file_path`.
    pub missing: Vec<&'static str>,
    /// An argument that may complete the method once its value is known.
    pub unknown: Option<&'static str>,
}

impl From<InputError> for SelectionError {
    fn from(error: InputError) -> Self {
        Self::Invalid(vec![error])
    }
}
