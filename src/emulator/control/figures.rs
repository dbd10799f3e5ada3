//! Test control of what the services learn from devices, users and partners, which the emulator does not have.

use serde_json::Value;

use super::answers::{json_of, not_found, shape_error};
use crate::emulator::member_reader::ShapeError;
use crate::emulator::model::conflict_summary::{self, StoredConflictSummary};
use crate::emulator::model::device_status_overview::{self, DeviceStatusOverview};
use crate::emulator::model::onboarding_summary::{self, OnboardingSummary};
use crate::emulator::model::threat_defense_connector::{self, StoredConnector};
use crate::emulator::model::transitive_members::{self, TransitiveMemberCounts};
use crate::emulator::odata::path::VersionRoot;
use crate::emulator::response::ServiceResponse;
use crate::emulator::state::TenantState;
use crate::emulator::timestamp::now;

/// Serves a PUT of figures or connectors; `None` if `parts` is not the address of any.
pub fn put(
    tenant: &mut TenantState,
    parts: &[&str],
    body: &[u8],
) -> Option<Result<ServiceResponse, ServiceResponse>> {
    let set = match parts {
        ["groups", _, transitive_members::MEMBER] => set_member_counts,
        ["deviceConfigurations", _, device_status_overview::MEMBER] => set_device_status,
        [onboarding_summary::TYPE_NAME] => set_onboarding_summary,
        [conflict_summary::TYPE_NAME] => set_conflicts,
        [threat_defense_connector::COLLECTION] => set_connectors,
        _ => return None,
    };
    let id = parts.get(1).copied().unwrap_or_default();
    Some(json_of(body).and_then(|document| set(tenant, id, document)))
}

fn set_member_counts(
    tenant: &mut TenantState,
    id: &str,
    document: Value,
) -> Result<ServiceResponse, ServiceResponse> {
    let counts = TransitiveMemberCounts::from_seed(document, "").map_err(refused)?;
    let group = tenant.group_mut(id).ok_or_else(|| not_found(&format!("There is no group '{id}'.")))?;
    group.transitive_members = counts;
    Ok(ServiceResponse::json(200, counts.render()))
}

fn set_device_status(
    tenant: &mut TenantState,
    id: &str,
    document: Value,
) -> Result<ServiceResponse, ServiceResponse> {
    let overview = DeviceStatusOverview::from_seed(document, "", &now()).map_err(refused)?;
    let policy = tenant.device_configuration_mut(id);
    let policy = policy.ok_or_else(|| not_found(&format!("There is no device configuration '{id}'.")))?;
    policy.device_status = overview;
    Ok(ServiceResponse::json(200, policy.device_status_overview(VersionRoot::Beta)))
}

fn set_onboarding_summary(
    tenant: &mut TenantState,
    _: &str,
    document: Value,
) -> Result<ServiceResponse, ServiceResponse> {
    tenant.onboarding_summary = OnboardingSummary::from_seed(document, "").map_err(refused)?;
    Ok(ServiceResponse::json(200, tenant.onboarding_summary.render()))
}

fn set_conflicts(
    tenant: &mut TenantState,
    _: &str,
    document: Value,
) -> Result<ServiceResponse, ServiceResponse> {
    let rows = rows_of(document, "An array of conflicts is expected here.")?;
    tenant.conflict_summaries = StoredConflictSummary::list_from_seed(rows, "").map_err(refused)?;
    let shown: Vec<Value> =
        tenant.conflict_summaries.iter().map(|conflict| Value::Object(conflict.render())).collect();
    Ok(ServiceResponse::json(200, shown))
}

fn set_connectors(
    tenant: &mut TenantState,
    _: &str,
    document: Value,
) -> Result<ServiceResponse, ServiceResponse> {
    let rows = rows_of(document, "An array of connectors is expected here.")?;
    tenant.threat_defense_connectors = StoredConnector::list_from_seed(rows, "", &now()).map_err(refused)?;
    let shown = tenant.threat_defense_connectors.iter();
    let shown: Vec<Value> =
        shown.map(|connector| Value::Object(connector.render(VersionRoot::Beta))).collect();
    Ok(ServiceResponse::json(200, shown))
}

fn rows_of(document: Value, expected: &str) -> Result<Vec<Value>, ServiceResponse> {
    match document {
        Value::Array(rows) => Ok(rows),
        _ => Err(refused(ShapeError::new("", expected))),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn refused(cause: ShapeError) -> ServiceResponse {
    shape_error(&cause)
}
