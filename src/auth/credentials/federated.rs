//! Tokens of other issuers that vouch for an application ("Workload identity federation"). Does not present them.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::auth::claims::Claims;
use crate::auth::error::Problem;
use crate::auth::method::AssertionSource;
use crate::transport::file::{self, FileError};
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
        AssertionSource::File(path) => from_file(file::read_async(path.clone()).await),
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

fn from_file(content: Result<Vec<u8>, FileError>) -> Result<Secret, Problem> {
    const INPUT: &str = "oidc_token_file_path";
    let content = content.map_err(|problem| unfit(INPUT, format!("the file cannot be read: {problem}")))?;
    let content =
        String::from_utf8(content).map_err(|_| unfit(INPUT, "the file is not UTF-8 text".to_owned()))?;
    // Most programs end a file with a line break, which is no part of the token.
    match content.trim() {
        "" => Err(unfit(INPUT, "the file is empty".to_owned())),
        token => Ok(Secret::new(token)),
    }
}

fn unfit(input: &'static str, problem: String) -> Problem {
    Problem::Input { input, problem }
}
