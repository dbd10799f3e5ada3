//! Records what one session has read, planned and written for each policy of a collection. The records distinguish a
//! tainted object from a second resource for the same policy, and the delete and create of a replacement from
//! independent operations. Sends nothing.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::graph::PolicyId;
use crate::terraform::value::Value;

/// The memory limit for the refreshed assignments of a collection, enough for about 1,200 policies with ten assignments
/// each.
const MAX_READ_BYTES: usize = 8 * 1024 * 1024;

/// The approximate size of a value without its text.
const VALUE_BYTES: usize = 96;

/// The records of one session for one collection.
#[derive(Debug, Default)]
pub(crate) struct PolicyRecords {
    records: Mutex<HashMap<PolicyId, Record>>,
    read_bytes: AtomicUsize,
    /// The last policy that a replacement left without assignments, if the plan of the replacement did not know the id of
    /// the new policy. A record cannot be stored under an unknown id, so it is stored here.
    unassigned_for_unknown_policy: Mutex<Option<String>>,
}

#[derive(Debug, Default)]
struct Record {
    /// The assignments from the last refresh: `None` if this session has not refreshed an object for the policy,
    /// `Value::Null` if the memory limit was reached.
    last_read: Option<Value>,
    /// The policy's name, if it was read.
    name: Option<String>,
    planned_uses: Vec<PlannedUse>,
    create_status: CreateStatus,
    last_written_set: Option<BTreeSet<String>>,
    /// The old object of a replacement for the same policy, from its delete until its create.
    replaced_object: Option<Value>,
    /// What the other operation of a replacement has written.
    replacement_write: Option<ReplacementWrite>,
}

/// What one operation of a replacement, its delete or its create, has written, with the id of the policy. The messages
/// of the other operation report it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReplacementWrite {
    /// The delete has removed all assignments of the old policy.
    OldPolicyUnassigned(String),
    /// The create has assigned the new policy.
    NewPolicyAssigned(String),
}

/// What a plan does with a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlannedUse {
    /// A new object will manage the policy.
    Create,
    /// The object that manages the policy stays, with or without changes.
    Keep,
    /// The object that manages the policy is destroyed or moves to another policy.
    Release {
        /// Whether the policy keeps its assignments, because `skip_destroy` is set.
        stays_assigned: bool,
    },
}

