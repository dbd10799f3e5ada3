//! Checks while planning, as a person sees them: how often a warning is shown, and where a finding stands.

use serde_json::{Value, json};

use super::stage::{Stage, assignment, assignment_for_each};
use crate::support::command::Finished;
use crate::support::target::Target;
use crate::support::tenant::{BASELINE, KIOSKS, PHONES, POLICY, Tenant, WORKSTATIONS};

pub fn refused_groups_are_warned_about_once_in_a_process() {
    let ids: Vec<_> = (0..4).map(|number| format!("20000000-0000-4000-8000-00000000000{number}")).collect();
    let tenant = ids.iter().fold(Tenant::default(), |tenant, id| tenant.with_policy(id));
    let stage = Stage::with_tenant(&tenant);
    let refused = json!({"match": {"path": "/getByIds"}, "times": null, "status": 403});
    stage.emulator.fault(&refused);
    let targets = [Target::group(WORKSTATIONS), Target::exclusion(KIOSKS)];
    stage.configure(&assignment_for_each(&ids, &targets));

    let plan = stage.folder.run(&["plan", "-json", "-detailed-exitcode"]);
    assert_eq!(warnings(plan.exits_with(2)), ["New groups could not be checked"]);
    assert_eq!(look_ups(&stage), 1, "refused once, it is not asked again");
    // Plan and apply are two processes.
    let apply = stage.folder.run(&["apply", "-json", "-auto-approve"]);
    let shown = warnings(apply.succeeds());
    assert!((1..=2).contains(&shown.len()), "{shown:?}");
    for id in &ids {
        stage.emulator.must_hold(id, &targets);
    }

    let before = look_ups(&stage);
    let unchanged = stage.folder.run(&["plan", "-json", "-detailed-exitcode"]);
    assert_eq!(warnings(unchanged.exits_with(0)), [""; 0]);
    assert_eq!(look_ups(&stage), before, "an unchanged plan looks up nothing");
}

pub fn a_finding_stands_at_its_attribute_and_stops_the_plan() {
    let stage = Stage::with_tenant(&Tenant::default().with_baseline().with_filter_for_phones());
    let unfit = [Target::all_devices().including(PHONES)];
    for (policy, targets, line, summary) in [
        (BASELINE, &[Target::all_users()][..], "device_configuration_id", "not a Defender for Endpoint"),
        (POLICY, &unfit[..], "assignments", "not for Windows"),
    ] {
        stage.configure(&assignment(policy, targets));
        let plan = stage.folder.run(&["plan", "-json"]);
        assert_eq!(plan.code, Some(1), "{}", plan.stdout);
        let [found] = <[Value; 1]>::try_from(plan.json_diagnostics()).unwrap();
        assert!(found["snippet"]["code"].as_str().unwrap().contains(line), "{found:#}");
        assert!(found["summary"].as_str().unwrap().contains(summary), "{found:#}");
    }
    assert_eq!(stage.emulator.assign_calls(), 0);
}

pub fn the_environment_sets_the_level() {
    let mut stage = Stage::with_tenant(&Tenant::default().with_filter_for_phones());
    stage.assign(&[Target::all_devices().including(PHONES)]);
    for (level, code, warned) in [("error", 1, false), ("warn", 2, true), ("off", 2, false)] {
        stage.folder.set("DEFENDER_PREFLIGHT", level);
        let plan = stage.folder.run(&["plan", "-json", "-detailed-exitcode"]);
        assert_eq!(plan.code, Some(code), "{level}: {}", plan.stdout);
        assert_eq!(!warnings(&plan).is_empty(), warned, "{level}");
    }
    stage.folder.set("DEFENDER_PREFLIGHT", "loud");
    stage
        .folder
        .run(&["plan"])
        .fails_with(&["preflight is not one of the allowed values", "DEFENDER_PREFLIGHT"]);
    stage.folder.unset("DEFENDER_PREFLIGHT");
}

fn warnings(finished: &Finished) -> Vec<String> {
    let diagnostics = finished.json_diagnostics();
    let warnings = diagnostics.iter().filter(|diagnostic| diagnostic["severity"] == "warning");
    warnings.map(|diagnostic| diagnostic["summary"].as_str().unwrap_or_default().to_owned()).collect()
}

/// How often groups were asked for, items of batches included.
fn look_ups(stage: &Stage) -> usize {
    stage.emulator.calls().iter().filter(|call| call.contains("/directoryObjects/getByIds")).count()
}
