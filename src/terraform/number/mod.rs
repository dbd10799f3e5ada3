//! Numbers of any length, without loss of digits. `protocol` encodes and decodes them.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use self::decimal::{Decimal, MalformedNumber};

mod decimal;

/// A number, never NaN.
///
/// Whole numbers are equal if their integers are equal. Fractional numbers are equal if their shortest decimal texts
/// are equal: the text 0.1 equals the 64-bit float 0.1. Minus zero equals zero (cty, numbers). Every constructor
/// returns `Int` if the number fits.
#[derive(Debug, Clone)]
pub enum Number {
    /// A whole number within 64 bits, in whatever notation it was written.
    Int(i64),
    /// Any other number from decimal text, digit for digit.
    Decimal(DecimalNumber),
    /// A fractional or infinite number from a 64-bit float.
    Float(FloatNumber),
}

/// A decimal number that is not a 64-bit integer. Boxed, because such numbers are rare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecimalNumber(Box<Decimal>);

/// A fractional or infinite 64-bit float.
#[derive(Debug, Clone, Copy)]
pub struct FloatNumber(f64);

/// Why a text is not a number. Messages never quote the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Not decimal digits with an optional sign, point and exponent.
    #[error("the text is not a decimal number")]
    Malformed,
    /// The exponent adds more digits than [`Number::MAX_ADDED_DIGITS`].
    #[error("the exponent of the number is too large: it adds more than {} digits", Number::MAX_ADDED_DIGITS)]
    TooLong,
}

impl Number {
    /// How many digits an exponent may add to the digits in the text.
    ///
    /// Terraform writes numbers without exponents, so a short text such as `1e999999999` would become a gigabyte.
    /// Every 64-bit float needs fewer digits than this.
    pub const MAX_ADDED_DIGITS: usize = 4096;

    /// Converts a float; `None` for NaN.
    ///
    /// A whole float outside 64 bits becomes its shortest decimal text, as in go-cty.
    pub fn from_f64(float: f64) -> Option<Self> {
        if float.is_nan() {
            return None;
        }
        if float.fract() != 0.0 || float.is_infinite() {
            return Some(Self::Float(FloatNumber(float)));
        }
        Some(Self::from_whole_f64(float))
    }

    fn from_whole_f64(float: f64) -> Self {
        const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
        if (-TWO_TO_63..TWO_TO_63).contains(&float) {
            // The float is whole and in range, so the cast is exact.
            #[expect(clippy::cast_possible_truncation)]
            return Self::Int(float as i64);
        }
        Self::from_decimal(Decimal::shortest(float))
    }

    fn from_decimal(decimal: Option<Decimal>) -> Self {
        match decimal {
            None => Self::Int(0),
            Some(decimal) => {
                decimal.to_i64().map_or_else(|| Self::Decimal(DecimalNumber(Box::new(decimal))), Self::Int)
            }
        }
    }

    /// The integer, if the number is whole and within 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(integer) => Some(*integer),
            Self::Decimal(_) | Self::Float(_) => None,
        }
    }

    /// The 64-bit float that is exactly this number, if there is one and the number is fractional or infinite.
    pub fn as_exact_fraction(&self) -> Option<f64> {
        match self {
            Self::Int(_) => None,
            Self::Decimal(decimal) => decimal.0.to_exact_fraction(),
            Self::Float(float) => Some(float.0),
        }
    }

    /// Whether the number is not infinite.
    pub fn is_finite(&self) -> bool {
        !matches!(self, Self::Float(float) if float.0.is_infinite())
    }

    /// The decimal digits; `None` for zero and infinities.
    fn digits(&self) -> Option<Cow<'_, Decimal>> {
        match self {
            Self::Int(integer) => Decimal::from_i64(*integer).map(Cow::Owned),
            Self::Decimal(decimal) => Some(Cow::Borrowed(&decimal.0)),
            Self::Float(float) => Decimal::shortest(float.0).map(Cow::Owned),
        }
    }

    /// Orders the classes of numbers: minus infinity, negative, zero, positive, infinity.
    fn rank(&self) -> i8 {
        match self {
            Self::Int(integer) => integer.signum() as i8,
            Self::Decimal(decimal) => decimal.0.sign(),
            Self::Float(float) if float.0.is_infinite() => 2 * float.sign(),
            Self::Float(float) => float.sign(),
        }
    }
}

