//! Creates a policy. A create is not idempotent, and names are not unique. Therefore the provider lists the policies
//! with the planned name before the request, and again if the response is lost. It adopts a new policy only if exactly
//! one has appeared and this policy has the values that were sent.
//!
//! ```text
//! list policies with the name ──> POST ──┬── response ─────────────> state
//!                                        └── lost ──> list again ──┬── one new policy, as sent ──> state
//!                                                                  └── otherwise ──> error with the ids
//! ```

use std::collections::BTreeSet;
use std::time::Duration;

use crate::graph;
use crate::graph::retry::ThrottlingBucket;
use crate::graph::types::AtpConfiguration;
use crate::resources::deadline::WaitError;
use crate::resources::report;
use crate::resources::session::Session;
use crate::resources::timeouts::Operation;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics, list, quote};
use crate::terraform::resource::{OperationFailure, ResourceCall};
use crate::terraform::stop::StopSignal;
use crate::transport::Backoff;

use super::context::{
    AttemptedStep, Context, NOTHING_CHANGED, READ_PERMISSION, WRITE_PERMISSION, request_failed,
};
use super::messages::interrupted;
use super::model::ConfigurationModel;
use super::names::BLOB;
use super::values::text;
use super::{request_body, secrecy};

/// How long a new policy may take to appear in lists.
const NEW_POLICY_TIMEOUT: Duration = Duration::from_secs(45);

/// Creates the policy.
pub(super) async fn create(
    call: &mut ResourceCall<'_, Session>,
    planned: ConfigurationModel,
) -> Result<ConfigurationModel, OperationFailure<ConfigurationModel>> {
    let context = Context::new(call, Operation::Create, &planned.timeouts);
    let blob = text(call.config, BLOB);
    let created = create_or_adopt(&context, &planned, blob.as_deref(), &mut call.stop).await;
    let created = created.map_err(|errors| secrecy::without_package(errors, blob.as_deref()))?;
    Ok(planned.applied(&created))
}

/// Sends the create. If the response is lost, looks for the new policy.
async fn create_or_adopt(
    context: &Context<'_>,
    planned: &ConfigurationModel,
    blob: Option<&str>,
    stop: &mut StopSignal,
) -> Result<AtpConfiguration, Diagnostics> {
    let name = &planned.display_name;
    let object = format!("policy {}", quote(name));
    let attempted = AttemptedStep {
        object: &object,
        action: "listing the policies with its name",
        permission: READ_PERMISSION,
        outcome: NOTHING_CHANGED,
    };
    let policies = context.within_deadline(&object, async {
        context.client.find_atp_configurations(name).await.map_err(|error| request_failed(attempted, &error))
    });
    let ids_before: BTreeSet<String> = policies.await?.into_iter().map(|policy| policy.id).collect();
    if stop.is_stopping() {
        return Err(interrupted("The policy").into());
    }
    let result = send(context, request_body::create(planned, blob)).await;
    context.session.record_write();
    match result {
        Ok(policy) => Ok(policy),
        Err(error) if error.may_have_taken_effect() => {
            find_created(context, planned, &ids_before, &error, stop).await
        }
        Err(error) => {
            let attempted = AttemptedStep {
                action: "creating it",
                permission: WRITE_PERMISSION,
                outcome: "No policy was created.",
                ..attempted
            };
            Err(request_failed(attempted, &error))
        }
    }
}

/// Sends the create request. Retries only if the failed request cannot have created a policy.
async fn send(context: &Context<'_>, body: serde_json::Value) -> Result<AtpConfiguration, graph::Error> {
    let mut attempts = context.client.retry_loop(ThrottlingBucket::IntuneWrites);
    loop {
        let permit = attempts.acquire_permit().await?;
        match context.client.create_atp_configuration(body.clone()).await {
            Ok(policy) => {
                attempts.record_success(permit);
                return Ok(policy);
            }
            Err(error) => {
                let may_exist = error.may_have_taken_effect();
                if !attempts.record_failure(permit, &error) || may_exist {
                    return Err(error);
                }
            }
        }
    }
}

/// Looks for the new policy after the response to its create was lost.
async fn find_created(
    context: &Context<'_>,
    planned: &ConfigurationModel,
    ids_before: &BTreeSet<String>,
    lost_response: &graph::Error,
    stop: &mut StopSignal,
) -> Result<AtpConfiguration, Diagnostics> {
    let deadline = context.deadline.at_most(NEW_POLICY_TIMEOUT);
    let client = context.session.graph.for_operation(deadline.retry_budget(stop));
    let find_new = async || {
        let found = deadline.within(client.find_atp_configurations(&planned.display_name)).await;
        let found = found.and_then(Result::ok).unwrap_or_default().into_iter();
        found.filter(|policy| !ids_before.contains(&policy.id)).collect::<Vec<_>>()
    };
    let mut delays = Backoff::new(Duration::from_secs(1), Duration::from_secs(8)).delays();
    loop {
        let mut new_policies = find_new().await;
        // The list may show another new policy later. Therefore a single policy is accepted only if a second list still
        // shows no other.
        if !new_policies.is_empty() {
            new_policies = find_new().await;
        }
        match <[AtpConfiguration; 1]>::try_from(new_policies) {
            Ok([policy]) if planned.matches(&policy) => return Ok(policy),
            Ok([policy]) => return Err(not_adopted(planned, &[policy], lost_response).into()),
            Err(policies) if !policies.is_empty() => {
                return Err(not_adopted(planned, &policies, lost_response).into());
            }
            Err(_) => {}
        }
        match deadline.wait(delays.next_delay(), stop).await {
            Ok(()) => {}
            Err(WaitError::DeadlineExceeded | WaitError::Stopped) => {
                return Err(not_adopted(planned, &[], lost_response).into());
            }
        }
    }
}

/// The error if the provider cannot determine whether a policy was created, or which policy it was.
fn not_adopted(
    planned: &ConfigurationModel,
    new_policies: &[AtpConfiguration],
    lost_response: &graph::Error,
) -> Diagnostic {
    let name = quote(&planned.display_name);
    let found = if new_policies.is_empty() {
        format!("No new policy with the name {name} has appeared. It may appear later.\n")
    } else {
        let ids = list(new_policies.iter().map(|policy| policy.id.clone()));
        let reason = match new_policies {
            [_] => "the policy does not have the values that were sent",
            _ => "more than one has appeared",
        };
        format!(
            "The provider did not adopt any of these new policies with the name {name}, because {reason}:\n{ids}"
        )
    };
    let request = lost_response.call().map(|call| report::request_line(call, lost_response.code()));
    let place = request.unwrap_or_default();
    Diagnostic::error(
        "It is not known whether the policy was created",
        format!(
            "The response to the create was lost.\n{place}\n{found}Next: look for the policy in the Intune admin \
             center. If the policy is there, import it or delete it. Then run terraform plan again. The provider does \
             not repeat the request, because that could create a second policy."
        ),
    )
}
