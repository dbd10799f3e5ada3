//! Durations as Go writes them, which is how Terraform's users know them: `1h30m`, `90s`, `1.5m`.
//!
//! Follows `time.ParseDuration` of Go. Not supported, because no time-out wants it: a sign, and more digits than fit
//! in nanoseconds.

use std::time::Duration;

/// Why a text is not a duration. Each reads on after the value: `"10" has no unit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// Nothing there.
    #[error("is empty")]
    Empty,
    /// Something other than digits where a number must stand.
    #[error("has something other than a number before a unit")]
    NoNumber,
    /// A number without unit.
    #[error("has a number without a unit")]
    NoUnit,
    /// Letters that are no unit.
    #[error("has an unknown unit")]
    UnknownUnit,
    /// More than 292 years.
    #[error("is too long")]
    TooLong,
}

const MAX_NANOSECONDS: u128 = i64::MAX as u128;

/// Reads a duration: one or more decimal numbers, each with a unit (h, m, s, ms, us, µs, ns), without blanks. A bare
/// `0` is nothing.
///
/// # Errors
/// The first thing that is wrong with the text.
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

/// One number with its unit, in nanoseconds, and what follows it.
fn parse_part(text: &str) -> Result<(u128, &str), DurationError> {
    let (whole, rest) = take_digits(text);
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => take_digits(rest),
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
        // Go knows both the micro sign and the Greek letter.
        "us" | "\u{b5}s" | "\u{3bc}s" => Ok(1_000),
        "ms" => Ok(1_000_000),
        "s" => Ok(1_000_000_000),
        "m" => Ok(60 * 1_000_000_000),
        "h" => Ok(3_600 * 1_000_000_000),
        _ => Err(DurationError::UnknownUnit),
    }
}

/// `whole.fraction` units in nanoseconds; what is smaller than a nanosecond is cut off.
fn scale(whole: &str, fraction: &str, unit: u128) -> Result<u128, DurationError> {
    let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| DurationError::TooLong)? };
    let mut nanoseconds = whole.checked_mul(unit).ok_or(DurationError::TooLong)?;
    let mut place = unit;
    for digit in fraction.bytes() {
        // Digits of a fraction beyond the nanosecond add nothing.
        place /= 10;
        nanoseconds = nanoseconds.saturating_add(u128::from(digit - b'0') * place);
    }
    Ok(nanoseconds)
}

fn take_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_go_reads() {
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
    fn refuses_what_is_not_a_duration() {
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
