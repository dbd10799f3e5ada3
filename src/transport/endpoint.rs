//! The root address of a service, and whether a link belongs to it. Does not connect.
//!
//! ```text
//! https://graph.microsoft.com     http://127.0.0.1:8400/     https://[2001:db8::1]:8443
//! ```
//!
//! Not supported: a path (not even a version), user information, a query, a fragment, non-ASCII host names.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::text::is_printable;

/// The root of a service: scheme, host and port. It has no version of Graph and no tenant of Entra.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    scheme: Scheme,
    /// In lower case; an IPv6 address in brackets.
    host: String,
    port: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Scheme {
    Http,
    Https,
}

/// Why a text is not the root of a service. Holds no part of the text that could be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// The text is empty.
    #[error("it is empty; give scheme and host, such as https://graph.microsoft.com")]
    Empty,
    /// The text does not start with `https://` or `http://`.
    #[error("it must begin with https:// (http:// is possible on loopback only)")]
    Scheme,
    /// There is a user name or password before the host.
    #[error("it must not hold a user name or password")]
    UserInformation,
    /// There is a query.
    #[error("it must not hold a query (?)")]
    Query,
    /// There is a fragment.
    #[error("it must not hold a fragment (#)")]
    Fragment,
    /// There is a path, most often a version.
    #[error("it must end after host and port, without {path:?}; the rest is added for each request")]
    Path {
        /// The path.
        path: String,
    },
    /// The host is missing or not a host name or address.
    #[error("{host:?} is not a host name or IP address")]
    Host {
        /// The host.
        host: String,
    },
    /// The port is not a number from 1 to 65535.
    #[error("{port:?} is not a port number from 1 to 65535")]
    Port {
        /// The port.
        port: String,
    },
    /// `http` with a host that is not on this machine: the token could be read in transit.
    #[error(
        "plain http is possible on loopback only (127.0.0.0/8, ::1, localhost), not to {host:?}; use https"
    )]
    PlainHttp {
        /// The host.
        host: String,
    },
}

impl Endpoint {
    /// Parses a root address. Accepts plain `http` for loopback hosts, and for `plain_http_host`.
    ///
    /// # Errors
    /// The text is not the root of a service.
    pub fn parse(text: &str, plain_http_host: Option<&str>) -> Result<Self, EndpointError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(EndpointError::Empty);
        }
        let (scheme, rest) = split_scheme(text).ok_or(EndpointError::Scheme)?;
        refuse_unsupported_parts(rest)?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if !path.trim_end_matches('/').is_empty() {
            return Err(EndpointError::Path { path: path.to_owned() });
        }
        let (host, port) = parse_authority(authority, scheme)?;
        let endpoint = Self { scheme, host, port };
        if endpoint.is_readable_in_transit() && plain_http_host != Some(endpoint.host.as_str()) {
            return Err(EndpointError::PlainHttp { host: endpoint.host });
        }
        Ok(endpoint)
    }

    /// The host in lower case; an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether others can read the requests in transit, because they use plain `http` to another machine.
    pub fn is_readable_in_transit(&self) -> bool {
        self.scheme == Scheme::Http && !self.is_loopback()
    }

    /// Whether the host is on this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback_host(&self.host)
    }

    /// Whether an absolute URL has the scheme, host and port of this endpoint. Only such a URL may get the token.
    ///
    /// Stricter than a URL parser: false for a URL that two parsers could interpret differently.
    pub fn is_origin_of(&self, link: &str) -> bool {
        // Messages show the path of the link, and URL parsers ignore some of the unprintable characters.
        if !is_printable(link) {
            return false;
        }
        let Some((scheme, rest)) = split_scheme(link) else { return false };
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        path.starts_with('/')
            && parse_authority(authority, scheme)
                .is_ok_and(|(host, port)| scheme == self.scheme && host == self.host && port == self.port)
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        Self::parse(text, None)
    }
}

/// The root without a trailing slash and without the default port of the scheme.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.scheme == Scheme::Https { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.host)?;
        if self.port == self.scheme.default_port() { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

impl Scheme {
    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// Whether a host is on this machine. An IPv6 address may have brackets.
pub(super) fn is_loopback_host(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || address.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback())
}

fn split_scheme(text: &str) -> Option<(Scheme, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    match scheme.to_ascii_lowercase().as_str() {
        "https" => Some((Scheme::Https, rest)),
        "http" => Some((Scheme::Http, rest)),
        _ => None,
    }
}

fn refuse_unsupported_parts(rest: &str) -> Result<(), EndpointError> {
    // User information is checked first, because the other messages quote parts of the text.
    if rest.contains('@') {
        return Err(EndpointError::UserInformation);
    }
    if rest.contains('#') {
        return Err(EndpointError::Fragment);
    }
    if rest.contains('?') { Err(EndpointError::Query) } else { Ok(()) }
}

fn parse_authority(authority: &str, scheme: Scheme) -> Result<(String, u16), EndpointError> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let host = host.to_ascii_lowercase();
    if !is_host(&host) {
        return Err(EndpointError::Host { host });
    }
    let port = port.map_or(Ok(scheme.default_port()), parse_port)?;
    Ok((host, port))
}

