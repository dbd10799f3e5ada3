//! The tenant of these scenarios: names with odd characters, and names that are not unique.

use std::io::Write;

use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::scenarios::stage::Stage;
use crate::support::emulator::Emulator;

pub const ONBOARDING: &str = "0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f2a1";
pub const ONBOARDING_NAME: &str = "O'Brien's \"Ring\" – Zürich  2 & +50%";
pub const BASELINE: &str = "0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f2a4";
pub const EDR: &str = "7d3b9a52-4c1e-4f6d-8a27-9e0b5d4c3f01";
pub const EDR_NAME: &str = "EDR 'Straße' #1";
pub const ANTIVIRUS: &str = "7d3b9a52-4c1e-4f6d-8a27-9e0b5d4c3f04";
pub const GROUP: &str = "a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01";
pub const GROUP_NAME: &str = "L'équipe \"Sécurité\"";
pub const FILTER: &str = "d604c9e5-3f7a-41c8-bd40-9c51ceaf8001";
pub const FILTER_NAME: &str = "Company-owned 'Windows' ≥ 11";
/// Two of each kind have this name, in different case.
pub const TWICE: &str = "Twice";

const TYPE: &str = "device_vendor_msft_windowsadvancedthreatprotection_";

pub fn document() -> Value {
    let atp = |id: &str, name: &str| {
        json!({"@odata.type": "#microsoft.graph.windowsDefenderAdvancedThreatProtectionConfiguration", "id": id,
               "displayName": name, "assignments": []})
    };
    let mut onboarding = atp(ONBOARDING, ONBOARDING_NAME);
    onboarding["description"] = json!("From the tests");
    onboarding["allowSampleSharing"] = json!(true);
    onboarding["advancedThreatProtectionAutoPopulateOnboardingBlob"] = json!(true);
    onboarding["assignments"] = json!([
        {"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": GROUP,
            "deviceAndAppManagementAssignmentFilterId": FILTER, "deviceAndAppManagementAssignmentFilterType": "include"}},
        {"target": {"@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget"}, "source": "policySets",
            "sourceId": "f826eb07-519c-43ea-9f62-be73e0c1a206"},
    ]);
    onboarding["deviceStatusOverview"] = json!({"pendingCount": 3, "successCount": 40, "errorCount": 1,
        "failedCount": 2, "conflictCount": 4, "notApplicableCount": 5, "configurationVersion": 1});
    let another = json!({"@odata.type": "#microsoft.graph.windows10GeneralConfiguration", "id": BASELINE,
        "displayName": "Baseline"});
    let group = |id: &str, name: &str| json!({"id": id, "displayName": name, "securityEnabled": true});
    let mut counted = group(GROUP, GROUP_NAME);
    counted["transitiveMemberCounts"] = json!({"devices": 412, "users": 390});
    let filter = |id: &str, name: &str| {
        json!({"id": id, "displayName": name, "platform": "windows10AndLater",
               "rule": "(device.deviceOwnership -eq \"Corporate\")"})
    };
    let twice = |id: &str, number: u8| format!("{}{number}", &id[..id.len() - 1]);
    json!({
        "deviceConfigurations": [onboarding, atp(&twice(ONBOARDING, 2), TWICE), atp(&twice(ONBOARDING, 3), "TWICE"), another],
        "configurationPolicies": [
            edr(EDR, EDR_NAME), edr(&twice(EDR, 2), TWICE), edr(&twice(EDR, 3), "twice"),
            {"id": ANTIVIRUS, "name": "Antivirus", "templateReference": {"templateId": "804339ad-1553-4478-a742-138fb5807418_1",
                "templateFamily": "endpointSecurityAntivirus"}},
        ],
        "groups": [counted, group(&twice(GROUP, 2), TWICE), group(&twice(GROUP, 3), "tWICE")],
        "assignmentFilters": [filter(FILTER, FILTER_NAME), filter(&twice(FILTER, 2), TWICE), filter(&twice(FILTER, 3), "TWICE")],
        "advancedThreatProtectionOnboardingStateSummary": {"compliantDeviceCount": 40, "nonCompliantDeviceCount": 7},
        "deviceConfigurationConflictSummary": [
            {"conflictingDeviceConfigurations": [{"id": BASELINE, "displayName": "Baseline"}, {"id": ONBOARDING, "displayName": ONBOARDING_NAME}],
             "contributingSettings": ["Onboarding blob"], "deviceCheckinsImpacted": 9},
            {"conflictingDeviceConfigurations": [{"id": BASELINE, "displayName": "Baseline"}],
             "contributingSettings": ["Another"], "deviceCheckinsImpacted": 1},
        ],
    })
}

/// A policy with the two settings of the template.
fn edr(id: &str, name: &str) -> Value {
    let choice = |setting: &str, value: &str| {
        json!({"@odata.type": "#microsoft.graph.deviceManagementConfigurationSetting", "settingInstance": {
            "@odata.type": "#microsoft.graph.deviceManagementConfigurationChoiceSettingInstance",
            "settingDefinitionId": format!("{TYPE}{setting}"),
            "choiceSettingValue": {"@odata.type": "#microsoft.graph.deviceManagementConfigurationChoiceSettingValue",
                "value": format!("{TYPE}{setting}_{value}"), "children": []}}})
    };
    json!({"id": id, "name": name, "description": "", "settings": [
        choice("configurationtype", "autofromconnector"), choice("configuration_samplesharing", "1")]})
}

/// An emulator with a tenant, and a folder whose provider is pointed at it.
pub fn stage_with(document: &Value, options: &[&str]) -> Stage {
    let mut file = NamedTempFile::with_suffix(".json").unwrap();
    file.write_all(document.to_string().as_bytes()).unwrap();
    Stage::with_emulator(Emulator::start_from_file(file.path(), options))
}

pub fn stage() -> Stage {
    stage_with(&document(), &[])
}

/// A name as a string of HCL.
pub fn quoted(name: &str) -> String {
    json!(name).to_string().replace("%{", "%%{").replace("${", "$${")
}

/// `data "TYPE" "NAME" { ARGUMENTS }`
pub fn data(data_source: &str, name: &str, arguments: &str) -> String {
    format!("data {data_source:?} {name:?} {{\n  {arguments}\n}}\n")
}
