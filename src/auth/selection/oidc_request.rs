//! The request URL and request token of a pipeline, which belong together.
//!
//! ```text
//! user       the argument, or ARM_OIDC_REQUEST_URL      and  the argument, or ARM_OIDC_REQUEST_TOKEN
//! GitHub     ACTIONS_ID_TOKEN_REQUEST_URL               and  ACTIONS_ID_TOKEN_REQUEST_TOKEN
//! DevOps     SYSTEM_OIDCREQUESTURI                      and  SYSTEM_ACCESSTOKEN
//! ```
//!
//! The URL of one runner is never combined with the token of another, since that would send one service the secret of
//! the other. A URL that the user sets therefore needs a token that the user sets. Such a token may be sent to a
//! runner's URL.

use crate::transport::Secret;

use super::super::arguments as argument;
use super::super::inputs::{InputOrigin, Inputs, Setting};
use super::configured::Configured;
use super::read_inputs::trim;

/// The service that runs the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Runner {
    GitHub,
    AzureDevOps,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Setter {
    User,
    Runner,
}

/// The request URL and token for one runner.
pub(super) struct OidcRequest {
    pub url: Configured<Secret>,
    pub token: Configured<Secret>,
    /// What a message lists as missing if there is no token.
    pub token_hint: &'static str,
    /// Whether the user set one of them.
    pub is_set_by_user: bool,
    /// Whether the runner set one of them.
    pub is_set_by_runner: bool,
}

impl OidcRequest {
    pub(super) fn read(inputs: &dyn Inputs, runner: Runner) -> Self {
        let url = first_from(inputs, argument::OIDC_REQUEST_URL, |origin| is_usable(origin, runner));
        let has_user_url = setter(&url) == Some(Setter::User);
        let token = first_from(inputs, argument::OIDC_REQUEST_TOKEN, |origin| {
            if has_user_url { is_from_user(origin) } else { is_usable(origin, runner) }
        });
        let is_set_by =
            |who: Setter| [&url, &token].into_iter().any(|configured| setter(configured) == Some(who));
        let (is_set_by_user, is_set_by_runner) = (is_set_by(Setter::User), is_set_by(Setter::Runner));
        let token_hint = if has_user_url {
            "oidc_request_token (the runner's own token is sent only to the runner's own address)"
        } else {
            argument::OIDC_REQUEST_TOKEN
        };
        Self { url, token, token_hint, is_set_by_user, is_set_by_runner }
    }
}

impl Runner {
    /// The prefix of the variables that this runner sets.
    fn prefix(self) -> &'static str {
        match self {
            Self::GitHub => "ACTIONS_",
            Self::AzureDevOps => "SYSTEM_",
        }
    }
}

/// The first value whose origin is accepted.
fn first_from(
    inputs: &dyn Inputs,
    argument: &'static str,
    is_accepted: impl Fn(InputOrigin) -> bool,
) -> Configured<Secret> {
    for setting in inputs.candidates(argument) {
        match setting {
            Setting::Unset => {}
            Setting::Unknown => return Configured::Unknown(argument),
            Setting::Set(input) => {
                if is_accepted(input.origin) {
                    return trim(argument, &input);
                }
            }
        }
    }
    Configured::Missing
}

/// Whether the user or this runner set it.
fn is_usable(origin: InputOrigin, runner: Runner) -> bool {
    is_from_user(origin) || matches!(origin, InputOrigin::Variable(name) if name.starts_with(runner.prefix()))
}

/// Whether the user set it. No runner sets an `ARM_` variable.
pub(super) fn is_from_user(origin: InputOrigin) -> bool {
    match origin {
        InputOrigin::Argument(_) => true,
        InputOrigin::Variable(name) => name.starts_with("ARM_"),
    }
}

fn setter(configured: &Configured<Secret>) -> Option<Setter> {
    match configured {
        Configured::Missing => None,
        Configured::Unknown(_) => Some(Setter::User),
        Configured::Known(_, sources) if sources.iter().all(|(_, origin)| is_from_user(*origin)) => {
            Some(Setter::User)
        }
        Configured::Known(..) => Some(Setter::Runner),
    }
}
