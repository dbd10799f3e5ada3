//! What one session has read, planned and applied of each policy, by the policy's id without regard to case. The
//! records distinguish a tainted object from a second resource, and a leg of a replacement from an operation of its own.
//! Sends nothing.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::terraform::value::Value;

/// The most memory that the sets of all refreshes may take: some 1,200 policies with ten assignments each.
const MOST_READ_BYTES: usize = 8 * 1024 * 1024;

/// About what a value takes beyond its text.
const VALUE_BYTES: usize = 96;

/// The records of one session.
#[derive(Debug, Default)]
pub(super) struct PolicyRecords {
    records: Mutex<HashMap<String, Record>>,
    read_bytes: AtomicUsize,
    is_applying: AtomicBool,
    /// The policy that was emptied last for one whose id was not known when it was planned.
    emptied_for_unknown: Mutex<Option<String>>,
}

#[derive(Debug, Default)]
struct Record {
    /// The assignments that a refresh last showed; an object of the state has the policy. Null if there was no room.
    read: Option<Value>,
    planned: Vec<PlannedUse>,
    create: CreateStatus,
    last_set: Option<BTreeSet<String>>,
    /// The old object of a replacement, from its delete leg to its create leg.
    handed_over: Option<Value>,
    /// The write of this session that the other leg of a replacement has made.
    other_leg: Option<OtherLeg>,
}

/// What the other leg of a replacement has done to its policy, by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OtherLeg {
    /// The old policy lost its assignments.
    Emptied(String),
    /// The new policy was assigned.
    Assigned(String),
}

/// What a plan does with a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PlannedUse {
    /// A resource starts to manage it.
    Create,
    /// A resource goes on managing it, changed or not.
    Keep,
    /// A resource gives it up: it is destroyed, or goes to another policy.
    GiveUp {
        /// With `skip_destroy`, the assignments stay.
        stays_assigned: bool,
    },
}

/// Why two uses of a policy in one plan do not go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Conflict {
    /// It is created at one address and held at another.
    HeldElsewhere,
    /// It is given up at one address and kept at another.
    KeptElsewhere,
    /// It is created at two addresses.
    CreatedTwice,
}

/// How far this session's create of a policy has come. An update counts as a create that has succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum CreateStatus {
    /// None has begun.
    #[default]
    None,
    /// It has begun and written nothing so far.
    Begun,
    /// It has failed, and may have written.
    MayHaveWritten,
    /// It has succeeded, even if no request was needed.
    Succeeded,
}

impl PolicyRecords {
    /// Notes what a refresh shows. True from the second refresh of the policy on.
    pub(super) fn note_read(&self, id: &str, assignments: Value) -> bool {
        self.with(id, |record| {
            let freed = record.read.as_ref().map_or(0, weight);
            let assignments =
                if self.has_room(freed, weight(&assignments)) { assignments } else { Value::Null };
            record.read.replace(assignments).is_some()
        })
    }

    /// Whether so many bytes can be kept in place of others. Without room the old ones are free all the same.
    fn has_room(&self, freed: usize, wanted: usize) -> bool {
        let kept = self.read_bytes.load(Ordering::Relaxed).saturating_sub(freed);
        let has_room = kept.saturating_add(wanted) <= MOST_READ_BYTES;
        self.read_bytes.store(if has_room { kept + wanted } else { kept }, Ordering::Relaxed);
        has_room
    }

    /// The assignments that a refresh last showed, if an object of the state has the policy.
    pub(super) fn read(&self, id: &str) -> Option<Value> {
        self.with(id, |record| record.read.clone())
    }

    /// Notes a use that a plan makes of the policy, and compares it with those that were planned before.
    pub(super) fn note_planned(&self, id: &str, planned: PlannedUse) -> Option<Conflict> {
        self.with(id, |record| {
            let conflict = conflict(planned, record);
            record.planned.push(planned);
            conflict
        })
    }

