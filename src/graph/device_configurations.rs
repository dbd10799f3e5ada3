//! Calls on device configurations: onboarding policies, and Intune's reports about the rollout of a policy. The calls
//! on assignments are in `policies.rs`. All calls use beta, because v1.0 lacks members of these types.

use serde::Deserialize;
use serde_json::Value;

use super::client::Client;
use super::error::Error;
use super::held_token::HeldToken;
use super::page;
use super::request::{ApiVersion, Request};
use super::types::{
    AtpConfiguration, ConflictSummary, DeviceConfiguration, OnboardingStateSummary, StatusOverview,
    ThreatDefenseConnector,
};

/// The path segments of the collection.
const COLLECTION_PATH: [&str; 2] = ["deviceManagement", "deviceConfigurations"];

/// The number of objects on a page. A page of complete objects stays within the size limit of a body.
const PAGE_SIZE: &str = "250";

impl Client {
    /// A device configuration of any type.
    ///
    /// `GET /beta/deviceManagement/deviceConfigurations/{id}`; least permission
    /// `DeviceManagementConfiguration.Read.All`. "Get deviceConfiguration", beta. If the configuration
    /// does not exist, [`Error::is_resource_not_found`] is true.
    pub async fn get_device_configuration(&self, id: &str) -> Result<DeviceConfiguration, Error> {
        self.send_batched(&get_request(&[id])).await?.decode()
    }

    /// All onboarding policies of the tenant, in no particular order.
    ///
    /// `GET /beta/deviceManagement/deviceConfigurations?$top=250`, all pages; least permission
    /// `DeviceManagementConfiguration.Read.All`. "List deviceConfigurations", beta. This function drops policies of
    /// other types, because it is not proven that the service can filter by type. After a 400, the function requests
    /// the list again without `$top`.
    pub async fn list_atp_configurations(&self) -> Result<Vec<AtpConfiguration>, Error> {
        let listed = page::fetch_all(self, &get_request(&[]).query("$top", PAGE_SIZE)).await;
        match listed {
            Err(error) if error.status() == Some(400) => {
                select_onboarding_policies(page::fetch_all(self, &get_request(&[])).await)
            }
            listed => select_onboarding_policies(listed),
        }
    }

    /// The onboarding policies with exactly this name.
    ///
    /// `GET /beta/deviceManagement/deviceConfigurations?$filter=displayName eq '…'`, all pages; least permission
    /// `DeviceManagementConfiguration.Read.All`. "List deviceConfigurations", beta. The service may ignore the filter,
    /// or compare names without case, so this function drops policies with other names.
    pub async fn find_atp_configurations(&self, name: &str) -> Result<Vec<AtpConfiguration>, Error> {
        let request = get_request(&[]).query("$filter", name_filter(name));
        let mut policies = select_onboarding_policies(page::fetch_all(self, &request).await)?;
        policies.retain(|policy| policy.display_name.as_deref() == Some(name));
        Ok(policies)
    }

    /// Creates an onboarding policy. Sends the request once: the caller decides about another attempt.
    ///
    /// `POST /beta/deviceManagement/deviceConfigurations`; least permission
    /// `DeviceManagementConfiguration.ReadWrite.All`. "Create windowsDefenderAdvancedThreatProtectionConfiguration",
    /// beta. Not idempotent, and names are not unique, so after an error with [`Error::may_have_taken_effect`] the
    /// policy may exist.
    pub async fn create_atp_configuration(&self, body: Value) -> Result<AtpConfiguration, Error> {
        let request = Request::post(ApiVersion::Beta, &COLLECTION_PATH, body);
        self.send(&request).await?.decode()
    }

