//! `group`: the properties that are needed to check and name the groups of an assignment.

use serde::Deserialize;

use super::type_name::short_type_name;

/// A group of the directory ("group resource type").
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Present in collections that may contain several kinds of directory object.
    #[serde(rename = "@odata.type")]
    pub odata_type: Option<String>,
    /// GUID.
    pub id: String,
    /// Not unique.
    pub display_name: Option<String>,
    /// Whether the group can be used for access and assignments.
    pub security_enabled: Option<bool>,
    /// The rule of a dynamic group.
    pub membership_rule: Option<String>,
}

impl Group {
    /// Whether the directory object is a group. An object without a type name counts as a group, because only groups
    /// were requested.
    pub fn is_group(&self) -> bool {
        self.odata_type.as_deref().is_none_or(|odata_type| short_type_name(odata_type) == "group")
    }
}
