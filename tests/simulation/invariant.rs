//! The one promise: no combination of configurations, plans and runs removes an assignment that no plan showed as
//! leaving, and none does so in silence. Judged from the record of a run and from the ledger, which nothing escapes.

use std::collections::BTreeSet;

use crate::apply::Done;
use crate::assignment::{Policy, Set, Shown, Target};
use crate::configuration::{Address, Client};
use crate::conform::{self, Verdict};
use crate::interference::Interference;
use crate::ledger::{Event, Hand, Ledger, last_change};
use crate::run::Record;
use crate::state::State;
use crate::values::{is_on, policy_in, set_in};
use crate::walk::{Action, Change};
use crate::world::World;

/// A run to judge.
pub struct Judged<'a> {
    pub record: &'a Record,
    pub interference: &'a Interference,
    pub events: Vec<Event>,
}

/// Everything that a run must keep.
pub fn check(world: &World, record: &Record, interference: &Interference) -> Verdict {
    let inner = world.watch.lock();
    check_plan_is_silent(&inner.ledger, record)?;
    check_empty_writes(&inner.ledger, record)?;
    let events = inner.ledger.events_since(record.planned).to_vec();
    drop(inner);
    let judged = Judged { record, interference, events };
    for notes in [&record.planning, &record.applying] {
        notes.bugs.first().map_or(Ok(()), |bug| Err(bug.clone()))?;
    }
    judged.check_removed()?;
    judged.check_claims()?;
    judged.check_added()?;
    judged.check_deposed()?;
    judged.check_messages()?;
    let done = record.applied.iter().flat_map(|applied| &applied.done);
    done.into_iter().try_for_each(|done| judged.check_done(world, done))
}

/// Planning never writes.
fn check_plan_is_silent(ledger: &Ledger, record: &Record) -> Verdict {
    let planned = ledger.writes_since(record.began).len() - ledger.writes_since(record.planned).len();
    ensure(planned == 0, || "a plan has written".to_owned())
}

/// A replacement for the same policy is one update: it never empties the policy on its way.
fn check_empty_writes(ledger: &Ledger, record: &Record) -> Verdict {
    let is_replaced = |policy: Policy| {
        let mut of_policy =
            record.plan.changes.iter().filter(|change| policy_in(&change.before) == Some(policy));
        let keeps = |change: &Change| {
            change.action.replaces()
                && policy_in(&change.after) == Some(policy)
                && set_in(&change.after).is_some_and(|set| !set.is_empty())
        };
        let first = of_policy.next().is_some_and(keeps);
        first && of_policy.all(keeps)
    };
    for write in ledger.writes_since(record.planned).iter().filter(|write| write.sent.is_empty()) {
        ensure(!is_replaced(write.policy), || {
            format!("{}: an empty set was sent in a replacement for the same policy", write.policy)
        })?;
    }
    Ok(())
}

impl<'a> Judged<'a> {
    /// The applied changes; none if nothing was applied.
    fn changes(&self) -> impl Iterator<Item = &Change> {
        let applied = self.record.applied.is_some();
        self.record.plan.changes.iter().filter(move |_| applied)
    }

    fn policies(&self) -> BTreeSet<Policy> {
        self.events.iter().map(|event| event.policy).collect()
    }

    /// What the run's own writes have removed and nothing has brought back.
    fn removed(&self, policy: Policy) -> Set {
        let is_removed = |target: &Target| {
            matches!(last_change(&self.events, policy, *target), Some((Hand::Provider, false)))
        };
        self.touched(policy).into_iter().filter(is_removed).collect()
    }

    /// What the run's own writes have added and nothing has removed.
    fn added(&self, policy: Policy) -> Set {
        let is_added = |target: &Target| {
            matches!(last_change(&self.events, policy, *target), Some((Hand::Provider, true)))
        };
        self.touched(policy).into_iter().filter(is_added).collect()
    }

    fn touched(&self, policy: Policy) -> Set {
        let of_policy = self.events.iter().filter(|event| event.policy == policy);
        of_policy.flat_map(|event| event.before.union(&event.after)).copied().collect()
    }

