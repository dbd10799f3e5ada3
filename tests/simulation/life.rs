//! The life of one world: a state to begin with, some runs with changes and interference, and after trouble a plain
//! apply.

use std::fmt::Write as _;

use fastrand::Rng;

use crate::assignment::{Policy, Shown};
use crate::beginning;
use crate::change::Desk;
use crate::configuration::{Address, Block, Command, Configuration, Mode};
use crate::conform::Verdict;
use crate::draw::{self, Drawn};
use crate::expectation::Expectation;
use crate::interference::{Interference, Scope};
use crate::invariant;
use crate::run::Run;
use crate::state::State;
use crate::world::World;

/// One seed under way.
pub struct Life {
    rng: Rng,
    world: World,
    drawn: Drawn,
    configuration: Configuration,
    state: State,
    /// Whether an apply has failed.
    had_trouble: bool,
}

impl Life {
    pub fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let drawn = draw::world(&mut rng);
        let configuration = drawn.configuration.clone();
        Self {
            rng,
            world: World::new(seed),
            configuration,
            drawn,
            state: State::default(),
            had_trouble: false,
        }
    }

    /// Runs everything. Returns the story and the violation, if there is one.
    pub async fn live(mut self) -> (String, Verdict) {
        let Drawn { setup, in_turns, .. } = &self.drawn;
        self.world.tell(&format!("{setup:?}, in turns: {in_turns}"));
        let verdict = self.run_all().await;
        self.world.tell(&format!("--- the end\n  state\n{}", self.state));
        let story = std::mem::take(&mut self.world.watch.lock().story);
        (story, verdict)
    }

    async fn run_all(&mut self) -> Verdict {
        if self.rng.u8(..12) == 0 {
            self.run("first", &Command::default(), Interference::default()).await?;
        } else {
            self.state = beginning::settle(&self.world, &mut self.rng, &self.configuration);
        }
        for (policy, set) in self.drawn.foreign.clone() {
            self.world.begin_with(policy, &set);
        }
        for number in 1..=[1, 1, 2, 2, 3][self.rng.usize(..5)] {
            self.change_and_run(number).await?;
        }
        // After trouble, a plain apply must go on.
        if self.had_trouble || self.rng.u8(..5) == 0 {
            self.run("last", &Command::default(), Interference::default()).await?;
        }
        Ok(())
    }

    async fn change_and_run(&mut self, number: u8) -> Verdict {
        let free = self.free_policies();
        let mut command = Command::default();
        let mut desk = Desk {
            rng: &mut self.rng,
            configuration: &mut self.configuration,
            state: &mut self.state,
            command: &mut command,
            aliases: self.drawn.setup.aliases,
            free,
        };
        let changes = desk.change().join("; ");
        let interference = self.draw_interference(&command);
        self.run(&format!("{number}: {changes}"), &command, interference).await
    }

    /// Policies that exist, without assignments and without a resource.
    fn free_policies(&self) -> Vec<Policy> {
        let is_used = |policy: &Policy| {
            self.state.objects().any(|(_, _, object)| object.policy() == *policy)
                || self.configuration.blocks.values().any(|block| block.policy == *policy)
        };
        let is_free = |policy: &Policy| self.world.exists(*policy) && self.world.set(*policy).is_empty();
        Policy::REAL.into_iter().filter(|policy| !is_used(policy) && is_free(policy)).collect()
    }

    fn draw_interference(&mut self, command: &Command) -> Interference {
        let stored: Vec<_> = self.state.objects().map(|(_, _, object)| object.policy()).collect();
        let configured = self.configuration.blocks.values().map(|block| block.policy);
        let (policies, _): (Vec<_>, Vec<_>) =
            configured.chain(stored.iter().copied()).partition(|policy| policy.is_real());
        let fresh: Vec<_> = policies.iter().filter(|policy| !stored.contains(policy)).copied().collect();
        let scope = Scope {
            policies: &policies,
            fresh: &fresh,
            busy: &self.busy_policies(command),
            aliases: self.drawn.setup.aliases,
            in_turns: self.drawn.in_turns,
            signs_in: self.drawn.setup.signs_in,
        };
        Interference::draw(&mut self.rng, &scope)
    }

    /// Those that the next run will probably write.
    fn busy_policies(&self, command: &Command) -> Vec<Policy> {
        let is_kept = |address: Address, block: &Block| {
            let object = self.state.current(address).filter(|object| !object.tainted);
            object.is_some_and(|object| object.policy() == block.policy && object.set() == block.set)
        };
        let blocks = self.configuration.blocks.iter();
        let busy =
            blocks.filter(|(address, block)| command.replace.contains(*address) || !is_kept(address, block));
        let leaving = self.state.objects().filter(|(address, ..)| {
            command.mode == Mode::Destroy || !self.configuration.blocks.contains_key(address)
        });
        let entering = busy.map(|(_, block)| block.policy);
        entering
            .chain(leaving.map(|(_, _, object)| object.policy()))
            .filter(|policy| policy.is_real())
            .collect()
    }

    async fn run(&mut self, title: &str, command: &Command, interference: Interference) -> Verdict {
        self.introduce(title, &interference);
        let run = Run {
            world: &self.world,
            setup: self.drawn.setup,
            configuration: &self.configuration,
            command,
            interference: &interference,
            in_turns: self.drawn.in_turns,
        };
        let expectation = Expectation::of(&run, &self.state);
        let record = run.go(&mut self.rng, &self.state).await;
        let mut verdict = invariant::check(&self.world, &record, &interference);
        if interference.is_calm() {
            verdict = verdict.and_then(|()| expectation.check(&self.world, &record));
        }
        self.had_trouble |= record.failed();
        if record.applied.is_some() {
            self.configuration = std::mem::take(&mut self.configuration).settled();
        }
        self.state = record.after;
        verdict.map_err(|wrong| format!("run {title}: {wrong}"))
    }

    fn introduce(&self, title: &str, interference: &Interference) {
        let mut text = format!("--- run {title}\n  tenant");
        for policy in Policy::REAL {
            let _ = write!(text, "  {policy} {}", Shown(&self.world.set(policy)));
        }
        let _ = write!(text, "\n  state\n{}  configuration\n{}", self.state, self.configuration);
        if !interference.is_calm() {
            let _ = write!(text, "  interference\n{interference}");
        }
        self.world.tell(text.trim_end());
    }
}
