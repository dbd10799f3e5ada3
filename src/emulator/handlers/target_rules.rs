//! Which targets the service accepts for a policy, and how it stores them. `model/target.rs` has checked their
//! shape before.

use crate::emulator::model::assignable::AssignablePolicy;
use crate::emulator::model::assignment::{AssignmentSource, SentAssignment};
use crate::emulator::model::assignment_filter::WINDOWS;
use crate::emulator::model::guid;
use crate::emulator::model::target::{StoredTarget, StoredTargetKind, TargetFilterType};
use crate::emulator::routed_request::RoutedRequest;
use crate::emulator::semantics::PolicySetRow;
use crate::emulator::service_error::{GENERIC, ServiceError};
use crate::emulator::state::TenantState;

/// Means "no filter" in some policy types.
const NO_FILTER: &str = "00000000-0000-0000-0000-000000000000";

/// The assignment as the service stores it: ids in lower case, "no filter" as null and `none`.
pub fn checked(
    request: &RoutedRequest<'_>,
    state: &TenantState,
    policy: &dyn AssignablePolicy,
    sent: SentAssignment,
) -> Result<SentAssignment, ServiceError> {
    if sent.source == AssignmentSource::PolicySets
        && request.semantics().policy_set_row_sent == PolicySetRow::Refuse
    {
        return Err(ServiceError::intune_bad_request(
            "An assignment of a policy set cannot be written here.",
        ));
    }
    if policy.refuses_groups() && sent.target.group_id().is_some() {
        return Err(ServiceError::intune_bad_request(
            "The policy cannot be assigned to Entra groups: disableEntraGroupPolicyAssignment is true.",
        ));
    }
    let kind = checked_kind(request, state, sent.target.kind)?;
    let target = StoredTarget { kind, ..sent.target };
    let filter_id = checked_filter(request, state, policy, &target)?;
    Ok(SentAssignment {
        target: StoredTarget { filter_id, ..target },
        source: AssignmentSource::Direct,
        ..sent
    })
}

fn checked_kind(
    request: &RoutedRequest<'_>,
    state: &TenantState,
    kind: StoredTargetKind,
) -> Result<StoredTargetKind, ServiceError> {
    Ok(match kind {
        StoredTargetKind::Group(id) => StoredTargetKind::Group(checked_group(request, state, &id)?),
        StoredTargetKind::ExclusionGroup(id) => {
            StoredTargetKind::ExclusionGroup(checked_group(request, state, &id)?)
        }
        StoredTargetKind::Collection(id) if !is_collection_id(&id) => {
            return Err(ServiceError::intune_bad_request(GENERIC));
        }
        StoredTargetKind::Foreign { .. } => return Err(ServiceError::intune_bad_request(GENERIC)),
        kind => kind,
    })
}

fn checked_group(request: &RoutedRequest<'_>, state: &TenantState, id: &str) -> Result<String, ServiceError> {
    let group = guid(id).ok_or_else(|| {
        ServiceError::intune_bad_request(format!(
            "Invalid GroupId : {id} provided, a valid AADGroupId is expected."
        ))
    })?;
    request
        .semantics()
        .unknown_group
        .check(state.group(&group).is_none(), || request.unknown_group_message(&group))?;
    Ok(group)
}

/// Whether this is an id of Configuration Manager: eight letters and digits, of which the first three are the site
/// code or `SMS`. A group id is not one.
fn is_collection_id(id: &str) -> bool {
    id.len() == 8 && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn checked_filter(
    request: &RoutedRequest<'_>,
    state: &TenantState,
    policy: &dyn AssignablePolicy,
    target: &StoredTarget,
) -> Result<Option<String>, ServiceError> {
    let filter_id = match target.filter_id.as_deref() {
        None | Some(NO_FILTER) => None,
        Some(sent) => Some(guid(sent).ok_or_else(|| {
            ServiceError::intune_bad_request(format!(
                "Invalid assignment filter id : {sent} provided, a GUID is expected."
            ))
        })?),
    };
    let Some(id) = filter_id else {
        if target.filter_type == TargetFilterType::None {
            return Ok(None);
        }
        return Err(ServiceError::intune_bad_request(
            "An assignment filter type needs an assignment filter id.",
        ));
    };
    if target.filter_type == TargetFilterType::None {
        return Err(ServiceError::intune_bad_request(
            "An assignment filter id needs the filter type include or exclude.",
        ));
    }
    let semantics = request.semantics();
    semantics
        .filter_on_exclusion
        .check(matches!(target.kind, StoredTargetKind::ExclusionGroup(_)), || {
            "An exclusion group cannot have an assignment filter.".to_owned()
        })?;
    let filter = state.filter(&id);
    semantics
        .unknown_filter
        .check(filter.is_none(), || format!("The assignment filter {id} does not exist."))?;
    let foreign = policy.is_for_windows() && filter.is_some_and(|filter| filter.platform != WINDOWS);
    semantics.filter_for_other_platform.check(foreign, || {
        format!("The assignment filter {id} is for another platform than the policy, {WINDOWS}.")
    })?;
    Ok(Some(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collection_ids_have_eight_letters_and_digits() {
        for id in ["SMS00001", "P0100012", "sms00001"] {
            assert!(is_collection_id(id), "{id}");
        }
        for id in ["", "SMS0001", "SMS000001", "SMS-0001", "SMSÄ001", "5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c11"]
        {
            assert!(!is_collection_id(id), "{id}");
        }
    }
}
