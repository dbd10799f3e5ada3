//! Converts [`graph::Error`] to diagnostics: what happened, where, what to do next. [`super::sign_in`] does the same
//! for failed sign-ins.

use std::time::Duration;

use crate::graph;
use crate::graph::call_record::{AttemptSummary, CallRecord, GiveUpReason};
use crate::graph::{RequestError, ResponseProblem};
use crate::terraform::diagnostic::{Diagnostic, Severity};
use crate::transport::Diagnosis;

use super::deadline::DisplayDuration;
use super::graph_operation::capitalize;
use super::sign_in;

pub use super::graph_operation::GraphOperation;

/// Converts the error to an error diagnostic. Callers add an attribute path if the configuration is the cause.
pub fn graph_error(operation: GraphOperation<'_>, error: &graph::Error) -> Diagnostic {
    if let graph::Error::NotSignedIn(error) = error {
        return sign_in::not_signed_in(operation.outcome, error);
    }
    let Wording { summary, event, next_step } = explain(operation, error);
    let object = capitalize(operation.object);
    let request = error
        .call()
        .map(|call| format!("\n{}{}", request_line(call, error.code()), retry_line(call.attempts)));
    let request = request.unwrap_or_default();
    Diagnostic::error(
        format!("{object}: {summary}"),
        format!(
            "{event} while {}.{request}\nNext: {}",
            operation.action,
            format!("{next_step} {}", operation.outcome).trim_start()
        ),
    )
}

/// Converts the error of an optional look-up to a warning. A failed sign-in remains an error, because every later
/// request would fail as well.
pub(crate) fn graph_warning(
    summary: impl Into<String>,
    operation: GraphOperation<'_>,
    error: &graph::Error,
) -> Diagnostic {
    let diagnostic = graph_error(operation, error);
    match error {
        graph::Error::NotSignedIn(_) => diagnostic,
        _ => Diagnostic { severity: Severity::Warning, summary: summary.into(), ..diagnostic },
    }
}

