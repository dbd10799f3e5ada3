//! Look-ups that find nothing or too much, and what is missing for them.

use expect_test::expect;
use serde_json::{Value, json};

use super::tenant::{ANTIVIRUS, BASELINE, GROUP, ONBOARDING, TWICE, data, quoted, stage};
use crate::scenarios::stage::Stage;
use crate::support::command::Finished;

const ABSENT: &str = "00000000-1111-4222-8333-444444444444";

/// The look-ups of one thing, with the attribute of the name.
const LOOKUPS: [(&str, &str); 4] = [
    ("defender_atp_configuration", "display_name"),
    ("defender_assignment_filter", "display_name"),
    ("defender_edr_policy", "name"),
    ("defender_group", "display_name"),
];

/// The data sources that take the id of a policy.
const OF_POLICIES: [(&str, &str); 3] = [
    ("defender_atp_assignment", "device_configuration_id"),
    ("defender_edr_assignment", "configuration_policy_id"),
    ("defender_policy_status", "device_configuration_id"),
];

/// Summaries and details of the diagnostics, in order, without request ids.
fn texts(finished: &Finished) -> String {
    let mut texts: Vec<String> = finished.json_diagnostics().iter().map(text).collect();
    texts.sort_unstable();
    texts.join("\n")
}

fn text(diagnostic: &Value) -> String {
    let detail = diagnostic["detail"].as_str().unwrap();
    let detail: Vec<&str> = detail.lines().filter(|line| !line.starts_with("Request: ")).collect();
    let place = diagnostic["snippet"]["code"].as_str().unwrap_or_default().trim();
    let place = place.split(" = ").next().unwrap_or_default();
    format!(
        "{}: {} [{place}]\n{}\n",
        diagnostic["severity"].as_str().unwrap(),
        diagnostic["summary"].as_str().unwrap(),
        detail.join("\n")
    )
}

fn plan(stage: &Stage, configuration: &str) -> Finished {
    stage.configure(configuration);
    stage.folder.run(&["plan", "-json"])
}

