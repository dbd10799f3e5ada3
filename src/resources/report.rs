//! The only wording of [`graph::Error`] as diagnostics: what happened, where, what to do next. What is about signing
//! in is worded in [`super::sign_in`].

use std::time::Duration;

use crate::graph;
use crate::graph::call_record::{AttemptSummary, CallRecord, GaveUp};
use crate::graph::{RequestError, ResponseProblem};
use crate::terraform::diagnostic::{Diagnostic, Severity};
use crate::transport::Diagnosis;

use super::sign_in;

use super::deadline::Printed;

/// What was being done when Graph failed, in words for the user.
#[derive(Debug, Clone, Copy)]
pub struct Doing<'a> {
    /// The object: `policy 0b8a…`.
    pub object: &'a str,
    /// Continues "while": `reading its assignments`.
    pub action: &'a str,
    /// The least permission, by Graph's name.
    pub permission: &'a str,
    /// What has come of it: `The state is unchanged.`
    pub outcome: &'a str,
}

/// One failure as a diagnostic without path; callers add one where configuration is the cause.
pub fn graph_error(doing: Doing<'_>, error: &graph::Error) -> Diagnostic {
    if let graph::Error::NotSignedIn(error) = error {
        return sign_in::not_signed_in(doing, error);
    }
    let (fact, what, next) = words(doing, error);
    let object = capitalised(doing.object);
    let place = error
        .call()
        .map(|call| format!("\n{}{}", request_line(call, error.code()), attempts_line(call.attempts)));
    let place = place.unwrap_or_default();
    Diagnostic::error(
        format!("{object}: {fact}"),
        format!(
            "{what} while {}.{place}\nNext: {}",
            doing.action,
            format!("{next} {}", doing.outcome).trim_start()
        ),
    )
}

/// A look-up that failed and is not needed: a warning, with what goes on all the same as its outcome. A sign-in that
/// failed is an error here too: nothing will go on.
pub(super) fn graph_warning(
    summary: impl Into<String>,
    doing: Doing<'_>,
    error: &graph::Error,
) -> Diagnostic {
    let diagnostic = graph_error(doing, error);
    match error {
        graph::Error::NotSignedIn(_) => diagnostic,
        _ => Diagnostic { severity: Severity::Warning, summary: summary.into(), ..diagnostic },
    }
}

/// `Request: GET /beta/…, code ResourceNotFound, request-id …, 2026-01-31T09:12:44Z.`
pub(super) fn request_line(call: &CallRecord, code: Option<&str>) -> String {
    let mut line = format!("Request: {} {}", call.method.as_str(), call.path);
    let status = call.status.map(|status| format!("status {status}"));
    let code = code.filter(|code| !code.is_empty()).map(|code| format!("code {code}"));
    let request_id = call.request_id.as_ref().map(|id| format!("request-id {id}"));
    let client_request_id = Some(format!("client-request-id {}", call.client_request_id));
    for part in [status, code, request_id, client_request_id, call.date.clone()].into_iter().flatten() {
        line.push_str(", ");
        line.push_str(&part);
    }
    line.push('.');
    line
}

/// `Tried 7 times, waited 4m58s, until …`; empty if there was one attempt and no reason for another.
fn attempts_line(attempts: AttemptSummary) -> String {
    let AttemptSummary { count, elapsed, gave_up } = attempts;
    if count == 1 && gave_up.is_none() {
        return String::new();
    }
    let seconds = Duration::from_millis(u64::try_from(elapsed.as_millis() / 100 * 100).unwrap_or(u64::MAX));
    let often = match count {
        0 => "Not sent at all: Microsoft Graph had asked another request to wait, the one above. Waited"
            .to_owned(),
        1 => "Tried once, waited".to_owned(),
        count => format!("Tried {count} times, waited"),
    };
    let end = match gave_up {
        Some(GaveUp::OutOfTime) => ", until the operation had no time left for the next pause",
        Some(GaveUp::Cancelled) => ", until Terraform asked to stop",
        None => "",
    };
    format!("\n{often} {}{end}.", Printed(seconds))
}

