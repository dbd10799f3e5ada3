//! Durations in the Go format that Terraform users know: `1h30m`, `90s`, `1.5m`.
//!
//! Follows Go's `time.ParseDuration`, except that signs and durations above 292 years are rejected.

use std::time::Duration;

/// Why a text is not a duration. Each message follows the value: `"10" has a number without a unit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// The text is empty.
    #[error("is empty")]
    Empty,
    /// Something other than a number before a unit.
    #[error("has something other than a number before a unit")]
    NoNumber,
    /// A number without a unit.
    #[error("has a number without a unit")]
    NoUnit,
    /// Letters that are not a unit.
    #[error("has an unknown unit")]
    UnknownUnit,
    /// More than 292 years.
    #[error("is too long")]
    TooLong,
}

const MAX_NANOSECONDS: u128 = i64::MAX as u128;

/// Parses a duration: one or more decimal numbers, each with a unit (h, m, s, ms, us, µs, ns), without spaces. A bare
/// `0` is the zero duration.
///
/// # Errors
/// The first problem in the text.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    match text {
        "" => return Err(DurationError::Empty),
        "0" => return Ok(Duration::ZERO),
        _ => {}
    }
    let mut total: u128 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let (part, after) = parse_part(rest)?;
        total = total.saturating_add(part);
        rest = after;
    }
    if total > MAX_NANOSECONDS {
        return Err(DurationError::TooLong);
    }
    u64::try_from(total).map(Duration::from_nanos).map_err(|_| DurationError::TooLong)
}

/// Parses one number with its unit. Returns nanoseconds and the rest of the text.
fn parse_part(text: &str) -> Result<(u128, &str), DurationError> {
    let (whole, rest) = split_digits(text);
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => split_digits(rest),
        None => ("", rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(DurationError::NoNumber);
    }
    let unit_length = rest.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(unit_length);
    let unit = unit_nanoseconds(unit)?;
    Ok((scale(whole, fraction, unit)?, rest))
}

fn unit_nanoseconds(unit: &str) -> Result<u128, DurationError> {
    match unit {
        "" => Err(DurationError::NoUnit),
        "ns" => Ok(1),
        // Go accepts both the micro sign and the Greek letter.
        "us" | "\u{b5}s" | "\u{3bc}s" => Ok(1_000),
        "ms" => Ok(1_000_000),
        "s" => Ok(1_000_000_000),
        "m" => Ok(60 * 1_000_000_000),
        "h" => Ok(3_600 * 1_000_000_000),
        _ => Err(DurationError::UnknownUnit),
    }
}

/// Converts `whole.fraction` units to nanoseconds, rounded down.
fn scale(whole: &str, fraction: &str, unit: u128) -> Result<u128, DurationError> {
    let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| DurationError::TooLong)? };
    let mut nanoseconds = whole.checked_mul(unit).ok_or(DurationError::TooLong)?;
    let mut place = unit;
    for digit in fraction.bytes() {
        place /= 10;
        nanoseconds = nanoseconds.saturating_add(u128::from(digit - b'0') * place);
    }
    Ok(nanoseconds)
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_go_accepts() {
        for (text, milliseconds) in [
            ("90s", 90_000),
            ("1.5m", 90_000),
            ("1h30m", 5_400_000),
            ("1h15m30.918s", 4_530_918),
            ("100ms", 100),
            (".5s", 500),
            ("0", 0),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
    }

    #[test]
    fn rejects_what_is_not_a_duration() {
        for (text, error) in [
            ("", DurationError::Empty),
            ("10", DurationError::NoUnit),
            ("10 m", DurationError::UnknownUnit),
            ("10d", DurationError::UnknownUnit),
            ("-1s", DurationError::NoNumber),
            (".s", DurationError::NoNumber),
            ("soon", DurationError::NoNumber),
            ("9999999999999h", DurationError::TooLong),
            ("99999999999999999999999999999999999999999h", DurationError::TooLong),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }
}
