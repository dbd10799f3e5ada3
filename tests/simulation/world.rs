//! The tenant's side of a simulation: an emulator in this process, its clock, and other people's hands in it.

use std::sync::{Arc, Weak};

use serde_json::{Value as Json, json};
use terraform_provider_defender::emulator::{self, Emulator, Options};

use crate::assignment::{Policy, Set, rows};
use crate::clock::{Death, WorldClock};
use crate::directory::{ALL, directory};
use crate::in_process::kind;
use crate::ledger::Mark;
use crate::tenant::Tenant;
use crate::watch::{Change, Kill, Place, Plot, Watch, assignments_path, set_of};

pub struct World {
    pub emulator: Arc<Emulator>,
    pub clock: Arc<WorldClock>,
    pub watch: Arc<Watch>,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let clock = WorldClock::new(seed);
        let watch = Arc::new(Watch::new(Arc::clone(&clock), seed));
        let emulator = Arc::new(Emulator::start(tenant(), Options::default()).unwrap());
        let observing = Arc::clone(&watch);
        emulator.observe(move |sighting, control| observing.see(sighting, control));
        let (pausing, service) = (Arc::clone(&watch), Arc::downgrade(&emulator));
        clock.in_pauses(Box::new(move || pause(&pausing, &service)));
        Self { emulator, clock, watch }
    }

    /// The direct assignments of a policy; none if it does not exist.
    pub fn set(&self, policy: Policy) -> Set {
        set_of(&|method, path, body| self.emulator.control(method, path, body), policy)
    }

    pub fn exists(&self, policy: Policy) -> bool {
        self.emulator.control("GET", &assignments_path(policy), None).0 == 200
    }

    /// Assigns a policy before anything else happens, and gives its rows.
    pub fn begin_with(&self, policy: Policy, set: &Set) -> Vec<Json> {
        let (_, body) = self.emulator.control("PUT", &assignments_path(policy), Some(&rows(set)));
        body["assignments"].as_array().cloned().unwrap_or_default()
    }

    /// Another person acts now.
    pub fn interfere(&self, change: &Change) {
        self.watch.lock().act(&|method, path, body| self.emulator.control(method, path, body), change);
    }

    /// Terraform is about to call a provider.
    pub fn step(&self) {
        self.watch.reach(&|method, path, body| self.emulator.control(method, path, body), Place::Step);
    }

    /// What is to happen at certain places from now on.
    pub fn lay(&self, plots: Vec<Plot>, kill: Option<Kill>) {
        self.watch.lock().lay(plots, kill);
    }

    /// Sets test faults of the emulator.
    pub fn fault(&self, rules: &[Json]) {
        if !rules.is_empty() {
            self.emulator.faults(&json!(rules)).unwrap();
        }
    }

    /// Nothing is to happen any more, and reads show what is there.
    pub fn calm(&self) {
        self.lay(Vec::new(), None);
        self.emulator.control("DELETE", "/_emulator/faults", None);
    }

    /// The number of a new process, and what tells whether it still lives.
    pub fn register(&self) -> (u32, Arc<Death>) {
        self.watch.lock().register()
    }

    /// The number of the process that is registered next.
    pub fn next_process(&self) -> u32 {
        self.watch.lock().next_process()
    }

    pub fn mark(&self) -> Mark {
        self.watch.lock().ledger.mark()
    }

    /// Adds a line to the story.
    pub fn tell(&self, line: &str) {
        self.watch.lock().tell(line);
    }
}

fn tenant() -> emulator::Tenant {
    let others = Policy::REAL[1..].iter();
    let tenant = others.fold(Tenant::default(), |tenant, policy| tenant.with_policy(policy.id()));
    let tenant = tenant.with_baseline().with_directory(&directory(ALL));
    emulator::Tenant::from_json(kind::tenant(tenant.json())).unwrap()
}

fn pause(watch: &Watch, service: &Weak<Emulator>) {
    if let Some(service) = service.upgrade() {
        watch.reach(&|method, path, body| service.control(method, path, body), Place::Pause);
    }
}
