//! Tenant files as people have them: answers copied from Graph Explorer, files in the encodings of other tools, and slips.

use std::process::{Command, Stdio};

use serde_json::{Value, json};
use terraform_provider_defender::emulator::Tenant;

use crate::support::*;

/// Answers of Graph as Graph Explorer shows them, with read-only members and members that the emulator does not model.
fn copied_answers() -> Value {
    json!({
        "deviceConfigurations": {
            "@odata.context": "https://graph.microsoft.com/beta/$metadata#deviceManagement/deviceConfigurations(assignments())",
            "value": [{
                "@odata.type": "#microsoft.graph.windowsDefenderAdvancedThreatProtectionConfiguration",
                "id": POLICY,
                "lastModifiedDateTime": "2026-03-02T08:15:30.8741816Z",
                "roleScopeTagIds": ["0"],
                "supportsScopeTags": true,
                "deviceManagementApplicabilityRuleOsEdition": null,
                "deviceManagementApplicabilityRuleOsVersion": null,
                "deviceManagementApplicabilityRuleDeviceMode": null,
                "createdDateTime": "2026-03-02T08:15:30.8741816Z",
                "description": "",
                "displayName": "Onboarding",
                "version": 3,
                "advancedThreatProtectionOnboardingBlob": "<EncryptedMessage></EncryptedMessage>",
                "advancedThreatProtectionOnboardingFilename": "WindowsDefenderATP.onboarding",
                "advancedThreatProtectionAutoPopulateOnboardingBlob": false,
                "allowSampleSharing": true,
                "enableExpeditedTelemetryReporting": true,
                "advancedThreatProtectionOffboardingBlob": null,
                "advancedThreatProtectionOffboardingFilename": null,
                "assignments@odata.context": "https://graph.microsoft.com/beta/$metadata#deviceManagement/deviceConfigurations('x')/assignments",
                "assignments": [{
                    "id": format!("{POLICY}_{PILOT}"),
                    "source": "direct",
                    "sourceId": POLICY,
                    "intent": "apply",
                    "target": {
                        "@odata.type": "#microsoft.graph.groupAssignmentTarget",
                        "deviceAndAppManagementAssignmentFilterId": CORPORATE,
                        "deviceAndAppManagementAssignmentFilterType": "include",
                        "groupId": PILOT,
                    },
                }, {
                    "id": format!("{POLICY}_{ALL_DEVICES}"),
                    "source": "policySets",
                    "sourceId": MISSING,
                    "intent": "apply",
                    "target": {
                        "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget",
                        "deviceAndAppManagementAssignmentFilterId": null,
                        "deviceAndAppManagementAssignmentFilterType": "none",
                    },
                }],
            }, {
                "@odata.type": "#microsoft.graph.windows10CustomConfiguration",
                "id": OTHER_POLICY,
                "displayName": "Kiosk",
                "omaSettings": [],
            }],
        },
        "groups": {
            "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#groups",
            "value": [{
                "id": PILOT,
                "deletedDateTime": null,
                "classification": null,
                "createdDateTime": "2025-11-04T10:00:00Z",
                "creationOptions": [],
                "description": "Pilot",
                "displayName": "Pilot",
                "expirationDateTime": null,
                "groupTypes": ["DynamicMembership"],
                "isAssignableToRole": null,
                "mail": null,
                "mailEnabled": false,
                "mailNickname": "pilot",
                "membershipRule": "(device.displayName -startsWith \"PILOT\")",
                "membershipRuleProcessingState": "On",
                "onPremisesProvisioningErrors": [],
                "proxyAddresses": [],
                "renewedDateTime": "2025-11-04T10:00:00Z",
                "securityEnabled": true,
                "securityIdentifier": "S-1-12-1-1",
                "theme": null,
                "visibility": null,
            }],
        },
        "assignmentFilters": {
            "@odata.context": "https://graph.microsoft.com/beta/$metadata#deviceManagement/assignmentFilters",
            "@odata.count": 1,
            "value": [{
                "@odata.type": "#microsoft.graph.deviceAndAppManagementAssignmentFilter",
                "id": CORPORATE,
                "createdDateTime": "2025-11-04T10:00:00Z",
                "lastModifiedDateTime": "2025-11-04T10:00:00Z",
                "displayName": "Corporate",
                "description": "",
                "platform": "windows10AndLater",
                "rule": "(device.deviceOwnership -eq \"Corporate\")",
                "roleScopeTags": ["0"],
                "payloads": [],
                "assignmentFilterManagementType": "devices",
            }],
        },
        "roleScopeTags": {"value": [{"id": "3", "displayName": "Berlin", "description": "", "isBuiltIn": false}]},
    })
}

