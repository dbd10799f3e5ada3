//! Messages that several data sources share.

use crate::graph;
use crate::resources::report;
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::Diagnostic;

/// The error if there is no policy with the configured id.
pub(super) fn policy_not_found(id: &str, id_attribute: &str, error: &graph::Error) -> Diagnostic {
    let place = error.call().map(|call| report::request_line(call, error.code())).unwrap_or_default();
    Diagnostic::error(
        format!("Policy {id} does not exist"),
        format!(
            "Intune has no such policy.\n{place}\nNext: check {id_attribute}, and whether the token belongs to the right \
             tenant."
        ),
    )
    .at(AttributePath::root(id_attribute))
}
