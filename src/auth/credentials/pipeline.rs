//! Requests the OIDC token of the running pipeline from GitHub Actions or Azure DevOps ("OpenID Connect", GitHub Docs;
//! "Oidctoken - Create", Azure DevOps REST API). Does not send it to the authority.

use azure_core::http::Url;
use serde_json::Value;

use crate::auth::entra::{MAX_BODY_BYTES, SecretRedactor, TokenResponse, host_of, unexpected_response};
use crate::auth::error::SignInFailure;
use crate::transport::{HttpMethod, HttpRequest, Secret, Transport};

use super::limits::SignInLimits;
use super::retry::{FailedRequest, retry};

const AUDIENCE: &str = "api://AzureADTokenExchange";
const API_VERSION: &str = "7.1";
const RETRIES: u32 = 3;

/// A request for an OIDC token, and how to read the response.
#[derive(Debug)]
pub(super) struct OidcTokenRequest {
    provider: &'static str,
    http_request: HttpRequest,
    /// The member of the response that holds the token.
    token_member: &'static str,
    redactor: SecretRedactor,
}

/// Builds the GET request to GitHub Actions. The member `value` of the response holds the token.
pub(super) fn github_request(
    request_url: &str,
    request_token: &Secret,
) -> Result<OidcTokenRequest, SignInFailure> {
    let url = add_parameters(request_url, &[("audience", AUDIENCE)])?;
    let http_request = HttpRequest::new(HttpMethod::Get, url).bearer(request_token.clone());
    Ok(OidcTokenRequest {
        provider: "GitHub Actions",
        http_request: http_request.header("accept", "application/json"),
        token_member: "value",
        redactor: SecretRedactor::new(&[request_token]),
    })
}

/// Builds the POST request to Azure DevOps, without a body. The member `oidcToken` of the response holds the token.
pub(super) fn azure_devops_request(
    request_url: &str,
    request_token: &Secret,
    service_connection_id: &str,
) -> Result<OidcTokenRequest, SignInFailure> {
    let parameters = [("api-version", API_VERSION), ("serviceConnectionId", service_connection_id)];
    let http_request = HttpRequest::new(HttpMethod::Post, add_parameters(request_url, &parameters)?)
        .bearer(request_token.clone())
        .header("accept", "application/json")
        .header("content-type", "application/json")
        .header("content-length", "0")
        // Without this header, Azure DevOps answers a rejected token with a redirect to a sign-in page.
        .header("x-tfs-fedauthredirect", "Suppress");
    Ok(OidcTokenRequest {
        provider: "Azure DevOps",
        http_request,
        token_member: "oidcToken",
        redactor: SecretRedactor::new(&[request_token]),
    })
}

/// Sends the request, and retries while the service is not available.
pub(super) async fn fetch_token(
    request: &OidcTokenRequest,
    transport: &Transport,
    limits: &SignInLimits,
) -> Result<Secret, SignInFailure> {
    let result = retry(RETRIES, limits.first_retry_delay, || send(request, transport)).await;
    result.map_err(|cause| SignInFailure::NoOidcToken { provider: request.provider, cause: Box::new(cause) })
}

async fn send(request: &OidcTokenRequest, transport: &Transport) -> Result<Secret, FailedRequest> {
    let service = host_of(&request.http_request.url);
    let no_response = |cause| FailedRequest::no_response(&service, cause);
    let response = transport.send(request.http_request.clone()).await.map_err(no_response)?;
    let status = response.status();
    let content_type = response.header("content-type");
    let body = response.read(MAX_BODY_BYTES).await.map_err(no_response)?;
    if !(200..300).contains(&status) {
        let is_transient = matches!(status, 408 | 429 | 500 | 502 | 503 | 504);
        let failure = unexpected_response(&service, status, &body, &request.redactor);
        return Err(FailedRequest { failure, is_transient });
    }
    let response =
        TokenResponse { service: &service, status, content_type: content_type.as_deref(), body: &body };
    let members = response.parse(request.token_member)?;
    Ok(Secret::new(members.get(request.token_member).and_then(Value::as_str).unwrap_or_default()))
}

/// Adds each parameter that the URL does not have yet.
fn add_parameters(request_url: &str, parameters: &[(&str, &str)]) -> Result<String, SignInFailure> {
    let invalid =
        |reason: &str| SignInFailure::InvalidInput { input: "oidc_request_url", reason: reason.to_owned() };
    let mut url = Url::parse(request_url.trim()).map_err(|_| invalid("it is not an absolute URL"))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(invalid("it must begin with https:// or http://"));
    }
    for (name, value) in parameters {
        if !url.query_pairs().any(|(existing, _)| existing.eq_ignore_ascii_case(name)) {
            url.query_pairs_mut().append_pair(name, value);
        }
    }
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_added_unless_the_url_has_it() {
        for (url, expected) in [
            ("https://x/a", "https://x/a?audience=api%3A%2F%2FAzureADTokenExchange"),
            ("https://x/a?v=2", "https://x/a?v=2&audience=api%3A%2F%2FAzureADTokenExchange"),
            ("https://x/a?audience=own", "https://x/a?audience=own"),
        ] {
            assert_eq!(add_parameters(url, &[("audience", AUDIENCE)]).unwrap(), expected);
        }
    }

    #[test]
    fn an_invalid_url_is_rejected_without_being_shown() {
        for url in ["", "hunter2", "file:///hunter2"] {
            let failure = add_parameters(url, &[]).unwrap_err().to_string();
            assert!(failure.contains("oidc_request_url") && !failure.contains("hunter2"), "{failure}");
        }
    }
}
