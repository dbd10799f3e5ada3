//! Decodes values from JSON, guided by the type.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::protocol::codec_error::{CodecError, CodecErrorKind};
use crate::protocol::type_check::check_length;
use crate::protocol::type_json::{self, syntax_error};
use crate::terraform::number::Number;
use crate::terraform::ty::Type;
use crate::terraform::value::{SetValue, Value};

/// How many attributes may be missing in a short text. A longer text may lack one more for each of its bytes, which
/// no real state comes near.
const MAX_MISSING_ATTRIBUTES: usize = 4096;

/// The treatment of attributes that the type does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UnknownAttributes {
    Reject,
    Ignore,
}

/// Which deviations are accepted while one value is decoded.
pub(super) struct Leniency {
    unknown_attributes: UnknownAttributes,
    /// The number of further attributes that may be missing.
    missing_budget: Cell<usize>,
}

impl Leniency {
    /// Bounds the size of the value by the length of the text. Otherwise each `{}` in a list could expand to all
    /// attributes of a type, and a dynamic value chooses its own type.
    pub(super) fn new(unknown_attributes: UnknownAttributes, bytes: &[u8]) -> Self {
        Self {
            unknown_attributes,
            missing_budget: Cell::new(bytes.len().saturating_add(MAX_MISSING_ATTRIBUTES)),
        }
    }

    fn accept_missing_attribute(&self) -> Result<Json, CodecErrorKind> {
        let left = self.missing_budget.get().checked_sub(1).ok_or(CodecErrorKind::TooManyMissing)?;
        self.missing_budget.set(left);
        Ok(Json::Null)
    }
}

/// Parses JSON. The parser keeps all digits of numbers and rejects nesting beyond `MAX_DEPTH`, so decoding need not
/// count levels.
pub(super) fn parse(bytes: &[u8]) -> Result<Json, CodecErrorKind> {
    serde_json::from_slice(bytes).map_err(|error| syntax_error(&error))
}

pub(super) fn decode_value(json: Json, ty: &Type, leniency: &Leniency) -> Result<Value, CodecError> {
    match (ty, json) {
        (_, Json::Null) => Ok(Value::Null),
        (Type::Bool, json) => decode_bool(&json),
        (Type::Number, Json::Number(number)) => decode_number(number.as_str()),
        (Type::Number, Json::String(text)) => decode_number(&text),
        (Type::String, json) => decode_string(json),
        (Type::Dynamic, Json::Object(pair)) => decode_dynamic(pair, leniency),
        (Type::List(element), Json::Array(elements)) => {
            Ok(Value::List(decode_elements(elements, std::iter::repeat(&**element), leniency)?))
        }
        (Type::Set(element), Json::Array(elements)) => {
            let elements = decode_elements(elements, std::iter::repeat(&**element), leniency)?;
            Ok(Value::Set(SetValue::new(elements)))
        }
        (Type::Tuple(positions), Json::Array(elements)) => {
            check_length(positions.len(), elements.len())?;
            Ok(Value::Tuple(decode_elements(elements, positions, leniency)?))
        }
        (Type::Map(element), Json::Object(entries)) => decode_map(entries, element, leniency),
        (Type::Object(attributes), Json::Object(entries)) => decode_object(entries, attributes, leniency),
        (ty, json) => Err(CodecErrorKind::TypeMismatch { expected: ty.kind(), found: kind(&json) }.into()),
    }
}

fn decode_bool(json: &Json) -> Result<Value, CodecError> {
    match json {
        Json::Bool(boolean) => Ok(Value::Bool(*boolean)),
        Json::String(text) if text == "true" => Ok(Value::Bool(true)),
        Json::String(text) if text == "false" => Ok(Value::Bool(false)),
        json => Err(CodecErrorKind::TypeMismatch { expected: "bool", found: kind(json) }.into()),
    }
}

fn decode_number(text: &str) -> Result<Value, CodecError> {
    Ok(Value::Number(text.parse::<Number>()?))
}

fn decode_string(json: Json) -> Result<Value, CodecError> {
    match json {
        Json::String(text) => Ok(Value::string(text)),
        Json::Number(number) => Ok(Value::string(number.as_str())),
        Json::Bool(boolean) => Ok(Value::string(boolean.to_string())),
        json => Err(CodecErrorKind::TypeMismatch { expected: "string", found: kind(&json) }.into()),
    }
}

fn decode_dynamic(mut pair: serde_json::Map<String, Json>, leniency: &Leniency) -> Result<Value, CodecError> {
    let (Some(ty), Some(json), true) = (pair.remove("type"), pair.remove("value"), pair.is_empty()) else {
        return Err(CodecErrorKind::NotAPair.into());
    };
    let ty = type_json::from_json(&ty)?;
    if ty == Type::Dynamic {
        return Err(CodecErrorKind::NotConcrete.into());
    }
    let value = decode_value(json, &ty, leniency)?;
    Ok(Value::dynamic(ty, value))
}

fn decode_elements<'t>(
    elements: Vec<Json>,
    types: impl IntoIterator<Item = &'t Type>,
    leniency: &Leniency,
) -> Result<Vec<Value>, CodecError> {
    let pairs = elements.into_iter().zip(types).enumerate();
    pairs
        .map(|(index, (json, ty))| decode_value(json, ty, leniency).map_err(|error| error.in_index(index)))
        .collect()
}

fn decode_map(
    entries: serde_json::Map<String, Json>,
    element: &Type,
    leniency: &Leniency,
) -> Result<Value, CodecError> {
    let typed = entries.into_iter().map(|(key, json)| match decode_value(json, element, leniency) {
        Ok(value) => Ok((key, value)),
        Err(error) => Err(error.in_key(&key)),
    });
    Ok(Value::map(typed.collect::<Result<Vec<_>, CodecError>>()?))
}

fn decode_object(
    mut entries: serde_json::Map<String, Json>,
    attributes: &BTreeMap<String, Type>,
    leniency: &Leniency,
) -> Result<Value, CodecError> {
    let mut object = BTreeMap::new();
    for (name, ty) in attributes {
        let json = entries.remove(name).map_or_else(|| leniency.accept_missing_attribute(), Ok)?;
        let value = decode_value(json, ty, leniency).map_err(|error| error.in_attribute(name))?;
        object.insert(name.clone(), value);
    }
    match entries.into_iter().next() {
        Some((name, _)) if leniency.unknown_attributes == UnknownAttributes::Reject => {
            Err(CodecErrorKind::UnknownAttribute(name).into())
        }
        _ => Ok(Value::Object(object)),
    }
}

fn kind(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a bool",
        Json::Number(_) => "a number",
        Json::String(_) => "text",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}
