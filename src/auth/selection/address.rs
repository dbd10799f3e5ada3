//! Checks the addresses to which a sign-in sends a secret. Does not connect.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::transport::Endpoint;

use super::input_error::InputErrorKind;

/// Checks the address at which a pipeline requests its OIDC token. Accepts `https`, and plain `http` on loopback.
pub(super) fn check_request_url(text: &str) -> Result<(), InputErrorKind> {
    let (root, _) = split_root(text)?;
    root.parse::<Endpoint>().map(drop).map_err(InputErrorKind::InvalidEndpoint)
}

/// Checks a metadata address. Accepts `https`, and plain `http` on loopback or to a link-local address, which Azure's
/// metadata services use.
pub(super) fn check_metadata_address(text: &str) -> Result<(), InputErrorKind> {
    let (root, path_and_query) = split_root(text)?;
    // `Endpoint` accepts plain `http` only on loopback, so a link-local address is checked as an `https` address.
    let checked_root = match root.split_once("://") {
        Some((scheme, host)) if scheme.eq_ignore_ascii_case("http") && is_link_local(host) => {
            format!("https://{host}")
        }
        _ => root.to_owned(),
    };
    checked_root.parse::<Endpoint>().map_err(InputErrorKind::InvalidEndpoint)?;
    if path_and_query.trim_start_matches('/').is_empty() || path_and_query.contains('?') {
        return Err(InputErrorKind::InvalidUrl(
            "it must be the complete address, with path and without query, such as \
             http://169.254.169.254/metadata/identity/oauth2/token",
        ));
    }
    Ok(())
}

/// Parses the address of Entra's sign-in service, which Entra calls the authority. Without a scheme, `https` is used.
pub(super) fn parse_authority(text: &str) -> Result<Endpoint, InputErrorKind> {
    let text = text.trim();
    let url = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    url.parse().map_err(InputErrorKind::InvalidEndpoint)
}

/// Splits a URL into its root (scheme, host and port) and the remainder.
fn split_root(text: &str) -> Result<(&str, &str), InputErrorKind> {
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.contains(['#', '\\']) {
        return Err(InputErrorKind::InvalidUrl(
            "it must not contain white space, a backslash, a fragment (#) or characters outside ASCII",
        ));
    }
    let host_start = text.find("://").map_or(0, |at| at + 3);
    let from_host = text.get(host_start..);
    let root_end = from_host.and_then(|text| text.find(['/', '?'])).map_or(text.len(), |at| host_start + at);
    Ok(text.split_at(root_end))
}

fn is_link_local(host_and_port: &str) -> bool {
    let host = match host_and_port.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host,
        _ => host_and_port,
    };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    address.parse::<Ipv4Addr>().is_ok_and(|address| address.is_link_local())
        || address.parse::<Ipv6Addr>().is_ok_and(|address| address.is_unicast_link_local())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metadata_address_may_use_http_only_on_loopback_and_link_local() {
        for text in [
            "http://169.254.169.254/metadata/identity/oauth2/token",
            "http://169.254.1.2:8080/x",
            "http://[fe80::1]/x",
            "http://127.0.0.1:1/x",
            "http://localhost/x",
            "https://identity.example/x",
        ] {
            assert_eq!(check_metadata_address(text), Ok(()), "{text}");
        }
        for text in [
            "http://10.0.0.1/x",
            "http://identity.example/x",
            "http://169.254.169.254.evil.example/x",
            "http://169.254.169.254@evil.example/x",
            "http://[fd00::1]/x",
            "ftp://169.254.169.254/x",
            "169.254.169.254/x",
            "https://identity.example",
            "https://identity.example/",
            "https://identity.example/x?y",
            "https://identity.example/x y",
        ] {
            assert!(check_metadata_address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_request_url_uses_https_or_loopback() {
        for text in ["https://run.actions.example/token?api-version=2", "http://127.0.0.1:8400/oidc?x=a@b"] {
            assert_eq!(check_request_url(text), Ok(()), "{text}");
        }
        for text in [
            "http://run.actions.example/token",
            "http://169.254.169.254/x",
            "token",
            "https://a@b/",
            "https://a\\b/",
            "",
        ] {
            assert!(check_request_url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_authority_without_scheme_uses_https() {
        for (text, expected) in [
            ("login.microsoftonline.us", "https://login.microsoftonline.us"),
            ("https://login.microsoftonline.us/", "https://login.microsoftonline.us"),
            ("http://127.0.0.1:8400", "http://127.0.0.1:8400"),
            ("127.0.0.1:8400", "https://127.0.0.1:8400"),
        ] {
            assert_eq!(parse_authority(text).unwrap().to_string(), expected);
        }
        for text in ["http://login.microsoftonline.us", "login.microsoftonline.us/tenant", ""] {
            assert!(parse_authority(text).is_err(), "{text}");
        }
    }
}
