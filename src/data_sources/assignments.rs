//! `defender_atp_assignment` and `defender_edr_assignment`: the assignments that a policy has now, in the shape of the
//! resource of the same name.

use async_trait::async_trait;

use crate::resources::assignments::kind::{PolicyKind, WrongType};
use crate::resources::assignments::observe::{ObserveError, observe};
use crate::resources::assignments::schema::{observed_attributes, policy_id};
use crate::resources::session::Session;
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::data_source::{DataSource, DataSourceCall};
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::schema::{Attribute, Presence, Schema};
use crate::terraform::ty::Type;
use crate::terraform::value::Value;

use super::attributes::schema;
use super::messages::policy_not_found;
use super::read_context::{INTUNE_PERMISSION, ReadContext, Subject};
use super::values::{complete, configured};

/// Reads the assignments of a policy of one kind.
#[derive(Debug)]
pub struct AssignmentsDataSource {
    kind: &'static PolicyKind,
}

impl AssignmentsDataSource {
    /// The data source for this kind of policy.
    pub fn new(kind: &'static PolicyKind) -> Self {
        Self { kind }
    }
}

#[async_trait]
impl DataSource for AssignmentsDataSource {
    type Session = Session;

    fn type_name(&self) -> &'static str {
        self.kind.resource_type
    }

    fn schema(&self) -> Schema {
        let id = Attribute::new(
            self.kind.id_attribute,
            Type::String,
            Presence::Required,
            "Id (GUID) of the policy in Intune.",
        )
        .validated(policy_id(self.kind));
        let mut attributes = vec![id];
        attributes.extend(observed_attributes());
        schema(
            "Reads the assignments that a policy has now, without managing them. If a resource of this configuration \
             manages the policy, read `assignments` from that resource instead.\n\nLeast permission: \
             `DeviceManagementConfiguration.Read.All`.",
            attributes,
        )
    }

    async fn read(
        &self,
        call: &mut DataSourceCall<'_, Session>,
        config: &Value,
    ) -> Result<Value, Diagnostics> {
        let context = ReadContext::new(call, config);
        let id = configured(config, self.kind.id_attribute).unwrap_or_default();
        let object = format!("policy {id}");
        let subject = Subject { object: &object, permission: INTUNE_PERMISSION };
        let reading = async {
            let observed = observe(&context.client, self.kind, id).await;
            observed.map_err(|error| self.read_failed(&context, subject, id, error))
        };
        Ok(complete(config, context.within_deadline(subject, reading).await?))
    }
}

impl AssignmentsDataSource {
    fn read_failed(
        &self,
        context: &ReadContext<'_>,
        subject: Subject<'_>,
        id: &str,
        error: ObserveError,
    ) -> Diagnostics {
        match error {
            ObserveError::Graph(error) if error.is_resource_not_found() => {
                policy_not_found(id, self.kind.id_attribute, &error).into()
            }
            ObserveError::Graph(error) => context.request_failed(subject, &error),
            ObserveError::WrongType { name, kind } => self.wrong_type(id, &name, &kind).into(),
        }
    }

    fn wrong_type(&self, id: &str, name: &str, other: &WrongType) -> Diagnostic {
        let WrongType { summary, actual, expected, how_to_create } = other;
        let detail = format!(
            "Policy {id} ({name}) is of {actual}. This data source reads policies of the {expected} only.\nNext: use the id of a \
             policy that was made {how_to_create}."
        );
        Diagnostic::error(*summary, detail).at(AttributePath::root(self.kind.id_attribute))
    }
}
