//! `defender_atp_configuration`: a Defender for Endpoint onboarding policy, a device configuration, by its id or its
//! name.

use async_trait::async_trait;

use crate::graph;
use crate::graph::types::atp_configuration::{OsEditionRule, OsVersionRule};
use crate::graph::types::{AtpConfiguration, DeviceConfiguration, Package};
use crate::resources::session::Session;
use crate::resources::shared_list::SharedList;
use crate::terraform::data_source::{DataSource, DataSourceCall};
use crate::terraform::diagnostic::Diagnostics;
use crate::terraform::schema::{Attribute, Nesting, Presence, Schema};
use crate::terraform::ty::Type;
use crate::terraform::value::Value;

use super::attributes::{computed, computed_number, computed_text, schema};
use super::id_or_name::{ID, LookupTexts};
use super::policy_list::{PolicyById, PolicyLookup, WrongPolicy, look_up};
use super::read_context::{INTUNE_PERMISSION, ReadContext, Subject};
use super::values::{boolean, complete, configured, number, text, texts};

const DISPLAY_NAME: &str = "display_name";

/// The data source.
#[derive(Debug)]
pub struct AtpConfigurationDataSource;

/// How onboarding policies are looked up.
pub(super) struct AtpLookup;

#[async_trait]
impl PolicyLookup for AtpLookup {
    type Policy = AtpConfiguration;

    const TEXTS: LookupTexts = LookupTexts {
        object: "onboarding policy",
        objects: "onboarding policies",
        name_attribute: DISPLAY_NAME,
        place: "Intune",
        id_source: "The Intune admin center shows it in the address of the policy's page, after \"policyId/\". To \
                    look up the policy by its name, set display_name instead.",
    };

    fn id_and_name(policy: &AtpConfiguration) -> (&str, &str) {
        (&policy.id, policy.display_name.as_deref().unwrap_or_default())
    }

    fn shared_list<'a>(context: &ReadContext<'a>) -> &'a SharedList<AtpConfiguration> {
        &context.session.lists.atp_configurations
    }

    async fn list(client: &graph::Client) -> Result<Vec<AtpConfiguration>, graph::Error> {
        client.list_atp_configurations().await
    }

    async fn get(client: &graph::Client, id: &str) -> Result<PolicyById<AtpConfiguration>, graph::Error> {
        Ok(match client.get_device_configuration(id).await? {
            DeviceConfiguration::Atp(policy) => PolicyById::Found(*policy),
            DeviceConfiguration::Other { type_name } => PolicyById::WrongType(WrongPolicy {
                actual: format!("of the type {}", type_name.as_deref().unwrap_or("unknown")),
                expected: "policies of the type windowsDefenderAdvancedThreatProtectionConfiguration",
            }),
        })
    }
}

#[async_trait]
impl DataSource for AtpConfigurationDataSource {
    type Session = Session;

    fn type_name(&self) -> &'static str {
        "defender_atp_configuration"
    }

    fn schema(&self) -> Schema {
        let mut attributes = AtpLookup::TEXTS
            .attributes(
                "Id (GUID) of the policy. Set either `id` or `display_name`.",
                "Name of the policy (case-insensitive). Set either `id` or `display_name`.",
            )
            .into_iter()
            .collect::<Vec<_>>();
        attributes.extend(policy_attributes());
        schema(
            "Finds a Defender for Endpoint onboarding policy by its name or its id: an Intune device configuration of \
             the type `windowsDefenderAdvancedThreatProtectionConfiguration`. The look-up fails if no policy or more \
             than one has that name. The onboarding package itself is a secret, which Graph shows only in encrypted form.\n\nThe \
             look-ups of a plan share a list of all policies, so many look-ups need only a few requests.\n\nLeast \
             permission: `DeviceManagementConfiguration.Read.All`.",
            attributes,
        )
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        AtpLookup::TEXTS.validate(config)
    }

    async fn read(
        &self,
        call: &mut DataSourceCall<'_, Session>,
        config: &Value,
    ) -> Result<Value, Diagnostics> {
        let key = AtpLookup::TEXTS.lookup_key(config);
        let context = ReadContext::new(call, config);
        let object = AtpLookup::TEXTS.describe(&key);
        let subject = Subject { object: &object, permission: INTUNE_PERMISSION };
        let policy = context.within_deadline(subject, look_up::<AtpLookup>(&context, &key)).await?;
        Ok(result(config, &policy))
    }
}

