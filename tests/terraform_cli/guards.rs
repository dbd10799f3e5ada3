//! The guards with a real tenant behind them: what is refused, what the message says, that nothing is written, and
//! that each way out which a message names leads out. Moves between addresses have scenarios of their own.

use serde_json::{Value, json};

use super::stage::{ADDRESS, Stage, assignment, assignment_with, set};
use crate::support::command::Finished;
use crate::support::target::{Target, sorted};
use crate::support::tenant::{
    COMPANY_OWNED, KIOSKS, LAPTOPS, PERSONAL, POLICY, POLICY_SET, Tenant, WORKSTATIONS,
};

const APPLY: &[&str] = &["apply", "-auto-approve"];
const APPLY_SAVED: &[&str] = &["apply", "saved.tfplan"];
const PLAN_AGAIN: &str = "Next: run terraform plan again, review the changes, and apply the new plan.";
const REFRESH_HINT: &str = "If this plan was made with -refresh=false, plan again without it.";
const ORGANIZATIONAL_UNIT: &str = "organizationalUnitAssignmentTarget";
const ORGANIZATIONAL_UNIT_ROW: &str = "0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294_ou";

pub fn a_create_over_foreign_assignments_names_each_at_plan_and_at_apply() {
    let stage = foreign();
    stage.assign(&wanted());
    for command in [&["plan"], APPLY] {
        let refused = must_refuse(&stage, command, &[POLICY, "Nothing was written."]);
        let text = refused.diagnostics();
        let mut there = foreign_lines().to_vec();
        there.push(filtered(WORKSTATIONS, "include", COMPANY_OWNED, "Workstations"));
        for line in there {
            assert!(text.contains(&format!("- {line}")), "each assignment that is there: {line}\n{text}");
        }
        let ways_out = ["moved {", "import {", "overwrite_existing = true"].map(|way| text.find(way));
        assert!(ways_out.iter().all(Option::is_some) && ways_out.is_sorted(), "three ways out:\n{text}");
        assert!(stage.state().is_null(), "a refused create leaves no state");
    }
}

pub fn the_printed_import_block_takes_over_what_is_there() {
    let stage = foreign();
    stage.assign(&wanted());
    let refused = must_refuse(&stage, APPLY, &[POLICY]);
    let import = refused.printed_block("import").replace("defender_atp_assignment.NAME", ADDRESS);
    stage.configure(&format!("{import}{}", assignment(POLICY, &wanted())));
    let plan = stage.plan();
    plan.finished.says(&["1 to import, 0 to add, 1 to change, 0 to destroy"]);
    plan.only_change().must_swap(&foreign_targets(), &[]);
    applied(&stage, APPLY_SAVED, &wanted());
}

pub fn the_printed_moved_block_keeps_the_state() {
    let stage = Stage::new();
    let everybody = [wanted().to_vec(), foreign_targets().to_vec()].concat();
    stage.apply_assigned(&everybody);
    let renamed = assignment(POLICY, &wanted()).replace("\"this\"", "\"renamed\"");
    stage.configure(&renamed);
    let refused = must_refuse(&stage, APPLY, &[POLICY]);
    let moved = refused.printed_block("moved").replace("OLD_NAME", "this").replace("NEW_NAME", "renamed");
    stage.configure(&format!("{moved}{renamed}"));
    stage.plan().only_change().must_swap(&foreign_targets(), &[]);
    applied(&stage, APPLY_SAVED, &wanted());
    assert!(stage.state().is_null() && !stage.folder.state("defender_atp_assignment.renamed").is_null());
}

pub fn overwrite_existing_replaces_what_is_there() {
    let stage = foreign();
    stage.assign(&wanted());
    must_refuse(&stage, &["plan"], &["overwrite_existing = true"]);
    stage.configure(&assignment_with(POLICY, &set(&wanted()), "  overwrite_existing = true"));
    assert_eq!(stage.plan().only_change().actions(), ["create"]);
    applied(&stage, APPLY_SAVED, &wanted());
}

