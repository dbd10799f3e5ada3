//! One walk of Terraform's core: new provider processes, and what planning and applying have in common. Written from
//! the rules of `node_resource_abstract_instance.go`.

use std::cell::RefCell;

use fastrand::Rng;
use terraform_provider_defender::terraform::value::Value;
use terraform_provider_defender::wire::tfplugin6 as wire;

use crate::assignment::Policy;
use crate::configuration::{Address, Block, Configuration};
use crate::conform;
use crate::ledger::Mark;
use crate::process::{Answered, Diagnostic, Failure, Planned, Process, Proposal, Setup};
use crate::state::{Key, Object, State};
use crate::turns::Turns;
use crate::values::{Phase, configured, policy_in};
use crate::world::World;

pub struct Walk<'a> {
    pub world: &'a World,
    pub configuration: &'a Configuration,
    pub phase: Phase,
    processes: Vec<Option<Process>>,
    pub turns: Turns<'a>,
    pub notes: RefCell<Notes>,
}

/// What a walk leaves besides its result.
#[derive(Debug, Default)]
pub struct Notes {
    /// All messages, each with its address and time.
    pub messages: Vec<(Address, Diagnostic, Mark)>,
    /// Rules of the protocol that the provider broke.
    pub bugs: Vec<String>,
    /// A process was killed.
    pub crashed: bool,
}

/// What is to happen to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    NoOp,
    Create,
    Update,
    DeleteThenCreate,
    CreateThenDelete,
    Delete,
    Forget,
}

/// A planned change, as a plan records it.
#[derive(Debug, Clone)]
pub struct Change {
    pub address: Address,
    /// Set if it is about a deposed object.
    pub deposed: Option<Key>,
    pub action: Action,
    pub before: Value,
    pub after: Value,
    pub private: Vec<u8>,
    pub identity: Option<wire::ResourceIdentityData>,
}

/// A block that is to be planned.
#[derive(Clone, Copy)]
pub struct Task<'t> {
    pub address: Address,
    pub block: &'t Block,
    /// What is there.
    pub object: Option<&'t Object>,
    /// Whether a replacement was asked for.
    pub forced: bool,
    /// The change of the saved plan, in the apply walk.
    pub saved: Option<&'t Change>,
}

impl Change {
    fn new(address: Address, deposed: Option<Key>, action: Action, before: Value, plan: Planned) -> Self {
        let Planned { state: after, private, identity, .. } = plan;
        Self { address, deposed, action, before, after, private, identity }
    }

    /// The policies that it is known to be about.
    pub fn policies(&self) -> impl Iterator<Item = Policy> {
        policy_in(&self.before).into_iter().chain(policy_in(&self.after))
    }
}

impl Notes {
    /// Whether anything was an error.
    pub fn failed(&self) -> bool {
        !self.bugs.is_empty() || self.messages.iter().any(|(_, diagnostic, _)| diagnostic.is_error)
    }
}

impl Action {
    pub fn replaces(self) -> bool {
        matches!(self, Self::DeleteThenCreate | Self::CreateThenDelete)
    }
}

impl<'a> Walk<'a> {
    /// Starts a process for each provider configuration that configuration or state need. Without `rng`, calls run at
    /// once.
    pub async fn begin(
        world: &'a World,
        configuration: &'a Configuration,
        state: &State,
        setup: Setup,
        phase: Phase,
        rng: Option<Rng>,
    ) -> Self {
        let needed = |alias| {
            configuration.blocks.values().any(|block| block.alias == alias)
                || state.0.values().any(|slot| slot.alias == alias)
        };
        let mut processes = Vec::new();
        for alias in 0..setup.aliases {
            processes.push(Process::start(world, setup, phase == Phase::Apply, needed(alias)).await);
        }
        let turns = Turns::new(rng, Box::new(|| world.step()));
        Self { world, configuration, phase, processes, turns, notes: RefCell::default() }
    }

    pub fn process(&self, alias: usize) -> &Process {
        self.processes[alias].as_ref().expect("a process was started for each provider configuration in use")
    }

    /// The provider configuration of an address: that of its block, else the one in the state.
    pub fn alias(&self, address: Address, stored: usize) -> usize {
        self.configuration.blocks.get(address).map_or(stored, |block| block.alias)
    }

    /// Notes a failure; without one, gives the result.
    pub fn keep<T>(&self, address: Address, what: &str, answer: Answered<T>) -> Option<T> {
        match answer {
            Ok(result) => Some(result),
            Err(failure) => {
                self.note_failure(address, what, failure);
                None
            }
        }
    }

    fn note_failure(&self, address: Address, what: &str, failure: Failure) {
        match failure {
            Failure::Refused(messages) => self.note_said(address, what, messages),
            Failure::Crashed => {
                self.notes.borrow_mut().crashed = true;
                self.note_said(address, what, vec![Diagnostic::error("Plugin did not respond")]);
            }
            Failure::Broken(how) => self.note_bug(address, &format!("{what}: {how}")),
        }
    }

