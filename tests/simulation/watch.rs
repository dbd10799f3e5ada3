//! The eyes of a simulation: sees every request at the emulator, keeps ledger and story, and lets happen what was drawn
//! for certain places. The emulator's thread and the test's own both come here.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::Value as Json;
use terraform_provider_defender::emulator::{ObservedRequest, ObserverAction, TestControl};

use crate::assignment::{Policy, Set, Shown, rows, set_of_rows};
use crate::clock::{Death, WorldClock};
use crate::in_process::kind;
use crate::ledger::Ledger;

/// Sends to the emulator's control addresses.
pub type Send<'a> = &'a dyn Fn(&str, &str, Option<&Json>) -> (u16, Json);

/// What another person makes of a policy: another set, or nothing at all.
pub type Change = (Policy, Option<Set>);

/// What another person does at some moment, after some time has passed.
#[derive(Debug, Clone)]
pub struct Plot {
    pub at: Place,
    /// How many moments of the kind pass before.
    pub skip: u32,
    pub slow: Duration,
    pub change: Change,
}

/// A kind of moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The service is about to list the assignments of the policy.
    Listing(Policy),
    /// It is about to show the policy.
    Object(Policy),
    /// It is about to look up groups.
    Groups,
    /// It is about to issue a token.
    Token,
    /// The provider pauses.
    Pause,
    /// Terraform is about to call a provider.
    Step,
}

/// A process that ends while one of its requests is served.
#[derive(Debug, Clone, Copy)]
pub struct Kill {
    pub process: u32,
    /// How many of its requests pass before.
    pub skip: u32,
    /// Whether the last request takes effect.
    pub after_effect: bool,
}

pub struct Watch {
    clock: Arc<WorldClock>,
    inner: Mutex<Inner>,
    /// For the emulator's thread, which shuffles its answers.
    seed: Mutex<Option<u64>>,
}

#[derive(Default)]
pub struct Inner {
    pub ledger: Ledger,
    pub story: String,
    plots: Vec<Plot>,
    kill: Option<Kill>,
    deaths: Vec<Arc<Death>>,
}

impl Watch {
    pub fn new(clock: Arc<WorldClock>, seed: u64) -> Self {
        Self { clock, inner: Mutex::default(), seed: Mutex::new(Some(seed)) }
    }

    pub fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// The emulator's observer.
    pub fn see(&self, request: &ObservedRequest<'_>, control: &TestControl<'_>) -> ObserverAction {
        if let Some(seed) = self.seed.lock().unwrap().take() {
            fastrand::seed(seed);
        }
        let send = |method: &str, path: &str, body: Option<&Json>| control.send(method, path, body);
        let process = process_of(request);
        let is_answered = request.status.is_some();
        if !is_answered {
            if self.lock().dies(process, false) {
                return ObserverAction::Cut;
            }
            if let Some(place) = place_of(request) {
                self.reach(&send, place);
            }
        }
        self.lock().note_write(request, &send);
        if is_answered && self.lock().dies(process, true) {
            ObserverAction::Cut
        } else {
            ObserverAction::Pass
        }
    }

    /// Lets happen what was drawn for this place.
    pub fn reach(&self, send: Send<'_>, place: Place) {
        let due = self.lock().due(place);
        for plot in due {
            if !plot.slow.is_zero() {
                self.clock.leap(plot.slow);
                self.lock().tell(&format!("      {place:?} takes {:?}", plot.slow));
            }
            self.lock().act(send, &plot.change);
        }
    }
}

impl Inner {
    pub fn tell(&mut self, line: &str) {
        let _ = writeln!(self.story, "{line}");
    }

    pub fn lay(&mut self, plots: Vec<Plot>, kill: Option<Kill>) {
        (self.plots, self.kill) = (plots, kill);
    }

