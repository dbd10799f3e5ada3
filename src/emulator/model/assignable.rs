//! What the policies of all collections have in common: an id and assignments.

use super::assignment::StoredAssignment;

/// A policy that can be assigned.
pub trait AssignablePolicy {
    /// A GUID in lower case.
    fn id(&self) -> &str;

    /// All assignments, including those of policy sets.
    fn assignments(&self) -> &Vec<StoredAssignment>;

    /// All assignments, to be changed.
    fn assignments_mut(&mut self) -> &mut Vec<StoredAssignment>;

    /// Whether filters for other platforms than Windows do not fit.
    fn is_for_windows(&self) -> bool;

    /// Whether groups of the directory cannot be targets.
    fn refuses_groups(&self) -> bool;

    /// Updates what shows that the policy was changed, without another change.
    fn touch(&mut self, now: &str);
}
