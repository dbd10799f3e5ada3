//! Onboarding policies themselves: created, changed and deleted, with a package that is stored nowhere.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::stage::Stage;
use crate::support::emulator::Emulator;
use crate::support::target::Target;
use crate::support::tenant::{BASELINE, LAPTOPS, WORKSTATIONS};
use crate::support::terraform;

const ADDRESS: &str = "defender_atp_configuration.onboarding";
const COLLECTION: &str = "/beta/deviceManagement/deviceConfigurations";
const CONNECTOR: &str = "fc780465-2017-40d4-a0c5-307022471b92";
/// What no file, log or message may have eight bytes in a row of.
const PACKAGE: &str = "<Hj3>Zq7vR2mK9p \"Gx5bQw1c\" \\u0041 Wt4xLs8dNf</Hj3>";

fn document() -> Value {
    json!({
        "deviceConfigurations": [
            {"@odata.type": "#microsoft.graph.windows10GeneralConfiguration", "id": BASELINE, "displayName": "Baseline"},
        ],
        "groups": [{"id": WORKSTATIONS, "displayName": "Workstations", "securityEnabled": true}],
    })
}

fn stage() -> Stage {
    stage_with(&document())
}

fn stage_with(document: &Value) -> Stage {
    let mut file = NamedTempFile::with_suffix(".json").unwrap();
    file.write_all(document.to_string().as_bytes()).unwrap();
    let stage = Stage::with_emulator(Emulator::start_from_file(file.path(), &[]));
    stage.folder.write("package.onboarding", PACKAGE);
    stage
}

fn connector(state: &str) -> Value {
    json!([{"id": CONNECTOR, "partnerState": state}])
}

/// A policy with an uploaded package and more arguments.
fn policy(arguments: &str) -> String {
    format!(
        "resource \"defender_atp_configuration\" \"onboarding\" {{\n  display_name = \"MDE onboarding\"\n  \
         package = \"onboarding\"\n  package_blob_wo = file(\"package.onboarding\")\n  package_blob_wo_version = 1\n  \
         package_filename = \"WindowsDefenderATP.onboarding\"\n{arguments}\n}}\n"
    )
}

fn assignment() -> String {
    format!(
        "resource \"defender_atp_assignment\" \"onboarding\" {{\n  device_configuration_id = \
         defender_atp_configuration.onboarding.id\n  assignments = [{{ type = \"groupAssignmentTarget\", group_id = \
         {WORKSTATIONS:?} }}]\n}}\n"
    )
}

/// The id of the policy in the state.
fn id(stage: &Stage) -> String {
    stage.folder.state(ADDRESS)["id"].as_str().unwrap().to_owned()
}

fn policies(stage: &Stage) -> Vec<Value> {
    let listed = stage.emulator.graph("GET", COLLECTION, None);
    let all = listed["value"].as_array().unwrap().iter();
    all.filter(|policy| policy["id"] != BASELINE).cloned().collect()
}

pub fn a_policy_and_its_assignment_come_and_go_in_one_run() {
    let stage = stage();
    stage.configure(&(policy("") + &assignment()));
    stage.folder.apply().succeeds();
    stage.plan().must_be_empty();
    stage.emulator.must_hold(&id(&stage), &[Target::group(WORKSTATIONS)]);
    assert_eq!(policies(&stage).len(), 1);
    let destroyed = stage.folder.destroy();
    let warned = destroyed.succeeds().stdout.contains("does not offboard its devices");
    assert!(warned, "{}", destroyed.stdout);
    assert_eq!(policies(&stage), [Value::Null; 0]);
}

