//! The requests and responses of Entra's token endpoint: `azure_identity` sends through our transport, and we parse the
//! responses, so that no message depends on that library's error texts.

mod aadsts;
mod adapter;
mod error_response;
mod token_response;

pub(super) use aadsts::{CodeMeaning, code_meaning};
pub(super) use adapter::{Adapter, LastFailure, host_of};
pub(super) use error_response::{SecretRedactor, parse_failure, unexpected_response};
pub(super) use token_response::{MAX_BODY_BYTES, MAX_LIFETIME_SECONDS, TokenResponse, parse_seconds};
