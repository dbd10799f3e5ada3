//! `deviceConfiguration` and `deviceManagementConfigurationPolicy`: the members of a policy that are needed to manage
//! its assignments, without its settings.

use serde::Deserialize;

use super::assignment::Assignment;
use super::type_name::short_type_name;

/// An Intune policy: a device configuration ("deviceConfiguration resource type"), or a policy of the settings catalog
/// ("deviceManagementConfigurationPolicy resource type", beta).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// The derived type, `#microsoft.graph.…`. Only the type of a device configuration matters.
    #[serde(rename = "@odata.type")]
    pub odata_type: Option<String>,
    /// GUID.
    pub id: String,
    /// The name of a device configuration. Not unique.
    pub display_name: Option<String>,
    /// The name of a policy of the settings catalog. Not unique.
    pub name: Option<String>,
    /// The template that a policy of the settings catalog was made from.
    pub template_reference: Option<TemplateReference>,
    /// Whether a policy of the settings catalog cannot be assigned to Entra groups.
    pub disable_entra_group_policy_assignment: Option<bool>,
}

/// The template of a policy of the settings catalog ("deviceManagementConfigurationPolicyTemplateReference resource
/// type", beta).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateReference {
    /// Such as `endpointSecurityEndpointDetectionAndResponse`; `none` for a policy without a template.
    pub template_family: Option<String>,
    /// Such as `Endpoint detection and response`.
    pub template_display_name: Option<String>,
    /// Such as `Version 1`.
    pub template_display_version: Option<String>,
}

impl Policy {
    /// The name of the derived type without namespace.
    pub fn type_name(&self) -> Option<&str> {
        self.odata_type.as_deref().map(short_type_name)
    }

    /// The name of a policy of either kind, for messages.
    pub fn label(&self) -> Option<&str> {
        self.display_name.as_deref().or(self.name.as_deref())
    }

    /// The name in quotation marks, or `no name`. For messages.
    pub fn quoted_name(&self) -> String {
        self.label().map_or_else(|| "no name".to_owned(), |name| format!("{name:?}"))
    }

    /// The family of the policy's template.
    pub fn template_family(&self) -> Option<&str> {
        self.template_reference.as_ref()?.template_family.as_deref()
    }
}

/// A policy in the list of all policies, with its assignments expanded.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedPolicy {
    /// The derived type, `#microsoft.graph.…`.
    #[serde(rename = "@odata.type")]
    pub odata_type: Option<String>,
    /// GUID.
    pub id: String,
    /// Not unique.
    pub display_name: Option<String>,
    /// Direct and inherited assignments; `None` if the response does not contain them.
    pub assignments: Option<Vec<Assignment>>,
    /// The link to the next page of assignments, if there is a next page.
    #[serde(rename = "assignments@odata.nextLink")]
    pub assignments_next_link: Option<String>,
}

impl ListedPolicy {
    /// The name of the derived type without namespace; `None` if Graph returned no type.
    pub fn type_name(&self) -> Option<&str> {
        self.odata_type.as_deref().map(short_type_name)
    }
}