    /// Notes that a plan is being applied. Every plan in this session is then one that Terraform repeats.
    pub(super) fn note_apply(&self) {
        self.is_applying.store(true, Ordering::Relaxed);
    }

    /// Whether a plan is being applied.
    pub(super) fn is_applying(&self) -> bool {
        self.is_applying.load(Ordering::Relaxed)
    }

    /// Notes how far a create or update of the policy has come. It never goes back.
    pub(super) fn note_create(&self, id: &str, status: CreateStatus) {
        self.with(id, |record| record.create = record.create.max(status));
    }

    /// How far a create or update of the policy has come.
    pub(super) fn create_status(&self, id: &str) -> CreateStatus {
        self.with(id, |record| record.create)
    }

    /// Notes what the policy was last seen to have after a write, in a form that can be compared.
    pub(super) fn note_set(&self, id: &str, set: BTreeSet<String>) {
        self.with(id, |record| record.last_set = Some(set));
    }

    /// What the policy had after this session's last write, if there was one.
    pub(super) fn last_set(&self, id: &str) -> Option<BTreeSet<String>> {
        self.with(id, |record| record.last_set.clone())
    }

    /// Whether a write of this policy was begun here, so that lists may lag behind it.
    pub(super) fn may_have_written(&self, id: &str) -> bool {
        self.with(id, |record| record.create != CreateStatus::None || record.last_set.is_some())
    }

    /// The delete leg of a replacement by the same policy leaves the old object to the create leg.
    pub(super) fn hand_over(&self, id: &str, state: Value) {
        self.with(id, |record| record.handed_over = Some(state));
    }

    /// What the delete leg has left, once.
    pub(super) fn take_handed_over(&self, id: &str) -> Option<Value> {
        self.with(id, |record| record.handed_over.take())
    }

    /// Records what the other leg of a replacement has done, for the messages about this policy.
    pub(super) fn record_other_leg(&self, id: &str, done: OtherLeg) {
        self.with(id, |record| record.other_leg = Some(done));
    }

    /// Whether this session has written any policy.
    pub(super) fn has_written(&self) -> bool {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records
            .values()
            .any(|record| record.last_set.is_some() || record.create >= CreateStatus::MayHaveWritten)
    }

    /// Records that a policy was emptied for one whose id was not known when it was planned.
    pub(super) fn record_emptied_for_unknown(&self, emptied: &str) {
        let mut last = self.emptied_for_unknown.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Some(emptied.to_owned());
    }

    /// What the other leg of a replacement has done.
    pub(super) fn other_leg(&self, id: &str) -> Option<OtherLeg> {
        let known = self.with(id, |record| record.other_leg.clone());
        let unknown = || self.emptied_for_unknown.lock().unwrap_or_else(PoisonError::into_inner).clone();
        known.or_else(|| unknown().map(OtherLeg::Emptied))
    }

    fn with<T>(&self, id: &str, act: impl FnOnce(&mut Record) -> T) -> T {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        act(records.entry(id.to_ascii_lowercase()).or_default())
    }
}

/// About how much memory a value takes, in bytes.
fn weight(value: &Value) -> usize {
    VALUE_BYTES
        + match value {
            Value::Null => return 0,
            Value::String(text) => text.len(),
            Value::List(elements) | Value::Tuple(elements) => elements.iter().map(weight).sum(),
            Value::Set(elements) => elements.iter().map(weight).sum(),
            Value::Map(entries) => entries.iter().map(|(name, value)| name.len() + weight(value)).sum(),
            Value::Object(attributes) => attributes.values().map(|value| VALUE_BYTES + weight(value)).sum(),
            Value::Unknown(_) | Value::Bool(_) | Value::Number(_) | Value::Dynamic(_) => 0,
        }
}

