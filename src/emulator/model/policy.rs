//! Device configuration policies: the members of every derived type, and Defender's own. Of other derived types
//! only the common members can be written; their own members are not modeled.

use serde_json::{Map, Value, json};

use super::applicability::Applicability;
use super::assignable::AssignablePolicy;
use super::assignment::StoredAssignment;
use super::defender::{self, DefenderSettings};
use super::device_status_overview::{self, DeviceStatusOverview};
use super::policy_collection::PolicyCollection;
use super::policy_types::POLICY_TYPES;
use super::{misspelled, seed};
use crate::emulator::member_reader::{Member, MemberReader, ShapeError};
use crate::emulator::odata::path::VersionRoot;
use crate::emulator::random_id::random_guid;

/// The declared type of the collection.
pub const BASE: &str = "deviceConfiguration";

/// The members of the base type in v1.0.
pub const MEMBERS: [&str; 6] =
    ["id", "createdDateTime", "lastModifiedDateTime", "version", "displayName", "description"];
/// The members of the base type that beta adds.
pub const BETA_MEMBERS: [&str; 5] = [
    "roleScopeTagIds",
    "supportsScopeTags",
    "deviceManagementApplicabilityRuleOsEdition",
    "deviceManagementApplicabilityRuleOsVersion",
    "deviceManagementApplicabilityRuleDeviceMode",
];

/// Derived types that can be created, besides Defender's: those of v1.0.
const OTHER_TYPES: [&str; 21] = [
    "androidCustomConfiguration",
    "androidGeneralDeviceConfiguration",
    "androidWorkProfileCustomConfiguration",
    "androidWorkProfileGeneralDeviceConfiguration",
    "editionUpgradeConfiguration",
    "iosCustomConfiguration",
    "iosDeviceFeaturesConfiguration",
    "iosGeneralDeviceConfiguration",
    "iosUpdateConfiguration",
    "macOSCustomConfiguration",
    "macOSDeviceFeaturesConfiguration",
    "macOSGeneralDeviceConfiguration",
    "sharedPCConfiguration",
    "windows10CustomConfiguration",
    "windows10EndpointProtectionConfiguration",
    "windows10EnterpriseModernAppManagementConfiguration",
    "windows10GeneralConfiguration",
    "windows10SecureAssessmentConfiguration",
    "windows10TeamGeneralConfiguration",
    "windows81GeneralConfiguration",
    "windowsUpdateForBusinessConfiguration",
];

/// One stored policy.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredPolicy {
    id: String,
    /// The derived type, without namespace.
    pub type_name: String,
    /// Not unique.
    pub display_name: String,
    /// Where it has arrived.
    pub device_status: DeviceStatusOverview,
    assignments: Vec<StoredAssignment>,
    created: String,
    last_modified: String,
    version: i32,
    description: Option<String>,
    role_scope_tag_ids: Vec<String>,
    applicability: Applicability,
    own: OwnMembers,
}

/// The members of the derived type.
#[derive(Clone, Debug, PartialEq)]
enum OwnMembers {
    Defender(DefenderSettings),
    /// Another type; members come from the tenant file or test control only.
    Other(Map<String, Value>),
}

impl StoredPolicy {
    /// Reads a policy from the body of a POST.
    pub fn from_request(document: Value, version: VersionRoot, now: &str) -> Result<Self, ShapeError> {
        let mut members = MemberReader::open(document, BASE, "")?;
        let Some(type_name) = members.odata_type()?.filter(|name| name != BASE) else {
            let text = format!(
                "The type 'microsoft.graph.{BASE}' is abstract; '@odata.type' must name a derived type."
            );
            return Err(ShapeError::new("@odata.type", text));
        };
        if type_name != defender::TYPE_NAME && !OTHER_TYPES.contains(&type_name.as_str()) {
            return Err(members.unresolved_type(&format!("microsoft.graph.{type_name}")));
        }
        members.narrow(&type_name);
        members.text("id")?;
        let mut policy = Self::empty(random_guid(), type_name, now);
        policy.apply(&mut members, version)?;
        members.finish()?;
        policy.require_name("")?;
        Ok(policy)
    }

