//! Test control of the figures that the services compute from devices and users, which the emulator does not have.

use super::answers::{json_of, not_found, shape_error};
use crate::emulator::member_reader::ShapeError;
use crate::emulator::model::transitive_members::TransitiveMemberCounts;
use crate::emulator::response::ServiceResponse;
use crate::emulator::state::TenantState;

/// Serves a PUT of figures; `None` if `parts` is not the address of one.
pub fn put(
    tenant: &mut TenantState,
    parts: &[&str],
    body: &[u8],
) -> Option<Result<ServiceResponse, ServiceResponse>> {
    Some(match parts {
        ["groups", id, "transitiveMemberCounts"] => set_member_counts(tenant, id, body),
        _ => return None,
    })
}

fn set_member_counts(
    tenant: &mut TenantState,
    id: &str,
    body: &[u8],
) -> Result<ServiceResponse, ServiceResponse> {
    let counts = TransitiveMemberCounts::from_seed(json_of(body)?, "").map_err(refused)?;
    let group = tenant.group_mut(id).ok_or_else(|| not_found(&format!("There is no group '{id}'.")))?;
    group.transitive_members = counts;
    Ok(ServiceResponse::json(200, counts.render()))
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn refused(cause: ShapeError) -> ServiceResponse {
    shape_error(&cause)
}
