//! Everything that the functions refuse, with its text.

use expect_test::{Expect, expect};
use serde_json::{Value as Json, json};

use crate::caller::Caller;
use crate::drawn::{FILTERS, GROUPS};

const ZERO: &str = "00000000-0000-0000-0000-000000000000";
const ALL_DEVICES: &str = "adadadad-808e-44e2-905a-0b7873a8a531";

async fn check(name: &str, arguments: &[Json], argument: i64, expected: &Expect) {
    let refusal = Caller::new().await.call(name, arguments).await.unwrap_err();
    assert_eq!(refusal.argument, Some(argument), "{}", refusal.text);
    expected.assert_eq(&refusal.text);
}

fn group(id: &str) -> Json {
    json!({"type": "groupAssignmentTarget", "group_id": id})
}

fn exclusion(id: &str) -> Json {
    json!({"type": "exclusionGroupAssignmentTarget", "group_id": id})
}

fn filtered(id: &str, filter: &str) -> Json {
    json!({"type": "groupAssignmentTarget", "group_id": id, "filter_id": filter, "filter_type": "include"})
}

/// Each target of which something is wrong, and the text that must name it.
fn invalid_targets() -> Vec<(Json, &'static str)> {
    let with = |mut target: Json, name: &str, value: &str| {
        target[name] = json!(value);
        target
    };
    let everybody = || json!({"type": "allDevicesAssignmentTarget"});
    let collection = || json!({"type": "configurationManagerCollectionAssignmentTarget"});
    let half = with(group(GROUPS[0]), "filter_id", FILTERS[0]);
    vec![
        (
            json!({"type": "groupAsignmentTarget", "group_id": GROUPS[0]}),
            "Did you mean \"groupAssignmentTarget\"?",
        ),
        (json!({"type": null}), "type is missing"),
        (json!({"type": "groupAssignmentTarget"}), "group_id is missing"),
        (json!({"type": "exclusionGroupAssignmentTarget"}), "group_id is missing"),
        (group("Sales"), "group_id is not a GUID"),
        (group(ZERO), "group_id is the all-zero GUID"),
        (group(ALL_DEVICES), "group_id is not the id of a group"),
        (
            with(group(GROUPS[0]), "collection_id", "SMS00001"),
            "collection_id is not allowed for this type of target",
        ),
        (with(everybody(), "group_id", GROUPS[0]), "group_id is not allowed for this type of target"),
        (collection(), "collection_id is missing"),
        (with(collection(), "collection_id", GROUPS[0]), "collection_id is not the id of a collection"),
        (with(collection(), "collection_id", " "), "collection_id is empty"),
        (half.clone(), "filter_type is missing"),
        (with(group(GROUPS[0]), "filter_type", "include"), "filter_id is missing"),
        (with(half.clone(), "filter_type", "includes"), "Did you mean \"include\"?"),
        (with(half, "filter_type", "none"), "filter_type is not one of the allowed values"),
        (filtered(GROUPS[0], "Laptops"), "filter_id is not a GUID"),
        (filtered(GROUPS[0], ZERO), "filter_id is the all-zero GUID"),
        (
            with(with(exclusion(GROUPS[0]), "filter_id", FILTERS[0]), "filter_type", "include"),
            "Exclusions cannot have a filter",
        ),
    ]
}

#[tokio::test]
async fn each_mistake_in_a_target_is_named_at_its_argument() {
    let mut caller = Caller::new().await;
    for (target, text) in invalid_targets() {
        let list = json!([group(GROUPS[1]), target]);
        let combined = caller.call("combine", &[json!([]), list.clone()]).await.unwrap_err();
        assert_eq!(combined.argument, Some(1));
        assert!(combined.text.contains(text), "{text}: {}", combined.text);
        let arguments = [list, json!(FILTERS[0]), json!("include")];
        let filtered = caller.call("with_filter", &arguments).await.unwrap_err();
        assert_eq!(filtered.argument, Some(0));
        assert!(filtered.text.contains(text), "{text}: {}", filtered.text);
    }
}