    pub fn note_said(&self, address: Address, what: &str, messages: Vec<Diagnostic>) {
        for diagnostic in messages {
            let kind = if diagnostic.is_error { "error" } else { "warning" };
            self.world.tell(&format!("    {address}: {what}: {kind}: {}", diagnostic.summary()));
            self.notes.borrow_mut().messages.push((address, diagnostic, self.world.mark()));
        }
    }

    pub fn note_bug(&self, address: Address, bug: &str) {
        self.notes.borrow_mut().bugs.push(format!("{address}: {bug}"));
    }

    /// Whether anything was an error so far.
    pub fn failed(&self) -> bool {
        self.notes.borrow().failed()
    }

    /// Plans a block, in the plan walk and once more in the apply walk.
    pub async fn plan_block(&self, task: Task<'_>) -> Option<Change> {
        let Task { address, block, .. } = task;
        let config = configured(block, self.phase);
        let process = self.process(block.alias);
        self.keep(address, "validate", process.validate(&config).await)?;
        let known = task.object.filter(|object| !object.tainted);
        let prior = known.map_or(&Value::Null, |object| &object.value);
        let first = Proposal {
            prior,
            config: &config,
            prior_private: known.map_or(&[], |object| &object.private),
            prior_identity: known.and_then(|object| object.identity.as_ref()),
            planned_private: task.saved.map_or(&[], |saved| &saved.private),
        };
        let mut plan = self.call_plan(address, process, first).await?;
        self.note_said(address, "plan", std::mem::take(&mut plan.warnings));
        let action = action(prior, &plan, task.forced, block.create_before_destroy);
        if action.replaces() {
            plan = self.plan_new_object(address, process, &config, &plan).await?;
        }
        let (action, before) = task.as_seen(action, prior);
        if action != Action::Create && !action.replaces() {
            let known = conform::identity(plan.identity.as_ref(), "of a plan");
            known.unwrap_or_else(|bug| self.note_bug(address, &bug));
        }
        Some(Change::new(address, None, action, before, plan))
    }

    /// The second plan of a replacement, with nothing before it. Its warnings are dropped.
    async fn plan_new_object(
        &self,
        address: Address,
        process: &Process,
        config: &Value,
        first: &Planned,
    ) -> Option<Planned> {
        let second = Proposal {
            prior: &Value::Null,
            config,
            prior_private: &first.private,
            prior_identity: first.identity.as_ref(),
            planned_private: &[],
        };
        self.call_plan(address, process, second).await
    }

    async fn call_plan(
        &self,
        address: Address,
        process: &Process,
        proposal: Proposal<'_>,
    ) -> Option<Planned> {
        let (prior, config) = (proposal.prior, proposal.config);
        let _turn = self.turns.turn().await;
        let plan = self.keep(address, "plan", process.plan(proposal).await)?;
        conform::plan(prior, config, &plan.state).unwrap_or_else(|bug| self.note_bug(address, &bug));
        Some(plan)
    }

    /// Plans the destruction of an object.
    pub async fn plan_destroy(
        &self,
        address: Address,
        alias: usize,
        deposed: Option<Key>,
        object: &Object,
    ) -> Option<Change> {
        let proposal = Proposal {
            prior: &object.value,
            config: &Value::Null,
            prior_private: &object.private,
            prior_identity: object.identity.as_ref(),
            planned_private: &[],
        };
        let _turn = self.turns.turn().await;
        let answer = self.process(alias).plan(proposal).await;
        let mut plan = self.keep(address, "plan destroy", answer)?;
        self.note_said(address, "plan destroy", std::mem::take(&mut plan.warnings));
        if !plan.state.is_null() {
            self.note_bug(address, "a destroy is planned with a state");
        }
        Some(Change::new(address, deposed, Action::Delete, object.value.clone(), plan))
    }
}

impl Task<'_> {
    /// What a user sees as action and prior object. A tainted object is planned as a create and shown as replaced; in
    /// the apply walk a replaced object is gone already.
    fn as_seen(&self, action: Action, prior: &Value) -> (Action, Value) {
        if action != Action::Create {
            return (action, prior.clone());
        }
        match (self.saved, self.object) {
            (Some(saved), _) if saved.action.replaces() => (saved.action, saved.before.clone()),
            (_, Some(object)) if object.tainted => {
                (replacement(self.block.create_before_destroy), object.value.clone())
            }
            _ => (action, prior.clone()),
        }
    }
}

fn action(prior: &Value, plan: &Planned, forced: bool, create_first: bool) -> Action {
    let differs = |name: &String| prior.attribute(name) != plan.state.attribute(name);
    if prior.is_null() {
        Action::Create
    } else if forced || plan.replacing.iter().any(differs) {
        replacement(create_first)
    } else if *prior == plan.state && plan.state.is_wholly_known() {
        Action::NoOp
    } else {
        Action::Update
    }
}

fn replacement(create_first: bool) -> Action {
    if create_first { Action::CreateThenDelete } else { Action::DeleteThenCreate }
}
