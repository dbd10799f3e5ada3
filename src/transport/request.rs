//! A request as it goes out: method, URL, headers, body. Decides nothing about what they mean.

use super::secret::Secret;

/// The methods in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Calls an action, creates, or reads by a body that does not fit into an address.
    Post,
    /// Changes some members.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// `GET` and so on.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Which way a request takes out of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// Through the proxy that the environment names, if it names one; to loopback without.
    Usual,
    /// Never through a proxy: the metadata service of a virtual machine is reached directly or not at all.
    Direct,
}

/// A request about to be sent. Its debug form shows neither body nor header values.
#[derive(Clone)]
pub struct Outgoing {
    /// The method.
    pub method: Method,
    /// The absolute URL.
    pub url: String,
    /// Sent as `Authorization: Bearer …`.
    pub bearer: Option<Secret>,
    /// Another header whose value is secret.
    pub secret_header: Option<(&'static str, Secret)>,
    /// All other headers, by name.
    pub headers: Vec<(String, String)>,
    /// The body, with its content type among the headers.
    pub body: Option<Vec<u8>>,
    /// Which way it takes.
    pub way: Way,
}

impl Outgoing {
    /// A request without headers and body that takes the usual way.
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        let (url, way) = (url.into(), Way::Usual);
        Self { method, url, bearer: None, secret_header: None, headers: Vec::new(), body: None, way }
    }

    /// With the bearer token.
    #[must_use]
    pub fn bearer(mut self, token: Secret) -> Self {
        self.bearer = Some(token);
        self
    }

    /// With a header whose value is secret.
    #[must_use]
    pub fn secret_header(mut self, name: &'static str, value: Secret) -> Self {
        self.secret_header = Some((name, value));
        self
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// With a body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }
}

impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let url = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("Outgoing").field("method", &self.method).field("url", &url).finish_non_exhaustive()
    }
}
