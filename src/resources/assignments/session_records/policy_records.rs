//! Records what one session has read, planned and written for each policy of a collection. The records distinguish a
//! tainted object from a second resource for the same policy, and the delete and create of a replacement from
//! independent operations. Sends nothing.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::graph::PolicyId;
use crate::terraform::value::Value;

/// The memory limit for refreshed assignments of a collection, enough for some 1,200 policies with ten assignments
/// each.
const MAX_READ_BYTES: usize = 8 * 1024 * 1024;

/// The approximate size of a value without its text.
const VALUE_BYTES: usize = 96;

/// The records of one session for one collection.
#[derive(Debug, Default)]
pub(crate) struct PolicyRecords {
    records: Mutex<HashMap<PolicyId, Record>>,
    read_bytes: AtomicUsize,
    /// The last policy whose assignments were removed by a replacement whose new policy id was unknown in the plan.
    emptied_for_unknown_policy: Mutex<Option<String>>,
}

#[derive(Debug, Default)]
struct Record {
    /// The assignments of the last refresh. `None` if no object in the state manages the policy. Null if the memory
    /// limit was reached.
    read: Option<Value>,
    /// The policy's name, if it was read.
    name: Option<String>,
    planned: Vec<PlannedUse>,
    create: CreateStatus,
    last_written_set: Option<BTreeSet<String>>,
    /// The old object of a replacement for the same policy, from its delete until its create.
    replaced_object: Option<Value>,
    /// What the other half of a replacement has written.
    other_half: Option<OtherHalf>,
}

/// What the other half of a replacement has written, with the id of its policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OtherHalf {
    /// All assignments of the old policy were removed.
    Emptied(String),
    /// The new policy was assigned.
    Assigned(String),
}

/// What a plan does with a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlannedUse {
    /// A new object will manage it.
    Create,
    /// The object that manages it stays, with or without changes.
    Keep,
    /// The object that manages it is destroyed or moves to another policy.
    Release {
        /// Whether `skip_destroy` keeps the assignments.
        stays_assigned: bool,
    },
}

/// Why two planned uses of a policy conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conflict {
    /// One address creates it and another manages it.
    CreatedAndManaged,
    /// One address releases it and another keeps it.
    ReleasedAndKept,
    /// Two addresses create it.
    CreatedTwice,
}

/// The progress of this session's create for a policy. A successful update counts as a successful create.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum CreateStatus {
    /// No create has started.
    #[default]
    None,
    /// A create has started and has written nothing.
    Started,
    /// A create has failed and may have written.
    MayHaveWritten,
    /// A create has succeeded, with or without a request.
    Succeeded,
}

impl PolicyRecords {
    /// Records the assignments of a refresh. Returns whether the session had refreshed the policy before.
    pub(crate) fn record_read(&self, id: &str, assignments: Value) -> bool {
        self.with(id, |record| {
            let freed = record.read.as_ref().map_or(0, approximate_size);
            let assignments =
                if self.reserve(freed, approximate_size(&assignments)) { assignments } else { Value::Null };
            record.read.replace(assignments).is_some()
        })
    }

    /// Reserves memory for `wanted` bytes in place of `freed` bytes. Returns whether they fit; the old bytes are freed
    /// in any case.
    fn reserve(&self, freed: usize, wanted: usize) -> bool {
        let kept = self.read_bytes.load(Ordering::Relaxed).saturating_sub(freed);
        let has_room = kept.saturating_add(wanted) <= MAX_READ_BYTES;
        self.read_bytes.store(if has_room { kept + wanted } else { kept }, Ordering::Relaxed);
        has_room
    }

    /// The assignments of the last refresh; `None` if no object in the state manages the policy.
    pub(crate) fn last_read(&self, id: &str) -> Option<Value> {
        self.with(id, |record| record.read.clone())
    }

    /// Records the name of the policy.
    pub(crate) fn record_name(&self, id: &str, name: Option<&str>) {
        self.with(id, |record| record.name = name.map(str::to_owned));
    }