pub fn what_does_not_exist_is_an_error_at_its_attribute() {
    let stage = stage();
    let mut configuration = String::new();
    for (data_source, name_attribute) in LOOKUPS {
        configuration += &data(data_source, "by_id", &format!("id = {ABSENT:?}"));
        configuration += &data(data_source, "by_name", &format!("{name_attribute} = {}", quoted("Twicé")));
    }
    for (data_source, id_attribute) in OF_POLICIES {
        configuration += &data(data_source, "absent", &format!("{id_attribute} = {ABSENT:?}"));
    }
    let plan = plan(&stage, &configuration);
    assert_eq!(plan.code, Some(1));
    expect![[r#"
        error: Assignment filter "Twicé" does not exist [display_name]
        Intune has no assignment filter of this name. Its assignment filters are:
        - "Company-owned 'Windows' ≥ 11"
        - "TWICE"
        - "Twice"
        Next: check the name, which is not case-sensitive, and whether the token is for the right tenant.

        error: Assignment filter 00000000-1111-4222-8333-444444444444 does not exist [id]
        Intune has no assignment filter with this id. Its assignment filters are:
        - "Company-owned 'Windows' ≥ 11"
        - "TWICE"
        - "Twice"
        Next: check the id, and whether the token is for the right tenant.

        error: EDR policy "Twicé" does not exist [name]
        Intune has no EDR policy of this name. Its EDR policies are:
        - "EDR 'Straße' #1"
        - "Twice"
        - "twice"
        Next: check the name, which is not case-sensitive, and whether the token is for the right tenant.

        error: EDR policy 00000000-1111-4222-8333-444444444444 does not exist [id]
        Intune has no EDR policy with this id.
        Next: check the id, and whether the token is for the right tenant.

        error: Group "Twicé" does not exist [display_name]
        The directory has no group of this name.
        Next: check the name, which is not case-sensitive, and whether the token is for the right tenant.

        error: Group 00000000-1111-4222-8333-444444444444 does not exist [id]
        The directory has no group with this id.
        Next: check the id, and whether the token is for the right tenant.

        error: Onboarding policy "Twicé" does not exist [display_name]
        Intune has no onboarding policy of this name. Its onboarding policies are:
        - "O'Brien's \"Ring\" – Zürich  2 & +50%"
        - "TWICE"
        - "Twice"
        Next: check the name, which is not case-sensitive, and whether the token is for the right tenant.

        error: Onboarding policy 00000000-1111-4222-8333-444444444444 does not exist [id]
        Intune has no onboarding policy with this id.
        Next: check the id, and whether the token is for the right tenant.

        error: Policy 00000000-1111-4222-8333-444444444444 does not exist [configuration_policy_id]
        Intune has no such policy.
        Next: check configuration_policy_id, and whether the token belongs to the right tenant.

        error: Policy 00000000-1111-4222-8333-444444444444 does not exist [device_configuration_id]
        Intune has no such policy.
        Next: check device_configuration_id, and whether the token belongs to the right tenant.

        error: Policy 00000000-1111-4222-8333-444444444444 does not exist [device_configuration_id]
        Intune has no such policy.
        Next: check device_configuration_id, and whether the token belongs to the right tenant.
    "#]]
    .assert_eq(&texts(&plan));
}

pub fn a_name_that_several_have_is_an_error_that_lists_them() {
    let stage = stage();
    let configuration: String = LOOKUPS
        .map(|(data_source, name)| data(data_source, "twice", &format!("{name} = {}", quoted(TWICE))))
        .concat();
    let plan = plan(&stage, &configuration);
    assert_eq!(plan.code, Some(1));
    expect![[r#"
        error: 2 EDR policies match "Twice" [name]
        Names are not unique. Intune has:
        - 7d3b9a52-4c1e-4f6d-8a27-9e0b5d4c3f02 ("Twice")
        - 7d3b9a52-4c1e-4f6d-8a27-9e0b5d4c3f03 ("twice")
        Next: set id to one of these ids instead of name.

        error: 2 assignment filters match "Twice" [display_name]
        Names are not unique. Intune has:
        - d604c9e5-3f7a-41c8-bd40-9c51ceaf8002 ("Twice")
        - d604c9e5-3f7a-41c8-bd40-9c51ceaf8003 ("TWICE")
        Next: set id to one of these ids instead of display_name.

        error: 2 groups match "Twice" [display_name]
        Names are not unique. The directory has:
        - a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d02 ("Twice")
        - a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d03 ("tWICE")
        Next: set id to one of these ids instead of display_name.

        error: 2 onboarding policies match "Twice" [display_name]
        Names are not unique. Intune has:
        - 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f2a2 ("Twice")
        - 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f2a3 ("TWICE")
        Next: set id to one of these ids instead of display_name.
    "#]]
    .assert_eq(&texts(&plan));
}

pub fn a_policy_of_another_kind_is_refused_by_name() {
    let stage = stage();
    let configuration = [
        data("defender_atp_configuration", "other", &format!("id = {BASELINE:?}")),
        data("defender_edr_policy", "other", &format!("id = {ANTIVIRUS:?}")),
        data("defender_atp_assignment", "other", &format!("device_configuration_id = {BASELINE:?}")),
        data("defender_edr_assignment", "other", &format!("configuration_policy_id = {ANTIVIRUS:?}")),
        data("defender_policy_status", "other", &format!("device_configuration_id = {BASELINE:?}")),
        data("defender_atp_configuration", "by_name", "display_name = \"Baseline\""),
    ]
    .concat();
    let plan = plan(&stage, &configuration);
    assert_eq!(plan.code, Some(1));
    expect![[r#"
        error: EDR policy 7d3b9a52-4c1e-4f6d-8a27-9e0b5d4c3f04 is of another type [id]
        The policy is of the template family endpointSecurityAntivirus. This data source reads only policies of the family endpointSecurityEndpointDetectionAndResponse.
        Next: use the id of a policy of this kind.

        error: Onboarding policy "Baseline" does not exist [display_name]
        Intune has no onboarding policy of this name. Its onboarding policies are:
        - "O'Brien's \"Ring\" – Zürich  2 & +50%"
        - "TWICE"
        - "Twice"
        Next: check the name, which is not case-sensitive, and whether the token is for the right tenant.

        error: Onboarding policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f2a4 is of another type [id]
        The policy is of the type windows10GeneralConfiguration. This data source reads only policies of the type windowsDefenderAdvancedThreatProtectionConfiguration.
        Next: use the id of a policy of this kind.

        error: The policy is not a Defender for Endpoint onboarding policy [device_configuration_id]
        Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f2a4 ("Baseline") is of the type windows10GeneralConfiguration. This data source reads policies of the type windowsDefenderAdvancedThreatProtectionConfiguration only.
        Next: use the id of a policy that was made with the profile type "Microsoft Defender for Endpoint".

        error: The policy is not a Defender for Endpoint onboarding policy [device_configuration_id]
        Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f2a4 is of the type windows10GeneralConfiguration. This data source reads policies of the type windowsDefenderAdvancedThreatProtectionConfiguration only.
        Next: use the id of a policy that was made with the profile type "Microsoft Defender for Endpoint".

        error: The policy is not an endpoint detection and response policy [configuration_policy_id]
        Policy 7d3b9a52-4c1e-4f6d-8a27-9e0b5d4c3f04 ("Antivirus") is of the template family endpointSecurityAntivirus. This data source reads policies of the family endpointSecurityEndpointDetectionAndResponse only.
        Next: use the id of a policy that was made under Endpoint security, Endpoint detection and response.
    "#]].assert_eq(&texts(&plan));
}

pub fn a_look_up_needs_exactly_one_of_id_and_name() {
    let stage = stage();
    let mut configuration = String::new();
    for (data_source, name) in LOOKUPS {
        configuration += &data(data_source, "neither", "");
        configuration += &data(data_source, "both", &format!("id = {ABSENT:?}\n  {name} = \"x\""));
    }
    configuration +=
        &data("defender_group", "malformed", "id = \"Workstations\"\n  timeouts {\n    read = \"5\"\n  }");
    configuration += &data("defender_group", "blank", "display_name = \" \"");
    stage.configure(&configuration);
    let validate = stage.folder.run(&["validate", "-json"]);
    let answer: Value = serde_json::from_str(&validate.stdout).unwrap();
    let errors = answer["diagnostics"].as_array().unwrap().iter().filter(|one| one["severity"] == "error");
    let mut shown: Vec<String> = errors.map(text).collect();
    shown.sort_unstable();
    shown.dedup();
    expect![[r#"
        error: Neither id nor display_name is set [data "defender_assignment_filter" "neither" {]
        A look-up needs one of them. Set id or display_name.

        error: Neither id nor display_name is set [data "defender_atp_configuration" "neither" {]
        A look-up needs one of them. Set id or display_name.

        error: Neither id nor display_name is set [data "defender_group" "neither" {]
        A look-up needs one of them. Set id or display_name.

        error: Neither id nor name is set [data "defender_edr_policy" "neither" {]
        A look-up needs one of them. Set id or name.

        error: display_name is empty [display_name]
        The value is " ". Set it to a value, or omit the argument if it is optional.

        error: id and display_name are both set [display_name]
        A look-up uses only one of these attributes. Remove id or display_name.

        error: id and name are both set [name]
        A look-up uses only one of these attributes. Remove id or name.

        error: id is not a GUID [id]
        The value is "Workstations". A GUID has 32 hexadecimal digits in groups of 8-4-4-4-12, for example "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a". Names are not accepted. The Microsoft Entra admin center shows it as "Object ID" on the group's Overview page. To look up the group by its name, set display_name instead.

        error: read is not a duration [read]
        The value is "5". It has a number without a unit. Write numbers with units, for example "90s", "1.5m" or "1h30m"; the units are h, m, s, ms, us and ns.
    "#]].assert_eq(&shown.join("\n"));
}

pub fn a_missing_permission_is_named_once_and_an_optional_one_is_a_warning() {
    let stage = stage();
    let refused = |path: &str| json!({"match": {"path": path}, "times": null, "status": 403});
    stage.emulator.fault(&json!([refused("/deviceManagement/")]));
    let mut configuration: String = OF_POLICIES
        .map(|(data_source, id)| data(data_source, "one", &format!("{id} = {ONBOARDING:?}")))
        .concat();
    for data_source in [
        "defender_atp_configurations",
        "defender_edr_policies",
        "defender_onboarding_status",
        "defender_policy_conflicts",
    ] {
        configuration += &data(data_source, "all", "");
    }
    configuration += &data("defender_assignment_filter", "one", "display_name = \"x\"");
    configuration += &data("defender_atp_configuration", "one", "display_name = \"x\"");
    configuration += &data("defender_edr_policy", "one", "name = \"x\"");
    let plan_of_all = plan(&stage, &configuration);
    let shown = plan_of_all.json_diagnostics();
    let whole = shown
        .iter()
        .filter(|one| one["detail"].as_str().unwrap().contains("DeviceManagementConfiguration.Read.All"));
    assert_eq!((whole.count(), shown.len()), (1, 10), "{}", texts(&plan_of_all));

    stage.emulator.no_more_faults();
    stage.emulator.fault(&json!([refused("/transitiveMembers/")]));
    let groups =
        ["one", "two", "three"].map(|name| data("defender_group", name, &format!("id = {GROUP:?}"))).concat();
    stage.configure(&format!(
        "{groups}output \"count\" {{\n  value = data.defender_group.three.device_count == null\n}}\n"
    ));
    let plan = stage.folder.run(&["plan", "-json"]);
    // Any of the three may come first.
    let shown = texts(plan.succeeds()).replace("\"two\"", "\"one\"").replace("\"three\"", "\"one\"");
    expect![[r#"
        warning: Members of groups could not be counted [data "defender_group" "one" {]
        Microsoft Graph refused to count members, so these attributes are null for all groups of this run: device_count and user_count.
        Next: grant Device.Read.All and User.Read.All to the identity that signed in, or set count_members = false if the counts are not needed.
    "#]].assert_eq(&shown);

    stage.emulator.no_more_faults();
    stage.emulator.fault(&json!([refused("/groups")]));
    let plan = stage.folder.run(&["plan", "-json"]);
    assert_eq!(plan.code, Some(1));
    assert!(texts(&plan).contains("grant GroupMember.Read.All"), "{}", texts(&plan));
}
