//! The findings of a check, and its exit status. Does not write the report.

use crate::auth::claims::Claims;
use crate::graph::{self, Response};
use crate::provider::Prepared;

use super::permissions::{Permissions, Purpose};

/// The result of a check. It decides the exit status of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Signed in, every required permission is granted, and Graph answers.
    Success,
    /// Not signed in, or Graph did not answer.
    NotSignedIn,
    /// Signed in, and a required permission is missing.
    PermissionMissing,
}

/// The findings of a check that has a token.
pub(super) struct Findings<'a> {
    pub(super) prepared: &'a Prepared,
    pub(super) purpose: Purpose,
    /// The claims of the token; `None` if it is opaque.
    pub(super) claims: Option<Claims>,
    pub(super) permissions: Permissions,
    /// `None` if there was no answer in time.
    pub(super) read: Option<Result<Response, graph::Error>>,
}

impl Findings<'_> {
    pub(super) fn outcome(&self) -> Outcome {
        match &self.read {
            Some(Err(error)) if error.is_forbidden() => Outcome::PermissionMissing,
            None | Some(Err(_)) => Outcome::NotSignedIn,
            Some(Ok(_)) if self.permissions.missing(self.purpose).next().is_some() => {
                Outcome::PermissionMissing
            }
            Some(Ok(_)) => Outcome::Success,
        }
    }
}

impl Outcome {
    /// The exit status.
    pub fn status(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::NotSignedIn => 1,
            Self::PermissionMissing => 2,
        }
    }
}