    /// The name of the policy, if it was read.
    pub(crate) fn name(&self, id: &str) -> Option<String> {
        self.with(id, |record| record.name.clone())
    }

    /// Records a planned use of the policy. Returns its conflict with an earlier one.
    pub(crate) fn record_planned_use(&self, id: &str, planned: PlannedUse) -> Option<Conflict> {
        self.with(id, |record| {
            let conflict = conflict(planned, record);
            record.planned.push(planned);
            conflict
        })
    }

    /// Records the progress of a create or update. The status never goes back to an earlier one.
    pub(crate) fn record_create(&self, id: &str, status: CreateStatus) {
        self.with(id, |record| record.create = record.create.max(status));
    }

    /// The progress of a create or update.
    pub(crate) fn create_status(&self, id: &str) -> CreateStatus {
        self.with(id, |record| record.create)
    }

    /// Records the assignments of the policy after a write, as `Rows::fingerprint` represents them.
    pub(crate) fn record_written_set(&self, id: &str, set: BTreeSet<String>) {
        self.with(id, |record| record.last_written_set = Some(set));
    }

    /// The assignments of the policy after this session's last write.
    pub(crate) fn last_written_set(&self, id: &str) -> Option<BTreeSet<String>> {
        self.with(id, |record| record.last_written_set.clone())
    }

    /// Whether this session has started to write the policy, so that lists may be out of date.
    pub(crate) fn has_started_writing(&self, id: &str) -> bool {
        self.with(id, |record| record.create != CreateStatus::None || record.last_written_set.is_some())
    }

    /// Stores the old object of a replacement for the same policy, for the create that follows.
    pub(crate) fn store_replaced_object(&self, id: &str, state: Value) {
        self.with(id, |record| record.replaced_object = Some(state));
    }

    /// Removes and returns the object that the delete has stored.
    pub(crate) fn take_replaced_object(&self, id: &str) -> Option<Value> {
        self.with(id, |record| record.replaced_object.take())
    }

    /// Records what the other half of a replacement has written, for messages about this policy.
    pub(crate) fn record_other_half(&self, id: &str, written: OtherHalf) {
        self.with(id, |record| record.other_half = Some(written));
    }

    /// Whether this session has written, or may have written, any policy of the collection.
    pub(crate) fn has_written(&self) -> bool {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records
            .values()
            .any(|record| record.last_written_set.is_some() || record.create >= CreateStatus::MayHaveWritten)
    }

    /// Records that a replacement whose new policy id was unknown in the plan has removed all assignments of a policy.
    pub(crate) fn record_emptied_for_unknown_policy(&self, emptied: &str) {
        let mut last = self.emptied_for_unknown_policy.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Some(emptied.to_owned());
    }

    /// What the other half of a replacement has written.
    pub(crate) fn other_half(&self, id: &str) -> Option<OtherHalf> {
        let known = self.with(id, |record| record.other_half.clone());
        let unknown =
            || self.emptied_for_unknown_policy.lock().unwrap_or_else(PoisonError::into_inner).clone();
        known.or_else(|| unknown().map(OtherHalf::Emptied))
    }

    fn with<T>(&self, id: &str, act: impl FnOnce(&mut Record) -> T) -> T {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        act(records.entry(PolicyId::new(id)).or_default())
    }
}

/// The approximate memory of a value, in bytes.
fn approximate_size(value: &Value) -> usize {
    VALUE_BYTES
        + match value {
            Value::Null => return 0,
            Value::String(text) => text.len(),
            Value::List(elements) | Value::Tuple(elements) => elements.iter().map(approximate_size).sum(),
            Value::Set(elements) => elements.iter().map(approximate_size).sum(),
            Value::Map(entries) => {
                entries.iter().map(|(name, value)| name.len() + approximate_size(value)).sum()
            }
            Value::Object(attributes) => {
                attributes.values().map(|value| VALUE_BYTES + approximate_size(value)).sum()
            }
            Value::Unknown(_) | Value::Bool(_) | Value::Number(_) | Value::Dynamic(_) => 0,
        }
}