fn conflict(planned: PlannedUse, record: &Record) -> Option<Conflict> {
    let before = |is: fn(&PlannedUse) -> bool| record.planned.iter().any(is);
    let is_create = |other: &PlannedUse| *other == PlannedUse::Create;
    let empties = |other: &PlannedUse| *other == PlannedUse::GiveUp { stays_assigned: false };
    let conflict = match planned {
        PlannedUse::Create if before(|other| *other != PlannedUse::Create) => Conflict::HeldElsewhere,
        // One of the two may be a tainted object; the other is not.
        PlannedUse::Create if before(is_create) && record.read.is_some() => Conflict::HeldElsewhere,
        PlannedUse::Create if before(is_create) => Conflict::CreatedTwice,
        PlannedUse::Keep | PlannedUse::GiveUp { .. } if before(is_create) => Conflict::HeldElsewhere,
        PlannedUse::Keep if before(empties) => Conflict::KeptElsewhere,
        PlannedUse::GiveUp { stays_assigned: false } if before(|other| *other == PlannedUse::Keep) => {
            Conflict::KeptElsewhere
        }
        _ => return None,
    };
    Some(conflict)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREATE: PlannedUse = PlannedUse::Create;
    const KEEP: PlannedUse = PlannedUse::Keep;
    const GIVE_UP: PlannedUse = PlannedUse::GiveUp { stays_assigned: false };
    const FORGET: PlannedUse = PlannedUse::GiveUp { stays_assigned: true };

    fn second_of(first: PlannedUse, second: PlannedUse, was_read: bool) -> Option<Conflict> {
        let records = PolicyRecords::default();
        if was_read {
            records.note_read("AA", Value::set([]));
        }
        assert_eq!(records.note_planned("aa", first), None, "one use never conflicts");
        records.note_planned("AA", second)
    }

    #[test]
    fn the_second_of_two_uses_that_do_not_go_together_conflicts_in_either_order() {
        for (one, other, conflict) in [
            (CREATE, GIVE_UP, Some(Conflict::HeldElsewhere)),
            (CREATE, FORGET, Some(Conflict::HeldElsewhere)),
            (CREATE, KEEP, Some(Conflict::HeldElsewhere)),
            (KEEP, GIVE_UP, Some(Conflict::KeptElsewhere)),
            (KEEP, FORGET, None),
            (KEEP, KEEP, None),
            (GIVE_UP, GIVE_UP, None),
        ] {
            assert_eq!(second_of(one, other, true), conflict, "{one:?} {other:?}");
            assert_eq!(second_of(other, one, true), conflict, "{other:?} {one:?}");
        }
        assert_eq!(second_of(CREATE, CREATE, true), Some(Conflict::HeldElsewhere));
        assert_eq!(second_of(CREATE, CREATE, false), Some(Conflict::CreatedTwice));
    }

    #[test]
    fn sets_of_refreshes_are_kept_as_long_as_there_is_room() {
        let records = PolicyRecords::default();
        let large = Value::set([Value::string("x".repeat(MOST_READ_BYTES / 2))]);
        let small = Value::set([Value::string("x")]);
        assert!(!records.note_read("aa", large.clone()));
        assert!(!records.note_read("bb", large.clone()));
        assert_eq!(records.read("aa"), Some(large.clone()));
        assert_eq!(records.read("bb"), Some(Value::Null), "there was no room, and it was read all the same");
        assert!(records.note_read("aa", small));
        assert!(records.note_read("bb", large.clone()));
        assert_eq!(records.read("bb"), Some(large));
    }

    #[test]
    fn what_is_handed_over_is_taken_once() {
        let records = PolicyRecords::default();
        records.hand_over("aa", Value::set([]));
        assert_eq!(records.take_handed_over("AA"), Some(Value::set([])));
        assert_eq!(records.take_handed_over("aa"), None);
    }

    #[test]
    fn the_status_of_a_create_never_goes_back() {
        let records = PolicyRecords::default();
        records.note_create("aa", CreateStatus::Succeeded);
        records.note_create("AA", CreateStatus::Begun);
        assert_eq!(records.create_status("aa"), CreateStatus::Succeeded);
    }
}
