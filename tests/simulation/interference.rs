//! What goes wrong during a run, drawn beforehand: other people's changes, faults of the service, a process that is
//! killed.
//!
//! Never drawn is a change within the one round trip between a provider's last look and its write, which no provider
//! could see: a change at a request is made before an authoritative look, or together with a delay that makes the look
//! old. While calls run at once, changes are made between the walks only. While reads lag, there are none: a read that
//! lags hides them from everybody.

use std::fmt;
use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value as Json, json};

use crate::assignment::{Policy, Set};
use crate::draw::foreign_set;
use crate::faults;
use crate::watch::{Change, Place, Plot};

/// What happens in one walk.
#[derive(Debug, Default)]
pub struct Weather {
    pub plots: Vec<Plot>,
    /// Test faults of the emulator.
    pub rules: Vec<Json>,
    pub kill: Option<DrawnKill>,
}

/// A process that will be killed: its provider configuration, and the number of requests before.
#[derive(Debug, Clone, Copy)]
pub struct DrawnKill {
    pub alias: usize,
    pub skip: u32,
    pub after_effect: bool,
}

/// What happens in one run.
#[derive(Debug, Default)]
pub struct Interference {
    pub planning: Weather,
    pub between: Option<Change>,
    pub applying: Weather,
    /// Policies whose reads during the apply may fail or lag.
    pub blind: Vec<Policy>,
}

/// What a run is about, for drawing what may go wrong in it.
pub struct Scope<'a> {
    pub policies: &'a [Policy],
    /// Those that no object of the state has.
    pub fresh: &'a [Policy],
    /// Those that the run will write.
    pub busy: &'a [Policy],
    pub aliases: usize,
    /// Whether calls come one at a time.
    pub in_turns: bool,
    /// Whether processes sign in, rather than use a token that names them.
    pub signs_in: bool,
}

impl Scope<'_> {
    /// Usually one that the run will write.
    fn some(&self, rng: &mut Rng) -> Policy {
        let all = if self.busy.is_empty() || rng.u8(..5) == 0 { self.policies } else { self.busy };
        all[rng.usize(..all.len())]
    }
}

impl Interference {
    pub fn is_calm(&self) -> bool {
        self.planning.is_fair() && self.applying.is_fair() && self.between.is_none()
    }

    pub fn draw(rng: &mut Rng, scope: &Scope<'_>) -> Self {
        let mut drawn = Self::default();
        if rng.u8(..10) < 3 || scope.policies.is_empty() {
            return drawn;
        }
        let kinds = rng.u8(1..8);
        if kinds & 1 != 0 {
            for _ in 0..rng.u8(1..=2) {
                drawn.add_fault(rng, scope);
            }
        }
        if kinds & 2 != 0 && !drawn.lags() {
            drawn.add_changes(rng, scope);
        }
        if kinds & 4 != 0 && !scope.signs_in && rng.u8(..3) == 0 {
            let alias = rng.usize(..scope.aliases);
            let kill = DrawnKill { alias, skip: rng.u32(..6), after_effect: rng.bool() };
            let weather = if rng.u8(..6) == 0 { &mut drawn.planning } else { &mut drawn.applying };
            weather.kill = Some(kill);
        }
        drawn
    }

    fn lags(&self) -> bool {
        self.applying.rules.iter().any(faults::lags)
    }

    fn add_fault(&mut self, rng: &mut Rng, scope: &Scope<'_>) {
        let policy = scope.some(rng);
        match rng.u8(..12) {
            0..2 => self.planning.rules.push(faults::of_read(rng, policy)),
            2..4 => {
                let rule = faults::of_read(rng, policy);
                let is_batch = rule["match"]["path"] == "$batch";
                self.blind.extend(if is_batch { scope.policies } else { &[] });
                self.blind.push(policy);
                self.applying.rules.push(rule);
            }
            4 => self.applying.rules.push(faults::of_new_policy(rng, policy)),
            5 if !scope.fresh.is_empty() => {
                let policy = scope.fresh[rng.usize(..scope.fresh.len())];
                let weather = if rng.bool() { &mut self.planning } else { &mut self.applying };
                weather.rules.push(faults::hiding(rng, policy));
            }
            6 => {
                let rule = faults::of_lie(rng, policy);
                self.blind.extend(faults::lags(&rule).then_some(policy));
                self.applying.rules.push(rule);
            }
            _ => self.applying.rules.push(faults::of_write(rng, policy)),
        }
    }

