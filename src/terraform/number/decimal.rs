//! Decimal digits and the position of their point. Knows no infinities and no limits of integers; see `number`.

use std::cmp::Ordering;
use std::fmt;

/// A decimal number other than zero: `0.digits` times ten to the power of `point`.
///
/// The form is unique: digits have neither leading nor trailing zeros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    digits: String,
    point: i64,
}

/// The text is not a decimal number.
#[derive(Debug)]
pub(super) struct MalformedNumber;

impl Decimal {
    /// Parses decimal text; `None` is zero.
    pub(super) fn parse(text: &str) -> Result<Option<Self>, MalformedNumber> {
        let (negative, unsigned) = split_sign(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
            return Err(MalformedNumber);
        }
        Ok(Self::from_parts(negative, whole, fraction, exponent))
    }

    fn from_parts(negative: bool, whole: &str, fraction: &str, exponent: i64) -> Option<Self> {
        let padded = format!("{whole}{fraction}");
        let significant = padded.trim_start_matches('0');
        let leading = padded.len() - significant.len();
        let digits = significant.trim_end_matches('0');
        let point = exponent.saturating_add(signed(whole.len())).saturating_sub(signed(leading));
        (!digits.is_empty()).then(|| Self { negative, digits: digits.to_owned(), point })
    }

    /// The digits of an integer; `None` is zero.
    pub(super) fn from_i64(integer: i64) -> Option<Self> {
        Self::from_parts(integer < 0, &integer.unsigned_abs().to_string(), "", 0)
    }

    /// The fewest digits that distinguish a finite float from its neighbors; `None` is zero.
    ///
    /// For subnormal floats, go-cty assumes 53 bits of precision; Rust uses the bits that the float really has.
    pub(super) fn shortest(float: f64) -> Option<Self> {
        if float.is_subnormal() {
            return Self::shortest_subnormal(float);
        }
        Self::parse(&format!("{float:e}")).ok().flatten()
    }

    fn shortest_subnormal(float: f64) -> Option<Self> {
        // 17 digits are always enough for 53 bits.
        (1..=17).find_map(|count| {
            let candidate = Self::rounded(float, count)?;
            let is_close = count == 17 || candidate.is_within_53_bits_of(float);
            is_close.then_some(candidate)
        })
    }

    /// The float rounded to the nearest number with `count` digits.
    fn rounded(float: f64, count: usize) -> Option<Self> {
        Self::parse(&format!("{float:.*e}", count.saturating_sub(1))).ok().flatten()
    }

    /// Whether this number would round to `float`, a subnormal, if that had 53 bits of precision.
    fn is_within_53_bits_of(&self, float: f64) -> bool {
        const DIGITS: usize = 36;
        let Some(exact) = Self::rounded(float, DIGITS) else { return false };
        let point = self.point.max(exact.point);
        let (Some(one), Some(two)) = (self.scaled(point, DIGITS), exact.scaled(point, DIGITS)) else {
            return false;
        };
        // A subnormal is its bits times a power of two, so its leading bit determines where 53 bits would end.
        let bits = float.abs().to_bits();
        let mantissa = to_f64(u128::from(bits)) / to_f64(1_u128 << bits.ilog2());
        let half_step = to_f64(two) / mantissa / to_f64(1_u128 << 53);
        to_f64(one.abs_diff(two)) <= half_step
    }

    /// The digits as an integer with `count` places after the given point.
    fn scaled(&self, point: i64, count: usize) -> Option<u128> {
        let leading = usize::try_from(point - self.point).ok()?;
        let missing = count.saturating_sub(leading + self.digits.len());
        let text = format!("{}{}{}", "0".repeat(leading), self.digits, "0".repeat(missing));
        text.get(..count)?.parse().ok()
    }

    /// The 64-bit float that is exactly this number, if there is one and the number is fractional.
    pub(super) fn to_exact_fraction(&self) -> Option<f64> {
        // The last digit of a binary fraction is always a five, and no 64-bit float has more than 767 digits.
        const MAX_DIGITS: usize = 767;
        if self.is_whole() || !self.digits.ends_with('5') || self.digits.len() > MAX_DIGITS {
            return None;
        }
        let nearest: f64 = self.scientific().parse().ok().filter(|float: &f64| float.is_finite())?;
        (Self::rounded(nearest, MAX_DIGITS).as_ref() == Some(self)).then_some(nearest)
    }

    /// The integer, if the number is whole and within 64 bits.
    pub(super) fn to_i64(&self) -> Option<i64> {
        const MAX_DIGITS: i64 = 19;
        if !self.is_whole() || self.point > MAX_DIGITS {
            return None;
        }
        self.to_string().parse().ok()
    }

    /// Minus one or plus one.
    pub(super) fn sign(&self) -> i8 {
        if self.negative { -1 } else { 1 }
    }

    /// The number of characters without an exponent, not counting sign and point.
    pub(super) fn plain_length(&self) -> usize {
        let length = signed(self.digits.len());
        let plain = if self.point > 0 { self.point.max(length) } else { length.saturating_sub(self.point) };
        usize::try_from(plain).unwrap_or(usize::MAX)
    }

    fn is_whole(&self) -> bool {
        self.point >= signed(self.digits.len())
    }

    fn scientific(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}0.{}e{}", self.digits, self.point)
    }

    fn cmp_size(&self, other: &Self) -> Ordering {
        self.point.cmp(&other.point).then_with(|| self.digits.cmp(&other.digits))
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.cmp_size(other),
            (true, true) => other.cmp_size(self),
            (negative, _) => {
                if negative {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
        }
    }
}

/// All digits, no exponent.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negative {
            f.write_str("-")?;
        }
        match usize::try_from(self.point) {
            Ok(point) if point > 0 => match self.digits.split_at_checked(point) {
                Some((whole, "")) => f.write_str(whole),
                Some((whole, fraction)) => write!(f, "{whole}.{fraction}"),
                None => write!(f, "{}{}", self.digits, "0".repeat(point.saturating_sub(self.digits.len()))),
            },
            _ => {
                let zeros = usize::try_from(self.point.unsigned_abs()).unwrap_or_default();
                write!(f, "0.{}{}", "0".repeat(zeros), self.digits)
            }
        }
    }
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// Parses an exponent. One beyond 64 bits is clamped, because it is far beyond the accepted limit anyway.
fn parse_exponent(text: &str) -> Result<i64, MalformedNumber> {
    let (negative, digits) = split_sign(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(MalformedNumber);
    }
    let size = digits.parse().unwrap_or(i64::MAX);
    Ok(if negative { -size } else { size })
}

fn signed(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// Rounds. Used only to compare magnitudes.
#[expect(clippy::cast_precision_loss)]
fn to_f64(integer: u128) -> f64 {
    integer as f64
}
