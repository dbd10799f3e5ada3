//! An assignment of a policy and its target (Graph beta). `deviceConfigurationAssignment` and
//! `deviceManagementConfigurationPolicyAssignment` have the same members. Does not know which targets a Terraform
//! configuration may contain.

use serde::{Deserialize, Serialize};

use super::type_name::short_type_name;

const ZERO_GUID: &str = "00000000-0000-0000-0000-000000000000";

/// An assignment of a policy ("deviceConfigurationAssignment resource type", beta).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Assignment {
    /// An opaque id, which the service derives from policy and target. The provider only shows it, in `assignment_ids`.
    pub id: Option<String>,
    /// `direct` or `policySets`; absent in v1.0.
    pub source: Option<String>,
    /// The id of the policy or of the policy set.
    pub source_id: Option<String>,
    /// `apply` or `remove`.
    pub intent: Option<String>,
    /// The devices or users that the assignment includes or excludes.
    pub target: AssignmentTarget,
}

impl Assignment {
    /// Whether the assignment was made on the policy itself rather than through a policy set. `assign` replaces direct
    /// assignments only.
    pub fn is_direct(&self) -> bool {
        self.source.as_deref().is_none_or(|source| source == "direct")
    }

    /// Whether the assignment removes the policy from its target instead of assigning it.
    pub fn is_removal(&self) -> bool {
        self.intent.as_deref() == Some("remove")
    }
}

/// The devices or users that an assignment includes or excludes ("deviceAndAppManagementAssignmentTarget resource type", beta). A target
/// of an unknown kind keeps its type name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssignmentTarget {
    /// The name of the derived type, with or without `#`.
    #[serde(rename = "@odata.type")]
    pub odata_type: String,
    /// Set only for a group or an exclusion group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// Set only for a Configuration Manager collection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collection_id: Option<String>,
    /// The raw id, which [`AssignmentTarget::filter`] interprets.
    #[serde(
        default,
        rename = "deviceAndAppManagementAssignmentFilterId",
        skip_serializing_if = "Option::is_none"
    )]
    pub filter_id: Option<String>,
    /// The raw type, which [`AssignmentTarget::filter`] interprets.
    #[serde(
        default,
        rename = "deviceAndAppManagementAssignmentFilterType",
        skip_serializing_if = "Option::is_none"
    )]
    pub filter_type: Option<String>,
}

/// The kinds of target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TargetKind {
    /// `allDevicesAssignmentTarget`
    AllDevices,
    /// `allLicensedUsersAssignmentTarget`
    AllLicensedUsers,
    /// `groupAssignmentTarget`
    Group,
    /// `exclusionGroupAssignmentTarget`
    ExclusionGroup,
    /// `configurationManagerCollectionAssignmentTarget`
    ConfigurationManagerCollection,
}

/// The assignment filter of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TargetFilter<'a> {
    /// A GUID other than the all-zero one.
    pub id: &'a str,
    /// `include`, `exclude`, or a type that this version of the provider does not know.
    pub filter_type: &'a str,
}

impl AssignmentTarget {
    /// A target of this kind without ids and without a filter.
    pub fn new(kind: TargetKind) -> Self {
        Self {
            odata_type: format!("#microsoft.graph.{}", kind.type_name()),
            group_id: None,
            collection_id: None,
            filter_id: None,
            filter_type: None,
        }
    }

    /// Adds a filter. Its type is `include` or `exclude`.
    #[must_use]
    pub fn with_filter(mut self, id: impl Into<String>, filter_type: impl Into<String>) -> Self {
        self.filter_id = Some(id.into());
        self.filter_type = Some(filter_type.into());
        self
    }

    /// The type name without namespace. An unknown kind has a type name too.
    pub fn type_name(&self) -> &str {
        short_type_name(&self.odata_type)
    }

    /// The kind; `None` if this version of the provider does not know the type.
    pub fn kind(&self) -> Option<TargetKind> {
        TargetKind::ALL.into_iter().find(|kind| kind.type_name() == self.type_name())
    }

    /// The target in the form that `assign` accepts: its type name has a `#`, and its filter members are set only if
    /// there is a filter. The service does not accept every form that it returns.
    #[must_use]
    pub fn for_request(&self) -> Self {
        let filter = self.filter();
        Self {
            odata_type: format!("#microsoft.graph.{}", self.type_name()),
            group_id: self.group_id.clone(),
            collection_id: self.collection_id.clone(),
            filter_id: filter.map(|filter| filter.id.to_owned()),
            filter_type: filter.map(|filter| filter.filter_type.to_owned()),
        }
    }