/// The same set may be about to be taken away under another address, by a process that knows nothing of this one.
pub fn a_create_over_an_equal_or_smaller_set_is_refused_and_adopts_it() {
    let wider = [wanted().to_vec(), vec![Target::group(KIOSKS)]].concat();
    for (configured, changes) in [(wanted().to_vec(), 0), (wider, 1)] {
        let stage = Stage::with_tenant(&Tenant::default().assigned_to(&wanted()));
        stage.assign(&configured);
        must_refuse(&stage, APPLY, &[POLICY, "moved {", "import {"]);
        let refused = must_refuse(&stage, &["plan"], &[POLICY, "moved {", "import {"]);
        let import = refused.printed_block("import").replace("defender_atp_assignment.NAME", ADDRESS);
        stage.configure(&format!("{import}{}", assignment(POLICY, &configured)));
        stage.plan().finished.says(&[&format!("1 to import, 0 to add, {changes} to change, 0 to destroy")]);
        applied(&stage, APPLY_SAVED, &configured);
        assert_eq!(stage.emulator.assign_calls(), changes, "what is there already is not written again");
    }
}

pub fn another_filter_on_the_same_target_stops_a_create() {
    let live = Target::group(WORKSTATIONS).including(PERSONAL);
    let stage = Stage::with_tenant(&Tenant::default().assigned_to(&[live]));
    stage.assign(&wanted());
    let there = filtered(WORKSTATIONS, "include", PERSONAL, "Workstations");
    must_refuse(&stage, &["plan"], &[POLICY, &lines(&[&there])]);
}

pub fn an_assignment_that_comes_after_the_plan_stops_the_create() {
    let stage = Stage::new();
    stage.assign(&wanted());
    assert_eq!(stage.plan().only_change().actions(), ["create"]);
    stage.emulator.assign_in_portal(POLICY, &foreign_targets());
    let texts = [&lines(&foreign_lines()), "import {", "overwrite_existing = true"];
    must_refuse(&stage, APPLY_SAVED, &texts);
    assert!(stage.state().is_null(), "a refused create leaves no state");
    // Nothing is tainted: once the cause is gone, a create goes through.
    stage.emulator.assign_in_portal(POLICY, &[]);
    assert_eq!(stage.plan().only_change().actions(), ["create"]);
    applied(&stage, APPLY_SAVED, &wanted());
}

/// Whether the policy is assigned depends on its id alone.
pub fn a_create_with_a_group_id_unknown_at_plan_is_refused_there() {
    let group = Target::group("terraform_data.made.output")
        .hcl()
        .replace("\"terraform_data.made.output\"", "terraform_data.made.output");
    let stage = foreign_exclusion(WORKSTATIONS, &assignment_with(POLICY, &format!("[{group}]"), ""));
    must_refuse(&stage, &["plan"], &[POLICY, &lines(&[kiosks_excluded()]), "import {"]);
}

pub fn a_create_with_a_policy_id_unknown_at_plan_is_stopped_at_apply() {
    let resource = assignment_with("made", &set(&[Target::group(WORKSTATIONS)]), "");
    stopped_at_apply(POLICY, &resource.replace("\"made\"", "terraform_data.made.output"));
}

pub fn an_update_stops_at_whatever_has_changed_since_its_plan() {
    for (found, found_lines) in changes() {
        let stage = Stage::new();
        stage.apply_assigned(&seen());
        stage.assign(&wanted());
        stage.plan().only_change().must_swap(&[Target::exclusion(KIOSKS)], &[]);
        stage.emulator.assign_in_portal(POLICY, &found);
        let written = lines(&[&filtered(WORKSTATIONS, "include", COMPANY_OWNED, "Workstations")]);
        refused_as_stale(&stage, APPLY_SAVED, &found_lines, &written);
        // The way out: a new plan shows what there is now, and goes through.
        let (leaving, entering) = difference(&found, &wanted());
        stage.plan().only_change().must_swap(&leaving, &entering);
        applied(&stage, APPLY_SAVED, &wanted());
    }
}

