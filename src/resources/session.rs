//! What belongs to one configuration of the provider: the Graph client, what has been looked up, and what has been
//! read, planned and applied. All of it is dropped at the next ConfigureProvider, since one debug process serves many
//! commands.

use std::time::Duration;

use crate::graph;

use super::deadline::Deadline;
use super::lookups::Lookups;
use super::policy_records::PolicyRecords;
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

/// How a session behaves, as the provider block says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How much is checked online while planning.
    pub preflight: Preflight,
    /// Whether many policies are refreshed from one list.
    pub bulk_refresh: bool,
    /// Whether groups are looked up, which needs a permission of its own.
    pub look_up_groups: bool,
}

/// One configuration of the provider.
#[derive(Debug)]
pub struct Session {
    /// Sends requests.
    pub graph: graph::Client,
    /// How the session behaves.
    pub options: Options,
    pub(super) lookups: Lookups,
    pub(super) snapshot: Snapshot,
    pub(super) policies: PolicyRecords,
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
    pub fn new(graph: graph::Client, options: Options) -> Self {
        Self {
            graph,
            options,
            lookups: Lookups::default(),
            snapshot: Snapshot::new(options.bulk_refresh),
            policies: PolicyRecords::default(),
        }
    }

    /// `limit` from now, by the clock of the Graph client.
    pub(super) fn deadline(&self, limit: Duration) -> Deadline<'_> {
        Deadline::after(limit, self.graph.clock())
    }
}