    /// The policy after a PATCH. The body is partial, but must repeat the type, since the base type is abstract.
    pub fn patched(&self, document: Value, version: VersionRoot, now: &str) -> Result<Self, ShapeError> {
        let mut members = MemberReader::open(document, BASE, "")?;
        match members.odata_type()? {
            Some(type_name) if type_name == self.type_name => members.narrow(&type_name),
            Some(other) => {
                let text = format!("'microsoft.graph.{other}' is not the type of this policy.");
                return Err(ShapeError::new("@odata.type", text));
            }
            None => {
                let text =
                    format!("The type 'microsoft.graph.{BASE}' is abstract; '@odata.type' must be sent.");
                return Err(ShapeError::new("@odata.type", text));
            }
        }
        members.text("id")?;
        let mut policy = self.clone();
        policy.apply(&mut members, version)?;
        members.finish()?;
        policy.require_name("displayName")?;
        policy.version += 1;
        now.clone_into(&mut policy.last_modified);
        Ok(policy)
    }

    /// Reads a policy from the tenant file or test control: any type, with or without id, assignments included.
    pub fn from_seed(document: Value, at: &str, now: &str) -> Result<Self, ShapeError> {
        let mut members = MemberReader::open(document, BASE, at)?;
        let type_name = members.odata_type()?.unwrap_or_else(|| defender::TYPE_NAME.to_owned());
        if let Some(meant) = misspelled(&type_name, POLICY_TYPES).filter(|_| !is_known(&type_name)) {
            let text =
                format!("'{type_name}' is not a type of device configuration; did you mean '{meant}'?");
            return Err(ShapeError::new(&members.place("@odata.type"), text));
        }
        members.narrow(&type_name);
        // Every answer has it; only a request must not.
        members.boolean("supportsScopeTags")?;
        let mut policy = Self::empty(seed::read_id(&mut members)?, type_name, now);
        seed::read_timestamps(&mut members, &mut policy.created, &mut policy.last_modified)?;
        if let Member::Value(number) = members.integer("version")? {
            policy.version = number;
        }
        policy.assignments =
            seed::read_assignments(&mut members, PolicyCollection::DeviceConfigurations, &policy.id)?;
        policy.read_device_status(&mut members, now)?;
        policy.apply(&mut members, VersionRoot::Beta)?;
        if let OwnMembers::Other(own) = &mut policy.own {
            *own = members.into_unread();
        } else {
            members.finish()?;
        }
        policy.require_name(at)?;
        Ok(policy)
    }

    /// Whether the policy is of a type, or of one derived from it.
    pub fn is_of_type(&self, type_name: &str) -> bool {
        type_name == BASE || type_name == self.type_name
    }

    /// Whether an onboarding blob was sent although the connector should create it.
    pub fn has_two_onboarding_blobs(&self) -> bool {
        matches!(&self.own, OwnMembers::Defender(own) if own.has_two_onboarding_blobs())
    }

    /// Turns the description `""` into null.
    pub fn clear_empty_description(&mut self) {
        self.description = self.description.take().filter(|text| !text.is_empty());
    }

    /// The policy as Graph shows it; v1.0 has no beta members.
    pub fn render(&self, version: VersionRoot) -> Map<String, Value> {
        let mut members = match &self.own {
            OwnMembers::Defender(_) => Map::new(),
            OwnMembers::Other(own) => own.clone(),
        };
        let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
        put("@odata.type", json!(format!("#microsoft.graph.{}", self.type_name)));
        put("id", json!(self.id));
        put("createdDateTime", json!(self.created));
        put("lastModifiedDateTime", json!(self.last_modified));
        put("version", json!(self.version));
        put("displayName", json!(self.display_name));
        put("description", json!(self.description));
        if version.is_beta() {
            put("roleScopeTagIds", json!(self.role_scope_tag_ids));
            put("supportsScopeTags", json!(true));
            self.applicability.render(&mut members);
        }
        if let OwnMembers::Defender(own) = &self.own {
            own.render(&mut members, version);
        }
        members
    }

