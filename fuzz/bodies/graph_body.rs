//! Runs the parser of Graph's responses on one input. Whatever the body is, only a 404 means that the policy is gone, and
//! messages stay short. Generates no inputs and sends nothing.
//!
//! ```text
//! first byte   status and content type
//! the rest     the body
//! ```

use serde_json::Value;
use terraform_provider_defender::graph::types::{Assignment, AssignmentFilter, Group, Policy};
use terraform_provider_defender::graph::{ApiVersion, CallRecord, Error, Request, Response};
use terraform_provider_defender::transport::Secret;

const STATUSES: [u16; 10] = [200, 201, 204, 302, 400, 401, 403, 404, 429, 503];
const CONTENT_TYPES: [Option<&str>; 3] = [Some("application/json"), None, Some("text/html")];

/// The bound of a message, which may be printed to a terminal.
const MAX_MESSAGE_BYTES: usize = 16 * 1024;

pub fn run(input: &[u8]) {
    let Some((selector, body)) = input.split_first() else { return };
    let status = STATUSES[usize::from(*selector) % STATUSES.len()];
    let content_type = CONTENT_TYPES[usize::from(*selector) / STATUSES.len() % CONTENT_TYPES.len()];
    for request in
        [Request::get(ApiVersion::Beta, &["x"]), Request::post(ApiVersion::Beta, &["x"], Value::Null)]
    {
        let mut call = CallRecord::new(&request, "c".to_owned());
        call.record_head(status, |_| None);
        match Response::parse(call, content_type.map(str::to_owned), None, body, &Secret::new("token")) {
            Ok(response) => {
                assert!(response.call.is_success(), "{status} is not a success");
                decode(&response);
            }
            Err(error) => judge(&error, status),
        }
    }
}

fn decode(response: &Response) {
    let problems = [
        response.clone().decode::<Policy>().err(),
        response.clone().decode::<Assignment>().err(),
        response.clone().decode::<AssignmentFilter>().err(),
        response.clone().decode::<Group>().err(),
        response.clone().decode::<Vec<Assignment>>().err(),
    ];
    for problem in problems.iter().flatten() {
        judge(problem, 200);
    }
}

fn judge(error: &Error, status: u16) {
    let gone = error.is_resource_not_found();
    assert!(!gone || status == 404, "{status} interpreted as not found: {error}");
    let message = error.to_string();
    assert!(message.len() <= MAX_MESSAGE_BYTES, "{} bytes of message", message.len());
    let details = error.object().map_or(0, |object| object.details.iter().map(String::len).sum());
    assert!(details <= MAX_MESSAGE_BYTES, "{details} bytes of details");
    assert!(!message.chars().any(char::is_control), "{message:?} has control characters");
}
