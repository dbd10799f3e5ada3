//! Messages that several operations of this resource share.

use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::Diagnostic;

use super::names::ID;

/// The error if the policy is of another type.
pub(super) fn wrong_type(id: &str, type_name: Option<&str>) -> Diagnostic {
    Diagnostic::error(
        "The policy is not a Defender for Endpoint onboarding policy",
        format!(
            "Policy {id} is of the type {}. This resource manages policies of the type \
             windowsDefenderAdvancedThreatProtectionConfiguration only.\nNext: use the id of a policy that was made with the \
             profile type \"Microsoft Defender for Endpoint\". Nothing was changed.",
            type_name.unwrap_or("unknown")
        ),
    )
    .at(AttributePath::root(ID))
}

/// The error if Terraform asked the provider to stop before the operation sent anything.
pub(super) fn interrupted(object: &str) -> Diagnostic {
    Diagnostic::error(
        format!("{object}: the operation was interrupted"),
        "Terraform asked the provider to stop. Nothing was sent.",
    )
}
