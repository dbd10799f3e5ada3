//! Asks GitHub Actions or Azure DevOps for a token that vouches for the running pipeline ("OpenID Connect", GitHub
//! Docs; "Oidctoken - Create", Azure DevOps REST API). Does not present it.

use std::time::Duration;

use azure_core::http::Url;
use serde_json::Value;

use crate::auth::entra::{Cover, MAX_BODY_BYTES, Success, host_of, undocumented};
use crate::auth::error::Problem;
use crate::transport::{self, Diagnosis, HttpMethod, HttpRequest, Secret, Transport};

use super::Patience;

const AUDIENCE: &str = "api://AzureADTokenExchange";
const API_VERSION: &str = "7.1";
const REPETITIONS: u32 = 3;

/// A request for such a token, and where in the answer it is.
#[derive(Debug)]
pub(super) struct Ask {
    provider: &'static str,
    outgoing: HttpRequest,
    member: &'static str,
    cover: Cover,
}

/// GET; the token is `value`.
pub(super) fn github(request_url: &str, request_token: &Secret) -> Result<Ask, Problem> {
    let url = completed(request_url, &[("audience", AUDIENCE)])?;
    let outgoing = HttpRequest::new(HttpMethod::Get, url).bearer(request_token.clone());
    let outgoing = outgoing.header("accept", "application/json");
    Ok(Ask { provider: "GitHub Actions", outgoing, member: "value", cover: Cover::of(&[request_token]) })
}

/// POST without a body; the token is `oidcToken`.
pub(super) fn azure_devops(
    request_url: &str,
    request_token: &Secret,
    service_connection_id: &str,
) -> Result<Ask, Problem> {
    let parameters = [("api-version", API_VERSION), ("serviceConnectionId", service_connection_id)];
    let outgoing = HttpRequest::new(HttpMethod::Post, completed(request_url, &parameters)?)
        .bearer(request_token.clone())
        .header("accept", "application/json")
        .header("content-type", "application/json")
        .header("content-length", "0")
        // Otherwise a token that is not accepted is answered with a redirect to a sign-in page.
        .header("x-tfs-fedauthredirect", "Suppress");
    Ok(Ask { provider: "Azure DevOps", outgoing, member: "oidcToken", cover: Cover::of(&[request_token]) })
}

/// Asks, and asks again if the service is not available.
pub(super) async fn ask(ask: &Ask, transport: &Transport, patience: &Patience) -> Result<Secret, Problem> {
    let mut delay = patience.first_delay;
    for _ in 0..REPETITIONS {
        match once(ask, transport).await {
            Err(problem) if may_pass(&problem) => tokio::time::sleep(delay).await,
            result => return result.map_err(|problem| not_vouched(ask, problem)),
        }
        delay = delay.saturating_mul(2).min(Duration::from_secs(10));
    }
    once(ask, transport).await.map_err(|problem| not_vouched(ask, problem))
}

async fn once(ask: &Ask, transport: &Transport) -> Result<Secret, Problem> {
    let service = host_of(&ask.outgoing.url);
    let lost = |problem| Problem::NotAnswered { service: service.clone(), problem };
    let response = transport.send(ask.outgoing.clone()).await.map_err(lost)?;
    let status = response.status();
    let content_type = response.header("content-type");
    let body = response.read(MAX_BODY_BYTES).await.map_err(lost)?;
    if !(200..300).contains(&status) {
        return Err(undocumented(&service, status, &body, &ask.cover));
    }
    let success = Success { service: &service, status, content_type: content_type.as_deref(), body: &body };
    let members = success.with_token(ask.member)?;
    Ok(Secret::new(members.get(ask.member).and_then(Value::as_str).unwrap_or_default()))
}

fn may_pass(problem: &Problem) -> bool {
    match problem {
        Problem::Undocumented { status, .. } => matches!(status, 408 | 429 | 500 | 502 | 503 | 504),
        Problem::NotAnswered { problem, .. } => {
            matches!(problem, transport::TransportError::NotReached(_) | transport::TransportError::Lost(_))
                && Diagnosis::from_error(problem).is_transient()
        }
        _ => false,
    }
}

/// The URL with those of the parameters that it does not have.
fn completed(request_url: &str, parameters: &[(&str, &str)]) -> Result<String, Problem> {
    let unfit = |problem: &str| Problem::Input { input: "oidc_request_url", problem: problem.to_owned() };
    let mut url = Url::parse(request_url.trim()).map_err(|_| unfit("it is not an absolute URL"))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(unfit("it must begin with https://"));
    }
    for (name, value) in parameters {
        if !url.query_pairs().any(|(found, _)| found.eq_ignore_ascii_case(name)) {
            url.query_pairs_mut().append_pair(name, value);
        }
    }
    Ok(url.into())
}

fn not_vouched(ask: &Ask, problem: Problem) -> Problem {
    Problem::NotVouched { provider: ask.provider, problem: Box::new(problem) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_added_to_what_is_there_and_never_twice() {
        for (url, expected) in [
            ("https://x/a", "https://x/a?audience=api%3A%2F%2FAzureADTokenExchange"),
            ("https://x/a?v=2", "https://x/a?v=2&audience=api%3A%2F%2FAzureADTokenExchange"),
            ("https://x/a?audience=own", "https://x/a?audience=own"),
        ] {
            assert_eq!(completed(url, &[("audience", AUDIENCE)]).unwrap(), expected);
        }
    }

    #[test]
    fn what_is_not_a_web_address_is_refused_without_being_shown() {
        for url in ["", "hunter2", "file:///hunter2"] {
            let problem = completed(url, &[]).unwrap_err().to_string();
            assert!(problem.contains("oidc_request_url") && !problem.contains("hunter2"), "{problem}");
        }
    }
}
