//! Checks one operation: its kind, the assignments before and after, and its result. Sends nothing.

use serde_json::Value as Json;

use crate::faults::Weather;
use crate::model::{Picture, Set, Verb, Wish};
use crate::scene::Answer;
use crate::scene::legs::Era;
use crate::world::{Spells, Writes};

/// A violated expectation.
pub type Verdict = Result<(), String>;

/// The messages of a plan whose create finds assignments.
const REFUSALS: [&str; 3] = [
    "is already assigned",
    "already has the configured assignments",
    "of a kind that this provider does not know",
];

/// The message of a plan that could not read the policy. Apply reads it again.
const NOT_CHECKED: &str = "New policies could not be checked";

/// The message of a plan for a policy with two resources.
const CONFLICTS: [&str; 2] = ["is managed at another address already", "has two resources"];

/// A plan for a write, and its circumstances.
pub struct Planned<'a> {
    pub wish: &'a Wish,
    pub answer: &'a Answer,
    pub weather: Weather,
    pub truth: Option<&'a Picture>,
    pub era: Era,
    /// Whether the object looks new to the provider.
    pub looks_new: bool,
    /// Whether another resource of the plan has the same policy.
    pub has_twin: bool,
}

/// A write, and its circumstances.
pub struct Written<'a> {
    pub wish: &'a Wish,
    pub prior: &'a Json,
    pub answer: &'a Answer,
    pub weather: Weather,
    /// The policy before and after each interval without changes elsewhere.
    pub spells: Spells,
    pub writes: Writes,
    /// Whether the assignments were readable after the last write.
    pub was_seen: bool,
}

/// A read or an import followed by a read.
pub fn read(given: &Json, answer: &Answer, weather: Weather, truth: Option<&Picture>) -> Verdict {
    if answer.failed() {
        ensure(weather > Weather::Passing, "a read failed that should have succeeded")?;
        return ensure(answer.state == *given, "a read that failed changed the state");
    }
    match truth {
        None => ensure(answer.state.is_null(), "the state of a policy that is gone was kept"),
        Some(_) if answer.state.is_null() => Err("the state of a policy that exists was dropped".to_owned()),
        Some(truth) => same("a read does not show the tenant", &Picture::of_state(&answer.state), truth),
    }
}

/// The plan of an unchanged configuration.
pub fn unchanged_plan(state: &Json, answer: &Answer) -> Verdict {
    if is_conflict(answer) {
        return Ok(());
    }
    ensure(!answer.failed(), "the plan of an unchanged configuration failed")?;
    ensure(answer.state == *state, "the plan of an unchanged configuration shows a change")
}

/// Whether a plan reports two resources for its policy.
pub fn is_conflict(answer: &Answer) -> bool {
    answer.failed() && CONFLICTS.iter().any(|text| answer.messages.contains(text))
}

impl Planned<'_> {
    /// A plan never writes. It refuses assignments that a new object may not replace, if the service lets it read them.
    pub fn check(&self) -> Verdict {
        if is_conflict(self.answer) {
            return ensure(self.has_twin, "a conflict of one resource with itself");
        }
        // Several rules for one request can together outlast the ten seconds for which a plan retries it.
        let gave_up = self.weather == Weather::Passing && self.answer.messages.contains(NOT_CHECKED);
        if !self.may_go() && self.weather <= Weather::Passing && !self.has_twin && !gave_up {
            ensure(self.is_refused(), "a plan of a new object over something else was not refused")?;
        }
        let may_fail = !self.may_go() || self.weather > Weather::Passing;
        ensure(may_fail || !self.answer.failed(), "a plan was refused for no reason")?;
        ensure(!self.may_go() || !self.is_refused(), "a plan of an allowed write was refused")
    }

    fn may_go(&self) -> bool {
        !self.looks_new || self.truth.is_none_or(|truth| self.may_take(truth))
    }

    /// A tainted object that was not refreshed is treated like a new object.
    fn may_take(&self, truth: &Picture) -> bool {
        match self.wish.verb {
            Verb::Create { .. } => self.wish.may_replace(&truth.direct),
            _ => truth.direct.is_empty(),
        }
    }

    /// A warning is enough where the client does not say that this is the first plan, and nothing would be lost.
    fn is_refused(&self) -> bool {
        let loses_nothing = self
            .truth
            .is_some_and(|truth| truth.direct.is_subset(&self.wish.wanted) && !truth.has_unknown_kinds());
        let says_so = REFUSALS.iter().any(|text| self.answer.messages.contains(text));
        says_so && (self.answer.failed() || self.era == Era::Silent && loses_nothing)
    }
}