pub fn a_destroy_stops_at_whatever_has_changed_since_its_plan() {
    for (found, found_lines) in changes() {
        let stage = Stage::new();
        stage.apply_assigned(&seen());
        assert_eq!(stage.folder.plan_with(&["-destroy"]).only_change().actions(), ["delete"]);
        stage.emulator.assign_in_portal(POLICY, &found);
        refused_as_stale(&stage, APPLY_SAVED, &found_lines, "(none)");
        assert_eq!(stage.folder.plan_with(&["-destroy"]).only_change().actions(), ["delete"]);
        stage.folder.run(APPLY_SAVED).succeeds();
        stage.emulator.must_hold(POLICY, &[]);
        assert!(stage.state().is_null());
    }
}

pub fn saved_plans_go_through_where_nothing_has_changed() {
    let stage = Stage::new();
    for targets in [&seen()[..], &wanted()[..], &[]] {
        stage.assign(targets);
        stage.plan().finished.exits_with(2);
        applied(&stage, APPLY_SAVED, targets);
    }
    stage.apply_assigned(&seen());
    stage.folder.plan_with(&["-destroy"]).finished.exits_with(2);
    stage.folder.run(APPLY_SAVED).succeeds();
    stage.emulator.must_hold(POLICY, &[]);
}

pub fn a_change_that_somebody_has_made_already_is_not_written_again() {
    let stage = Stage::new();
    stage.apply_assigned(&seen());
    stage.assign(&wanted());
    stage.plan().finished.exits_with(2);
    stage.emulator.assign_in_portal(POLICY, &wanted());
    let written = stage.emulator.assign_calls();
    applied(&stage, APPLY_SAVED, &wanted());
    assert_eq!(stage.emulator.assign_calls(), written);
}

pub fn applies_without_refresh_are_refused_again_and_again() {
    let stage = Stage::new();
    stage.apply_assigned(&seen());
    stage.assign(&wanted());
    for (found, found_lines) in changes() {
        stage.emulator.assign_in_portal(POLICY, &found);
        for command in ["apply", "destroy", "apply"] {
            let planned = filtered(WORKSTATIONS, "include", COMPANY_OWNED, "Workstations");
            let planned = if command == "apply" { lines(&[&planned]) } else { "(none)".to_owned() };
            refused_as_stale(&stage, &[command, "-auto-approve", "-refresh=false"], &found_lines, &planned);
        }
    }
    // As the message says: without -refresh=false it goes through.
    applied(&stage, APPLY, &wanted());
}

pub fn an_unknown_kind_of_target_stops_a_create() {
    let stage = Stage::new();
    stage.assign(&wanted());
    stage.plan().finished.exits_with(2);
    add_organizational_unit(&stage);
    let texts = [ORGANIZATIONAL_UNIT, ORGANIZATIONAL_UNIT_ROW, "overwrite_existing = true", "newer version"];
    for command in [APPLY_SAVED, &["plan"], APPLY] {
        must_refuse(&stage, command, &texts);
        assert!(stage.state().is_null(), "a refused create leaves no state");
    }
    stage.configure(&assignment_with(POLICY, &set(&wanted()), "  overwrite_existing = true"));
    applied(&stage, APPLY, &wanted());
}

pub fn an_unknown_kind_of_target_stops_an_update_and_a_destroy() {
    for command in [APPLY, &["destroy", "-auto-approve"]] {
        let stage = Stage::new();
        stage.apply_assigned(&seen());
        stage.assign(&wanted());
        add_organizational_unit(&stage);
        let plan = stage.plan();
        assert_eq!(plan.only_change().actions(), ["update"]);
        plan.finished.says(&[&format!("type = {ORGANIZATIONAL_UNIT:?}")]);
        let refused = must_refuse(
            &stage,
            command,
            &[ORGANIZATIONAL_UNIT, ORGANIZATIONAL_UNIT_ROW, "Intune admin center"],
        );
        assert!(!refused.diagnostics().contains("overwrite_existing"), "that switch is for a create alone");
        // The way out: somebody takes it away in the portal.
        stage.emulator.assign_in_portal(POLICY, &seen());
        stage.folder.run(command).succeeds();
        let left = if command == APPLY { wanted().to_vec() } else { Vec::new() };
        stage.emulator.must_hold(POLICY, &left);
    }
}

