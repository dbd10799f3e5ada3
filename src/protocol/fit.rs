//! Whether the parts of a value fit its type, before they are written. Asked by both encoders.

use std::collections::BTreeMap;

use super::codec_error::Problem;
use crate::terraform::ty::Type;
use crate::terraform::value::Value;

/// Each attribute of an object with its type, in the order of names. The error names one that either side lacks.
pub(super) fn pair_attributes<'a>(
    attributes: &'a BTreeMap<String, Value>,
    types: &'a BTreeMap<String, Type>,
) -> Result<impl Iterator<Item = (&'a String, &'a Value, &'a Type)>, Problem> {
    // Both are sorted, so equal names stand side by side.
    if !attributes.keys().eq(types.keys()) {
        return Err(odd_attribute(attributes, types));
    }
    Ok(attributes.iter().zip(types.values()).map(|((name, value), ty)| (name, value, ty)))
}

/// Whether a tuple has as many elements as its type.
pub(super) fn check_length(expected: usize, found: usize) -> Result<(), Problem> {
    if expected == found { Ok(()) } else { Err(Problem::Length { expected, found }) }
}

fn odd_attribute(attributes: &BTreeMap<String, Value>, types: &BTreeMap<String, Type>) -> Problem {
    match attributes.keys().find(|name| !types.contains_key(*name)) {
        Some(name) => Problem::UnknownAttribute(name.clone()),
        None => missing_attribute(attributes, types),
    }
}

/// The first attribute of the type that the object lacks.
pub(super) fn missing_attribute(
    attributes: &BTreeMap<String, Value>,
    types: &BTreeMap<String, Type>,
) -> Problem {
    let missing = types.keys().find(|name| !attributes.contains_key(*name));
    Problem::MissingAttribute(missing.cloned().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_odd_attribute_is_named() {
        let types = BTreeMap::from([("a".to_owned(), Type::Bool), ("b".to_owned(), Type::Bool)]);
        let object = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
        let odd = |names: &[&str]| pair_attributes(&object(names), &types).err();
        assert_eq!(odd(&["a", "b"]), None);
        assert_eq!(odd(&["a"]), Some(Problem::MissingAttribute("b".to_owned())));
        assert_eq!(odd(&["a", "b", "c"]), Some(Problem::UnknownAttribute("c".to_owned())));
        assert_eq!(odd(&["a", "c"]), Some(Problem::UnknownAttribute("c".to_owned())));
    }
}
