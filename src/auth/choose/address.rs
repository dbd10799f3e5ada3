//! Addresses with a path that a sign-in may ask: which are safe to send something secret to. Does not connect.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::transport::Endpoint;

use super::mistake::Fact;

/// Where a pipeline's token is asked for: `https`, or plain `http` on loopback.
pub(super) fn request_url(text: &str) -> Result<(), Fact> {
    let (root, _) = split(text)?;
    root.parse::<Endpoint>().map(drop).map_err(Fact::NotAddressRoot)
}

/// A metadata address: as a request URL, and plain `http` to a link-local address too, where the metadata services of
/// Azure are.
pub(super) fn metadata(text: &str) -> Result<(), Fact> {
    let (root, rest) = split(text)?;
    let secure = match root.split_once("://") {
        Some((scheme, authority)) if scheme.eq_ignore_ascii_case("http") && is_link_local(authority) => {
            format!("https://{authority}")
        }
        _ => root.to_owned(),
    };
    secure.parse::<Endpoint>().map_err(Fact::NotAddressRoot)?;
    if rest.trim_start_matches('/').is_empty() || rest.contains('?') {
        return Err(Fact::NotAddress(
            "it must be the whole address with path and without query, such as \
             http://169.254.169.254/metadata/identity/oauth2/token",
        ));
    }
    Ok(())
}

/// The authority; people write it with and without scheme.
pub(super) fn authority(text: &str) -> Result<Endpoint, Fact> {
    let text = text.trim();
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    whole.parse().map_err(Fact::NotRoot)
}

/// Scheme, host and port, and what follows them.
fn split(text: &str) -> Result<(&str, &str), Fact> {
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.contains(['#', '\\']) {
        return Err(Fact::NotAddress(
            "it must not hold white space, a backslash, a fragment (#) or characters outside ASCII",
        ));
    }
    let host = text.find("://").map_or(0, |at| at + 3);
    let end = text.get(host..).and_then(|rest| rest.find(['/', '?'])).map_or(text.len(), |at| host + at);
    Ok(text.split_at(end))
}

fn is_link_local(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host,
        _ => authority,
    };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    address.parse::<Ipv4Addr>().is_ok_and(|address| address.is_link_local())
        || address.parse::<Ipv6Addr>().is_ok_and(|address| address.is_unicast_link_local())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metadata_address_may_be_plain_on_loopback_and_link_local_only() {
        for text in [
            "http://169.254.169.254/metadata/identity/oauth2/token",
            "http://169.254.1.2:8080/x",
            "http://[fe80::1]/x",
            "http://127.0.0.1:1/x",
            "http://localhost/x",
            "https://identity.example/x",
        ] {
            assert_eq!(metadata(text), Ok(()), "{text}");
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
            assert!(metadata(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_request_url_is_asked_securely_or_on_this_machine() {
        for text in ["https://run.actions.example/token?api-version=2", "http://127.0.0.1:8400/oidc?x=a@b"] {
            assert_eq!(request_url(text), Ok(()), "{text}");
        }
        for text in [
            "http://run.actions.example/token",
            "http://169.254.169.254/x",
            "token",
            "https://a@b/",
            "https://a\\b/",
            "",
        ] {
            assert!(request_url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_authority_without_scheme_is_asked_securely() {
        for (text, expected) in [
            ("login.microsoftonline.us", "https://login.microsoftonline.us"),
            ("https://login.microsoftonline.us/", "https://login.microsoftonline.us"),
            ("http://127.0.0.1:8400", "http://127.0.0.1:8400"),
            ("127.0.0.1:8400", "https://127.0.0.1:8400"),
        ] {
            assert_eq!(authority(text).unwrap().to_string(), expected);
        }
        for text in ["http://login.microsoftonline.us", "login.microsoftonline.us/tenant", ""] {
            assert!(authority(text).is_err(), "{text}");
        }
    }
}