/// The fact for the summary, what happened (reads on with "while …"), and what to do next.
///
/// The order matters: what a status says comes before what the shape of a body says.
fn words(doing: Doing<'_>, error: &graph::Error) -> (&'static str, String, String) {
    let happened = || format!("{}. This happened", capitalised(&error.to_string()));
    let again = |when: &str| format!("run the command again{when}.");
    match error {
        _ if error.is_unauthorized() => (
            "Microsoft Graph did not accept the access token",
            format!("The token was refused{}", said(error)),
            format!(
                "get a fresh token; it may have expired, or be meant for another service than Microsoft Graph.{}",
                sign_in::refused_token(error)
            ),
        ),
        _ if error.is_forbidden() => (
            "permission is missing",
            format!("Microsoft Graph refused permission{}", said(error)),
            format!(
                "grant {} to the identity that signed in (as application permission for an app, with admin consent) \
                 and get a new token.{}",
                doing.permission,
                // The directory does not ask for a licence.
                if doing.permission.starts_with("DeviceManagement") {
                    " The same answer comes from a tenant without an Intune licence."
                } else {
                    ""
                }
            ),
        ),
        _ if error.is_resource_not_found() => (
            "Intune does not know it",
            format!("Intune answered that it has no {}; this was noticed", doing.object),
            "check the id, and whether the token belongs to the right tenant.".to_owned(),
        ),
        _ if error.is_throttled() => (
            "Microsoft Graph asks to wait",
            format!("Microsoft Graph limits the number of requests{}; this was noticed", said(error)),
            again(" in a minute"),
        ),
        // What to do then depends on what was being written; the outcome says it.
        _ if error.may_have_taken_effect() => {
            ("it is not known whether the assignments were written", happened(), String::new())
        }
        _ if error.is_unavailable() => (
            "Microsoft Graph is not available",
            format!("The service, or a gateway before it, reported a failure of its own{}; this happened", said(error)),
            again(" later"),
        ),
        _ if matches!(error.status(), Some(409 | 423)) => (
            "the service is busy with it",
            format!("Microsoft Graph reported a conflict or a lock{}; this happened", said(error)),
            again(" in a minute"),
        ),
        graph::Error::NotReached { cause, .. } => {
            ("Microsoft Graph was not reached", happened(), way_advice(Diagnosis::from_cause(cause)))
        }
        graph::Error::Undocumented { problem: ResponseProblem::NotGraph { .. } | ResponseProblem::Redirect { .. }, .. } => (
            "the response is not from Microsoft Graph",
            happened(),
            "a proxy or gateway may have answered instead; check what stands between, then run the command again."
                .to_owned(),
        ),
        graph::Error::Undocumented { .. } => (
            "the response of Microsoft Graph has an unexpected shape",
            happened(),
            "run the command again; if it stays, please report it with the lines above.".to_owned(),
        ),
        graph::Error::Unreadable { .. } => {
            ("the response of Microsoft Graph could not be read", happened(), again(""))
        }
        graph::Error::NotSent(RequestError::ForeignLink { .. }) => (
            "the response leads to another host",
            happened(),
            "check graph_endpoint and what stands between; the access token is never sent elsewhere.".to_owned(),
        ),
        graph::Error::NotSent(_) | graph::Error::NotSignedIn(_) => (
            "the request was not sent",
            format!("{}. This was noticed", capitalised(&error.to_string())),
            "correct the configuration of the provider or of the resource.".to_owned(),
        ),
        graph::Error::Answered { .. } | graph::Error::OutcomeUnknown { .. } => (
            "Microsoft Graph refused the request",
            format!("Microsoft Graph refused the request{}; this happened", said(error)),
            "correct what the message names, then run the command again.".to_owned(),
        ),
    }
}

/// What to do about the way to Graph, by what stands on it.
fn way_advice(diagnosis: Diagnosis) -> String {
    match diagnosis {
        Diagnosis::UntrustedCertificate | Diagnosis::InvalidCertificate | Diagnosis::Proxy => {
            diagnosis.advice()
        }
        _ => None,
    }
    .map_or_else(
        || {
            "check the network, the proxy variables and graph_endpoint, then run the command again."
                .to_owned()
        },
        |advice| format!("{advice}."),
    )
}

/// What Graph said: `: "An error has occurred"`, with phrase and details if there are any.
fn said(error: &graph::Error) -> String {
    let Some(object) = error.object() else { return String::new() };
    let message = Some(&object.message).filter(|message| !message.is_empty());
    let parts: Vec<&str> =
        message.into_iter().chain(&object.phrase).chain(&object.details).map(String::as_str).collect();
    if parts.is_empty() { String::new() } else { format!(" (\"{}\")", parts.join("; ")) }
}

pub(super) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_attempts_are_reported_unless_there_was_only_one() {
        let line = |count, seconds, gave_up| {
            attempts_line(AttemptSummary { count, elapsed: Duration::from_secs_f64(seconds), gave_up })
        };
        assert_eq!(line(1, 3.0, None), "");
        assert_eq!(line(2, 75.26, None), "\nTried 2 times, waited 1m15.2s.");
        assert_eq!(
            line(1, 0.0, Some(GaveUp::OutOfTime)),
            "\nTried once, waited 0s, until the operation had no time left for the next pause."
        );
        assert_eq!(
            line(0, 4.0, Some(GaveUp::Cancelled)),
            "\nNot sent at all: Microsoft Graph had asked another request to wait, the one above. Waited 4s, until \
             Terraform asked to stop."
        );
    }
}