/// Why two planned uses of a policy conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conflict {
    /// One resource is created for the policy, and another manages it already.
    CreatedAndManaged,
    /// One resource releases the policy, and another keeps it.
    ReleasedAndKept,
    /// Two resources are created for the policy.
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
        self.with_record(id, |record| {
            let freed = record.last_read.as_ref().map_or(0, approximate_size);
            let assignments =
                if self.reserve(freed, approximate_size(&assignments)) { assignments } else { Value::Null };
            record.last_read.replace(assignments).is_some()
        })
    }

    /// Frees `freed` bytes and reserves `requested` bytes if they fit. Returns whether they fit.
    fn reserve(&self, freed: usize, requested: usize) -> bool {
        let used = self.read_bytes.load(Ordering::Relaxed).saturating_sub(freed);
        let has_room = used.saturating_add(requested) <= MAX_READ_BYTES;
        self.read_bytes.store(if has_room { used + requested } else { used }, Ordering::Relaxed);
        has_room
    }

    /// The assignments from the last refresh; `None` if this session has not refreshed an object for the policy.
    pub(crate) fn last_read(&self, id: &str) -> Option<Value> {
        self.with_record(id, |record| record.last_read.clone())
    }

    /// Records the name of the policy.
    pub(crate) fn record_name(&self, id: &str, name: Option<&str>) {
        self.with_record(id, |record| record.name = name.map(str::to_owned));
    }

    /// The name of the policy, if it was read.
    pub(crate) fn name(&self, id: &str) -> Option<String> {
        self.with_record(id, |record| record.name.clone())
    }

    /// Records a planned use of the policy. Returns a conflict with an earlier planned use.
    pub(crate) fn record_planned_use(&self, id: &str, planned: PlannedUse) -> Option<Conflict> {
        self.with_record(id, |record| {
            let conflict = find_conflict(planned, record);
            record.planned_uses.push(planned);
            conflict
        })
    }

    /// Records the progress of a create or update. The status never goes back to an earlier one.
    pub(crate) fn record_create(&self, id: &str, status: CreateStatus) {
        self.with_record(id, |record| record.create_status = record.create_status.max(status));
    }

    /// The progress of a create or update.
    pub(crate) fn create_status(&self, id: &str) -> CreateStatus {
        self.with_record(id, |record| record.create_status)
    }

    /// Records the assignments of the policy after a write, in the form of `AssignmentRows::canonical_strings`.
    pub(crate) fn record_written_set(&self, id: &str, set: BTreeSet<String>) {
        self.with_record(id, |record| record.last_written_set = Some(set));
    }

    /// The assignments of the policy after this session's last write.
    pub(crate) fn last_written_set(&self, id: &str) -> Option<BTreeSet<String>> {
        self.with_record(id, |record| record.last_written_set.clone())
    }

    /// Whether this session has started to write the policy, so that lists may be out of date.
    pub(crate) fn has_started_writing(&self, id: &str) -> bool {
        self.with_record(id, |record| {
            record.create_status != CreateStatus::None || record.last_written_set.is_some()
        })
    }

    /// Stores the old object of a replacement for the same policy, for the create that follows.
    pub(crate) fn store_replaced_object(&self, id: &str, state: Value) {
        self.with_record(id, |record| record.replaced_object = Some(state));
    }

    /// Removes and returns the object that the delete has stored.
    pub(crate) fn take_replaced_object(&self, id: &str) -> Option<Value> {
        self.with_record(id, |record| record.replaced_object.take())
    }

    /// Records what the other operation of a replacement has written, for messages about this policy.
    pub(crate) fn record_replacement_write(&self, id: &str, written: ReplacementWrite) {
        self.with_record(id, |record| record.replacement_write = Some(written));
    }

    /// Whether this session has written, or may have written, any policy of the collection.
    pub(crate) fn has_written(&self) -> bool {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.values().any(|record| {
            record.last_written_set.is_some() || record.create_status >= CreateStatus::MayHaveWritten
        })
    }

    /// Records that a replacement has removed all assignments of its old policy, and that the id of its new policy was
    /// unknown in the plan.
    pub(crate) fn record_unassigned_for_unknown_policy(&self, id: &str) {
        let mut last = self.unassigned_for_unknown_policy.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Some(id.to_owned());
    }

    /// What the other operation of a replacement has written. If nothing is recorded for this policy, returns the policy
    /// that a replacement left without assignments for an unknown policy, because this policy may be that one.
    pub(crate) fn replacement_write(&self, id: &str) -> Option<ReplacementWrite> {
        let recorded = self.with_record(id, |record| record.replacement_write.clone());
        let unassigned_policy =
            || self.unassigned_for_unknown_policy.lock().unwrap_or_else(PoisonError::into_inner).clone();
        recorded.or_else(|| unassigned_policy().map(ReplacementWrite::OldPolicyUnassigned))
    }

    fn with_record<T>(&self, id: &str, access: impl FnOnce(&mut Record) -> T) -> T {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        access(records.entry(PolicyId::new(id)).or_default())
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

fn find_conflict(planned: PlannedUse, record: &Record) -> Option<Conflict> {
    let has_earlier = |matches: fn(&PlannedUse) -> bool| record.planned_uses.iter().any(matches);
    let is_create = |other: &PlannedUse| *other == PlannedUse::Create;
    let removes_assignments = |other: &PlannedUse| *other == PlannedUse::Release { stays_assigned: false };
    let conflict = match planned {
        PlannedUse::Create if has_earlier(|other| *other != PlannedUse::Create) => {
            Conflict::CreatedAndManaged
        }
        // A refresh has read the policy, so one create replaces a tainted object. The other create is for a second
        // resource.
        PlannedUse::Create if has_earlier(is_create) && record.last_read.is_some() => {
            Conflict::CreatedAndManaged
        }
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
    const RELEASE: PlannedUse = PlannedUse::Release { stays_assigned: false };
    const RELEASE_ASSIGNED: PlannedUse = PlannedUse::Release { stays_assigned: true };

    fn conflict_of_second(first: PlannedUse, second: PlannedUse, was_read: bool) -> Option<Conflict> {
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
            (CREATE, RELEASE, Some(Conflict::CreatedAndManaged)),
            (CREATE, RELEASE_ASSIGNED, Some(Conflict::CreatedAndManaged)),
            (CREATE, KEEP, Some(Conflict::CreatedAndManaged)),
            (KEEP, RELEASE, Some(Conflict::ReleasedAndKept)),
            (KEEP, RELEASE_ASSIGNED, None),
            (KEEP, KEEP, None),
            (RELEASE, RELEASE, None),
        ] {
            assert_eq!(conflict_of_second(one, other, true), conflict, "{one:?} {other:?}");
            assert_eq!(conflict_of_second(other, one, true), conflict, "{other:?} {one:?}");
        }
        assert_eq!(conflict_of_second(CREATE, CREATE, true), Some(Conflict::CreatedAndManaged));
        assert_eq!(conflict_of_second(CREATE, CREATE, false), Some(Conflict::CreatedTwice));
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
