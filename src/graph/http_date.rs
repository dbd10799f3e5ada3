//! Dates of HTTP headers. Reads the one form that senders must use, and no clock.
//!
//! ```text
//! Sat, 31 Jan 2026 09:12:44 GMT      (RFC 9110, section 5.6.7, IMF-fixdate)
//! ```
//!
//! Not supported: the obsolete forms (two-digit years, asctime). The day's name is not checked.

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The moment that a header names; `None` for any other form.
pub(super) fn read(text: &str) -> Option<OffsetDateTime> {
    let mut words = text.split_whitespace().skip(1);
    let (day, month, year) = (words.next()?, words.next()?, words.next()?);
    let (clock, zone, end) = (words.next()?, words.next()?, words.next());
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(number(year, 4)?, month, u8::try_from(number(day, 2)?).ok()?).ok()?;
    let moment = PrimitiveDateTime::new(date, time_of_day(clock)?).assume_utc();
    (zone == "GMT" && end.is_none()).then_some(moment)
}

/// The same moment as state and logs write it: RFC 3339, UTC.
pub(super) fn rfc3339(moment: OffsetDateTime) -> String {
    let (date, time) = (moment.date(), moment.time());
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    let (hour, minute, second) = time.as_hms();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

fn time_of_day(clock: &str) -> Option<Time> {
    let mut parts = clock.split(':').map(|part| u8::try_from(number(part, 2)?).ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    // A leap second is the end of its minute.
    let time = Time::from_hms(hour, minute, second.min(59)).ok()?;
    (parts.next().is_none() && second <= 60).then_some(time)
}

fn number(text: &str, digits: usize) -> Option<i32> {
    let plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_today_is_read_and_written_as_rfc_3339() {
        for (header, written) in [
            ("Sat, 31 Jan 2026 09:12:44 GMT", "2026-01-31T09:12:44Z"),
            ("Tue, 29 Feb 2028 00:00:00 GMT", "2028-02-29T00:00:00Z"),
            ("Tue, 30 Jun 2026 23:59:60 GMT", "2026-06-30T23:59:59Z"),
        ] {
            assert_eq!(read(header).map(rfc3339).as_deref(), Some(written));
        }
        assert_eq!(read("Thu, 01 Jan 1970 00:01:00 GMT").unwrap().unix_timestamp(), 60);
    }

    #[test]
    fn any_other_form_is_no_date() {
        for text in [
            "",
            "31 Jan 2026",
            "Sat, 31 Jän 2026 09:12:44 GMT",
            "Sat, 31 Jan 2026 9 o'clock GMT",
            "Sat, 31 Jan 2026 09:12:44 CET",
            "Sat, 31 Jan 2026 09:12:44 GMT+1 x",
            "Sat, 30 Feb 2026 09:12:44 GMT",
            "Sat, 31 Jan 2026 25:12:44 GMT",
            "Sat, 31 Jan 2026 09:12:44:00 GMT",
            "Saturday, 31-Jan-26 09:12:44 GMT",
            "Sat Jan 31 09:12:44 2026",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