    fn add_changes(&mut self, rng: &mut Rng, scope: &Scope<'_>) {
        if rng.u8(..3) == 0 || !scope.in_turns {
            self.between = Some((scope.some(rng), foreign(rng)));
        }
        if !scope.in_turns {
            return;
        }
        if rng.u8(..4) == 0 {
            self.planning.plots.push(plot(rng, scope, Place::Step));
        }
        if rng.bool() {
            self.add_old_look(rng, scope);
        }
        for _ in 0..rng.u8(..3) {
            let place = place(rng, scope);
            self.applying.plots.push(plot(rng, scope, place));
        }
    }

    /// Something that comes between a look and its write, and a change meanwhile.
    fn add_old_look(&mut self, rng: &mut Rng, scope: &Scope<'_>) {
        let policy = scope.some(rng);
        let (rule, place) = match rng.u8(..6) {
            0 => (None, Place::Object(policy)),
            1 => (None, Place::Groups),
            2 => (Some(faults::busy_directory(rng)), Place::Pause),
            3 if scope.signs_in => (Some(faults::refused_token(policy)), Place::Token),
            _ => (Some(faults::of_write(rng, policy)), Place::Pause),
        };
        self.applying.rules.extend(rule);
        let change = (policy, foreign(rng));
        self.applying.plots.push(Plot { at: place, skip: rng.u32(..2), slow: delay(rng, place), change });
    }
}

impl Weather {
    fn is_fair(&self) -> bool {
        self.plots.is_empty() && self.rules.is_empty() && self.kill.is_none()
    }
}

/// A new set, or seldom the end of the policy.
fn foreign(rng: &mut Rng) -> Option<Set> {
    (rng.u8(..25) > 0).then(|| foreign_set(rng))
}

fn place(rng: &mut Rng, scope: &Scope<'_>) -> Place {
    let policy = scope.some(rng);
    match rng.u8(..10) {
        0..3 => Place::Step,
        3..5 => Place::Listing(policy),
        5..7 => Place::Object(policy),
        7 => Place::Groups,
        8 => Place::Token,
        _ => Place::Pause,
    }
}

fn plot(rng: &mut Rng, scope: &Scope<'_>, at: Place) -> Plot {
    let policy = match at {
        Place::Listing(policy) | Place::Object(policy) => policy,
        _ => scope.some(rng),
    };
    Plot { at, skip: rng.u32(..4), slow: delay(rng, at), change: (policy, foreign(rng)) }
}

/// A change beside a look makes the look old, which a provider can see.
fn delay(rng: &mut Rng, at: Place) -> Duration {
    match at {
        Place::Object(_) | Place::Groups => Duration::from_secs(rng.u64(2..6)),
        Place::Listing(_) | Place::Token if rng.bool() => Duration::from_secs(rng.u64(2..6)),
        _ => Duration::ZERO,
    }
}

impl fmt::Display for Interference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Told("planning", &self.planning))?;
        if let Some((policy, _)) = &self.between {
            writeln!(f, "    before the apply {policy} is changed")?;
        }
        write!(f, "{}", Told("applying", &self.applying))
    }
}

struct Told<'a>(&'static str, &'a Weather);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(when, Weather { plots, rules, kill }) = self;
        for rule in rules {
            writeln!(f, "    {when}, fault {}", json!(rule))?;
        }
        for Plot { at, skip, change: (policy, _), .. } in plots {
            writeln!(f, "    {when}, at {at:?} number {skip} {policy} is changed")?;
        }
        if let Some(DrawnKill { alias, skip, after_effect }) = kill {
            let moment = if *after_effect { "after" } else { "before" };
            writeln!(f, "    {when}, the process of provider {alias} is killed {moment} its request {skip}")?;
        }
        Ok(())
    }
}
