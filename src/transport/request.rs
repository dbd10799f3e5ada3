//! An HTTP request as a value: method, URL, headers, body. Does not know what they mean.

use super::secret::Secret;

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HttpMethod {
    /// Reads an object or a collection.
    Get,
    /// Creates an object, calls an action, or sends a query that does not fit into a URL.
    Post,
    /// Changes members of an object.
    Patch,
    /// Deletes an object.
    Delete,
}

impl HttpMethod {
    /// The name of the method in HTTP, for example `GET`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Whether a request uses a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProxyUse {
    /// The proxy of the environment, if there is one. Loopback is always reached directly.
    FromEnvironment,
    /// No proxy. The metadata service of a virtual machine can only be reached directly.
    Never,
}

/// A request to send. Its debug form shows neither body nor headers.
#[derive(Clone)]
pub struct HttpRequest {
    /// The method.
    pub method: HttpMethod,
    /// The absolute URL.
    pub url: String,
    /// Sent as `Authorization: Bearer …`.
    pub bearer: Option<Secret>,
    /// Another header whose value is secret.
    pub secret_header: Option<(&'static str, Secret)>,
    /// All other headers, as name and value.
    pub headers: Vec<(String, String)>,
    /// The body, with its content type among the headers.
    pub body: Option<Vec<u8>>,
    /// Whether the request uses a proxy.
    pub proxy: ProxyUse,
}

impl HttpRequest {
    /// A request without headers and body that uses the proxy of the environment.
    pub fn new(method: HttpMethod, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            bearer: None,
            secret_header: None,
            headers: Vec::new(),
            body: None,
            proxy: ProxyUse::FromEnvironment,
        }
    }

    /// Adds the bearer token.
    #[must_use]
    pub fn bearer(mut self, token: Secret) -> Self {
        self.bearer = Some(token);
        self
    }

    /// Adds a header with a secret value.
    #[must_use]
    pub fn secret_header(mut self, name: &'static str, value: Secret) -> Self {
        self.secret_header = Some((name, value));
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }
}

impl std::fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let url = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("HttpRequest").field("method", &self.method).field("url", &url).finish_non_exhaustive()
    }
}
