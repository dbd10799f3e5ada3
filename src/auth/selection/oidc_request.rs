//! The URL and the token with which a pipeline requests its OIDC token. Both must belong together.
//!
//! ```text
//! user       the argument, or ARM_OIDC_REQUEST_URL      and  the argument, or ARM_OIDC_REQUEST_TOKEN
//! GitHub     ACTIONS_ID_TOKEN_REQUEST_URL               and  ACTIONS_ID_TOKEN_REQUEST_TOKEN
//! DevOps     SYSTEM_OIDCREQUESTURI                      and  SYSTEM_ACCESSTOKEN
//! ```
//!
//! The URL of one runner is never combined with the token of another, because one service would then receive the secret
//! of the other. For the same reason, a URL that the user sets needs a token that the user sets. A token that the user
//! sets may be sent to a runner's URL.

use crate::transport::Secret;

use super::super::arguments as argument;
use super::super::inputs::{InputOrigin, Inputs, Setting};
use super::configured::Configured;
use super::read_inputs::trimmed_value;

/// The service that runs the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Runner {
    GitHub,
    AzureDevOps,
}

/// Where the URL or the token comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SetBy {
    User,
    Runner,
}

/// The request URL and token for one runner.
pub(super) struct OidcRequest {
    pub url: Configured<Secret>,
    pub token: Configured<Secret>,
    /// The text that a message shows for a missing token.
    pub token_hint: &'static str,
    /// Whether the user set the URL or the token.
    pub is_set_by_user: bool,
    /// Whether the runner set the URL or the token.
    pub is_set_by_runner: bool,
}

impl OidcRequest {
    pub(super) fn read(inputs: &dyn Inputs, runner: Runner) -> Self {
        let url = find_first(inputs, argument::OIDC_REQUEST_URL, |origin| is_usable(origin, runner));
        let has_user_url = set_by(&url) == Some(SetBy::User);
        let token = find_first(inputs, argument::OIDC_REQUEST_TOKEN, |origin| {
            if has_user_url { is_from_user(origin) } else { is_usable(origin, runner) }
        });
        let is_set_by =
            |expected: SetBy| [&url, &token].into_iter().any(|value| set_by(value) == Some(expected));
        let (is_set_by_user, is_set_by_runner) = (is_set_by(SetBy::User), is_set_by(SetBy::Runner));
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
fn find_first(
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
                    return trimmed_value(argument, &input);
                }
            }
        }
    }
    Configured::Missing
}

/// Whether the user or this runner set the value.
fn is_usable(origin: InputOrigin, runner: Runner) -> bool {
    is_from_user(origin) || matches!(origin, InputOrigin::Variable(name) if name.starts_with(runner.prefix()))
}

/// Whether the user set the value. No runner sets an `ARM_` variable.
pub(super) fn is_from_user(origin: InputOrigin) -> bool {
    match origin {
        InputOrigin::Argument(_) => true,
        InputOrigin::Variable(name) => name.starts_with("ARM_"),
    }
}

fn set_by(configured: &Configured<Secret>) -> Option<SetBy> {
    match configured {
        Configured::Missing => None,
        Configured::Unknown(_) => Some(SetBy::User),
        Configured::Known(_, sources) if sources.iter().all(|(_, origin)| is_from_user(*origin)) => {
            Some(SetBy::User)
        }
        Configured::Known(..) => Some(SetBy::Runner),
    }
}
