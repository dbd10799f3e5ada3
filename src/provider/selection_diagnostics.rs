//! Diagnostics for a sign-in method that cannot be selected. Never shows a value.

use crate::auth::no_credentials::HOW_TO_CONFIGURE;
use crate::auth::selection::{IncompleteMethod, InputError};
use crate::auth::{InputOrigin, SelectionError};
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};

/// Why the provider cannot be configured yet.
pub(super) enum ConfigurationError {
    /// Something is wrong. Reported by ConfigureProvider.
    Invalid(Diagnostics),
    /// Something is missing or unknown. Reported by the first call that needs Graph, since a plan may not need it.
    Deferred(Diagnostic),
}

impl ConfigurationError {
    pub(super) fn into_diagnostics(self) -> Diagnostics {
        match self {
            Self::Invalid(diagnostics) => diagnostics,
            Self::Deferred(diagnostic) => diagnostic.into(),
        }
    }
}

impl From<SelectionError> for ConfigurationError {
    fn from(error: SelectionError) -> Self {
        match error {
            SelectionError::Invalid(errors) => {
                let mut diagnostics = Diagnostics::new();
                diagnostics.extend(errors.iter().map(invalid_input));
                Self::Invalid(diagnostics)
            }
            SelectionError::Unknown(argument) => Self::Deferred(unknown_value(argument)),
            SelectionError::Incomplete(methods) => Self::Invalid(incomplete_methods(&methods).into()),
            SelectionError::NothingConfigured(origin) => Self::Deferred(nothing_configured(origin)),
        }
    }
}

pub(super) fn invalid_input(error: &InputError) -> Diagnostic {
    let summary = format!("{} {}", error.argument, error.kind);
    at_origin(error.origin, Diagnostic::error(summary, format!("{} Nothing was sent.", error.kind.rule())))
}

/// Adds the path of an argument, or the name of a variable.
pub(super) fn at_origin(origin: InputOrigin, mut diagnostic: Diagnostic) -> Diagnostic {
    match origin {
        InputOrigin::Argument(name) => diagnostic.at(AttributePath::root(name)),
        InputOrigin::Variable(_) => {
            diagnostic.detail = format!("{}\n\nThe value comes from {origin}.", diagnostic.detail);
            diagnostic
        }
    }
}

pub(super) fn unknown_value(name: &str) -> Diagnostic {
    Diagnostic::error(
        format!("{name} is not known yet"),
        format!(
            "The argument {name} of the provider block depends on a value that is known only after apply, and this \
             operation needs Microsoft Graph now. First apply what it depends on (with -target), or set a known value."
        ),
    )
    .at(AttributePath::root(name))
}

fn incomplete_methods(methods: &[IncompleteMethod]) -> Diagnostic {
    let lines: Vec<String> = methods.iter().map(incomplete_method).collect();
    Diagnostic::error(
        "No sign-in method is complete",
        format!(
            "Inputs are missing:\n{}\n\nAdd what is missing. To sign in with the Azure CLI instead, set use_cli = true \
             or ARM_USE_CLI=true. Nothing was sent.",
            lines.join("\n")
        ),
    )
}

/// `- client secret: missing tenant_id. Given: client_secret (the environment variable ARM_CLIENT_SECRET).`
fn incomplete_method(incomplete: &IncompleteMethod) -> String {
    let name = incomplete.method.map_or_else(|| "an application".to_owned(), |method| method.to_string());
    let given: Vec<String> = incomplete.given.iter().map(source).collect();
    let given = if given.is_empty() { "nothing".to_owned() } else { given.join(", ") };
    format!("- {name}: missing {}. Given: {given}.", incomplete.missing.join("; "))
}

fn source((name, origin): &(&'static str, InputOrigin)) -> String {
    match origin {
        InputOrigin::Argument(argument) if argument == name => format!("{name} (in the provider block)"),
        origin => format!("{name} ({origin})"),
    }
}

fn nothing_configured(origin: InputOrigin) -> Diagnostic {
    Diagnostic::error(
        "No credentials are configured",
        format!(
            "No sign-in method is configured, and {origin} disables the Azure CLI. Nothing was sent.\n\
             Next: {HOW_TO_CONFIGURE}"
        ),
    )
}
