//! Which runs must succeed: a provider that refuses everything would lose nothing. Judged for quiet runs only, and only
//! where no rule of the guards is in the way.

use std::collections::{BTreeMap, BTreeSet};

use crate::assignment::{Policy, Set, Shown, Target};
use crate::configuration::{Address, Block, Client, Mode};
use crate::conform::Verdict;
use crate::invariant::ensure;
use crate::run::{Record, Run};
use crate::state::State;
use crate::world::World;

/// The expected result of a run, determined before it starts.
pub struct Expectation {
    must_succeed: bool,
    /// Whether the plan must be refused.
    must_be_refused: bool,
    /// What each policy has afterwards.
    sets: BTreeMap<Policy, Set>,
}

impl Expectation {
    pub fn of(run: &Run<'_>, state: &State) -> Self {
        let mut state = state.clone();
        for (from, to) in &run.configuration.moved {
            state.rename(from, to);
        }
        let Run { configuration, command, .. } = run;
        let blocks = &configuration.blocks;
        let situation = Situation { run, state };
        let all_pass = blocks.iter().all(|(address, block)| situation.passes(address, block));
        Self {
            must_succeed: situation.is_plain() && all_pass,
            must_be_refused: command.mode == Mode::Normal
                && blocks.iter().any(|(address, block)| situation.refuses(address, block)),
            sets: blocks.values().map(|block| (block.policy, block.set.clone())).collect(),
        }
    }

    pub fn check(&self, world: &World, record: &Record) -> Verdict {
        ensure(!self.must_be_refused || record.applied.is_none(), || {
            "a plan was not refused, and its apply cannot succeed".to_owned()
        })?;
        if !self.must_succeed {
            return Ok(());
        }
        ensure(!record.failed(), || "STUCK: a quiet run failed, and no guard is in its way".to_owned())?;
        for (policy, set) in &self.sets {
            let there = world.set(*policy);
            ensure(there == *set, || {
                format!("a quiet run ended well, and {policy} has {}, not {}", Shown(&there), Shown(set))
            })?;
        }
        Ok(())
    }
}

struct Situation<'a> {
    run: &'a Run<'a>,
    /// After the moves.
    state: State,
}

impl Situation<'_> {
    /// An ordinary apply with one resource for each policy, all of which exist.
    fn is_plain(&self) -> bool {
        let Run { world, configuration, command, .. } = self.run;
        let policies: BTreeSet<_> = configuration.blocks.values().map(|block| block.policy).collect();
        let is_known = |block: &Block| {
            let exists = block.policy.is_real() && world.exists(block.policy);
            exists && !block.set.contains(&Target::Group(3))
        };
        command.mode == Mode::Normal
            && !command.without_refresh
            && configuration.imports.is_empty()
            && policies.len() == configuration.blocks.len()
            && configuration.blocks.values().all(is_known)
            && !Policy::REAL.iter().any(|policy| world.set(*policy).contains(&Target::Unknown))
    }

    /// Whether the plan can see that a create must be refused.
    fn refuses(&self, address: Address, block: &Block) -> bool {
        let (world, setup) = (self.run.world, self.run.setup);
        let current = self.state.current(address);
        if block.unknown_policy || current.is_some_and(|object| object.policy() == block.policy) {
            return false;
        }
        let is_imported = current.is_none() && self.run.configuration.imports.contains_key(address);
        // A create for the policy of a tainted object looks like the create of its replacement.
        let is_held = self.state.objects().any(|(_, _, object)| object.policy() == block.policy);
        let live = world.set(block.policy);
        let may_overwrite = block.overwrite && (block.unknown_set || live != block.set);
        let is_taken = !live.is_empty() && !may_overwrite && !is_held;
        let replaces = current.is_some_and(|object| !object.tainted);
        let knows_plans = matches!(setup.client, Client::Terraform | Client::Terraform116);
        match (is_imported, replaces) {
            (true, _) => false,
            (false, true) => !block.policy.is_real() || !world.exists(block.policy) || is_taken,
            (false, false) => is_taken && knows_plans,
        }
    }

    fn passes(&self, address: Address, block: &Block) -> bool {
        let mut others = self.state.objects().filter(|(other, ..)| *other != address);
        // A deposed object cannot be resolved by an apply, and the provider cannot tell that a policy that stays assigned is
        // the next one.
        let is_left_over = self.state.0.get(&address).is_some_and(|slot| !slot.deposed.is_empty());
        if is_left_over || (block.skip_destroy && block.unknown_policy) {
            return false;
        }
        if others.any(|(_, _, object)| object.policy() == block.policy) {
            return false;
        }
        match self.state.current(address) {
            Some(object) if object.policy() == block.policy => {
                let is_asked_for = object.tainted || self.run.command.replace.contains(address);
                let is_replaced = is_asked_for || block.unknown_policy;
                // Before Terraform 1.16 the create of a create-first replacement looks like any other. From 1.16 on,
                // one for a tainted object may look like a second object of the policy.
                let is_one_update = self.run.setup.client == Client::Terraform116
                    && (!object.tainted || self.run.world.set(block.policy).is_subset(&block.set));
                !is_replaced || !block.create_before_destroy || is_one_update
            }
            _ => self.run.world.set(block.policy).is_empty() && !block.unknown_policy,
        }
    }
}
