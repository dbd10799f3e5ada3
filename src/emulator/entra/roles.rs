//! Which permission each call needs, from the tables "Permissions" of the pages "List deviceConfigurations",
//! "assign action", "List assignmentFilters", "Get group" and "directoryObject: getByIds", Microsoft Graph reference.
//! Delegated and application permissions have the same names.

use axum::http::Method;

use crate::emulator::odata::path::Address;

const READ_CONFIGURATION: &[&str] =
    &["DeviceManagementConfiguration.Read.All", "DeviceManagementConfiguration.ReadWrite.All"];
const WRITE_CONFIGURATION: &[&str] = &["DeviceManagementConfiguration.ReadWrite.All"];
const READ_GROUPS: &[&str] = &[
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const WRITE_GROUPS: &[&str] = &["Group.ReadWrite.All", "Directory.ReadWrite.All"];

/// What a call needs.
#[derive(Debug)]
pub struct Need {
    /// Who refuses.
    pub service: Service,
    /// One of these is enough.
    pub any_of: &'static [&'static str],
}

/// The services behind Graph, which word a refusal each in its own way.
#[derive(Debug, PartialEq, Eq)]
pub enum Service {
    /// Below `deviceManagement`.
    Intune,
    /// Groups and directory objects.
    Directory,
}

/// The permission that a call needs; none for the envelope of a batch, and for what there is not.
pub fn needed(method: &Method, address: &Address) -> Option<Need> {
    let reads = method == Method::GET || method == Method::HEAD;
    let (service, any_of) = match address.as_strs().as_slice() {
        ["deviceManagement", "deviceConfigurations" | "assignmentFilters", ..] => {
            (Service::Intune, if reads { READ_CONFIGURATION } else { WRITE_CONFIGURATION })
        }
        ["groups", ..] => (Service::Directory, if reads { READ_GROUPS } else { WRITE_GROUPS }),
        // Its verb is POST, and it reads.
        ["directoryObjects", ..] => (Service::Directory, READ_GROUPS),
        _ => return None,
    };
    Some(Need { service, any_of })
}
