//! One operation as Terraform runs it: drawn at random, refreshed and planned, then applied. `run.rs` decides which
//! operations run concurrently.

use fastrand::Rng;
use serde_json::{Value as Json, json};

use crate::checks::{self, Verdict};
use crate::faults::{Faults, Weather};
use crate::model::{Picture, Set, Verb, Wish, set_of};
use crate::scene::legs::Plan;
use crate::scene::{Answer, Scene, config_of, with};
use crate::target::Target;
use crate::world::{World, random_targets};

/// One resource in the state.
#[derive(Debug, Clone)]
pub struct Slot {
    pub policy: &'static str,
    /// Null if there is none.
    pub state: Json,
    /// Terraform replaces the object.
    pub is_tainted: bool,
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
    is_tainted: bool,
    /// Whether Terraform refreshes before it plans.
    refreshes: bool,
    /// Whether another operation of the step is about the same policy.
    pub has_twin: bool,
    pub while_planning: Faults,
    pub while_applying: Faults,
}

/// How a plan uses a policy, from the view of another resource for the same policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    Create,
    Keep,
    GiveUp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Read,
    Import,
    Write(Verb),
}

/// The result of the first half of an operation.
pub struct Planned {
    /// The slot's state.
    pub prior: Json,
    /// The plan to apply.
    pub plan: Option<Plan>,
    /// Whether Terraform planned this resource, and the message about another resource with the same policy.
    pub conflict: Option<bool>,
    pub messages: String,
}

impl Operation {
    /// Draws an operation that is possible in the state of the slot.
    pub fn random(rng: &mut Rng, slot: usize, of: &Slot, lies: bool) -> Self {
        let kind = random_kind(rng, of);
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
            is_tainted: of.is_tainted,
            refreshes: rng.u8(..5) > 0,
            has_twin: false,
            while_planning: Faults::of_reads(rng, of.policy),
            while_applying: Faults::of_writes(rng, of.policy, lies),
        }
    }

    /// A create, update or replacement to these targets without faults.
    pub fn plain(slot: usize, of: &Slot, wanted: Vec<Target>) -> Self {
        let verb = match (of.state.is_null(), of.is_tainted) {
            (true, _) => Verb::Create { overwrites: false },
            (false, true) => Verb::Replace,
            (false, false) => Verb::Update,
        };
        let config = config_of(of.policy, &wanted);
        Self { config, wanted, ..Self::fair(slot, of, Kind::Write(verb)) }
    }

    /// An import without faults.
    pub fn import(slot: usize, of: &Slot) -> Self {
        Self::fair(slot, of, Kind::Import)
    }

    fn fair(slot: usize, of: &Slot, kind: Kind) -> Self {
        Self {
            slot,
            policy: of.policy,
            kind,
            config: Json::Null,
            wanted: Vec::new(),
            is_tainted: of.is_tainted,
            refreshes: true,
            has_twin: false,
            while_planning: Faults::none(),
            while_applying: Faults::none(),
        }
    }

    /// A tainted object is planned like one that does not exist.
    pub fn policy_use(&self) -> Use {
        match self.kind {
            Kind::Write(Verb::Create { .. }) => Use::Create,
            Kind::Write(Verb::Replace) if self.is_tainted => Use::Create,
            Kind::Write(Verb::Delete) => Use::GiveUp,
            _ => Use::Keep,
        }
    }

    /// The operation that follows from this state.
    pub fn wish(&self, prior: &Json) -> Option<Wish> {
        let Kind::Write(verb) = self.kind else { return None };
        let prior = if prior.is_null() { Set::new() } else { Picture::of_state(prior).direct };
        Some(Wish { verb, prior, wanted: set_of(&self.wanted) })
    }

    /// Refreshes and plans, or runs a whole read or import. The policy does not change elsewhere meanwhile.
    pub async fn plan(&self, world: &World, state: Json, weather: Weather) -> Result<Planned, String> {
        let truth = world.picture(self.policy);
        let was_read = !state.is_null() && (self.refreshes || self.kind == Kind::Read);
        let (prior, goes_on, messages) = if self.kind == Kind::Import {
            let imported = imported(&world.scene, self.policy, weather, truth.as_ref()).await?;
            let goes_on = !imported.is_null();
            (imported, goes_on, String::new())
        } else if was_read {
            refreshed(&world.scene, state, weather, truth.as_ref()).await?
        } else {
            (state, true, String::new())
        };
        if !goes_on {
            return Ok(Planned { prior, plan: None, conflict: None, messages });
        }
        let Some(wish) = self.wish(&prior) else { return unchanged(&world.scene, prior, messages).await };
        let plan = self.plan_write(world, &prior).await;
        let planned = checks::Planned {
            wish: &wish,
            answer: &plan.answer,
            weather,
            truth: truth.as_ref(),
            era: world.era,
            looks_new: self.looks_new(was_read),
            has_twin: self.has_twin,
        };
        planned.check().map_err(|wrong| described(&wrong, &plan.answer))?;
        let conflict = Some(checks::is_conflict(&plan.answer));
        let messages = format!("{messages}{}", plan.answer.messages);
        Ok(Planned { prior, plan: (!plan.answer.failed()).then_some(plan), conflict, messages })
    }

    async fn plan_write(&self, world: &World, prior: &Json) -> Plan {
        let (scene, era) = (&world.scene, world.era);
        match (self.kind, self.is_tainted) {
            (Kind::Write(Verb::Replace), false) => scene.replacing_plan(era, prior, &self.config).await,
            (Kind::Write(Verb::Replace), true) => scene.plan_of(era, &Json::Null, &self.config).await,
            _ => scene.plan_of(era, prior, &self.config).await,
        }
    }

    /// Whether the plan has neither a prior state nor a refresh before it.
    fn looks_new(&self, was_read: bool) -> bool {
        match self.kind {
            Kind::Write(Verb::Create { .. }) => true,
            Kind::Write(Verb::Replace) => self.is_tainted && !was_read,
            _ => false,
        }
    }

    /// As Terraform applies a plan: each leg, and before a create or an update the plan once more.
    pub async fn apply(&self, world: &World, prior: &Json, plan: &Plan) -> Result<Answer, String> {
        match self.kind {
            Kind::Write(Verb::Delete) => Ok(world.scene.delete_leg(prior, plan).await),
            Kind::Write(Verb::Replace) => {
                let deleted = world.scene.delete_leg(prior, plan).await;
                let is_done = !deleted.failed() && deleted.state.is_null();
                checks::ensure(is_done, "the delete leg of a replacement failed")
                    .map_err(|wrong| described(&wrong, &deleted))?;
                self.apply_planned(world, &Json::Null, plan).await
            }
            _ => self.apply_planned(world, prior, plan).await,
        }
    }

    async fn apply_planned(&self, world: &World, prior: &Json, plan: &Plan) -> Result<Answer, String> {
        let (scene, config) = (&world.scene, &self.config);
        let again = scene.plan_again(world.era, prior, config, plan).await;
        if again.answer.failed() {
            let loses_state = self.kind == Kind::Write(Verb::Replace);
            checks::ensure(!loses_state, "the repeated plan of a replacement failed after its delete leg")
                .map_err(|wrong| described(&wrong, &again.answer))?;
            return Ok(Answer { state: prior.clone(), messages: again.answer.messages });
        }
        checks::ensure(again.answer.state == plan.answer.state, "the repeated plan differs")
            .map_err(|wrong| described(&wrong, &again.answer))?;
        Ok(scene.apply_plan(prior, config, &again).await)
    }
}

