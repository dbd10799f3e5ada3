//! Policies that calls do not see for a while: those that a rule hides, and new ones that become visible late.

use crate::emulator::model::assignable::AssignablePolicy;
use crate::emulator::model::configuration_policy::StoredConfigurationPolicy;
use crate::emulator::model::policy::StoredPolicy;
use crate::emulator::model::policy_collection::PolicyCollection;
use crate::emulator::state::TenantState;

/// A policy: its collection, and its id in lower case.
pub type PolicyKey = (PolicyCollection, String);

/// The hidden policies.
#[derive(Debug, Default)]
pub struct HiddenPolicies(Vec<HiddenPolicy>);

#[derive(Debug)]
struct HiddenPolicy {
    policy: PolicyKey,
    /// How many calls do not see it.
    calls: u64,
    /// Whether lists lack it, too.
    in_lists: bool,
}

/// Policies that were taken out of the state while a list is answered.
#[derive(Debug, Default)]
pub struct PoliciesSetAside {
    device_configurations: Vec<StoredPolicy>,
    configuration_policies: Vec<StoredConfigurationPolicy>,
}

impl HiddenPolicies {
    /// Whether all policies are visible.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Hides a policy from this many calls.
    pub fn hide(&mut self, policy: PolicyKey, calls: u64, in_lists: bool) {
        if calls > 0 {
            self.0.push(HiddenPolicy { policy, calls, in_lists });
        }
    }

    /// Whether a call to a policy does not see it. Counts the call.
    pub fn count_call(&mut self, policy: &PolicyKey) -> bool {
        let found = self.0.iter_mut().find(|hidden| hidden.policy == *policy);
        let Some(hidden) = found else { return false };
        hidden.calls = hidden.calls.saturating_sub(1);
        self.0.retain(|hidden| hidden.calls > 0);
        true
    }

    /// Takes the policies out of the state that a list of the collection lacks. Counts the list.
    pub fn take_from_list(
        &mut self,
        collection: PolicyCollection,
        state: &mut TenantState,
    ) -> PoliciesSetAside {
        let mut ids = Vec::new();
        for hidden in self.0.iter_mut().filter(|hidden| hidden.in_lists && hidden.policy.0 == collection) {
            hidden.calls = hidden.calls.saturating_sub(1);
            ids.push(hidden.policy.1.clone());
        }
        self.0.retain(|hidden| hidden.calls > 0);
        PoliciesSetAside::take(collection, &ids, state)
    }
}

impl PoliciesSetAside {
    /// Puts the policies back. Their place does not matter: lists have an order of their own.
    pub fn restore(self, state: &mut TenantState) {
        state.device_configurations.extend(self.device_configurations);
        state.configuration_policies.extend(self.configuration_policies);
    }

    fn take(collection: PolicyCollection, ids: &[String], state: &mut TenantState) -> Self {
        let mut aside = Self::default();
        match collection {
            PolicyCollection::DeviceConfigurations => {
                aside.device_configurations = extract(&mut state.device_configurations, ids);
            }
            PolicyCollection::ConfigurationPolicies => {
                aside.configuration_policies = extract(&mut state.configuration_policies, ids);
            }
        }
        aside
    }
}

fn extract<P: AssignablePolicy>(policies: &mut Vec<P>, ids: &[String]) -> Vec<P> {
    policies.extract_if(.., |policy| ids.iter().any(|id| id.eq_ignore_ascii_case(policy.id()))).collect()
}
