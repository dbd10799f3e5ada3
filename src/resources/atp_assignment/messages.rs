//! What the operations have to say beside the errors of Graph and the refusals of the guards.

use crate::resources::deadline::{Deadline, Printed};
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};

use super::model::Operation;

/// Two instances in one state own the same policy.
pub(super) fn managed_twice(id: &str) -> Diagnostic {
    Diagnostic::warning(
        format!("Policy {id} is managed more than once"),
        "The state has the same policy more than once: in two resource instances, or in an old object that a \
         replacement has left over. Each replaces the whole set of assignments, so two instances would undo each \
         other's work.\nNext: keep one. Take the other out with a \"removed\" block (destroy = false), or, if the \
         address has changed, use a \"moved\" block. An old object goes with the next apply.",
    )
}

/// The old object of a policy is destroyed after the new one was applied.
pub(super) fn managed_elsewhere(id: &str) -> Diagnostic {
    Diagnostic::warning(
        format!("Policy {id} stays assigned: it is now managed at another address"),
        "This run has applied the policy in another resource object (at another address, or a replacement), so \
         destroying the old one sent nothing and only dropped its entry from the state. If the address has changed, \
         use a \"moved\" block; then nothing is destroyed in the first place.",
    )
}

/// The old object of a policy is to be destroyed after applying the new one has failed.
pub(super) fn failed_elsewhere(id: &str) -> Diagnostic {
    Diagnostic::error(
        format!("Policy {id}: the old object is kept, since the new one failed"),
        "This run has tried to apply the policy in another resource object and failed. Destroying the old one now \
         would leave the policy assigned to nobody. Nothing was written, and the state is unchanged.\nNext: mend what \
         the other error names, and apply again. If the address has changed, use a \"moved\" block.",
    )
}

/// Terraform asked to stop before anything was written.
pub(super) fn interrupted(id: &str) -> Diagnostic {
    Diagnostic::error(
        format!("Policy {id}: the operation was interrupted"),
        "Terraform asked the provider to stop. Nothing was written, and the state is unchanged.",
    )
}

/// `skip_destroy` is set.
pub(super) fn stays_assigned(id: &str) -> Diagnostic {
    Diagnostic::warning(
        format!("Policy {id} stays assigned"),
        "skip_destroy is set: destroying the resource only drops it from the state. The policy keeps its assignments, \
         and nobody manages them from then on.",
    )
}

/// The operation was given up. A write under way is never cut short, so nothing was written.
pub(super) fn timed_out(
    operation: Operation,
    deadline: Deadline<'_>,
    device_configuration_id: &str,
) -> Diagnostics {
    let name = match operation {
        Operation::Create => "create",
        Operation::Read => "read",
        Operation::Update => "update",
        Operation::Delete => "delete",
    };
    Diagnostic::error(
        format!("Policy {device_configuration_id}: the {name} took too long"),
        format!(
            "It was given up after {}. Nothing was written, and the state is unchanged.\nNext: if the service is slow, \
             raise the time-out {name} in the timeouts block of the resource.",
            Printed(deadline.limit())
        ),
    )
    .into()
}