/// The refreshed state, and whether Terraform goes on to plan it.
async fn refreshed(
    scene: &Scene,
    state: Json,
    weather: Weather,
    truth: Option<&Picture>,
) -> Result<(Json, bool, String), String> {
    let answer = scene.read(&state).await;
    checks::read(&state, &answer, weather, truth).map_err(|wrong| described(&wrong, &answer))?;
    let goes_on = !answer.failed() && !answer.state.is_null();
    Ok((answer.state, goes_on, answer.messages))
}

/// The plan of a resource whose configuration is what its state has. Terraform asks for it after each refresh.
async fn unchanged(scene: &Scene, state: Json, messages: String) -> Result<Planned, String> {
    let mut config = state.clone();
    let config_members = config.as_object_mut().unwrap();
    config_members
        .retain(|name, _| !["id", "assignment_ids", "inherited_assignments"].contains(&name.as_str()));
    let answer = scene.first_plan(&state, &config).await.answer;
    checks::unchanged_plan(&state, &answer).map_err(|wrong| described(&wrong, &answer))?;
    let conflict = Some(checks::is_conflict(&answer));
    Ok(Planned { prior: state, plan: None, conflict, messages: format!("{messages}{}", answer.messages) })
}

/// The import and the read after it.
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
        return verdict.map_err(|wrong| described(&wrong, &first)).map(|()| Json::Null);
    }
    checks::ensure(truth.is_some(), "a policy was imported that does not exist")?;
    let answer = scene.read(&first.state).await;
    checks::read(&first.state, &answer, weather, truth).map_err(|wrong| described(&wrong, &answer))?;
    // Terraform drops an import whose read fails.
    Ok(if answer.failed() { Json::Null } else { answer.state })
}

#[allow(clippy::match_same_arms, reason = "each line is one kind of slot")]
fn random_kind(rng: &mut Rng, of: &Slot) -> Kind {
    match (of.state.is_null(), of.is_tainted, rng.u8(..10)) {
        (true, _, 0..3) => Kind::Import,
        (true, _, roll) => Kind::Write(Verb::Create { overwrites: roll == 9 }),
        (false, true, 0..2) => Kind::Write(Verb::Delete),
        (false, true, _) => Kind::Write(Verb::Replace),
        (false, false, 0) => Kind::Read,
        (false, false, 1..3) => Kind::Write(Verb::Delete),
        (false, false, 3) => Kind::Write(Verb::Replace),
        (false, false, _) => Kind::Write(Verb::Update),
    }
}

/// A verdict with the provider's messages.
pub fn described(wrong: &str, answer: &Answer) -> String {
    format!("{wrong}\nState: {}\nSaid: {}", answer.state, answer.messages)
}
