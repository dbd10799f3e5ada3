//! `kill -9` in the middle of an apply, of the provider or of Terraform, at each point of a write's way: what the next
//! plan says, and that nothing is written twice.
//!
//! Both processes stand still when it hits them. Before the write and after it, a gate holds the request or its
//! answer. After the answer and before the state, Terraform is stopped (SIGSTOP) while the answer of Graph is held;
//! then the answer goes on to the provider, which answers Terraform and comes to rest. If Terraform is killed now, the
//! answer has reached it and will never be saved. If the provider is, Terraform goes on, and finds in its socket an answer
//! and the end of the connection: it takes the one or complains of the other, as it happens, and both must be right.

use super::mid_apply::{GatedStage, HeldApply, OPERATIONS, Operation};
use crate::support::gate::{HeldWrite, Place};
use crate::support::processes::{is_stopped, signal};
use crate::support::target::Target;
use crate::support::tenant::POLICY;
use crate::support::wait;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Victim {
    Terraform,
    Provider,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Point {
    BeforeTheWrite,
    AfterTheWrite,
    AfterTheAnswer,
}

pub fn terraform_before_the_write() {
    every_operation_recovers(Victim::Terraform, Point::BeforeTheWrite);
}

pub fn terraform_after_the_write_before_the_answer() {
    every_operation_recovers(Victim::Terraform, Point::AfterTheWrite);
}

pub fn terraform_after_the_answer_before_the_state() {
    every_operation_recovers(Victim::Terraform, Point::AfterTheAnswer);
}

pub fn the_provider_before_the_write() {
    every_operation_recovers(Victim::Provider, Point::BeforeTheWrite);
}

pub fn the_provider_after_the_write_before_the_answer() {
    every_operation_recovers(Victim::Provider, Point::AfterTheWrite);
}

pub fn the_provider_after_the_answer_before_the_state() {
    every_operation_recovers(Victim::Provider, Point::AfterTheAnswer);
}

pub fn a_change_by_somebody_else_after_a_killed_create_is_not_overwritten() {
    let gated = GatedStage::new();
    gated.configure(Operation::Create, "");
    drop(kill(&gated, Victim::Terraform, Point::AfterTheWrite));
    let theirs = [Operation::Create.to(), vec![Target::all_devices()]].concat();
    gated.stage.emulator.assign_in_portal(POLICY, &theirs);
    let refusal = [POLICY, "allDevicesAssignmentTarget", "import {"];
    gated.stage.plan().finished.fails_with(&refusal);
    gated.stage.folder.apply().fails_with(&refusal);
    gated.stage.emulator.must_hold(POLICY, &theirs);
    assert_eq!(gated.stage.emulator.assign_calls(), 1);
}

pub fn a_change_by_somebody_else_after_a_killed_update_is_shown_and_repaired() {
    let theirs = [Target::all_devices()];
    for (point, writes) in [(Point::BeforeTheWrite, 1), (Point::AfterTheWrite, 2)] {
        let gated = after_a_create();
        let sent_before = gated.stage.emulator.assign_calls();
        gated.configure(Operation::Update, "");
        drop(kill(&gated, Victim::Provider, point));
        gated.stage.emulator.assign_in_portal(POLICY, &theirs);
        gated.stage.plan().only_change().must_swap(&theirs, &Operation::Update.to());
        gated.stage.folder.apply().succeeds();
        gated.stage.emulator.must_hold(POLICY, &Operation::Update.to());
        assert_eq!(gated.stage.emulator.assign_calls() - sent_before, writes);
        gated.stage.state_must_equal_tenant();
    }
}

/// A request can outlive the process that has sent it.
pub fn a_write_that_arrives_after_the_next_plan_is_not_sent_again() {
    let gated = after_a_create();
    let sent_before = gated.stage.emulator.assign_calls();
    gated.configure(Operation::Update, "");
    let on_its_way = kill(&gated, Victim::Provider, Point::BeforeTheWrite);
    gated.stage.plan().only_change().must_swap(&leaving(), &entering());
    on_its_way.unwrap().let_pass();
    gated.stage.emulator.must_hold(POLICY, &Operation::Update.to());
    gated.stage.folder.run(&["apply", "saved.tfplan"]).succeeds();
    assert_eq!(gated.stage.emulator.assign_calls() - sent_before, 1);
    gated.stage.state_must_equal_tenant();
    gated.stage.plan().must_be_empty();
}

fn after_a_create() -> GatedStage {
    let gated = GatedStage::new();
    gated.configure(Operation::Create, "");
    gated.stage.folder.apply().succeeds();
    gated
}

fn every_operation_recovers(victim: Victim, point: Point) {
    let gated = GatedStage::new();
    for operation in OPERATIONS {
        println!("kill -9 of {victim:?}, {point:?} of {operation:?}");
        recovers(&gated, operation, victim, point);
    }
    gated.stage.plan().must_be_empty();
}

/// Kills an operation, looks what the next plan makes of it, and applies that.
fn recovers(gated: &GatedStage, operation: Operation, victim: Victim, point: Point) {
    let GatedStage { stage, .. } = gated;
    let before = stage.state();
    gated.configure(operation, "");
    drop(kill(gated, victim, point));

    let was_written = point != Point::BeforeTheWrite;
    let there = if was_written { operation.to() } else { operation.from() };
    stage.emulator.must_hold(POLICY, &there);
    // A provider's last answer may still reach Terraform. In every other case nobody is left who could save a state.
    let was_saved = stage.state() != before;
    if was_saved {
        assert_eq!((victim, point), (Victim::Provider, Point::AfterTheAnswer), "the state has changed");
    }
    if operation == Operation::Create && was_written && !was_saved {
        return gated.must_adopt(operation);
    }
    // No lock is in the way, and nothing is tainted: the plans below need no help.
    let plan = stage.plan();
    match operation {
        _ if was_saved => plan.must_be_empty(),
        Operation::Create => assert_eq!(plan.only_change().actions(), ["create"]),
        Operation::Update if was_written => plan.must_be_empty(),
        Operation::Update => plan.only_change().must_swap(&leaving(), &entering()),
        Operation::Delete => assert_eq!(plan.only_change().actions(), ["delete"]),
    }
    gated.must_complete(operation, usize::from(!was_written));
}

/// What the update takes out and puts in.
fn leaving() -> Vec<Target> {
    Operation::Create.to()[1..].to_vec()
}

fn entering() -> Vec<Target> {
    Operation::Update.to()[1..].to_vec()
}

/// Applies what is configured until the point, kills, and waits for the end of all that end by it. Answers the write
/// if it is still held.
fn kill(gated: &GatedStage, victim: Victim, point: Point) -> Option<HeldWrite> {
    let HeldApply { terraform, provider, write } = gated.hold_apply(match point {
        Point::BeforeTheWrite => Place::BeforeTheEffect,
        Point::AfterTheWrite | Point::AfterTheAnswer => Place::BeforeTheAnswer,
    });
    let terraform_id = i64::from(terraform.process.id());
    let victim_id = if victim == Victim::Terraform { terraform_id } else { i64::from(provider) };
    let held = if point == Point::AfterTheAnswer {
        signal("STOP", terraform_id);
        let has_stopped = wait::until(wait::BOUND, || is_stopped(terraform.process.id()));
        assert!(has_stopped, "Terraform should stop");
        write.let_pass();
        gated.wait_until_applied(provider);
        signal("KILL", victim_id);
        None
    } else {
        signal("KILL", victim_id);
        // Held on, lest a provider that outlives Terraform for a moment takes it for a lost answer and repeats it.
        Some(write)
    };
    if victim == Victim::Provider {
        if point == Point::AfterTheAnswer {
            signal("CONT", terraform_id);
        }
        let finished = terraform.finish();
        assert!(finished.code == Some(1) || point == Point::AfterTheAnswer, "{:?}", finished.code);
        gated.stage.folder.remove_socket_of_killed_provider();
    } else {
        assert_eq!(terraform.finish().code, None, "a killed process has no exit code");
    }
    gated.stage.folder.must_be_left_clean();
    held
}
