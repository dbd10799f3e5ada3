//! Provider functions as Terraform calls them: in the console, in validate, plan, apply and tests, with the same results.

use std::fs::{self, File};
use std::path::Path;

use expect_test::expect;
use serde_json::{Value, json};

use super::snippets::stage_for;
use super::stage::Stage;
use crate::support::command::Running;
use crate::support::target::{Target, sorted};
use crate::support::tenant::{COMPANY_OWNED, KIOSKS, LAPTOPS, PERSONAL, POLICY, WORKSTATIONS};
use crate::support::terraform::{has_functions, is_at_least};

/// Uses all functions. `PLACE` has the id after `policyId/`.
const CONFIGURATION: &str = r#"
locals {
  rings = [
    provider::defender::targets([WORKSTATIONS], [KIOSKS]),
    provider::defender::with_filter(provider::defender::targets([LAPTOPS, UPPER_LAPTOPS], []), FILTER, "include"),
    toset([{ type = "allLicensedUsersAssignmentTarget" }]),
  ]
  all = provider::defender::combine(local.rings...)
}

resource "defender_atp_assignment" "this" {
  device_configuration_id = provider::defender::policy_id(PLACE)
  assignments             = local.all
}

resource "terraform_data" "this" {
  input = local.all
}

output "all" {
  value = local.all
}
"#;

pub fn console_plan_and_apply_agree() {
    if !has_functions() {
        return;
    }
    let stage = Stage::new();
    stage.configure(&configuration(CONFIGURATION));
    stage.folder.run(&["validate"]).succeeds();
    let targets = [
        Target::group(WORKSTATIONS),
        Target::exclusion(KIOSKS),
        Target::group(LAPTOPS).including(COMPANY_OWNED),
        Target::all_users(),
    ];
    let expected = sorted(targets.iter().map(Target::element));
    assert_eq!(sorted(in_console(&stage, "local.all")), expected);
    assert_eq!(stage.emulator.calls(), [""; 0], "functions send nothing");

    let plan = stage.plan();
    let planned = plan.json["planned_values"]["outputs"]["all"]["value"].as_array().unwrap().clone();
    assert_eq!(sorted(planned), expected);
    stage.folder.run(&["apply", "saved.tfplan"]).succeeds();
    stage.emulator.must_hold(POLICY, &targets);
    stage.plan().must_be_empty();
    let shown = stage.folder.run(&["output", "-json", "all"]);
    let output: Vec<Value> = serde_json::from_str(&shown.succeeds().stdout).unwrap();
    assert_eq!(sorted(output), expected);
}

pub fn ids_known_only_after_apply_are_waited_for() {
    if !has_functions() {
        return;
    }
    let stage = Stage::new();
    stage.configure(&configuration(
        r#"
resource "terraform_data" "group" {
  input = WORKSTATIONS
}

resource "defender_atp_assignment" "this" {
  device_configuration_id = PLACE_ID
  assignments = provider::defender::combine(
    provider::defender::targets([terraform_data.group.output], []),
    [{ type = "exclusionGroupAssignmentTarget", group_id = KIOSKS }],
  )
}
"#,
    ));
    let plan = stage.plan();
    assert!(plan.changes().any(|change| change.is_unknown("assignments")), "{}", plan.json);
    stage.folder.run(&["apply", "saved.tfplan"]).succeeds();
    stage.emulator.must_hold(POLICY, &[Target::group(WORKSTATIONS), Target::exclusion(KIOSKS)]);
    stage.plan().must_be_empty();
}

