//! `defender_edr_policies`: all endpoint detection and response policies.

use crate::resources::assignments::kind::{Kind, PolicyKind};
use crate::resources::edr_assignment::EdrKind;

use super::edr_policy::EdrLookup;
use super::policies::{PoliciesDataSource, PolicyListing};

/// The data source.
pub type EdrPoliciesDataSource = PoliciesDataSource<EdrPolicies>;

/// How the endpoint security policies that onboard devices are listed.
#[derive(Debug)]
pub struct EdrPolicies;

impl PolicyListing for EdrPolicies {
    type Lookup = EdrLookup;
    const KIND: &'static PolicyKind = EdrKind::KIND;
    const TYPE_NAME: &'static str = "defender_edr_policies";
    const LIST_ATTRIBUTE: &'static str = "policies";
    const OBJECTS: &'static str = "EDR policies";
    const DESCRIPTION: &'static str = "Lists the endpoint detection and response (EDR) policies of endpoint security, which are \
         the policies of the template family `endpointSecurityEndpointDetectionAndResponse`. Shows how many assignments \
         each policy has.\n\nLeast permission: `DeviceManagementConfiguration.Read.All`.";
}