impl FloatNumber {
    /// The 64-bit float.
    pub fn get(self) -> f64 {
        self.0
    }

    fn sign(self) -> i8 {
        if self.0.is_sign_negative() { -1 } else { 1 }
    }
}

impl From<MalformedNumber> for NumberError {
    fn from(_: MalformedNumber) -> Self {
        Self::Malformed
    }
}

impl From<i64> for Number {
    fn from(integer: i64) -> Self {
        Self::Int(integer)
    }
}

impl From<u64> for Number {
    fn from(integer: u64) -> Self {
        i64::try_from(integer).map_or_else(
            |_| Self::from_decimal(Decimal::parse(&integer.to_string()).ok().flatten()),
            Self::Int,
        )
    }
}

/// Parses decimal text: an optional sign, digits with an optional point, an optional exponent. Infinities,
/// hexadecimal digits, separators and spaces are rejected.
impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        // The fast path for short integers. The standard library accepts the same signs.
        if let Ok(integer) = text.parse() {
            return Ok(Self::Int(integer));
        }
        let decimal = Decimal::parse(text)?;
        let longest = text.len() + Self::MAX_ADDED_DIGITS;
        if decimal.as_ref().is_some_and(|decimal| decimal.plain_length() > longest) {
            return Err(NumberError::TooLong);
        }
        Ok(Self::from_decimal(decimal))
    }
}

