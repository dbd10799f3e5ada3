//! Sends HTTP requests. The only file that names the HTTP library. Does not judge responses and retries nothing.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;

use super::error::TransportError;
use super::file;
use super::memory_budget::MemoryReservation;
use super::request::{HttpMethod, HttpRequest, ProxyUse};

/// The environment variable that names a PEM file of trusted CA certificates. OpenSSL and most tools
/// use the same variable.
const CERTIFICATE_FILE_VARIABLE: &str = "SSL_CERT_FILE";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// The longest wait for data: for the head of the response, and for each further part of its body.
const READ_TIMEOUT: Duration = Duration::from_mins(1);

/// The length to which a header is cut for messages.
const MAX_HEADER_BYTES: usize = 1_024;

/// HTTP clients, each built on first use: loading the certificate store takes milliseconds, and most processes of this
/// program never send anything. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Transport {
    shared: Arc<Shared>,
}

struct Shared {
    user_agent: String,
    /// Uses the proxy of the environment.
    proxied: ClientPair,
    direct: ClientPair,
}

/// One client for each URL scheme.
#[derive(Default)]
struct ClientPair {
    https: OnceLock<reqwest::Client>,
    /// Loads no certificates, so plain `http` works on systems that have none.
    http: OnceLock<reqwest::Client>,
}

/// A response whose head has arrived, and whose body has not been read yet.
#[derive(Debug)]
pub struct HttpResponse {
    response: reqwest::Response,
}

/// The body of a response, decompressed. It counts against the memory budget until it is dropped.
#[derive(Debug)]
pub struct HttpBody {
    bytes: Vec<u8>,
    reservation: MemoryReservation,
}

impl Transport {
    /// Builds no HTTP client and reads no certificates yet. `user_agent` is sent with every request.
    pub fn new(user_agent: String) -> Self {
        Self {
            shared: Arc::new(Shared {
                user_agent,
                proxied: ClientPair::default(),
                direct: ClientPair::default(),
            }),
        }
    }

    /// The `User-Agent` of every request.
    pub fn user_agent(&self) -> &str {
        &self.shared.user_agent
    }

    /// Sends a request once and waits for the head of its response. Redirects are not followed.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let builder = self.request_builder(request).await?;
        let response = builder.send().await.map_err(transport_error)?;
        Ok(HttpResponse { response })
    }

    async fn request_builder(&self, request: HttpRequest) -> Result<reqwest::RequestBuilder, TransportError> {
        let client = self.client(&request).await?;
        let mut builder = client.request(request.method.into(), &request.url);
        if let Some(bearer) = &request.bearer {
            builder =
                builder.header(AUTHORIZATION, secret_header_value(&format!("Bearer {}", bearer.expose()))?);
        }
        if let Some((name, value)) = &request.secret_header {
            builder = builder.header(*name, secret_header_value(value.expose())?);
        }
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        Ok(request.body.into_iter().fold(builder, reqwest::RequestBuilder::body))
    }

    async fn client(&self, request: &HttpRequest) -> Result<&reqwest::Client, TransportError> {
        let direct = request.proxy == ProxyUse::Never || is_loopback(&request.url);
        let is_plain_http = request.url.starts_with("http://");
        let pair = if direct { &self.shared.direct } else { &self.shared.proxied };
        let client = if is_plain_http { &pair.http } else { &pair.https };
        if let Some(client) = client.get() {
            return Ok(client);
        }
        // Reading the certificate files may block, so it must not happen on the thread that serves Terraform. If two
        // callers build at once, both use the client that is stored first.
        let shared = Arc::clone(&self.shared);
        let build_task = tokio::task::spawn_blocking(move || shared.build(direct, is_plain_http));
        let new_client =
            build_task.await.unwrap_or_else(|error| Err(TransportError::NotBuilt(error.to_string())))?;
        Ok(client.get_or_init(|| new_client))
    }
}

impl Shared {
    fn build(&self, direct: bool, is_plain_http: bool) -> Result<reqwest::Client, TransportError> {
        let mut builder = reqwest::Client::builder()
            .user_agent(&self.user_agent)
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .redirect(Policy::none())
            .referer(false)
            .gzip(true);
        // The proxy of the environment cannot reach the loopback of this machine.
        if direct {
            builder = builder.no_proxy();
        }
        let builder = if is_plain_http { builder.tls_certs_only([]) } else { add_certificates(builder)? };
        builder.build().map_err(|error| not_built(&error))
    }
}

impl HttpResponse {
    /// The status.
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// A header, looked up case-insensitively and cut to a length suitable for messages. `None` if the header is absent
    /// or not text.
    pub fn header(&self, name: &str) -> Option<String> {
        let text = self.response.headers().get(name)?.to_str().ok()?;
        Some(text.get(..MAX_HEADER_BYTES).unwrap_or(text).to_owned())
    }

