//! Timestamps as Graph and Entra write them.

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, Month, OffsetDateTime};

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

/// Whether a text is a UTC timestamp, with or without a fraction of a second.
pub fn is_timestamp(text: &str) -> bool {
    let Some((date, clock)) = text.strip_suffix('Z').and_then(|moment| moment.split_once('T')) else {
        return false;
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let digits = !fraction.is_empty() && fraction.bytes().all(|digit| digit.is_ascii_digit());
    digits && is_date(date) && is_clock(clock)
}

fn is_date(text: &str) -> bool {
    let Some([year, month, day]) = numbers(text, '-', [4, 2, 2]) else { return false };
    let month = u8::try_from(month).ok().and_then(|month| Month::try_from(month).ok());
    let (Some(month), Ok(day)) = (month, u8::try_from(day)) else { return false };
    Date::from_calendar_date(year.into(), month, day).is_ok()
}

fn is_clock(text: &str) -> bool {
    matches!(numbers(text, ':', [2, 2, 2]), Some([hour, minute, second]) if hour < 24 && minute < 60 && second < 60)
}

/// Three numbers with exactly these numbers of digits.
fn numbers(text: &str, separator: char, lengths: [usize; 3]) -> Option<[u16; 3]> {
    let parts: Vec<&str> = text.split(separator).collect();
    let parts: [&str; 3] = parts.try_into().ok()?;
    let digits = |part: &str| part.bytes().all(|digit| digit.is_ascii_digit());
    let fits = parts.iter().zip(lengths).all(|(part, length)| part.len() == length && digits(part));
    let [first, second, third] = parts.map(|part| part.parse().ok());
    if fits { Some([first?, second?, third?]) } else { None }
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
    fn only_moments_that_exist_are_timestamps() {
        for text in ["2026-01-31T09:12:44Z", "2026-01-31T09:12:44.8741816Z", "2024-02-29T00:00:00Z"] {
            assert!(is_timestamp(text), "{text}");
        }
        for text in [
            "",
            "2026-01-31",
            "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T09:12:44+01:00",
            "2026-1-31T09:12:44Z",
        ] {
            assert!(!is_timestamp(text), "{text}");
        }
    }

    #[test]
    fn timestamps_have_up_to_seven_digits() {
        assert_eq!(timestamp(datetime!(2026-01-31 09:12:44.8741816 UTC)), "2026-01-31T09:12:44.8741816Z");
        assert_eq!(timestamp(datetime!(2026-01-31 09:12:44.170645 UTC)), "2026-01-31T09:12:44.170645Z");
        assert_eq!(timestamp(datetime!(2026-01-31 09:12:44 UTC)), "2026-01-31T09:12:44Z");
    }
}
