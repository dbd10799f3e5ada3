//! `defender_onboarding_status`: how many devices of the tenant are onboarded.

use async_trait::async_trait;

use crate::resources::session::Session;
use crate::terraform::data_source::{DataSource, DataSourceCall};
use crate::terraform::diagnostic::Diagnostics;
use crate::terraform::schema::Schema;
use crate::terraform::value::Value;

use super::attributes::{computed_number, schema};
use super::read_context::{INTUNE_PERMISSION, ReadContext, Subject};
use super::values::{complete, number};

/// The data source.
#[derive(Debug)]
pub struct OnboardingStatusDataSource;

#[async_trait]
impl DataSource for OnboardingStatusDataSource {
    type Session = Session;

    fn type_name(&self) -> &'static str {
        "defender_onboarding_status"
    }

    fn schema(&self) -> Schema {
        schema(
            "Reads how many devices are onboarded to Defender for Endpoint, across all devices of the tenant and both \
             kinds of onboarding policy. Intune counts with a delay.\n\nLeast permission: \
             `DeviceManagementConfiguration.Read.All`.",
            vec![
                computed_number("compliant_device_count", "Onboarded devices."),
                computed_number(
                    "non_compliant_device_count",
                    "Devices that should be onboarded but are not.",
                ),
                computed_number("error_device_count", "Devices that reported an error."),
                computed_number("conflict_device_count", "Devices with conflicting settings."),
                computed_number("not_assigned_device_count", "Devices without a policy."),
                computed_number("not_applicable_device_count", "Devices that cannot be onboarded."),
                computed_number("remediated_device_count", "Devices that were corrected."),
                computed_number("unknown_device_count", "Devices whose state is unknown."),
            ],
        )
    }

    async fn read(
        &self,
        call: &mut DataSourceCall<'_, Session>,
        config: &Value,
    ) -> Result<Value, Diagnostics> {
        let context = ReadContext::new(call, config);
        let subject = Subject { object: "the onboarding status", permission: INTUNE_PERMISSION };
        let reading = async {
            let summary = context.client.get_onboarding_state_summary().await;
            summary.map_err(|error| context.request_failed(subject, &error))
        };
        let summary = context.within_deadline(subject, reading).await?;
        Ok(complete(
            config,
            [
                ("compliant_device_count", number(Some(summary.compliant_device_count))),
                ("non_compliant_device_count", number(Some(summary.non_compliant_device_count))),
                ("error_device_count", number(summary.error_device_count)),
                ("conflict_device_count", number(summary.conflict_device_count)),
                ("not_assigned_device_count", number(summary.not_assigned_device_count)),
                ("not_applicable_device_count", number(summary.not_applicable_device_count)),
                ("remediated_device_count", number(summary.remediated_device_count)),
                ("unknown_device_count", number(summary.unknown_device_count)),
            ],
        ))
    }
}