pub fn the_package_is_seen_nowhere() {
    let mut stage = stage();
    stage.configure(&policy(""));
    stage.folder.set("TF_LOG", "TRACE");
    let mut seen: Vec<(String, Vec<u8>)> = Vec::new();
    for arguments in [
        &["plan", "-out=saved.tfplan"][..],
        &["apply", "saved.tfplan"],
        &["show", "-json", "saved.tfplan"],
        &["show", "-json"],
    ] {
        let finished = stage.folder.run(arguments);
        seen.push((format!("output of {arguments:?}"), finished.stdout.clone().into_bytes()));
        assert_eq!(finished.code, Some(0), "{}\n{}", finished.stdout, finished.stderr);
        seen.push((format!("log of {arguments:?}"), finished.stderr.into_bytes()));
    }
    // A refused change, so that there are an error and a backup.
    let fault = json!({"match": {"method": "PATCH"}, "times": null, "status": 400});
    stage.emulator.fault(&fault);
    stage.configure(&policy("  description = \"changed\"").replace("_version = 1", "_version = 2"));
    let refused = stage.folder.apply();
    assert_eq!(refused.code, Some(1));
    seen.push(("error".to_owned(), refused.stdout.into_bytes()));
    seen.push(("log of the error".to_owned(), refused.stderr.into_bytes()));
    let logs = String::from_utf8_lossy(&seen[1].1).into_owned();
    assert!(logs.contains("TRACE"), "the logs are full");
    for entry in fs::read_dir(stage.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && path.file_name().is_some_and(|name| name != "package.onboarding") {
            seen.push((path.display().to_string(), fs::read(path).unwrap()));
        }
    }
    for (place, bytes) in &seen {
        assert!(!shares_a_window(bytes), "a part of the package is in {place}");
    }
    assert!(shares_a_window(&PACKAGE.as_bytes()[10..22]), "the search finds parts");
    assert!(shares_a_window(json!(PACKAGE).to_string().as_bytes()), "the search finds escaped text");
    stage.folder.unset("TF_LOG");
    assert!(Path::new(&stage.folder.path()).join("terraform.tfstate").exists());
}

/// Whether the bytes have eight in a row of the package, as it is or in base64.
fn shares_a_window(bytes: &[u8]) -> bool {
    use base64::Engine as _;
    let encoded = (0..3).map(|skipped| {
        base64::engine::general_purpose::STANDARD_NO_PAD.encode(&PACKAGE.as_bytes()[skipped..])
    });
    let forms: Vec<String> = std::iter::once(PACKAGE.to_owned()).chain(encoded).collect();
    let windows: std::collections::HashSet<&[u8]> =
        forms.iter().flat_map(|form| form.as_bytes().windows(8)).collect();
    bytes.windows(8).any(|window| windows.contains(window))
}

pub fn a_change_elsewhere_of_each_member_is_shown_and_repaired() {
    let stage = stage();
    stage.configure(&policy(
        "  description = \"Ours\"\n  role_scope_tag_ids = [\"0\", \"7\"]\n  allow_sample_sharing = true\n  \
         enable_expedited_telemetry_reporting = false\n  applicability_rules = {\n    os_version = { min_os_version = \
         \"10.0.19041.0\", rule_type = \"include\" }\n  }",
    ));
    stage.folder.apply().succeeds();
    stage.plan().must_be_empty();
    let id = id(&stage);
    for (member, value, attribute) in [
        ("displayName", json!("Renamed"), "display_name"),
        ("description", Value::Null, "description"),
        ("roleScopeTagIds", json!(["0"]), "role_scope_tag_ids"),
        ("allowSampleSharing", json!(false), "allow_sample_sharing"),
        ("enableExpeditedTelemetryReporting", json!(true), "enable_expedited_telemetry_reporting"),
        ("advancedThreatProtectionOnboardingFilename", json!("other"), "package_filename"),
        ("deviceManagementApplicabilityRuleOsVersion", Value::Null, "applicability_rules"),
    ] {
        let changed = json!({
            "@odata.type": "#microsoft.graph.windowsDefenderAdvancedThreatProtectionConfiguration", member: value,
        });
        stage.emulator.graph("PATCH", &format!("{COLLECTION}/{id}"), Some(&changed));
        let plan = stage.plan();
        let change = plan.only_change();
        assert_eq!(change.actions(), ["update"], "{member}");
        assert_ne!(change.before(attribute), change.after(attribute), "{member}");
        stage.folder.apply().succeeds();
        stage.plan().must_be_empty();
    }
    assert_eq!(policies(&stage).len(), 1);
}

pub fn an_unchanged_policy_takes_one_request() {
    let stage = stage();
    stage.configure(&policy(""));
    stage.folder.apply().succeeds();
    let before = stage.emulator.requests();
    stage.plan().must_be_empty();
    assert_eq!(stage.emulator.requests() - before, 1);
}

