//! `defender_edr_assignment`: all direct assignments of one endpoint detection and response policy, an endpoint security
//! policy of the settings catalog. This folder only describes the kind of policy; [`super::assignments`] does the work.

use crate::graph::PolicyCollection;
use crate::graph::types::Policy;
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::Diagnostic;

use super::assignments::AssignmentResource;
use super::assignments::kind::{Kind, KindTexts, PolicyKind};

/// The resource type.
pub type EdrAssignment = AssignmentResource<EdrKind>;

/// Endpoint security policies that onboard devices to Defender for Endpoint.
#[derive(Debug)]
pub struct EdrKind;

const CONFIGURATION_POLICY_ID: &str = "configuration_policy_id";

/// The family of the templates that the policies are made from.
const TEMPLATE_FAMILY: &str = "endpointSecurityEndpointDetectionAndResponse";

const KIND: PolicyKind = PolicyKind {
    resource_type: "defender_edr_assignment",
    id_attribute: CONFIGURATION_POLICY_ID,
    collection: PolicyCollection::ConfigurationPolicies,
    // A list with `$expand=assignments` returns the assignments empty or truncated, so it cannot be used.
    in_list: None,
    may_refuse_groups: true,
    ineffective_targets: &[],
    check_kind,
    texts: KindTexts {
        policy: "an endpoint detection and response policy",
        description: "Decides who gets an endpoint detection and response (EDR) policy of endpoint security: **all** \
             direct assignments of one policy of the template family \
             `endpointSecurityEndpointDetectionAndResponse`. Microsoft recommends this kind of policy for \
             onboarding new tenants; `defender_atp_assignment` is for the older kind.\n\n\
             The resource is authoritative. A direct assignment that is not in the configuration shows as drift in the \
             plan and is removed by the next apply. Assignments that come from policy sets are shown and never touched. \
             Use only one resource for each policy: two of them would undo each other's work.",
        id_source: "The Intune admin center has it in the address of the policy's page (Endpoint security, Endpoint \
             detection and response), after \"policyId/\". In Graph, GET \
             /beta/deviceManagement/configurationPolicies?$select=id,name lists ids and names.",
        id_description: "The same as `configuration_policy_id`.",
    },
};

impl Kind for EdrKind {
    fn kind() -> &'static PolicyKind {
        &KIND
    }
}

/// The policy must be of the template family.
fn check_kind(id: &str, policy: &Policy) -> Result<(), Diagnostic> {
    if policy.template_family() == Some(TEMPLATE_FAMILY) {
        return Ok(());
    }
    let name = policy.quoted_name();
    let template = policy.template_reference.as_ref();
    let template = template.and_then(|template| template.template_display_name.as_deref());
    let template = template.map(|template| format!(" (template {template:?})")).unwrap_or_default();
    let diagnostic = Diagnostic::error(
        "The policy is not an endpoint detection and response policy",
        format!(
            "Policy {id} ({name}) is of the template family {}{template}. This resource manages policies of the \
             family {TEMPLATE_FAMILY} only.\nNext: use the id of a policy that was made under Endpoint security, \
             Endpoint detection and response. Nothing was sent to this policy.",
            policy.template_family().unwrap_or("none"),
        ),
    );
    Err(diagnostic.at(AttributePath::root(CONFIGURATION_POLICY_ID)))
}
