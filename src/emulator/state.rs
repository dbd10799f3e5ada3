//! The current tenant: policies, groups and filters with lookups by id, and figures about devices. Knows no HTTP.

use super::model::assignable::AssignablePolicy;
use super::model::assignment_filter::{FilterUse, StoredFilter};
use super::model::configuration_policy::StoredConfigurationPolicy;
use super::model::conflict_summary::StoredConflictSummary;
use super::model::group::StoredGroup;
use super::model::onboarding_summary::OnboardingSummary;
use super::model::policy::StoredPolicy;
use super::model::policy_collection::PolicyCollection;
use super::model::role_scope_tag::StoredScopeTag;
use super::model::threat_defense_connector::StoredConnector;

/// The objects of a tenant. Ids are GUIDs in lower case; lookups ignore case, as in the service.
#[derive(Clone, Debug, PartialEq)]
pub struct TenantState {
    /// `deviceManagement/deviceConfigurations`
    pub device_configurations: Vec<StoredPolicy>,
    /// `deviceManagement/configurationPolicies`
    pub configuration_policies: Vec<StoredConfigurationPolicy>,
    /// `groups`
    pub groups: Vec<StoredGroup>,
    /// `deviceManagement/assignmentFilters`
    pub filters: Vec<StoredFilter>,
    /// `deviceManagement/roleScopeTags`
    pub scope_tags: Vec<StoredScopeTag>,
    /// `deviceManagement/advancedThreatProtectionOnboardingStateSummary`
    pub onboarding_summary: OnboardingSummary,
    /// `deviceManagement/deviceConfigurationConflictSummary`
    pub conflict_summaries: Vec<StoredConflictSummary>,
    /// `deviceManagement/mobileThreatDefenseConnectors`
    pub threat_defense_connectors: Vec<StoredConnector>,
}

impl Default for TenantState {
    /// A tenant with nothing but what every tenant has.
    fn default() -> Self {
        Self {
            device_configurations: Vec::new(),
            configuration_policies: Vec::new(),
            groups: Vec::new(),
            filters: Vec::new(),
            scope_tags: vec![StoredScopeTag::default_tag()],
            onboarding_summary: OnboardingSummary::default(),
            conflict_summaries: Vec::new(),
            threat_defense_connectors: Vec::new(),
        }
    }
}

impl TenantState {
    /// All policies of all collections.
    pub fn policies(&self) -> impl Iterator<Item = (PolicyCollection, &dyn AssignablePolicy)> {
        PolicyCollection::ALL
            .into_iter()
            .flat_map(|collection| self.policies_of(collection).map(move |policy| (collection, policy)))
    }

    /// All policies of a collection.
    pub fn policies_of(
        &self,
        collection: PolicyCollection,
    ) -> Box<dyn Iterator<Item = &dyn AssignablePolicy> + '_> {
        fn any<P: AssignablePolicy>(policy: &P) -> &dyn AssignablePolicy {
            policy
        }
        match collection {
            PolicyCollection::DeviceConfigurations => Box::new(self.device_configurations.iter().map(any)),
            PolicyCollection::ConfigurationPolicies => Box::new(self.configuration_policies.iter().map(any)),
        }
    }

    /// A policy by id.
    pub fn policy(&self, collection: PolicyCollection, id: &str) -> Option<&dyn AssignablePolicy> {
        self.policies_of(collection).find(|policy| policy.id().eq_ignore_ascii_case(id))
    }

    /// A policy by id, to be changed.
    pub fn policy_mut(
        &mut self,
        collection: PolicyCollection,
        id: &str,
    ) -> Option<&mut dyn AssignablePolicy> {
        match collection {
            PolicyCollection::DeviceConfigurations => {
                self.device_configuration_mut(id).map(|policy| policy as &mut dyn AssignablePolicy)
            }
            PolicyCollection::ConfigurationPolicies => {
                self.configuration_policy_mut(id).map(|policy| policy as &mut dyn AssignablePolicy)
            }
        }
    }

    /// A device configuration by id.
    pub fn device_configuration(&self, id: &str) -> Option<&StoredPolicy> {
        self.device_configurations.iter().find(|policy| policy.id().eq_ignore_ascii_case(id))
    }

    /// A device configuration by id, to be changed.
    pub fn device_configuration_mut(&mut self, id: &str) -> Option<&mut StoredPolicy> {
        self.device_configurations.iter_mut().find(|policy| policy.id().eq_ignore_ascii_case(id))
    }

    /// A policy of the settings catalog by id.
    pub fn configuration_policy(&self, id: &str) -> Option<&StoredConfigurationPolicy> {
        self.configuration_policies.iter().find(|policy| policy.id().eq_ignore_ascii_case(id))
    }

    /// A policy of the settings catalog by id, to be changed.
    pub fn configuration_policy_mut(&mut self, id: &str) -> Option<&mut StoredConfigurationPolicy> {
        self.configuration_policies.iter_mut().find(|policy| policy.id().eq_ignore_ascii_case(id))
    }

    /// A group by id.
    pub fn group(&self, id: &str) -> Option<&StoredGroup> {
        self.groups.iter().find(|group| group.id.eq_ignore_ascii_case(id))
    }

    /// A group by id, to be changed.
    pub fn group_mut(&mut self, id: &str) -> Option<&mut StoredGroup> {
        self.groups.iter_mut().find(|group| group.id.eq_ignore_ascii_case(id))
    }

    /// A filter by id.
    pub fn filter(&self, id: &str) -> Option<&StoredFilter> {
        self.filters.iter().find(|filter| filter.id.eq_ignore_ascii_case(id))
    }

    /// Whether Intune and Defender for Endpoint are connected.
    pub fn is_connected_to_defender(&self) -> bool {
        self.threat_defense_connectors.iter().any(StoredConnector::is_enabled_for_defender)
    }

    /// Removes a policy with its assignments. Returns whether it existed.
    pub fn remove_policy(&mut self, collection: PolicyCollection, id: &str) -> bool {
        match collection {
            PolicyCollection::DeviceConfigurations => {
                remove(&mut self.device_configurations, |policy| policy.id(), id)
            }
            PolicyCollection::ConfigurationPolicies => {
                remove(&mut self.configuration_policies, |policy| policy.id(), id)
            }
        }
    }

    /// Removes a group. Assignments to it stay, as in the service.
    pub fn remove_group(&mut self, id: &str) -> bool {
        remove(&mut self.groups, |group| &group.id, id)
    }

    /// Removes a filter, even if it is in use.
    pub fn remove_filter(&mut self, id: &str) -> bool {
        remove(&mut self.filters, |filter| &filter.id, id)
    }

    /// Finds the uses of a filter.
    pub fn uses_of(&self, filter_id: &str) -> Vec<FilterUse<'_>> {
        let rows =
            self.policies().flat_map(|(_, policy)| policy.assignments().iter().map(move |row| (policy, row)));
        rows.filter(|(_, row)| {
            row.target.filter_id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(filter_id))
        })
        .filter_map(|(policy, row)| {
            let group_id = row.target.group_key()?;
            Some(FilterUse { policy_id: policy.id(), group_id, filter_type: row.target.filter_type.name() })
        })
        .collect()
    }
}

fn remove<T>(objects: &mut Vec<T>, id_of: impl Fn(&T) -> &str, id: &str) -> bool {
    let before = objects.len();
    objects.retain(|object| !id_of(object).eq_ignore_ascii_case(id));
    objects.len() < before
}