    /// The navigation property `deviceStatusOverview`.
    pub fn device_status_overview(&self, version: VersionRoot) -> Map<String, Value> {
        self.device_status.render(&self.id, self.version, version)
    }

    fn read_device_status(&mut self, members: &mut MemberReader, now: &str) -> Result<(), ShapeError> {
        let place = members.place(device_status_overview::MEMBER);
        if let Some(document) = members.any(device_status_overview::MEMBER).filter(|sent| !sent.is_null()) {
            self.device_status = DeviceStatusOverview::from_seed(document, &place, now)?;
        }
        Ok(())
    }

    fn empty(id: String, type_name: String, now: &str) -> Self {
        let own = if type_name == defender::TYPE_NAME {
            OwnMembers::Defender(DefenderSettings::default())
        } else {
            OwnMembers::Other(Map::new())
        };
        Self {
            id,
            type_name,
            display_name: String::new(),
            device_status: DeviceStatusOverview::default(),
            assignments: Vec::new(),
            created: now.to_owned(),
            last_modified: now.to_owned(),
            version: 1,
            description: None,
            role_scope_tag_ids: vec!["0".to_owned()],
            applicability: Applicability::default(),
            own,
        }
    }

    /// Reads the writable members. Members that the service sets itself are accepted and ignored.
    fn apply(&mut self, members: &mut MemberReader, version: VersionRoot) -> Result<(), ShapeError> {
        members.text("createdDateTime")?;
        members.text("lastModifiedDateTime")?;
        members.integer("version")?;
        match members.text("displayName")? {
            Member::Absent => {}
            Member::Value(name) => self.display_name = name,
            Member::Null => return Err(required_name(&members.place("displayName"))),
        }
        members.text("description")?.set(&mut self.description);
        if version.is_beta() {
            self.apply_beta(members)?;
        }
        match &mut self.own {
            OwnMembers::Defender(own) => own.apply(members, version),
            OwnMembers::Other(_) => Ok(()),
        }
    }

    fn apply_beta(&mut self, members: &mut MemberReader) -> Result<(), ShapeError> {
        // Always true when read, but refused when written (microsoft-graph-docs#4003).
        if members.boolean("supportsScopeTags")? == Member::Value(true) {
            return Err(ShapeError::new(
                &members.place("supportsScopeTags"),
                "Property 'supportsScopeTags' is read-only.",
            ));
        }
        match members.texts("roleScopeTagIds")? {
            Member::Absent => {}
            Member::Null => self.role_scope_tag_ids = vec!["0".to_owned()],
            Member::Value(ids) => self.role_scope_tag_ids = ids,
        }
        self.applicability.apply(members)
    }

    fn require_name(&self, at: &str) -> Result<(), ShapeError> {
        if self.display_name.is_empty() { Err(required_name(at)) } else { Ok(()) }
    }
}

impl AssignablePolicy for StoredPolicy {
    fn id(&self) -> &str {
        &self.id
    }

    fn assignments(&self) -> &Vec<StoredAssignment> {
        &self.assignments
    }

    fn assignments_mut(&mut self) -> &mut Vec<StoredAssignment> {
        &mut self.assignments
    }

    fn is_for_windows(&self) -> bool {
        matches!(self.own, OwnMembers::Defender(_))
    }

    fn refuses_groups(&self) -> bool {
        false
    }

    /// Updates `version` and `lastModifiedDateTime`.
    fn touch(&mut self, now: &str) {
        self.version += 1;
        now.clone_into(&mut self.last_modified);
    }
}

/// Whether the collection has policies of a type.
pub fn is_known(type_name: &str) -> bool {
    POLICY_TYPES.contains(&type_name)
}

fn required_name(at: &str) -> ShapeError {
    ShapeError::new(at, "Property 'displayName' is required and must not be empty.")
}
