//! `group`: the members that naming an assignment needs.

use serde::Deserialize;

use super::short_type_name;

/// A group of the directory ("group resource type").
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Present where several kinds of directory object can stand together.
    #[serde(rename = "@odata.type")]
    pub odata_type: Option<String>,
    /// GUID.
    pub id: String,
    /// Not unique.
    pub display_name: Option<String>,
}

impl Group {
    /// Whether the directory object is a group; one without a type name is taken for what was asked for.
    pub fn is_group(&self) -> bool {
        self.odata_type.as_deref().is_none_or(|odata_type| short_type_name(odata_type) == "group")
    }
}
