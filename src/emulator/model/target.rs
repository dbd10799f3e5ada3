//! Assignment targets: the concrete types, their members and the filter members of beta. Checks only the shape;
//! `handlers/target_rules.rs` decides which targets a policy may have.

use serde_json::{Map, Value, json};

use super::{guid, misspelled};
use crate::emulator::member_reader::{MemberReader, ShapeError};
use crate::emulator::odata::path::VersionRoot;

/// The pseudo-group for "all devices" in assignment ids. It is not in the directory.
pub const ALL_DEVICES: &str = "adadadad-808e-44e2-905a-0b7873a8a531";
/// The pseudo-group for "all licensed users" in assignment ids. It is not in the directory.
pub const ALL_LICENSED_USERS: &str = "acacacac-9df4-4c7d-9d50-4ef0226f57a9";

const BASE: &str = "deviceAndAppManagementAssignmentTarget";
const FILTER_ID: &str = "deviceAndAppManagementAssignmentFilterId";
const FILTER_TYPE: &str = "deviceAndAppManagementAssignmentFilterType";

/// The types that clients can send.
const TYPE_NAMES: [&str; 5] = [
    "allDevicesAssignmentTarget",
    "allLicensedUsersAssignmentTarget",
    "groupAssignmentTarget",
    "exclusionGroupAssignmentTarget",
    "configurationManagerCollectionAssignmentTarget",
];

/// Who gets a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredTarget {
    /// The concrete type with its members.
    pub kind: StoredTargetKind,
    /// The filter's id; `None` renders as null.
    pub filter_id: Option<String>,
    /// How the filter applies.
    pub filter_type: TargetFilterType,
}

/// The concrete types of a target.
#[derive(Clone, Debug, PartialEq)]
pub enum StoredTargetKind {
    /// `allDevicesAssignmentTarget`
    AllDevices,
    /// `allLicensedUsersAssignmentTarget`
    AllLicensedUsers,
    /// `groupAssignmentTarget` with its `groupId`; empty if none was sent.
    Group(String),
    /// `exclusionGroupAssignmentTarget` with its `groupId`; empty if none was sent.
    ExclusionGroup(String),
    /// `configurationManagerCollectionAssignmentTarget` with its `collectionId`; empty if none was sent.
    Collection(String),
    /// A type that clients cannot send; from the tenant file or test control only.
    Foreign {
        /// Without namespace.
        type_name: String,
        /// Its own members.
        members: Map<String, Value>,
    },
}

/// How an assignment filter applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetFilterType {
    /// No filter.
    None,
    /// Only what the filter matches.
    Include,
    /// Only what the filter does not match.
    Exclude,
}

impl TargetFilterType {
    /// Graph's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Include => "include",
            Self::Exclude => "exclude",
        }
    }
}

impl StoredTarget {
    /// Reads a target from a request: a closed, concrete type, without filter members in v1.0.
    pub fn from_request(document: Value, version: VersionRoot, at: &str) -> Result<Self, ShapeError> {
        let mut members = MemberReader::open(document, BASE, at)?;
        let Some(type_name) = members.odata_type()?.filter(|name| name != BASE) else {
            return Err(ShapeError::new(
                &members.place("@odata.type"),
                format!(
                    "The type 'microsoft.graph.{BASE}' is abstract; '@odata.type' must name a concrete type."
                ),
            ));
        };
        members.narrow(&type_name);
        let Some(kind) = StoredTargetKind::read(&type_name, &mut members)? else {
            return Err(members.unresolved_type(&format!("microsoft.graph.{type_name}")));
        };
        let (filter_id, filter_type) =
            if version.is_beta() { read_filter(&mut members)? } else { (None, TargetFilterType::None) };
        members.finish()?;
        Ok(Self { kind, filter_id, filter_type })
    }

    /// Reads a target from the tenant file or test control: any type, any filter. Group ids must be GUIDs, and a name
    /// that is nearly that of a known type is a slip.
    pub fn from_seed(document: Value, at: &str) -> Result<Self, ShapeError> {
        let mut members = MemberReader::open(document, BASE, at)?;
        let Some(type_name) = members.odata_type()? else {
            return Err(ShapeError::new(&members.place("@odata.type"), "A target needs its '@odata.type'."));
        };
        members.narrow(&type_name);
        let known = StoredTargetKind::read(&type_name, &mut members)?;
        if let Some(meant) = misspelled(&type_name, TYPE_NAMES).filter(|_| known.is_none()) {
            let text = format!("'{type_name}' is not a type of target; did you mean '{meant}'?");
            return Err(ShapeError::new(&members.place("@odata.type"), text));
        }
        let (filter_id, filter_type) = read_filter(&mut members)?;
        let group_place = members.place("groupId");
        let kind = if let Some(kind) = known {
            members.finish()?;
            kind
        } else {
            StoredTargetKind::Foreign { type_name, members: members.into_unread() }
        };
        let target = Self { kind, filter_id, filter_type };
        match target.group_id().filter(|id| guid(id).is_none()) {
            Some(wrong) => Err(ShapeError::new(&group_place, format!("'{wrong}' is not a GUID."))),
            None => Ok(target),
        }
    }

