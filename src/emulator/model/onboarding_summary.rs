//! The state of Defender onboarding over all devices. Devices are not modeled, so the figures are set.

use serde_json::{Map, Value, json};

use super::seed;
use crate::emulator::member_reader::{MemberReader, ShapeError};

/// Graph's name of the type.
pub const TYPE_NAME: &str = "advancedThreatProtectionOnboardingStateSummary";

/// The members of the type.
pub const MEMBERS: [&str; 9] = [
    "id",
    "unknownDeviceCount",
    "notApplicableDeviceCount",
    "compliantDeviceCount",
    "remediatedDeviceCount",
    "nonCompliantDeviceCount",
    "errorDeviceCount",
    "conflictDeviceCount",
    "notAssignedDeviceCount",
];

/// The summary of the tenant. At first it is zero.
#[derive(Clone, Debug, PartialEq)]
pub struct OnboardingSummary {
    id: String,
    counts: [u32; 8],
}

impl Default for OnboardingSummary {
    fn default() -> Self {
        Self { id: "00000000-0000-0000-0000-000000000000".to_owned(), counts: [0; 8] }
    }
}

impl OnboardingSummary {
    /// Reads the summary from the tenant file or test control: its members, or an answer of Graph with them as `value`.
    /// Counts that are left out are 0.
    pub fn from_seed(document: Value, at: &str) -> Result<Self, ShapeError> {
        let mut members = MemberReader::open(document, TYPE_NAME, at)?;
        if !members.has("value") {
            return Self::read(members);
        }
        let (place, inner) = (members.place("value"), members.any("value").unwrap_or_default());
        members.finish()?;
        Self::read(MemberReader::open(inner, TYPE_NAME, &place)?)
    }

    /// The summary as Graph shows it.
    pub fn render(&self) -> Map<String, Value> {
        let [_, counts @ ..] = MEMBERS;
        let mut members = seed::render_counts(counts, self.counts);
        members.insert("id".to_owned(), json!(self.id));
        members
    }

    fn read(mut members: MemberReader) -> Result<Self, ShapeError> {
        let [_, counts @ ..] = MEMBERS;
        members.odata_type()?;
        let id = members.text("id")?.value();
        let counts = seed::read_counts(&mut members, counts)?;
        members.finish()?;
        Ok(Self { id: id.unwrap_or_else(|| Self::default().id), counts })
    }
}
