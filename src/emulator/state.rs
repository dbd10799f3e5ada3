//! The tenant as it is now: policies, groups and filters in one place, with look-ups by id. Knows no HTTP.

use super::model::assignment_filter::{AssignmentFilter, Use};
use super::model::group::Group;
use super::model::policy::Policy;

/// The objects of a tenant. Ids are GUIDs in lower case; look-ups take any case, as the service does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// `deviceManagement/deviceConfigurations`
    pub policies: Vec<Policy>,
    /// `groups`
    pub groups: Vec<Group>,
    /// `deviceManagement/assignmentFilters`
    pub filters: Vec<AssignmentFilter>,
}

impl State {
    /// A policy by id.
    pub fn policy(&self, id: &str) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.id.eq_ignore_ascii_case(id))
    }

    /// A policy by id, to be changed.
    pub fn policy_mut(&mut self, id: &str) -> Option<&mut Policy> {
        self.policies.iter_mut().find(|policy| policy.id.eq_ignore_ascii_case(id))
    }

    /// A group by id.
    pub fn group(&self, id: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.id.eq_ignore_ascii_case(id))
    }

    /// A filter by id.
    pub fn filter(&self, id: &str) -> Option<&AssignmentFilter> {
        self.filters.iter().find(|filter| filter.id.eq_ignore_ascii_case(id))
    }

    /// Takes a policy away, with its assignments. Answers whether it was there.
    pub fn remove_policy(&mut self, id: &str) -> bool {
        remove(&mut self.policies, |policy| &policy.id, id)
    }

    /// Takes a group away. Assignments to it stay, as in the service.
    pub fn remove_group(&mut self, id: &str) -> bool {
        remove(&mut self.groups, |group| &group.id, id)
    }

    /// Takes a filter away, whether or not it is in use.
    pub fn remove_filter(&mut self, id: &str) -> bool {
        remove(&mut self.filters, |filter| &filter.id, id)
    }

    /// Where a filter is used.
    pub fn uses_of(&self, filter_id: &str) -> Vec<Use<'_>> {
        let rows =
            self.policies.iter().flat_map(|policy| policy.assignments.iter().map(move |row| (policy, row)));
        rows.filter(|(_, row)| {
            row.target.filter_id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(filter_id))
        })
        .filter_map(|(policy, row)| {
            let group_id = row.target.group_key()?;
            Some(Use { policy_id: &policy.id, group_id, filter_type: row.target.filter_type.name() })
        })
        .collect()
    }
}

fn remove<T>(objects: &mut Vec<T>, id_of: impl Fn(&T) -> &String, id: &str) -> bool {
    let before = objects.len();
    objects.retain(|object| !id_of(object).eq_ignore_ascii_case(id));
    objects.len() < before
}
