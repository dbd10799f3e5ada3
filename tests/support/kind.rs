//! The kind of policy that a test program is about. The tests are written for device configurations. In a program whose
//! name ends in `_edr`, what they send and what they expect is translated here, so that the same tables hold for both
//! kinds. A text of the other kind that is not listed here stays as it is, and the test fails.

#![allow(dead_code, reason = "not every program needs every function")]

use serde_json::{Value, json};

/// Words of a device configuration, and those of an EDR policy.
const WORDS: [(&str, &str); 8] = [
    ("deviceConfigurations", "configurationPolicies"),
    ("device_configuration_id", "configuration_policy_id"),
    ("defender_atp_assignment", "defender_edr_assignment"),
    (
        "The policy is not a Defender for Endpoint onboarding policy",
        "The policy is not an endpoint detection and response policy",
    ),
    (
        "is of the type windows10GeneralConfiguration. This resource manages only policies of the type \
         windowsDefenderAdvancedThreatProtectionConfiguration.",
        "is of the template family endpointSecurityAntivirus. This resource manages only policies of the family \
         endpointSecurityEndpointDetectionAndResponse.",
    ),
    (
        "that was made with the profile type \"Microsoft Defender for Endpoint\".",
        "that was made under Endpoint security, Endpoint detection and response.",
    ),
    (
        "A Defender for Endpoint onboarding policy takes filters",
        "An endpoint detection and response policy takes filters",
    ),
    (
        "policy's page, after \"policyId/\". In Graph, GET \
         /beta/deviceManagement/deviceConfigurations?$select=id,displayName",
        "policy's page (Endpoint security, Endpoint detection and response), after \"policyId/\". In Graph, GET \
         /beta/deviceManagement/deviceConfigurations?$select=id,name",
    ),
];

const EDR_TEMPLATE: &str = "0385b795-0f2f-44ac-8602-9f65bf6adede_1";
const EDR_FAMILY: &str = "endpointSecurityEndpointDetectionAndResponse";

/// The resource type under test.
pub const RESOURCE: &str = if IS_EDR { "defender_edr_assignment" } else { "defender_atp_assignment" };

/// What a message calls the type of the policy that is of another type.
pub const OTHER_TYPE: &str =
    if IS_EDR { "endpointSecurityAntivirus" } else { "windows10GeneralConfiguration" };

/// Whether the program is about EDR policies.
pub const IS_EDR: bool = ends_with_edr(env!("CARGO_CRATE_NAME").as_bytes());

const fn ends_with_edr(name: &[u8]) -> bool {
    matches!(name, [.., b'_', b'e', b'd', b'r'])
}

/// Whether a seed is drawn with the kind under test. Each kind has every other seed.
pub fn draws(seed: u64) -> bool {
    seed.is_multiple_of(2) != IS_EDR
}

/// A text in the words of the kind under test.
pub fn translated(text: &str) -> String {
    if !IS_EDR {
        return text.to_owned();
    }
    WORDS.iter().fold(text.to_owned(), |text, (atp, edr)| text.replace(atp, edr))
}

/// A text of the kind under test in the words of a device configuration.
pub fn restored(text: &str) -> String {
    if !IS_EDR {
        return text.to_owned();
    }
    WORDS.iter().fold(text.to_owned(), |text, (atp, edr)| text.replace(edr, atp))
}

/// A JSON document in the words of the kind under test.
pub fn translated_json(document: &Value) -> Value {
    serde_json::from_str(&translated(&document.to_string())).unwrap()
}

/// A JSON document of the kind under test in the words of a device configuration.
pub fn restored_json(document: &Value) -> Value {
    serde_json::from_str(&restored(&document.to_string())).unwrap()
}

/// A tenant with policies of the kind under test. A policy of another type becomes one of another template.
pub fn tenant(mut document: Value) -> Value {
    if IS_EDR
        && let Some(policies) =
            document.as_object_mut().and_then(|parts| parts.remove("deviceConfigurations"))
    {
        let policies = policies.as_array().unwrap().iter().map(policy);
        document["configurationPolicies"] = policies.collect();
    }
    document
}

/// A policy as Graph shows it, of the kind under test.
pub fn policy(policy: &Value) -> Value {
    if !IS_EDR {
        return policy.clone();
    }
    let mut members = policy.as_object().unwrap().clone();
    let is_atp = members
        .remove("@odata.type")
        .is_none_or(|name| name.as_str().unwrap().ends_with("ProtectionConfiguration"));
    let (template, family) =
        if is_atp { (EDR_TEMPLATE, EDR_FAMILY) } else { ("another_1", "endpointSecurityAntivirus") };
    members.insert("templateReference".to_owned(), json!({"templateId": template, "templateFamily": family}));
    if let Some(name) = members.remove("displayName") {
        members.insert("name".to_owned(), name);
    }
    Value::Object(members)
}
