//! Imports a policy: checks its id and its kind. Terraform reads the assignments right after the import.

use crate::resources::session::Session;
use crate::resources::timeouts::Operation;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics, quote};
use crate::terraform::resource::{ImportTarget, ResourceCall};
use crate::terraform::validators::Validator;
use crate::terraform::value::Value;

use super::kind::PolicyKind;
use super::model::AssignmentModel;
use super::operation_context::OperationContext;
use super::schema;

/// Imports a policy.
pub(super) async fn import(
    kind: &'static PolicyKind,
    call: &mut ResourceCall<'_, Session>,
    target: &ImportTarget,
) -> Result<AssignmentModel, Diagnostics> {
    let model = AssignmentModel::from_policy_id(kind, imported_id(kind, target)?);
    let context = OperationContext::new(call.session, Operation::Read, &model.timeouts, &call.stop);
    let policy = context.policy(&model);
    context.within_deadline(policy, policy.check_type()).await?;
    Ok(model)
}

/// Returns the policy id of the import target, in the user's spelling.
fn imported_id(kind: &PolicyKind, target: &ImportTarget) -> Result<String, Diagnostic> {
    let id = match target {
        ImportTarget::Id(id) => id.as_str(),
        ImportTarget::Identity(identity) => {
            identity.attribute(kind.id_attribute).and_then(Value::as_str).unwrap_or_default()
        }
    };
    let Some(violation) = schema::policy_id(kind).check(&Value::string(id)) else { return Ok(id.to_owned()) };
    let hint = violation.hint.map(|hint| format!(" {hint}")).unwrap_or_default();
    Err(Diagnostic::error(
        "The import id is not the id of a policy",
        format!("The id is {}.{hint} {} Nothing was imported.", quote(id), violation.rule),
    ))
}
