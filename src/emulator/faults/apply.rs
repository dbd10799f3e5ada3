//! Applies a test fault while a request is served, for Graph and for Entra.

use super::failure::FaultResponse;
use super::rule::{FaultEffect, FaultTiming};
use crate::emulator::response::{Delivery, ServiceResponse};

/// The status in the call log if the connection was closed before the request took effect.
const NO_ANSWER: u16 = 0;

/// Serves a request and applies the effect of a test fault. `fail` renders an error in the shape of the service.
pub async fn with_fault(
    effect: Option<&FaultEffect>,
    fail: impl Fn(&FaultResponse) -> ServiceResponse,
    perform: impl Future<Output = ServiceResponse>,
) -> ServiceResponse {
    let effect = effect.and_then(FaultEffect::on_response);
    match effect {
        Some(FaultEffect::Fail(failure, FaultTiming::Before)) => return fail(failure),
        Some(FaultEffect::Cut(FaultTiming::Before)) => return cut(),
        Some(FaultEffect::Delay(time, FaultTiming::Before)) => tokio::time::sleep(*time).await,
        _ => {}
    }
    let answer = perform.await;
    match effect {
        Some(FaultEffect::Fail(failure, FaultTiming::After)) => fail(failure),
        Some(FaultEffect::Cut(FaultTiming::After)) => answer.with_delivery(Delivery::Cut),
        Some(FaultEffect::Drip(pause)) => answer.with_delivery(Delivery::Drip(*pause)),
        Some(FaultEffect::Delay(time, FaultTiming::After)) => {
            tokio::time::sleep(*time).await;
            answer
        }
        Some(FaultEffect::Item(delivery)) => answer.with_delivery(*delivery),
        _ => answer,
    }
}

/// The status appears in the call log only.
fn cut() -> ServiceResponse {
    ServiceResponse::empty(NO_ANSWER).with_delivery(Delivery::Cut)
}
