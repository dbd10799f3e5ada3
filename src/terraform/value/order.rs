//! The order of values, by which sets are sorted. Consistent with equality.

use std::cmp::Ordering;

use super::Value;

/// By kind, then by content: false before true, numbers by size, strings by bytes, everything else element by
/// element. Unknown values come after all known values, and null is last (cty, order of sets).
impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(one), Self::Bool(two)) => one.cmp(two),
            (Self::Number(one), Self::Number(two)) => one.cmp(two),
            (Self::String(one), Self::String(two)) => one.cmp(two),
            (Self::List(one), Self::List(two)) | (Self::Tuple(one), Self::Tuple(two)) => one.cmp(two),
            (Self::Set(one), Self::Set(two)) => one.cmp(two),
            (Self::Map(one), Self::Map(two)) | (Self::Object(one), Self::Object(two)) => one.cmp(two),
            (Self::Dynamic(one), Self::Dynamic(two)) => one.cmp(two),
            (Self::Unknown(one), Self::Unknown(two)) => one.cmp(two),
            _ => rank(self).cmp(&rank(other)),
        }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Bool(_) => 0,
        Value::Number(_) => 1,
        Value::String(_) => 2,
        Value::List(_) => 3,
        Value::Set(_) => 4,
        Value::Map(_) => 5,
        Value::Tuple(_) => 6,
        Value::Object(_) => 7,
        Value::Dynamic(_) => 8,
        Value::Unknown(_) => 9,
        Value::Null => 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terraform::number::Number;
    use crate::terraform::value::Refinements;

    #[test]
    fn kinds_are_ordered_and_null_is_last() {
        let ascending = [
            Value::Bool(false),
            Value::Bool(true),
            Value::Number(Number::Int(-1)),
            Value::Number(Number::Int(2)),
            Value::string("a"),
            Value::list([]),
            Value::list([Value::Bool(true)]),
            Value::set([]),
            Value::map([("a", Value::Null)]),
            Value::Tuple(vec![]),
            Value::object([("a", Value::Bool(true))]),
            Value::object([("a", Value::Null)]),
            Value::dynamic(crate::terraform::ty::Type::String, Value::string("a")),
            Value::unknown(),
            Value::Unknown(Refinements(Some(Box::default()))),
            Value::Null,
        ];
        for (place, one) in ascending.iter().enumerate() {
            for (other_place, two) in ascending.iter().enumerate() {
                assert_eq!(one.cmp(two), place.cmp(&other_place), "{one:?} and {two:?}");
                assert_eq!(one == two, place == other_place);
            }
        }
    }
}
