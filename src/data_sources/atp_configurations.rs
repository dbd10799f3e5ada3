//! `defender_atp_configurations`: all Defender for Endpoint onboarding policies.

use crate::resources::assignments::kind::{Kind, PolicyKind};
use crate::resources::atp_assignment::AtpKind;

use super::atp_configuration::AtpLookup;
use super::policies::{PoliciesDataSource, PolicyListing};

/// The data source.
pub type AtpConfigurationsDataSource = PoliciesDataSource<AtpConfigurations>;

/// How the device configurations that onboard devices are listed.
#[derive(Debug)]
pub struct AtpConfigurations;

impl PolicyListing for AtpConfigurations {
    type Lookup = AtpLookup;
    const KIND: &'static PolicyKind = AtpKind::KIND;
    const TYPE_NAME: &'static str = "defender_atp_configurations";
    const LIST_ATTRIBUTE: &'static str = "configurations";
    const OBJECTS: &'static str = "onboarding policies";
    const DESCRIPTION: &'static str = "Lists the Defender for Endpoint onboarding policies of the tenant, and how many \
         assignments each has: Intune device configurations of the type \
         `windowsDefenderAdvancedThreatProtectionConfiguration`.\n\nLeast permission: \
         `DeviceManagementConfiguration.Read.All`.";
}
