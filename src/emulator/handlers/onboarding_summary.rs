//! `deviceManagement/advancedThreatProtectionOnboardingStateSummary`: get.

use axum::http::Method;
use serde_json::{Map, Value};

use crate::emulator::model::onboarding_summary::{MEMBERS, TYPE_NAME};
use crate::emulator::response::ServiceResponse;
use crate::emulator::routed_request::RoutedRequest;
use crate::emulator::semantics::OnboardingSummaryAnswer;
use crate::emulator::service_error::ServiceError;
use crate::emulator::state::TenantState;

/// Serves the summary of the tenant.
pub fn answer(request: &RoutedRequest<'_>, state: &TenantState) -> Result<ServiceResponse, ServiceError> {
    if request.incoming.method != Method::GET {
        return Err(request.route_error());
    }
    request.query.allow(&["$select"])?;
    request.query.check_select(TYPE_NAME, &MEMBERS)?;
    let fragment = request.query.context_of(&format!("deviceManagement/{TYPE_NAME}"));
    let members = request.query.selected(state.onboarding_summary.render());
    let members = match request.semantics().onboarding_summary {
        OnboardingSummaryAnswer::Entity => members,
        OnboardingSummaryAnswer::InValue => Map::from_iter([("value".to_owned(), Value::Object(members))]),
    };
    Ok(ServiceResponse::entity(200, request.context(&format!("{fragment}/$entity")), members))
}
