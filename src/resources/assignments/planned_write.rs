//! A planned write. [`super::write`] sends the write if the guard allows it.

use std::collections::BTreeSet;

use super::from_graph;
use super::guard::MayReplace;
use super::model::Assignment;
use super::policy::Policy;
use crate::resources::timeouts::Operation;

/// One planned write to a policy.
#[derive(Clone, Copy)]
pub(super) struct PlannedWrite<'a> {
    pub(super) policy: Policy<'a>,
    /// The direct assignments that the policy will have after the write.
    pub(super) planned: &'a [Assignment],
    /// The live assignments that the write may replace.
    pub(super) may_replace: MayReplace<'a>,
    pub(super) operation: Operation,
}

impl PlannedWrite<'_> {
    /// The planned assignments in canonical form.
    pub(super) fn planned_set(self) -> BTreeSet<Assignment> {
        from_graph::canonical(self.planned)
    }
}
