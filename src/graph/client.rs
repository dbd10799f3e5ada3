//! Sends a request of Graph: address check, token, headers, size limit, log line. Does not know entities. Repeats
//! only what Graph refused for its token; all other repeating is in `retry`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::auth::TokenSource;
use crate::transport::{Endpoint, Outgoing, Problem, Response, Secret, Transport};

use super::answer::Answer;
use super::call::Call;
use super::coalesce::Coalescer;
use super::error::{BodyProblem, Error, Refusal};
use super::refused_token::RefusedToken;
use super::request::Request;
use super::retry::{Pace, Patience};

const UNAUTHORIZED: u16 = 401;
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// A client of Graph. Cheap to clone; clones share connections and token source.
#[derive(Clone)]
pub struct Client {
    endpoint: Endpoint,
    tokens: Arc<dyn TokenSource>,
    transport: Transport,
    pub(super) pace: Arc<Pace>,
    pub(super) patience: Patience,
    pub(super) coalescer: Arc<Coalescer>,
}

impl Client {
    /// A client that has done nothing yet: the HTTP client, certificate store and token wait for the first request.
    pub fn new(endpoint: Endpoint, tokens: Arc<dyn TokenSource>, transport: Transport) -> Self {
        Self {
            endpoint,
            tokens,
            transport,
            pace: Arc::default(),
            patience: Patience::default(),
            coalescer: Arc::default(),
        }
    }

    /// The root of Graph in use.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Sends a request once; a second time with another token if Graph refused the first. The token goes to the
    /// endpoint only, and redirects are not followed.
    ///
    /// Dropping the future before it is ready gives up waiting; a write may then still take effect.
    pub async fn send_once(&self, request: &Request) -> Result<Answer, Error> {
        request.check(&self.endpoint)?;
        let token = self.tokens.token().await?;
        let refused = match self.attempt(request, &token).await {
            Err(error) if error.is_unauthorized() => error,
            result => return result,
        };
        match self.tokens.renew(&token).await? {
            Some(other) => self.attempt(request, &other).await,
            None => Err(refused),
        }
    }

    async fn attempt(&self, request: &Request, token: &Secret) -> Result<Answer, Error> {
        let mut call = Call::new(request, Uuid::new_v4().to_string());
        let started = Instant::now();
        let result = self.exchange(request, token, &mut call).await;
        log(&call, started.elapsed(), result.is_ok());
        result
    }

    async fn exchange(&self, request: &Request, token: &Secret, call: &mut Call) -> Result<Answer, Error> {
        let outgoing = self.outgoing(request, token, call);
        let response = self.transport.send(outgoing).await.map_err(|problem| not_answered(call, problem))?;
        call.note(response.status(), |name| response.header(name));
        if call.status == Some(UNAUTHORIZED) {
            call.refused_token = Some(Box::new(RefusedToken::new(token, self.tokens.attempt())));
        }
        let (content_type, location) = (response.header("content-type"), response.header("location"));
        let body = read(call, response).await?;
        Answer::read(call.clone(), content_type, location.as_deref(), &body, token)
    }

    fn outgoing(&self, request: &Request, token: &Secret, call: &Call) -> Outgoing {
        let mut outgoing = Outgoing::new(request.method(), request.absolute_url(&self.endpoint))
            .bearer(token.clone())
            .header("accept", "application/json")
            .header("client-request-id", &call.client_request_id);
        for (name, value) in request.headers() {
            outgoing = outgoing.header(*name, value);
        }
        match request.body() {
            Some(body) => outgoing.header("content-type", "application/json").body(body.to_string()),
            None => outgoing,
        }
    }
}

/// Prints the endpoint only.
impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("endpoint", &self.endpoint.to_string()).finish_non_exhaustive()
    }
}

async fn read(call: &Call, response: Response) -> Result<Vec<u8>, Error> {
    response.read(MAX_BODY_BYTES).await.map_err(|problem| not_answered(call, problem))
}

fn not_answered(call: &Call, problem: Problem) -> Error {
    match problem {
        Problem::NotBuilt(problem) => Refusal::NotBuilt { problem }.into(),
        problem @ Problem::UnfitBearer => Refusal::NotBuilt { problem: problem.to_string() }.into(),
        Problem::NotReached(cause) => Error::NotReached { call: Box::new(call.clone()), cause },
        Problem::Lost(cause) => Error::lost_by(call.clone(), cause),
        Problem::TooLarge { limit_bytes } => Error::lost(call.clone(), BodyProblem::TooLarge { limit_bytes }),
    }
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
