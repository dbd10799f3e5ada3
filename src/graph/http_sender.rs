//! The lowest layer of the sending stack: one HTTP exchange with Graph. Adds headers, limits size and time, and logs.
//! Fetches no tokens and retries nothing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::auth::SelectedMethod;
use crate::transport::{Endpoint, HttpRequest, Secret, Transport, TransportError};

use super::call_record::CallRecord;
use super::error::Error;
use super::held_token::HeldToken;
use super::json_body::MAX_BODY_BYTES;
use super::refused_token::RefusedToken;
use super::request::Request;
use super::request_error::RequestError;
use super::response::Response;
use super::response_problem::BodyError;

const UNAUTHORIZED: u16 = 401;

/// The longest time that one exchange may take, from the request to the last byte of its response.
const EXCHANGE_TIMEOUT: Duration = Duration::from_mins(2);

/// Sends requests to one endpoint. Cheap to clone; clones share connections.
#[derive(Clone)]
pub(super) struct HttpSender {
    endpoint: Endpoint,
    /// Where the endpoint was configured, for messages.
    endpoint_source: Arc<str>,
    transport: Transport,
}

impl HttpSender {
    pub(super) fn new(endpoint: Endpoint, transport: Transport) -> Self {
        Self { endpoint, endpoint_source: Arc::from(""), transport }
    }

    pub(super) fn with_endpoint_source(self, source: &str) -> Self {
        Self { endpoint_source: Arc::from(source), ..self }
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Sends a request once. `sign_in_method` obtained the token; the error for a refused token names the
    /// method.
    pub(super) async fn send(
        &self,
        request: &Request,
        token: &HeldToken,
        sign_in_method: Option<&SelectedMethod>,
    ) -> Result<Response, Error> {
        let mut call = CallRecord::new(request, Uuid::new_v4().to_string());
        let started = Instant::now();
        let exchange = self.exchange(request, &token.0, sign_in_method, &mut call);
        let result = tokio::time::timeout(EXCHANGE_TIMEOUT, exchange).await;
        let result = result.unwrap_or_else(|_| {
            Err(Error::incomplete_response(call.clone(), Arc::new(BodyError::TookTooLong)))
        });
        log_call(&call, started.elapsed(), result.is_ok());
        result
    }

    async fn exchange(
        &self,
        request: &Request,
        token: &Secret,
        sign_in_method: Option<&SelectedMethod>,
        call: &mut CallRecord,
    ) -> Result<Response, Error> {
        let http_request = self.build_http_request(request, token, call);
        let response = self.transport.send(http_request).await;
        let response = response.map_err(|error| self.transport_error(call, error))?;
        call.record_head(response.status(), |name| response.header(name));
        if call.status == Some(UNAUTHORIZED) {
            call.refused_token = Some(Box::new(RefusedToken::new(token, sign_in_method)));
        }
        let (content_type, location) = (response.header("content-type"), response.header("location"));
        let body = response.read(MAX_BODY_BYTES).await.map_err(|error| self.transport_error(call, error))?;
        Response::parse(call.clone(), content_type, location.as_deref(), &body, token)
    }

    fn build_http_request(&self, request: &Request, token: &Secret, call: &CallRecord) -> HttpRequest {
        let http_request = HttpRequest::new(request.method(), request.absolute_url(&self.endpoint))
            .bearer(token.clone())
            .header("accept", "application/json")
            .header("client-request-id", &call.client_request_id);
        let http_request = match request.consistency_level() {
            Some(level) => http_request.header("consistencylevel", level),
            None => http_request,
        };
        match request.body() {
            Some(body) => http_request.header("content-type", "application/json").body(body.to_string()),
            None => http_request,
        }
    }

    fn transport_error(&self, call: &CallRecord, error: TransportError) -> Error {
        match error {
            TransportError::NotBuilt(problem) => RequestError::NotBuilt { problem }.into(),
            error @ TransportError::InvalidHeaderValue => {
                RequestError::NotBuilt { problem: error.to_string() }.into()
            }
            TransportError::NotReached(cause) => Error::NotReached {
                call: Box::new(call.clone()),
                endpoint: self.endpoint_with_source(),
                cause,
            },
            TransportError::ResponseLost(cause) => Error::incomplete_response(call.clone(), cause),
            TransportError::TooLarge { limit_bytes } => {
                Error::incomplete_response(call.clone(), Arc::new(BodyError::TooLarge { limit_bytes }))
            }
        }
    }

    /// For example `http://127.0.0.1:8400 (from the environment variable DEFENDER_GRAPH_ENDPOINT)`
    fn endpoint_with_source(&self) -> String {
        match &*self.endpoint_source {
            "" => self.endpoint.to_string(),
            source => format!("{} (from {source})", self.endpoint),
        }
    }
}

fn log_call(call: &CallRecord, elapsed: Duration, succeeded: bool) {
    tracing::debug!(
        method = call.method.as_str(),
        path = %call.path,
        status = call.status,
        duration_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        request_id = call.request_id.as_deref(),
        client_request_id = %call.client_request_id,
        retry_after = call.retry_after.as_deref(),
        "{}",
        if succeeded { "Microsoft Graph answered" } else { "call to Microsoft Graph failed" },
    );
}
