//! Random configurations, changes, options and failures with the real Terraform. An apply must not remove an assignment
//! that its plan did not show. `tests/simulation/` does the same in process, with far more configurations.
//!
//! `RANDOM_CONFIGURATIONS=48` runs that many instead of 24, `RANDOM_SEED=7` runs one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use fastrand::Rng;
use serde_json::{Value, json};

use super::promise::APPLY_SAVED;
use super::stage::{Stage, set};
use crate::support::command::Finished;
use crate::support::plan::Plan;
use crate::support::target::{Target, element_of_row};
use crate::support::tenant::{KIOSKS, LAPTOPS, OTHER_POLICY, POLICY, Tenant, WORKSTATIONS};

const NAMES: [&str; 4] = ["one", "two", "three", "four"];
const POLICIES: [&str; 2] = [POLICY, OTHER_POLICY];
const ALIASES: [&str; 2] = ["a", "b"];
const RUNS: usize = 2;

/// Elements of `assignments` in their JSON form.
type Elements = BTreeSet<String>;

/// One resource block.
#[derive(Debug, Clone)]
struct Block {
    policy: &'static str,
    targets: Vec<Target>,
    alias: &'static str,
    overwrites: bool,
    created_first: bool,
}

struct World {
    rng: Rng,
    stage: Stage,
    blocks: BTreeMap<&'static str, Block>,
    moved: Option<(&'static str, &'static str)>,
    /// Options of the next plan.
    options: Vec<String>,
    story: String,
}

pub fn the_first_half_of_the_configurations_loses_nothing() {
    live(0);
}

pub fn the_second_half_of_the_configurations_loses_nothing() {
    live(1);
}

/// Runs every other seed, so that the two scenarios share the work.
fn live(half: u64) {
    let number = |variable: &str| std::env::var(variable).ok().map(|text| text.parse::<u64>().unwrap());
    let seeds = match number("RANDOM_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("RANDOM_CONFIGURATIONS").unwrap_or(24),
    };
    for seed in seeds.filter(|seed| seed % 2 == half) {
        let mut world = World::draw(seed);
        for _ in 0..RUNS {
            world.run();
        }
    }
}

impl World {
    fn draw(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let stage = Stage::with_tenant(&Tenant::default().with_policy(OTHER_POLICY));
        let mut blocks = BTreeMap::new();
        for (name, policy) in NAMES.iter().zip(POLICIES).take(rng.usize(1..=2)) {
            blocks.insert(*name, block(&mut rng, policy));
        }
        let mut world = Self { rng, stage, blocks, moved: None, options: Vec::new(), story: String::new() };
        writeln!(world.story, "seed {seed}\nfirst {:#?}", world.blocks).unwrap();
        world.configure();
        world.stage.folder.apply().succeeds();
        world
    }

    /// Changes something, plans, applies what was planned, and judges.
    fn run(&mut self) {
        self.change();
        self.configure();
        self.disturb(4);
        let options: Vec<&str> = self.options.iter().map(String::as_str).collect();
        let before = self.assigned();
        let plan = self.stage.folder.plan_with(&options);
        writeln!(self.story, "plan {options:?}: {:?}\n{}", plan.finished.code, plan.finished.messages())
            .unwrap();
        assert_eq!(self.assigned(), before, "a plan writes nothing\n{}", self.story);
        if plan.finished.code != Some(1) {
            self.apply(&plan);
        }
        (self.moved, self.options) = (None, Vec::new());
    }

    fn apply(&mut self, plan: &Plan) {
        self.disturb(4);
        self.break_a_write();
        let before = self.assigned();
        let applied = self.stage.folder.run(APPLY_SAVED);
        self.stage.emulator.no_more_faults();
        writeln!(self.story, "apply: {:?}\n{}", applied.code, applied.messages()).unwrap();
        let after = self.assigned();
        let state = self.state();
        for policy in POLICIES {
            let gone: Elements = before[policy].difference(&after[policy]).cloned().collect();
            let shown = shown_leaving(plan, &applied, policy);
            let lost: Vec<_> = gone.difference(&shown).collect();
            assert!(lost.is_empty(), "LOST on {policy}: {lost:?}\n{}", self.story);
            if let [claimed] = &state[policy][..] {
                // Without a change, the state is as old as the last look at the policy.
                let is_written = applied.code == Some(0) && is_changed(plan, policy);
                let is_true = if is_written { *claimed == after[policy] } else { claimed.is_disjoint(&gone) };
                assert!(is_true, "the state of {policy} is wrong: {claimed:?}\n{}", self.story);
            }
        }
    }

