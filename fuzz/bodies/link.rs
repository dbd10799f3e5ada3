//! One input for the check of links that an answer gives. What passes leads a URL parser to the endpoint and nowhere
//! else, and neither its path nor its refusal steers a terminal. Does not make inputs and sends nothing.

use azure_core::http::Url;
use terraform_provider_defender::graph::Request;
use terraform_provider_defender::transport::Endpoint;

const ENDPOINTS: [&str; 3] =
    ["https://graph.microsoft.com", "http://127.0.0.1:8400", "https://[2001:db8::1]:8443"];

/// A message is for a terminal, however long the link was.
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
            let sent = Url::parse(&request.absolute_url(&endpoint)).expect("what is sent is a URL");
            assert_eq!(sent.origin(), root.origin(), "{link:?} leads elsewhere");
            assert_eq!((sent.username(), sent.password()), ("", None), "{link:?} brings credentials");
            assert!(!request.path().chars().any(char::is_control), "{link:?}");
        }
        Err(refusal) => {
            let text = refusal.to_string();
            assert!(text.len() <= LONGEST_TEXT, "{} bytes of message", text.len());
            assert!(!text.chars().any(char::is_control), "{text:?} goes to a terminal");
        }
    }
}
