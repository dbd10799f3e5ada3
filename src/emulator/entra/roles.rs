//! The permission that each call needs, from the tables "Permissions" of the pages "List deviceConfigurations",
//! "assign action", "List assignmentFilters", "Get group" and "directoryObject: getByIds", Microsoft Graph
//! reference. Delegated and application permissions have the same names.

use axum::http::Method;

use crate::emulator::odata::path::ODataAddress;

const READ_CONFIGURATION: &[&str] =
    &["DeviceManagementConfiguration.Read.All", "DeviceManagementConfiguration.ReadWrite.All"];
const WRITE_CONFIGURATION: &[&str] = &["DeviceManagementConfiguration.ReadWrite.All"];
const READ_SCOPE_TAGS: &[&str] = &["DeviceManagementRBAC.Read.All", "DeviceManagementRBAC.ReadWrite.All"];
const READ_GROUPS: &[&str] = &[
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const WRITE_GROUPS: &[&str] = &["Group.ReadWrite.All", "Directory.ReadWrite.All"];

/// The permissions for a call.
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
    [READ_CONFIGURATION, READ_SCOPE_TAGS, READ_GROUPS, WRITE_GROUPS].into_iter().flatten().copied()
}

/// The permission that a call needs; `None` for a batch envelope and for unknown addresses.
pub fn required_permission(method: &Method, address: &ODataAddress) -> Option<RequiredPermission> {
    let reads = method == Method::GET || method == Method::HEAD;
    let (service, any_of) = match address.as_strs().as_slice() {
        ["deviceManagement", "deviceConfigurations" | "configurationPolicies" | "assignmentFilters", ..] => {
            (Workload::Intune, if reads { READ_CONFIGURATION } else { WRITE_CONFIGURATION })
        }
        ["deviceManagement", "roleScopeTags", ..] => (Workload::Intune, READ_SCOPE_TAGS),
        ["groups", ..] => (Workload::Directory, if reads { READ_GROUPS } else { WRITE_GROUPS }),
        // The method is POST, but the call only reads.
        ["directoryObjects", ..] => (Workload::Directory, READ_GROUPS),
        _ => return None,
    };
    Some(RequiredPermission { service, any_of })
}
