//! What the operations have to say beside the errors of Graph and the refusals of the guards.

use crate::resources::deadline::{Deadline, Printed};
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};

use super::model::Operation;

/// Two instances in one state own the same policy.
pub(super) fn managed_twice(id: &str) -> Diagnostic {
    Diagnostic::warning(
        format!("Policy {id} is managed more than once"),
        "Two resource instances of this configuration have the same policy in their state. Each replaces the whole \
         set of assignments, so they would undo each other's work.\nNext: keep one. Take the other out with a \
         \"removed\" block (destroy = false), or, if the policy was renamed in the configuration, use a \"moved\" block.",
    )
}

/// The old address of a policy is destroyed after the new one was applied.
pub(super) fn managed_elsewhere(id: &str) -> Diagnostic {
    Diagnostic::warning(
        format!("Policy {id} stays assigned: it is now managed at another address"),
        "This run has written the policy at another address, so destroying the old one removed nothing from the \
         policy. Only its entry in the state was dropped. Use a \"moved\" block when an address changes; then nothing \
         is destroyed in the first place.",
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

/// The operation was given up. A write may be under way then, and a create has no state to refresh.
pub(super) fn timed_out(
    operation: Operation,
    deadline: Deadline,
    device_configuration_id: &str,
) -> Diagnostics {
    let (name, what) = match operation {
        Operation::Create => (
            "create",
            "Whether anything was written is not known. No state was saved: apply again, and the create compares with \
             what is there before it writes.",
        ),
        Operation::Read => ("read", "Nothing was written, and the state is unchanged."),
        Operation::Update | Operation::Delete => (
            if operation == Operation::Update { "update" } else { "delete" },
            "Whether anything was written is not known. Run terraform plan, which reads what is really there.",
        ),
    };
    Diagnostic::error(
        format!("Policy {device_configuration_id}: the {name} took too long"),
        format!(
            "It was given up after {}. {what}\nNext: if the service is slow, raise the time-out {name} in the timeouts \
             block of the resource.",
            Printed(deadline.limit())
        ),
    )
    .into()
}