fn is_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return inner.parse::<Ipv6Addr>().is_ok();
    }
    !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

fn parse_port(text: &str) -> Result<u16, EndpointError> {
    let port = text.parse().ok().filter(|port| *port != 0 && text.bytes().all(|byte| byte.is_ascii_digit()));
    port.ok_or_else(|| EndpointError::Port { port: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_accepted_for_one_named_host() {
        let endpoint = Endpoint::parse("http://Emulator:8400/", Some("emulator")).unwrap();
        assert_eq!(endpoint.to_string(), "http://emulator:8400");
        assert!(endpoint.is_readable_in_transit());
        for host in ["other", "emulator.example", ""] {
            let refused = Endpoint::parse("http://emulator:8400", Some(host));
            assert_eq!(refused, Err(EndpointError::PlainHttp { host: "emulator".to_owned() }));
        }
        for text in ["https://emulator:8400", "http://127.0.0.1:8400"] {
            assert!(!Endpoint::parse(text, Some("emulator")).unwrap().is_readable_in_transit(), "{text}");
        }
    }

    fn endpoint(text: &str) -> Endpoint {
        text.parse().unwrap()
    }

    #[test]
    fn a_root_is_accepted_and_printed_in_canonical_form() {
        for (text, printed) in [
            ("https://graph.microsoft.com", "https://graph.microsoft.com"),
            ("https://graph.microsoft.com/", "https://graph.microsoft.com"),
            ("HTTPS://Graph.Microsoft.com:443/", "https://graph.microsoft.com"),
            ("http://127.0.0.1:8400", "http://127.0.0.1:8400"),
            ("http://127.9.9.9:8400/", "http://127.9.9.9:8400"),
            ("http://localhost", "http://localhost"),
            ("http://[::1]:8400", "http://[::1]:8400"),
            (" https://[2001:db8::1]:8443 ", "https://[2001:db8::1]:8443"),
        ] {
            assert_eq!(endpoint(text).to_string(), printed);
        }
    }

    #[test]
    fn anything_but_a_root_is_refused_with_a_reason() {
        for (text, reason) in [
            (" ", "it is empty"),
            ("graph.microsoft.com", "must begin with https://"),
            ("ftp://graph.microsoft.com", "must begin with https://"),
            ("https://graph.microsoft.com/beta", "without \"/beta\""),
            ("https://graph.microsoft.com?x=1", "query"),
            ("https://graph.microsoft.com/#x", "fragment"),
            ("https://", "not a host name"),
            ("https://graph microsoft.com", "not a host name"),
            ("https://[::1", "not a host name"),
            ("https://graph.microsoft.com:", "not a port"),
            ("https://graph.microsoft.com:0", "not a port"),
            ("https://graph.microsoft.com:+80", "not a port"),
            ("http://graph.microsoft.com", "plain http"),
            ("http://localhost.example.com", "plain http"),
            ("http://10.0.0.1", "plain http"),
        ] {
            let error = text.parse::<Endpoint>().unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn a_password_in_the_address_is_refused_and_not_shown() {
        let error = "https://user:hunter2@graph.microsoft.com/beta?x".parse::<Endpoint>().unwrap_err();
        assert_eq!(error, EndpointError::UserInformation);
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn only_links_with_the_same_scheme_host_and_port_belong() {
        let graph = endpoint("https://graph.microsoft.com");
        assert!(graph.is_origin_of("https://graph.microsoft.com/beta/x?$skiptoken=a:b@c"));
        assert!(graph.is_origin_of("https://GRAPH.microsoft.com:443/beta/x"));
        for link in [
            "http://graph.microsoft.com/beta/x",
            "https://graph.microsoft.com:8443/beta/x",
            "https://graph.microsoft.com.evil.example/beta/x",
            "https://graph.microsoft.com@evil.example/beta/x",
            "https://evil.example\\@graph.microsoft.com/beta/x",
            "https://graph.micro\tsoft.com/beta/x",
            "https:\\\\graph.microsoft.com/beta/x",
            "//graph.microsoft.com/beta/x",
            "https://graph.microsoft.com/be\nta/x",
            "https://graph.microsoft.com/beta/\u{202e}x",
            "/beta/x",
            "",
        ] {
            assert!(!graph.is_origin_of(link), "{link}");
        }
    }
}
