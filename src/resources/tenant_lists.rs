//! The lists of the tenant that the data sources of one session share.

use crate::graph::types::{AssignmentFilter, AtpConfiguration, EdrPolicy, Group};

use super::shared_list::SharedList;

/// The shared lists of one session.
#[derive(Debug, Default)]
pub(crate) struct TenantLists {
    /// All groups of a small directory; empty for a large directory.
    pub(crate) groups: SharedList<Group>,
    /// All assignment filters.
    pub(crate) filters: SharedList<AssignmentFilter>,
    /// All Defender for Endpoint onboarding policies.
    pub(crate) atp_configurations: SharedList<AtpConfiguration>,
    /// All policies for endpoint detection and response.
    pub(crate) edr_policies: SharedList<EdrPolicy>,
}
