//! Assignment targets: the concrete types, their members and the beta filter members. Only the shape; which
//! targets a policy may have is decided in `handlers/target_rules.rs`.

use serde_json::{Map, Value, json};

use crate::emulator::members::{Members, ShapeError};
use crate::emulator::odata::path::Version;

/// Stands for the group "all devices" in assignment ids; no group of the directory.
pub const ALL_DEVICES: &str = "adadadad-808e-44e2-905a-0b7873a8a531";
/// Stands for the group "all licensed users" in assignment ids; no group of the directory.
pub const ALL_LICENSED_USERS: &str = "acacacac-9df4-4c7d-9d50-4ef0226f57a9";

const BASE: &str = "deviceAndAppManagementAssignmentTarget";
const FILTER_ID: &str = "deviceAndAppManagementAssignmentFilterId";
const FILTER_TYPE: &str = "deviceAndAppManagementAssignmentFilterType";

/// Who gets a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// The concrete type with its own members.
    pub kind: TargetKind,
    /// The filter's id as stored; `None` renders as null.
    pub filter_id: Option<String>,
    /// How the filter counts.
    pub filter_type: FilterType,
}

/// The concrete types of a target.
#[derive(Clone, Debug, PartialEq)]
pub enum TargetKind {
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
    /// A type that a client cannot send. Comes from the tenant file or test control only.
    Foreign {
        /// Without namespace.
        type_name: String,
        /// Its own members.
        members: Map<String, Value>,
    },
}

/// How an assignment filter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterType {
    /// No filter.
    None,
    /// Only what the filter matches.
    Include,
    /// Only what the filter does not match.
    Exclude,
}

impl FilterType {
    /// Graph's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Include => "include",
            Self::Exclude => "exclude",
        }
    }
}

impl Target {
    /// Reads a target that a client sent: a closed, concrete type, in v1.0 without filter members.
    pub fn sent(document: Value, version: Version, at: &str) -> Result<Self, ShapeError> {
        let mut members = Members::of(document, BASE, at)?;
        let Some(type_name) = members.odata_type()?.filter(|name| name != BASE) else {
            return Err(ShapeError::new(
                &members.place("@odata.type"),
                format!(
                    "The type 'microsoft.graph.{BASE}' is abstract; '@odata.type' must name a concrete type."
                ),
            ));
        };
        members.narrow(&type_name);
        let Some(kind) = TargetKind::read(&type_name, &mut members)? else {
            return Err(members.unresolved_type(&format!("microsoft.graph.{type_name}")));
        };
        let (filter_id, filter_type) =
            if version.is_beta() { read_filter(&mut members)? } else { (None, FilterType::None) };
        members.finish()?;
        Ok(Self { kind, filter_id, filter_type })
    }

    /// Reads a target of the tenant file or of test control: any type, any filter.
    pub fn seeded(document: Value, at: &str) -> Result<Self, ShapeError> {
        let mut members = Members::of(document, BASE, at)?;
        let Some(type_name) = members.odata_type()? else {
            return Err(ShapeError::new(&members.place("@odata.type"), "A target needs its '@odata.type'."));
        };
        members.narrow(&type_name);
        let known = TargetKind::read(&type_name, &mut members)?;
        let (filter_id, filter_type) = read_filter(&mut members)?;
        let kind = if let Some(kind) = known {
            members.finish()?;
            kind
        } else {
            TargetKind::Foreign { type_name, members: members.rest() }
        };
        Ok(Self { kind, filter_id, filter_type })
    }

    /// What stands for the target in the id of its assignment, after the policy's id.
    pub fn key(&self) -> String {
        match &self.kind {
            TargetKind::AllDevices => ALL_DEVICES.to_owned(),
            TargetKind::AllLicensedUsers => ALL_LICENSED_USERS.to_owned(),
            TargetKind::Group(id) | TargetKind::ExclusionGroup(id) => id.to_ascii_lowercase(),
            TargetKind::Collection(id) => id.clone(),
            TargetKind::Foreign { type_name, .. } => type_name.clone(),
        }
    }

    /// The group that an assignment filter's `payloads` name for this target.
    pub fn group_key(&self) -> Option<String> {
        match self.kind {
            TargetKind::Collection(_) | TargetKind::Foreign { .. } => None,
            _ => Some(self.key()),
        }
    }

    /// The target as Graph shows it; v1.0 has no filter members.
    pub fn render(&self, version: Version) -> Value {
        let mut members = match &self.kind {
            TargetKind::AllDevices | TargetKind::AllLicensedUsers => Map::new(),
            TargetKind::Group(id) | TargetKind::ExclusionGroup(id) => member("groupId", id),
            TargetKind::Collection(id) => member("collectionId", id),
            TargetKind::Foreign { members, .. } => members.clone(),
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

impl TargetKind {
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

    fn read(type_name: &str, members: &mut Members) -> Result<Option<Self>, ShapeError> {
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

fn id_member(name: &str, members: &mut Members) -> Result<String, ShapeError> {
    Ok(members.text(name)?.value().unwrap_or_default())
}

fn read_filter(members: &mut Members) -> Result<(Option<String>, FilterType), ShapeError> {
    let filter_id = members.text(FILTER_ID)?.value();
    let filter_type = match members.choice(FILTER_TYPE, &["none", "include", "exclude"])?.value().as_deref() {
        Some("include") => FilterType::Include,
        Some("exclude") => FilterType::Exclude,
        _ => FilterType::None,
    };
    Ok((filter_id, filter_type))
}

fn member(name: &str, value: &str) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), json!(value))])
}