impl Written<'_> {
    pub fn check(&self) -> Verdict {
        self.check_tenant()?;
        self.check_counts()?;
        self.check_ending()?;
        match (self.answer.failed(), self.wish.verb) {
            (false, _) => self.check_state_of_success(),
            (true, Verb::Create { .. }) => self.check_state_of_failed_create(),
            (true, Verb::Replace) => self.check_state_of_failed_replacement(),
            (true, Verb::Update | Verb::Delete) => self.check_state_of_failure(),
        }
    }

    /// In each interval the set stays, or a set that may be replaced becomes the planned one.
    fn check_tenant(&self) -> Verdict {
        for (before, after) in &self.spells {
            match (before, after) {
                (Some(before), Some(after)) if before.direct != after.direct => {
                    ensure(
                        self.wish.may_replace(&before.direct),
                        "a set was replaced that the plan did not show",
                    )?;
                    let as_wanted = after.direct == self.wish.wanted;
                    ensure(
                        as_wanted || self.weather == Weather::Lying,
                        "another set than the wanted one was written",
                    )?;
                    ensure(before.inherited == after.inherited, "rows of a policy set have changed")?;
                }
                _ => ensure(before == after, "the policy has changed although nothing was written")?,
            }
        }
        Ok(())
    }

    fn check_counts(&self) -> Verdict {
        let may_write = |picture: &Option<Picture>| {
            let picture = picture.as_ref();
            picture.is_some_and(|it| self.wish.may_replace(&it.direct) && it.direct != self.wish.wanted)
        };
        let is_idle = !self.spells.iter().any(|(before, _)| may_write(before));
        ensure(!is_idle || self.writes.sent == 0, "a write was sent that nothing called for")?;
        // If a write was undone elsewhere, it may be necessary again.
        let most = if self.weather == Weather::Lying { 3 } else { self.spells.len() };
        ensure(self.writes.took_effect <= most, "a set was written again although it was there")
    }

    /// Whether the operation had to succeed or to fail.
    fn check_ending(&self) -> Verdict {
        let failed = self.answer.failed();
        let may_go = match &self.start() {
            None => self.wish.verb == Verb::Delete,
            Some(start) => self.wish.may_replace(&start.direct),
        };
        let is_undisturbed = self.spells.len() == 1;
        let must_succeed = may_go && is_undisturbed && self.weather <= Weather::Passing;
        ensure(!(must_succeed && failed), "a write failed that should have succeeded")?;
        ensure(!(is_undisturbed && !may_go && !failed), "a write succeeded that had to be refused")
    }

    fn check_state_of_success(&self) -> Verdict {
        if self.wish.verb == Verb::Delete {
            ensure(self.answer.state.is_null(), "a successful delete left a state")?;
        } else {
            let stored = Picture::of_state(&self.answer.state);
            ensure(stored.direct == self.wish.wanted, "a successful write stored something else")?;
            let is_there = |it: &Option<Picture>| {
                it.as_ref().is_some_and(|it| it.direct == stored.direct && it.ids == stored.ids)
            };
            let was_there = self.spells.iter().any(|(before, after)| is_there(before) || is_there(after));
            return ensure(was_there, "the state of a success was never in the tenant");
        }
        let is_empty = |it: &Option<Picture>| it.as_ref().is_none_or(|it| it.direct.is_empty());
        let was_empty = self.spells.iter().any(|(before, after)| is_empty(before) || is_empty(after));
        ensure(was_empty, "a successful delete has left assignments")
    }

    /// There is a state exactly if a write may have taken effect: the set that was read back, or else the planned set.
    fn check_state_of_failed_create(&self) -> Verdict {
        let may_be_in_force = self.writes.may_be_in_force;
        let is_null = self.answer.state.is_null();
        ensure(is_null || may_be_in_force, "a create that has written nothing left a state")?;
        ensure(!is_null || !may_be_in_force, "a create that may have written left no state")?;
        ensure(is_null || self.is_honest(None), "the state of a failed create is not what is there")
    }

    /// There is a state if the policy exists: the set that was read, or else that of the plan, or the planned set if it
    /// may have taken effect.
    fn check_state_of_failed_replacement(&self) -> Verdict {
        if self.answer.state.is_null() {
            let is_gone = self.start().is_none();
            return ensure(is_gone, "a failed replacement dropped the state of a policy that exists");
        }
        let is_prior = Picture::of_state(&self.answer.state).direct == self.wish.prior;
        let unread = is_prior && !self.writes.may_be_in_force;
        ensure(unread || self.is_honest(None), "the state of a failed replacement is not what is there")
    }

    fn check_state_of_failure(&self) -> Verdict {
        let state = &self.answer.state;
        if !self.writes.may_be_in_force && self.weather < Weather::Lying {
            return ensure(state == self.prior, "a failure without a write changed the state");
        }
        ensure(self.is_honest(Some(self.prior)), "the state of a failed write is not what is there")
    }

    /// Whether the state is what the policy had at some time since the operation began. Unless the rows were shown
    /// after the last write, `unread` will do, and the wanted set where there is none.
    fn is_honest(&self, unread: Option<&Json>) -> bool {
        let state = &self.answer.state;
        let is_unread = match unread {
            Some(unread) => state == unread,
            None => Picture::of_state(state).direct == self.wish.wanted,
        };
        self.shows_the_tenant() || is_unread && !self.was_seen || self.weather == Weather::Lying
    }

    fn shows_the_tenant(&self) -> bool {
        let stored = Picture::of_state(&self.answer.state);
        let is_it = |it: &Option<Picture>| it.as_ref().is_some_and(|it| it.direct == stored.direct);
        self.spells.iter().any(|(before, after)| is_it(before) || is_it(after))
    }

    fn start(&self) -> Option<&Picture> {
        self.spells.first().and_then(|(before, _)| before.as_ref())
    }
}

