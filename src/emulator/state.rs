//! The current tenant: policies, groups and filters, with lookups by id. Knows no HTTP.

use super::model::assignment_filter::{FilterUse, StoredFilter};
use super::model::group::StoredGroup;
use super::model::policy::StoredPolicy;
use super::model::role_scope_tag::StoredScopeTag;

/// The objects of a tenant. Ids are GUIDs in lower case; lookups ignore case, as in the service.
#[derive(Clone, Debug, PartialEq)]
pub struct TenantState {
    /// `deviceManagement/deviceConfigurations`
    pub policies: Vec<StoredPolicy>,
    /// `groups`
    pub groups: Vec<StoredGroup>,
    /// `deviceManagement/assignmentFilters`
    pub filters: Vec<StoredFilter>,
    /// `deviceManagement/roleScopeTags`
    pub scope_tags: Vec<StoredScopeTag>,
}

impl Default for TenantState {
    /// A tenant with nothing but what every tenant has.
    fn default() -> Self {
        Self {
            policies: Vec::new(),
            groups: Vec::new(),
            filters: Vec::new(),
            scope_tags: vec![StoredScopeTag::default_tag()],
        }
    }
}

impl TenantState {
    /// A policy by id.
    pub fn policy(&self, id: &str) -> Option<&StoredPolicy> {
        self.policies.iter().find(|policy| policy.id.eq_ignore_ascii_case(id))
    }

    /// A policy by id, to be changed.
    pub fn policy_mut(&mut self, id: &str) -> Option<&mut StoredPolicy> {
        self.policies.iter_mut().find(|policy| policy.id.eq_ignore_ascii_case(id))
    }

    /// A group by id.
    pub fn group(&self, id: &str) -> Option<&StoredGroup> {
        self.groups.iter().find(|group| group.id.eq_ignore_ascii_case(id))
    }

    /// A filter by id.
    pub fn filter(&self, id: &str) -> Option<&StoredFilter> {
        self.filters.iter().find(|filter| filter.id.eq_ignore_ascii_case(id))
    }

    /// Removes a policy with its assignments. Returns whether it existed.
    pub fn remove_policy(&mut self, id: &str) -> bool {
        remove(&mut self.policies, |policy| &policy.id, id)
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
            self.policies.iter().flat_map(|policy| policy.assignments.iter().map(move |row| (policy, row)));
        rows.filter(|(_, row)| {
            row.target.filter_id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(filter_id))
        })
        .filter_map(|(policy, row)| {
            let group_id = row.target.group_key()?;
            Some(FilterUse { policy_id: &policy.id, group_id, filter_type: row.target.filter_type.name() })
        })
        .collect()
    }
}

fn remove<T>(objects: &mut Vec<T>, id_of: impl Fn(&T) -> &String, id: &str) -> bool {
    let before = objects.len();
    objects.retain(|object| !id_of(object).eq_ignore_ascii_case(id));
    objects.len() < before
}