#[tokio::test]
async fn answers_of_graph_start_as_they_are() {
    let tenant = Tenant::from_json(copied_answers()).unwrap();
    assert_eq!(tenant.warnings(), Vec::<String>::new());
    let graph = Graph::with(tenant, terraform_provider_defender::emulator::Options::default());
    assert_eq!(graph.targets().await.len(), 2);
    let policy = graph.get(&policy_path("beta")).await.body;
    assert_eq!((&policy["version"], &policy["allowSampleSharing"]), (&json!(3), &json!(true)));
    let tags = graph.get("/beta/deviceManagement/roleScopeTags").await;
    assert_eq!(tags.each("displayName"), ["Berlin", "Default"]);
}

#[test]
fn a_group_that_is_assigned_but_not_there_is_named_at_once() {
    let mut document = copied_answers();
    document["groups"] = json!([]);
    let warnings = Tenant::from_json(document).unwrap().warnings();
    let expected = format!(
        "deviceConfigurations[0].assignments[0]: the group {PILOT} is not in the file under \"groups\", so it counts as deleted"
    );
    assert_eq!(warnings, [expected]);
}

/// Each changes one place of the answers above. Where, to what, the place in the message, and a part of its text.
type Slip = (&'static str, Value, &'static str, &'static str);

fn slips() -> Vec<Slip> {
    let mut slips = vec![
        ("/groups", json!("Pilot"), "groups", "not a string"),
        ("/groups", json!({"values": []}), "groups.values", "'values' does not exist"),
        ("/groups", json!({"@odata.nextLink": "https://x", "value": []}), "groups", "more pages"),
        ("/groups/value/0/id", json!("pilot"), "groups[0].id", "'pilot' is not a GUID"),
        ("/groups/value/0/displayName", json!(null), "groups[0]", "'displayName' is required"),
        ("/groups/value/0/mailEnabled", json!("no"), "groups[0].mailEnabled", "Edm.Boolean"),
        ("/groups/value/0/groupTypes", json!("Unified"), "groups[0].groupTypes", "Collection(Edm.String)"),
        (
            "/groups/value/0/createdDateTime",
            json!("yesterday"),
            "groups[0].createdDateTime",
            "not a UTC timestamp",
        ),
        ("/groups/value/1", json!({"id": PILOT, "displayName": "Again"}), "groups[1].id", "occurs twice"),
        ("/assignmentFilters/value/0/id", json!("x"), "assignmentFilters[0].id", "'x' is not a GUID"),
        (
            "/assignmentFilters/value/0/platform",
            json!("windows"),
            "assignmentFilters[0].platform",
            "'windows' is not a value",
        ),
        (
            "/assignmentFilters/value/0/plattform",
            json!("iOS"),
            "assignmentFilters[0].plattform",
            "does not exist",
        ),
        (
            "/assignmentFilters/value/0/createdDateTime",
            json!("2026-02-30T00:00:00Z"),
            "assignmentFilters[0].createdDateTime",
            "not a UTC timestamp",
        ),
        ("/deviceConfigurations/value/0/id", json!(""), "deviceConfigurations[0].id", "is not a GUID"),
        (
            "/deviceConfigurations/value/0/displayName",
            json!(7),
            "deviceConfigurations[0].displayName",
            "Edm.String",
        ),
        (
            "/deviceConfigurations/value/0/displayname",
            json!("x"),
            "deviceConfigurations[0].displayname",
            "does not exist",
        ),
        ("/deviceConfigurations/value/0/version", json!("3"), "deviceConfigurations[0].version", "Edm.Int32"),
        (
            "/deviceConfigurations/value/0/lastModifiedDateTime",
            json!("2026-03-02"),
            "deviceConfigurations[0].lastModifiedDateTime",
            "not a UTC timestamp",
        ),
        ("/deviceConfigurations/value/1/id", json!(POLICY), "deviceConfigurations[1].id", "occurs twice"),
        (
            "/roleScopeTags/value/0/id",
            json!("Berlin"),
            "roleScopeTags[0].id",
            "not the number of a scope tag",
        ),
        ("/tenantId", json!("contoso"), "tenantId", "'contoso' is not a GUID"),
        ("/policies", json!([]), "policies", "a tenant has only the members"),
    ];
    slips.extend(slips_in_rows());
    slips
}

/// Slips in types, assignments and applications.
fn slips_in_rows() -> Vec<Slip> {
    let application = |member: &str, value: Value| {
        let mut application = json!({"appId": MISSING});
        application[member] = value;
        json!([application])
    };
    vec![
        (
            "/deviceConfigurations/value/0/@odata.type",
            json!("#microsoft.graph.windowsDefenderAdvancedThreadProtectionConfiguration"),
            "deviceConfigurations[0].@odata.type",
            "did you mean 'windowsDefenderAdvancedThreatProtectionConfiguration'?",
        ),
        (
            "/deviceConfigurations/value/1/@odata.type",
            json!("#microsoft.intune.x"),
            "deviceConfigurations[1].@odata.type",
            "could not be resolved",
        ),
        (
            "/deviceConfigurations/value/0/assignments/0/target",
            json!(null),
            "deviceConfigurations[0].assignments[0].target",
            "needs a target",
        ),
        (
            "/deviceConfigurations/value/0/assignments/0/target/groupId",
            json!("Pilot"),
            "deviceConfigurations[0].assignments[0].target.groupId",
            "'Pilot' is not a GUID",
        ),
        (
            "/deviceConfigurations/value/0/assignments/0/target/@odata.type",
            json!("#microsoft.graph.groupAssigmentTarget"),
            "deviceConfigurations[0].assignments[0].target.@odata.type",
            "did you mean 'groupAssignmentTarget'?",
        ),
        (
            "/deviceConfigurations/value/0/assignments/0/target/deviceAndAppManagementAssignmentFilterId",
            json!(MISSING),
            "deviceConfigurations[0].assignments[0].target",
            "is not in the file under \"assignmentFilters\"",
        ),
        (
            "/deviceConfigurations/value/0/assignments/0/target/deviceAndAppManagementAssignmentFilterType",
            json!("included"),
            "deviceConfigurations[0].assignments[0].target.deviceAndAppManagementAssignmentFilterType",
            "'included' is not a value",
        ),
        (
            "/deviceConfigurations/value/0/assignments/0/target/filterId",
            json!(CORPORATE),
            "deviceConfigurations[0].assignments[0].target.filterId",
            "does not exist",
        ),
        (
            "/deviceConfigurations/value/0/assignments/0/source",
            json!("policySet"),
            "deviceConfigurations[0].assignments[0].source",
            "'policySet' is not a value",
        ),
        (
            "/deviceConfigurations/value/0/assignments/2",
            group(PILOT),
            "deviceConfigurations[0].assignments[2]",
            "is in the policy twice",
        ),
        (
            "/applications",
            application("roles", json!(["DeviceManagementConfiguration.ReadWriteAll"])),
            "applications[0].roles[0]",
            "did you mean 'DeviceManagementConfiguration.ReadWrite.All'?",
        ),
        (
            "/applications",
            application("roles", json!(["administrator"])),
            "applications[0].roles[0]",
            "is not the name of a permission",
        ),
        (
            "/applications",
            application("passwordCredentials", json!([{"secretText": "s", "endDateTime": "2030-01-01"}])),
            "applications[0].passwordCredentials[0].endDateTime",
            "not a UTC timestamp",
        ),
    ]
}

/// Sets a value, and extends an object or an array where the last part of the pointer is new.
fn set(document: &mut Value, pointer: &str, value: Value) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap() {
        Value::Array(items) if items.len() == last.parse::<usize>().unwrap() => items.push(value),
        parent => match last.parse::<usize>() {
            Ok(index) => parent[index] = value,
            Err(_) => parent[last] = value,
        },
    }
}

#[test]
fn what_can_only_be_a_slip_is_refused_with_its_place() {
    let slips = slips();
    assert!(slips.len() >= 30, "{}", slips.len());
    for (pointer, value, place, part) in slips {
        let mut document = copied_answers();
        set(&mut document, pointer, value);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), document.to_string()).unwrap();
        let error = Tenant::from_file(file.path(), 1).expect_err(pointer).to_string();
        assert!(error.starts_with(&format!("{}: {place}: ", file.path().display())), "{pointer}: {error}");
        assert!(error.contains(part), "{pointer}: {error}");
    }
}

#[test]
fn a_file_of_powershell_is_read_and_its_warnings_are_printed() {
    let mut document = copied_answers();
    document["groups"] = json!([]);
    let text = format!("\u{feff}{document}");
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    // The port is taken, so that the emulator ends.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_defender-graph-emulator"))
        .args(["--listen", &taken.local_addr().unwrap().to_string(), "--tenant"])
        .arg(file.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let messages = String::from_utf8(output.stderr).unwrap();
    assert!(
        messages.starts_with("warning: deviceConfigurations[0].assignments[0]: the group "),
        "{messages}"
    );
    assert!(messages.contains("error: cannot listen on "), "{messages}");
}
