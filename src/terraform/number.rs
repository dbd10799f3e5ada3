//! Numbers of any length, kept as they came. How they travel is the business of `protocol`.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use self::decimal::Decimal;

mod decimal;

/// A number, never "not a number".
///
/// Two numbers are equal when both are whole and the integers match, or when both are fractional and their shortest
/// decimal texts match: the text 0.1 equals the 64-bit float 0.1, and minus zero equals zero (cty, numbers). A number
/// has one form only: whoever builds one gets `Int` whenever it fits.
#[derive(Debug, Clone)]
pub enum Number {
    /// Whole and within 64 bits, however it was written.
    Int(i64),
    /// Every other number that came as decimal text, digit for digit.
    Decimal(DecimalNumber),
    /// A fractional or infinite number that came as a 64-bit float.
    Float(FloatNumber),
}

/// Decimal text that is no 64-bit integer. Boxed, because hardly any number is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecimalNumber(Box<Decimal>);

/// A fractional or infinite 64-bit float.
#[derive(Debug, Clone, Copy)]
pub struct FloatNumber(f64);

/// Why a text is no number. Never quotes the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Not decimal digits with an optional sign, point and exponent.
    #[error("the text is not a decimal number")]
    Malformed,
    /// Its exponent stands for more zeros than [`Number::MAX_ADDED_DIGITS`].
    #[error(
        "the exponent of the number is too large: it stands for more than {} digits",
        Number::MAX_ADDED_DIGITS
    )]
    TooLong,
}

impl Number {
    /// How many digits an exponent may add to the text it stands in.
    ///
    /// Terraform writes numbers without exponents, so ten bytes such as `1e999999999` would become a gigabyte. Every
    /// 64-bit float needs less than this.
    pub const MAX_ADDED_DIGITS: usize = 4096;

    /// The number that a float stands for; `None` for "not a number".
    ///
    /// A whole float outside 64 bits becomes its shortest decimal text, as go-cty writes it.
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
            // Whole and in range, so nothing is cut off.
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

    /// The integer, if it is whole and within 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(integer) => Some(*integer),
            Self::Decimal(_) | Self::Float(_) => None,
        }
    }

    /// The 64-bit float that is exactly this number, if it is fractional or infinite and there is one.
    pub fn as_exact_fraction(&self) -> Option<f64> {
        match self {
            Self::Int(_) => None,
            Self::Decimal(decimal) => decimal.0.to_exact_fraction(),
            Self::Float(float) => Some(float.0),
        }
    }

    /// Whether it is neither of the infinities.
    pub fn is_finite(&self) -> bool {
        !matches!(self, Self::Float(float) if float.0.is_infinite())
    }

    /// Its digits; `None` for zero and the infinities.
    fn digits(&self) -> Option<Cow<'_, Decimal>> {
        match self {
            Self::Int(integer) => Decimal::from_i64(*integer).map(Cow::Owned),
            Self::Decimal(decimal) => Some(Cow::Borrowed(&decimal.0)),
            Self::Float(float) => Decimal::shortest(float.0).map(Cow::Owned),
        }
    }

    /// Minus infinity, negative, zero, positive, infinity: each as a number that sorts so.
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
    /// The float.
    pub fn get(self) -> f64 {
        self.0
    }

    fn sign(self) -> i8 {
        if self.0.is_sign_negative() { -1 } else { 1 }
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

/// Reads decimal text: an optional sign, digits with an optional point, an optional exponent. No infinities, no
/// hexadecimal digits, no separators, no spaces.
impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        // Short integers are nearly all there is, and the standard library takes the same signs as we do.
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

/// All digits without an exponent, in the shortest form that gives the same number back; infinities as `inf`, `-inf`.
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

/// By size; a float stands where its shortest decimal text does, so that order and equality agree.
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
    fn text_that_is_no_decimal_number_is_refused() {
        for text in [
            "", " 1", "1 ", "+", "-", ".", "e5", "1e", "1e+", "1.2.3", "--1", "NaN", "inf", "0x10", "1_0",
            "١", "1e5x",
        ] {
            assert_eq!(text.parse::<Number>(), Err(NumberError::Malformed), "{text:?}");
        }
    }

    #[test]
    fn exponents_that_would_fill_the_memory_are_refused() {
        for text in ["1e999999999", "-1e-999999999", "1e99999999999999999999999", "1e5000"] {
            assert_eq!(text.parse::<Number>(), Err(NumberError::TooLong), "{text}");
        }
        assert_eq!(number("1e4000").to_string().len(), 4001);
        assert_eq!(number("1e-4000").to_string().len(), 4002);
    }

    #[test]
    fn digits_written_out_may_have_any_length() {
        let text = format!("1{}.5", "0".repeat(100_000));
        assert_eq!(number(&text).to_string(), text);
    }

    #[test]
    fn whole_numbers_within_64_bits_are_integers_however_written() {
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
    fn fractions_equal_their_shortest_text_only() {
        assert_eq!(float(0.1), number("0.1"));
        assert_eq!(number("0.10"), number("0.1"));
        assert_ne!(float(0.1), number("0.10000000000000001"));
        assert_ne!(number("9007199254740992"), number("9007199254740993"));
        assert_ne!(float(0.5), float(-0.5));
    }

    #[test]
    fn floats_too_small_for_full_precision_have_the_digits_of_53_bits() {
        let smallest = float(f64::from_bits(1)).to_string();
        assert!(smallest.ends_with("0004940656458412465"), "{smallest}");
        assert_eq!(float(f64::from_bits(1)), number("4.940656458412465e-324"));
        assert_eq!(float(-f64::from_bits(3)), number("-1.4821969375237396e-323"));
    }

    #[test]
    fn exact_fractions_are_found_and_others_are_not() {
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
