//! The permissions that each call needs, from the tables "Permissions" of the pages "List deviceConfigurations",
//! "assign action", "List assignmentFilters", "List mobileThreatDefenseConnectors", "Get
//! advancedThreatProtectionOnboardingStateSummary", "Get group", "List group transitive members", "Get device", "Get
//! user" and "directoryObject: getByIds", Microsoft Graph reference. Delegated and application permissions have the
//! same names.

use axum::http::Method;

use crate::emulator::odata::path::ODataAddress;
use crate::emulator::semantics::{MemberTypePermission, Semantics};

/// What is below `deviceManagement` with the permissions of device configurations.
const CONFIGURATION: [&str; 5] = [
    "deviceConfigurations",
    "configurationPolicies",
    "assignmentFilters",
    "advancedThreatProtectionOnboardingStateSummary",
    "deviceConfigurationConflictSummary",
];
const READ_CONFIGURATION: &[&str] =
    &["DeviceManagementConfiguration.Read.All", "DeviceManagementConfiguration.ReadWrite.All"];
const WRITE_CONFIGURATION: &[&str] = &["DeviceManagementConfiguration.ReadWrite.All"];
const READ_SCOPE_TAGS: &[&str] = &["DeviceManagementRBAC.Read.All", "DeviceManagementRBAC.ReadWrite.All"];
const READ_CONNECTORS: &[&str] =
    &["DeviceManagementServiceConfig.Read.All", "DeviceManagementServiceConfig.ReadWrite.All"];
const WRITE_CONNECTORS: &[&str] = &["DeviceManagementServiceConfig.ReadWrite.All"];
const READ_GROUPS: &[&str] = &[
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const READ_DEVICES: &[&str] =
    &["Device.Read.All", "Device.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
const READ_USERS: &[&str] =
    &["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
const WRITE_GROUPS: &[&str] = &["Group.ReadWrite.All", "Directory.ReadWrite.All"];

/// A permission for a call.
#[derive(Debug)]
pub struct RequiredPermission {
    /// The workload that refuses the call.
    pub service: Workload,
    /// Any one of these is sufficient.
    pub any_of: &'static [&'static str],
}

/// The workloads behind Graph. Each has its own error for a missing permission.
#[derive(Debug, PartialEq, Eq)]
pub enum Workload {
    /// Below `deviceManagement`.
    Intune,
    /// Groups and directory objects.
    Directory,
}

/// Every permission that some call needs.
pub fn known() -> impl Iterator<Item = &'static str> {
    let all = [
        READ_CONFIGURATION,
        READ_SCOPE_TAGS,
        READ_CONNECTORS,
        READ_GROUPS,
        READ_DEVICES,
        READ_USERS,
        WRITE_GROUPS,
    ];
    all.into_iter().flatten().copied()
}

/// The permissions that a call needs, each of them; none for a batch envelope and for unknown addresses.
pub fn required_permissions(
    method: &Method,
    address: &ODataAddress,
    semantics: &Semantics,
) -> Vec<RequiredPermission> {
    let reads = method == Method::GET || method == Method::HEAD;
    let intune = |any_of| vec![RequiredPermission { service: Workload::Intune, any_of }];
    let directory = |any_of| RequiredPermission { service: Workload::Directory, any_of };
    match address.as_strs().as_slice() {
        ["deviceManagement", name, ..] if CONFIGURATION.contains(name) => {
            intune(if reads { READ_CONFIGURATION } else { WRITE_CONFIGURATION })
        }
        ["deviceManagement", "roleScopeTags", ..] => intune(READ_SCOPE_TAGS),
        ["deviceManagement", "mobileThreatDefenseConnectors", ..] => {
            intune(if reads { READ_CONNECTORS } else { WRITE_CONNECTORS })
        }
        ["groups", _, "transitiveMembers", cast, ..] if reads => {
            let of_type = member_permission(cast, semantics).map(directory);
            std::iter::once(directory(READ_GROUPS)).chain(of_type).collect()
        }
        ["groups", ..] => vec![directory(if reads { READ_GROUPS } else { WRITE_GROUPS })],
        // The method is POST, but the call only reads.
        ["directoryObjects", ..] => vec![directory(READ_GROUPS)],
        _ => Vec::new(),
    }
}

/// The permission for members of the type that the address names.
fn member_permission(cast: &str, semantics: &Semantics) -> Option<&'static [&'static str]> {
    match (semantics.member_type_permission, cast) {
        (MemberTypePermission::MemberType, "microsoft.graph.device") => Some(READ_DEVICES),
        (MemberTypePermission::MemberType, "microsoft.graph.user") => Some(READ_USERS),
        _ => None,
    }
}