    /// What a user changes.
    fn change(&mut self) {
        let Some(name) = self.rng.choice(self.blocks.keys().copied()) else { return self.add() };
        let mut block = self.blocks[name].clone();
        match self.rng.u8(..11) {
            0 | 1 => return self.rename(name, block),
            2 => block.targets = targets(&mut self.rng),
            3 => block.policy = POLICIES[self.rng.usize(..2)],
            4 => return drop(self.blocks.remove(name)),
            5 => return self.add(),
            6 => block.overwrites = !block.overwrites,
            7 => block.created_first = !block.created_first,
            8 => {
                self.stage.folder.run(&["taint", &address(name)]);
                writeln!(self.story, "taint {name}").unwrap();
            }
            _ => self.options.push(format!("-replace={}", address(name))),
        }
        if self.rng.u8(..3) == 0 {
            block.targets = targets(&mut self.rng);
        }
        self.blocks.insert(name, block);
    }

    fn add(&mut self) {
        if let Some(name) = self.free_name() {
            let policy = POLICIES[self.rng.usize(..2)];
            let block = block(&mut self.rng, policy);
            self.blocks.insert(name, block);
        }
    }

    fn rename(&mut self, from: &'static str, mut block: Block) {
        let Some(to) = self.free_name() else { return };
        self.blocks.remove(from);
        self.moved = self.rng.bool().then_some((from, to));
        if self.rng.bool() {
            block.alias = ALIASES[self.rng.usize(..2)];
        }
        self.blocks.insert(to, block);
    }

    fn free_name(&mut self) -> Option<&'static str> {
        self.rng.choice(NAMES.into_iter().filter(|name| !self.blocks.contains_key(name)).collect::<Vec<_>>())
    }

    fn configure(&mut self) {
        let aliases = ALIASES.map(|alias| format!("provider \"defender\" {{\n  alias = {alias:?}\n}}\n"));
        let blocks = self.blocks.iter().map(|(name, block)| resource(name, block));
        let moved = self.moved.iter().map(|(from, to)| {
            format!("moved {{\n  from = {}\n  to   = {}\n}}\n", address(from), address(to))
        });
        let text: String = aliases.into_iter().chain(blocks).chain(moved).collect();
        writeln!(self.story, "{text}").unwrap();
        self.stage.configure(&text);
    }

    /// At times, someone else assigns a policy.
    fn disturb(&mut self, one_in: u8) {
        if self.rng.u8(..one_in) == 0 {
            let policy = POLICIES[self.rng.usize(..2)];
            let targets = targets(&mut self.rng);
            writeln!(self.story, "in the portal, {policy} gets {targets:?}").unwrap();
            self.stage.emulator.assign_in_portal(policy, &targets);
        }
    }

    fn break_a_write(&mut self) {
        let effects = [
            json!({"status": 403}),
            json!({"status": 401}),
            json!({"status": 429, "retryAfter": "1"}),
            json!({"cut": "after"}),
            json!({"status": 503, "afterEffect": true}),
        ];
        if let Some(effect) = effects.get(self.rng.usize(..effects.len() * 3)) {
            let policy = POLICIES[self.rng.usize(..2)];
            let mut rule = effect.clone();
            rule["match"] = json!({"method": "POST", "path": format!("{policy}/assign")});
            writeln!(self.story, "fault {rule}").unwrap();
            self.stage.emulator.fault(&rule);
        }
    }

    /// The direct assignments of each policy in the tenant.
    fn assigned(&self) -> BTreeMap<&'static str, Elements> {
        let rows = |policy| self.stage.emulator.direct_rows(policy);
        let elements = |policy| rows(policy).iter().map(|row| element_of_row(row).to_string()).collect();
        POLICIES.iter().map(|policy| (*policy, elements(policy))).collect()
    }

    /// The assignments of each object in the state, by policy.
    fn state(&self) -> BTreeMap<&'static str, Vec<Elements>> {
        let shown = self.stage.folder.run(&["show", "-json"]);
        let state: Value = serde_json::from_str(&shown.succeeds().stdout).unwrap();
        let objects: Vec<_> =
            state["values"]["root_module"]["resources"].as_array().into_iter().flatten().collect();
        let of_policy = |policy| {
            let values = objects.iter().map(|object| &object["values"]);
            values.filter(|values| is_of(values, policy)).map(elements).collect()
        };
        POLICIES.iter().map(|policy| (*policy, of_policy(policy))).collect()
    }
}

