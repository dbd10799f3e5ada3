//! The HTTP client of `azure_identity`, on top of our transport. Records failures itself and hides error texts from
//! that library, because the library cannot deserialize a text with an escape sequence.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::error::ErrorKind;
use azure_core::http::headers::{HeaderName, HeaderValue, Headers};
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Method as AzureMethod, Request, Url};
use uuid::Uuid;

use crate::auth::error::SignInFailure;
use crate::transport::{self, Diagnosis, Endpoint, HttpMethod, HttpRequest, Transport};

use super::error_response::{SecretRedactor, parse_failure};
use super::token_response::{MAX_BODY_BYTES, TokenResponse, sanitize};

/// The library waits as long as `Retry-After` says, so the header is capped.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(10);
const FORWARDED_HEADERS: &[&str] = &["content-type"];
const PLACEHOLDER_ERROR_BODY: &str = r#"{"error_description":"refused","error_codes":[]}"#;

/// Why the last request returned no token.
#[derive(Debug, Clone, Default)]
pub(in crate::auth) struct LastFailure(Arc<Mutex<Option<SignInFailure>>>);

/// The transport of one sign-in.
#[derive(Debug)]
pub(in crate::auth) struct Adapter {
    pub(in crate::auth) transport: Transport,
    /// The authority that receives the requests. The library itself has a placeholder, because it accepts only https
    /// authorities, even on loopback.
    pub(in crate::auth) authority: Endpoint,
    pub(in crate::auth) redactor: SecretRedactor,
    pub(in crate::auth) last_failure: LastFailure,
}

impl LastFailure {
    /// Removes and returns the recorded failure.
    pub(in crate::auth) fn take(&self) -> Option<SignInFailure> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn record(&self, failure: SignInFailure) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
    }
}

#[async_trait]
impl HttpClient for Adapter {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let outgoing = self.convert_request(request)?;
        let service = host_of(&outgoing.url);
        let response =
            self.transport.send(outgoing).await.map_err(|error| self.record_no_response(&service, error))?;
        let status = response.status();
        let headers = retry_after_headers(response.header("retry-after").as_deref());
        let content_type = response.header("content-type");
        let body =
            response.read(MAX_BODY_BYTES).await.map_err(|error| self.record_no_response(&service, error))?;
        if (200..300).contains(&status) {
            let content_type = content_type.as_deref();
            let response = TokenResponse { service: &service, status, content_type, body: &body };
            let body = sanitize(&response).map_err(|failure| self.record_unusable(failure))?;
            // Reported only if the library then finds no token in the body.
            self.last_failure.record(response.missing_token());
            return Ok(AsyncRawResponse::from_bytes(status.into(), headers, body));
        }
        self.last_failure.record(parse_failure(&service, status, &body, &self.redactor));
        Ok(AsyncRawResponse::from_bytes(status.into(), headers, PLACEHOLDER_ERROR_BODY))
    }
}

impl Adapter {
    /// Converts a request of the library into a request to the real authority.
    fn convert_request(&self, request: &Request) -> azure_core::Result<HttpRequest> {
        let method = match request.method() {
            AzureMethod::Get => HttpMethod::Get,
            AzureMethod::Post => HttpMethod::Post,
            other => return Err(permanent_error(format!("{other} is not supported for a sign-in"))),
        };
        let mut outgoing = HttpRequest::new(method, format!("{}{}", self.authority, request.url().path()))
            .header("accept", "application/json")
            .header("client-request-id", Uuid::new_v4().to_string());
        for (name, value) in
            request.headers().iter().filter(|(name, _)| FORWARDED_HEADERS.contains(&name.as_str()))
        {
            outgoing = outgoing.header(name.as_str(), value.as_str());
        }
        match request.body() {
            Body::Bytes(bytes) if bytes.is_empty() => Ok(outgoing),
            Body::Bytes(bytes) => Ok(outgoing.body(bytes.to_vec())),
            Body::SeekableStream(_) => {
                Err(permanent_error("streamed request bodies are not supported for a sign-in".to_owned()))
            }
        }
    }

    /// Records the failure of a response without a usable token. Returns an error that the library does not retry.
    fn record_unusable(&self, failure: SignInFailure) -> azure_core::Error {
        self.last_failure.record(failure);
        permanent_error("the response has no token".to_owned())
    }

    /// Records the failure of a request without a response. The kind of the returned error decides whether the library
    /// retries.
    fn record_no_response(&self, service: &str, cause: transport::TransportError) -> azure_core::Error {
        let kind = match &cause {
            _ if !Diagnosis::from_error(&cause).is_transient() => ErrorKind::Other,
            transport::TransportError::NotReached(_) => ErrorKind::Connection,
            transport::TransportError::ResponseLost(_) => ErrorKind::Io,
            _ => ErrorKind::Other,
        };
        let error = azure_core::Error::with_message(kind, cause.to_string());
        self.last_failure.record(SignInFailure::NoResponse { service: service.to_owned(), cause });
        error
    }
}

/// Host and port of a URL, for messages.
pub(in crate::auth) fn host_of(url: &str) -> String {
    let Ok(url) = Url::parse(url) else { return "the configured address".to_owned() };
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The headers of the response for the library: only a capped `Retry-After`.
fn retry_after_headers(retry_after: Option<&str>) -> Headers {
    let mut headers = Headers::new();
    if let Some(seconds) = retry_after.and_then(|text| text.parse::<u64>().ok()) {
        let seconds = seconds.min(MAX_RETRY_AFTER.as_secs());
        headers.insert(HeaderName::from_static("retry-after"), HeaderValue::from(seconds.to_string()));
    }
    headers
}

fn permanent_error(message: String) -> azure_core::Error {
    azure_core::Error::with_message(ErrorKind::Other, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_retry_after_header_is_capped() {
        for (header, expected) in
            [("3", Some("3")), ("3600", Some("10")), ("Sat, 31 Jan 2026 09:12:44 GMT", None), ("x", None)]
        {
            let headers = retry_after_headers(Some(header));
            let capped = headers.get_optional_str(&HeaderName::from_static("retry-after"));
            assert_eq!(capped, expected, "{header}");
        }
    }
}
