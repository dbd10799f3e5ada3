//! Checks the validation of links in responses with one input. An accepted link must have the origin of the endpoint
//! for a URL parser too, and neither its path nor an error may contain control characters. Neither generates inputs
//! nor sends requests.

use azure_core::http::Url;
use terraform_provider_defender::graph::Request;
use terraform_provider_defender::transport::Endpoint;

const ENDPOINTS: [&str; 3] =
    ["https://graph.microsoft.com", "http://127.0.0.1:8400", "https://[2001:db8::1]:8443"];

/// The limit for messages, in bytes.
const LONGEST_TEXT: usize = 1024;

pub fn run(input: &[u8]) {
    let Ok(link) = std::str::from_utf8(input) else { return };
    for endpoint in ENDPOINTS {
        check(link, endpoint);
    }
}

fn check(link: &str, endpoint: &str) {
    let root = Url::parse(endpoint).unwrap();
    let endpoint: Endpoint = endpoint.parse().unwrap();
    let request = Request::link(link);
    match request.check(&endpoint) {
        Ok(()) => {
            let sent = Url::parse(&request.absolute_url(&endpoint)).expect("an accepted link is a URL");
            assert_eq!(sent.origin(), root.origin(), "{link:?} has another origin");
            assert_eq!((sent.username(), sent.password()), ("", None), "{link:?} contains credentials");
            assert!(!request.path().chars().any(char::is_control), "{link:?}");
        }
        Err(refusal) => {
            let text = refusal.to_string();
            assert!(text.len() <= LONGEST_TEXT, "{} bytes of message", text.len());
            assert!(!text.chars().any(char::is_control), "{text:?} has control characters");
        }
    }
}
