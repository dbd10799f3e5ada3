//! `defender_policy_conflicts`: the device configurations that conflict with each other on devices.

use async_trait::async_trait;

use crate::graph::types::ConflictSummary;
use crate::graph::types::rollout::ConflictingPolicy;
use crate::resources::assignments::kind::Kind;
use crate::resources::assignments::schema::policy_id;
use crate::resources::atp_assignment::AtpKind;
use crate::resources::session::Session;
use crate::terraform::data_source::{DataSource, DataSourceCall};
use crate::terraform::diagnostic::Diagnostics;
use crate::terraform::schema::{Attribute, Nesting, Presence, Schema};
use crate::terraform::ty::Type;
use crate::terraform::value::Value;

use super::attributes::{computed, computed_number, computed_text, schema};
use super::read_context::{INTUNE_PERMISSION, ReadContext, Subject};
use super::values::{complete, configured, number, text};

const POLICY_ID: &str = "device_configuration_id";
const CONFLICTS: &str = "conflicts";

/// The data source.
#[derive(Debug)]
pub struct PolicyConflictsDataSource;

#[async_trait]
impl DataSource for PolicyConflictsDataSource {
    type Session = Session;

    fn type_name(&self) -> &'static str {
        "defender_policy_conflicts"
    }

    fn schema(&self) -> Schema {
        let policy = vec![
            computed_text("id", "Id (GUID) of the policy, in lower case."),
            computed_text("display_name", "Name of the policy."),
        ];
        let conflict = vec![
            Attribute::nested(
                "policies",
                Nesting::List,
                policy,
                Presence::Computed,
                "The policies that conflict with each other, ordered by name and then by id.",
            ),
            computed("contributing_settings", Type::set(Type::String), "The settings on which they differ."),
            computed_number(
                "device_checkins_impacted",
                "Number of device check-ins that the conflict affected.",
            ),
        ];
        schema(
            "Reads which device configurations conflict on devices, as Intune reports it. A conflict usually means \
             that two onboarding policies reach the same device.\n\nLeast permission: \
             `DeviceManagementConfiguration.Read.All`.",
            vec![
                Attribute::new(
                    POLICY_ID,
                    Type::String,
                    Presence::Optional,
                    "Only conflicts that involve this policy. Default: all conflicts of the tenant.",
                )
                .validated(policy_id(AtpKind::KIND)),
                Attribute::nested(
                    CONFLICTS,
                    Nesting::List,
                    conflict,
                    Presence::Computed,
                    "The conflicts. May be empty.",
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
        let subject = Subject { object: "policy conflicts", permission: INTUNE_PERMISSION };
        let reading = async {
            let summaries = context.client.list_conflicts().await;
            summaries.map_err(|error| context.request_failed(subject, &error))
        };
        let summaries = context.within_deadline(subject, reading).await?;
        let configured_id = configured(config, POLICY_ID);
        let involves_policy = |conflict: &&ConflictSummary| {
            configured_id.is_none_or(|configured_id| {
                names_and_ids(conflict).iter().any(|(_, id)| id.eq_ignore_ascii_case(configured_id))
            })
        };
        // The service does not promise an order. Without sorting, the list could differ between two plans.
        let mut conflicts: Vec<_> = summaries
            .iter()
            .filter(involves_policy)
            .map(|conflict| (names_and_ids(conflict), to_value(conflict)))
            .collect();
        conflicts.sort_by(|one, other| one.0.cmp(&other.0));
        let conflicts = conflicts.into_iter().map(|(_, value)| value);
        Ok(complete(config, [(CONFLICTS, Value::list(conflicts))]))
    }
}

/// The name and id of each policy, sorted.
fn names_and_ids(conflict: &ConflictSummary) -> Vec<(String, String)> {
    let name_and_id = |policy: &ConflictingPolicy| {
        let id = policy.id.as_deref().unwrap_or_default().to_ascii_lowercase();
        (policy.display_name.clone().unwrap_or_default(), id)
    };
    let mut policies: Vec<_> =
        conflict.conflicting_device_configurations.iter().flatten().map(name_and_id).collect();
    policies.sort_unstable();
    policies
}

fn to_value(conflict: &ConflictSummary) -> Value {
    let policies = names_and_ids(conflict)
        .into_iter()
        .map(|(name, id)| Value::object([("id", text(Some(&id))), ("display_name", text(Some(&name)))]));
    let settings = conflict.contributing_settings.iter().flatten().map(Value::string);
    Value::object([
        ("policies", Value::list(policies)),
        ("contributing_settings", Value::set(settings)),
        ("device_checkins_impacted", number(conflict.device_checkins_impacted)),
    ])
}
