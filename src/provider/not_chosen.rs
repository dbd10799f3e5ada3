//! The wording of a sign-in that cannot be chosen. Never shows a value.

use crate::auth::choose::{Half, Mistake};
use crate::auth::{NotChosen, Origin};
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};

/// What is told at once, or waits until Graph is needed.
pub(super) enum Incomplete {
    /// Something is wrong.
    Wrong(Diagnostics),
    /// Something is missing or not known yet; a plan may do without.
    Waits(Diagnostic),
}

impl Incomplete {
    pub(super) fn into_diagnostics(self) -> Diagnostics {
        match self {
            Self::Wrong(diagnostics) => diagnostics,
            Self::Waits(diagnostic) => diagnostic.into(),
        }
    }
}

impl From<NotChosen> for Incomplete {
    fn from(not_chosen: NotChosen) -> Self {
        match not_chosen {
            NotChosen::Wrong(mistakes) => {
                let mut diagnostics = Diagnostics::new();
                diagnostics.extend(mistakes.iter().map(mistake));
                Self::Wrong(diagnostics)
            }
            NotChosen::Unknown(argument) => Self::Waits(not_known_yet(argument)),
            NotChosen::Halves(halves) => Self::Wrong(incomplete(&halves).into()),
            NotChosen::Nothing(origin) => Self::Waits(nothing(origin)),
        }
    }
}

/// At the argument, or with the variable's name.
pub(super) fn mistake(mistake: &Mistake) -> Diagnostic {
    let summary = format!("{} {}", mistake.argument, mistake.fact);
    at(mistake.origin, Diagnostic::error(summary, format!("{} Nothing was sent.", mistake.fact.rule())))
}

/// The diagnostic with the place of the value that it is about.
pub(super) fn at(origin: Origin, mut diagnostic: Diagnostic) -> Diagnostic {
    match origin {
        Origin::Argument(name) => diagnostic.at(AttributePath::root(name)),
        Origin::Variable(_) => {
            diagnostic.detail = format!("{}\n\nThe value comes from {origin}.", diagnostic.detail);
            diagnostic
        }
    }
}

pub(super) fn not_known_yet(name: &str) -> Diagnostic {
    Diagnostic::error(
        format!("{name} is not known yet"),
        format!(
            "The argument {name} of the provider block depends on something that is only known after apply, and this \
             operation needs Microsoft Graph now. Apply what it depends on first (with -target), or give a value \
             that is known."
        ),
    )
    .at(AttributePath::root(name))
}

fn incomplete(halves: &[Half]) -> Diagnostic {
    let lines: Vec<String> = halves.iter().map(half).collect();
    Diagnostic::error(
        "No method of signing in is complete",
        format!(
            "What was given is not enough:\n{}\n\nAdd what is missing. If the Azure CLI is to sign in all the same, \
             ask for it with use_cli = true or ARM_USE_CLI=true. Nothing was sent.",
            lines.join("\n")
        ),
    )
}

/// `- client secret: missing tenant_id. Given: client_secret (the environment variable ARM_CLIENT_SECRET).`
fn half(half: &Half) -> String {
    let name = half.method.map_or_else(|| "an application".to_owned(), |method| method.to_string());
    let given: Vec<String> = half.given.iter().map(source).collect();
    let given = if given.is_empty() { "nothing".to_owned() } else { given.join(", ") };
    format!("- {name}: missing {}. Given: {given}.", half.missing.join("; "))
}

fn source((name, origin): &(&'static str, Origin)) -> String {
    match origin {
        Origin::Argument(argument) if argument == name => format!("{name} (in the provider block)"),
        origin => format!("{name} ({origin})"),
    }
}

fn nothing(origin: Origin) -> Diagnostic {
    Diagnostic::error(
        "No way to sign in is configured",
        format!(
            "The Azure CLI is switched off by {origin}, and no other method was begun. Give an application \
             (tenant_id and client_id with client_secret, client_certificate or use_oidc), or set use_msi, use_cli or \
             access_token; all of them have environment variables too. Nothing was sent."
        ),
    )
}
