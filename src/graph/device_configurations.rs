//! Calls on device configurations beyond their assignments: onboarding policies, and what Intune reports about rollouts. All use beta, because v1.0 does not have the members of the type.

use serde::Deserialize;

use super::client::Client;
use super::error::Error;
use super::page;
use super::request::{ApiVersion, Request};
use super::types::{
    AtpConfiguration, ConflictSummary, DeviceConfiguration, OnboardingStateSummary, StatusOverview,
};

/// A page of full objects must fit into the bound of a body.
const PAGE_SIZE: &str = "250";

impl Client {
    /// A device configuration of any type.
    ///
    /// `GET /beta/deviceManagement/deviceConfigurations/{id}`; least permission
    /// `DeviceManagementConfiguration.Read.All`. "Get deviceConfiguration", beta. If it does not exist,
    /// [`Error::is_resource_not_found`] is true.
    pub async fn get_device_configuration(&self, id: &str) -> Result<DeviceConfiguration, Error> {
        self.send_batched(&device_configurations(&[id])).await?.decode()
    }

    /// All onboarding policies of the tenant, in no particular order.
    ///
    /// `GET /beta/deviceManagement/deviceConfigurations?$top=250`, all pages; least permission
    /// `DeviceManagementConfiguration.Read.All`. "List deviceConfigurations", beta. Other types are dropped here, because
    /// it is not proven that the service filters by type. A 400 drops `$top`.
    pub async fn list_atp_configurations(&self) -> Result<Vec<AtpConfiguration>, Error> {
        let all = page::fetch_all(self, &device_configurations(&[]).query("$top", PAGE_SIZE)).await;
        match all {
            Err(error) if error.status() == Some(400) => {
                onboarding_policies(page::fetch_all(self, &device_configurations(&[])).await)
            }
            all => onboarding_policies(all),
        }
    }

    /// How many devices have a device configuration.
    ///
    /// `GET /beta/deviceManagement/deviceConfigurations/{id}/deviceStatusOverview`; least permission
    /// `DeviceManagementConfiguration.Read.All`. "Get deviceConfigurationDeviceOverview", beta.
    pub async fn get_status_overview(&self, id: &str) -> Result<StatusOverview, Error> {
        self.send_batched(&device_configurations(&[id, "deviceStatusOverview"])).await?.decode()
    }

    /// How many devices of the tenant are onboarded to Defender for Endpoint.
    ///
    /// `GET /beta/deviceManagement/advancedThreatProtectionOnboardingStateSummary`; least permission
    /// `DeviceManagementConfiguration.Read.All`. "Get advancedThreatProtectionOnboardingStateSummary", beta. The
    /// documented response has the object in `value`; a response without it is accepted.
    pub async fn get_onboarding_state_summary(&self) -> Result<OnboardingStateSummary, Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Answer {
            Wrapped { value: OnboardingStateSummary },
            Plain(OnboardingStateSummary),
        }
        let request = Request::get(
            ApiVersion::Beta,
            &["deviceManagement", "advancedThreatProtectionOnboardingStateSummary"],
        );
        match self.send_batched(&request).await?.decode()? {
            Answer::Wrapped { value: summary } | Answer::Plain(summary) => Ok(summary),
        }
    }

    /// The device configurations that contradict each other on devices.
    ///
    /// `GET /beta/deviceManagement/deviceConfigurationConflictSummary`, all pages; least permission
    /// `DeviceManagementConfiguration.Read.All`. "List deviceConfigurationConflictSummaries", beta.
    pub async fn list_conflicts(&self) -> Result<Vec<ConflictSummary>, Error> {
        let request =
            Request::get(ApiVersion::Beta, &["deviceManagement", "deviceConfigurationConflictSummary"]);
        let first = self.send_batched(&request).await?;
        page::fetch_from(self, first).await
    }
}

fn device_configurations(below: &[&str]) -> Request {
    Request::get(ApiVersion::Beta, &[&["deviceManagement", "deviceConfigurations"], below].concat())
}

fn onboarding_policies(
    listed: Result<Vec<DeviceConfiguration>, Error>,
) -> Result<Vec<AtpConfiguration>, Error> {
    Ok(listed?.into_iter().filter_map(DeviceConfiguration::into_atp).collect())
}