/// A misspelled attribute is left out by Terraform before the provider sees it.
#[tokio::test]
async fn a_misspelled_attribute_is_missing_not_ignored() {
    check(
        "combine",
        &[json!([{"type": "groupAssignmentTarget", "groupid": GROUPS[0]}])],
        0,
        &expect![[r#"
        In argument 1: group_id is missing. In the element { type = "groupAssignmentTarget" } of targets:
        Targets of type groupAssignmentTarget and exclusionGroupAssignmentTarget need group_id"#]],
    )
    .await;
}

#[tokio::test]
async fn ids_are_refused_as_by_the_resources() {
    check(
        "targets",
        &[json!(["Sales", format!("{{{}}}", GROUPS[0]), ZERO]), json!([ALL_DEVICES, "Kiosks"])],
        0,
        &expect![[r#"
            4 problems.

            An element is not a GUID. In 2 elements of include:
            - "Sales"
            - "{a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01}" Did you mean "a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01"?
            A GUID has 32 hexadecimal digits in groups of 8-4-4-4-12, for example "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a". Names are not accepted. The Microsoft Entra admin center shows it as "Object ID" on the group's Overview page. To find a group by its name, use the data source defender_group, or azuread_group of the azuread provider.

            An element is the all-zero GUID. In the element "00000000-0000-0000-0000-000000000000" of include:
            Graph returns this GUID where there is no object. Set the id of a group.

            An element is not the id of a group. In the element "adadadad-808e-44e2-905a-0b7873a8a531" of exclude:
            Use the type allDevicesAssignmentTarget. Intune uses this id internally for all devices or all users. Use the target type for all devices or all users, without group_id.

            An element is not a GUID. In the element "Kiosks" of exclude:
            A GUID has 32 hexadecimal digits in groups of 8-4-4-4-12, for example "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a". Names are not accepted. The Microsoft Entra admin center shows it as "Object ID" on the group's Overview page. To find a group by its name, use the data source defender_group, or azuread_group of the azuread provider"#]],
    )
    .await;
}

#[tokio::test]
async fn a_group_in_both_lists_is_named() {
    check("targets", &[json!([GROUPS[0], GROUPS[1]]), json!([GROUPS[0].to_uppercase()])], 1, &expect![[r#"
        A group is both included and excluded:
        - include: groupAssignmentTarget a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01; exclude: exclusionGroupAssignmentTarget A3D1F6B2-0C47-4E95-8A1D-6F2E9B7C5D01
        Intune keeps one assignment for each group. Keep only one of them"#]])
        .await;
}

#[tokio::test]
async fn more_than_ten_ids_are_counted() {
    let ids: Vec<String> = (1..=12).map(|number| format!("Team {number:02}")).collect();
    check("targets", &[json!(ids), json!([])], 0, &expect![[r#"
        An element is not a GUID. In 12 elements of include:
        - "Team 01"
        - "Team 02"
        - "Team 03"
        - "Team 04"
        - "Team 05"
        - "Team 06"
        - "Team 07"
        - "Team 08"
        - "Team 09"
        - "Team 10"
        - and 2 more
        A GUID has 32 hexadecimal digits in groups of 8-4-4-4-12, for example "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a". Names are not accepted. The Microsoft Entra admin center shows it as "Object ID" on the group's Overview page. To find a group by its name, use the data source defender_group, or azuread_group of the azuread provider"#]]).await;
    check("targets", &[json!(GROUPS), json!(GROUPS)], 1, &expect![[r#"
        A group is both included and excluded:
        - include: groupAssignmentTarget a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01; exclude: exclusionGroupAssignmentTarget a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01
        - include: groupAssignmentTarget b4e2a7c3-1d58-4fa6-9b2e-7a3fac8d6e02; exclude: exclusionGroupAssignmentTarget b4e2a7c3-1d58-4fa6-9b2e-7a3fac8d6e02
        - include: groupAssignmentTarget c5f3b8d4-2e69-40b7-ac3f-8b40bd9e7f03; exclude: exclusionGroupAssignmentTarget c5f3b8d4-2e69-40b7-ac3f-8b40bd9e7f03
        Intune keeps one assignment for each group. Keep only one of them"#]]).await;
}

#[tokio::test]
async fn another_filter_is_not_replaced() {
    let targets =
        json!([filtered(GROUPS[0], FILTERS[1]), filtered(GROUPS[1], FILTERS[0]), exclusion(GROUPS[2])]);
    check("with_filter", &[targets, json!(FILTERS[0]), json!("include")], 0, &expect![[r#"
        A target already has a filter other than include d604c9e5-3f7a-41c8-bd40-9c51ceaf8004:
        - groupAssignmentTarget a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01, filter include e715daf6-408b-42d9-8e51-ad62dfb09105
        with_filter does not replace filters. Remove the filter from the target, or the target from this call"#]]).await;
    let same_id = json!([filtered(GROUPS[0], FILTERS[0])]);
    check("with_filter", &[same_id, json!(FILTERS[0]), json!("exclude")], 0, &expect![[r#"
        A target already has a filter other than exclude d604c9e5-3f7a-41c8-bd40-9c51ceaf8004:
        - groupAssignmentTarget a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01, filter include d604c9e5-3f7a-41c8-bd40-9c51ceaf8004
        with_filter does not replace filters. Remove the filter from the target, or the target from this call"#]]).await;
}

#[tokio::test]
async fn a_filter_must_be_usable() {
    check("with_filter", &[json!([]), json!("Laptops"), json!("includes")], 1, &expect![[r#"
        2 problems.

        filter_id is not a GUID. The value is "Laptops". A GUID has 32 hexadecimal digits in groups of 8-4-4-4-12, for example "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a". Names are not accepted. The Intune admin center has it in the address of the filter's page (Tenant administration, Filters), after "assignmentFilterId/". In Graph, GET /beta/deviceManagement/assignmentFilters?$select=id,displayName lists ids and names.

        filter_type is not one of the allowed values. The value is "includes". Did you mean "include"? The choices are: include, exclude. To have no filter, use the targets without with_filter"#]]).await;
    check("with_filter", &[json!([]), json!(ZERO), json!("none")], 1, &expect![[r#"
        2 problems.

        filter_id is the all-zero GUID. The value is "00000000-0000-0000-0000-000000000000". Graph returns this GUID where there is no object. To have no filter, use the targets without with_filter.

        filter_type is not one of the allowed values. The value is "none". The choices are: include, exclude. To have no filter, use the targets without with_filter"#]]).await;
    check("with_filter", &[json!([]), json!(FILTERS[0]), json!("Exclude")], 2, &expect![[r#"filter_type is not one of the allowed values. The value is "Exclude". Did you mean "exclude"? The choices are: include, exclude. To have no filter, use the targets without with_filter"#]]).await;
}

#[tokio::test]
async fn contradictions_between_lists_are_named_with_their_arguments() {
    check(
        "combine",
        &[
            json!([group(GROUPS[0])]),
            json!([group(GROUPS[1])]),
            json!([exclusion(&GROUPS[0].to_uppercase())]),
        ],
        2,
        &expect![[r#"
            A group is both included and excluded:
            - argument 1: groupAssignmentTarget a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01; argument 3: exclusionGroupAssignmentTarget A3D1F6B2-0C47-4E95-8A1D-6F2E9B7C5D01
            Intune keeps one assignment for each group. Keep only one of them"#]],
    )
    .await;
    check(
        "combine",
        &[json!([group(GROUPS[0])]), json!([filtered(GROUPS[0], FILTERS[0])])],
        1,
        &expect![[r#"
            A target is listed with and without a filter, or with different filters:
            - argument 1: groupAssignmentTarget a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01; argument 2: groupAssignmentTarget a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01, filter include d604c9e5-3f7a-41c8-bd40-9c51ceaf8004
            Intune keeps one assignment and one filter for each target. Write the same filter everywhere"#]],
    )
    .await;
}

#[tokio::test]
async fn all_problems_of_all_arguments_are_in_one_text() {
    check(
        "combine",
        &[
            json!([group(GROUPS[0]), group("Sales")]),
            json!([filtered(GROUPS[0], FILTERS[0]), {"type": "everybody"}]),
            json!([exclusion(GROUPS[1]), group(GROUPS[1])]),
        ],
        0,
        &expect![[r#"
            4 problems.

            In argument 1: group_id is not a GUID. In the element { type = "groupAssignmentTarget", group_id = "Sales" } of targets:
            The value is "Sales". A GUID has 32 hexadecimal digits in groups of 8-4-4-4-12, for example "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a". Names are not accepted. The Microsoft Entra admin center shows it as "Object ID" on the group's Overview page. To look a group up by its name, use the azuread provider:

            data "azuread_group" "example" {
              display_name     = "NAME"
              security_enabled = true
            }

            Then write: group_id = data.azuread_group.example.object_id

            Without the azuread provider, the data source defender_group does the same.

            In argument 2: type is not one of the allowed values. In the element { type = "everybody" } of targets:
            The value is "everybody". The choices are: allDevicesAssignmentTarget, allLicensedUsersAssignmentTarget, groupAssignmentTarget, exclusionGroupAssignmentTarget, configurationManagerCollectionAssignmentTarget.

            A target is listed with and without a filter, or with different filters:
            - argument 1: groupAssignmentTarget a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01; argument 2: groupAssignmentTarget a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01, filter include d604c9e5-3f7a-41c8-bd40-9c51ceaf8004
            Intune keeps one assignment and one filter for each target. Write the same filter everywhere.

            A group is both included and excluded:
            - argument 3: exclusionGroupAssignmentTarget b4e2a7c3-1d58-4fa6-9b2e-7a3fac8d6e02; argument 3: groupAssignmentTarget b4e2a7c3-1d58-4fa6-9b2e-7a3fac8d6e02
            Intune keeps one assignment for each group. Keep only one of them"#]],
    )
    .await;
    check(
        "with_filter",
        &[json!([group("Sales"), group(GROUPS[0]), exclusion(GROUPS[0])]), json!("Laptops"), json!("on")],
        0,
        &expect![[r#"
            4 problems.

            group_id is not a GUID. In the element { type = "groupAssignmentTarget", group_id = "Sales" } of targets:
            The value is "Sales". A GUID has 32 hexadecimal digits in groups of 8-4-4-4-12, for example "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a". Names are not accepted. The Microsoft Entra admin center shows it as "Object ID" on the group's Overview page. To look a group up by its name, use the azuread provider:

            data "azuread_group" "example" {
              display_name     = "NAME"
              security_enabled = true
            }

            Then write: group_id = data.azuread_group.example.object_id

            Without the azuread provider, the data source defender_group does the same.

            A group is both included and excluded:
            - targets: groupAssignmentTarget a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01; targets: exclusionGroupAssignmentTarget a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01
            Intune keeps one assignment for each group. Keep only one of them.

            filter_id is not a GUID. The value is "Laptops". A GUID has 32 hexadecimal digits in groups of 8-4-4-4-12, for example "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a". Names are not accepted. The Intune admin center has it in the address of the filter's page (Tenant administration, Filters), after "assignmentFilterId/". In Graph, GET /beta/deviceManagement/assignmentFilters?$select=id,displayName lists ids and names.

            filter_type is not one of the allowed values. The value is "on". The choices are: include, exclude. To have no filter, use the targets without with_filter"#]],
    )
    .await;
}

#[tokio::test]
async fn an_address_without_policy_id_is_refused() {
    let address = format!("https://intune.microsoft.com/#view/Blade/groupId/{}", GROUPS[0]);
    check("policy_id", &[json!(address)], 0, &expect![[r#"
        The text is "https://intune.microsoft.com/#view/Blade/groupId/a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01". It has no "policyId/", and the GUIDs in it may be ids of something else:
        - a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01
        Pass the id of a policy, or the address of the policy's page in the Intune admin center. The address contains the id after "policyId/""#]]).await;
}
