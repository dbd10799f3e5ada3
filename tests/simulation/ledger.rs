//! What has happened to the assignments of a tenant: each change with the hand that made it, and each write that a
//! provider sent. Kept by the emulator's observer, so that nothing escapes it.

use serde_json::Value as Json;

use crate::assignment::{Policy, Set, Target, set_of_rows};

/// Who changed a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    Provider,
    /// An administrator, the portal, another tool.
    Foreign,
    /// The service itself, which stored something else than it was sent.
    Service,
}

/// A change of one policy's direct assignments.
#[derive(Debug, Clone)]
pub struct Event {
    pub policy: Policy,
    pub hand: Hand,
    pub before: Set,
    pub after: Set,
}

/// An `assign` that reached the service, with any result.
#[derive(Debug, Clone)]
pub struct Write {
    pub policy: Policy,
    pub sent: Set,
}

/// All of it, in the order of time.
#[derive(Debug, Default)]
pub struct Ledger {
    events: Vec<Event>,
    writes: Vec<Write>,
    /// The set before the write that is being served.
    open: Option<(Policy, Set)>,
}

/// A place in a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    events: usize,
    writes: usize,
}

impl Mark {
    /// How many events lie between an earlier mark and this one.
    pub fn events_after(self, earlier: Self) -> usize {
        self.events - earlier.events
    }
}

impl Ledger {
    pub fn mark(&self) -> Mark {
        Mark { events: self.events.len(), writes: self.writes.len() }
    }

    pub fn events_since(&self, mark: Mark) -> &[Event] {
        &self.events[mark.events..]
    }

    pub fn writes_since(&self, mark: Mark) -> &[Write] {
        &self.writes[mark.writes..]
    }

    pub fn foreign(&mut self, policy: Policy, before: Set, after: Set) {
        self.note(policy, Hand::Foreign, before, after);
    }

    pub fn write_begins(&mut self, policy: Policy, before: Set) {
        self.open = Some((policy, before));
    }

    /// Notes a write and what it has changed. Gives what was sent.
    pub fn write_ends(&mut self, policy: Policy, body: &[u8], after: Set) -> Set {
        let before = match self.open.take() {
            Some((opened, before)) if opened == policy => before,
            _ => after.clone(),
        };
        let sent = sent(body);
        let took_effect = after == sent || after != before;
        // What was sent and is not there, or is there and was not sent, is the service's own doing.
        let intended = if took_effect { &sent } else { &after };
        self.note(policy, Hand::Provider, before, intended.clone());
        self.note(policy, Hand::Service, intended.clone(), after);
        self.writes.push(Write { policy, sent: sent.clone() });
        sent
    }

    fn note(&mut self, policy: Policy, hand: Hand, before: Set, after: Set) {
        if before != after {
            self.events.push(Event { policy, hand, before, after });
        }
    }
}

/// The hand that touched a target last, and whether it is there since.
pub fn last_change(events: &[Event], policy: Policy, target: Target) -> Option<(Hand, bool)> {
    let is_about_it = |event: &&Event| {
        event.policy == policy && event.before.contains(&target) != event.after.contains(&target)
    };
    let event = events.iter().rev().find(is_about_it)?;
    Some((event.hand, event.after.contains(&target)))
}

fn sent(body: &[u8]) -> Set {
    let body: Json = serde_json::from_slice(body).unwrap_or_default();
    set_of_rows(body["assignments"].as_array().into_iter().flatten())
}
