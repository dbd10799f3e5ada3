//! Generates random types and values. The same seed gives the same results.

use std::collections::BTreeMap;

use fastrand::Rng;
use terraform_provider_defender::terraform::number::Number;
use terraform_provider_defender::terraform::ty::Type;
use terraform_provider_defender::terraform::value::{Refinements, Value, ValueRange};

/// Which values to generate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum States {
    /// Everything that Terraform can send.
    All,
    /// Everything that JSON can represent: nothing unknown or infinite.
    Storable,
}

/// A type with at most this many nested levels.
pub fn ty(rng: &mut Rng, levels: usize) -> Type {
    match rng.u8(..if levels == 0 { 4 } else { 10 }) {
        0 => Type::Bool,
        1 => Type::Number,
        2 => Type::Dynamic,
        3 => Type::String,
        4 => Type::list(ty(rng, levels - 1)),
        5 => Type::set(ty(rng, levels - 1)),
        6 => Type::map(ty(rng, levels - 1)),
        7 => Type::Tuple((0..rng.usize(..4)).map(|_| ty(rng, levels - 1)).collect()),
        _ => {
            let attributes: Vec<_> = (0..rng.usize(..20)).map(|_| (text(rng), ty(rng, levels - 1))).collect();
            Type::object(attributes)
        }
    }
}

/// A value of this type.
pub fn value(rng: &mut Rng, ty: &Type, states: States) -> Value {
    match rng.u8(..12) {
        0 => return Value::Null,
        1 if states == States::All => return unknown(rng, ty),
        _ => {}
    }
    match ty {
        Type::Bool => Value::Bool(rng.bool()),
        Type::Number => Value::Number(number(rng, states)),
        Type::String => Value::String(text(rng)),
        Type::Dynamic => {
            let own = concrete(rng);
            let value = value(rng, &own, states);
            Value::dynamic(own, value)
        }
        Type::List(element) => Value::List(values(rng, element, states)),
        Type::Set(element) => Value::set(values(rng, element, states)),
        Type::Map(element) => {
            let values = values(rng, element, states);
            Value::Map(values.into_iter().map(|value| (text(rng), value)).collect())
        }
        Type::Tuple(positions) => Value::Tuple(positions.iter().map(|ty| value(rng, ty, states)).collect()),
        Type::Object(attributes) => Value::Object(object(rng, attributes, states)),
    }
}

fn concrete(rng: &mut Rng) -> Type {
    loop {
        let own = ty(rng, 1);
        if own != Type::Dynamic {
            return own;
        }
    }
}

fn values(rng: &mut Rng, element: &Type, states: States) -> Vec<Value> {
    let length = if rng.u8(..50) == 0 { 40 } else { rng.usize(..5) };
    (0..length).map(|_| value(rng, element, states)).collect()
}

fn object(rng: &mut Rng, attributes: &BTreeMap<String, Type>, states: States) -> BTreeMap<String, Value> {
    attributes.iter().map(|(name, ty)| (name.clone(), value(rng, ty, states))).collect()
}

/// An unknown value. Its range always allows several values, because a single one would be decoded as known.
fn unknown(rng: &mut Rng, ty: &Type) -> Value {
    let mut range = ValueRange { null: rng.bool().then_some(false), ..ValueRange::default() };
    match ty {
        Type::Dynamic => return Value::unknown(),
        // A longer prefix would be truncated.
        Type::String if rng.bool() => {
            range.string_prefix = Some(text(rng)).filter(|text| text.len() <= 256);
        }
        Type::Number if rng.bool() => range.number_min = Some((number(rng, States::All), rng.bool())),
        Type::Number if rng.bool() => range.number_max = Some((number(rng, States::All), rng.bool())),
        Type::List(_) | Type::Set(_) | Type::Map(_) if rng.bool() => {
            range.length_min = Some(rng.u64(..300));
            range.length_max = Some(rng.u64(300..70_000));
        }
        _ => {}
    }
    if range == ValueRange::default() {
        Value::unknown()
    } else {
        Value::Unknown(Refinements(Some(Box::new(range))))
    }
}

fn number(rng: &mut Rng, states: States) -> Number {
    match rng.u8(..6) {
        0 => Number::from(rng.i64(..)),
        1 => Number::from(rng.i64(-300..300)),
        2 => Number::from(rng.u64(..)),
        3 => format!("{}.{}", rng.i32(..), rng.u32(..)).parse().expect("decimal text"),
        4 => format!("{}e{}", rng.i64(..), rng.i32(-400..400)).parse().expect("decimal text"),
        _ => match Number::from_f64(f64::from_bits(rng.u64(..))) {
            Some(number) if number.is_finite() || states == States::All => number,
            _ => Number::from_f64(f64::from_bits(rng.u64(1..1 << 52))).expect("a subnormal number"),
        },
    }
}

/// Normalized text of characters that compose, sort and escape differently.
fn text(rng: &mut Rng) -> String {
    const CHARACTERS: &[char] = &[
        'a', 'Z', '_', '0', '"', '\\', '\n', '\0', 'u', '\u{308}', '\u{323}', 'é', 'ﬁ', '漢', '\u{1100}',
        '\u{1161}', '🎉',
    ];
    let length = if rng.u8(..50) == 0 { 300 } else { rng.usize(..8) };
    let text: String = (0..length).filter_map(|_| rng.choice(CHARACTERS)).collect();
    match Value::string(text) {
        Value::String(normalized) => normalized,
        _ => String::new(),
    }
}
