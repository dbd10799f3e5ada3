//! `defender_edr_assignment`: all direct assignments of one endpoint detection and response policy, an endpoint
//! security policy of the settings catalog. This folder only describes the kind of policy; [`super::assignments`]
//! implements the operations.

use crate::graph::PolicyCollection;
use crate::graph::types::Policy;

use super::assignments::AssignmentResource;
use super::assignments::kind::{Kind, KindTexts, PolicyKind, WrongType, description};

/// Endpoint security policies that onboard devices to Defender for Endpoint.
#[derive(Debug)]
pub struct EdrKind;

/// The resource type.
pub type EdrAssignment = AssignmentResource<EdrKind>;

/// The family of the templates that the policies are made from.
const TEMPLATE_FAMILY: &str = "endpointSecurityEndpointDetectionAndResponse";

impl Kind for EdrKind {
    const KIND: &'static PolicyKind = &PolicyKind {
        resource_type: "defender_edr_assignment",
        id_attribute: "configuration_policy_id",
        collection: PolicyCollection::ConfigurationPolicies,
        // A list with `$expand=assignments` returns the assignments empty or truncated, so the list cannot be used.
        in_list: None,
        may_refuse_groups: true,
        ineffective_targets: &[],
        find_wrong_type,
        texts: KindTexts {
            policy: "an endpoint detection and response policy",
            description: description!(
                "Decides who gets an endpoint detection and response (EDR) policy of endpoint security: **all** direct \
                 assignments of one policy of the template family `endpointSecurityEndpointDetectionAndResponse`. \
                 Microsoft recommends this kind of policy for onboarding new tenants; `defender_atp_assignment` is for \
                 the older kind."
            ),
            id_source: "The Intune admin center shows it in the address of the policy's page (Endpoint security, \
                        Endpoint detection and response), after \"policyId/\". In Graph, GET \
                        /beta/deviceManagement/configurationPolicies?$select=id,name lists ids and names.",
            id_description: "The same as `configuration_policy_id`.",
        },
    };
}

/// Checks that a policy belongs to the template family [`TEMPLATE_FAMILY`].
fn find_wrong_type(policy: &Policy) -> Option<WrongType> {
    let family = policy.template_family().unwrap_or("none");
    let template = policy.template_reference.as_ref();
    let template = template.and_then(|template| template.template_display_name.as_deref());
    let template = template.map(|template| format!(" (template {template:?})")).unwrap_or_default();
    (family != TEMPLATE_FAMILY).then(|| WrongType {
        summary: "The policy is not an endpoint detection and response policy",
        actual: format!("the template family {family}{template}"),
        expected: "family endpointSecurityEndpointDetectionAndResponse",
        how_to_create: "under Endpoint security, Endpoint detection and response",
    })
}
