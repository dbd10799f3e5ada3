//! Sign-ins that failed and tokens that Graph refused, as diagnostics. A failed sign-in is told whole once, however
//! many resources it stops.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::auth::{self, Explanation};
use crate::graph;
use crate::terraform::diagnostic::Diagnostic;

use super::report::{Doing, capitalised};

/// Always an error: without a token there is nothing to go on with.
pub(super) fn not_signed_in(doing: Doing<'_>, error: &auth::Error) -> Diagnostic {
    let explanation = Explanation::of(error);
    if error.is_first_told() {
        let detail = format!("{explanation} {}", doing.outcome);
        return Diagnostic::error(explanation.summary, detail.trim_end());
    }
    let detail = format!(
        "Not signed in; see the diagnostic \"{}\" of this run. {}",
        explanation.summary, doing.outcome
    );
    Diagnostic::error(format!("{}: not signed in", capitalised(doing.object)), detail.trim_end())
}

/// What can be told of the token that was refused, each as a sentence: ` It was got with client secret.`
pub(super) fn refused_token(error: &graph::Error) -> String {
    let Some(token) = error.call().and_then(|call| call.refused_token.as_deref()) else {
        return String::new();
    };
    let method = token.method.map(|method| format!(" The sign-in method was {method}."));
    let expired = token.expired_before(OffsetDateTime::now_utc().unix_timestamp()).and_then(printed);
    let expired = expired.map(|time| format!(" The token expired at {time}."));
    let audience = token.foreign_audience();
    let audience =
        audience.map(|audience| format!(" It is meant for {audience:?}, not for Microsoft Graph."));
    [method, expired, audience].into_iter().flatten().collect()
}

fn printed(seconds: i64) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(seconds).ok()?.format(&Rfc3339).ok()
}