    /// Nothing is gone that the plan did not show as leaving. What was to stay may be gone after a loud failure.
    fn check_removed(&self) -> Verdict {
        for policy in self.policies() {
            let removed = self.removed(policy);
            let shown = self.shown_leaving(policy);
            let lost: Set = removed.into_iter().filter(|target| !shown.contains(target)).collect();
            let to_stay: Set = lost.intersection(&self.planned_to_stay(policy)).copied().collect();
            let unseen: Set = lost.difference(&to_stay).copied().collect();
            ensure(unseen.is_empty(), || {
                format!("LOST on {policy}: {}, which no plan showed as leaving", Shown(&unseen))
            })?;
            ensure(to_stay.is_empty() || self.record.failed() || self.is_contested(policy), || {
                format!("LOST on {policy} in silence: {}, which the plan kept", Shown(&to_stay))
            })?;
        }
        Ok(())
    }

    fn shown_leaving(&self, policy: Policy) -> Set {
        self.changes().flat_map(|change| self.leaving(change, policy)).collect()
    }

    /// What a change shows as leaving the policy: from the object that it changes or ends, or under the one it creates.
    fn leaving(&self, change: &Change, policy: Policy) -> Set {
        let was_there = policy_in(&change.before) == Some(policy);
        let planned = policy_in(&change.after);
        if !was_there {
            let comes = !change.after.is_null() && planned.is_none_or(|planned| planned == policy);
            return if comes { self.overwritten(change, policy) } else { Set::new() };
        }
        let before = set_in(&change.before).unwrap_or_default();
        let is_kept = is_on(&change.before, "skip_destroy") || change.action == Action::Forget;
        // A policy that is not known yet may turn out to be the same.
        let may_stay = !change.after.is_null() && planned.is_none_or(|planned| planned == policy);
        let may_go = !is_kept && planned != Some(policy);
        let mut leaving: Set = match set_in(&change.after) {
            _ if may_go => before,
            Some(after) if may_stay => before.difference(&after).copied().collect(),
            None if may_stay => before,
            _ => Set::new(),
        };
        // The create of a create-first replacement looks like any other: before Terraform 1.16 always, later where the
        // object is tainted and loses targets.
        if change.action == Action::CreateThenDelete && may_stay {
            leaving.extend(self.overwritten(change, policy));
        }
        leaving
    }

    /// What a create was allowed to overwrite, and named.
    fn overwritten(&self, change: &Change, policy: Policy) -> Set {
        if !is_on(&change.after, "overwrite_existing") {
            return Set::new();
        }
        let messages = self.record.planning.messages.iter().chain(&self.record.applying.messages);
        let texts: Vec<_> = messages.filter(|(address, ..)| *address == change.address).collect();
        let is_named =
            |target: &Target| texts.iter().any(|(_, diagnostic, _)| target.is_named_in(&diagnostic.text));
        self.touched(policy).into_iter().filter(is_named).collect()
    }

    fn planned_to_stay(&self, policy: Policy) -> Set {
        let on_policy = self.changes().filter(|change| policy_in(&change.after) == Some(policy));
        on_policy.flat_map(|change| set_in(&change.after).unwrap_or_default()).collect()
    }

    /// No state claims what this run has removed.
    fn check_claims(&self) -> Verdict {
        for (address, _, object) in self.record.after.objects() {
            let policy = object.policy();
            let gone: Set = object.set().intersection(&self.removed(policy)).copied().collect();
            let is_excused = self.is_excused(policy) || self.is_restored(policy);
            ensure(gone.is_empty() || is_excused || self.is_contested(policy), || {
                format!("{address} claims {} on {policy}, which this run has removed", Shown(&gone))
            })?;
        }
        Ok(())
    }

    /// Whatever this run has assigned is in a state.
    fn check_added(&self) -> Verdict {
        for policy in self.policies() {
            let on_policy = self.record.after.objects().filter(|(_, _, object)| object.policy() == policy);
            let claimed: Set = on_policy.flat_map(|(_, _, object)| object.set()).collect();
            let added = self.added(policy);
            let outside: Set = added.difference(&claimed).copied().collect();
            let is_excused = self.is_excused(policy) || self.is_restored(policy);
            ensure(outside.is_empty() || is_excused, || {
                format!("{policy}: {} was assigned and is in no state", Shown(&outside))
            })?;
        }
        Ok(())
    }

    /// A refused create leaves the old object where it was, so that the next plan goes on. Other clients do not say which
    /// plan they ask for, so that the repeated one may be refused like the first.
    fn check_deposed(&self) -> Verdict {
        let says_which = matches!(self.record.client, Client::Terraform | Client::Terraform116);
        if self.record.crashed() || !says_which {
            return Ok(());
        }
        for (address, slot) in &self.record.after.0 {
            let before = self.record.before.0.get(address).map_or(0, |slot| slot.deposed.len());
            let is_stuck = slot.current.is_none() && slot.deposed.len() > before;
            ensure(!is_stuck, || {
                format!("{address}: the plan inside apply failed and left the object deposed")
            })?;
        }
        Ok(())
    }

