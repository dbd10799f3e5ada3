//! `defender_atp_assignment`: all direct assignments of one Defender for Endpoint onboarding policy, a device
//! configuration. This folder only describes the kind of policy; [`super::assignments`] does the work.

use crate::graph::PolicyCollection;
use crate::graph::types::Policy;
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::Diagnostic;

use super::assignments::AssignmentResource;
use super::assignments::kind::{IneffectiveTarget, Kind, KindTexts, ListedKind, PolicyKind};

/// The resource type.
pub type AtpAssignment = AssignmentResource<AtpKind>;

/// Device configurations that onboard devices to Defender for Endpoint.
#[derive(Debug)]
pub struct AtpKind;

const DEVICE_CONFIGURATION_ID: &str = "device_configuration_id";

/// The derived type of the policies, without namespace.
const TYPE_NAME: &str = "windowsDefenderAdvancedThreatProtectionConfiguration";

const KIND: PolicyKind = PolicyKind {
    resource_type: "defender_atp_assignment",
    id_attribute: DEVICE_CONFIGURATION_ID,
    collection: PolicyCollection::DeviceConfigurations,
    in_list: Some(ListedKind { type_name: TYPE_NAME }),
    may_refuse_groups: false,
    ineffective_targets: &[COLLECTIONS],
    check_kind,
    texts: KindTexts {
        policy: "a Defender for Endpoint onboarding policy",
        description: "Decides who gets a Defender for Endpoint onboarding policy: **all** direct assignments of \
             one Intune device configuration of the type `windowsDefenderAdvancedThreatProtectionConfiguration`.\n\n\
             The resource is authoritative. A direct assignment that is not in the configuration shows as drift in the \
             plan and is removed by the next apply. Assignments that come from policy sets are shown and never touched. \
             Use only one resource for each policy: two of them would undo each other's work.",
        id_source: "The Intune admin center has it in the address of the policy's page, after \"policyId/\". In Graph, \
             GET /beta/deviceManagement/deviceConfigurations?$select=id,displayName lists ids and names.",
        id_description: "The same as `device_configuration_id`.",
    },
};

const COLLECTIONS: IneffectiveTarget = IneffectiveTarget {
    target_type: "configurationManagerCollectionAssignmentTarget",
    summary: "Configuration Manager collections do not get this policy",
    detail: "Intune accepts a collection as a target of a device configuration, but the policy does not reach the \
             devices of the collection. Only endpoint security policies reach the collections of an attached Configuration Manager: \
             assign an EDR policy to it, or use a group here.",
};

impl Kind for AtpKind {
    fn kind() -> &'static PolicyKind {
        &KIND
    }
}

/// The policy must have the derived type.
fn check_kind(id: &str, policy: &Policy) -> Result<(), Diagnostic> {
    if policy.type_name() == Some(TYPE_NAME) {
        return Ok(());
    }
    let name = policy.quoted_name();
    let diagnostic = Diagnostic::error(
        "The policy is not a Defender for Endpoint onboarding policy",
        format!(
            "Policy {id} ({name}) is of the type {}. This resource manages policies of the type \
             windowsDefenderAdvancedThreatProtectionConfiguration only.\nNext: use the id of a policy that was made \
             with the profile type \"Microsoft Defender for Endpoint\". Nothing was sent to this policy.",
            policy.type_name().unwrap_or("unknown"),
        ),
    );
    Err(diagnostic.at(AttributePath::root(DEVICE_CONFIGURATION_ID)))
}
