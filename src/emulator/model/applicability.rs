//! The three applicability rules of a policy (beta only). Whether a device matches them is not modeled.

use serde_json::{Map, Value, json};

use crate::emulator::member_reader::{Member, MemberReader, ShapeError};

/// The values of `windows10EditionType`.
const EDITIONS: [&str; 20] = [
    "windows10Enterprise",
    "windows10EnterpriseN",
    "windows10Education",
    "windows10EducationN",
    "windows10MobileEnterprise",
    "windows10HolographicEnterprise",
    "windows10Professional",
    "windows10ProfessionalN",
    "windows10ProfessionalEducation",
    "windows10ProfessionalEducationN",
    "windows10ProfessionalWorkstation",
    "windows10ProfessionalWorkstationN",
    "notConfigured",
    "windows10Home",
    "windows10HomeChina",
    "windows10HomeN",
    "windows10HomeSingleLanguage",
    "windows10Mobile",
    "windows10IoTCore",
    "windows10IoTCoreCommercial",
];

/// The applicability rules of a policy, each null when unset.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Applicability {
    os_edition: Option<ApplicabilityRule>,
    os_version: Option<ApplicabilityRule>,
    device_mode: Option<ApplicabilityRule>,
}

/// A rule: common members, and the condition of its kind.
#[derive(Clone, Debug, PartialEq)]
struct ApplicabilityRule {
    name: Option<String>,
    includes: bool,
    condition: ApplicabilityCondition,
}

#[derive(Clone, Debug, PartialEq)]
enum ApplicabilityCondition {
    OsEdition(Vec<String>),
    OsVersion { min: Option<String>, max: Option<String> },
    DeviceMode(String),
}

/// A kind of rule: the member of the policy, the complex type, and the function that reads the condition.
struct ApplicabilityRuleKind {
    member: &'static str,
    type_name: &'static str,
    read: fn(&mut MemberReader) -> Result<ApplicabilityCondition, ShapeError>,
}

const OS_EDITION: ApplicabilityRuleKind = ApplicabilityRuleKind {
    member: "deviceManagementApplicabilityRuleOsEdition",
    type_name: "deviceManagementApplicabilityRuleOsEdition",
    read: read_os_edition,
};
const OS_VERSION: ApplicabilityRuleKind = ApplicabilityRuleKind {
    member: "deviceManagementApplicabilityRuleOsVersion",
    type_name: "deviceManagementApplicabilityRuleOsVersion",
    read: read_os_version,
};
const DEVICE_MODE: ApplicabilityRuleKind = ApplicabilityRuleKind {
    member: "deviceManagementApplicabilityRuleDeviceMode",
    type_name: "deviceManagementApplicabilityRuleDeviceMode",
    read: read_device_mode,
};

impl Applicability {
    /// Reads the rules from the members of a policy; absent rules stay as they are.
    pub fn apply(&mut self, members: &mut MemberReader) -> Result<(), ShapeError> {
        OS_EDITION.read_rule(members)?.set(&mut self.os_edition);
        OS_VERSION.read_rule(members)?.set(&mut self.os_version);
        DEVICE_MODE.read_rule(members)?.set(&mut self.device_mode);
        Ok(())
    }

    /// Adds the members as beta shows them.
    pub fn render(&self, members: &mut Map<String, Value>) {
        for (kind, rule) in
            [(OS_EDITION, &self.os_edition), (OS_VERSION, &self.os_version), (DEVICE_MODE, &self.device_mode)]
        {
            members
                .insert(kind.member.to_owned(), rule.as_ref().map_or(Value::Null, ApplicabilityRule::render));
        }
    }
}

impl ApplicabilityRuleKind {
    fn read_rule(&self, members: &mut MemberReader) -> Result<Member<ApplicabilityRule>, ShapeError> {
        let place = members.place(self.member);
        match members.any(self.member) {
            None => Ok(Member::Absent),
            Some(Value::Null) => Ok(Member::Null),
            Some(document) => {
                let mut members = MemberReader::open(document, self.type_name, &place)?;
                members.odata_type()?;
                let name = members.text("name")?.value();
                let includes = members.choice("ruleType", &["include", "exclude"])?.value().as_deref()
                    != Some("exclude");
                let condition = (self.read)(&mut members)?;
                members.finish()?;
                Ok(Member::Value(ApplicabilityRule { name, includes, condition }))
            }
        }
    }
}

impl ApplicabilityRule {
    fn render(&self) -> Value {
        let rule_type = if self.includes { "include" } else { "exclude" };
        match &self.condition {
            ApplicabilityCondition::OsEdition(editions) => {
                json!({"name": self.name, "ruleType": rule_type, "osEditionTypes": editions})
            }
            ApplicabilityCondition::OsVersion { min, max } => {
                json!({"name": self.name, "ruleType": rule_type, "minOSVersion": min, "maxOSVersion": max})
            }
            ApplicabilityCondition::DeviceMode(mode) => {
                json!({"name": self.name, "ruleType": rule_type, "deviceMode": mode})
            }
        }
    }
}

fn read_os_edition(members: &mut MemberReader) -> Result<ApplicabilityCondition, ShapeError> {
    let editions = members.texts("osEditionTypes")?.value().unwrap_or_default();
    match editions.iter().find(|edition| !EDITIONS.contains(&edition.as_str())) {
        None => Ok(ApplicabilityCondition::OsEdition(editions)),
        Some(unknown) => Err(ShapeError::new(
            &members.place("osEditionTypes"),
            format!("'{unknown}' is not a value of 'microsoft.graph.windows10EditionType'."),
        )),
    }
}

fn read_os_version(members: &mut MemberReader) -> Result<ApplicabilityCondition, ShapeError> {
    Ok(ApplicabilityCondition::OsVersion {
        min: members.text("minOSVersion")?.value(),
        max: members.text("maxOSVersion")?.value(),
    })
}

fn read_device_mode(members: &mut MemberReader) -> Result<ApplicabilityCondition, ShapeError> {
    let mode = members.choice("deviceMode", &["standardConfiguration", "sModeConfiguration"])?.value();
    Ok(ApplicabilityCondition::DeviceMode(mode.unwrap_or_else(|| "standardConfiguration".to_owned())))
}
