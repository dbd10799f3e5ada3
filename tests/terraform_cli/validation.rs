//! Mistakes that need no look at the tenant: all of them in one `terraform validate`, each where it stands.

use std::collections::BTreeSet;

use expect_test::expect;
use serde_json::Value;

use super::stage::{Stage, assignment_with};
use crate::support::tenant::{COMPANY_OWNED, KIOSKS, LAPTOPS, PERSONAL, POLICY, WORKSTATIONS};

pub fn eight_mistakes_are_reported_at_once() {
    let elements = [
        "{ type = \"everybody\" }".to_owned(),
        "{ type = \"groupAssignmentTarget\", group_id = \"sales\" }".to_owned(),
        "{ type = \"exclusionGroupAssignmentTarget\" }".to_owned(),
        format!(
            "{{ type = \"groupAssignmentTarget\", group_id = {WORKSTATIONS:?}, filter_type = \"include\" }}"
        ),
        format!(
            "{{ type = \"exclusionGroupAssignmentTarget\", group_id = {KIOSKS:?}, \
             filter_id = {PERSONAL:?}, filter_type = \"exclude\" }}"
        ),
        format!("{{ type = \"allLicensedUsersAssignmentTarget\", group_id = {LAPTOPS:?} }}"),
        format!(
            "{{ type = \"groupAssignmentTarget\", group_id = {WORKSTATIONS:?}, \
             filter_id = {COMPANY_OWNED:?}, filter_type = \"include\" }}"
        ),
    ];
    let printed = mistakes("not-a-guid", &elements, "");
    expect![[r#"
        assignments: Exclusions cannot have a filter
        In the element { type = "exclusionGroupAssignmentTarget", group_id = "c5f3b8d4-2e69-40b7-ac3f-8b40bd9e7f03", filter_id = "e715daf6-408b-42d9-8e51-ad62dfb09105", filter_type = "exclude" } of assignments:
        An exclusion always applies to the whole group, so Intune offers no filter for it. Leave filter_id and filter_type out.

        assignments: The same target is listed twice
        In the element { type = "groupAssignmentTarget", group_id = "a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01", filter_type = "include" } of assignments:
        { type = "groupAssignmentTarget", group_id = "a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01", filter_id = "d604c9e5-3f7a-41c8-bd40-9c51ceaf8004", filter_type = "include" } has the same target. Intune keeps one assignment and one filter for each target, so only one of the elements would take effect. Remove the other.

        assignments: filter_id is missing
        In the element { type = "groupAssignmentTarget", group_id = "a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01", filter_type = "include" } of assignments:
        filter_type is set and filter_id is not. For a filter, set filter_id to the id of an assignment filter. For no filter, leave both filter_id and filter_type out.

        assignments: group_id is missing
        In the element { type = "exclusionGroupAssignmentTarget" } of assignments:
        Targets of type groupAssignmentTarget and exclusionGroupAssignmentTarget need group_id.

        assignments: group_id is not a GUID
        In the element { type = "groupAssignmentTarget", group_id = "sales" } of assignments:
        The value is "sales". A GUID has 32 hexadecimal digits in groups of 8-4-4-4-12, for example "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a". Names are not accepted. The Microsoft Entra admin center shows it as "Object ID" on the group's Overview page. To look a group up by its name, use the azuread provider:

        data "azuread_group" "example" {
          display_name     = "NAME"
          security_enabled = true
        }

        Then write: group_id = data.azuread_group.example.object_id

        Without the azuread provider, the data source defender_group does the same.

        assignments: group_id is not allowed for this type of target
        In the element { type = "allLicensedUsersAssignmentTarget", group_id = "b4e2a7c3-1d58-4fa6-9b2e-7a3fac8d6e02" } of assignments:
        Only targets of type groupAssignmentTarget and exclusionGroupAssignmentTarget have group_id. Leave it out, or change type.

        assignments: type is not one of the allowed values
        In the element { type = "everybody" } of assignments:
        The value is "everybody". The choices are: allDevicesAssignmentTarget, allLicensedUsersAssignmentTarget, groupAssignmentTarget, exclusionGroupAssignmentTarget, configurationManagerCollectionAssignmentTarget.

        device_configuration_id: device_configuration_id is not a GUID
        The value is "not-a-guid". A GUID has 32 hexadecimal digits in groups of 8-4-4-4-12, for example "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a". Names are not accepted. The Intune admin center shows it in the address of the policy's page, after "policyId/". In Graph, GET /beta/deviceManagement/deviceConfigurations?$select=id,displayName lists ids and names.
    "#]].assert_eq(&printed);
}

pub fn eight_more_mistakes_are_reported_at_once() {
    let elements = [
        "{ type = \"configurationManagerCollectionAssignmentTarget\" }".to_owned(),
        format!(
            "{{ type = \"groupAssignmentTarget\", group_id = {LAPTOPS:?}, collection_id = \"SMS00001\" }}"
        ),
        format!("{{ type = \"exclusionGroupAssignmentTarget\", group_id = {:?} }}", LAPTOPS.to_uppercase()),
        format!(
            "{{ type = \"groupAssignmentTarget\", group_id = {KIOSKS:?}, filter_type = \"include\", \
             filter_id = \"00000000-0000-0000-0000-000000000000\" }}"
        ),
        format!(
            "{{ type = \"allLicensedUsersAssignmentTarget\", filter_id = {PERSONAL:?}, filter_type = \"none\" }}"
        ),
        format!("{{ type = \"allDevicesAssignmentTarget\", filter_id = {PERSONAL:?} }}"),
    ];
    let timeouts = "timeouts {\n create = \"soon\"\n delete = \"-1m\"\n}";
    let printed = mistakes(POLICY, &elements, timeouts);
    expect![[r#"
        assignments: A group is both included and excluded
        In the element { type = "exclusionGroupAssignmentTarget", group_id = "B4E2A7C3-1D58-4FA6-9B2E-7A3FAC8D6E02" } of assignments:
        Another element includes the same group. Intune keeps one assignment for each group. Remove one of the two elements.

        assignments: collection_id is missing
        In the element { type = "configurationManagerCollectionAssignmentTarget" } of assignments:
        Targets of type configurationManagerCollectionAssignmentTarget need collection_id.

        assignments: collection_id is not allowed for this type of target
        In the element { type = "groupAssignmentTarget", group_id = "b4e2a7c3-1d58-4fa6-9b2e-7a3fac8d6e02", collection_id = "SMS00001" } of assignments:
        Only targets of type configurationManagerCollectionAssignmentTarget have collection_id. Leave it out, or change type.

        assignments: filter_id is the all-zero GUID
        In the element { type = "groupAssignmentTarget", group_id = "c5f3b8d4-2e69-40b7-ac3f-8b40bd9e7f03", filter_id = "00000000-0000-0000-0000-000000000000", filter_type = "include" } of assignments:
        The value is "00000000-0000-0000-0000-000000000000". Graph returns this GUID where there is no object. For no filter, leave both filter_id and filter_type out.

        assignments: filter_type is missing
        In the element { type = "allDevicesAssignmentTarget", filter_id = "e715daf6-408b-42d9-8e51-ad62dfb09105" } of assignments:
        filter_id is set and filter_type is not. For a filter, set filter_type to include or exclude. For no filter, leave both filter_id and filter_type out.

        assignments: filter_type is not one of the allowed values
        In the element { type = "allLicensedUsersAssignmentTarget", filter_id = "e715daf6-408b-42d9-8e51-ad62dfb09105", filter_type = "none" } of assignments:
        The value is "none". The choices are: include, exclude. For no filter, leave both filter_id and filter_type out.

        create: create is not a duration
        The value is "soon". It has something other than a number before a unit. Write numbers with units, for example "90s", "1.5m" or "1h30m"; the units are h, m, s, ms, us and ns.

        delete: delete is not a duration
        The value is "-1m". It has something other than a number before a unit. Write numbers with units, for example "90s", "1.5m" or "1h30m"; the units are h, m, s, ms, us and ns.
    "#]].assert_eq(&printed);
}

pub fn twenty_names_instead_of_ids_are_one_error() {
    let stage = Stage::new();
    let elements: Vec<String> = (1..=20)
        .map(|number| format!("{{ type = \"groupAssignmentTarget\", group_id = \"Team {number:02}\" }}"))
        .collect();
    stage.configure(&assignment_with(POLICY, &format!("[{}]", elements.join(", ")), ""));
    let validated = stage.folder.run(&["validate", "-json"]);
    let [error] = <[Value; 1]>::try_from(validated.json_diagnostics()).unwrap();
    expect![[r#"
        assignments: group_id is not a GUID
        In 20 elements of assignments:
        - { type = "groupAssignmentTarget", group_id = "Team 01" }
        - { type = "groupAssignmentTarget", group_id = "Team 02" }
        - { type = "groupAssignmentTarget", group_id = "Team 03" }
        - { type = "groupAssignmentTarget", group_id = "Team 04" }
        - { type = "groupAssignmentTarget", group_id = "Team 05" }
        - { type = "groupAssignmentTarget", group_id = "Team 06" }
        - { type = "groupAssignmentTarget", group_id = "Team 07" }
        - { type = "groupAssignmentTarget", group_id = "Team 08" }
        - { type = "groupAssignmentTarget", group_id = "Team 09" }
        - { type = "groupAssignmentTarget", group_id = "Team 10" }
        - and 10 more
        A GUID has 32 hexadecimal digits in groups of 8-4-4-4-12, for example "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a". Names are not accepted. The Microsoft Entra admin center shows it as "Object ID" on the group's Overview page. To look a group up by its name, use the azuread provider:

        data "azuread_group" "example" {
          display_name     = "NAME"
          security_enabled = true
        }

        Then write: group_id = data.azuread_group.example.object_id

        Without the azuread provider, the data source defender_group does the same.
    "#]].assert_eq(&printed(&error));
}

pub fn sets_that_mean_little_are_warned_about() {
    let stage = Stage::new();
    let excluded = format!("[{{ type = \"exclusionGroupAssignmentTarget\", group_id = {KIOSKS:?} }}]");
    stage.configure(&assignment_with(POLICY, &excluded, ""));
    let validated = stage.folder.run(&["validate", "-json"]);
    let [warning] = <[Value; 1]>::try_from(validated.succeeds().json_diagnostics()).unwrap();
    assert_eq!(warning["severity"], "warning");
    assert_eq!(warning["summary"], "The set has exclusions only");
}

pub fn what_is_not_known_yet_is_no_mistake() {
    let stage = Stage::new();
    let elements =
        "[{ type = var.kind, group_id = var.group, filter_id = var.filter, filter_type = \"include\" }]";
    let variables = ["kind", "group", "filter", "policy"].map(|name| format!("variable {name:?} {{}}\n"));
    let resource = assignment_with(POLICY, elements, "").replace(&format!("{POLICY:?}"), "var.policy");
    stage.configure(&format!("{}{resource}", variables.concat()));
    stage.folder.run(&["validate"]).succeeds();
}

/// What `validate` finds: the line of the configuration and the whole text, sorted, eight in number.
fn mistakes(policy: &str, elements: &[String], more: &str) -> String {
    let stage = Stage::new();
    let set = format!("[\n    {},\n  ]", elements.join(",\n    "));
    stage.configure(&assignment_with(policy, &set, more));
    let validated = stage.folder.run(&["validate", "-json"]);
    assert_eq!(validated.code, Some(1), "{}", validated.stdout);
    let mut diagnostics = validated.json_diagnostics();
    diagnostics.retain(|diagnostic| diagnostic["severity"] == "error");
    let texts: BTreeSet<_> = diagnostics.iter().map(printed).collect();
    assert_eq!((diagnostics.len(), texts.len()), (8, 8), "each is told once");
    assert_eq!(stage.emulator.calls(), [""; 0]);
    texts.into_iter().collect::<Vec<_>>().join("\n")
}

/// `device_configuration_id: summary` and the text below it, with the attribute whose expression is underlined.
fn printed(diagnostic: &Value) -> String {
    assert_eq!(diagnostic["severity"], "error");
    let text = |value: &Value| value.as_str().unwrap_or_default().trim().to_owned();
    let code = text(&diagnostic["snippet"]["code"]);
    let attribute = code.split(" =").next().unwrap_or_default();
    format!("{attribute}: {}\n{}\n", text(&diagnostic["summary"]), text(&diagnostic["detail"]))
}
