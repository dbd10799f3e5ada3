//! Serves a request under the effect of a test fault, be it one for Graph or one for a token.

use super::failure::Failure;
use super::rule::{Effect, Moment};
use crate::emulator::answer::{Answer, Delivery};

/// Stands in the call log for a request whose connection was cut before it took effect.
const NO_ANSWER: u16 = 0;

/// Serves a request under the effect of a test fault; `fail` words a failure as the service would.
pub async fn with_fault(
    effect: Option<&Effect>,
    fail: impl Fn(&Failure) -> Answer,
    perform: impl Future<Output = Answer>,
) -> Answer {
    match effect {
        Some(Effect::Fail(failure, Moment::Before)) => return fail(failure),
        Some(Effect::Cut(Moment::Before)) => return cut(),
        Some(Effect::Delay(time, Moment::Before)) => tokio::time::sleep(*time).await,
        _ => {}
    }
    let answer = perform.await;
    match effect {
        Some(Effect::Fail(failure, Moment::After)) => fail(failure),
        Some(Effect::Cut(Moment::After)) => answer.delivered(Delivery::Cut),
        Some(Effect::Drip(pause)) => answer.delivered(Delivery::Drip(*pause)),
        Some(Effect::Delay(time, Moment::After)) => {
            tokio::time::sleep(*time).await;
            answer
        }
        Some(Effect::Item(delivery)) => answer.delivered(*delivery),
        _ => answer,
    }
}

/// The status stands in the call log only.
fn cut() -> Answer {
    Answer::empty(NO_ANSWER).delivered(Delivery::Cut)
}
