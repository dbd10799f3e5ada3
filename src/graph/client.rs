//! Sends a request of Graph: address check, token, headers, size and time limits, log line. Does not know entities.
//! Repeats only what Graph refused for its token; all other repeating is in `retry`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::auth::TokenSource;
use crate::transport::{Endpoint, Outgoing, Problem, Secret, Transport};

use super::answer::Answer;
use super::body::MAX_BODY_BYTES;
use super::call::Call;
use super::coalesce::Coalescer;
use super::error::{BodyProblem, Error, Refusal};
use super::refused_token::RefusedToken;
use super::request::Request;
use super::retry::{Pace, Patience};

const UNAUTHORIZED: u16 = 401;
/// The longest that one exchange may take, from the request to the last byte of its answer, however slowly that comes.
const EXCHANGE_LIMIT: Duration = Duration::from_mins(2);

/// A client of Graph. Cheap to clone; clones share connections and token source.
#[derive(Clone)]
pub struct Client {
    endpoint: Endpoint,
    /// Where the endpoint was configured, for messages.
    endpoint_source: Arc<str>,
    tokens: Arc<dyn TokenSource>,
    transport: Transport,
    pub(super) pace: Arc<Pace>,
    pub(super) patience: Patience,
    pub(super) coalescer: Arc<Coalescer>,
    pub(super) interruptions: Interruptions,
}

/// Counts what came between the requests of one operation: pauses, repetitions, refused tokens. Clones share the count.
#[derive(Debug, Clone, Default)]
pub(super) struct Interruptions(Arc<AtomicU32>);

impl Interruptions {
    pub(super) fn note(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A token that was valid when it was taken, for a request that must not wait for a sign-in.
#[derive(Debug, Clone)]
pub struct HeldToken(Secret);

impl Client {
    /// A client that has done nothing yet: the HTTP client, certificate store and token wait for the first request.
    pub fn new(endpoint: Endpoint, tokens: Arc<dyn TokenSource>, transport: Transport) -> Self {
        Self {
            endpoint,
            endpoint_source: Arc::from(""),
            tokens,
            transport,
            pace: Arc::default(),
            patience: Patience::default(),
            coalescer: Arc::default(),
            interruptions: Interruptions::default(),
        }
    }

    /// The same client. Messages say that its endpoint comes from `source`, for example an environment variable.
    #[must_use]
    pub fn with_endpoint_source(self, source: &str) -> Self {
        Self { endpoint_source: Arc::from(source), ..self }
    }

    /// How many pauses, repetitions and refused tokens have come between the requests of this client, counted since
    /// [`Client::patient`] made it for an operation.
    pub fn interruptions(&self) -> u32 {
        self.interruptions.0.load(Ordering::Relaxed)
    }

    /// A valid token, after a sign-in if there is none.
    pub async fn hold_token(&self) -> Result<HeldToken, Error> {
        Ok(HeldToken(self.tokens.token().await?))
    }

    /// Another token after Graph refused this one; `None` if there is none to be had.
    pub async fn replace_token(&self, refused: &HeldToken) -> Result<Option<HeldToken>, Error> {
        self.interruptions.note();
        Ok(self.tokens.renew(&refused.0).await?.map(HeldToken))
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
        let token = self.hold_token().await?;
        self.send_renewing(request, &token).await
    }

    /// The same, with this token first.
    pub(super) async fn send_renewing(&self, request: &Request, token: &HeldToken) -> Result<Answer, Error> {
        let refused = match self.send_holding(request, token).await {
            Err(error) if error.is_unauthorized() => error,
            result => return result,
        };
        match self.replace_token(token).await? {
            Some(other) => self.send_holding(request, &other).await,
            None => Err(refused),
        }
    }

    /// Sends a request once with this token, so that no sign-in comes before or after it. A refused token is the
    /// caller's to replace.
    pub async fn send_holding(&self, request: &Request, token: &HeldToken) -> Result<Answer, Error> {
        request.check(&self.endpoint)?;
        let mut call = Call::new(request, Uuid::new_v4().to_string());
        let started = Instant::now();
        let exchanged =
            tokio::time::timeout(EXCHANGE_LIMIT, self.exchange(request, &token.0, &mut call)).await;
        let result = exchanged.unwrap_or_else(|_| Err(Error::lost(call.clone(), BodyProblem::TookTooLong)));
        log(&call, started.elapsed(), result.is_ok());
        result
    }

    async fn exchange(&self, request: &Request, token: &Secret, call: &mut Call) -> Result<Answer, Error> {
        let outgoing = self.outgoing(request, token, call);
        let response =
            self.transport.send(outgoing).await.map_err(|problem| self.not_answered(call, problem))?;
        call.note(response.status(), |name| response.header(name));
        if call.status == Some(UNAUTHORIZED) {
            call.refused_token = Some(Box::new(RefusedToken::new(token, self.tokens.selected_method())));
        }
        let (content_type, location) = (response.header("content-type"), response.header("location"));
        let body = response.read(MAX_BODY_BYTES).await.map_err(|problem| self.not_answered(call, problem))?;
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

impl Client {
    fn not_answered(&self, call: &Call, problem: Problem) -> Error {
        match problem {
            Problem::NotBuilt(problem) => Refusal::NotBuilt { problem }.into(),
            problem @ Problem::UnfitBearer => Refusal::NotBuilt { problem: problem.to_string() }.into(),
            Problem::NotReached(cause) => Error::NotReached {
                call: Box::new(call.clone()),
                endpoint: self.endpoint_with_source(),
                cause,
            },
            Problem::Lost(cause) => Error::lost_by(call.clone(), cause),
            Problem::TooLarge { limit_bytes } => {
                Error::lost(call.clone(), BodyProblem::TooLarge { limit_bytes })
            }
        }
    }

    /// `http://127.0.0.1:8400 (from the environment variable DEFENDER_GRAPH_ENDPOINT)`
    fn endpoint_with_source(&self) -> String {
        match &*self.endpoint_source {
            "" => self.endpoint.to_string(),
            source => format!("{} (from {source})", self.endpoint),
        }
    }
}

/// Prints the endpoint only.
impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("endpoint", &self.endpoint.to_string()).finish_non_exhaustive()
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
