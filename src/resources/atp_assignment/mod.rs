//! `defender_atp_assignment`: all direct assignments of one Defender for Endpoint onboarding policy, a device
//! configuration. This folder only describes the kind of policy; [`super::assignments`] implements the operations.

use crate::graph::PolicyCollection;
use crate::graph::types::Policy;

use super::assignments::AssignmentResource;
use super::assignments::kind::{
    IneffectiveTarget, Kind, KindTexts, ListedKind, PolicyKind, WrongType, description,
};

/// The resource type.
pub type AtpAssignment = AssignmentResource<AtpKind>;

/// Device configurations that onboard devices to Defender for Endpoint.
#[derive(Debug)]
pub struct AtpKind;

/// The derived type of the policies in Graph, without namespace.
const TYPE_NAME: &str = "windowsDefenderAdvancedThreatProtectionConfiguration";

/// Intune stores a Configuration Manager collection as a target, but does not apply the policy to its devices.
const CONFIGURATION_MANAGER_COLLECTIONS: IneffectiveTarget = IneffectiveTarget {
    target_type: "configurationManagerCollectionAssignmentTarget",
    summary: "Configuration Manager collections do not get this policy",
    detail: "Intune accepts a collection as a target of a device configuration, but the policy does not reach the \
             devices of the collection. Only endpoint security policies reach the collections of an attached \
             Configuration Manager: assign an EDR policy to the collection, or use a group here.",
};

impl Kind for AtpKind {
    const KIND: &'static PolicyKind = &PolicyKind {
        resource_type: "defender_atp_assignment",
        id_attribute: "device_configuration_id",
        collection: PolicyCollection::DeviceConfigurations,
        in_list: Some(ListedKind { type_name: TYPE_NAME }),
        may_refuse_groups: false,
        ineffective_targets: &[CONFIGURATION_MANAGER_COLLECTIONS],
        find_wrong_type,
        texts: KindTexts {
            policy: "a Defender for Endpoint onboarding policy",
            description: description!(
                "Decides who gets a Defender for Endpoint onboarding policy: **all** direct assignments of one Intune \
                 device configuration of the type `windowsDefenderAdvancedThreatProtectionConfiguration`."
            ),
            id_source: "The Intune admin center shows it in the address of the policy's page, after \"policyId/\". In \
                        Graph, GET /beta/deviceManagement/deviceConfigurations?$select=id,displayName lists ids and \
                        names.",
            id_description: "The same as `device_configuration_id`.",
        },
    };
}

/// Checks that a policy has the derived type [`TYPE_NAME`].
fn find_wrong_type(policy: &Policy) -> Option<WrongType> {
    let type_name = policy.type_name().unwrap_or("unknown");
    (type_name != TYPE_NAME).then(|| WrongType {
        summary: "The policy is not a Defender for Endpoint onboarding policy",
        actual: format!("the type {type_name}"),
        expected: "type windowsDefenderAdvancedThreatProtectionConfiguration",
        how_to_create: "with the profile type \"Microsoft Defender for Endpoint\"",
    })
}
