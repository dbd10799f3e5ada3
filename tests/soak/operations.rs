//! One operation as Terraform runs it: chosen by chance, refreshed and planned, applied, and judged. Whether others
//! run at the same time is decided in `run.rs`.

use std::sync::Arc;

use fastrand::Rng;
use serde_json::{Value as Json, json};

use crate::checks::{self, Verdict};
use crate::faults::{Faults, Weather};
use crate::model::{Picture, Set, Verb, Wish, set_of};
use crate::scene::{Answer, Scene, config_of, with};
use crate::target::Target;
use crate::world::{World, random_targets};

/// One resource in the state.
#[derive(Debug, Clone)]
pub struct Slot {
    pub policy: &'static str,
    /// Null where there is none.
    pub state: Json,
}

/// One operation on one slot.
#[derive(Debug, Clone)]
pub struct Operation {
    pub slot: usize,
    pub policy: &'static str,
    pub kind: Kind,
    /// The configuration; null for a destroy.
    pub config: Json,
    wanted: Vec<Target>,
    /// Whether Terraform refreshes before it plans.
    pub refreshes: bool,
    pub while_planning: Faults,
    pub while_applying: Faults,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Read,
    Import,
    Write(Verb),
}

/// What the first half of an operation left.
pub struct Planned {
    /// What the slot's state is now.
    pub prior: Json,
    /// Whether there is something to apply.
    pub goes_on: bool,
    pub said: String,
}

impl Operation {
    /// What suits the state of the slot.
    pub fn random(rng: &mut Rng, slot: usize, of: &Slot, lies: bool) -> Self {
        let kind = random_kind(rng, !of.state.is_null());
        let wanted = if kind == Kind::Write(Verb::Delete) { Vec::new() } else { random_targets(rng) };
        let config =
            if kind == Kind::Write(Verb::Delete) { Json::Null } else { config_of(of.policy, &wanted) };
        let config = match kind {
            Kind::Write(Verb::Create { overwrites }) => with(config, "overwrite_existing", json!(overwrites)),
            _ => config,
        };
        Self {
            slot,
            policy: of.policy,
            kind,
            config,
            wanted,
            refreshes: rng.u8(..5) > 0,
            while_planning: Faults::of_reads(rng, of.policy),
            while_applying: Faults::of_writes(rng, of.policy, lies),
        }
    }

    /// A create or update to these targets on a fair day.
    pub fn plain(slot: usize, of: &Slot, wanted: Vec<Target>) -> Self {
        let verb = if of.state.is_null() { Verb::Create { overwrites: false } } else { Verb::Update };
        Self {
            slot,
            policy: of.policy,
            kind: Kind::Write(verb),
            config: config_of(of.policy, &wanted),
            wanted,
            refreshes: true,
            while_planning: Faults::none(),
            while_applying: Faults::none(),
        }
    }

    /// The wish that follows from this state.
    pub fn wish(&self, prior: &Json) -> Option<Wish> {
        let Kind::Write(verb) = self.kind else { return None };
        let prior = if prior.is_null() { Set::new() } else { Picture::of_state(prior).direct };
        Some(Wish { verb, prior, wanted: set_of(&self.wanted) })
    }

    /// Refresh and plan, or the whole of a read or an import. Nobody else changes the policy meanwhile.
    pub async fn plan(&self, world: &World, state: Json, weather: Weather) -> Result<Planned, String> {
        let truth = world.picture(self.policy);
        let scene = &world.scene;
        let mut prior = state;
        if self.kind == Kind::Import {
            prior = imported(scene, self.policy, weather, truth.as_ref()).await?;
            return Ok(Planned { goes_on: false, said: String::new(), prior });
        }
        let mut said = String::new();
        if !prior.is_null() && (self.refreshes || self.kind == Kind::Read) {
            let answer = scene.read(&prior).await;
            checks::read(&prior, &answer, weather, truth.as_ref()).map_err(|wrong| told(&wrong, &answer))?;
            let failed = answer.failed();
            (prior, said) = (answer.state, answer.said);
            if failed || prior.is_null() {
                return Ok(Planned { prior, goes_on: false, said });
            }
        }
        let Some(wish) = self.wish(&prior) else { return Ok(Planned { prior, goes_on: false, said }) };
        let answer = scene.plan(&prior, &self.config).await;
        checks::plan(&wish, &answer, weather, truth.as_ref()).map_err(|wrong| told(&wrong, &answer))?;
        said.push_str(&answer.said);
        Ok(Planned { prior, goes_on: !answer.failed(), said })
    }

    pub async fn apply(&self, scene: Arc<Scene>, prior: Json) -> Answer {
        scene.apply(&prior, &self.config).await
    }
}

/// The import and the read that Terraform lets follow.
async fn imported(
    scene: &Scene,
    policy: &str,
    weather: Weather,
    truth: Option<&Picture>,
) -> Result<Json, String> {
    let first = scene.import(policy).await;
    if first.failed() {
        let verdict: Verdict = (|| {
            checks::ensure(truth.is_none() || weather > Weather::Passing, "an import failed for no reason")?;
            checks::ensure(first.state.is_null(), "a failed import left a state")
        })();
        return verdict.map_err(|wrong| told(&wrong, &first)).map(|()| Json::Null);
    }
    checks::ensure(truth.is_some(), "a policy was imported that does not exist")?;
    let answer = scene.read(&first.state).await;
    checks::read(&first.state, &answer, weather, truth).map_err(|wrong| told(&wrong, &answer))?;
    // Terraform drops an import whose read fails.
    Ok(if answer.failed() { Json::Null } else { answer.state })
}

fn random_kind(rng: &mut Rng, has_state: bool) -> Kind {
    match (has_state, rng.u8(..10)) {
        (false, 0..2) => Kind::Import,
        (false, roll) => Kind::Write(Verb::Create { overwrites: roll == 9 }),
        (true, 0..2) => Kind::Read,
        (true, 2..4) => Kind::Write(Verb::Delete),
        (true, _) => Kind::Write(Verb::Update),
    }
}

/// A verdict with what the provider said.
pub fn told(wrong: &str, answer: &Answer) -> String {
    format!("{wrong}\nState: {}\nSaid: {}", answer.state, answer.said)
}
