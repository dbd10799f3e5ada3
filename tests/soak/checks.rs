//! The verdict over one operation: what it was, what was there before and after, what it answered. Sends nothing.

use serde_json::Value as Json;

use crate::faults::Weather;
use crate::model::{Picture, Verb, Wish};
use crate::scene::Answer;
use crate::world::Spells;

/// What is wrong.
pub type Verdict = Result<(), String>;

/// A write and all that is known of it.
pub struct Written<'a> {
    pub wish: &'a Wish,
    pub prior: &'a Json,
    pub answer: &'a Answer,
    pub weather: Weather,
    /// The policy before and after each spell without anybody else's hand in it.
    pub spells: Spells,
    /// How many writes were sent, and how many took effect.
    pub writes: (usize, usize),
    /// Whether the rows could be seen after the last write.
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

/// The plan of a write, which looks and never writes.
pub fn plan(wish: &Wish, answer: &Answer, weather: Weather, truth: Option<&Picture>) -> Verdict {
    let is_allowed = truth.is_none_or(|truth| wish.may_replace(&truth.direct));
    let is_create = matches!(wish.verb, Verb::Create { .. });
    if answer.failed() {
        ensure(is_create && !is_allowed, "a plan was refused for no reason")
    } else {
        let must_speak = is_create && !is_allowed && weather <= Weather::Passing;
        ensure(!must_speak, "a plan of a create over something else was not refused")
    }
}

impl Written<'_> {
    pub fn check(&self) -> Verdict {
        self.check_tenant()?;
        self.check_counts()?;
        self.check_ending()?;
        if self.answer.failed() { self.check_state_of_failure() } else { self.check_state_of_success() }
    }

    /// In each spell the set stays, or a set that may be replaced becomes the wanted one.
    fn check_tenant(&self) -> Verdict {
        for (before, after) in &self.spells {
            match (before, after) {
                (Some(before), Some(after)) if before.direct != after.direct => {
                    ensure(
                        self.wish.may_replace(&before.direct),
                        "a set was replaced that nobody gave leave for",
                    )?;
                    let as_wanted = after.direct == self.wish.wanted;
                    ensure(
                        as_wanted || self.weather == Weather::Lying,
                        "another set than the wanted one was written",
                    )?;
                    ensure(before.inherited == after.inherited, "rows of a policy set have changed")?;
                }
                _ => ensure(before == after, "the policy has changed although nobody wrote")?,
            }
        }
        Ok(())
    }

    fn check_counts(&self) -> Verdict {
        let (sent, took_effect) = self.writes;
        let may_write = |picture: &Option<Picture>| {
            let picture = picture.as_ref();
            picture.is_some_and(|it| self.wish.may_replace(&it.direct) && it.direct != self.wish.wanted)
        };
        let is_idle = !self.spells.iter().any(|(before, _)| may_write(before));
        ensure(!is_idle || sent == 0, "a write was sent that nothing called for")?;
        // Where somebody has undone a write, it may be needed again.
        let most = if self.weather == Weather::Lying { 3 } else { self.spells.len() };
        ensure(took_effect <= most, "a set was written again although it was there")
    }

    /// Whether it had to succeed, or to fail.
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

    fn check_state_of_failure(&self) -> Verdict {
        let state = &self.answer.state;
        if matches!(self.wish.verb, Verb::Create { .. }) {
            return ensure(state.is_null(), "a failed create left a state");
        }
        let is_prior = state == self.prior;
        if self.writes.1 == 0 && self.weather < Weather::Lying {
            // Where an answer was lost, what was read back may be stored, and is what was there before.
            let is_same = Picture::of_state(state).direct == Picture::of_state(self.prior).direct;
            return ensure(
                is_prior || is_same || self.shows_the_tenant(),
                "a failure without a write changed the state",
            );
        }
        let is_honest = self.shows_the_tenant() || is_prior && !self.was_seen;
        ensure(
            is_honest || self.weather == Weather::Lying,
            "the state of a failed write is not what is there",
        )
    }

    /// Whether the state is what the policy had at some time since the operation began.
    fn shows_the_tenant(&self) -> bool {
        let stored = Picture::of_state(&self.answer.state);
        let is_it = |it: &Option<Picture>| it.as_ref().is_some_and(|it| it.direct == stored.direct);
        self.spells.iter().any(|(before, after)| is_it(before) || is_it(after))
    }

    fn start(&self) -> Option<&Picture> {
        self.spells.first().and_then(|(before, _)| before.as_ref())
    }
}

/// Two writes of one policy at once: some order of those that wrote must explain what is there now.
pub fn twins(start: &Picture, end: &Picture, [one, other]: [&Wish; 2]) -> Verdict {
    let orders: [&[&Wish]; 5] = [&[], &[one], &[other], &[one, other], &[other, one]];
    let explains = |order: &[&Wish]| {
        let last =
            order.iter().try_fold(&start.direct, |live, wish| wish.may_replace(live).then_some(&wish.wanted));
        last == Some(&end.direct)
    };
    ensure(orders.into_iter().any(explains), "no order of the two writes explains what is there")
}

/// What each of the two may leave in its own state.
pub fn state_of_twin(wish: &Wish, prior: &Json, answer: &Answer) -> Verdict {
    let is_create = matches!(wish.verb, Verb::Create { .. });
    match (answer.failed(), answer.state.is_null()) {
        (true, is_null) if is_create => ensure(is_null, "a failed create left a state"),
        (true, is_null) => ensure(!is_null || prior.is_null(), "a failed write dropped the state"),
        (false, is_null) if wish.verb == Verb::Delete => ensure(is_null, "a successful delete left a state"),
        (false, _) => {
            let stored = Picture::of_state(&answer.state).direct;
            ensure(stored == wish.wanted, "a successful write stored something else")
        }
    }
}

/// A state against the tenant, to the last row.
pub fn same(what: &str, stored: &Picture, truth: &Picture) -> Verdict {
    ensure(stored == truth, &format!("{what}: {stored:#?} is not {truth:#?}"))
}

pub fn ensure(holds: bool, what: &str) -> Verdict {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}
