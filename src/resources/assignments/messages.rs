//! The diagnostics of operations, except for errors of Graph ([`crate::resources::report`]) and refusals of the guards
//! ([`super::refusal`]).

use std::collections::BTreeSet;

use super::session_records::policy_records::Conflict;
use crate::resources::deadline::{Deadline, DisplayDuration};
use crate::resources::timeouts::Operation;
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};

use super::kind::PolicyKind;
use super::model::Assignment;
use super::names::ASSIGNMENTS;
use super::policy::Policy;
use super::refusal::{GroupNames, list};

/// A `moved` block with placeholder names.
fn moved_block(kind: &PolicyKind) -> String {
    let resource_type = kind.resource_type;
    format!("moved {{\n  from = {resource_type}.OLD_NAME\n  to   = {resource_type}.NEW_NAME\n}}")
}

/// A `removed` block with a placeholder name.
fn removed_block(kind: &PolicyKind) -> String {
    format!("removed {{\n  from = {}.NAME\n  lifecycle {{\n    destroy = false\n  }}\n}}", kind.resource_type)
}

/// Two objects in one state manage the same policy.
pub(super) fn managed_twice(id: &str) -> Diagnostic {
    Diagnostic::warning(
        format!("Policy {id} is managed more than once"),
        "The state has the same policy more than once: in two resource instances, or in a deposed object of a \
         replacement. Each replaces the whole set of assignments, so two instances would undo each other's \
         work.\nNext: keep one resource. Remove the other from the state with a \"removed\" block (destroy = false), \
         or, if the address has changed, use a \"moved\" block.",
    )
}

/// Two planned uses of a policy conflict.
pub(super) fn conflict(kind: &PolicyKind, id: &str, conflict: Conflict) -> Diagnostic {
    let diagnostic = match conflict {
        Conflict::CreatedAndManaged => Diagnostic::error(
            format!("Policy {id} is managed at another address already"),
            format!(
                "The plan creates a resource for the policy, and another object of the state manages it: at an \
                 address that the configuration no longer has, at a second address, or as a deposed object of a \
                 replacement. A write replaces the whole set, so destroying one would remove the assignments of the \
                 other. Nothing was written.\nNext: if the address has changed, move the state:\n{}\nIf the \
                 configuration has two resource blocks for the policy on purpose, remove one of them: a policy has \
                 one resource. If the other object is a deposed one, remove the address with terraform state rm and \
                 import the policy.",
                moved_block(kind)
            ),
        ),
        Conflict::ReleasedAndKept => Diagnostic::error(
            format!("Policy {id} has two resources, and the plan removes one of them"),
            format!(
                "Two objects of the state manage the policy. A write replaces the whole set, so destroying one would \
                 remove the assignments of the other, which stays. Nothing was written.\nNext: remove one of them \
                 from the state without destroying it:\n{}\nIf it is a deposed object, remove the address with \
                 terraform state rm and import the policy.",
                removed_block(kind)
            ),
        ),
        Conflict::CreatedTwice => Diagnostic::warning(
            format!("Policy {id} gets two resources"),
            "The plan creates two resources for the policy. A write replaces the whole set, so apply refuses the \
             second.\nNext: put all targets into one resource.",
        ),
    };
    diagnostic.at(AttributePath::root(kind.id_attribute))
}

/// Another create in this run has assigned the policy.
pub(super) fn created_twice(policy: Policy<'_>) -> Diagnostic {
    let id = policy.id;
    Diagnostic::error(
        format!("Policy {id}: another resource of this run has just assigned it"),
        "Two resources of the configuration have the same policy. A write replaces the whole set, so this resource \
         would remove the assignments that the other has written. This resource has sent nothing.\nNext: put all \
         targets into one resource and remove the other from the configuration.",
    )
    .at(AttributePath::root(policy.kind.id_attribute))
}

/// The plan of a create with `overwrite_existing` will replace assignments.
pub(super) fn will_overwrite(id: &str, removed: &BTreeSet<Assignment>, names: &GroupNames) -> Diagnostic {
    Diagnostic::warning(
        format!("Policy {id}: creating the resource replaces what is assigned"),
        format!(
            "overwrite_existing is set. Apply removes these assignments, which the configuration does not \
             contain:\n{}If another address or another provider configuration manages the policy, use a \"moved\" \
             block instead: destroying the old resource would remove the assignments that this resource writes.",
            list(removed, names)
        ),
    )
    .at(AttributePath::root(ASSIGNMENTS))
}

