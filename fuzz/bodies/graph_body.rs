//! Checks the decoding of Graph responses with one input. Only a 404 may mean that the policy no longer exists, and
//! messages must be short. Neither generates inputs nor sends requests.
//!
//! ```text
//! first byte   status and content type
//! the rest     the body
//! ```

use serde_json::Value;
use terraform_provider_defender::graph::types::{Assignment, AssignmentFilter, DeviceConfiguration, Group};
use terraform_provider_defender::graph::{Answer, Call, Error, Request, Version};
use terraform_provider_defender::transport::Secret;

const STATUSES: [u16; 10] = [200, 201, 204, 302, 400, 401, 403, 404, 429, 503];
const CONTENT_TYPES: [Option<&str>; 3] = [Some("application/json"), None, Some("text/html")];

/// The limit for messages, in bytes.
const LONGEST_SENTENCE: usize = 16 * 1024;

pub fn run(input: &[u8]) {
    let Some((selector, body)) = input.split_first() else { return };
    let status = STATUSES[usize::from(*selector) % STATUSES.len()];
    let content_type = CONTENT_TYPES[usize::from(*selector) / STATUSES.len() % CONTENT_TYPES.len()];
    for request in [Request::get(Version::Beta, &["x"]), Request::post(Version::Beta, &["x"], Value::Null)] {
        let mut call = Call::new(&request, "c".to_owned());
        call.note(status, |_| None);
        match Answer::read(call, content_type.map(str::to_owned), None, body, &Secret::new("token")) {
            Ok(answer) => {
                assert!(answer.call.succeeded(), "{status} is not a success");
                decode(&answer);
            }
            Err(error) => judge(&error, status),
        }
    }
}

fn decode(answer: &Answer) {
    let problems = [
        answer.clone().decode::<DeviceConfiguration>().err(),
        answer.clone().decode::<Assignment>().err(),
        answer.clone().decode::<AssignmentFilter>().err(),
        answer.clone().decode::<Group>().err(),
        answer.clone().decode::<Vec<Assignment>>().err(),
    ];
    for problem in problems.iter().flatten() {
        judge(problem, 200);
    }
}

fn judge(error: &Error, status: u16) {
    let gone = error.is_resource_not_found() || error.is_group_not_found();
    assert!(!gone || status == 404, "{status} interpreted as not found: {error}");
    let sentence = error.to_string();
    assert!(sentence.len() <= LONGEST_SENTENCE, "{} bytes of message", sentence.len());
    let details = error.object().map_or(0, |object| object.details.iter().map(String::len).sum());
    assert!(details <= LONGEST_SENTENCE, "{details} bytes of details");
    assert!(!sentence.chars().any(char::is_control), "{sentence:?} has control characters");
}
