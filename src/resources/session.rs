//! What belongs to one configuration of the provider: the Graph client, what has been looked up, and what has been
//! read and written. All of it is dropped at the next ConfigureProvider, since one debug process serves many commands.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::graph;

use super::deadline::Deadline;
use super::lookups::Lookups;
use super::snapshot::Snapshot;

/// How much is checked online while planning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preflight {
    /// What apply would refuse is an error.
    #[default]
    Error,
    /// Findings are warnings.
    Warn,
    /// Nothing is looked up.
    Off,
}

/// One configuration of the provider.
#[derive(Debug)]
pub struct Session {
    /// Sends requests.
    pub graph: graph::Client,
    /// How much is checked online while planning.
    pub preflight: Preflight,
    pub(super) lookups: Lookups,
    pub(super) snapshot: Snapshot,
    read: Mutex<HashSet<String>>,
    policies: Mutex<HashMap<String, Record>>,
    has_created: AtomicBool,
}

/// What this session has done to one policy.
#[derive(Debug, Default)]
struct Record {
    claim: Claim,
    last_set: Option<BTreeSet<String>>,
}

/// Whether a create or update of a policy was applied in this session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Claim {
    /// None was.
    #[default]
    None,
    /// A create began, and has not ended well so far.
    Attempted,
    /// One was, also if it had nothing to send.
    Applied,
}

impl Preflight {
    /// The words of the argument `preflight`, with the default first.
    pub const CHOICES: &'static [&'static str] = &["error", "warn", "off"];

    /// Reads a word of [`Self::CHOICES`].
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "error" => Some(Self::Error),
            "warn" => Some(Self::Warn),
            "off" => Some(Self::Off),
            _ => None,
        }
    }
}

impl Session {
    /// Nothing read or written yet. Nothing is sent. `bulk_refresh` says whether many policies are refreshed from one
    /// list.
    pub fn new(graph: graph::Client, preflight: Preflight, bulk_refresh: bool) -> Self {
        Self {
            graph,
            preflight,
            lookups: Lookups::default(),
            snapshot: Snapshot::new(bulk_refresh),
            read: Mutex::default(),
            policies: Mutex::default(),
            has_created: AtomicBool::new(false),
        }
    }

    /// `limit` from now, by the clock of the Graph client.
    pub(super) fn deadline(&self, limit: Duration) -> Deadline<'_> {
        Deadline::after(limit, self.graph.clock())
    }

    /// Notes that a policy was read. True from the second time on.
    pub(super) fn reads_again(&self, device_configuration_id: &str) -> bool {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        !read.insert(device_configuration_id.to_ascii_lowercase())
    }

    /// Notes that a create of this policy begins.
    pub(super) fn note_attempt(&self, device_configuration_id: &str) {
        self.has_created.store(true, Ordering::Relaxed);
        self.with_record(device_configuration_id, |record| {
            if record.claim == Claim::None {
                record.claim = Claim::Attempted;
            }
        });
    }

    /// Whether a create has begun. Every plan in this session is then the second one of a change that is about to be
    /// applied.
    pub(super) fn is_applying(&self) -> bool {
        self.has_created.load(Ordering::Relaxed)
    }

    /// Notes that a create or update of this policy was applied.
    pub(super) fn note_applied(&self, device_configuration_id: &str) {
        self.with_record(device_configuration_id, |record| record.claim = Claim::Applied);
    }

    /// Whether a create or update of this policy was applied.
    pub(super) fn claim(&self, device_configuration_id: &str) -> Claim {
        self.with_record(device_configuration_id, |record| record.claim)
    }

    /// Notes what the policy was last seen to have after a write, in a form that can be compared.
    pub(super) fn note_set(&self, device_configuration_id: &str, set: BTreeSet<String>) {
        self.with_record(device_configuration_id, |record| record.last_set = Some(set));
    }

    /// What the policy had after this session's last write, if there was one.
    pub(super) fn last_set(&self, device_configuration_id: &str) -> Option<BTreeSet<String>> {
        self.with_record(device_configuration_id, |record| record.last_set.clone())
    }

    /// Whether a write of this policy was begun here, so that lists may lag behind it.
    pub(super) fn may_have_written(&self, device_configuration_id: &str) -> bool {
        self.with_record(device_configuration_id, |record| {
            record.claim != Claim::None || record.last_set.is_some()
        })
    }

    /// Ids are compared without case.
    fn with_record<T>(&self, id: &str, act: impl FnOnce(&mut Record) -> T) -> T {
        let mut policies = self.policies.lock().unwrap_or_else(PoisonError::into_inner);
        act(policies.entry(id.to_ascii_lowercase()).or_default())
    }
}