/// Checks two concurrent writes to one policy: some order of the successful ones must explain the assignments.
pub fn twins(start: &Picture, end: &Picture, [one, other]: [&Wish; 2]) -> Verdict {
    let orders: [&[&Wish]; 5] = [&[], &[one], &[other], &[one, other], &[other, one]];
    // If the other create has taken the record of a replacement's delete, the replacement is a create like any other.
    let may_write =
        |wish: &Wish, live: &Set| wish.may_replace(live) || wish.verb == Verb::Replace && live.is_empty();
    let explains = |order: &[&Wish]| {
        let last =
            order.iter().try_fold(&start.direct, |live, wish| may_write(wish, live).then_some(&wish.wanted));
        last == Some(&end.direct)
    };
    ensure(orders.into_iter().any(explains), "no order of the two writes explains what is there")
}

/// Which state each of the two may have.
pub fn state_of_twin(wish: &Wish, prior: &Json, answer: &Answer) -> Verdict {
    match (answer.failed(), answer.state.is_null()) {
        // The other write may have replaced the set of this state.
        (true, _) if wish.taints() => Ok(()),
        (true, is_null) => ensure(!is_null || prior.is_null(), "a failed write dropped the state"),
        (false, is_null) if wish.verb == Verb::Delete => ensure(is_null, "a successful delete left a state"),
        (false, _) => {
            let stored = Picture::of_state(&answer.state).direct;
            ensure(stored == wish.wanted, "a successful write stored something else")
        }
    }
}

/// Compares a state with the tenant, row by row.
pub fn same(what: &str, stored: &Picture, truth: &Picture) -> Verdict {
    ensure(stored == truth, &format!("{what}: {stored:#?} is not {truth:#?}"))
}

pub fn ensure(holds: bool, what: &str) -> Verdict {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}
