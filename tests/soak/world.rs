//! A tenant and a provider in this process, and changes that others make. The true assignments come from the emulator's
//! test control, which faults do not affect.

use std::sync::{Arc, Mutex};

use fastrand::Rng;
use serde_json::{Value as Json, json};
use terraform_provider_defender::emulator::{Emulator, Options, Semantics};
use terraform_provider_defender::provider::Provider;

use crate::clock::SoakClock;
use crate::faults::{DONE, Faults};
use crate::in_process::kind;
use crate::model::{Picture, UNKNOWN_KIND};
use crate::scene::Scene;
use crate::scene::legs::Era;
use crate::target::Target;
use crate::tenant::{COMPANY_OWNED, KIOSKS, LAPTOPS, PERSONAL, POLICY, POLICY_SET, Tenant, WORKSTATIONS};

/// The policies. The first has a row of a policy set.
pub const POLICIES: [&str; 4] = [
    POLICY,
    "5d0e91a2-63b7-4c18-a4f0-2b8c7d9e6f31",
    "7a2c48d6-9f05-4e3b-8b61-c0d5e4f7a812",
    "9c1f57e8-04ad-4d72-b9e6-e3a8f6b1c943",
];

pub struct World {
    pub scene: Arc<Scene>,
    pub clock: Arc<SoakClock>,
    /// The version of Terraform.
    pub era: Era,
    /// Whether a list fits on one page and therefore shows one moment.
    pub whole_pages: bool,
}

/// The assignments of a policy before and after each interval without changes elsewhere.
pub type Spells = Vec<(Option<Picture>, Option<Picture>)>;

/// The writes to one policy.
#[derive(Debug, Clone, Copy)]
pub struct Writes {
    pub sent: usize,
    pub took_effect: usize,
    /// Whether the responses leave open that one took effect.
    pub may_be_in_force: bool,
}

impl World {
    pub fn new(seed: u64, rng: &mut Rng) -> Self {
        let tenant = POLICIES[1..].iter().fold(Tenant::default(), |tenant, id| tenant.with_policy(id));
        let tenant = tenant.with_rows(&[inherited()]);
        let whole_pages = rng.u8(..4) > 0;
        let era = [Era::Silent, Era::Deferring, Era::Keeping][rng.usize(..3)];
        let options = Options {
            page_size: (!whole_pages).then_some(2),
            semantics: semantics(rng),
            ..Options::default()
        };
        let clock = SoakClock::new(seed);
        let provider = Provider::new(Box::new(|_| None)).with_clock(Arc::clone(&clock) as _);
        let scene = Scene::unconfigured(&tenant, options, provider);
        Self { scene: Arc::new(scene), clock, era, whole_pages }
    }

    /// The assignments of the policy; `None` if it does not exist.
    pub fn picture(&self, policy: &str) -> Option<Picture> {
        picture(&self.scene.emulator, policy)
    }

    /// Makes these the direct assignments of a policy, elsewhere.
    pub fn assign_elsewhere(&self, policy: &str, rows: &[Json]) {
        assign(&self.scene.emulator, policy, rows);
    }

    /// Assigns the next of `sets` during each pause of the next operation; nothing for `None`. The result has the
    /// assignments of the policy before and after each change.
    pub fn assign_elsewhere_in_pauses(
        &self,
        policy: &'static str,
        sets: Vec<Option<Vec<Json>>>,
    ) -> Arc<Mutex<Spells>> {
        let spells = Arc::new(Mutex::new(vec![(self.picture(policy), None)]));
        let (noted, scene) = (Arc::clone(&spells), Arc::clone(&self.scene));
        let mut sets = sets.into_iter();
        self.clock.in_pauses(Some(Box::new(move || {
            let Some(Some(rows)) = sets.next() else { return };
            let mut noted = noted.lock().unwrap();
            noted.last_mut().unwrap().1 = picture(&scene.emulator, policy);
            assign(&scene.emulator, policy, &rows);
            noted.push((picture(&scene.emulator, policy), None));
        })));
        spells
    }

    /// Deletes the policy or creates it again.
    pub fn toggle(&self, policy: &str) {
        let collection = "/_emulator/deviceConfigurations";
        let (status, body) = if self.picture(policy).is_some() {
            self.scene.control("DELETE", &format!("{collection}/{policy}"), None)
        } else {
            let object = json!({
                "@odata.type": "#microsoft.graph.windowsDefenderAdvancedThreatProtectionConfiguration",
                "id": policy, "displayName": "Made again",
            });
            self.scene.control("POST", collection, Some(&kind::policy(&object)))
        };
        assert!(status < 300, "{body}");
    }