    /// The key of the target in the id of its assignment, after the policy's id.
    pub fn key(&self) -> String {
        match &self.kind {
            StoredTargetKind::AllDevices => ALL_DEVICES.to_owned(),
            StoredTargetKind::AllLicensedUsers => ALL_LICENSED_USERS.to_owned(),
            StoredTargetKind::Group(id) | StoredTargetKind::ExclusionGroup(id) => id.to_ascii_lowercase(),
            StoredTargetKind::Collection(id) => id.clone(),
            StoredTargetKind::Foreign { type_name, .. } => type_name.clone(),
        }
    }

    /// The id of the group that is included or excluded.
    pub fn group_id(&self) -> Option<&str> {
        match &self.kind {
            StoredTargetKind::Group(id) | StoredTargetKind::ExclusionGroup(id) => Some(id),
            _ => None,
        }
    }

    /// The group of this target in an assignment filter's `payloads`.
    pub fn group_key(&self) -> Option<String> {
        match self.kind {
            StoredTargetKind::Collection(_) | StoredTargetKind::Foreign { .. } => None,
            _ => Some(self.key()),
        }
    }

    /// The target as Graph shows it; v1.0 has no filter members.
    pub fn render(&self, version: VersionRoot) -> Value {
        let mut members = match &self.kind {
            StoredTargetKind::AllDevices | StoredTargetKind::AllLicensedUsers => Map::new(),
            StoredTargetKind::Group(id) | StoredTargetKind::ExclusionGroup(id) => member("groupId", id),
            StoredTargetKind::Collection(id) => member("collectionId", id),
            StoredTargetKind::Foreign { members, .. } => members.clone(),
        };
        members
            .insert("@odata.type".to_owned(), json!(format!("#microsoft.graph.{}", self.kind.type_name())));
        if version.is_beta() {
            members.insert(FILTER_ID.to_owned(), json!(self.filter_id));
            members.insert(FILTER_TYPE.to_owned(), json!(self.filter_type.name()));
        }
        Value::Object(members)
    }
}

impl StoredTargetKind {
    /// Graph's name of the type, without namespace.
    pub fn type_name(&self) -> &str {
        match self {
            Self::AllDevices => "allDevicesAssignmentTarget",
            Self::AllLicensedUsers => "allLicensedUsersAssignmentTarget",
            Self::Group(_) => "groupAssignmentTarget",
            Self::ExclusionGroup(_) => "exclusionGroupAssignmentTarget",
            Self::Collection(_) => "configurationManagerCollectionAssignmentTarget",
            Self::Foreign { type_name, .. } => type_name,
        }
    }

    fn read(type_name: &str, members: &mut MemberReader) -> Result<Option<Self>, ShapeError> {
        Ok(Some(match type_name {
            "allDevicesAssignmentTarget" => Self::AllDevices,
            "allLicensedUsersAssignmentTarget" => Self::AllLicensedUsers,
            "groupAssignmentTarget" => Self::Group(id_member("groupId", members)?),
            "exclusionGroupAssignmentTarget" => Self::ExclusionGroup(id_member("groupId", members)?),
            "configurationManagerCollectionAssignmentTarget" => {
                Self::Collection(id_member("collectionId", members)?)
            }
            _ => return Ok(None),
        }))
    }
}

fn id_member(name: &str, members: &mut MemberReader) -> Result<String, ShapeError> {
    Ok(members.text(name)?.value().unwrap_or_default())
}

fn read_filter(members: &mut MemberReader) -> Result<(Option<String>, TargetFilterType), ShapeError> {
    let filter_id = members.text(FILTER_ID)?.value();
    let filter_type = match members.choice(FILTER_TYPE, &["none", "include", "exclude"])?.value().as_deref() {
        Some("include") => TargetFilterType::Include,
        Some("exclude") => TargetFilterType::Exclude,
        _ => TargetFilterType::None,
    };
    Ok((filter_id, filter_type))
}

fn member(name: &str, value: &str) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), json!(value))])
}
