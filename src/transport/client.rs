//! The one place that sends, and the only file that names the HTTP library. Does not judge answers and repeats
//! nothing.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;

use super::budget::Share;
use super::file;
use super::problem::Problem;
use super::request::{Method, Outgoing, Way};

/// Names a PEM file of trusted CA certificates, as for OpenSSL and most tools.
const CERTIFICATES: &str = "SSL_CERT_FILE";
const CONNECT_TIME_OUT: Duration = Duration::from_secs(20);
/// The longest silence: before the head of the answer and between two parts of its body.
const READ_TIME_OUT: Duration = Duration::from_mins(1);

const LONGEST_HEADER_BYTES: usize = 1_024;

/// HTTP clients that are built when first needed: their certificate store costs milliseconds, and most processes of
/// this program never send anything. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Transport {
    shared: Arc<Shared>,
}

struct Shared {
    user_agent: String,
    usual: OnceLock<reqwest::Client>,
    direct: OnceLock<reqwest::Client>,
}

/// The head of an answer; its body is still to be read.
#[derive(Debug)]
pub struct Response {
    response: reqwest::Response,
}

/// The body of an answer, decompressed. Hold it no longer than it takes to read it: it has a share of a budget.
#[derive(Debug)]
pub struct Body {
    bytes: Vec<u8>,
    share: Share,
}

impl Transport {
    /// Nothing is built and nothing read yet. `user_agent` goes with every request.
    pub fn new(user_agent: String) -> Self {
        Self { shared: Arc::new(Shared { user_agent, usual: OnceLock::new(), direct: OnceLock::new() }) }
    }

    /// What goes with every request as `User-Agent`.
    pub fn user_agent(&self) -> &str {
        &self.shared.user_agent
    }

    /// Sends a request once and waits for the head of its answer. Redirects are not followed.
    pub async fn send(&self, outgoing: Outgoing) -> Result<Response, Problem> {
        let request = self.prepare(outgoing).await?;
        let response = request.send().await.map_err(not_answered)?;
        Ok(Response { response })
    }

    async fn prepare(&self, outgoing: Outgoing) -> Result<reqwest::RequestBuilder, Problem> {
        let client = self.client(&outgoing).await?;
        let mut request = client.request(outgoing.method.into(), &outgoing.url);
        if let Some(bearer) = &outgoing.bearer {
            request = request.header(AUTHORIZATION, hidden(&format!("Bearer {}", bearer.expose()))?);
        }
        if let Some((name, value)) = &outgoing.secret_header {
            request = request.header(*name, hidden(value.expose())?);
        }
        for (name, value) in &outgoing.headers {
            request = request.header(name, value);
        }
        Ok(outgoing.body.into_iter().fold(request, reqwest::RequestBuilder::body))
    }

    async fn client(&self, outgoing: &Outgoing) -> Result<&reqwest::Client, Problem> {
        let direct = outgoing.way == Way::Direct || is_loopback(&outgoing.url);
        let place = if direct { &self.shared.direct } else { &self.shared.usual };
        if let Some(client) = place.get() {
            return Ok(client);
        }
        // Off the thread that serves Terraform: certificates are files, and a drive may have gone away. Two that build
        // at once agree on the one that was first.
        let shared = Arc::clone(&self.shared);
        let building = tokio::task::spawn_blocking(move || shared.build(direct));
        let client = building.await.unwrap_or_else(|error| Err(Problem::NotBuilt(error.to_string())))?;
        Ok(place.get_or_init(|| client))
    }
}

impl Shared {
    fn build(&self, direct: bool) -> Result<reqwest::Client, Problem> {
        let mut builder = reqwest::Client::builder()
            .user_agent(&self.user_agent)
            .connect_timeout(CONNECT_TIME_OUT)
            .read_timeout(READ_TIME_OUT)
            .redirect(Policy::none())
            .referer(false)
            .gzip(true);
        // A proxy of the environment is for the way out; it would not find our loopback.
        if direct {
            builder = builder.no_proxy();
        }
        own_certificates(builder)?.build().map_err(|error| not_built(&error))
    }
}

