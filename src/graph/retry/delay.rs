//! Computes the length of a pause: the time in `Retry-After`, or exponential backoff, both with jitter. Does not wait.
//!
//! ```text
//! Retry-After: 7        Retry-After: 2.128        Retry-After: Sat, 31 Jan 2026 09:12:44 GMT
//! ```
//!
//! A `Retry-After` in any other form is ignored. Sources: "Microsoft Graph throttling guidance"; RFC 9110, section
//! 10.2.3.

use std::time::Duration;

use time::OffsetDateTime;

use crate::graph::call_record::CallRecord;
use crate::graph::http_date;
use crate::transport::Backoff;

/// The backoff after a throttled request without `Retry-After`. Throttled requests count against the limit too, so no
/// pause is shorter than a quarter of a second.
const THROTTLED_BACKOFF: JitteredBackoff = JitteredBackoff::new(2_000, 60_000, 250);
/// The backoff after a transient failure.
const TRANSIENT_BACKOFF: JitteredBackoff = JitteredBackoff::new(500, 30_000, 50);
/// The jitter that is added to `Retry-After` is at most this bound, which grows with each round, or a tenth of
/// `Retry-After`, whichever is longer. So repeated `Retry-After: 0` responses do not cause a busy loop.
const RETRY_AFTER_JITTER: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(10));

/// The pause after a throttled request, never shorter than Graph asks for. `round` is the number of earlier pauses
/// since the circuit breaker was last closed; `random` is from 0 to 1.
pub(super) fn after_throttling(call: &CallRecord, now: OffsetDateTime, round: u32, random: f64) -> Duration {
    match retry_after(call, now) {
        Some(floor) => {
            let tenth = (floor / 10).min(RETRY_AFTER_JITTER.longest());
            floor.saturating_add(RETRY_AFTER_JITTER.delay(round).max(tenth).mul_f64(random))
        }
        None => THROTTLED_BACKOFF.delay(round, random),
    }
}

/// The pause after a transient failure. `round` is the number of earlier failures; `random` is from 0 to 1.
pub(super) fn after_failure(round: u32, random: f64) -> Duration {
    TRANSIENT_BACKOFF.delay(round, random)
}

/// How long Graph asks to wait. A date is relative to the `Date` header of the same response, or to `now` if the
/// response has no such header.
pub(super) fn retry_after(call: &CallRecord, now: OffsetDateTime) -> Option<Duration> {
    let text = call.retry_after.as_deref()?.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return Duration::try_from_secs_f64(text.parse().ok()?).ok();
    }
    let pause = http_date::parse(text)? - call.responded_at.unwrap_or(now);
    // A date in the past asks for no pause.
    Some(Duration::try_from(pause).unwrap_or_default())
}

/// Exponential backoff with full jitter: each delay is a random part of its bound. Requests that were throttled at the
/// same time are therefore not retried at the same time.
struct JitteredBackoff {
    bound: Backoff,
    shortest: Duration,
}

impl JitteredBackoff {
    const fn new(first_ms: u64, longest_ms: u64, shortest_ms: u64) -> Self {
        Self {
            bound: Backoff::new(Duration::from_millis(first_ms), Duration::from_millis(longest_ms)),
            shortest: Duration::from_millis(shortest_ms),
        }
    }

    fn delay(&self, round: u32, random: f64) -> Duration {
        self.bound.delay(round).mul_f64(random).max(self.shortest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::request::{ApiVersion, Request};

    fn throttled_call(retry_after: Option<&str>, date: Option<&str>) -> CallRecord {
        let mut call = CallRecord::new(&Request::get(ApiVersion::Beta, &["x"]), "c-1".into());
        call.record_head(429, |name| match name {
            "retry-after" => retry_after.map(str::to_owned),
            "date" => date.map(str::to_owned),
            _ => None,
        });
        call
    }

    fn local_date() -> OffsetDateTime {
        http_date::parse("Sat, 31 Jan 2026 12:00:00 GMT").unwrap()
    }

    #[test]
    fn retry_after_is_parsed_in_every_form_and_invalid_values_are_ignored() {
        let response_date = Some("Sat, 31 Jan 2026 09:00:00 GMT");
        for (text, date, expected) in [
            ("7", None, Some(7_000)),
            (" 0 ", None, Some(0)),
            ("2.128", None, Some(2_128)),
            ("Sat, 31 Jan 2026 09:00:30 GMT", response_date, Some(30_000)),
            ("Sat, 31 Jan 2026 12:00:30 GMT", None, Some(30_000)),
            ("Sat, 31 Jan 2026 08:00:00 GMT", response_date, Some(0)),
            ("soon", None, None),
            ("", None, None),
            (".", None, None),
            ("-1", None, None),
            ("1e3", None, None),
            ("inf", None, None),
            ("NaN", None, None),
            (&"9".repeat(400), None, None),
        ] {
            let parsed = retry_after(&throttled_call(Some(text), date), local_date());
            assert_eq!(parsed, expected.map(Duration::from_millis), "{text}");
        }
        assert_eq!(retry_after(&throttled_call(None, response_date), local_date()), None);
    }

    #[test]
    fn the_pause_is_retry_after_plus_up_to_a_tenth() {
        let pause = |text, round, random| {
            after_throttling(&throttled_call(Some(text), None), local_date(), round, random).as_millis()
        };
        assert_eq!([pause("20", 0, 0.0), pause("20", 0, 0.5), pause("20", 0, 1.0)], [20_000, 21_000, 22_000]);
        assert_eq!([pause("600", 0, 1.0), pause("0", 0, 1.0), pause("0", 3, 1.0)], [610_000, 100, 800]);
        assert_eq!(pause("0", 40, 1.0), 10_000);
    }

    #[test]
    fn without_retry_after_the_bound_doubles_from_two_seconds_to_a_minute() {
        let call = throttled_call(None, None);
        let longest: Vec<_> =
            (0..8).map(|round| after_throttling(&call, local_date(), round, 1.0).as_secs()).collect();
        assert_eq!(longest, [2, 4, 8, 16, 32, 60, 60, 60]);
        let delays =
            [0.0, 0.25, 0.5].map(|random| after_throttling(&call, local_date(), 2, random).as_millis());
        assert_eq!(delays, [250, 2_000, 4_000], "a quarter of a second or more, below the bound");
    }

    #[test]
    fn transient_failures_start_with_half_a_second() {
        let longest: Vec<_> = (0..8).map(|round| after_failure(round, 1.0).as_millis()).collect();
        assert_eq!(longest, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
        assert_eq!(after_failure(u32::MAX, 0.0).as_millis(), 50);
    }
}
