//! The three applicability rules of a policy (beta only). Whether a device fulfils them is not modelled.

use serde_json::{Map, Value, json};

use crate::emulator::members::{Member, Members, ShapeError};

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
    os_edition: Option<Rule>,
    os_version: Option<Rule>,
    device_mode: Option<Rule>,
}

/// A rule: what all have in common, and the condition of its kind.
#[derive(Clone, Debug, PartialEq)]
struct Rule {
    name: Option<String>,
    includes: bool,
    condition: Condition,
}

#[derive(Clone, Debug, PartialEq)]
enum Condition {
    OsEdition(Vec<String>),
    OsVersion { min: Option<String>, max: Option<String> },
    DeviceMode(String),
}

/// A kind of rule: the member of the policy, the complex type, and how its condition is read.
struct Kind {
    member: &'static str,
    type_name: &'static str,
    read: fn(&mut Members) -> Result<Condition, ShapeError>,
}

const OS_EDITION: Kind = Kind {
    member: "deviceManagementApplicabilityRuleOsEdition",
    type_name: "deviceManagementApplicabilityRuleOsEdition",
    read: read_os_edition,
};
const OS_VERSION: Kind = Kind {
    member: "deviceManagementApplicabilityRuleOsVersion",
    type_name: "deviceManagementApplicabilityRuleOsVersion",
    read: read_os_version,
};
const DEVICE_MODE: Kind = Kind {
    member: "deviceManagementApplicabilityRuleDeviceMode",
    type_name: "deviceManagementApplicabilityRuleDeviceMode",
    read: read_device_mode,
};

impl Applicability {
    /// Takes the rules that are among the members of a policy; rules left out stay as they are.
    pub fn apply(&mut self, members: &mut Members) -> Result<(), ShapeError> {
        OS_EDITION.take(members)?.set(&mut self.os_edition);
        OS_VERSION.take(members)?.set(&mut self.os_version);
        DEVICE_MODE.take(members)?.set(&mut self.device_mode);
        Ok(())
    }

    /// Adds the members as beta shows them.
    pub fn render(&self, members: &mut Map<String, Value>) {
        for (kind, rule) in
            [(OS_EDITION, &self.os_edition), (OS_VERSION, &self.os_version), (DEVICE_MODE, &self.device_mode)]
        {
            members.insert(kind.member.to_owned(), rule.as_ref().map_or(Value::Null, Rule::render));
        }
    }
}

impl Kind {
    fn take(&self, members: &mut Members) -> Result<Member<Rule>, ShapeError> {
        let place = members.place(self.member);
        match members.any(self.member) {
            None => Ok(Member::Absent),
            Some(Value::Null) => Ok(Member::Null),
            Some(document) => {
                let mut members = Members::of(document, self.type_name, &place)?;
                members.odata_type()?;
                let name = members.text("name")?.value();
                let includes = members.choice("ruleType", &["include", "exclude"])?.value().as_deref()
                    != Some("exclude");
                let condition = (self.read)(&mut members)?;
                members.finish()?;
                Ok(Member::Value(Rule { name, includes, condition }))
            }
        }
    }
}

impl Rule {
    fn render(&self) -> Value {
        let rule_type = if self.includes { "include" } else { "exclude" };
        match &self.condition {
            Condition::OsEdition(editions) => {
                json!({"name": self.name, "ruleType": rule_type, "osEditionTypes": editions})
            }
            Condition::OsVersion { min, max } => {
                json!({"name": self.name, "ruleType": rule_type, "minOSVersion": min, "maxOSVersion": max})
            }
            Condition::DeviceMode(mode) => {
                json!({"name": self.name, "ruleType": rule_type, "deviceMode": mode})
            }
        }
    }
}

fn read_os_edition(members: &mut Members) -> Result<Condition, ShapeError> {
    let editions = members.texts("osEditionTypes")?.value().unwrap_or_default();
    match editions.iter().find(|edition| !EDITIONS.contains(&edition.as_str())) {
        None => Ok(Condition::OsEdition(editions)),
        Some(unknown) => Err(ShapeError::new(
            &members.place("osEditionTypes"),
            format!("'{unknown}' is no value of 'microsoft.graph.windows10EditionType'."),
        )),
    }
}

fn read_os_version(members: &mut Members) -> Result<Condition, ShapeError> {
    Ok(Condition::OsVersion {
        min: members.text("minOSVersion")?.value(),
        max: members.text("maxOSVersion")?.value(),
    })
}

fn read_device_mode(members: &mut Members) -> Result<Condition, ShapeError> {
    let mode = members.choice("deviceMode", &["standardConfiguration", "sModeConfiguration"])?.value();
    Ok(Condition::DeviceMode(mode.unwrap_or_else(|| "standardConfiguration".to_owned())))
}
