//! Checks that the parts of a value match its type. Shared by the MessagePack and JSON codecs.

use std::collections::BTreeMap;

use super::codec_error::CodecErrorKind;
use crate::terraform::ty::Type;
use crate::terraform::value::Value;

/// Pairs each attribute of an object with its type, in the order of names. The error names an attribute that either
/// side lacks.
pub(super) fn pair_attributes<'a>(
    attributes: &'a BTreeMap<String, Value>,
    types: &'a BTreeMap<String, Type>,
) -> Result<impl Iterator<Item = (&'a String, &'a Value, &'a Type)>, CodecErrorKind> {
    // Both maps are sorted, so equal names have equal positions.
    if !attributes.keys().eq(types.keys()) {
        return Err(mismatched_attribute(attributes, types));
    }
    Ok(attributes.iter().zip(types.values()).map(|((name, value), ty)| (name, value, ty)))
}

/// Checks that a tuple has as many elements as its type.
pub(super) fn check_length(expected: usize, found: usize) -> Result<(), CodecErrorKind> {
    if expected == found { Ok(()) } else { Err(CodecErrorKind::Length { expected, found }) }
}

fn mismatched_attribute(
    attributes: &BTreeMap<String, Value>,
    types: &BTreeMap<String, Type>,
) -> CodecErrorKind {
    match attributes.keys().find(|name| !types.contains_key(*name)) {
        Some(name) => CodecErrorKind::UnknownAttribute(name.clone()),
        None => missing_attribute(attributes, types),
    }
}

/// The first attribute of the type that the object lacks.
pub(super) fn missing_attribute(
    attributes: &BTreeMap<String, Value>,
    types: &BTreeMap<String, Type>,
) -> CodecErrorKind {
    let missing = types.keys().find(|name| !attributes.contains_key(*name));
    CodecErrorKind::MissingAttribute(missing.cloned().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mismatched_attribute_is_named() {
        let types = BTreeMap::from([("a".to_owned(), Type::Bool), ("b".to_owned(), Type::Bool)]);
        let object = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
        let mismatch = |names: &[&str]| pair_attributes(&object(names), &types).err();
        assert_eq!(mismatch(&["a", "b"]), None);
        assert_eq!(mismatch(&["a"]), Some(CodecErrorKind::MissingAttribute("b".to_owned())));
        assert_eq!(mismatch(&["a", "b", "c"]), Some(CodecErrorKind::UnknownAttribute("c".to_owned())));
        assert_eq!(mismatch(&["a", "c"]), Some(CodecErrorKind::UnknownAttribute("c".to_owned())));
    }
}