pub fn an_import_by_id_and_by_generated_configuration_plans_nothing() {
    let stage = stage();
    stage.configure(&policy(""));
    stage.folder.apply().succeeds();
    let id = id(&stage);
    stage.folder.run(&["state", "rm", ADDRESS]).succeeds();
    stage.folder.run(&["import", ADDRESS, &id.to_uppercase()]).succeeds();
    // What is sent again is what Graph cannot show: only the number of the package is new.
    stage.folder.run(&["state", "rm", ADDRESS]).succeeds();
    stage.configure(&format!("import {{\n  to = {ADDRESS}\n  id = {id:?}\n}}\n"));
    let plan = stage.folder.plan_with(&["-generate-config-out=generated.tf"]);
    plan.finished.exits_with(2);
    assert!(
        plan.finished.stdout.contains("1 to import, 0 to add, 0 to change, 0 to destroy"),
        "{}",
        plan.finished.stdout
    );
    stage.folder.apply().succeeds();
    stage.plan().must_be_empty();
    stage.folder.run(&["validate"]).succeeds();
    import_by_identity(&stage, &id);
}

/// With a configuration that has no package.
fn import_by_identity(stage: &Stage, id: &str) {
    if !terraform::has_identities() {
        return;
    }
    stage.folder.run(&["state", "rm", ADDRESS]).succeeds();
    let import = format!("import {{\n  to = {ADDRESS}\n  identity = {{\n    id = {id:?}\n  }}\n}}\n");
    fs::remove_file(stage.folder.path().join("generated.tf")).unwrap();
    let resource = policy("")
        .replace("  package_blob_wo = file(\"package.onboarding\")\n  package_blob_wo_version = 1\n", "");
    stage.configure(&(import + &resource));
    let applied = stage.folder.apply();
    assert!(applied.succeeds().stdout.contains("1 imported, 0 added, 0 changed"), "{}", applied.stdout);
    stage.plan().must_be_empty();
}

pub fn a_policy_of_another_type_is_not_imported() {
    let stage = stage();
    stage.configure(&policy(""));
    let imported = stage.folder.run(&["import", ADDRESS, BASELINE]);
    imported.fails_with(&["not a Defender for Endpoint onboarding policy", "windows10GeneralConfiguration"]);
    assert!(stage.folder.state(ADDRESS).is_null());
}

pub fn an_assigned_policy_is_not_deleted_unless_forced() {
    let stage = stage();
    stage.configure(&policy(""));
    stage.folder.apply().succeeds();
    let id = id(&stage);
    let targets = [Target::group(WORKSTATIONS)];
    stage.emulator.assign_in_portal(&id, &targets);
    stage.folder.destroy().fails_with(&["is still assigned", WORKSTATIONS]);
    stage.emulator.must_hold(&id, &targets);
    assert_eq!(policies(&stage).len(), 1);

    stage.configure(&policy("  force_destroy = true"));
    stage.folder.apply().succeeds();
    let planned = stage.folder.run(&["plan", "-destroy", "-out=destroy.tfplan"]);
    let output = &planned.succeeds().stdout;
    assert!(output.contains("deletes its assignments") && output.contains(WORKSTATIONS), "{output}");
    let more = [Target::group(WORKSTATIONS), Target::group(LAPTOPS)];
    stage.emulator.assign_in_portal(&id, &more);
    stage.folder.run(&["apply", "destroy.tfplan"]).fails_with(&["that the plan did not list", LAPTOPS]);
    stage.emulator.must_hold(&id, &more);
    stage.folder.destroy().succeeds();
    assert_eq!(policies(&stage), [Value::Null; 0]);
}

