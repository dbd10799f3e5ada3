//! The collections of policies below `deviceManagement`, and in what their assignments differ.

use crate::emulator::odata::path::VersionRoot;

/// A collection of policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyCollection {
    /// Policies with a derived type.
    DeviceConfigurations,
    /// Policies of the settings catalog, in beta only.
    ConfigurationPolicies,
}

impl PolicyCollection {
    /// Every collection.
    pub const ALL: [Self; 2] = [Self::DeviceConfigurations, Self::ConfigurationPolicies];

    /// Graph's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::DeviceConfigurations => "deviceConfigurations",
            Self::ConfigurationPolicies => "configurationPolicies",
        }
    }

    /// The collection of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|collection| collection.name() == name)
    }

    /// The collection at or above an address.
    pub fn of_address(parts: &[&str]) -> Option<Self> {
        match parts {
            ["deviceManagement", name, ..] => Self::from_name(name),
            _ => None,
        }
    }

    /// Graph's name of the type of an assignment.
    pub fn assignment_type(self) -> &'static str {
        match self {
            Self::DeviceConfigurations => "deviceConfigurationAssignment",
            Self::ConfigurationPolicies => "deviceManagementConfigurationPolicyAssignment",
        }
    }

    /// The members of an assignment, besides `id` and `target`.
    pub fn assignment_members(self, version: VersionRoot) -> &'static [&'static str] {
        match self {
            Self::DeviceConfigurations if version.is_beta() => &["source", "sourceId", "intent"],
            Self::DeviceConfigurations => &[],
            Self::ConfigurationPolicies => &["source", "sourceId"],
        }
    }
}
