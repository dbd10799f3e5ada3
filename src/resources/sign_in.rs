//! Diagnostics for failed sign-ins and for tokens that Graph rejected. A failed sign-in stops every resource, but only
//! the diagnostic of the first one has the whole message.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::auth::{self, Explanation};
use crate::graph;
use crate::terraform::diagnostic::Diagnostic;

/// Converts a failed sign-in to an error diagnostic. `outcome` is a sentence about the effect on the operation.
pub(super) fn not_signed_in(outcome: &str, error: &auth::Error) -> Diagnostic {
    let explanation = Explanation::from_error(error);
    if error.mark_reported() {
        let detail = format!("{explanation} {outcome}");
        return Diagnostic::error(explanation.summary, detail.trim_end());
    }
    // The diagnostic of each further resource has a summary without a detail. Terraform adds the address of the
    // resource, and may combine errors with the same summary.
    Diagnostic::error(format!("Not signed in; see the error: {}", explanation.summary), "")
}

/// Describes the method, expiry and audience of a rejected token, each in a sentence:
/// ` The sign-in method was client secret.`
pub(super) fn describe_rejected_token(error: &graph::Error) -> String {
    let Some(token) = error.call().and_then(|call| call.refused_token.as_deref()) else {
        return String::new();
    };
    let method = token.method.map(|method| format!(" The sign-in method was {method}."));
    let expiry = token.past_expiry(OffsetDateTime::now_utc().unix_timestamp()).and_then(format_time);
    let expiry = expiry.map(|time| format!(" The token expired at {time}."));
    let audience = token.foreign_audience();
    let audience = audience.map(|audience| format!(" It is for {audience:?}, not for Microsoft Graph."));
    [method, expiry, audience].into_iter().flatten().collect()
}

fn format_time(seconds: i64) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(seconds).ok()?.format(&Rfc3339).ok()
}
