//! Stale reads: rows that were just written, policies and groups that were just created. The tenant state always
//! holds the truth; a stale read hides a part of it for a number of calls.

use crate::emulator::model::assignment::StoredAssignment;
use crate::emulator::model::group::StoredGroup;
use crate::emulator::response::ServiceResponse;
use crate::emulator::service_error::ServiceError;
use crate::emulator::state::TenantState;

use super::hidden_policies::{HiddenPolicies, PoliciesSetAside, PolicyKey};
use super::rule::{FaultCandidate, FaultEffect};

/// The stale reads in effect.
#[derive(Debug, Default)]
pub struct StaleReads {
    rows: Vec<StaleRows>,
    policies: HiddenPolicies,
}

/// The rows of a policy before an `assign`.
#[derive(Debug)]
struct StaleRows {
    policy: PolicyKey,
    rows: Vec<StoredAssignment>,
    reads: u64,
}

impl StaleReads {
    /// Whether all reads are up to date.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.policies.is_empty()
    }

    /// Serves a call on the state as reads currently see it, and records what the next reads must not see.
    ///
    /// `shows_rows` is whether the call is a read that shows assignments.
    pub fn serve(
        &mut self,
        subject: &FaultCandidate<'_>,
        effect: Option<&FaultEffect>,
        shows_rows: bool,
        state: &mut TenantState,
        dispatch: impl FnOnce(&mut TenantState) -> Result<ServiceResponse, ServiceError>,
    ) -> Result<ServiceResponse, ServiceError> {
        self.hide_existing(subject, effect);
        if key(subject).is_some_and(|policy| self.policies.count_call(&policy)) {
            return Err(ServiceError::intune_not_found());
        }
        let before = rows_before_assign(subject, effect, state);
        let groups = remove_hidden_groups(effect, state);
        let aside = self.set_aside(subject, state);
        let existing = count_policies(subject, state);
        let swapped = if shows_rows { self.swap_rows(subject, state) } else { Vec::new() };
        let answer = dispatch(state);
        self.swap_back(&swapped, state);
        state.groups.extend(groups);
        aside.restore(state);
        self.hide_created(subject, effect, existing, state);
        if answer.is_ok() {
            self.record(effect, before);
        }
        answer
    }

    /// Hiding an existing policy starts with the matching call itself.
    fn hide_existing(&mut self, subject: &FaultCandidate<'_>, effect: Option<&FaultEffect>) {
        if let (Some(FaultEffect::Hide(calls)), Some(policy)) = (effect, key(subject)) {
            self.policies.hide(policy, *calls, false);
        }
    }

    /// Takes the policies out of the state that a list must not show.
    fn set_aside(&mut self, subject: &FaultCandidate<'_>, state: &mut TenantState) -> PoliciesSetAside {
        match subject.listed() {
            Some(collection) => self.policies.take_from_list(collection, state),
            None => PoliciesSetAside::default(),
        }
    }

    /// Hides what a create added to the `existing` policies. The response does not matter: it may be about one of two
    /// new policies.
    fn hide_created(
        &mut self,
        subject: &FaultCandidate<'_>,
        effect: Option<&FaultEffect>,
        existing: usize,
        state: &TenantState,
    ) {
        let (calls, in_lists) = match effect {
            Some(FaultEffect::Hide(calls)) => (*calls, false),
            Some(FaultEffect::Create(fault)) => (fault.hidden_reads, true),
            _ => return,
        };
        let Some(collection) = subject.collection().filter(|_| subject.is_create()) else { return };
        for policy in state.policies_of(collection).skip(existing) {
            self.policies.hide((collection, policy.id().to_ascii_lowercase()), calls, in_lists);
        }
    }

    /// Replaces current rows by stale ones for the policies that the read shows. Returns these.
    fn swap_rows(&mut self, subject: &FaultCandidate<'_>, state: &mut TenantState) -> Vec<PolicyKey> {
        let one = key(subject);
        let mut swapped = Vec::new();
        for old in &mut self.rows {
            let in_list = subject.collection() == Some(old.policy.0);
            let shown = one.as_ref().map_or(in_list, |policy| *policy == old.policy);
            let (collection, id) = &old.policy;
            let Some(policy) = state.policy_mut(*collection, id).filter(|_| shown) else { continue };
            std::mem::swap(policy.assignments_mut(), &mut old.rows);
            old.reads = old.reads.saturating_sub(1);
            swapped.push(old.policy.clone());
        }
        swapped
    }

    fn swap_back(&mut self, swapped: &[PolicyKey], state: &mut TenantState) {
        for old in self.rows.iter_mut().filter(|old| swapped.contains(&old.policy)) {
            let (collection, id) = &old.policy;
            if let Some(policy) = state.policy_mut(*collection, id) {
                std::mem::swap(policy.assignments_mut(), &mut old.rows);
            }
        }
        self.rows.retain(|old| old.reads > 0);
    }

    fn record(&mut self, effect: Option<&FaultEffect>, before: Option<(PolicyKey, Vec<StoredAssignment>)>) {
        if let (Some(FaultEffect::Stale { reads, .. }), Some((policy, rows))) = (effect, before) {
            self.rows.retain(|old| old.policy != policy);
            if *reads > 0 {
                self.rows.push(StaleRows { policy, rows, reads: *reads });
            }
        }
    }
}

/// The rows that the next reads show, if the effect is a stale `assign`.
fn rows_before_assign(
    subject: &FaultCandidate<'_>,
    effect: Option<&FaultEffect>,
    state: &TenantState,
) -> Option<(PolicyKey, Vec<StoredAssignment>)> {
    let Some(FaultEffect::Stale { .. }) = effect else { return None };
    let (collection, id) = subject.policy()?;
    let policy = state.policy(collection, id)?;
    Some(((collection, policy.id().to_owned()), policy.assignments().clone()))
}

/// How many policies the collection at or above the address has.
fn count_policies(subject: &FaultCandidate<'_>, state: &TenantState) -> usize {
    subject.collection().map_or(0, |collection| state.policies_of(collection).count())
}

/// The policy at or above the address of a call.
fn key(subject: &FaultCandidate<'_>) -> Option<PolicyKey> {
    subject.policy().map(|(collection, id)| (collection, id.to_ascii_lowercase()))
}

fn remove_hidden_groups(effect: Option<&FaultEffect>, state: &mut TenantState) -> Vec<StoredGroup> {
    let Some(FaultEffect::HideGroups(ids)) = effect else { return Vec::new() };
    let hidden = |group: &StoredGroup| ids.iter().any(|id| id.eq_ignore_ascii_case(&group.id));
    let (taken, left) = std::mem::take(&mut state.groups).into_iter().partition(hidden);
    state.groups = left;
    taken
}