    /// Changes those members of an onboarding policy that the body names. Sends the request once. A repeated request
    /// has no further effect.
    ///
    /// `PATCH /beta/deviceManagement/deviceConfigurations/{id}`; least permission
    /// `DeviceManagementConfiguration.ReadWrite.All`. "Update
    /// windowsDefenderAdvancedThreatProtectionConfiguration", beta. The response may be empty.
    pub async fn update_device_configuration(&self, id: &str, body: Value) -> Result<(), Error> {
        let [management, collection] = COLLECTION_PATH;
        let request = Request::patch(ApiVersion::Beta, &[management, collection, id], body);
        self.send(&request).await.map(drop)
    }

    /// Deletes a device configuration with its assignments. A repeated request has no further effect.
    ///
    /// `DELETE /beta/deviceManagement/deviceConfigurations/{id}`; least permission
    /// `DeviceManagementConfiguration.ReadWrite.All`. "Delete windowsDefenderAdvancedThreatProtectionConfiguration",
    /// beta. The request is sent once, without a pause or a sign-in: the caller waits for a permit of
    /// [`Client::retry_loop`] first, and reads the assignments again before a retry.
    pub async fn delete_device_configuration(&self, token: &HeldToken, id: &str) -> Result<(), Error> {
        let [management, collection] = COLLECTION_PATH;
        let request = Request::delete(ApiVersion::Beta, &[management, collection, id]);
        self.send_with_token(&request, token).await.map(drop)
    }

    /// The connectors to services that assess the risk of devices, such as Defender for Endpoint.
    ///
    /// `GET /beta/deviceManagement/mobileThreatDefenseConnectors`, all pages; least permission
    /// `DeviceManagementServiceConfig.Read.All`. "List mobileThreatDefenseConnectors", beta.
    pub async fn list_threat_defense_connectors(&self) -> Result<Vec<ThreatDefenseConnector>, Error> {
        let request = Request::get(ApiVersion::Beta, &["deviceManagement", "mobileThreatDefenseConnectors"]);
        let first = self.send_batched(&request).await?;
        page::fetch_from(self, first).await
    }

    /// How many devices have applied a device configuration, and how many failed to.
    ///
    /// `GET /beta/deviceManagement/deviceConfigurations/{id}/deviceStatusOverview`; least permission
    /// `DeviceManagementConfiguration.Read.All`. "Get deviceConfigurationDeviceOverview", beta.
    pub async fn get_status_overview(&self, id: &str) -> Result<StatusOverview, Error> {
        self.send_batched(&get_request(&[id, "deviceStatusOverview"])).await?.decode()
    }

    /// How many devices of the tenant are onboarded to Defender for Endpoint.
    ///
    /// `GET /beta/deviceManagement/advancedThreatProtectionOnboardingStateSummary`; least permission
    /// `DeviceManagementConfiguration.Read.All`. "Get advancedThreatProtectionOnboardingStateSummary", beta. The
    /// documented response has the object in `value`; a response that is the object itself is accepted as well.
    pub async fn get_onboarding_state_summary(&self) -> Result<OnboardingStateSummary, Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum SummaryBody {
            Wrapped { value: OnboardingStateSummary },
            Plain(OnboardingStateSummary),
        }
        let request = Request::get(
            ApiVersion::Beta,
            &["deviceManagement", "advancedThreatProtectionOnboardingStateSummary"],
        );
        match self.send_batched(&request).await?.decode()? {
            SummaryBody::Wrapped { value: summary } | SummaryBody::Plain(summary) => Ok(summary),
        }
    }

    /// The device configurations whose settings conflict on devices.
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

/// `displayName eq '…'`, with each quotation mark of the name doubled.
fn name_filter(name: &str) -> String {
    format!("displayName eq '{}'", name.replace('\'', "''"))
}

/// A read of the collection or, with further path segments, of a resource below the collection.
fn get_request(segments: &[&str]) -> Request {
    Request::get(ApiVersion::Beta, &[&COLLECTION_PATH, segments].concat())
}

fn select_onboarding_policies(
    listed: Result<Vec<DeviceConfiguration>, Error>,
) -> Result<Vec<AtpConfiguration>, Error> {
    Ok(listed?.into_iter().filter_map(DeviceConfiguration::into_atp).collect())
}
