//! What belongs to one configuration of the provider: the Graph client, what has been looked up, and what has been
//! read and written. All of it is dropped at the next ConfigureProvider, since one debug process serves many commands.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use crate::graph;

use super::lookups::Lookups;

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
    read: Mutex<HashSet<String>>,
    written: Mutex<HashSet<String>>,
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
    /// Nothing read or written yet. Nothing is sent.
    pub fn new(graph: graph::Client, preflight: Preflight) -> Self {
        let lookups = Lookups::new(graph.clone());
        Self { graph, preflight, lookups, read: Mutex::default(), written: Mutex::default() }
    }

    /// Notes that a policy was read. True from the second time on.
    pub(super) fn reads_again(&self, device_configuration_id: &str) -> bool {
        !insert(&self.read, device_configuration_id)
    }

    /// Notes that a create or update of this policy was applied, also one that had nothing to send.
    pub(super) fn note_written(&self, device_configuration_id: &str) {
        insert(&self.written, device_configuration_id);
    }

    /// Whether a create or update of this policy was applied.
    pub(super) fn has_written(&self, device_configuration_id: &str) -> bool {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.contains(&device_configuration_id.to_ascii_lowercase())
    }
}

/// Whether the id was not there yet. Case makes no difference.
fn insert(ids: &Mutex<HashSet<String>>, id: &str) -> bool {
    ids.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_ascii_lowercase())
}
