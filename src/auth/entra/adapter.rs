//! Our transport behind the trait that `azure_identity` sends through. Notes what came back, and hands on no text of
//! it: that library reads an error as a borrowed string, which fails at the first escape.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::error::ErrorKind;
use azure_core::http::headers::{HeaderName, HeaderValue, Headers};
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Method as AzureMethod, Request, Url};
use uuid::Uuid;

use crate::auth::error::Problem;
use crate::transport::{self, Diagnosis, Endpoint, HttpMethod, HttpRequest, Transport};

use super::MAX_BODY_BYTES;
use super::error_body::{Cover, read};
use super::token_body::{Success, checked};

/// The library waits as long as it is told to, so it is not told to wait long.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
const FORWARDED: &[&str] = &["content-type"];
const REFUSED_BODY: &str = r#"{"error_description":"refused","error_codes":[]}"#;

/// What the last answer, or the lack of one, means if no token comes of it.
#[derive(Debug, Clone, Default)]
pub(in crate::auth) struct Noted(Arc<Mutex<Option<Problem>>>);

/// The transport of one sign-in.
#[derive(Debug)]
pub(in crate::auth) struct Adapter {
    pub(in crate::auth) transport: Transport,
    /// Where the requests really go: the library insists on https for every authority, loopback included.
    pub(in crate::auth) authority: Endpoint,
    pub(in crate::auth) cover: Cover,
    pub(in crate::auth) noted: Noted,
}

impl Noted {
    /// What was noted last.
    pub(in crate::auth) fn take(&self) -> Option<Problem> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn note(&self, problem: Problem) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(problem);
    }
}

#[async_trait]
impl HttpClient for Adapter {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let outgoing = self.outgoing(request)?;
        let service = host_of(&outgoing.url);
        let response = self.transport.send(outgoing).await.map_err(|error| self.lost(&service, error))?;
        let status = response.status();
        let headers = headers(response.header("retry-after").as_deref());
        let content_type = response.header("content-type");
        let body = response.read(MAX_BODY_BYTES).await.map_err(|error| self.lost(&service, error))?;
        if (200..300).contains(&status) {
            let content_type = content_type.as_deref();
            let success = Success { service: &service, status, content_type, body: &body };
            let checked = checked(&success).map_err(|problem| self.useless(problem))?;
            // Reported only if the library finds no token in it all the same.
            self.noted.note(success.withheld());
            return Ok(AsyncRawResponse::from_bytes(status.into(), headers, checked));
        }
        self.noted.note(read(&service, status, &body, &self.cover));
        Ok(AsyncRawResponse::from_bytes(status.into(), headers, REFUSED_BODY))
    }
}

impl Adapter {
    fn outgoing(&self, request: &Request) -> azure_core::Result<HttpRequest> {
        let method = match request.method() {
            AzureMethod::Get => HttpMethod::Get,
            AzureMethod::Post => HttpMethod::Post,
            other => return Err(unusable(format!("{other} is not a method of a sign-in"))),
        };
        let mut outgoing = HttpRequest::new(method, format!("{}{}", self.authority, request.url().path()))
            .header("accept", "application/json")
            .header("client-request-id", Uuid::new_v4().to_string());
        for (name, value) in request.headers().iter().filter(|(name, _)| FORWARDED.contains(&name.as_str())) {
            outgoing = outgoing.header(name.as_str(), value.as_str());
        }
        match request.body() {
            Body::Bytes(bytes) if bytes.is_empty() => Ok(outgoing),
            Body::Bytes(bytes) => Ok(outgoing.body(bytes.to_vec())),
            Body::SeekableStream(_) => Err(unusable("a sign-in streams nothing".to_owned())),
        }
    }

    /// Asking again would not help.
    fn useless(&self, problem: Problem) -> azure_core::Error {
        self.noted.note(problem);
        unusable("no token came".to_owned())
    }

    /// The kind of the error tells the library whether to try again.
    fn lost(&self, service: &str, problem: transport::TransportError) -> azure_core::Error {
        let kind = match &problem {
            _ if !Diagnosis::from_error(&problem).is_transient() => ErrorKind::Other,
            transport::TransportError::NotReached(_) => ErrorKind::Connection,
            transport::TransportError::Lost(_) => ErrorKind::Io,
            _ => ErrorKind::Other,
        };
        let error = azure_core::Error::with_message(kind, problem.to_string());
        self.noted.note(Problem::NotAnswered { service: service.to_owned(), problem });
        error
    }
}

/// Host and port of a URL, for messages.
pub(in crate::auth) fn host_of(url: &str) -> String {
    let Ok(url) = Url::parse(url) else { return "the given address".to_owned() };
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn headers(retry_after: Option<&str>) -> Headers {
    let mut headers = Headers::new();
    if let Some(seconds) = retry_after.and_then(|text| text.parse::<u64>().ok()) {
        let seconds = seconds.min(LONGEST_WAIT.as_secs());
        headers.insert(HeaderName::from_static("retry-after"), HeaderValue::from(seconds.to_string()));
    }
    headers
}

fn unusable(problem: String) -> azure_core::Error {
    azure_core::Error::with_message(ErrorKind::Other, problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_as_long_as_a_service_likes() {
        for (said, expected) in
            [("3", Some("3")), ("3600", Some("10")), ("Sat, 31 Jan 2026 09:12:44 GMT", None), ("x", None)]
        {
            let headers = headers(Some(said));
            let passed_on = headers.get_optional_str(&HeaderName::from_static("retry-after"));
            assert_eq!(passed_on, expected, "{said}");
        }
    }
}
