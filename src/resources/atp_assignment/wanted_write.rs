//! A write that is wanted. [`super::write`] decides whether it may go out.

use std::collections::BTreeSet;

use super::from_graph;
use super::guard::MayReplace;
use super::model::{Assignment, Operation};
use super::policy::Policy;

/// A write that is wanted.
#[derive(Clone, Copy)]
pub(super) struct Write<'a> {
    pub(super) policy: Policy<'a>,
    /// What the policy is to have.
    pub(super) wanted: &'a [Assignment],
    /// What it may have now.
    pub(super) may_replace: MayReplace<'a>,
    pub(super) operation: Operation,
}

impl Write<'_> {
    /// The set in a form that can be compared.
    pub(super) fn wanted_set(self) -> BTreeSet<Assignment> {
        from_graph::canonical(self.wanted)
    }
}
