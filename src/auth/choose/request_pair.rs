//! Where a pipeline's own token is asked for and what allows to ask: an address and a bearer that belong together.
//!
//! ```text
//! explicit   the argument, or ARM_OIDC_REQUEST_URL      and  the argument, or ARM_OIDC_REQUEST_TOKEN
//! GitHub     ACTIONS_ID_TOKEN_REQUEST_URL               and  ACTIONS_ID_TOKEN_REQUEST_TOKEN
//! DevOps     SYSTEM_OIDCREQUESTURI                      and  SYSTEM_ACCESSTOKEN
//! ```
//!
//! An address of the one never goes with a bearer of the other, which would hand one service the key of the other. So an
//! address given by hand needs a bearer given by hand; such a bearer may go to the address that a runner has set.

use crate::transport::Secret;

use super::super::arguments as argument;
use super::super::inputs::{Inputs, Origin, Setting};
use super::reading::{Found, given};

/// Whose runner this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Runner {
    GitHub,
    AzureDevOps,
}

/// Address and bearer as one runner may use them.
pub(super) struct RequestPair {
    pub url: Found<Secret>,
    pub token: Found<Secret>,
    /// What is said if there is no bearer.
    pub ask_for_token: &'static str,
    /// Whether one of them was set by the user and not by a runner.
    pub is_explicit: bool,
    /// Whether one of them was set by the runner.
    pub is_ambient: bool,
}

impl RequestPair {
    pub(super) fn read(inputs: &dyn Inputs, runner: Runner) -> Self {
        let url = pick(inputs, argument::OIDC_REQUEST_URL, |origin| fits(origin, runner));
        let is_own_address = is_ambient(&url) == Some(false);
        let token = pick(inputs, argument::OIDC_REQUEST_TOKEN, |origin| {
            if is_own_address { is_by_hand(origin) } else { fits(origin, runner) }
        });
        let is = |ambient: bool| [&url, &token].into_iter().any(|found| is_ambient(found) == Some(ambient));
        let (is_explicit, is_ambient) = (is(false), is(true));
        let ask_for_token = if is_own_address {
            "oidc_request_token (a token that a runner has set goes to the runner's address alone)"
        } else {
            argument::OIDC_REQUEST_TOKEN
        };
        Self { url, token, ask_for_token, is_explicit, is_ambient }
    }
}

impl Runner {
    fn prefix(self) -> &'static str {
        match self {
            Self::GitHub => "ACTIONS_",
            Self::AzureDevOps => "SYSTEM_",
        }
    }
}

/// The first value that comes from a place which fits.
fn pick(inputs: &dyn Inputs, argument: &'static str, fits: impl Fn(Origin) -> bool) -> Found<Secret> {
    for setting in inputs.candidates(argument) {
        match setting {
            Setting::Unset => {}
            Setting::Unknown => return Found::Unknown(argument),
            Setting::Given(input) => {
                if fits(input.origin) {
                    return given(argument, &input);
                }
            }
        }
    }
    Found::Missing
}

/// Set by the user or by this runner.
fn fits(origin: Origin, runner: Runner) -> bool {
    is_by_hand(origin) || matches!(origin, Origin::Variable(name) if name.starts_with(runner.prefix()))
}

/// Set by the user: nothing sets these variables by itself.
fn is_by_hand(origin: Origin) -> bool {
    match origin {
        Origin::Argument(_) => true,
        Origin::Variable(name) => name.starts_with("ARM_"),
    }
}

/// `None` if it is not there.
fn is_ambient(found: &Found<Secret>) -> Option<bool> {
    match found {
        Found::Missing => None,
        Found::Unknown(_) => Some(false),
        Found::There(_, sources) => Some(!sources.iter().all(|(_, origin)| is_by_hand(*origin))),
    }
}
