//! Tokens of other issuers that vouch for an application ("Workload identity federation"). Does not present them.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::auth::claims::Claims;
use crate::auth::error::Problem;
use crate::auth::method::AssertionSource;
use crate::transport::{Secret, Transport};

use super::{Patience, pipeline};

/// A fresh assertion, as far as the source can give one.
pub(super) async fn assertion(
    source: &AssertionSource,
    transport: &Transport,
    patience: &Patience,
) -> Result<Secret, Problem> {
    match source {
        AssertionSource::Token(token) => literal(token),
        AssertionSource::File(path) => {
            let content = tokio::task::spawn_blocking({
                let path = path.clone();
                move || std::fs::read_to_string(path)
            });
            let content = content.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
            from_file(content)
        }
        AssertionSource::GitHubActions { request_url, request_token } => {
            let request = pipeline::github(request_url, request_token)?;
            pipeline::ask(&request, transport, patience).await
        }
        AssertionSource::AzureDevOps { request_url, request_token, service_connection_id } => {
            let request = pipeline::azure_devops(request_url, request_token, service_connection_id)?;
            pipeline::ask(&request, transport, patience).await
        }
    }
}

/// Entra would refuse an expired token as well, but cannot say that it came as text.
fn literal(token: &Secret) -> Result<Secret, Problem> {
    let token = Secret::new(token.expose().trim());
    let expiry = Claims::read(token.expose()).and_then(|claims| claims.exp);
    let expiry = expiry.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    match expiry.filter(|expiry| *expiry <= OffsetDateTime::now_utc()) {
        None => Ok(token),
        Some(expiry) => Err(unfit(
            "oidc_token",
            format!(
                "it expired at {}, and a token given as text cannot be renewed; give a fresh one, or use \
                 oidc_token_file_path or oidc_request_url, which are read at every sign-in",
                expiry.format(&Rfc3339).unwrap_or_default()
            ),
        )),
    }
}

fn from_file(content: std::io::Result<String>) -> Result<Secret, Problem> {
    const INPUT: &str = "oidc_token_file_path";
    let content = content.map_err(|error| unfit(INPUT, format!("the file cannot be read: {error}")))?;
    // Most programs end a file with a line break, which is no part of the token.
    match content.trim() {
        "" => Err(unfit(INPUT, "the file is empty".to_owned())),
        token => Ok(Secret::new(token)),
    }
}

fn unfit(input: &'static str, problem: String) -> Problem {
    Problem::Input { input, problem }
}
