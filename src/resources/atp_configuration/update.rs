//! Updates a policy: sends the members that change, and reads the policy afterwards.

use std::time::Duration;

use serde_json::Value as Json;

use crate::graph;
use crate::graph::retry::ThrottlingBucket;
use crate::graph::types::AtpConfiguration;
use crate::resources::session::Session;
use crate::resources::timeouts::Operation;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::resource::{OperationFailure, ResourceCall};
use crate::terraform::stop::StopSignal;
use crate::transport::Backoff;

use super::context::{AttemptedStep, Context, WRITE_PERMISSION, request_failed};
use super::model::ConfigurationModel;
use super::names::BLOB;
use super::values::text;
use super::{request_body, secrecy};

/// The longest wait for reads to show the update.
const STALE_READ_TIMEOUT: Duration = Duration::from_secs(30);

/// Updates the policy.
pub(super) async fn update(
    call: &mut ResourceCall<'_, Session>,
    prior: ConfigurationModel,
    planned: ConfigurationModel,
) -> Result<ConfigurationModel, OperationFailure<ConfigurationModel>> {
    let context = Context::new(call, Operation::Update, &planned.timeouts);
    let blob = text(call.config, BLOB);
    let id = prior.id.clone().unwrap_or_default();
    let body = request_body::update(&prior, &planned, blob.as_deref());
    let updated = send_and_read(&context, &id, body, &planned, &mut call.stop).await;
    let policy = updated.map_err(|errors| secrecy::without_package(errors, blob.as_deref()))?;
    Ok(planned.applied(&policy))
}

async fn send_and_read(
    context: &Context<'_>,
    id: &str,
    body: Option<Json>,
    planned: &ConfigurationModel,
    stop: &mut StopSignal,
) -> Result<AtpConfiguration, Diagnostics> {
    if let Some(body) = body {
        let result = send(context, id, &body).await;
        context.session.record_write();
        result.map_err(|error| {
            let object = format!("policy {id}");
            let outcome = if error.may_have_taken_effect() {
                "The policy may have been changed; the next plan shows it."
            } else {
                "The policy is unchanged."
            };
            let action = "changing it";
            let attempted = AttemptedStep { object: &object, action, permission: WRITE_PERMISSION, outcome };
            request_failed(attempted, &error)
        })?;
    }
    wait_until_shown(context, id, planned, stop).await
}

/// Sends the update. A retry is safe, because it sets the same members to the same values.
async fn send(context: &Context<'_>, id: &str, body: &Json) -> Result<(), graph::Error> {
    let mut attempts = context.client.retry_loop(ThrottlingBucket::IntuneWrites);
    loop {
        let request = context.client.update_device_configuration(id, body.clone());
        if attempts.attempt(request).await?.is_some() {
            return Ok(());
        }
    }
}

/// Reads the policy until it has the planned values.
async fn wait_until_shown(
    context: &Context<'_>,
    id: &str,
    planned: &ConfigurationModel,
    stop: &mut StopSignal,
) -> Result<AtpConfiguration, Diagnostics> {
    let deadline = context.deadline.at_most(STALE_READ_TIMEOUT);
    let mut delays = Backoff::new(Duration::from_millis(250), Duration::from_secs(4)).delays();
    loop {
        let read = context.within_deadline(&format!("policy {id}"), context.read(id)).await?;
        let policy = read.ok_or_else(|| not_found(id))?;
        if planned.matches(&policy) {
            return Ok(policy);
        }
        if deadline.wait(delays.next_delay(), stop).await.is_err() {
            return Err(not_shown(id).into());
        }
    }
}

fn not_found(id: &str) -> Diagnostics {
    Diagnostic::error(
        format!("Policy {id} does not exist"),
        "The policy was deleted after the plan.\nNext: run terraform plan again. The new plan creates the policy.",
    )
    .into()
}

fn not_shown(id: &str) -> Diagnostic {
    Diagnostic::error(
        format!("Policy {id}: the service does not show the change"),
        "The service accepted the change, but the policy still has different values.\nNext: run terraform plan to see \
         the difference.",
    )
}