pub fn an_unknown_kind_that_comes_after_the_plan_stops_update_and_destroy() {
    for options in [&[][..], &["-destroy"]] {
        let stage = Stage::new();
        stage.apply_assigned(&seen());
        stage.assign(&wanted());
        stage.folder.plan_with(options).finished.exits_with(2);
        add_organizational_unit(&stage);
        must_refuse(&stage, APPLY_SAVED, &[ORGANIZATIONAL_UNIT, ORGANIZATIONAL_UNIT_ROW]);
        stage.emulator.assign_in_portal(POLICY, &seen());
        stage.folder.plan_with(options).finished.exits_with(2);
        stage.folder.run(APPLY_SAVED).succeeds();
    }
}

pub fn an_adopted_policy_plans_nothing_and_then_exactly_one_element() {
    let [laptops, added, collection] = foreign_targets();
    let adopted = [wanted().to_vec(), vec![laptops, collection]].concat();
    let inherited = Target::group(WORKSTATIONS).inherited_row(POLICY_SET);
    let rows: Vec<Value> = adopted.iter().map(Target::row).chain([inherited]).collect();
    let stage = Stage::with_tenant(&Tenant::default().with_rows(&rows));
    let import = format!("import {{\n  to = {ADDRESS}\n  id = {POLICY:?}\n}}\n");
    stage.configure(&format!("{import}{}", assignment(POLICY, &adopted)));
    stage.folder.run(APPLY).succeeds().says(&["1 imported, 0 added, 0 changed, 0 destroyed"]);
    stage.plan().must_be_empty();
    assert_eq!(stage.emulator.assign_calls(), 0, "an import only looks");

    let wider = [adopted, vec![added.clone()]].concat();
    stage.assign(&wider);
    let plan = stage.plan();
    plan.only_change().must_swap(&[], &[added]);
    let shown = plan.finished.stdout.lines().map(str::trim);
    let shown = shown.skip_while(|line| !line.starts_with("~ assignments ")).take_while(|line| *line != "]");
    let marks: Vec<_> = shown.filter(|line| line.ends_with(" {")).collect();
    assert_eq!(marks, ["+ {"], "{}", plan.finished.stdout);
    applied(&stage, APPLY_SAVED, &wider);
}

/// Somebody else's assignments: every kind of line that a message can have.
fn foreign_targets() -> [Target; 3] {
    [Target::group(LAPTOPS).excluding(PERSONAL), Target::exclusion(KIOSKS), Target::collection("SMS0042A")]
}

/// The same as a message lists them: in the order of their types.
fn foreign_lines() -> [String; 3] {
    [
        "configurationManagerCollectionAssignmentTarget SMS0042A".to_owned(),
        kiosks_excluded(),
        filtered(LAPTOPS, "exclude", PERSONAL, "Laptops"),
    ]
}

fn foreign() -> Stage {
    let rows = [wanted().to_vec(), foreign_targets().to_vec()].concat();
    Stage::with_tenant(&Tenant::default().assigned_to(&rows))
}

fn wanted() -> [Target; 1] {
    [Target::group(WORKSTATIONS).including(COMPANY_OWNED)]
}

/// What a plan of a change has seen.
fn seen() -> [Target; 2] {
    [Target::group(WORKSTATIONS).including(COMPANY_OWNED), Target::exclusion(KIOSKS)]
}

/// What somebody makes of `seen` behind the plan's back, and how a message lists it: one more, one less, another one
/// at the same count, another filter, another direction of the same filter.
fn changes() -> [(Vec<Target>, Vec<String>); 5] {
    let [kept, excluded] = seen();
    let refiltered = |target: Target| vec![target, excluded.clone()];
    let workstations = |mode, filter| filtered(WORKSTATIONS, mode, filter, "Workstations");
    let own = workstations("include", COMPANY_OWNED);
    let laptops = format!("groupAssignmentTarget {LAPTOPS} (group \"Laptops\")");
    [
        (
            vec![kept.clone(), excluded.clone(), Target::group(LAPTOPS)],
            vec![kiosks_excluded(), own.clone(), laptops.clone()],
        ),
        (vec![excluded.clone()], vec![kiosks_excluded()]),
        (vec![kept, Target::group(LAPTOPS)], vec![own, laptops]),
        (
            refiltered(Target::group(WORKSTATIONS).including(PERSONAL)),
            vec![kiosks_excluded(), workstations("include", PERSONAL)],
        ),
        (
            refiltered(Target::group(WORKSTATIONS).excluding(COMPANY_OWNED)),
            vec![kiosks_excluded(), workstations("exclude", COMPANY_OWNED)],
        ),
    ]
}