/// Describes a request:
/// `Request: GET /beta/…, status 404, code ResourceNotFound, request-id …, client-request-id …, 2026-01-31T09:12:44Z.`
pub(crate) fn request_line(call: &CallRecord, code: Option<&str>) -> String {
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

/// Describes the attempts: `Tried 7 times, waited 4m58s, until …`. Empty after a single attempt that needed no retry.
fn retry_line(attempts: AttemptSummary) -> String {
    let AttemptSummary { count, elapsed, give_up_reason } = attempts;
    if count == 1 && give_up_reason.is_none() {
        return String::new();
    }
    let rounded = Duration::from_millis(u64::try_from(elapsed.as_millis() / 100 * 100).unwrap_or(u64::MAX));
    let attempts_text = match count {
        0 => "Not sent: Microsoft Graph had throttled another request, the one above. Waited".to_owned(),
        1 => "Tried once, waited".to_owned(),
        count => format!("Tried {count} times, waited"),
    };
    let reason = match give_up_reason {
        Some(GiveUpReason::OutOfTime) => ", until the operation had no time left for the next pause",
        Some(GiveUpReason::Cancelled) => ", until Terraform asked to stop",
        None => "",
    };
    format!("\n{attempts_text} {}{reason}.", DisplayDuration(rounded))
}

/// The texts that explain an error.
struct Wording {
    /// Follows the object in the summary: `permission is missing`.
    summary: &'static str,
    /// Begins the detail; "while" and the action follow: `Microsoft Graph denied access`.
    event: String,
    /// Follows "Next:". Empty if the outcome of the operation describes what to do.
    next_step: String,
}

/// Explains an error by its status, if the status identifies the cause; otherwise by the variant of the error.
fn explain(operation: GraphOperation<'_>, error: &graph::Error) -> Wording {
    explain_status(operation, error).unwrap_or_else(|| explain_variant(error))
}

/// Explains errors whose status identifies the cause, and writes with an unknown outcome.
fn explain_status(operation: GraphOperation<'_>, error: &graph::Error) -> Option<Wording> {
    let message = quote_message(error);
    let (summary, event, next_step) = match error {
        _ if error.is_unauthorized() => (
            "Microsoft Graph did not accept the access token",
            format!("Microsoft Graph rejected the token{message}"),
            format!(
                "get a new token. This one may have expired, or may be for another service than Microsoft Graph.{}",
                sign_in::describe_rejected_token(error)
            ),
        ),
        _ if error.is_forbidden() => (
            "permission is missing",
            format!("Microsoft Graph denied access{message}"),
            grant_advice(operation.permission),
        ),
        _ if error.is_resource_not_found() => (
            "it does not exist in Intune",
            format!("Intune answered that it has no {}", operation.object),
            "check the id, and whether the token is for the right tenant.".to_owned(),
        ),
        _ if error.is_throttled() => (
            "Microsoft Graph throttled the request",
            format!("Microsoft Graph throttled the request{message}"),
            "run the command again in a minute.".to_owned(),
        ),
        // What to do next depends on the write, so `operation.outcome` describes it.
        _ if error.may_have_taken_effect() => (
            "it is not known whether the write took effect",
            format!("{}. This happened", capitalize(&error.to_string())),
            String::new(),
        ),
        _ if error.is_unavailable() => (
            "Microsoft Graph is not available",
            format!("Microsoft Graph, or a gateway in front of it, reported an internal failure{message}"),
            "run the command again later.".to_owned(),
        ),
        _ if matches!(error.status(), Some(409 | 423)) => (
            "Microsoft Graph reported a conflict",
            format!("Microsoft Graph reported a conflict or a lock{message}"),
            "run the command again in a minute.".to_owned(),
        ),
        _ => return None,
    };
    Some(Wording { summary, event, next_step })
}

/// Explains other errors by their variant.
fn explain_variant(error: &graph::Error) -> Wording {
    let event = format!("{}. This happened", capitalize(&error.to_string()));
    let (summary, event, next_step) = match error {
        graph::Error::NotReached { cause, .. } => {
            ("Microsoft Graph was not reached", event, network_advice(Diagnosis::from_cause(cause)))
        }
        graph::Error::Undocumented { problem: ResponseProblem::NotGraph { .. } | ResponseProblem::Redirect { .. }, .. } => (
            "the response is not from Microsoft Graph",
            event,
            "a proxy or gateway may have answered instead; check the network path, then run the command again."
                .to_owned(),
        ),
        graph::Error::Undocumented { .. } => (
            "the response of Microsoft Graph has an unexpected shape",
            event,
            "run the command again. If the error persists, please report it with the lines above.".to_owned(),
        ),
        graph::Error::Unreadable { .. } => (
            "the response of Microsoft Graph could not be read",
            event,
            "run the command again.".to_owned(),
        ),
        graph::Error::NotSent(RequestError::ForeignLink { .. }) => (
            "the response links to another host",
            event,
            "check graph_endpoint and the network path. The access token is never sent to another host.".to_owned(),
        ),
        graph::Error::NotSent(RequestError::NotBuilt { .. }) => (
            "the HTTP client could not be set up",
            event,
            network_advice(Diagnosis::NotBuilt),
        ),
        graph::Error::NotSent(_) | graph::Error::NotSignedIn(_) => (
            "the request was not sent",
            event,
            "correct the configuration of the provider or of the resource.".to_owned(),
        ),
        graph::Error::Api { .. } | graph::Error::OutcomeUnknown { .. } => (
            "Microsoft Graph refused the request",
            format!("Microsoft Graph refused the request{}", quote_message(error)),
            "correct what the message names, then run the command again.".to_owned(),
        ),
    };
    Wording { summary, event, next_step }
}

fn grant_advice(permission: &str) -> String {
    // Permissions for the directory do not require an Intune license.
    let license = if permission.starts_with("DeviceManagement") {
        " A tenant without an Intune license gives the same answer."
    } else {
        ""
    };
    format!(
        "grant {permission} to the identity that signed in (for an application, as an application permission with admin \
         consent), then get a new token.{license}"
    )
}

/// What to do about the network path to Graph.
fn network_advice(diagnosis: Diagnosis) -> String {
    match diagnosis {
        Diagnosis::UntrustedCertificate
        | Diagnosis::InvalidCertificate
        | Diagnosis::Proxy
        | Diagnosis::NotBuilt => diagnosis.advice(),
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

/// Graph's message: ` ("An error has occurred")`, with `CustomApiErrorPhrase` and details if there are any.
fn quote_message(error: &graph::Error) -> String {
    let Some(object) = error.object() else { return String::new() };
    let message = Some(&object.message).filter(|message| !message.is_empty());
    let parts: Vec<&str> =
        message.into_iter().chain(&object.phrase).chain(&object.details).map(String::as_str).collect();
    if parts.is_empty() { String::new() } else { format!(" (\"{}\")", parts.join("; ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_reported_unless_there_was_only_one() {
        let line = |count, seconds, give_up_reason| {
            retry_line(AttemptSummary { count, elapsed: Duration::from_secs_f64(seconds), give_up_reason })
        };
        assert_eq!(line(1, 3.0, None), "");
        assert_eq!(line(2, 75.26, None), "\nTried 2 times, waited 1m15.2s.");
        assert_eq!(
            line(1, 0.0, Some(GiveUpReason::OutOfTime)),
            "\nTried once, waited 0s, until the operation had no time left for the next pause."
        );
        assert_eq!(
            line(0, 4.0, Some(GiveUpReason::Cancelled)),
            "\nNot sent: Microsoft Graph had throttled another request, the one above. Waited 4s, until Terraform asked to stop."
        );
    }
}