fn is_changed(plan: &Plan, policy: &str) -> bool {
    plan.changes().any(|change| ["before", "after"].iter().any(|side| is_of(change.side(side), policy)))
}

/// What the plan shows as leaving a policy; for an overwriting create, what the texts of plan and apply name.
fn shown_leaving(plan: &Plan, applied: &Finished, policy: &str) -> Elements {
    let mut leaving = Elements::new();
    for change in plan.changes() {
        let (before, after) = (change.side("before"), change.side("after"));
        if is_of(before, policy) {
            let kept = if is_of(after, policy) { elements(after) } else { Elements::new() };
            leaving.extend(elements(before).difference(&kept).cloned());
        }
        if is_of(after, policy) && after["overwrite_existing"] == true {
            let messages = format!("{}{}", plan.finished.messages(), applied.messages());
            leaving.extend(all_targets().into_iter().filter(|target| is_named(target, &messages)));
        }
    }
    leaving
}

fn is_of(values: &Value, policy: &str) -> bool {
    values["device_configuration_id"] == policy
}

fn elements(values: &Value) -> Elements {
    values["assignments"].as_array().into_iter().flatten().map(Value::to_string).collect()
}

fn all_targets() -> Vec<String> {
    everything().iter().map(|target| target.element().to_string()).collect()
}

/// Whether a warning lists the element: by type and group.
fn is_named(element: &str, messages: &str) -> bool {
    let element: Value = serde_json::from_str(element).unwrap();
    let group = element["group_id"].as_str().map(|id| format!(" {id}")).unwrap_or_default();
    messages.contains(&format!("- {}{group}", element["type"].as_str().unwrap()))
}

fn everything() -> Vec<Target> {
    let groups = [WORKSTATIONS, LAPTOPS, KIOSKS];
    let both = groups.into_iter().flat_map(|id| [Target::group(id), Target::exclusion(id)]);
    both.chain([Target::all_devices(), Target::all_users()]).collect()
}

fn targets(rng: &mut Rng) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    for id in [WORKSTATIONS, LAPTOPS, KIOSKS] {
        match rng.u8(..4) {
            0 | 1 => targets.push(Target::group(id)),
            2 => targets.push(Target::exclusion(id)),
            _ => {}
        }
    }
    if rng.u8(..4) == 0 {
        targets.push(Target::all_devices());
    }
    targets
}

fn block(rng: &mut Rng, policy: &'static str) -> Block {
    Block {
        policy,
        targets: targets(rng),
        alias: ALIASES[rng.usize(..2)],
        overwrites: rng.u8(..5) == 0,
        created_first: rng.u8(..4) == 0,
    }
}

fn address(name: &str) -> String {
    format!("defender_atp_assignment.{name}")
}

fn resource(name: &str, block: &Block) -> String {
    let Block { policy, targets, alias, overwrites, created_first } = block;
    let lifecycle =
        if *created_first { "  lifecycle {\n    create_before_destroy = true\n  }\n" } else { "" };
    format!(
        "resource \"defender_atp_assignment\" {name:?} {{\n  provider = defender.{alias}\n  \
         device_configuration_id = {policy:?}\n  assignments = {}\n  overwrite_existing = {overwrites}\n\
         {lifecycle}}}\n",
        set(targets)
    )
}
