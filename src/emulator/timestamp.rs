//! Timestamps as Graph and Entra write them.

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

const TO_THE_SECOND: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");

/// The current time as Graph writes timestamps: UTC, in steps of 100 ns, without trailing zeros.
pub fn now() -> String {
    timestamp(OffsetDateTime::now_utc())
}

/// A timestamp in seconds, without a zone.
pub fn second(moment: OffsetDateTime) -> String {
    moment.format(TO_THE_SECOND).unwrap_or_default()
}

fn timestamp(moment: OffsetDateTime) -> String {
    let fraction = format!(".{:07}", moment.nanosecond() / 100);
    format!("{}{}Z", second(moment), fraction.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn timestamps_have_up_to_seven_digits() {
        assert_eq!(timestamp(datetime!(2026-01-31 09:12:44.8741816 UTC)), "2026-01-31T09:12:44.8741816Z");
        assert_eq!(timestamp(datetime!(2026-01-31 09:12:44.170645 UTC)), "2026-01-31T09:12:44.170645Z");
        assert_eq!(timestamp(datetime!(2026-01-31 09:12:44 UTC)), "2026-01-31T09:12:44Z");
    }
}
