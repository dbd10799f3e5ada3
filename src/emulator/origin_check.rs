//! Protects test control from web pages. Test control needs no token, so a page in a browser must not reach it,
//! neither by a cross-site request nor by a host name of its own (DNS rebinding).

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use serde_json::json;

use super::request::IncomingRequest;
use super::response::ServiceResponse;

/// Refuses a request from a page of another site.
pub fn reject(listen: SocketAddr, incoming: &IncomingRequest) -> Option<ServiceResponse> {
    let authority = incoming.origin.split_once("://").map_or("", |(_, authority)| authority);
    // An emulator that listens beyond loopback may be reached by any name.
    if listen.ip().is_loopback() && !is_loopback(authority) {
        return Some(forbidden("the header Host does not name this machine"));
    }
    let foreign = |origin: &str| !origin.eq_ignore_ascii_case(&incoming.origin);
    if incoming.header("origin").is_some_and(foreign) {
        return Some(forbidden("the header Origin names another site"));
    }
    match incoming.header("sec-fetch-site") {
        None | Some("same-origin" | "none") => None,
        Some(_) => Some(forbidden("a browser sent it for another site")),
    }
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host,
        _ => authority,
    };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || address.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback())
}

fn forbidden(reason: &str) -> ServiceResponse {
    let text = format!("Test control refuses this request: {reason}.");
    ServiceResponse::json(403, json!({"error": {"code": "Forbidden", "message": text}}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        for authority in ["127.0.0.1:8400", "localhost", "LOCALHOST:1", "[::1]:8400", "127.9.9.9"] {
            assert!(is_loopback(authority), "{authority}");
        }
        for authority in
            ["", "evil.example", "127.0.0.1.evil.example:8400", "10.0.0.1", "localhost.evil.example"]
        {
            assert!(!is_loopback(authority), "{authority}");
        }
    }
}