    pub fn register(&mut self) -> (u32, Arc<Death>) {
        let number = self.next_process();
        let death = Arc::<Death>::default();
        self.deaths.push(Arc::clone(&death));
        (number, death)
    }

    pub fn next_process(&self) -> u32 {
        u32::try_from(self.deaths.len()).unwrap()
    }

    /// Another person acts. A policy that does not exist cannot be assigned.
    pub fn act(&mut self, send: Send<'_>, (policy, set): &Change) {
        let before = set_of(send, *policy);
        let (status, told) = if let Some(set) = set {
            let answer = send("PUT", &assignments_path(*policy), Some(&rows(set)));
            (answer.0, format!("      another person: {policy} is {}", Shown(set)))
        } else {
            let path = kind::translated(&format!("/_emulator/deviceConfigurations/{}", policy.id()));
            (send("DELETE", &path, None).0, format!("      another person deletes {policy}"))
        };
        if status < 300 {
            self.tell(&told);
            self.ledger.foreign(*policy, before, set_of(send, *policy));
        }
    }

    fn due(&mut self, place: Place) -> Vec<Plot> {
        let is_due = |plot: &Plot| plot.at == place && plot.skip == 0;
        let (due, mut later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.plots).into_iter().partition(is_due);
        for plot in later.iter_mut().filter(|plot| plot.at == place) {
            plot.skip -= 1;
        }
        self.plots = later;
        due
    }

    /// Whether the process is dead, or dies with this request.
    fn dies(&mut self, process: Option<u32>, after_effect: bool) -> bool {
        let found = process.and_then(|number| Some((number, self.deaths.get(number as usize)?.clone())));
        let Some((number, death)) = found else { return false };
        if death.is_dead() {
            return true;
        }
        let Some(kill) = &mut self.kill else { return false };
        if (kill.process, kill.after_effect) != (number, after_effect) {
            return false;
        }
        if kill.skip > 0 {
            kill.skip -= 1;
            return false;
        }
        self.kill = None;
        self.tell(&format!("      process {number} is killed"));
        death.strike();
        true
    }

    fn note_write(&mut self, request: &ObservedRequest<'_>, send: Send<'_>) {
        if request.method != "POST" || !request.path.ends_with("/assign") {
            return;
        }
        let Some(policy) = Policy::in_text(&request.path.to_lowercase()) else { return };
        let set = set_of(send, policy);
        match request.status {
            None => self.ledger.write_begins(policy, set),
            Some(status) => {
                let written = self.ledger.write_ends(policy, request.body, set);
                self.tell(&format!("      assign {policy} {} answered {status}", Shown(&written)));
            }
        }
    }
}

/// The tokens of a simulation are called after their processes.
pub fn token_of(process: u32) -> String {
    format!("process-{process}")
}

fn process_of(request: &ObservedRequest<'_>) -> Option<u32> {
    request.bearer?.strip_prefix("process-")?.parse().ok()
}

fn place_of(request: &ObservedRequest<'_>) -> Option<Place> {
    let path = request.path.split('?').next().unwrap_or_default().to_lowercase();
    if path.ends_with("/token") {
        return Some(Place::Token);
    }
    if path.contains("directoryobjects") || path.contains("/groups") {
        return Some(Place::Groups);
    }
    let policy = Policy::in_text(&path)?;
    match request.method {
        "GET" if path.ends_with("/assignments") => Some(Place::Listing(policy)),
        "GET" if path.ends_with(policy.id()) => Some(Place::Object(policy)),
        _ => None,
    }
}

/// The direct assignments of a policy; none if it does not exist.
pub fn set_of(send: Send<'_>, policy: Policy) -> Set {
    let (_, body) = send("GET", &assignments_path(policy), None);
    set_of_rows(body["assignments"].as_array().into_iter().flatten())
}

pub fn assignments_path(policy: Policy) -> String {
    kind::translated(&format!("/_emulator/deviceConfigurations/{}/assignments", policy.id()))
}
