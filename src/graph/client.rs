//! The one place that sends: address check, token, headers, time limits, size limit, log line. Names reqwest. Does
//! not know entities and does not repeat anything.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::redirect::Policy;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::answer::Answer;
use super::auth::TokenSource;
use super::call::Call;
use super::endpoint::Endpoint;
use super::error::{BodyProblem, Error, Refusal};
use super::request::{Method, Request};
use super::secret::Secret;

const CONNECT_TIME_OUT: Duration = Duration::from_secs(20);
/// The longest silence: before the head of the answer and between two parts of its body.
const READ_TIME_OUT: Duration = Duration::from_mins(1);
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// A client of Graph. Cheap to clone; clones share connections and token source.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    endpoint: Endpoint,
    tokens: Arc<dyn TokenSource>,
    user_agent: String,
    http: OnceCell<reqwest::Client>,
}

impl Client {
    /// A client that has done nothing yet: the HTTP client, certificate store and token wait for the first request.
    pub fn new(endpoint: Endpoint, tokens: Arc<dyn TokenSource>, user_agent: String) -> Self {
        Self { shared: Arc::new(Shared { endpoint, tokens, user_agent, http: OnceCell::new() }) }
    }

    /// The root of Graph in use.
    pub fn endpoint(&self) -> &Endpoint {
        &self.shared.endpoint
    }

    /// Sends a request once. The token goes to the endpoint only, and redirects are not followed.
    ///
    /// Dropping the future before it is ready gives up waiting; a write may then still take effect.
    pub async fn send(&self, request: &Request) -> Result<Answer, Error> {
        request.check(&self.shared.endpoint)?;
        let token = self.shared.tokens.token().await?;
        let mut call = Call::new(request, Uuid::new_v4().to_string());
        let started = Instant::now();
        let result = self.exchange(request, &token, &mut call).await;
        log(&call, started.elapsed(), result.is_ok());
        result
    }

    async fn exchange(&self, request: &Request, token: &Secret, call: &mut Call) -> Result<Answer, Error> {
        let prepared = self.prepare(request, token, call).await?;
        let response = prepared.send().await.map_err(|error| not_answered(call, error))?;
        let headers = response.headers().clone();
        call.note(response.status().as_u16(), |name| header(&headers, name));
        let body = read_bounded(call, response).await?;
        let content_type = header(&headers, CONTENT_TYPE.as_str());
        let location = header(&headers, LOCATION.as_str());
        Answer::read(call.clone(), content_type, location.as_deref(), &body, token)
    }

    async fn prepare(
        &self,
        request: &Request,
        token: &Secret,
        call: &Call,
    ) -> Result<reqwest::RequestBuilder, Error> {
        let http = self.shared.http.get_or_try_init(|| async { self.build() }).await?;
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose()))
            .map_err(|_| Error::Refused(Refusal::UnfitToken))?;
        bearer.set_sensitive(true);
        let mut prepared = http
            .request(request.method().into(), request.absolute_url(&self.shared.endpoint))
            .header(AUTHORIZATION, bearer)
            .header(ACCEPT, "application/json")
            .header("client-request-id", &call.client_request_id);
        for (name, value) in request.headers() {
            prepared = prepared.header(*name, value);
        }
        Ok(request.body().into_iter().fold(prepared, reqwest::RequestBuilder::json))
    }

    fn build(&self) -> Result<reqwest::Client, Error> {
        let mut builder = reqwest::Client::builder()
            .user_agent(&self.shared.user_agent)
            .connect_timeout(CONNECT_TIME_OUT)
            .read_timeout(READ_TIME_OUT)
            .redirect(Policy::none())
            .referer(false)
            .gzip(true);
        // A proxy of the environment is for the way out; it would not find our loopback.
        if self.shared.endpoint.is_loopback() {
            builder = builder.no_proxy();
        }
        builder.build().map_err(|error| not_built(&error))
    }
}

/// Prints the endpoint only.
impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("endpoint", &self.shared.endpoint.to_string()).finish_non_exhaustive()
    }
}

impl From<Method> for reqwest::Method {
    fn from(method: Method) -> Self {
        match method {
            Method::Get => Self::GET,
            Method::Post => Self::POST,
            Method::Patch => Self::PATCH,
            Method::Delete => Self::DELETE,
        }
    }
}

async fn read_bounded(call: &Call, mut response: reqwest::Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(part) =
        response.chunk().await.map_err(|error| Error::lost(call.clone(), error.without_url()))?
    {
        // Counted after decompression, so that a small answer cannot unfold without end.
        if body.len() + part.len() > MAX_BODY_BYTES {
            return Err(Error::lost(call.clone(), BodyProblem::TooLarge { limit_bytes: MAX_BODY_BYTES }));
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}

/// A request without an answer. The library repeats by itself only what certainly was not processed, so a failure
/// that is not about connecting leaves the outcome open.
fn not_answered(call: &Call, error: reqwest::Error) -> Error {
    if error.is_builder() {
        return not_built(&error);
    }
    // The URL may hold opaque tokens of Graph in its query; the call names the path.
    let error = error.without_url();
    if error.is_connect() {
        return Error::NotReached { call: Box::new(call.clone()), cause: Arc::new(error) };
    }
    Error::lost(call.clone(), error)
}

fn not_built(error: &reqwest::Error) -> Error {
    let source = std::error::Error::source(error).map(ToString::to_string);
    Refusal::NotBuilt { problem: source.unwrap_or_else(|| "no HTTP client".to_owned()) }.into()
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

fn log(call: &Call, elapsed: Duration, succeeded: bool) {
    tracing::debug!(
        method = call.method.as_str(),
        path = %call.path,
        status = call.status,
        duration_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        request_id = call.request_id.as_deref(),
        client_request_id = %call.client_request_id,
        retry_after = call.retry_after.as_deref(),
        "{}",
        if succeeded { "Microsoft Graph answered" } else { "call of Microsoft Graph failed" },
    );
}