    /// All headers that are text.
    pub fn headers(&self) -> Vec<(String, String)> {
        let text_header = |(name, value): (&reqwest::header::HeaderName, &HeaderValue)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        };
        HeaderMap::iter(self.response.headers()).filter_map(text_header).collect()
    }

    /// Reads and decompresses the body. `limit_bytes` and the memory budget of all bodies bound its size.
    pub async fn read(mut self, limit_bytes: usize) -> Result<HttpBody, TransportError> {
        let mut body = HttpBody { bytes: Vec::new(), reservation: MemoryReservation::default() };
        while let Some(chunk) = self
            .response
            .chunk()
            .await
            .map_err(|error| TransportError::ResponseLost(Arc::new(error.without_url())))?
        {
            // The limit applies after decompression, so that a small response cannot expand without bound.
            if body.bytes.len() + chunk.len() > limit_bytes {
                return Err(TransportError::TooLarge { limit_bytes });
            }
            if !body.reservation.try_grow(chunk.len()) {
                return Err(TransportError::ResponseLost(Arc::new(OutOfMemoryBudget)));
            }
            body.bytes.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

impl std::ops::Deref for HttpBody {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Other responses hold so much of the memory budget that the rest is too small.
#[derive(Debug, thiserror::Error)]
#[error("too many large responses came at once")]
struct OutOfMemoryBudget;

/// Prints the user agent only.
impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transport").field("user_agent", &self.shared.user_agent).finish_non_exhaustive()
    }
}

impl From<HttpMethod> for reqwest::Method {
    fn from(method: HttpMethod) -> Self {
        match method {
            HttpMethod::Get => Self::GET,
            HttpMethod::Post => Self::POST,
            HttpMethod::Patch => Self::PATCH,
            HttpMethod::Delete => Self::DELETE,
        }
    }
}

/// A header value that the HTTP library does not print.
fn secret_header_value(text: &str) -> Result<HeaderValue, TransportError> {
    let mut value = HeaderValue::try_from(text).map_err(|_| TransportError::InvalidHeaderValue)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Whether the host of a URL is on this machine. False for an invalid URL.
fn is_loopback(url: &str) -> bool {
    let host = reqwest::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.is_some_and(|host| super::endpoint::is_loopback_host(&host))
}

/// Converts an error of the HTTP library. Only a failure to connect proves that the server has not processed the
/// request. (The library itself retries only requests that the server has certainly not processed.)
fn transport_error(error: reqwest::Error) -> TransportError {
    if error.is_builder() {
        return not_built(&error);
    }
    // The query of the URL may hold opaque tokens. The caller knows the path.
    let error = error.without_url();
    if error.is_connect() {
        TransportError::NotReached(Arc::new(error))
    } else {
        TransportError::ResponseLost(Arc::new(error))
    }
}

fn not_built(error: &reqwest::Error) -> TransportError {
    let source = std::error::Error::source(error).map(ToString::to_string);
    TransportError::NotBuilt(source.unwrap_or_else(|| "no HTTP client".to_owned()))
}

/// Adds the file, because the verifiers of Windows and macOS use only the certificate store of the system.
#[cfg(any(windows, target_vendor = "apple"))]
fn add_certificates(builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, TransportError> {
    let Some(path) = std::env::var_os(CERTIFICATE_FILE_VARIABLE).filter(|path| !path.is_empty()) else {
        return Ok(builder);
    };
    let bundle = file::read(path.as_ref()).map_err(|error| certificate_error(&error))?;
    let certificates =
        reqwest::Certificate::from_pem_bundle(&bundle).map_err(|error| certificate_error(&error))?;
    if certificates.is_empty() {
        return Err(certificate_error(&"it holds no certificate in PEM"));
    }
    Ok(builder.tls_certs_merge(certificates))
}

/// Reads the file only to report a useful error. The verifier reads the variable itself, but it reports an unreadable
/// file only as an absence of certificates, and it does not bound the size of the file.
#[cfg(not(any(windows, target_vendor = "apple")))]
fn add_certificates(builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, TransportError> {
    match std::env::var_os(CERTIFICATE_FILE_VARIABLE).filter(|path| !path.is_empty()) {
        Some(path) => file::read(path.as_ref()).map(|_| builder).map_err(|error| certificate_error(&error)),
        None => Ok(builder),
    }
}

fn certificate_error(error: &dyn std::fmt::Display) -> TransportError {
    TransportError::NotBuilt(format!(
        "the CA certificates that the environment variable {CERTIFICATE_FILE_VARIABLE} names cannot be read: {error}"
    ))
}
