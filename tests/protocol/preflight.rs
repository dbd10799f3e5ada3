//! Checks while planning: which finding is told how severely, what is looked up for it, and what is not.

use std::collections::BTreeSet;
use std::sync::Arc;

use expect_test::expect;
use serde_json::{Value as Json, json};
use terraform_provider_defender::emulator::Options;
use terraform_provider_defender::provider::{Environment, Provider};

use crate::in_process::{self, printed};
use crate::manual_clock::ManualClock;
use crate::scene::{Answer, Scene, config, config_of, stored, with};
use crate::target::Target;
use crate::tenant::{
    BASELINE, COMPANY_OWNED, KIOSKS, LAPTOPS, OTHER_POLICY, PERSONAL, PHONES, POLICY, Tenant, WORKSTATIONS,
};

const ABSENT: &str = "00000000-1111-4222-8333-444444444444";
const GROUPS: &str = "POST /directoryObjects/getByIds";
const FILTERS: &str = "GET /assignmentFilters";
const LEVELS: [&str; 3] = ["error", "warn", "off"];

/// A finding: its name, the faults and the configuration that lead to it.
fn findings() -> [(&'static str, Json, Json); 8] {
    let refused = |path: &str| json!([{"match": {"path": path}, "times": null, "status": 403}]);
    let new = [Target::group(WORKSTATIONS).including(COMPANY_OWNED)];
    [
        ("policy of another type", json!([]), config_of(BASELINE, &new)),
        ("policy missing", json!([]), config_of(OTHER_POLICY, &new)),
        ("group missing", json!([]), config(&[Target::group(ABSENT)])),
        ("filter missing", json!([]), config(&[Target::all_devices().including(ABSENT)])),
        ("filter of another platform", json!([]), config(&[Target::all_devices().excluding(PHONES)])),
        ("policies refused", refused("/deviceConfigurations/"), config(&new)),
        ("groups refused", refused("/getByIds"), config(&new)),
        ("filters refused", refused("/assignmentFilters"), config(&new)),
    ]
}

fn tenant() -> Tenant {
    Tenant::default().with_baseline().with_filter_for_phones()
}

async fn at_level(level: &str, faults: &Json) -> Scene {
    let scene = Scene::with_block(&tenant(), &json!({"preflight": level})).await;
    scene.fault(faults);
    scene
}

/// `Error at assignments`, without what follows.
fn severity(answer: &Answer) -> &str {
    answer.messages.split(':').next().filter(|text| !text.is_empty()).unwrap_or("-")
}

#[tokio::test]
async fn every_finding_is_as_severe_as_its_level_says() {
    let (mut table, mut texts) = (Vec::new(), Vec::new());
    for (name, faults, config) in findings() {
        let mut row = Vec::new();
        let mut planned = BTreeSet::new();
        for level in LEVELS {
            let scene = at_level(level, &faults).await;
            let answer = scene.plan(&Json::Null, &config).await;
            row.push(severity(&answer).to_owned());
            planned.insert(answer.state.to_string());
            if level == "off" {
                assert_eq!([scene.calls(GROUPS), scene.calls(FILTERS)], [[""; 0]; 2], "{name}");
            }
            if level == "error" {
                texts.push(answer.messages);
            }
        }
        assert_eq!(planned.len(), 1, "{name}: planned values never depend on look-ups");
        table.push(format!("{name}: {}\n", row.join(" | ")));
    }
    expect![[r#"
        policy of another type: Error at device_configuration_id | Warning at device_configuration_id | -
        policy missing: Warning at device_configuration_id | Warning at device_configuration_id | -
        group missing: Warning at assignments | Warning at assignments | -
        filter missing: Error at assignments | Warning at assignments | -
        filter of another platform: Error at assignments | Warning at assignments | -
        policies refused: Error | Error | Error
        groups refused: Warning | Warning | -
        filters refused: Warning | Warning | -
    "#]]
    .assert_eq(&table.concat());
    expect![[r#"
        Error at device_configuration_id: The policy is not a Defender for Endpoint onboarding policy
        Policy c94d7a60-2e1f-4b38-8f5d-a3c6e9b01d72 ("Policy c94d7a60-2e1f-4b38-8f5d-a3c6e9b01d72") is of the type windows10GeneralConfiguration. This resource manages only policies of the type windowsDefenderAdvancedThreatProtectionConfiguration.
        Next: use the id of a policy that was made with the profile type "Microsoft Defender for Endpoint". This policy was not changed.

        Warning at device_configuration_id: Policy 6e2f9c17-d03b-4a85-b1c4-97a5d8e60f3b does not exist
        It was deleted or the id is wrong; apply will fail. If the policy is being created at this moment, apply waits up to 2 minutes for it.

        Warning at assignments: Group 00000000-1111-4222-8333-444444444444 does not exist
        The directory has no such group: it was deleted, the id is wrong, or the token belongs to another tenant. Apply waits up to 2 minutes for a group that was just created, and then fails without writing anything.

        Error at assignments: Assignment filter 00000000-1111-4222-8333-444444444444 does not exist
        Intune has no assignment filter with this id: it was deleted, the id is wrong, or the token belongs to another tenant. Nothing was changed.
        Next: correct filter_id, or leave filter_id and filter_type out.

        Error at assignments: Assignment filter 08a7fc18-62ad-44fb-a073-cf84f1d2b307 is not for Windows
        - 08a7fc18-62ad-44fb-a073-cf84f1d2b307 ("Phones") is for the platform androidForWork
        A Defender for Endpoint onboarding policy takes filters for windows10AndLater only. Nothing was changed.
        Next: use a filter of that platform.

        Error: Policies: permission is missing
        Microsoft Graph denied access ("An error has occurred") while looking up policies for the plan.
        Request: GET /beta/deviceManagement/deviceConfigurations/0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294, status 403, code Forbidden, request-id …, client-request-id …, <date>.
        Next: grant DeviceManagementConfiguration.Read.All to the identity that signed in (for an application, as an application permission with admin consent), then get a new token. A tenant without an Intune license gives the same answer. 

        Warning: New groups could not be checked
        Microsoft Graph denied access ("An error has occurred") while looking up groups for the plan.
        Request: POST /v1.0/directoryObjects/getByIds, status 403, code Forbidden, request-id …, client-request-id …, <date>.
        Next: grant GroupMember.Read.All to the identity that signed in (for an application, as an application permission with admin consent), then get a new token. The plan continues without this check. To skip the check, set preflight = "off".

        Warning: New assignment filters could not be checked
        Microsoft Graph denied access ("An error has occurred") while looking up assignment filters for the plan.
        Request: GET /beta/deviceManagement/assignmentFilters, status 403, code Forbidden, request-id …, client-request-id …, <date>.
        Next: grant DeviceManagementConfiguration.Read.All to the identity that signed in (for an application, as an application permission with admin consent), then get a new token. A tenant without an Intune license gives the same answer. The plan continues without this check. To skip the check, set preflight = "off".
    "#]].assert_eq(&texts.join("\n"));
}

#[tokio::test]
async fn the_same_findings_stop_an_apply_at_every_level() {
    let brief = json!({"create": "900ms"});
    let mut table = Vec::new();
    for (name, faults, config) in findings() {
        let mut outcomes = BTreeSet::new();
        for level in LEVELS {
            let scene = at_level(level, &faults).await;
            let answer = scene.apply(&Json::Null, &with(config.clone(), "timeouts", brief.clone())).await;
            let outcome = answer.messages.lines().next().unwrap_or("applied").to_owned();
            assert_eq!(answer.state.is_null(), outcome != "applied", "{name}: {outcome}");
            outcomes.insert(outcome);
        }
        let outcomes: Vec<_> = outcomes.into_iter().collect();
        table.push(format!("{name}: {}\n", outcomes.join(" | ")));
    }
    expect![[r#"
        policy of another type: Error at device_configuration_id: The policy is not a Defender for Endpoint onboarding policy
        policy missing: Error at device_configuration_id: Policy 6e2f9c17-d03b-4a85-b1c4-97a5d8e60f3b does not exist
        group missing: Error at assignments: Group 00000000-1111-4222-8333-444444444444 does not exist
        filter missing: Error: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294: Microsoft Graph refused the request
        filter of another platform: Error: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294: Microsoft Graph refused the request
        policies refused: Error: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294: permission is missing
        groups refused: applied
        filters refused: applied
    "#]].assert_eq(&table.concat());
}

#[tokio::test]
async fn the_environment_sets_the_level_and_the_block_beats_it() {
    let missing = config(&[Target::all_devices().including(ABSENT)]);
    let mut severities = Vec::new();
    for (variable, block) in [
        (None, json!({})),
        (Some("warn"), json!({})),
        (Some("off"), json!({})),
        (Some("off"), json!({"preflight": "warn"})),
        (Some("warn"), json!({"preflight": "error"})),
        (Some("nonsense"), json!({"preflight": "warn"})),
        (Some(""), json!({})),
        (Some("off"), json!({"preflight": "<unknown>"})),
    ] {
        let scene = Scene::configured(&tenant(), Options::default(), &block, environment(variable)).await;
        severities.push(severity(&scene.plan(&Json::Null, &missing).await).to_owned());
    }
    let (error, warning, nothing) = ("Error at assignments", "Warning at assignments", "-");
    assert_eq!(severities, [error, warning, nothing, warning, error, warning, error, error]);
}

#[tokio::test]
async fn a_level_that_does_not_exist_is_refused() {
    let mut texts = Vec::new();
    for (variable, block) in [(Some("loud"), json!({})), (None, json!({"preflight": "loud"}))] {
        let mut client = in_process::client(Provider::new(environment(variable)));
        let answer = client.configure_provider(in_process::configure_request(&block)).await.unwrap();
        texts.push(printed(&answer.into_inner().diagnostics));
    }
    expect![[r#"
        Error: preflight is not one of the allowed values
        The value is "loud". The choices are: error, warn, off. Nothing was sent.

        The value comes from the environment variable DEFENDER_PREFLIGHT.

        Error at preflight: preflight is not one of the allowed values
        The value is "loud". The choices are: error, warn, off. Nothing was sent.
    "#]]
    .assert_eq(&texts.join("\n"));
}

#[tokio::test]
async fn an_unchanged_resource_looks_up_nothing() {
    // Group and filter do not exist any more; they were there before, so that is not asked.
    let targets = [Target::group(ABSENT).including(ABSENT), Target::exclusion(KIOSKS)];
    let scene = Scene::new(&tenant()).await;
    let upper_case: Vec<Target> = targets.iter().map(Target::with_upper_case_ids).collect();
    for config in [config(&targets), config(&upper_case), config(&targets[1..])] {
        assert_eq!(scene.plan(&stored(&targets), &config).await.messages, "");
    }
    assert_eq!(scene.calls(""), [""; 0]);
}

#[tokio::test]
async fn only_what_enters_is_looked_up() {
    let before = [Target::group(ABSENT).including(ABSENT)];
    let after = [before[0].clone(), Target::group(LAPTOPS).excluding(PERSONAL)];
    let scene = Scene::new(&tenant()).await;
    assert_eq!(scene.plan(&stored(&before), &config(&after)).await.messages, "");
    assert_eq!((scene.calls(GROUPS).len(), scene.calls(FILTERS).len()), (1, 1));
    let moved = [Target::exclusion(ABSENT), Target::all_devices().excluding(&ABSENT.to_uppercase())];
    assert_eq!(
        scene.plan(&stored(&before), &config(&moved)).await.messages,
        "",
        "known already, in another role"
    );
}

#[tokio::test]
async fn questions_that_arrive_together_share_one_call_and_answers_are_kept() {
    let scene = Arc::new(Scene::new(&tenant()).await);
    let absent = |number: usize| format!("00000000-1111-4222-8333-{number:012}");
    let asked = |number: usize| {
        config(&[Target::group(&absent(number)).including(COMPANY_OWNED), Target::group(LAPTOPS)])
    };
    let mut together = tokio::task::JoinSet::new();
    for number in 0..10 {
        let (scene, config) = (Arc::clone(&scene), asked(number));
        together.spawn(async move { (number, scene.plan(&stored(&[]), &config).await.messages) });
    }
    for (number, messages) in together.join_all().await {
        let own = format!("Warning at assignments: Group {} does not exist\n", absent(number));
        assert!(messages.starts_with(&own) && messages.matches("Group").count() == 1, "{messages}");
    }
    assert_eq!((scene.calls(GROUPS).len(), scene.calls(FILTERS).len()), (1, 1));
    scene.plan(&stored(&[]), &asked(3)).await;
    assert_eq!((scene.calls(GROUPS).len(), scene.calls(FILTERS).len()), (1, 1));
}

#[tokio::test]
async fn another_configuration_of_the_provider_asks_anew() {
    let scene = Scene::new(&tenant()).await;
    let config = config(&[Target::group(LAPTOPS).including(COMPANY_OWNED)]);
    for turns in 1..=2 {
        scene.plan(&stored(&[]), &config).await;
        assert_eq!((scene.calls(GROUPS).len(), scene.calls(FILTERS).len()), (turns, turns));
        scene.configure(&json!({})).await;
    }
}

#[tokio::test]
async fn a_refused_look_up_is_reported_once_and_not_repeated() {
    for (path, call) in
        [("/getByIds", GROUPS), ("/assignmentFilters", FILTERS), ("/deviceConfigurations/", "GET /device")]
    {
        let faults = json!([{"match": {"path": path}, "times": null, "status": 403}]);
        let scene = at_level("error", &faults).await;
        let mut messages = Vec::new();
        for group in [WORKSTATIONS, LAPTOPS, KIOSKS] {
            let config = config(&[Target::group(group).including(COMPANY_OWNED)]);
            messages.push(scene.plan(&Json::Null, &config).await.messages);
        }
        // That three creates of one policy do not go together is another finding.
        let is_one =
            |line: &&str, severity: &str| line.starts_with(severity) && !line.ends_with("gets two resources");
        let count =
            |messages: &String, severity| messages.lines().filter(|line| is_one(line, severity)).count();
        let counts = |severity| messages.iter().map(|text| count(text, severity)).collect::<Vec<_>>();
        // Without a look at policies nothing can be applied; the other look-ups are a service.
        let is_needed = path.starts_with("/deviceConfigurations");
        let (errors, warnings) = if is_needed { ([1, 1, 1], [0, 0, 0]) } else { ([0, 0, 0], [1, 0, 0]) };
        assert_eq!((counts("Error"), counts("Warning")), (errors.to_vec(), warnings.to_vec()), "{path}");
        let is_whole = |messages: &&String| messages.contains("Request: ");
        assert_eq!(messages.iter().filter(is_whole).count(), 1, "{path}: the others refer to it");
        assert!(scene.calls(call).len() <= 2, "{:#?}", scene.calls(call));
    }
}

#[tokio::test]
async fn a_look_up_that_fails_is_never_an_answer() {
    let config = config(&[Target::group(ABSENT).including(ABSENT)]);
    let mut texts = Vec::new();
    for effect in ["status", "cut"] {
        let mut faults = json!([
            {"match": {"path": "/getByIds"}, "times": null},
            {"match": {"path": "/assignmentFilters"}, "times": null},
        ]);
        for fault in faults.as_array_mut().unwrap() {
            fault[effect] = if effect == "status" { json!(500) } else { json!("before") };
        }
        // Pauses take no time, so that the retries end without a race against a time limit.
        let provider = Provider::new(Box::new(|_| None)).with_clock(Arc::new(ManualClock::new()));
        let scene = Scene::unconfigured(&tenant(), Options::default(), provider);
        scene.configure(&json!({"preflight": "error"})).await;
        scene.fault(&faults);
        let answer = scene.plan(&Json::Null, &config).await;
        texts.push(
            answer
                .messages
                .lines()
                .filter(|line| line.starts_with(['W', 'E']))
                .collect::<Vec<_>>()
                .join("\n"),
        );
    }
    expect![[r#"
        Warning: New groups could not be checked
        Warning: New assignment filters could not be checked
        Warning: New groups could not be checked
        Warning: New assignment filters could not be checked"#]]
    .assert_eq(&texts.join("\n"));
}

#[tokio::test]
async fn look_ups_take_no_longer_than_a_read_may_and_what_was_found_is_told() {
    let slow = json!({"match": {"path": "/getByIds"}, "delay": "30s"});
    let config = with(config_of(BASELINE, &[Target::group(LAPTOPS)]), "timeouts", json!({"read": "1s"}));
    let scene = at_level("error", &slow).await;
    let answer = scene.plan(&Json::Null, &config).await;
    expect![[r#"
        Error at device_configuration_id: The policy is not a Defender for Endpoint onboarding policy
        Policy c94d7a60-2e1f-4b38-8f5d-a3c6e9b01d72 ("Policy c94d7a60-2e1f-4b38-8f5d-a3c6e9b01d72") is of the type windows10GeneralConfiguration. This resource manages only policies of the type windowsDefenderAdvancedThreatProtectionConfiguration.
        Next: use the id of a policy that was made with the profile type "Microsoft Defender for Endpoint". This policy was not changed.

        Warning: Not all new objects could be checked
        Looking up new policies, groups and filters timed out after 1s. The plan continues without these checks. Apply repeats the important checks.
        Next: plan again later, or set preflight = "off" to skip the check.
    "#]].assert_eq(&answer.messages);
}

fn environment(preflight: Option<&'static str>) -> Environment {
    Box::new(move |name| preflight.filter(|_| name == "DEFENDER_PREFLIGHT").map(str::to_owned))
}

#[tokio::test]
async fn a_policy_that_is_not_known_yet_is_not_looked_up() {
    let scene = Scene::new(&tenant()).await;
    let config = config_of("<unknown>", &[Target::all_devices()]);
    assert_eq!(scene.plan(&Json::Null, &config).await.messages, "");
    assert_eq!(scene.calls(POLICY), [""; 0]);
    assert_eq!(scene.calls(""), [""; 0]);
}

#[tokio::test]
async fn a_sign_in_that_fails_is_an_error_at_every_level_and_told_whole_once() {
    for level in LEVELS {
        let block = json!({"preflight": level, "access_token": "Bearer eyJ0"});
        let scene = Scene::with_block(&tenant(), &block).await;
        let wanted = config(&[Target::group(WORKSTATIONS).including(COMPANY_OWNED)]);
        let (first, second) =
            (scene.plan(&Json::Null, &wanted).await, scene.plan(&Json::Null, &wanted).await);
        assert!(
            first.messages.starts_with("Error: Sign-in failed: access_token cannot be used"),
            "{}",
            first.messages
        );
        assert!(first.messages.contains("Method: access token"), "{}", first.messages);
        assert!(
            second.messages.starts_with("Error: Not signed in; see the error: Sign-in failed: access_token"),
            "{}",
            second.messages
        );
        assert!(!second.messages.contains("Method:"), "{}", second.messages);
        assert!(!format!("{}{}", first.messages, second.messages).contains("Warning"), "{level}");
    }
}