    /// A message says that nothing was written only if the change has written nothing so far.
    fn check_messages(&self) -> Verdict {
        for (address, diagnostic, mark) in &self.record.applying.messages {
            if !diagnostic.text.contains("Nothing was written") {
                continue;
            }
            let own = self.changes().filter(|change| change.address == *address);
            // A deposed object is destroyed by a change of its own, under the same address.
            if self.changes().filter(|change| change.address == *address).count() > 1 {
                continue;
            }
            let policies: BTreeSet<_> = own.flat_map(Change::policies).collect();
            let others = self.changes().filter(|change| change.address != *address);
            let shared: BTreeSet<_> = others.flat_map(Change::policies).collect();
            let until_then = &self.events[..mark.events_after(self.record.planned).min(self.events.len())];
            let is_own = |event: &Event| {
                event.hand == Hand::Provider
                    && policies.contains(&event.policy)
                    && !shared.contains(&event.policy)
            };
            ensure(!until_then.iter().any(is_own), || {
                format!("{address}: a message says that nothing was written, and something was")
            })?;
        }
        Ok(())
    }

    /// A create or update that ended well: state and tenant are as planned.
    fn check_done(&self, world: &World, done: &Done) -> Verdict {
        conform::outcome(&done.planned, &done.stored)
            .map_err(|how| format!("{}: the state is not as planned: {how}", done.address))?;
        let (Some(policy), Some(set)) = (policy_in(&done.stored), set_in(&done.stored)) else {
            return Err(format!("{}: a success without a state", done.address));
        };
        let inner = world.watch.lock();
        let since = inner.ledger.events_since(done.since);
        let others = |event: &&Event| event.policy == policy && event.hand != Hand::Service;
        let interfered = since.iter().filter(others).any(|event| event.hand == Hand::Foreign);
        drop(inner);
        let there = world.set(policy);
        ensure(there == set || interfered || self.is_contested(policy), || {
            format!("{} ended well, and {policy} has {}, not {}", done.address, Shown(&there), Shown(&set))
        })
    }

    /// Whether the provider could not read back what it had written.
    fn is_excused(&self, policy: Policy) -> bool {
        let is_blind = self.interference.blind.contains(&policy);
        self.record.crashed() || is_blind && self.record.failed()
    }

    /// Whether Terraform has put the old object of a create-first replacement back after a loud failure. It is behind
    /// what was written, and the next refresh catches up.
    fn is_restored(&self, policy: Policy) -> bool {
        let is_it = |change: &Change| {
            change.action == Action::CreateThenDelete
                && policy_in(&change.before) == Some(policy)
                && self.record.after.current(change.address).is_some_and(|object| object.policy() == policy)
        };
        self.record.failed() && self.changes().any(is_it)
    }

    /// Whether two objects of the state have the policy after the run, which is not supported and warned of; or had it
    /// before, one of them tainted (its replacement by another policy does not show that it gives this one up), at one
    /// address, or under different provider configurations, whose processes cannot see each other. Two
    /// creates of one process are no excuse: it refuses the second.
    fn is_contested(&self, policy: Policy) -> bool {
        let on_policy = |state: &'a State| -> Vec<(Address, usize)> {
            let objects = state.objects().filter(|(_, _, object)| object.policy() == policy);
            objects.map(|(address, alias, _)| (address, alias)).collect()
        };
        let before = on_policy(&self.record.plan.prior);
        let addresses: BTreeSet<_> = before.iter().map(|(address, _)| address).collect();
        let aliases: BTreeSet<_> = before.iter().map(|(_, alias)| alias).collect();
        let after = on_policy(&self.record.after);
        let is_created = |(address, _): &&(Address, usize)| {
            self.changes().any(|change| change.address == *address && change.action == Action::Create)
        };
        let created: Vec<_> = after.iter().filter(is_created).collect();
        let creators: BTreeSet<_> = created.iter().map(|(_, alias)| alias).collect();
        let created_twice = creators.len() < created.len();
        let on_prior = self.record.plan.prior.objects().filter(|(_, _, object)| object.policy() == policy);
        let is_tainted_twin = before.len() > 1 && on_prior.into_iter().any(|(_, _, object)| object.tainted);
        is_tainted_twin
            || addresses.len() < before.len()
            || aliases.len() > 1
            || (after.len() > 1 && !created_twice)
    }
}

pub fn ensure(holds: bool, what: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(what()) }
}
