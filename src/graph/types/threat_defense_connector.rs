//! `mobileThreatDefenseConnector`: the connection between Intune and Defender for Endpoint.

use serde::Deserialize;

/// The application id of Defender for Endpoint (`WindowsDefenderATP`). We assume that its connector has this id.
const DEFENDER_ID: &str = "fc780465-2017-40d4-a0c5-307022471b92";

/// A connector ("mobileThreatDefenseConnector resource type", beta).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ThreatDefenseConnector {
    /// The application id of the partner.
    pub id: String,
    /// `unavailable`, `available`, `enabled` or `unresponsive`.
    pub partner_state: Option<String>,
}

impl ThreatDefenseConnector {
    /// Whether this is the connector to Defender for Endpoint, and it is enabled.
    pub fn is_enabled_defender(&self) -> bool {
        self.id.eq_ignore_ascii_case(DEFENDER_ID) && self.partner_state.as_deref() == Some("enabled")
    }
}
