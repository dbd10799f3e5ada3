//! `defender_policy_status`: how many devices have an onboarding policy.

use async_trait::async_trait;

use crate::graph;
use crate::graph::types::{AtpConfiguration, DeviceConfiguration, StatusOverview};
use crate::resources::assignments::kind::Kind;
use crate::resources::assignments::schema::policy_id;
use crate::resources::atp_assignment::AtpKind;
use crate::resources::session::Session;
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::data_source::{DataSource, DataSourceCall};
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::schema::{Attribute, Presence, Schema};
use crate::terraform::ty::Type;
use crate::terraform::value::Value;

use super::attributes::{computed, computed_number, computed_text, schema};
use super::messages::policy_not_found;
use super::read_context::{INTUNE_PERMISSION, ReadContext, Subject};
use super::values::{boolean, complete, configured, number, text};

const POLICY_ID: &str = "device_configuration_id";

/// The data source.
#[derive(Debug)]
pub struct PolicyStatusDataSource;

#[async_trait]
impl DataSource for PolicyStatusDataSource {
    type Session = Session;

    fn type_name(&self) -> &'static str {
        "defender_policy_status"
    }

    fn schema(&self) -> Schema {
        let id =
            Attribute::new(POLICY_ID, Type::String, Presence::Required, "Id (GUID) of the policy in Intune.")
                .validated(policy_id(AtpKind::KIND));
        schema(
            "Reads how many devices have a Defender for Endpoint onboarding policy, as Intune counts them. Devices \
             check in every eight hours on average, and Intune counts with a delay of up to half an hour, so right \
             after an apply the counts still describe the state before the apply.\n\nIntune has no such counts for \
             EDR policies.\n\nLeast permission: `DeviceManagementConfiguration.Read.All`.",
            vec![
                id,
                computed_number("pending_count", "Devices that have not reported yet."),
                computed_number("success_count", "Devices that have the policy."),
                computed_number(
                    "error_count",
                    "Devices that Intune counts under `errorCount`. Check it together with \
                                                `failed_count`: Microsoft does not document the difference.",
                ),
                computed_number(
                    "failed_count",
                    "Devices that Intune counts under `failedCount`. See `error_count`.",
                ),
                computed_number("conflict_count", "Devices on which another policy conflicts with this one."),
                computed_number("not_applicable_count", "Devices to which the policy does not apply."),
                computed_text("last_update_date_time", "When Intune last counted (RFC 3339)."),
                computed(
                    "of_current_version",
                    Type::Bool,
                    "Whether the counts are about the current version of the policy. If not, the policy has changed \
                     since Intune counted.",
                ),
            ],
        )
    }

    async fn read(
        &self,
        call: &mut DataSourceCall<'_, Session>,
        config: &Value,
    ) -> Result<Value, Diagnostics> {
        let context = ReadContext::new(call, config);
        let id = configured(config, POLICY_ID).unwrap_or_default();
        let object = format!("policy {id}");
        let subject = Subject { object: &object, permission: INTUNE_PERMISSION };
        let (policy, status) = context.within_deadline(subject, look_up(&context, subject, id)).await?;
        Ok(complete(config, attributes(&policy, &status)))
    }
}

async fn look_up(
    context: &ReadContext<'_>,
    subject: Subject<'_>,
    id: &str,
) -> Result<(AtpConfiguration, StatusOverview), Diagnostics> {
    let (policy, status) =
        tokio::join!(context.client.get_device_configuration(id), context.client.get_status_overview(id));
    let failed = |error: &graph::Error| match error {
        error if error.is_resource_not_found() => policy_not_found(id, POLICY_ID, error).into(),
        error => context.request_failed(subject, error),
    };
    match policy.map_err(|error| failed(&error))? {
        DeviceConfiguration::Atp(policy) => Ok((*policy, status.map_err(|error| failed(&error))?)),
        DeviceConfiguration::Other { type_name } => Err(wrong_type(id, type_name.as_deref()).into()),
    }
}

fn wrong_type(id: &str, type_name: Option<&str>) -> Diagnostic {
    Diagnostic::error(
        "The policy is not a Defender for Endpoint onboarding policy",
        format!(
            "Policy {id} is of the type {}. This data source reads policies of the type \
             windowsDefenderAdvancedThreatProtectionConfiguration only.\nNext: use the id of a policy that was made with the \
             profile type \"Microsoft Defender for Endpoint\".",
            type_name.unwrap_or("unknown")
        ),
    )
    .at(AttributePath::root(POLICY_ID))
}

fn attributes(policy: &AtpConfiguration, status: &StatusOverview) -> [(&'static str, Value); 8] {
    let versions = status.configuration_version.zip(policy.version);
    [
        ("pending_count", number(Some(status.pending_count))),
        ("success_count", number(Some(status.success_count))),
        ("error_count", number(Some(status.error_count))),
        ("failed_count", number(Some(status.failed_count))),
        ("conflict_count", number(status.conflict_count)),
        ("not_applicable_count", number(status.not_applicable_count)),
        ("last_update_date_time", text(status.last_update_date_time.as_deref())),
        ("of_current_version", boolean(versions.map(|(counted, current)| counted >= current))),
    ]
}
