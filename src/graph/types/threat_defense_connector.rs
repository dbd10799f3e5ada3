//! `mobileThreatDefenseConnector`: the connection between Intune and Defender for Endpoint.

use serde::Deserialize;

/// The application id of Defender for Endpoint (`WindowsDefenderATP`). That its connector has this id is an assumption.
const DEFENDER: &str = "fc780465-2017-40d4-a0c5-307022471b92";

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
    /// Whether it is the connector to Defender for Endpoint and is enabled.
    pub fn is_enabled_defender(&self) -> bool {
        self.id.eq_ignore_ascii_case(DEFENDER) && self.partner_state.as_deref() == Some("enabled")
    }
}
