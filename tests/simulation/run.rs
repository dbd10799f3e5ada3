//! One run of Terraform: plan, changes until apply, apply, and the record for the checks.

use fastrand::Rng;

use crate::apply::{Applied, apply};
use crate::configuration::{Client, Command, Configuration, Mode};
use crate::interference::{Interference, Weather};
use crate::ledger::Mark;
use crate::plan::{Plan, plan};
use crate::process::Setup;
use crate::state::State;
use crate::values::Phase;
use crate::walk::{Notes, Walk};
use crate::watch::Kill;
use crate::world::World;

/// What a run is about.
pub struct Run<'a> {
    pub world: &'a World,
    pub setup: Setup,
    pub configuration: &'a Configuration,
    pub command: &'a Command,
    pub interference: &'a Interference,
    pub in_turns: bool,
}

/// All that is known of a run.
#[derive(Debug)]
pub struct Record {
    pub client: Client,
    pub before: State,
    pub began: Mark,
    /// When planning had ended.
    pub planned: Mark,
    pub plan: Plan,
    pub planning: Notes,
    /// Absent if nothing was applied.
    pub applied: Option<Applied>,
    pub applying: Notes,
    pub after: State,
}

impl Record {
    pub fn failed(&self) -> bool {
        self.planning.failed() || self.applying.failed()
    }

    pub fn crashed(&self) -> bool {
        self.planning.crashed || self.applying.crashed
    }
}

impl Run<'_> {
    pub async fn go(&self, rng: &mut Rng, state: &State) -> Record {
        let began = self.world.mark();
        self.begin(&self.interference.planning);
        let (plan, planning) = self.plan(rng, state).await;
        self.world.calm();
        let mut record = Record {
            client: self.setup.client,
            before: state.clone(),
            began,
            planned: self.world.mark(),
            after: state.clone(),
            applied: None,
            applying: Notes::default(),
            planning,
            plan,
        };
        if record.failed() {
            self.world.tell("  the plan failed");
            return record;
        }
        if let Some(change) = &self.interference.between {
            self.world.interfere(change);
        }
        self.apply(rng, &mut record).await;
        record
    }

    async fn plan(&self, rng: &mut Rng, state: &State) -> (Plan, Notes) {
        self.world.tell("  plan");
        let mut prior = state.clone();
        if self.command.mode == Mode::Destroy && !self.command.without_refresh {
            let normal = Command { mode: Mode::Normal, ..self.command.clone() };
            let mut configuration = self.configuration.clone();
            configuration.imports.clear();
            let walk = self.walk(&configuration, state, Phase::Plan, rng).await;
            let refreshed = plan(&walk, state, &normal).await;
            if walk.failed() {
                return (refreshed, walk.notes.take());
            }
            prior = refreshed.prior;
        }
        let walk = self.walk(self.configuration, &prior, Phase::Plan, rng).await;
        let plan = plan(&walk, &prior, self.command).await;
        (plan, walk.notes.take())
    }

    async fn apply(&self, rng: &mut Rng, record: &mut Record) {
        if self.command.mode == Mode::RefreshOnly {
            record.after = record.plan.prior.clone();
            return;
        }
        if !record.plan.has_effect {
            self.world.tell("  nothing to apply");
            return;
        }
        self.world.tell("  apply");
        self.begin(&self.interference.applying);
        let walk = self.walk(self.configuration, &record.plan.prior, Phase::Apply, rng).await;
        let applied = apply(&walk, &record.plan).await;
        record.applying = walk.notes.take();
        self.world.calm();
        record.after = applied.state.clone();
        record.applied = Some(applied);
    }

    fn begin(&self, weather: &Weather) {
        let kill = weather.kill.map(|kill| Kill {
            process: self.world.next_process() + u32::try_from(kill.alias).unwrap(),
            skip: kill.skip,
            after_effect: kill.after_effect,
        });
        self.world.lay(weather.plots.clone(), kill);
        self.world.fault(&weather.rules);
    }

    async fn walk<'w>(
        &'w self,
        configuration: &'w Configuration,
        state: &State,
        phase: Phase,
        rng: &mut Rng,
    ) -> Walk<'w> {
        let order = Rng::with_seed(rng.u64(..));
        let order = self.in_turns.then_some(order);
        Walk::begin(self.world, configuration, state, self.setup, phase, order).await
    }
}
