//! On how many devices a device configuration has arrived. Devices are not modeled, so the figures are set.

use serde_json::{Map, Value, json};

use super::seed;
use crate::emulator::member_reader::{MemberReader, ShapeError};
use crate::emulator::odata::path::VersionRoot;

/// Graph's name of the type.
pub const TYPE_NAME: &str = "deviceConfigurationDeviceOverview";

/// The navigation property of a policy.
pub const MEMBER: &str = "deviceStatusOverview";

const COUNTS: [&str; 7] = [
    "pendingCount",
    "notApplicableCount",
    "notApplicablePlatformCount",
    "successCount",
    "errorCount",
    "failedCount",
    "conflictCount",
];

/// The counts that v1.0 does not have.
const BETA_COUNTS: [&str; 2] = ["notApplicablePlatformCount", "conflictCount"];

/// The time of an overview that was never updated: the zero of Intune's timestamps.
const NEVER: &str = "0001-01-01T00:00:00Z";

/// The figures of one policy. At first they are zero.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeviceStatusOverview {
    counts: [u32; 7],
    last_update: Option<String>,
    /// The version of the policy that the counts are for; without it, the current one.
    configuration_version: Option<i32>,
}

impl DeviceStatusOverview {
    /// Reads figures from the tenant file or test control. Counts that are left out are 0.
    pub fn from_seed(document: Value, at: &str, now: &str) -> Result<Self, ShapeError> {
        let mut members = MemberReader::open(document, TYPE_NAME, at)?;
        members.odata_type()?;
        // That of the policy.
        members.text("id")?;
        let overview = Self {
            counts: seed::read_counts(&mut members, COUNTS)?,
            last_update: members.timestamp("lastUpdateDateTime")?.or_else(|| Some(now.to_owned())),
            configuration_version: members.integer("configurationVersion")?.value(),
        };
        members.finish()?;
        Ok(overview)
    }

    /// The members that a version has.
    pub fn members(version: VersionRoot) -> Vec<&'static str> {
        let others = ["id", "lastUpdateDateTime", "configurationVersion"];
        let counts = COUNTS.into_iter().filter(|name| version.is_beta() || !BETA_COUNTS.contains(name));
        others.into_iter().chain(counts).collect()
    }

    /// The overview as Graph shows it for a policy with this id and version.
    pub fn render(&self, policy_id: &str, policy_version: i32, version: VersionRoot) -> Map<String, Value> {
        let mut members = seed::render_counts(COUNTS, self.counts);
        members.retain(|name, _| version.is_beta() || !BETA_COUNTS.contains(&name.as_str()));
        members.insert("id".to_owned(), json!(policy_id));
        members.insert("lastUpdateDateTime".to_owned(), json!(self.last_update.as_deref().unwrap_or(NEVER)));
        let counted = self.configuration_version.unwrap_or(policy_version);
        members.insert("configurationVersion".to_owned(), json!(counted));
        members
    }
}
