//! Which targets the service takes for a policy, and how it writes them down. The shape has been checked
//! before, in `model/target.rs`.

use crate::emulator::call::Call;
use crate::emulator::errors::{GENERIC, Refusal};
use crate::emulator::model::assignment::{SentAssignment, Source};
use crate::emulator::model::assignment_filter::WINDOWS;
use crate::emulator::model::guid;
use crate::emulator::model::policy::Policy;
use crate::emulator::model::target::{FilterType, Target, TargetKind};
use crate::emulator::state::State;

/// Stands for "no filter" in some families.
const NO_FILTER: &str = "00000000-0000-0000-0000-000000000000";

/// The assignment as the service stores it: ids in lower case, no filter written as null and `none`.
pub fn checked(
    call: &Call<'_>,
    state: &State,
    policy: &Policy,
    sent: SentAssignment,
) -> Result<SentAssignment, Refusal> {
    let inherited = sent.source == Source::PolicySets;
    call.semantics()
        .policy_set_row_sent
        .check(inherited, || "An assignment of a policy set cannot be written here.".to_owned())?;
    let kind = checked_kind(call, state, sent.target.kind)?;
    let target = Target { kind, ..sent.target };
    let filter_id = checked_filter(call, state, policy, &target)?;
    Ok(SentAssignment { target: Target { filter_id, ..target }, source: Source::Direct, ..sent })
}

fn checked_kind(call: &Call<'_>, state: &State, kind: TargetKind) -> Result<TargetKind, Refusal> {
    Ok(match kind {
        TargetKind::Group(id) => TargetKind::Group(checked_group(call, state, &id)?),
        TargetKind::ExclusionGroup(id) => TargetKind::ExclusionGroup(checked_group(call, state, &id)?),
        TargetKind::Collection(id) if !is_collection_id(&id) => {
            return Err(Refusal::intune_bad_request(GENERIC));
        }
        TargetKind::Foreign { .. } => return Err(Refusal::intune_bad_request(GENERIC)),
        kind => kind,
    })
}

fn checked_group(call: &Call<'_>, state: &State, id: &str) -> Result<String, Refusal> {
    let group = guid(id).ok_or_else(|| {
        Refusal::intune_bad_request(format!(
            "Invalid GroupId : {id} provided, a valid AADGroupId is expected."
        ))
    })?;
    call.semantics().unknown_group.check(state.group(&group).is_none(), || call.not_in_the_tenant(&group))?;
    Ok(group)
}

/// A site code or `SMS`, then eight more characters: `SMS00001`, `P0100012`. A group id does not fit.
fn is_collection_id(id: &str) -> bool {
    let letters = id.chars().take_while(char::is_ascii_alphabetic).count();
    (10..=16).contains(&id.len()) && letters >= 2 && id.chars().all(|c| c.is_ascii_alphanumeric())
}

fn checked_filter(
    call: &Call<'_>,
    state: &State,
    policy: &Policy,
    target: &Target,
) -> Result<Option<String>, Refusal> {
    let filter_id = match target.filter_id.as_deref() {
        None | Some(NO_FILTER) => None,
        Some(sent) => Some(guid(sent).ok_or_else(|| {
            Refusal::intune_bad_request(format!(
                "Invalid assignment filter id : {sent} provided, a GUID is expected."
            ))
        })?),
    };
    let Some(id) = filter_id else {
        if target.filter_type == FilterType::None {
            return Ok(None);
        }
        return Err(Refusal::intune_bad_request("An assignment filter type needs an assignment filter id."));
    };
    if target.filter_type == FilterType::None {
        return Err(Refusal::intune_bad_request(
            "An assignment filter id needs the filter type include or exclude.",
        ));
    }
    let semantics = call.semantics();
    semantics.filter_on_exclusion.check(matches!(target.kind, TargetKind::ExclusionGroup(_)), || {
        "An exclusion group cannot have an assignment filter.".to_owned()
    })?;
    let filter = state.filter(&id);
    semantics
        .unknown_filter
        .check(filter.is_none(), || format!("The assignment filter {id} does not exist."))?;
    let foreign = policy.is_defender() && filter.is_some_and(|filter| filter.platform != WINDOWS);
    semantics.filter_for_other_platform.check(foreign, || {
        format!("The assignment filter {id} is for another platform than the policy, {WINDOWS}.")
    })?;
    Ok(Some(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collection_ids_are_a_site_code_and_eight_characters() {
        for id in [
            "SMS00001",
            "",
            "0123456789",
            "SMS-00001234",
            "5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c11",
            "SMSÄ00001234",
        ] {
            assert!(!is_collection_id(id), "{id}");
        }
        for id in ["SMS00000001", "PS100000012", "ABCDEFGH00000001"] {
            assert!(is_collection_id(id), "{id}");
        }
    }
}