    pub fn set_faults(&self, faults: &Faults) {
        self.scene.fault(&json!(faults.rules));
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.scene.emulator.control("DELETE", "/_emulator/faults", None);
    }

    /// The number of calls so far.
    pub fn calls_so_far(&self) -> u64 {
        self.scene.emulator.calls().last().map_or(0, |call| call.number)
    }

    /// The writes to a policy since then.
    pub fn writes_since(&self, policy: &str, number: u64) -> Writes {
        let calls = self.scene.emulator.calls();
        let is_write = |path: &str| path.ends_with("/assign") && path.to_lowercase().contains(policy);
        let sent: Vec<_> = calls.iter().filter(|call| call.number > number && is_write(&call.path)).collect();
        let took_effect = sent.iter().filter(|call| match call.fault.as_deref() {
            Some(fault) => fault == DONE && call.status != 404,
            None => call.status < 300,
        });
        Writes {
            sent: sent.len(),
            took_effect: took_effect.count(),
            may_be_in_force: sent.iter().any(|call| !(300..500).contains(&call.status)),
        }
    }

    /// Whether the policy's assignments were returned completely and correctly after its last write.
    pub fn was_seen_after_writing(&self, policy: &str) -> bool {
        let calls = self.scene.emulator.calls();
        let of_policy = calls.iter().rev().filter(|call| call.path.to_lowercase().contains(policy));
        of_policy
            .take_while(|call| !call.path.ends_with("/assign"))
            .any(|call| call.path.ends_with("/assignments") && call.status == 200 && call.fault.is_none())
    }
}

/// Rows for [`World::assign_elsewhere`]; those of the policy set are added there.
pub fn rows_of(targets: &[Target]) -> Vec<Json> {
    targets.iter().map(Target::row).collect()
}

/// Distinct targets, sometimes with ids in upper case.
pub fn random_targets(rng: &mut Rng) -> Vec<Target> {
    let mut targets = Vec::new();
    for everybody in [Target::all_devices(), Target::all_users()] {
        if rng.u8(..4) == 0 {
            targets.push(filtered(rng, everybody));
        }
    }
    for group in [WORKSTATIONS, LAPTOPS, KIOSKS] {
        match rng.u8(..6) {
            0 => targets.push(Target::group(group)),
            1 => targets.push(filtered(rng, Target::group(group))),
            2 => targets.push(Target::exclusion(group)),
            _ => {}
        }
    }
    if rng.u8(..3) == 0 { targets.iter().map(Target::with_upper_case_ids).collect() } else { targets }
}

/// A row of a kind that no version of the provider knows.
pub fn unknown_row() -> Json {
    json!({"target": {"@odata.type": format!("#microsoft.graph.{UNKNOWN_KIND}")}})
}

fn filtered(rng: &mut Rng, target: Target) -> Target {
    match rng.u8(..3) {
        0 => target.including(COMPANY_OWNED),
        1 => target.excluding(PERSONAL),
        _ => target,
    }
}

fn inherited() -> Json {
    Target::group(LAPTOPS).inherited_row(POLICY_SET)
}

fn assign(emulator: &Emulator, policy: &str, rows: &[Json]) {
    let mut rows = rows.to_vec();
    if policy == POLICIES[0] {
        rows.push(inherited());
    }
    let path = kind::translated(&format!("/_emulator/deviceConfigurations/{policy}/assignments"));
    let (status, body) = emulator.control("PUT", &path, Some(&json!(rows)));
    assert_eq!(status, 200, "{body}");
}

fn picture(emulator: &Emulator, policy: &str) -> Option<Picture> {
    let path = kind::translated(&format!("/_emulator/deviceConfigurations/{policy}/assignments"));
    let (status, body) = emulator.control("GET", &path, None);
    (status == 200).then(|| Picture::of_rows(body["assignments"].as_array().unwrap()))
}

/// Draws the unproven assumptions about the service.
fn semantics(rng: &mut Rng) -> Semantics {
    let mut semantics = Semantics::default();
    if rng.bool() {
        semantics.assign_answer = terraform_provider_defender::emulator::semantics::AssignAnswer::DirectRows;
    }
    semantics
}
