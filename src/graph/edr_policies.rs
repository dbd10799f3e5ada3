//! Calls on policies for endpoint detection and response (EDR). The calls on assignments are in `policies.rs`. EDR
//! policies belong to the settings catalog, which exists in beta only.

use super::client::Client;
use super::error::Error;
use super::page;
use super::request::{ApiVersion, Request};
use super::types::{EDR_TEMPLATE_FAMILY, EdrPolicy, PolicySetting};

const EXPAND_SETTINGS: (&str, &str) = ("$expand", "settings");

impl Client {
    /// A policy of the settings catalog, with its settings. The policy may belong to any template family, so it may not
    /// be an EDR policy, see [`EdrPolicy`].
    ///
    /// `GET /beta/deviceManagement/configurationPolicies/{id}?$expand=settings`; least permission
    /// `DeviceManagementConfiguration.Read.All`. "Get deviceManagementConfigurationPolicy", beta. If the policy does
    /// not exist, [`Error::is_resource_not_found`] is true. After a 400, the function requests the policy without
    /// `$expand`.
    pub async fn get_configuration_policy(&self, id: &str) -> Result<EdrPolicy, Error> {
        let (expand, settings) = EXPAND_SETTINGS;
        let policy = self.send_batched(&get_request(&[id]).query(expand, settings)).await;
        let policy: EdrPolicy = match policy {
            Err(error) if error.status() == Some(400) => {
                self.send_batched(&get_request(&[id])).await?.decode()?
            }
            policy => policy?.decode()?,
        };
        self.with_settings(policy).await
    }

    /// All EDR policies, in no particular order. Their settings may be missing; see [`Self::with_settings`].
    ///
    /// `GET /beta/deviceManagement/configurationPolicies?$filter=templateReference/templateFamily eq
    /// '…'&$expand=settings`, all pages; least permission `DeviceManagementConfiguration.Read.All`. "List
    /// deviceManagementConfigurationPolicies", beta. After a 400, the function requests the list without `$expand`,
    /// and then without the filter. It drops policies of other template families.
    pub async fn list_edr_policies(&self) -> Result<Vec<EdrPolicy>, Error> {
        let family = format!("templateReference/templateFamily eq '{EDR_TEMPLATE_FAMILY}'");
        let (expand, settings) = EXPAND_SETTINGS;
        let filtered = get_request(&[]).query("$filter", family);
        let attempts = [filtered.clone().query(expand, settings), filtered, get_request(&[])];
        let mut bad_request = None;
        for request in attempts {
            match page::fetch_all::<EdrPolicy>(self, &request).await {
                Err(error) if error.status() == Some(400) => bad_request = Some(error),
                listed => return Ok(listed?.into_iter().filter(EdrPolicy::is_edr).collect()),
            }
        }
        bad_request.map_or_else(|| Ok(Vec::new()), Err)
    }

    /// Returns the policy with all its settings. Fetches them if some are missing.
    ///
    /// `GET /beta/deviceManagement/configurationPolicies/{id}/settings`, all pages; least permission
    /// `DeviceManagementConfiguration.Read.All`. "List settings" of deviceManagementConfigurationPolicy, beta.
    pub async fn with_settings(&self, policy: EdrPolicy) -> Result<EdrPolicy, Error> {
        if policy.has_all_settings() {
            return Ok(policy);
        }
        let first = self.send_batched(&get_request(&[&policy.id, "settings"])).await?;
        let settings: Vec<PolicySetting> = page::fetch_from(self, first).await?;
        Ok(EdrPolicy {
            setting_count: Some(settings.len()),
            settings: Some(settings),
            settings_next_link: None,
            ..policy
        })
    }
}

/// A read of the collection or, with further path segments, of a resource below the collection.
fn get_request(segments: &[&str]) -> Request {
    Request::get(ApiVersion::Beta, &[&["deviceManagement", "configurationPolicies"], segments].concat())
}
