//! What reads do not see yet: rows written a moment ago, policies and groups just made. A shadow lies over the
//! state for a number of calls; the state below it is the truth all along.

use crate::emulator::answer::{Answer, Body};
use crate::emulator::errors::Refusal;
use crate::emulator::model::assignment::Assignment;
use crate::emulator::model::group::Group;
use crate::emulator::state::State;

use super::rule::{Effect, Subject};

/// The shadows that have calls left.
#[derive(Debug, Default)]
pub struct Shadows {
    rows: Vec<OldRows>,
    policies: Vec<Hidden>,
}

/// The rows of a policy before an `assign`.
#[derive(Debug)]
struct OldRows {
    policy_id: String,
    rows: Vec<Assignment>,
    reads: u64,
}

/// A policy that is not visible yet.
#[derive(Debug)]
struct Hidden {
    policy_id: String,
    calls: u64,
}

impl Shadows {
    /// Whether reads see everything.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.policies.is_empty()
    }

    /// Serves a call on the state as it appears now, and keeps what the next calls shall not see.
    ///
    /// `shows_rows` tells whether the call is a read that shows assignments.
    pub fn serve(
        &mut self,
        subject: &Subject<'_>,
        effect: Option<&Effect>,
        shows_rows: bool,
        state: &mut State,
        dispatch: impl FnOnce(&mut State) -> Result<Answer, Refusal>,
    ) -> Result<Answer, Refusal> {
        self.hide_existing(subject, effect);
        if subject.policy_id().is_some_and(|id| self.hides(id)) {
            return Err(Refusal::intune_not_found());
        }
        let before = rows_of(subject, effect, state);
        let hidden = take_groups(effect, state);
        let swapped = if shows_rows { self.swap_rows(subject, state) } else { Vec::new() };
        let answer = dispatch(state);
        self.swap_back(&swapped, state);
        state.groups.extend(hidden);
        if let Ok(answer) = &answer {
            self.keep(subject, effect, before, answer);
        }
        answer
    }

    /// A rule that hides a policy which exists begins with the call that met it.
    fn hide_existing(&mut self, subject: &Subject<'_>, effect: Option<&Effect>) {
        if let (Some(Effect::Hide(calls)), Some(id)) = (effect, subject.policy_id()) {
            self.policies.push(Hidden { policy_id: id.to_ascii_lowercase(), calls: *calls });
        }
    }

    fn hides(&mut self, policy_id: &str) -> bool {
        let found = self.policies.iter_mut().find(|hidden| hidden.policy_id.eq_ignore_ascii_case(policy_id));
        let Some(hidden) = found else { return false };
        hidden.calls = hidden.calls.saturating_sub(1);
        self.policies.retain(|hidden| hidden.calls > 0);
        true
    }

    /// Puts old rows in the place of the present ones, for the policies that the read shows. Answers which.
    fn swap_rows(&mut self, subject: &Subject<'_>, state: &mut State) -> Vec<String> {
        let one = subject.policy_id();
        let mut swapped = Vec::new();
        for old in &mut self.rows {
            let shown = one.is_none_or(|id| id.eq_ignore_ascii_case(&old.policy_id));
            let Some(policy) = state.policy_mut(&old.policy_id).filter(|_| shown) else { continue };
            std::mem::swap(&mut policy.assignments, &mut old.rows);
            old.reads = old.reads.saturating_sub(1);
            swapped.push(old.policy_id.clone());
        }
        swapped
    }

    fn swap_back(&mut self, swapped: &[String], state: &mut State) {
        for old in self.rows.iter_mut().filter(|old| swapped.contains(&old.policy_id)) {
            if let Some(policy) = state.policy_mut(&old.policy_id) {
                std::mem::swap(&mut policy.assignments, &mut old.rows);
            }
        }
        self.rows.retain(|old| old.reads > 0);
    }

    fn keep(
        &mut self,
        subject: &Subject<'_>,
        effect: Option<&Effect>,
        before: Option<(String, Vec<Assignment>)>,
        answer: &Answer,
    ) {
        match (effect, before) {
            (Some(Effect::Stale { reads, .. }), Some((policy_id, rows))) => {
                self.rows.retain(|old| old.policy_id != policy_id);
                if *reads > 0 {
                    self.rows.push(OldRows { policy_id, rows, reads: *reads });
                }
            }
            (Some(Effect::Hide(calls)), None) if subject.is_create() && *calls > 0 => {
                let Body::Json(entity) = &answer.body else { return };
                let id = entity.get("id").and_then(|id| id.as_str()).unwrap_or_default();
                self.policies.push(Hidden { policy_id: id.to_owned(), calls: *calls });
            }
            _ => {}
        }
    }
}

/// The rows that the next reads shall show, if the effect asks for it; it applies to `assign` only.
fn rows_of(
    subject: &Subject<'_>,
    effect: Option<&Effect>,
    state: &State,
) -> Option<(String, Vec<Assignment>)> {
    let Some(Effect::Stale { .. }) = effect else { return None };
    let policy = state.policy(subject.policy_id()?)?;
    Some((policy.id.clone(), policy.assignments.clone()))
}

fn take_groups(effect: Option<&Effect>, state: &mut State) -> Vec<Group> {
    let Some(Effect::HideGroups(ids)) = effect else { return Vec::new() };
    let hidden = |group: &Group| ids.iter().any(|id| id.eq_ignore_ascii_case(&group.id));
    let (taken, left) = std::mem::take(&mut state.groups).into_iter().partition(hidden);
    state.groups = left;
    taken
}
