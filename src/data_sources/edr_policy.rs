//! `defender_edr_policy`: an endpoint detection and response policy, a policy of the settings catalog, by its id or its
//! name.

use async_trait::async_trait;

use crate::graph;
use crate::graph::types::{EdrPolicy, Package};
use crate::resources::session::Session;
use crate::resources::shared_list::SharedList;
use crate::terraform::data_source::{DataSource, DataSourceCall};
use crate::terraform::diagnostic::Diagnostics;
use crate::terraform::schema::Schema;
use crate::terraform::ty::Type;
use crate::terraform::value::Value;

use super::attributes::{computed, computed_text, schema};
use super::id_or_name::{ID, LookupTexts};
use super::policy_list::{PolicyById, PolicyLookup, WrongPolicy, look_up};
use super::read_context::{INTUNE_PERMISSION, ReadContext, Subject};
use super::values::{complete, configured, text, texts};

const NAME: &str = "name";

/// The data source.
#[derive(Debug)]
pub struct EdrPolicyDataSource;

/// How endpoint detection and response policies are looked up.
pub(super) struct EdrLookup;

#[async_trait]
impl PolicyLookup for EdrLookup {
    type Policy = EdrPolicy;

    const TEXTS: LookupTexts = LookupTexts {
        object: "EDR policy",
        objects: "EDR policies",
        name_attribute: NAME,
        place: "Intune",
        id_source: "The Intune admin center shows it in the address of the policy's page (Endpoint security, Endpoint \
                    detection and response), after \"policyId/\". To look up the policy by its name, set name instead.",
    };

    fn id_and_name(policy: &EdrPolicy) -> (&str, &str) {
        (&policy.id, policy.name.as_deref().unwrap_or_default())
    }

    fn shared_list<'a>(context: &ReadContext<'a>) -> &'a SharedList<EdrPolicy> {
        &context.session.lists.edr_policies
    }

    async fn list(client: &graph::Client) -> Result<Vec<EdrPolicy>, graph::Error> {
        client.list_edr_policies().await
    }

    async fn get(client: &graph::Client, id: &str) -> Result<PolicyById<EdrPolicy>, graph::Error> {
        let policy = client.get_configuration_policy(id).await?;
        if policy.is_edr() {
            return Ok(PolicyById::Found(policy));
        }
        let family =
            policy.template_reference.as_ref().and_then(|template| template.template_family.as_deref());
        Ok(PolicyById::WrongType(WrongPolicy {
            actual: format!("of the template family {}", family.unwrap_or("none")),
            expected: "policies of the family endpointSecurityEndpointDetectionAndResponse",
        }))
    }
}

#[async_trait]
impl DataSource for EdrPolicyDataSource {
    type Session = Session;

    fn type_name(&self) -> &'static str {
        "defender_edr_policy"
    }

    fn schema(&self) -> Schema {
        let [id, name] = EdrLookup::TEXTS.attributes(
            "Id (GUID) of the policy. Set either `id` or `name`.",
            "Name of the policy (case-insensitive). Set either `id` or `name`.",
        );
        schema(
            "Finds an endpoint detection and response (EDR) policy of endpoint security by its name or its id: a \
             policy of the template family `endpointSecurityEndpointDetectionAndResponse`. The look-up fails if no \
             policy or more than one has that name. The onboarding package itself is a secret that Graph does not \
             show.\n\nThe look-ups of a plan share a list of all policies, so many look-ups need only a few \
             requests.\n\nLeast permission: `DeviceManagementConfiguration.Read.All`.",
            vec![
                id,
                name,
                computed_text("description", "Description of the policy; null if it has none."),
                computed("role_scope_tag_ids", Type::set(Type::String), "Ids of the scope tags."),
                computed_text(
                    "package",
                    "Where the package comes from and what it does: `auto_from_connector`, `onboarding` or `offboarding`; \
                     null if the settings do not say.",
                ),
                computed_text(
                    "sample_sharing",
                    "Which samples of files Defender may collect: `none` or `all`; null if the settings do not say.",
                ),
                computed_text("template_version", "Version of the template, as Intune shows it."),
                computed_text("created_date_time", "When the policy was created (RFC 3339)."),
                computed_text("last_modified_date_time", "When the policy was last changed (RFC 3339)."),
            ],
        )
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        EdrLookup::TEXTS.validate(config)
    }

    async fn read(
        &self,
        call: &mut DataSourceCall<'_, Session>,
        config: &Value,
    ) -> Result<Value, Diagnostics> {
        let key = EdrLookup::TEXTS.lookup_key(config);
        let context = ReadContext::new(call, config);
        let object = EdrLookup::TEXTS.describe(&key);
        let subject = Subject { object: &object, permission: INTUNE_PERMISSION };
        let reading = async {
            let policy = look_up::<EdrLookup>(&context, &key).await?;
            let with_settings = context.client.with_settings(policy).await;
            with_settings.map_err(|error| context.request_failed(subject, &error))
        };
        let policy = context.within_deadline(subject, reading).await?;
        Ok(result(config, &policy))
    }
}

fn result(config: &Value, policy: &EdrPolicy) -> Value {
    let template = policy.template_reference.as_ref();
    complete(
        config,
        [
            (ID, Value::string(configured(config, ID).unwrap_or(&policy.id))),
            (NAME, text(configured(config, NAME).or(policy.name.as_deref()))),
            ("description", text(policy.description.as_deref().filter(|text| !text.is_empty()))),
            ("role_scope_tag_ids", texts(policy.role_scope_tag_ids.as_deref())),
            ("package", text(policy.package().map(Package::as_str))),
            ("sample_sharing", text(policy.sample_sharing())),
            (
                "template_version",
                text(template.and_then(|template| template.template_display_version.as_deref())),
            ),
            ("created_date_time", text(policy.created_date_time.as_deref())),
            ("last_modified_date_time", text(policy.last_modified_date_time.as_deref())),
        ],
    )
}