fn kiosks_excluded() -> String {
    format!("exclusionGroupAssignmentTarget {KIOSKS} (group \"Kiosks\")")
}

fn filtered(group: &str, mode: &str, filter: &str, name: &str) -> String {
    format!("groupAssignmentTarget {group}, filter {mode} {filter} (group {name:?})")
}

fn lines(assignments: &[impl AsRef<str>]) -> String {
    assignments.iter().map(|line| format!("- {}", line.as_ref())).collect::<Vec<_>>().join(" ")
}

/// The targets of the first that the second has not, and the reverse.
fn difference(before: &[Target], after: &[Target]) -> (Vec<Target>, Vec<Target>) {
    let without = |these: &[Target], those: &[Target]| {
        let is_there = |target: &&Target| those.iter().any(|other| other.element() == target.element());
        these.iter().filter(|target| !is_there(target)).cloned().collect()
    };
    (without(before, after), without(after, before))
}

fn add_organizational_unit(stage: &Stage) {
    let target = json!({ "@odata.type": format!("#microsoft.graph.{ORGANIZATIONAL_UNIT}") });
    let row = json!({ "id": ORGANIZATIONAL_UNIT_ROW, "target": target });
    stage.emulator.set_rows(POLICY, &[stage.emulator.rows(POLICY), vec![row]].concat());
}

/// Runs a command that has to fail with these texts: without a write, and with tenant and state as they were.
pub(super) fn must_refuse(stage: &Stage, command: &[&str], texts: &[&str]) -> Finished {
    let rows = sorted(stage.emulator.rows(POLICY));
    let written = stage.emulator.assign_calls();
    let finished = stage.folder.run(command);
    finished.fails_with(texts);
    assert_eq!(stage.emulator.assign_calls(), written, "a refusal writes nothing");
    assert_eq!(sorted(stage.emulator.rows(POLICY)), rows, "the tenant is as it was");
    finished
}

/// As `must_refuse`, by a message that tells what the plan saw, what there is, and what was to be written.
fn refused_as_stale(stage: &Stage, command: &[&str], found: &[String], planned: &str) {
    let stored = stage.folder.read("terraform.tfstate");
    let summary = format!("Policy {POLICY}: its assignments have changed since the plan");
    let saw = lines(&[kiosks_excluded(), filtered(WORKSTATIONS, "include", COMPANY_OWNED, "Workstations")]);
    let told = format!(
        "The plan saw: {saw} The policy now has: {} To be written: {planned} Nothing was written",
        lines(found)
    );
    must_refuse(stage, command, &[&summary, &told, PLAN_AGAIN, REFRESH_HINT]);
    assert_eq!(stage.folder.read("terraform.tfstate"), stored, "a refusal leaves the state as it was");
}

/// A policy that has an assignment already, and a resource that takes something from another one.
fn foreign_exclusion(made: &str, resource: &str) -> Stage {
    let stage = Stage::with_tenant(&Tenant::default().assigned_to(&[Target::exclusion(KIOSKS)]));
    stage.configure(&format!("resource \"terraform_data\" \"made\" {{\n  input = {made:?}\n}}\n{resource}"));
    stage
}

/// A create over a foreign assignment whose plan leaves the policy open. Once that is known, it is refused.
fn stopped_at_apply(made: &str, resource: &str) {
    let stage = foreign_exclusion(made, resource);
    stage.plan().finished.exits_with(2);
    let texts = [POLICY, &lines(&[kiosks_excluded()]), "import {"];
    must_refuse(&stage, APPLY_SAVED, &texts);
    assert!(stage.state().is_null(), "a refused create leaves no state");
    must_refuse(&stage, &["plan"], &texts);
}

/// Runs an apply that has to succeed, and looks whether tenant, state and next plan agree.
fn applied(stage: &Stage, command: &[&str], targets: &[Target]) {
    stage.folder.run(command).succeeds();
    stage.emulator.must_hold(POLICY, targets);
    stage.plan().must_be_empty();
}
