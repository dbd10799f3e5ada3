//! Many policies: what a refresh costs, and that a change is found among them. Lists that lie are the business of the
//! tests in process.

use super::debug::DebugProvider;
use super::stage::{Stage, assignment_for_each};
use crate::support::target::Target;
use crate::support::tenant::{KIOSKS, LAPTOPS, Tenant, WORKSTATIONS};

const MANY: usize = 200;

fn id(number: usize) -> String {
    format!("{number:08x}-7c41-4f2a-9d36-58e1b0c7f294")
}

/// So many policies, applied.
fn applied(count: usize) -> Stage {
    let ids: Vec<String> = (0..count).map(id).collect();
    let tenant = ids.iter().fold(Tenant::default(), |tenant, id| tenant.with_policy(id));
    let stage = Stage::with_tenant(&tenant);
    stage.configure(&assignment_for_each(&ids, &[Target::group(WORKSTATIONS), Target::exclusion(KIOSKS)]));
    stage.folder.apply().succeeds();
    stage
}

pub fn two_hundred_unchanged_cost_a_few_requests_and_one_drifted_shows_alone() {
    let stage = applied(MANY);
    let before = stage.emulator.requests();
    stage.plan().must_be_empty();
    let unchanged = stage.emulator.requests() - before;
    assert!(unchanged <= 8, "{unchanged} requests");

    stage.emulator.assign_in_portal(&id(123), &[Target::group(LAPTOPS)]);
    let mut requests = Vec::new();
    // A busy machine splits batches, so a plan counts as expensive only if the next ones are, too.
    let plan = loop {
        let before = stage.emulator.requests();
        let plan = stage.plan();
        requests.push(stage.emulator.requests() - before);
        if requests.last().is_some_and(|count| *count <= unchanged + 3) {
            break plan;
        }
        assert!(requests.len() < 3, "{requests:?} requests, {unchanged} without drift");
    };
    let leaving = [Target::group(LAPTOPS)];
    plan.only_change().must_swap(&leaving, &[Target::group(WORKSTATIONS), Target::exclusion(KIOSKS)]);
}

pub fn a_debug_process_sees_what_has_changed_between_two_plans() {
    let mut stage = applied(15);
    let debug = DebugProvider::serve(&mut stage);
    stage.plan().must_be_empty();
    for number in 0..15 {
        stage.emulator.assign_in_portal(&id(number), &[Target::group(LAPTOPS)]);
    }
    assert_eq!(stage.plan().changes().count(), 15);
    debug.interrupt();
}