pub fn a_package_and_the_connector_exclude_each_other() {
    let automatic = "resource \"defender_atp_configuration\" \"onboarding\" {\n  display_name = \"MDE\"\n  package = \
                     \"auto_from_connector\"\n}\n";
    for (state, configuration, summary) in [
        ("available", automatic.to_owned(), "The connector to Defender for Endpoint is not enabled"),
        ("enabled", policy(""), "Intune takes the package from the connector"),
    ] {
        let mut document = document();
        document["mobileThreatDefenseConnectors"] = connector(state);
        let stage = stage_with(&document);
        stage.configure(&configuration);
        stage.folder.run(&["plan"]).fails_with(&[summary]);
        assert_eq!(policies(&stage), [Value::Null; 0]);
        let refused =
            json!({"match": {"path": "/mobileThreatDefenseConnectors"}, "times": null, "status": 403});
        stage.emulator.fault(&refused);
        let plan = stage.folder.run(&["plan"]);
        assert!(plan.succeeds().stdout.contains("could not be checked"), "{}", plan.stdout);
    }
    let mut document = document();
    document["mobileThreatDefenseConnectors"] = connector("enabled");
    let stage = stage_with(&document);
    stage.configure(automatic);
    stage.folder.apply().succeeds();
    stage.plan().must_be_empty();
}

pub fn an_expired_package_is_refused() {
    let stage = stage();
    let offboarding = |day: &str| {
        policy("").replace("\"onboarding\"\n", "\"offboarding\"\n").replace(
            "WindowsDefenderATP.onboarding\"\n",
            &format!("WindowsDefenderATP_valid_until_{day}.offboarding\"\n"),
        )
    };
    stage.configure(&offboarding("2026-01-31"));
    stage.folder.run(&["plan"]).fails_with(&["The offboarding package has expired", "2026-01-31"]);
    assert_eq!(policies(&stage), [Value::Null; 0]);
    stage.configure(&offboarding("2999-12-31"));
    stage.folder.apply().succeeds();
    stage.plan().must_be_empty();
    assert_eq!(policies(&stage).len(), 1);
}

pub fn a_package_that_is_needed_and_missing_is_refused() {
    let stage = stage();
    let without = policy("").replace("  package_blob_wo = file(\"package.onboarding\")\n", "");
    stage.configure(&without);
    stage.folder.run(&["validate"]).succeeds();
    stage.folder.run(&["plan"]).fails_with(&["package_blob_wo is missing"]);
    stage.configure(&policy("").replace("  package_blob_wo_version = 1\n", ""));
    stage.folder.run(&["validate"]).fails_with(&["package_blob_wo_version is missing"]);
    stage.configure(&policy("").replace("package = \"onboarding\"", "package = \"auto_from_connector\""));
    stage.folder.run(&["validate"]).fails_with(&["package_blob_wo conflicts with package"]);
    assert_eq!(policies(&stage), [Value::Null; 0]);
}

/// A fault of the next create.
fn lose_create(stage: &Stage, more: &Value) {
    let mut fault = json!({"match": {"method": "POST", "path": "/deviceConfigurations"}, "cut": "after"});
    fault.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    stage.emulator.fault(&fault);
}

pub fn a_lost_create_that_appears_late_is_adopted() {
    let stage = stage();
    stage.configure(&policy(""));
    lose_create(&stage, &json!({"hideCreated": 2}));
    stage.folder.apply().succeeds();
    let found = policies(&stage);
    assert_eq!((found.len(), &found[0]["id"]), (1, &json!(id(&stage))));
    stage.plan().must_be_empty();
}

pub fn a_lost_create_that_took_effect_twice_is_not_adopted() {
    let stage = stage();
    stage.configure(&policy(""));
    lose_create(&stage, &json!({"repeat": true}));
    let applied = stage.folder.apply();
    let found = policies(&stage);
    assert_eq!(found.len(), 2);
    let ids: Vec<&str> = found.iter().map(|policy| policy["id"].as_str().unwrap()).collect();
    applied.fails_with(&["It is not known whether the policy was created", ids[0], ids[1]]);
    assert!(stage.folder.state(ADDRESS).is_null());
}

pub fn a_second_policy_of_a_name_is_warned_about() {
    let stage = stage();
    stage.configure(&policy(""));
    stage.folder.apply().succeeds();
    stage.folder.run(&["state", "rm", ADDRESS]).succeeds();
    let plan = stage.folder.run(&["plan"]);
    assert!(plan.succeeds().stdout.contains("already exists"), "{}", plan.stdout);
}
