//! Connectors to partners of mobile threat defense, Defender for Endpoint among them. No partner is modeled, so their
//! states are set.

use serde_json::{Map, Value, json};

use super::guid;
use crate::emulator::member_reader::{MemberReader, ShapeError};
use crate::emulator::odata::path::VersionRoot;

/// Graph's name of the collection.
pub const COLLECTION: &str = "mobileThreatDefenseConnectors";

/// Graph's name of the type.
pub const TYPE_NAME: &str = "mobileThreatDefenseConnector";

/// The connector of Defender for Endpoint, which has the id of Defender's application.
const DEFENDER_ID: &str = "fc780465-2017-40d4-a0c5-307022471b92";

const ENABLED: &str = "enabled";

/// The values of `mobileThreatPartnerTenantState`.
const STATES: [&str; 6] = ["unavailable", "available", ENABLED, "unresponsive", "notSetUp", "error"];

/// The members that are not flags.
const MEMBERS: [&str; 4] =
    ["id", "lastHeartbeatDateTime", "partnerState", "partnerUnresponsivenessThresholdInDays"];

/// The flags of v1.0.
const FLAGS: [&str; 12] = [
    "windowsEnabled",
    "microsoftDefenderForEndpointAttachEnabled",
    "androidMobileApplicationManagementEnabled",
    "iosMobileApplicationManagementEnabled",
    "androidEnabled",
    "iosEnabled",
    "androidDeviceBlockedOnMissingPartnerData",
    "iosDeviceBlockedOnMissingPartnerData",
    "windowsDeviceBlockedOnMissingPartnerData",
    "partnerUnsupportedOsVersionBlocked",
    "allowPartnerToCollectIOSApplicationMetadata",
    "allowPartnerToCollectIOSPersonalApplicationMetadata",
];

/// The flags that beta adds.
const BETA_FLAGS: [&str; 3] =
    ["windowsMobileApplicationManagementEnabled", "macEnabled", "macDeviceBlockedOnMissingPartnerData"];

/// The days after which the service calls a silent partner unresponsive, if the connector does not say.
const USUAL_THRESHOLD: i32 = 7;

/// One stored connector.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredConnector {
    /// A GUID in lower case.
    pub id: String,
    state: String,
    last_heartbeat: String,
    threshold_in_days: i32,
    /// The names of the flags that are true.
    flags: Vec<&'static str>,
}

impl StoredConnector {
    /// Reads the connectors of the tenant file or test control. An id cannot be there twice.
    pub fn list_from_seed(rows: Vec<Value>, at: &str, now: &str) -> Result<Vec<Self>, ShapeError> {
        let mut connectors: Vec<Self> = Vec::with_capacity(rows.len());
        for (index, row) in rows.into_iter().enumerate() {
            let at = format!("{at}[{index}]");
            let connector = Self::from_seed(row, &at, now)?;
            if connectors.iter().any(|other| other.id == connector.id) {
                return Err(ShapeError::new(&format!("{at}.id"), format!("'{}' occurs twice", connector.id)));
            }
            connectors.push(connector);
        }
        Ok(connectors)
    }

    /// Whether Intune receives onboarding packages through this connector.
    pub fn is_enabled_for_defender(&self) -> bool {
        self.id == DEFENDER_ID && self.state == ENABLED
    }

    /// The connector as Graph shows it.
    pub fn render(&self, version: VersionRoot) -> Map<String, Value> {
        let flags = flags(version).map(|name| (name, json!(self.flags.contains(&name))));
        let members = [
            ("id", json!(self.id)),
            ("lastHeartbeatDateTime", json!(self.last_heartbeat)),
            ("partnerState", json!(self.state)),
            ("partnerUnresponsivenessThresholdInDays", json!(self.threshold_in_days)),
        ];
        members.into_iter().chain(flags).map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn from_seed(document: Value, at: &str, now: &str) -> Result<Self, ShapeError> {
        let mut members = MemberReader::open(document, TYPE_NAME, at)?;
        members.odata_type()?;
        let connector = Self {
            id: read_id(&mut members)?,
            state: read_state(&mut members)?,
            last_heartbeat: members.timestamp("lastHeartbeatDateTime")?.unwrap_or_else(|| now.to_owned()),
            threshold_in_days: members
                .integer("partnerUnresponsivenessThresholdInDays")?
                .value()
                .unwrap_or(USUAL_THRESHOLD),
            flags: read_flags(&mut members)?,
        };
        members.finish()?;
        Ok(connector)
    }
}

/// The members of the type in a version.
pub fn members(version: VersionRoot) -> Vec<&'static str> {
    MEMBERS.into_iter().chain(flags(version)).collect()
}

fn flags(version: VersionRoot) -> impl Iterator<Item = &'static str> {
    FLAGS.into_iter().chain(BETA_FLAGS.into_iter().filter(move |_| version.is_beta()))
}

/// The id is required, because its value identifies Defender's connector.
fn read_id(members: &mut MemberReader) -> Result<String, ShapeError> {
    let id = members.text("id")?.value().unwrap_or_default();
    guid(&id).ok_or_else(|| ShapeError::new(&members.place("id"), format!("'{id}' is not a GUID.")))
}

fn read_state(members: &mut MemberReader) -> Result<String, ShapeError> {
    let state = members.choice("partnerState", &STATES)?.value();
    state.ok_or_else(|| ShapeError::new(&members.place("partnerState"), "This member is required."))
}

fn read_flags(members: &mut MemberReader) -> Result<Vec<&'static str>, ShapeError> {
    let mut set = Vec::new();
    for name in flags(VersionRoot::Beta) {
        if members.boolean(name)?.value() == Some(true) {
            set.push(name);
        }
    }
    Ok(set)
}