pub fn errors_point_at_the_argument() {
    if !has_functions() {
        return;
    }
    let calls = [
        "targets([WORKSTATIONS, \"Sales\"], [null])",
        "targets([WORKSTATIONS], [KIOSKS, UPPER_WORKSTATIONS])",
        "targets([WORKSTATIONS], null)",
        "with_filter([{ type = \"allDevicesAssignmentTarget\", filter_id = PERSONAL, filter_type = \"include\" }], FILTER, \
         \"include\")",
        "with_filter([], FILTER, \"excludes\")",
        "combine([{ type = \"groupAssignmentTarget\", groupid = KIOSKS }])",
        "combine([{ group_id = KIOSKS }])",
        "combine([], provider::defender::targets([KIOSKS], []), provider::defender::targets([], [KIOSKS]))",
        "combine([provider::defender::targets([KIOSKS], []), provider::defender::targets([], [KIOSKS])]...)",
        "policy_id(\"https://intune.microsoft.com/#view/Blade/groupId/${KIOSKS}\")",
    ];
    let stage = Stage::new();
    let outputs = calls.iter().enumerate().map(|(number, call)| {
        format!("output \"call_{number}\" {{\n  value = provider::defender::{call}\n}}\n")
    });
    stage.configure(&configuration(&outputs.collect::<String>()));
    let validated = stage.folder.run(&["validate", "-json"]);
    assert_eq!(validated.code, Some(1), "{}", validated.stdout);
    let mut errors = validated.json_diagnostics();
    errors.sort_by_key(|error| error["range"]["start"]["line"].as_u64());
    let printed: Vec<String> = errors.iter().map(printed).collect();
    assert_eq!(printed.len(), calls.len());
    expect![[r#"
        [
        Invalid function argument: Invalid value for "include" parameter: 2 problems.

        An element is not a GUID. In the element "Sales" of include:
        A GUID has 32 hexadecimal digits in groups of 8-4-4-4-12, for example "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a". Names are not accepted. The Microsoft Entra admin center shows it as "Object ID" on the group's Overview page. To find a group by its name, use the data source defender_group, or azuread_group of the azuread provider.

        exclude has a null element. Remove the element instead.

        [
        Invalid function argument: Invalid value for "exclude" parameter: A group is both included and excluded:
        - include: groupAssignmentTarget a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01; exclude: exclusionGroupAssignmentTarget A3D1F6B2-0C47-4E95-8A1D-6F2E9B7C5D01
        Intune keeps one assignment for each group. Keep only one of them.

        null
        Invalid function argument: Invalid value for "exclude" parameter: argument must not be null.

        [
        Invalid function argument: Invalid value for "targets" parameter: A target already has a filter other than include d604c9e5-3f7a-41c8-bd40-9c51ceaf8004:
        - allDevicesAssignmentTarget, filter include e715daf6-408b-42d9-8e51-ad62dfb09105
        with_filter does not replace filters. Remove the filter from the target, or the target from this call.

        excludes
        Invalid function argument: Invalid value for "filter_type" parameter: filter_type is not one of the allowed values. The value is "excludes". Did you mean "exclude"? The choices are: include, exclude. To have no filter, use the targets without with_filter.

        [
        Invalid function argument: Invalid value for "targets" parameter: In argument 1: group_id is missing. In the element { type = "groupAssignmentTarget" } of targets:
        Targets of type groupAssignmentTarget and exclusionGroupAssignmentTarget need group_id.

        [
        Invalid function argument: Invalid value for "targets" parameter: element 0: attribute "type" is required.

        provider::defender::targets(
        Invalid function argument: Invalid value for "targets" parameter: A group is both included and excluded:
        - argument 2: groupAssignmentTarget c5f3b8d4-2e69-40b7-ac3f-8b40bd9e7f03; argument 3: exclusionGroupAssignmentTarget c5f3b8d4-2e69-40b7-ac3f-8b40bd9e7f03
        Intune keeps one assignment for each group. Keep only one of them.

        [provider::defender::targets(["c5f3b8d4-2e69-40b7-ac3f-8b40bd9e7f03"], []), provider::defender::targets([], ["c5f3b8d4-2e69-40b7-ac3f-8b40bd9e7f03"])]
        Invalid function argument: Invalid value for "targets" parameter: A group is both included and excluded:
        - argument 1: groupAssignmentTarget c5f3b8d4-2e69-40b7-ac3f-8b40bd9e7f03; argument 2: exclusionGroupAssignmentTarget c5f3b8d4-2e69-40b7-ac3f-8b40bd9e7f03
        Intune keeps one assignment for each group. Keep only one of them.

        https://intune.microsoft.com/#view/Blade/groupId/
        Invalid function argument: Invalid value for "text" parameter: The text is "https://intune.microsoft.com/#view/Blade/groupId/c5f3b8d4-2e69-40b7-ac3f-8b40bd9e7f03". It has no "policyId/", and the GUIDs in it may be ids of something else:
        - c5f3b8d4-2e69-40b7-ac3f-8b40bd9e7f03
        Pass the id of a policy, or the address of the policy's page in the Intune admin center. The address contains the id after "policyId/".
    "#]].assert_eq(&printed.join("\n"));
}

pub fn tests_may_call_functions() {
    // OpenTofu 1.12 crashes on a provider function in an assertion.
    if !is_at_least(1, 8) {
        return;
    }
    let stage = Stage::new();
    stage.configure(&configuration(CONFIGURATION));
    stage.folder.write(
        "functions.tftest.hcl",
        &configuration(
            r#"
run "plan" {
  command = plan

  assert {
    condition = output.all == provider::defender::combine(
      output.all,
      provider::defender::targets([UPPER_WORKSTATIONS], [KIOSKS]),
    )
    error_message = "The targets should be in the set already."
  }

  assert {
    condition     = defender_atp_assignment.this.device_configuration_id == provider::defender::policy_id(PLACE)
    error_message = "The id should be that of the address."
  }

  assert {
    condition     = can(provider::defender::combine(output.all, provider::defender::targets([KIOSKS], [])))
    error_message = "An excluded group cannot be included as well."
  }
}
"#,
        ),
    );
    let tested = stage.folder.run(&["test"]);
    assert_eq!(tested.code, Some(1), "{}{}", tested.stdout, tested.stderr);
    tested.fails_with(&["An excluded group cannot be included as well."]);
    assert!(!tested.diagnostics().contains("should be"), "{}", tested.stderr);
}

pub fn every_example_is_applied() {
    if !has_functions() {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/functions");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["combine", "policy_id", "targets", "with_filter"]);
    for name in names {
        let example = fs::read_to_string(folder.join(&name).join("function.tf")).unwrap();
        assert!(example.contains(&format!("provider::defender::{name}(")), "{name}");
        let stage = stage_for(&example);
        stage.configure(&example);
        stage.folder.apply().succeeds();
        stage.plan().must_be_empty();
    }
}

/// Replaces the names in capitals with ids of the tenant.
fn configuration(text: &str) -> String {
    let place =
        format!("https://intune.microsoft.com/#view/Blade/policyId/{}/platform~/1", POLICY.to_uppercase());
    let (laptops, workstations) = (LAPTOPS.to_uppercase(), WORKSTATIONS.to_uppercase());
    let words = [
        ("UPPER_LAPTOPS", laptops.as_str()),
        ("UPPER_WORKSTATIONS", &workstations),
        ("WORKSTATIONS", WORKSTATIONS),
        ("LAPTOPS", LAPTOPS),
        ("KIOSKS", KIOSKS),
        ("PERSONAL", PERSONAL),
        ("FILTER", COMPANY_OWNED),
        ("PLACE_ID", POLICY),
        ("PLACE", &place),
    ];
    words.iter().fold(text.to_owned(), |text, (word, value)| text.replace(word, &format!("{value:?}")))
}

/// The value of an expression in `terraform console`.
fn in_console(stage: &Stage, expression: &str) -> Vec<Value> {
    let input = stage.folder.temporary().join("expression");
    fs::write(&input, format!("jsonencode({expression})\n")).unwrap();
    let mut command = stage.folder.command(&["console"]);
    command.stdin(File::open(&input).unwrap());
    let finished = Running::start(command).finish();
    fs::remove_file(input).unwrap();
    let line = finished.succeeds().stdout.lines().find(|line| line.starts_with('"')).unwrap_or_default();
    let text: String = serde_json::from_str(line).unwrap_or_else(|_| panic!("{}", finished.stdout));
    serde_json::from_str(&text).unwrap()
}

/// What is underlined, summary and detail.
fn printed(error: &Value) -> String {
    let snippet = &error["snippet"];
    let code = snippet["code"].as_str().unwrap_or_default();
    let offset = |name: &str| usize::try_from(snippet[name].as_u64().unwrap_or_default()).unwrap_or_default();
    let underlined = code.get(offset("highlight_start_offset")..offset("highlight_end_offset"));
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    assert_eq!(error["severity"], json!("error"));
    format!("{}\n{}: {}\n", underlined.unwrap_or_default(), text("summary"), text("detail"))
}
