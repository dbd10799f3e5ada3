//! Reads the last day of an offboarding package from its file name. Devices reject the package after that day.
//!
//! ```text
//! WindowsDefenderATP_valid_until_2026-12-04.offboarding
//! ```

use time::{Date, Month};

/// The part of the file name before the date.
const DATE_PREFIX: &str = "_valid_until_";

/// Whether a package has expired or will expire soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expiry {
    /// This was the last day, and it has passed.
    Expired(Date),
    /// This is the last day: today, or in at most two days.
    Soon(Date),
}

/// Parses the last day on which the package is valid; `None` if the file name has no date.
pub(super) fn parse_last_day(filename: &str) -> Option<Date> {
    let (_, date) = filename.rsplit_once(DATE_PREFIX)?;
    let mut parts = date.get(..10)?.split('-');
    let year = parts.next()?.parse().ok()?;
    let month = Month::try_from(parts.next()?.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year, month, parts.next()?.parse().ok()?).ok()
}

/// Compares the last day of a package with `today`; `None` if that day is more than two days away.
pub(super) fn expiry(last_day: Date, today: Date) -> Option<Expiry> {
    match (last_day - today).whole_days() {
        ..0 => Some(Expiry::Expired(last_day)),
        0..=2 => Some(Expiry::Soon(last_day)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn the_last_day_is_read_from_the_file_name() {
        for (name, day) in [
            ("WindowsDefenderATP_valid_until_2026-12-04.offboarding", Some(date!(2026 - 12 - 04))),
            (
                "WindowsDefenderATPOffboardingPackage_valid_until_2026-12-04.offboarding",
                Some(date!(2026 - 12 - 04)),
            ),
            ("WindowsDefenderATP.onboarding", None),
            ("x_valid_until_2026-13-04.offboarding", None),
            ("x_valid_until_2026-02-30.offboarding", None),
            ("x_valid_until_tomorrow.offboarding", None),
            ("x_valid_until_2026-1", None),
            ("x_valid_until_éééééé", None),
        ] {
            assert_eq!(parse_last_day(name), day, "{name}");
        }
    }

    #[test]
    fn a_package_is_valid_through_its_last_day() {
        let at = |today| expiry(date!(2026 - 12 - 04), today);
        assert_eq!(at(date!(2026 - 12 - 01)), None);
        assert_eq!(at(date!(2026 - 12 - 02)), Some(Expiry::Soon(date!(2026 - 12 - 04))));
        assert_eq!(at(date!(2026 - 12 - 04)), Some(Expiry::Soon(date!(2026 - 12 - 04))));
        assert_eq!(at(date!(2026 - 12 - 05)), Some(Expiry::Expired(date!(2026 - 12 - 04))));
    }
}
