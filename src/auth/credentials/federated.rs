//! The assertion of a federated sign-in: a token from another issuer ("Workload identity federation"). Does not send it
//! to the authority.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::auth::claims::Claims;
use crate::auth::error::SignInFailure;
use crate::auth::method::AssertionSource;
use crate::transport::file::{self, FileError};
use crate::transport::{Secret, Transport};

use super::limits::SignInLimits;
use super::pipeline;

/// Reads or requests an assertion. Every call reads its source again, except for a token given as text.
pub(super) async fn fetch_assertion(
    source: &AssertionSource,
    transport: &Transport,
    limits: &SignInLimits,
) -> Result<Secret, SignInFailure> {
    match source {
        AssertionSource::Token(token) => check_expiry(token),
        AssertionSource::File(path) => parse_file(file::read_async(path.clone()).await),
        AssertionSource::GitHubActions { request_url, request_token } => {
            let request = pipeline::github_request(request_url, request_token)?;
            pipeline::fetch_token(&request, transport, limits).await
        }
        AssertionSource::AzureDevOps { request_url, request_token, service_connection_id } => {
            let request = pipeline::azure_devops_request(request_url, request_token, service_connection_id)?;
            pipeline::fetch_token(&request, transport, limits).await
        }
    }
}

/// Rejects an expired token. Entra would reject it too, but Entra's message could not say that oidc_token is never
/// renewed.
fn check_expiry(token: &Secret) -> Result<Secret, SignInFailure> {
    let token = Secret::new(token.expose().trim());
    let expiry = Claims::parse(token.expose()).and_then(|claims| claims.exp);
    let expiry = expiry.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    match expiry.filter(|expiry| *expiry <= OffsetDateTime::now_utc()) {
        None => Ok(token),
        Some(expiry) => Err(invalid_input(
            "oidc_token",
            format!(
                "it expired at {}, and a token given as text cannot be renewed; set a new token, or use \
                 oidc_token_file_path or oidc_request_url, which provide a new token at every sign-in",
                expiry.format(&Rfc3339).unwrap_or_default()
            ),
        )),
    }
}

fn parse_file(content: Result<Vec<u8>, FileError>) -> Result<Secret, SignInFailure> {
    const INPUT: &str = "oidc_token_file_path";
    let content =
        content.map_err(|error| invalid_input(INPUT, format!("the file cannot be read: {error}")))?;
    let content = String::from_utf8(content)
        .map_err(|_| invalid_input(INPUT, "the file is not UTF-8 text".to_owned()))?;
    // Most programs end a file with a line break.
    match content.trim() {
        "" => Err(invalid_input(INPUT, "the file is empty".to_owned())),
        token => Ok(Secret::new(token)),
    }
}

fn invalid_input(input: &'static str, reason: String) -> SignInFailure {
    SignInFailure::InvalidInput { input, reason }
}