    /// The filter. Null, absent, empty, the all-zero GUID and the type `none` all mean that there is no filter.
    pub fn filter(&self) -> Option<TargetFilter<'_>> {
        let id = self.filter_id.as_deref().filter(|id| !id.is_empty() && *id != ZERO_GUID)?;
        let filter_type = self.filter_type.as_deref().filter(|name| !name.is_empty() && *name != "none")?;
        Some(TargetFilter { id, filter_type })
    }
}

impl TargetKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::AllDevices,
        Self::AllLicensedUsers,
        Self::Group,
        Self::ExclusionGroup,
        Self::ConfigurationManagerCollection,
    ];

    /// The name of Graph's type without namespace.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::AllDevices => "allDevicesAssignmentTarget",
            Self::AllLicensedUsers => "allLicensedUsersAssignmentTarget",
            Self::Group => "groupAssignmentTarget",
            Self::ExclusionGroup => "exclusionGroupAssignmentTarget",
            Self::ConfigurationManagerCollection => "configurationManagerCollectionAssignmentTarget",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn target(value: Value) -> AssignmentTarget {
        serde_json::from_value(value).unwrap()
    }

    fn group(group_id: &str) -> AssignmentTarget {
        AssignmentTarget { group_id: Some(group_id.into()), ..AssignmentTarget::new(TargetKind::Group) }
    }

    #[test]
    fn a_target_serializes_its_type_and_no_absent_members() {
        let collection = AssignmentTarget {
            collection_id: Some("SMS00001".into()),
            ..AssignmentTarget::new(TargetKind::ConfigurationManagerCollection)
        };
        assert_eq!(
            serde_json::to_value(AssignmentTarget::new(TargetKind::AllDevices)).unwrap(),
            json!({"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"})
        );
        assert_eq!(
            serde_json::to_value(group("g").with_filter("f", "include")).unwrap(),
            json!({
                "@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": "g",
                "deviceAndAppManagementAssignmentFilterId": "f",
                "deviceAndAppManagementAssignmentFilterType": "include",
            })
        );
        assert_eq!(
            serde_json::to_value(collection).unwrap(),
            json!({
                "@odata.type": "#microsoft.graph.configurationManagerCollectionAssignmentTarget",
                "collectionId": "SMS00001",
            })
        );
    }

    #[test]
    fn every_kind_is_recognized_with_and_without_hash() {
        for kind in TargetKind::ALL {
            for hash in ["#", ""] {
                let odata_type = format!("{hash}microsoft.graph.{}", kind.type_name());
                assert_eq!(target(json!({"@odata.type": odata_type})).kind(), Some(kind));
            }
        }
    }

    #[test]
    fn an_unknown_kind_keeps_its_type_name() {
        let unknown = target(json!({
            "@odata.type": "#microsoft.graph.organizationalUnitAssignmentTarget", "organizationalUnitId": "ou",
        }));
        assert_eq!(unknown.kind(), None);
        assert_eq!(unknown.type_name(), "organizationalUnitAssignmentTarget");
    }

    #[test]
    fn a_filter_needs_a_real_id_and_a_real_type() {
        let filter = |id: Value, filter_type: Value| {
            target(json!({
                "@odata.type": "x", "deviceAndAppManagementAssignmentFilterId": id,
                "deviceAndAppManagementAssignmentFilterType": filter_type,
            }))
        };
        assert_eq!(target(json!({"@odata.type": "x"})).filter(), None);
        assert_eq!(filter(json!(null), json!("none")).filter(), None);
        assert_eq!(filter(json!(ZERO_GUID), json!("include")).filter(), None);
        assert_eq!(filter(json!("f"), json!(null)).filter(), None);
        let exclude = filter(json!("f"), json!("exclude"));
        assert_eq!(exclude.filter(), Some(TargetFilter { id: "f", filter_type: "exclude" }));
    }

    #[test]
    fn a_target_read_without_a_filter_is_sent_without_filter_members() {
        for (id, filter_type) in [(json!(null), "none"), (json!(ZERO_GUID), "none"), (json!(""), "include")] {
            let read = target(json!({
                "@odata.type": "microsoft.graph.allDevicesAssignmentTarget",
                "deviceAndAppManagementAssignmentFilterId": id,
                "deviceAndAppManagementAssignmentFilterType": filter_type,
            }));
            assert_eq!(read.for_request(), AssignmentTarget::new(TargetKind::AllDevices));
        }
        let filtered = group("g").with_filter("f", "exclude");
        assert_eq!(filtered.for_request(), filtered);
    }

    #[test]
    fn a_row_is_direct_unless_its_source_says_otherwise() {
        let row = |source: Value| -> Assignment {
            serde_json::from_value(json!({"id": "a", "source": source, "target": {"@odata.type": "x"}}))
                .unwrap()
        };
        assert!(row(json!("direct")).is_direct());
        assert!(row(json!(null)).is_direct());
        assert!(!row(json!("policySets")).is_direct());
    }
}