fn policy_attributes() -> Vec<Attribute> {
    vec![
        computed_text("description", "Description of the policy; null if it has none."),
        computed("role_scope_tag_ids", Type::set(Type::String), "Ids of the scope tags."),
        computed("allow_sample_sharing", Type::Bool, "Whether Defender may collect samples of files."),
        computed(
            "enable_expedited_telemetry_reporting",
            Type::Bool,
            "Deprecated by Microsoft: the service ignores it on new devices.",
        ),
        computed_text(
            "package",
            "Where the package comes from and what it does: `auto_from_connector`, `onboarding` or `offboarding`; null if \
             the policy has none.",
        ),
        computed_text("package_filename", "File name of an uploaded package."),
        applicability_rules(),
        computed_number("version", "Increases with each change of the policy."),
        computed_text("created_date_time", "When the policy was created (RFC 3339)."),
        computed_text("last_modified_date_time", "When the policy was last changed (RFC 3339)."),
    ]
}

fn applicability_rules() -> Attribute {
    let rule_type = || computed_text("rule_type", "`include` or `exclude`.");
    let edition = vec![
        computed_text("name", "Name of the rule."),
        computed(
            "os_edition_types",
            Type::set(Type::String),
            "Editions, as Graph names them, such as `windows10Enterprise`.",
        ),
        rule_type(),
    ];
    let version = vec![
        computed_text("name", "Name of the rule."),
        computed_text("min_os_version", "Lowest version of Windows."),
        computed_text("max_os_version", "Highest version of Windows."),
        rule_type(),
    ];
    let rules = vec![
        Attribute::nested(
            "os_edition",
            Nesting::Single,
            edition,
            Presence::Computed,
            "Rule for editions of Windows.",
        ),
        Attribute::nested(
            "os_version",
            Nesting::Single,
            version,
            Presence::Computed,
            "Rule for versions of Windows.",
        ),
    ];
    Attribute::nested(
        "applicability_rules",
        Nesting::Single,
        rules,
        Presence::Computed,
        "Which devices the policy applies to; null if it has no such rules.",
    )
}

fn result(config: &Value, policy: &AtpConfiguration) -> Value {
    complete(
        config,
        [
            (ID, Value::string(configured(config, ID).unwrap_or(&policy.id))),
            (DISPLAY_NAME, text(configured(config, DISPLAY_NAME).or(policy.display_name.as_deref()))),
            ("description", text(policy.description.as_deref().filter(|text| !text.is_empty()))),
            ("role_scope_tag_ids", texts(policy.role_scope_tag_ids.as_deref())),
            ("allow_sample_sharing", boolean(policy.allow_sample_sharing)),
            ("enable_expedited_telemetry_reporting", boolean(policy.enable_expedited_telemetry_reporting)),
            ("package", text(policy.package().map(Package::as_str))),
            ("package_filename", text(policy.package_filename())),
            ("applicability_rules", rules(policy)),
            ("version", number(policy.version)),
            ("created_date_time", text(policy.created_date_time.as_deref())),
            ("last_modified_date_time", text(policy.last_modified_date_time.as_deref())),
        ],
    )
}

fn rules(policy: &AtpConfiguration) -> Value {
    if policy.os_edition_rule.is_none() && policy.os_version_rule.is_none() {
        return Value::Null;
    }
    Value::object([
        ("os_edition", policy.os_edition_rule.as_ref().map_or(Value::Null, edition_rule)),
        ("os_version", policy.os_version_rule.as_ref().map_or(Value::Null, version_rule)),
    ])
}

fn edition_rule(rule: &OsEditionRule) -> Value {
    Value::object([
        ("name", text(rule.name.as_deref())),
        ("os_edition_types", texts(rule.os_edition_types.as_deref())),
        ("rule_type", text(rule.rule_type.as_deref())),
    ])
}

fn version_rule(rule: &OsVersionRule) -> Value {
    Value::object([
        ("name", text(rule.name.as_deref())),
        ("min_os_version", text(rule.min_os_version.as_deref())),
        ("max_os_version", text(rule.max_os_version.as_deref())),
        ("rule_type", text(rule.rule_type.as_deref())),
    ])
}
