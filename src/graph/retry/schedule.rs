//! How long a pause is: what Graph asks for, or a doubling time, spread by chance. Pure; waits for nothing.
//!
//! ```text
//! Retry-After: 7        Retry-After: 2.128        Retry-After: Sat, 31 Jan 2026 09:12:44 GMT
//! ```
//!
//! "Microsoft Graph throttling guidance"; RFC 9110, section 10.2.3. Anything else counts as absent.

use std::time::Duration;

use time::OffsetDateTime;

use crate::graph::call::Call;
use crate::graph::http_date;

/// The bound of the first pause after a refusal without `Retry-After`, of the longest, and the shortest of all
/// pauses: refused calls count, so none is followed by another at once.
const THROTTLED: Doubling = Doubling::new(2_000, 60_000, 250);
/// The same after a failure that may pass within a moment.
const FAILED: Doubling = Doubling::new(500, 30_000, 50);
/// What is added at most to what Graph asks for; grows too, so that `Retry-After: 0` without end is no busy loop.
const BEYOND_RETRY_AFTER: Doubling = Doubling::new(100, 10_000, 0);

/// The pause after a refusal that asks to wait. `round` counts the refusals in a row before it; `chance` is from 0
/// to 1. What Graph asks for is a floor.
pub(super) fn throttled(call: &Call, date: OffsetDateTime, round: u32, chance: f64) -> Duration {
    match retry_after(call, date) {
        Some(floor) => {
            let beyond = BEYOND_RETRY_AFTER.bound(round).max((floor / 10).min(BEYOND_RETRY_AFTER.longest));
            floor.saturating_add(beyond.mul_f64(chance))
        }
        None => THROTTLED.pause(round, chance),
    }
}

/// The pause after another failure that may pass.
pub(super) fn failed(round: u32, chance: f64) -> Duration {
    FAILED.pause(round, chance)
}

/// How long Graph asks to wait. A date counts from the answer's own `Date`, and from our clock where it has none.
pub(super) fn retry_after(call: &Call, date: OffsetDateTime) -> Option<Duration> {
    let text = call.retry_after.as_deref()?.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return Duration::try_from_secs_f64(text.parse().ok()?).ok();
    }
    let pause = http_date::read(text)? - call.answered.unwrap_or(date);
    // A date in the past asks for no pause.
    Some(Duration::try_from(pause).unwrap_or_default())
}

/// Bounds that double from round to round. A pause lies anywhere below its bound ("full jitter"), so that many who
/// were refused together do not come back together.
struct Doubling {
    first: Duration,
    longest: Duration,
    shortest: Duration,
}

impl Doubling {
    const fn new(first_ms: u64, longest_ms: u64, shortest_ms: u64) -> Self {
        Self {
            first: Duration::from_millis(first_ms),
            longest: Duration::from_millis(longest_ms),
            shortest: Duration::from_millis(shortest_ms),
        }
    }

    fn bound(&self, round: u32) -> Duration {
        self.first.saturating_mul(2_u32.saturating_pow(round)).min(self.longest)
    }

    fn pause(&self, round: u32, chance: f64) -> Duration {
        self.bound(round).mul_f64(chance).max(self.shortest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::request::{Request, Version};

    fn answered(retry_after: Option<&str>, date: Option<&str>) -> Call {
        let mut call = Call::new(&Request::get(Version::Beta, &["x"]), "c-1".into());
        call.note(429, |name| match name {
            "retry-after" => retry_after.map(str::to_owned),
            "date" => date.map(str::to_owned),
            _ => None,
        });
        call
    }

    fn ours() -> OffsetDateTime {
        http_date::read("Sat, 31 Jan 2026 12:00:00 GMT").unwrap()
    }

    #[test]
    fn retry_after_is_read_in_every_form_and_nonsense_is_absent() {
        let by_graph = Some("Sat, 31 Jan 2026 09:00:00 GMT");
        for (text, date, expected) in [
            ("7", None, Some(7_000)),
            (" 0 ", None, Some(0)),
            ("2.128", None, Some(2_128)),
            ("Sat, 31 Jan 2026 09:00:30 GMT", by_graph, Some(30_000)),
            ("Sat, 31 Jan 2026 12:00:30 GMT", None, Some(30_000)),
            ("Sat, 31 Jan 2026 08:00:00 GMT", by_graph, Some(0)),
            ("soon", None, None),
            ("", None, None),
            (".", None, None),
            ("-1", None, None),
            ("1e3", None, None),
            ("inf", None, None),
            ("NaN", None, None),
            (&"9".repeat(400), None, None),
        ] {
            let found = retry_after(&answered(Some(text), date), ours());
            assert_eq!(found, expected.map(Duration::from_millis), "{text}");
        }
        assert_eq!(retry_after(&answered(None, by_graph), ours()), None);
    }

    #[test]
    fn what_graph_asks_for_is_a_floor_with_a_tenth_or_more_beyond() {
        let pause =
            |text, round, chance| throttled(&answered(Some(text), None), ours(), round, chance).as_millis();
        assert_eq!([pause("20", 0, 0.0), pause("20", 0, 0.5), pause("20", 0, 1.0)], [20_000, 21_000, 22_000]);
        assert_eq!([pause("600", 0, 1.0), pause("0", 0, 1.0), pause("0", 3, 1.0)], [610_000, 100, 800]);
        assert_eq!(pause("0", 40, 1.0), 10_000);
    }

    #[test]
    fn without_retry_after_the_bound_doubles_from_two_seconds_to_a_minute() {
        let call = answered(None, None);
        let longest: Vec<_> = (0..8).map(|round| throttled(&call, ours(), round, 1.0).as_secs()).collect();
        assert_eq!(longest, [2, 4, 8, 16, 32, 60, 60, 60]);
        let anywhere = [0.0, 0.25, 0.5].map(|chance| throttled(&call, ours(), 2, chance).as_millis());
        assert_eq!(anywhere, [250, 2_000, 4_000], "never at once, else anywhere below the bound");
    }

    #[test]
    fn other_failures_begin_with_half_a_second() {
        let longest: Vec<_> = (0..8).map(|round| failed(round, 1.0).as_millis()).collect();
        assert_eq!(longest, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
        assert_eq!(failed(u32::MAX, 0.0).as_millis(), 50);
    }
}