impl Response {
    /// The status.
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// A header by name, without regard to case and up to a length that a message bears; `None` also if it is not text.
    pub fn header(&self, name: &str) -> Option<String> {
        let text = self.response.headers().get(name)?.to_str().ok()?;
        Some(text.get(..LONGEST_HEADER_BYTES).unwrap_or(text).to_owned())
    }

    /// All headers that are text.
    pub fn headers(&self) -> Vec<(String, String)> {
        let text = |(name, value): (&reqwest::header::HeaderName, &HeaderValue)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        };
        HeaderMap::iter(self.response.headers()).filter_map(text).collect()
    }

    /// The body, decompressed, up to a bound of its own and to what all bodies may take together.
    pub async fn read(mut self, limit_bytes: usize) -> Result<Body, Problem> {
        let mut body = Body { bytes: Vec::new(), share: Share::default() };
        while let Some(part) =
            self.response.chunk().await.map_err(|error| Problem::Lost(Arc::new(error.without_url())))?
        {
            // Counted after decompression, so that a small answer cannot unfold without end.
            if body.bytes.len() + part.len() > limit_bytes {
                return Err(Problem::TooLarge { limit_bytes });
            }
            if !body.share.grow(part.len()) {
                return Err(Problem::Lost(Arc::new(TooMuchAtOnce)));
            }
            body.bytes.extend_from_slice(&part);
        }
        Ok(body)
    }
}

impl std::ops::Deref for Body {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The answers that are under way take all the memory that is meant for them.
#[derive(Debug, thiserror::Error)]
#[error("too many large answers came at once")]
struct TooMuchAtOnce;

/// Prints the user agent only.
impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transport").field("user_agent", &self.shared.user_agent).finish_non_exhaustive()
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

/// A value that the HTTP library does not print.
fn hidden(text: &str) -> Result<HeaderValue, Problem> {
    let mut value = HeaderValue::try_from(text).map_err(|_| Problem::UnfitBearer)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Whether the host of a URL is on this machine. A URL that cannot be read is not.
fn is_loopback(url: &str) -> bool {
    let host = reqwest::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.is_some_and(|host| super::endpoint::is_loopback_host(&host))
}

/// The library repeats by itself only what certainly was not processed, so a failure that is not about connecting
/// leaves the outcome open.
fn not_answered(error: reqwest::Error) -> Problem {
    if error.is_builder() {
        return not_built(&error);
    }
    // The URL may hold opaque tokens in its query; whoever sends knows the path.
    let error = error.without_url();
    if error.is_connect() { Problem::NotReached(Arc::new(error)) } else { Problem::Lost(Arc::new(error)) }
}

fn not_built(error: &reqwest::Error) -> Problem {
    let source = std::error::Error::source(error).map(ToString::to_string);
    Problem::NotBuilt(source.unwrap_or_else(|| "no HTTP client".to_owned()))
}

/// Elsewhere the system's verifier reads the variable; that of Windows and macOS asks its own store only.
#[cfg(any(windows, target_vendor = "apple"))]
fn own_certificates(builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, Problem> {
    let Some(file) = std::env::var_os(CERTIFICATES).filter(|file| !file.is_empty()) else {
        return Ok(builder);
    };
    let bundle = file::read(file.as_ref()).map_err(|error| unfit_certificates(&error))?;
    let certificates =
        reqwest::Certificate::from_pem_bundle(&bundle).map_err(|error| unfit_certificates(&error))?;
    if certificates.is_empty() {
        return Err(unfit_certificates(&"it holds no certificate in PEM"));
    }
    Ok(builder.tls_certs_merge(certificates))
}

/// The system's verifier reads the variable by itself, without bounds, and without certificates it says no more than
/// that there are none. So a bundle that cannot be read within ours is reported here.
#[cfg(not(any(windows, target_vendor = "apple")))]
fn own_certificates(builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, Problem> {
    match std::env::var_os(CERTIFICATES).filter(|file| !file.is_empty()) {
        Some(path) => {
            file::read(path.as_ref()).map(|_| builder).map_err(|problem| unfit_certificates(&problem))
        }
        None => Ok(builder),
    }
}

fn unfit_certificates(problem: &dyn std::fmt::Display) -> Problem {
    Problem::NotBuilt(format!(
        "the CA certificates that the environment variable {CERTIFICATES} names cannot be read: {problem}"
    ))
}