/// A create with `overwrite_existing` has replaced assignments.
pub(super) fn has_overwritten(id: &str, removed: &BTreeSet<Assignment>) -> Diagnostic {
    Diagnostic::warning(
        format!("Policy {id}: existing assignments were replaced"),
        format!(
            "overwrite_existing is set. These assignments were there and were removed:\n{}",
            list(removed, &GroupNames::new())
        ),
    )
    .at(AttributePath::root(ASSIGNMENTS))
}

/// A failed create with `overwrite_existing` may have replaced assignments.
pub(super) fn may_have_overwritten(id: &str, removed: &BTreeSet<Assignment>) -> Diagnostic {
    Diagnostic::warning(
        format!("Policy {id}: existing assignments may have been replaced"),
        format!(
            "overwrite_existing is set, and a write may be in force although the create failed. These assignments \
             were there before:\n{}",
            list(removed, &GroupNames::new())
        ),
    )
    .at(AttributePath::root(ASSIGNMENTS))
}

/// The new policy of a replacement does not exist.
pub(super) fn missing_replacement(kind: &PolicyKind, id: &str, old: &str) -> Diagnostic {
    Diagnostic::error(
        format!("Policy {id} does not exist"),
        format!(
            "The plan moves the resource from policy {old} to this policy, but Intune has no such policy: the id is \
             wrong, or the policy was deleted. Policy {old} was not changed.\nNext: correct {}.",
            kind.id_attribute
        ),
    )
    .at(AttributePath::root(kind.id_attribute))
}

/// Adds a sentence to each diagnostic: the old policy of a replacement was not changed. The diagnostics say why the new
/// policy cannot be assigned.
pub(super) fn old_policy_kept(old: &str, diagnostics: Diagnostics) -> Diagnostics {
    let add_old_policy = |diagnostic: Diagnostic| {
        let detail = format!(
            "{}\nPolicy {old}, which this policy was to replace, was not changed.",
            diagnostic.detail.trim_end()
        );
        Diagnostic { detail, ..diagnostic }
    };
    diagnostics.into_iter().map(add_old_policy).collect()
}

/// The old object for a policy is destroyed after the new one was applied.
pub(super) fn now_managed_by_new_object(id: &str) -> Diagnostic {
    Diagnostic::warning(
        format!("Policy {id} stays assigned: it is now managed at another address"),
        "This run has applied the policy in another object (at another address or by a replacement), so destroying \
         the old one sent nothing and only removed it from the state. If the address has changed, use a \"moved\" \
         block, so that Terraform does not destroy anything.",
    )
}

/// Applying the new object for a policy has failed, so the old one is not destroyed.
pub(super) fn new_object_failed(id: &str) -> Diagnostic {
    Diagnostic::error(
        format!("Policy {id}: the old object is kept, because applying the new object failed"),
        "This run has tried to apply the policy in another object and failed. Destroying the old one now would leave \
         the policy without assignments. This resource has sent nothing, and its state is unchanged.\nNext: fix the \
         cause of the other error, and apply again. If the address has changed, use a \"moved\" block.",
    )
}

/// `skip_destroy` is set.
pub(super) fn stays_assigned(id: &str) -> Diagnostic {
    Diagnostic::warning(
        format!("Policy {id} stays assigned"),
        "skip_destroy is set: destroying the resource only removes it from the state. The policy keeps its assignments, \
         and Terraform does not manage them from then on.",
    )
}

/// The operation timed out before a write. A write in flight is never cancelled.
pub(super) fn timed_out(operation: Operation, deadline: Deadline<'_>, policy: Policy<'_>) -> Diagnostics {
    let name = match operation {
        Operation::Create => "create",
        Operation::Read => "read",
        Operation::Update => "update",
        Operation::Delete => "delete",
    };
    // A refresh takes its time-out from the state. A longer time-out in the configuration has no effect until an apply
    // stores it, and a failed refresh prevents the apply.
    let refresh_hint = match operation {
        Operation::Read => {
            " A refresh uses the time-out in the state: after raising it, run terraform apply -refresh=false once."
        }
        _ => "",
    };
    Diagnostic::error(
        format!("Policy {}: the {name} took too long", policy.id),
        format!(
            "It timed out after {}. {} The state is unchanged.\nNext: if the service is slow, raise the time-out \
             {name} in the timeouts block of the resource.{refresh_hint}",
            DisplayDuration(deadline.limit()),
            policy.describe_writes(),
        ),
    )
    .into()
}
