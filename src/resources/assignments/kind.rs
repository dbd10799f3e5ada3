//! Describes a kind of policy. Everything else in this folder is the same for all kinds.

use std::fmt;

use crate::graph::PolicyCollection;
use crate::graph::types::Policy;

/// A kind of policy whose assignments a resource type manages.
#[derive(Clone, Copy)]
pub struct PolicyKind {
    /// The resource type, such as `defender_atp_assignment`.
    pub resource_type: &'static str,
    /// The attribute that holds the policy's id.
    pub id_attribute: &'static str,
    /// The collection of Graph that contains the policies.
    pub collection: PolicyCollection,
    /// How the list of all policies shows policies of this kind; `None` if the list does not show their assignments
    /// reliably.
    pub in_list: Option<ListedKind>,
    /// Whether a policy of this kind may refuse groups as targets (`disableEntraGroupPolicyAssignment`).
    pub may_refuse_groups: bool,
    /// Target types that Graph accepts and that have no effect for this kind.
    pub ineffective_targets: &'static [IneffectiveTarget],
    /// Checks the kind of a policy. Returns `None` if the policy is of this kind.
    pub find_wrong_type: fn(&Policy) -> Option<WrongType>,
    /// Texts about the kind.
    pub texts: KindTexts,
}

/// How a list shows policies of a kind.
#[derive(Debug, Clone, Copy)]
pub struct ListedKind {
    /// The derived type without namespace.
    pub type_name: &'static str,
}

/// A target type that has no effect.
#[derive(Debug, Clone, Copy)]
pub struct IneffectiveTarget {
    /// Graph's name of the type, without namespace.
    pub target_type: &'static str,
    /// The summary of the warning.
    pub summary: &'static str,
    /// The detail of the warning.
    pub detail: &'static str,
}

/// The texts of the error for a policy that is of another type.
#[derive(Debug)]
pub struct WrongType {
    /// The summary of the error.
    pub summary: &'static str,
    /// Completes "Policy … is of": `the type windows10GeneralConfiguration`.
    pub actual: String,
    /// Completes "This resource manages policies of the": `type windowsDefender…`.
    pub expected: &'static str,
    /// Completes "a policy that was made": `with the profile type …`.
    pub how_to_create: &'static str,
}

/// The kind in messages and in the documentation.
#[derive(Debug, Clone, Copy)]
pub struct KindTexts {
    /// The kind, with its article: `a Defender for Endpoint onboarding policy`.
    pub policy: &'static str,
    /// The description of the resource type in the documentation.
    pub description: &'static str,
    /// Where a user finds the id of a policy.
    pub id_source: &'static str,
    /// The description of the attribute `id`.
    pub id_description: &'static str,
}

/// Implemented by one marker type for each kind, so that the resource of each kind has its own Rust type.
pub trait Kind: Send + Sync + 'static {
    /// The description of the kind.
    const KIND: &'static PolicyKind;
}

/// The description of a resource type: the text for its kind, followed by the text that all kinds share.
macro_rules! description {
    ($kind_text:literal) => {
        concat!(
            $kind_text,
            "\n\nThe resource is authoritative. A direct assignment that is not in the configuration shows as drift \
             in the plan and is removed by the next apply. Assignments that come from policy sets are shown and never \
             touched. Use only one resource for each policy, because two resources would undo each other's changes."
        )
    };
}

pub(in crate::resources) use description;

/// Prints the resource type.
impl fmt::Debug for PolicyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.resource_type)
    }
}

/// Compares the resource types, because each kind has its own.
impl PartialEq for PolicyKind {
    fn eq(&self, other: &Self) -> bool {
        self.resource_type == other.resource_type
    }
}

/// A kind for unit tests.
#[cfg(test)]
pub static EXAMPLE: PolicyKind = PolicyKind {
    resource_type: "example_assignment",
    id_attribute: "example_id",
    collection: PolicyCollection::DeviceConfigurations,
    in_list: None,
    may_refuse_groups: false,
    ineffective_targets: &[IneffectiveTarget {
        target_type: "configurationManagerCollectionAssignmentTarget",
        summary: "A collection has no effect",
        detail: "Use a group.",
    }],
    find_wrong_type: |_| None,
    texts: KindTexts {
        policy: "an example policy",
        description: "Assigns an example policy.",
        id_source: "An example has no source.",
        id_description: "The same as `example_id`.",
    },
};