/// All digits, without an exponent, in the shortest form that parses to the same number; infinities as `inf`, `-inf`.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(integer) => integer.fmt(f),
            Self::Float(float) if float.0.is_infinite() => float.0.fmt(f),
            Self::Decimal(_) | Self::Float(_) => match self.digits() {
                Some(digits) => digits.fmt(f),
                None => f.write_str("0"),
            },
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By size. A float is ordered by its shortest decimal text, so that order and equality agree.
impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Int(one), Self::Int(two)) => one.cmp(two),
            (Self::Float(one), Self::Float(two)) => one.0.total_cmp(&two.0),
            _ => self.rank().cmp(&other.rank()).then_with(|| match (self.digits(), other.digits()) {
                (Some(one), Some(two)) => one.cmp(&two),
                // Equal ranks without digits: both zero, or the same infinity.
                _ => Ordering::Equal,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    fn float(float: f64) -> Number {
        Number::from_f64(float).unwrap()
    }

    #[test]
    fn text_keeps_its_digits_without_exponent_or_padding() {
        for (text, expected) in [
            ("0", "0"),
            ("-0", "0"),
            ("-0.000", "0"),
            ("0e999999999999999999999", "0"),
            ("+7", "7"),
            ("007", "7"),
            ("1e3", "1000"),
            ("1E+3", "1000"),
            ("12.5e1", "125"),
            ("1.50", "1.5"),
            ("1.", "1"),
            (".5", "0.5"),
            ("1e-7", "0.0000001"),
            ("-12.30e-2", "-0.123"),
            ("9223372036854775808", "9223372036854775808"),
            ("-1e20", "-100000000000000000000"),
        ] {
            assert_eq!(number(text).to_string(), expected, "{text}");
        }
    }

    #[test]
    fn text_that_is_not_a_decimal_number_is_rejected() {
        for text in [
            "", " 1", "1 ", "+", "-", ".", "e5", "1e", "1e+", "1.2.3", "--1", "NaN", "inf", "0x10", "1_0",
            "١", "1e5x",
        ] {
            assert_eq!(text.parse::<Number>(), Err(NumberError::Malformed), "{text:?}");
        }
    }

    #[test]
    fn exponents_that_would_exhaust_memory_are_rejected() {
        for text in ["1e999999999", "-1e-999999999", "1e99999999999999999999999", "1e5000"] {
            assert_eq!(text.parse::<Number>(), Err(NumberError::TooLong), "{text}");
        }
        assert_eq!(number("1e4000").to_string().len(), 4001);
        assert_eq!(number("1e-4000").to_string().len(), 4002);
    }

    #[test]
    fn written_out_digits_may_have_any_length() {
        let text = format!("1{}.5", "0".repeat(100_000));
        assert_eq!(number(&text).to_string(), text);
    }

    #[test]
    fn whole_numbers_within_64_bits_are_integers_in_any_notation() {
        for text in ["9223372036854775807", "9223372036854775807.0", "92233720368547758070e-1"] {
            assert_eq!(number(text).as_i64(), Some(i64::MAX), "{text}");
        }
        assert_eq!(number("-9223372036854775808.00").as_i64(), Some(i64::MIN));
        assert_eq!(number("9223372036854775808").as_i64(), None);
        assert_eq!(number("-9223372036854775809").as_i64(), None);
        assert_eq!(Number::from(u64::MAX).to_string(), "18446744073709551615");
        assert_eq!(Number::from(5_u64).as_i64(), Some(5));
        assert_eq!(float(5.0).as_i64(), Some(5));
        assert_eq!(float(-0.0).as_i64(), Some(0));
        assert_eq!(float(-9_223_372_036_854_775_808.0).as_i64(), Some(i64::MIN));
    }

    #[test]
    fn whole_floats_beyond_64_bits_are_their_shortest_text() {
        assert_eq!(float(9_223_372_036_854_775_808.0).to_string(), "9223372036854776000");
        assert_eq!(float(1e20), number("100000000000000000000"));
    }

    #[test]
    fn fractions_equal_only_their_shortest_text() {
        assert_eq!(float(0.1), number("0.1"));
        assert_eq!(number("0.10"), number("0.1"));
        assert_ne!(float(0.1), number("0.10000000000000001"));
        assert_ne!(number("9007199254740992"), number("9007199254740993"));
        assert_ne!(float(0.5), float(-0.5));
    }

    #[test]
    fn subnormal_floats_have_the_digits_of_53_bits() {
        let smallest = float(f64::from_bits(1)).to_string();
        assert!(smallest.ends_with("0004940656458412465"), "{smallest}");
        assert_eq!(float(f64::from_bits(1)), number("4.940656458412465e-324"));
        assert_eq!(float(-f64::from_bits(3)), number("-1.4821969375237396e-323"));
    }

    #[test]
    fn only_exact_fractions_have_an_exact_float() {
        assert_eq!(number("0.5").as_exact_fraction(), Some(0.5));
        assert_eq!(number("-2.25").as_exact_fraction(), Some(-2.25));
        assert_eq!(number("1000000000000000.5").as_exact_fraction(), Some(1_000_000_000_000_000.5));
        for text in ["0.1", "0.15", "10000000000000000.5", "7", "100000000000000000000", "5e-4000"] {
            assert_eq!(number(text).as_exact_fraction(), None, "{text}");
        }
        let exact = "0.1000000000000000055511151231257827021181583404541015625";
        assert_eq!(number(exact).as_exact_fraction(), Some(0.1));
    }

    #[test]
    fn order_is_by_size() {
        let infinity = float(f64::INFINITY);
        let mut numbers = vec![
            infinity.clone(),
            number("1e30"),
            number("10"),
            number("9.5"),
            number("9"),
            float(0.5),
            number("0.1"),
            number("0.01"),
            number("0"),
            number("-0.01"),
            number("-0.1"),
            float(-0.5),
            number("-10"),
            number("-1e30"),
            float(f64::NEG_INFINITY),
        ];
        let mut ascending = numbers.clone();
        ascending.reverse();
        numbers.sort();
        assert_eq!(numbers, ascending);
        assert!(!infinity.is_finite());
        assert_eq!(infinity.to_string(), "inf");
        assert!(Number::from_f64(f64::NAN).is_none());
    }
}
