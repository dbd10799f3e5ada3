//! A planned write. [`super::write`] sends it if the guard allows it.

use std::collections::BTreeSet;

use super::from_graph;
use super::guard::MayReplace;
use super::model::Assignment;
use super::policy::Policy;
use crate::resources::timeouts::Operation;

/// A planned write.
#[derive(Clone, Copy)]
pub(super) struct PlannedWrite<'a> {
    pub(super) policy: Policy<'a>,
    /// The assignments that the policy will have.
    pub(super) planned: &'a [Assignment],
    /// The assignments that it may have now.
    pub(super) may_replace: MayReplace<'a>,
    pub(super) operation: Operation,
}

impl PlannedWrite<'_> {
    /// The planned assignments in canonical form.
    pub(super) fn planned_set(self) -> BTreeSet<Assignment> {
        from_graph::canonical(self.planned)
    }
}