fn conflict(planned: PlannedUse, record: &Record) -> Option<Conflict> {
    let has_earlier = |is: fn(&PlannedUse) -> bool| record.planned.iter().any(is);
    let is_create = |other: &PlannedUse| *other == PlannedUse::Create;
    let removes_assignments = |other: &PlannedUse| *other == PlannedUse::Release { stays_assigned: false };
    let conflict = match planned {
        PlannedUse::Create if has_earlier(|other| *other != PlannedUse::Create) => {
            Conflict::CreatedAndManaged
        }
        // One of the two creates replaces the tainted object that was refreshed; the other is a second resource.
        PlannedUse::Create if has_earlier(is_create) && record.read.is_some() => Conflict::CreatedAndManaged,
        PlannedUse::Create if has_earlier(is_create) => Conflict::CreatedTwice,
        PlannedUse::Keep | PlannedUse::Release { .. } if has_earlier(is_create) => {
            Conflict::CreatedAndManaged
        }
        PlannedUse::Keep if has_earlier(removes_assignments) => Conflict::ReleasedAndKept,
        PlannedUse::Release { stays_assigned: false } if has_earlier(|other| *other == PlannedUse::Keep) => {
            Conflict::ReleasedAndKept
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
    const GIVE_UP: PlannedUse = PlannedUse::Release { stays_assigned: false };
    const FORGET: PlannedUse = PlannedUse::Release { stays_assigned: true };

    fn second_of(first: PlannedUse, second: PlannedUse, was_read: bool) -> Option<Conflict> {
        let records = PolicyRecords::default();
        if was_read {
            records.record_read("AA", Value::set([]));
        }
        assert_eq!(records.record_planned_use("aa", first), None, "a single use never conflicts");
        records.record_planned_use("AA", second)
    }

    #[test]
    fn conflicting_uses_are_detected_in_either_order() {
        for (one, other, conflict) in [
            (CREATE, GIVE_UP, Some(Conflict::CreatedAndManaged)),
            (CREATE, FORGET, Some(Conflict::CreatedAndManaged)),
            (CREATE, KEEP, Some(Conflict::CreatedAndManaged)),
            (KEEP, GIVE_UP, Some(Conflict::ReleasedAndKept)),
            (KEEP, FORGET, None),
            (KEEP, KEEP, None),
            (GIVE_UP, GIVE_UP, None),
        ] {
            assert_eq!(second_of(one, other, true), conflict, "{one:?} {other:?}");
            assert_eq!(second_of(other, one, true), conflict, "{other:?} {one:?}");
        }
        assert_eq!(second_of(CREATE, CREATE, true), Some(Conflict::CreatedAndManaged));
        assert_eq!(second_of(CREATE, CREATE, false), Some(Conflict::CreatedTwice));
    }

    #[test]
    fn refreshed_assignments_are_kept_up_to_the_memory_limit() {
        let records = PolicyRecords::default();
        let large = Value::set([Value::string("x".repeat(MAX_READ_BYTES / 2))]);
        let small = Value::set([Value::string("x")]);
        assert!(!records.record_read("aa", large.clone()));
        assert!(!records.record_read("bb", large.clone()));
        assert_eq!(records.last_read("aa"), Some(large.clone()));
        assert_eq!(
            records.last_read("bb"),
            Some(Value::Null),
            "the read is recorded although its value did not fit"
        );
        assert!(records.record_read("aa", small));
        assert!(records.record_read("bb", large.clone()));
        assert_eq!(records.last_read("bb"), Some(large));
    }

    #[test]
    fn a_replaced_object_is_taken_once() {
        let records = PolicyRecords::default();
        records.store_replaced_object("aa", Value::set([]));
        assert_eq!(records.take_replaced_object("AA"), Some(Value::set([])));
        assert_eq!(records.take_replaced_object("aa"), None);
    }

    #[test]
    fn the_progress_of_a_create_never_decreases() {
        let records = PolicyRecords::default();
        records.record_create("aa", CreateStatus::Succeeded);
        records.record_create("AA", CreateStatus::Started);
        assert_eq!(records.create_status("aa"), CreateStatus::Succeeded);
    }
}
