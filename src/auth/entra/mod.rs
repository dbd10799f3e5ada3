//! The requests and responses of Entra's token endpoint. `azure_identity` sends its requests through our transport. We
//! parse the responses ourselves, so no message depends on the error texts of that library.

mod aadsts;
mod adapter;
mod error_response;
mod token_response;

pub(super) use aadsts::{CodeMeaning, code_meaning};
pub(super) use adapter::{Adapter, LastFailure, host_of};
pub(super) use error_response::{SecretRedactor, parse_failure, unexpected_response};
pub(super) use token_response::{MAX_BODY_BYTES, MAX_LIFETIME_SECONDS, TokenResponse, parse_seconds};
