//! Parses the dates of HTTP headers and prints them as RFC 3339. Reads no clock.
//!
//! ```text
//! Sat, 31 Jan 2026 09:12:44 GMT       RFC 9110, section 5.6.7: IMF-fixdate
//! Saturday, 31-Jan-26 09:12:44 GMT    obsolete
//! Sat Jan 31 09:12:44 2026            obsolete
//! ```
//!
//! Not supported: leap seconds (`:60`), and a weekday that does not match the date.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Parses the date of a header; `None` if it is not a date.
pub(super) fn parse(text: &str) -> Option<OffsetDateTime> {
    httpdate::parse_http_date(text).ok().map(OffsetDateTime::from)
}

/// Prints a time for logs and messages: RFC 3339, UTC.
pub(super) fn to_rfc3339(moment: OffsetDateTime) -> Option<String> {
    moment.format(&Rfc3339).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_parsed_and_printed_as_rfc_3339() {
        for (header, printed) in [
            ("Sat, 31 Jan 2026 09:12:44 GMT", "2026-01-31T09:12:44Z"),
            ("Tue, 29 Feb 2028 00:00:00 GMT", "2028-02-29T00:00:00Z"),
            ("Saturday, 31-Jan-26 09:12:44 GMT", "2026-01-31T09:12:44Z"),
            ("Sat Jan 31 09:12:44 2026", "2026-01-31T09:12:44Z"),
        ] {
            assert_eq!(parse(header).and_then(to_rfc3339).as_deref(), Some(printed), "{header}");
        }
        assert_eq!(parse("Thu, 01 Jan 1970 00:01:00 GMT").unwrap().unix_timestamp(), 60);
    }

    #[test]
    fn other_texts_are_not_dates() {
        for text in [
            "",
            "31 Jan 2026",
            "Sat, 31 Jän 2026 09:12:44 GMT",
            "Sat, 31 Jan 2026 9 o'clock GMT",
            "Sat, 31 Jan 2026 09:12:44 CET",
            "Sat, 31 Jan 2026 09:12:44 GMT+1 x",
            "Mon, 30 Feb 2026 09:12:44 GMT",
            "Sat, 31 Jan 2026 25:12:44 GMT",
            "Sat, 31 Jan 2026 09:12:44:00 GMT",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
