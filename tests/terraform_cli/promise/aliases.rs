//! Two provider configurations: two processes without shared memory, or two connections of one debug process that must
//! not share a configuration.

use super::{APPLY, before};
use crate::scenarios::debug::DebugProvider;
use crate::scenarios::stage::{Stage, assignment, assignment_for_each, assignment_with, set};
use crate::support::emulator::Emulator;
use crate::support::target::Target;
use crate::support::tenant::{LAPTOPS, OTHER_POLICY, POLICY, Tenant};

const POLICIES: usize = 30;
const APPLIES: usize = 10;
const MOVED: &str =
    "moved {\n  from = defender_atp_assignment.one\n  to   = defender_atp_assignment.two\n}\n";

pub fn thirty_policies_under_another_alias_and_name_are_never_emptied() {
    let tenant = ids().iter().fold(Tenant::default(), |tenant, id| tenant.with_policy(id));
    let stage = Stage::with_emulator(Emulator::start_with(&tenant, &["--latency", "30ms"]));
    stage.configure(&policies("one", "a"));
    stage.folder.run(APPLY).succeeds();
    for _ in 0..APPLIES {
        stage.configure(&policies("two", "b"));
        let refused = stage.folder.run(APPLY);
        all_hold(&stage);
        refused.fails_with(&["moved {"]);
    }
    let written = stage.emulator.assign_calls();
    stage.configure(&format!("{MOVED}{}", policies("two", "b")));
    stage.folder.run(APPLY).succeeds().says(&["0 added, 0 changed, 0 destroyed"]);
    assert_eq!(stage.emulator.assign_calls(), written, "a moved policy is not written");
    all_hold(&stage);
    stage.plan().must_be_empty();
}

/// The process that creates finds the set that the other process is about to remove.
pub fn an_overwriting_create_never_counts_on_what_another_process_removes() {
    let stage = Stage::with_emulator(Emulator::start_with(&Tenant::default(), &["--latency", "30ms"]));
    let block = |name, alias| {
        let resource = assignment_with(POLICY, &set(&before()), "  overwrite_existing = true");
        format!("{}{}", alias_block("a", ""), alias_block("b", "")) + &under(&resource, name, alias)
    };
    stage.configure(&block("one", "a"));
    stage.folder.run(APPLY).succeeds();
    for _ in 0..APPLIES {
        stage.configure(&block("two", "b"));
        stage.folder.run(APPLY).fails_with(&["moved {", "import {"]);
        stage.emulator.must_hold(POLICY, &before());
    }
    stage.configure(&format!("{MOVED}{}", block("two", "b")));
    stage.folder.run(APPLY).succeeds().says(&["0 added, 0 changed, 0 destroyed"]);
    stage.emulator.must_hold(POLICY, &before());
    stage.plan().must_be_empty();
}

fn ids() -> Vec<String> {
    (0..POLICIES).map(|number| format!("50000000-0000-4000-8000-0000000000{number:02}")).collect()
}

/// All policies under this name and alias.
fn policies(name: &str, alias: &str) -> String {
    let resource = assignment_for_each(&ids(), &before());
    format!("{}{}", alias_block("a", ""), alias_block("b", "")) + &under(&resource, name, alias)
}

/// The resource under another name than `this`, with this alias of the provider.
fn under(resource: &str, name: &str, alias: &str) -> String {
    resource.replace("\"this\" {\n", &format!("{name:?} {{\n  provider = defender.{alias}\n"))
}

fn alias_block(alias: &str, arguments: &str) -> String {
    format!("provider \"defender\" {{\n  alias = {alias:?}\n{arguments}}}\n")
}

fn all_hold(stage: &Stage) {
    for id in ids() {
        stage.emulator.must_hold(&id, &before());
    }
}

pub fn two_aliases_in_one_debug_process_keep_to_their_tenants() {
    let mut stage = Stage::new();
    let other = Emulator::start(&Tenant::default().with_policy(OTHER_POLICY));
    let debug = DebugProvider::serve(&mut stage);
    stage.configure(&two_tenants(&stage, &other));
    stage.folder.run(APPLY).succeeds();
    stage.emulator.must_hold(POLICY, &before());
    other.must_hold(OTHER_POLICY, &before());
    other.must_hold(POLICY, &[]);
    stage.plan().must_be_empty();

    stage.folder.run(&["apply", "-refresh-only", "-auto-approve"]).succeeds();
    let addresses = super::addresses(&stage);
    assert_eq!(addresses, ["defender_atp_assignment.ours", "defender_atp_assignment.theirs"]);

    other.assign_in_portal(OTHER_POLICY, &[Target::group(LAPTOPS)]);
    stage.plan().only_change().must_swap(&[Target::group(LAPTOPS)], &before());
    stage.folder.run(APPLY).succeeds();
    other.must_hold(OTHER_POLICY, &before());
    stage.folder.destroy().succeeds();
    stage.emulator.must_hold(POLICY, &[]);
    other.must_hold(OTHER_POLICY, &[]);
    debug.interrupt();
}

/// A policy in each tenant; the other one has both.
fn two_tenants(stage: &Stage, other: &Emulator) -> String {
    let endpoint = |emulator: &Emulator| format!("  graph_endpoint = {:?}\n", emulator.origin());
    [
        alias_block("a", &endpoint(&stage.emulator)),
        alias_block("b", &endpoint(other)),
        under(&assignment(POLICY, &before()), "ours", "a"),
        under(&assignment(OTHER_POLICY, &before()), "theirs", "b"),
    ]
    .concat()
}
