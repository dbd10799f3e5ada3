//! One configuration of the provider: the Graph client, the options, and the results of earlier requests. Each
//! ConfigureProvider call starts a new session, because a process that runs with `-debug` serves many commands.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::graph::{self, PolicyCollection};

use super::assignments::session_records::SessionRecords;
use super::deadline::Deadline;
use super::reported_causes::ReportedCauses;
use super::shared_list::ListLookup;
use super::tenant_lists::TenantLists;

/// How a plan reports findings that apply would refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preflight {
    /// Findings are errors.
    #[default]
    Error,
    /// Findings are warnings.
    Warn,
    /// The plan looks up nothing.
    Off,
}

/// The options of the provider block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How a plan reports findings that apply would refuse.
    pub preflight: Preflight,
    /// Whether a refresh of many policies uses one list.
    pub bulk_refresh: bool,
    /// Whether the provider looks up groups. The look-up needs the permission `GroupMember.Read.All`.
    pub look_up_groups: bool,
}

/// One configuration of the provider.
#[derive(Debug)]
pub struct Session {
    /// Sends requests.
    pub graph: graph::Client,
    /// The options of the provider block.
    pub options: Options,
    /// The records about policies and their assignments.
    pub(super) assignments: SessionRecords,
    /// The lists that data sources share.
    pub(crate) lists: TenantLists,
    /// The causes of errors and warnings that data sources and plan checks have reported.
    pub(crate) reported: ReportedCauses,
    /// The number of writes to the tenant.
    writes: AtomicU64,
}

impl Preflight {
    /// The values of the argument `preflight`, with the default first.
    pub const CHOICES: &'static [&'static str] = &["error", "warn", "off"];

    /// Parses one of [`Self::CHOICES`].
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
    /// A session that has not read or written anything.
    pub fn new(graph: graph::Client, options: Options) -> Self {
        Self {
            graph,
            options,
            assignments: SessionRecords::new(options.bulk_refresh),
            lists: TenantLists::default(),
            reported: ReportedCauses::default(),
            writes: AtomicU64::new(0),
        }
    }

    /// A deadline `limit` from now, by the clock of the Graph client.
    pub(crate) fn deadline(&self, limit: Duration) -> Deadline<'_> {
        Deadline::after(limit, self.graph.clock())
    }

    /// Records a write to the tenant, after which lists that were fetched earlier are out of date.
    pub(super) fn record_write(&self) {
        self.writes.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether this session has removed all direct assignments of a device configuration.
    pub(super) fn has_emptied(&self, id: &str) -> bool {
        let records = self.assignments.collection(PolicyCollection::DeviceConfigurations);
        records.policies.last_written_set(id).is_some_and(|set| set.is_empty())
    }

    /// The requirements of a look-up that began at `began`: how current a shared list must be.
    pub(crate) fn list_lookup(&self, began: Instant) -> ListLookup<'_> {
        let writes = self.writes.load(Ordering::Relaxed);
        ListLookup { clock: self.graph.clock(), began, writes, must_be_newer: false }
    }
}
