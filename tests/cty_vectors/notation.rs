//! Reads the vectors and converts their tree notation to values. The file's `format` text explains the notation.

use serde::Deserialize;
use serde_json::Value as Json;
use terraform_provider_defender::protocol::type_json;
use terraform_provider_defender::terraform::number::Number;
use terraform_provider_defender::terraform::ty::Type;
use terraform_provider_defender::terraform::value::{Refinements, Value, ValueRange};

/// The whole file.
#[derive(Deserialize)]
pub struct Vectors {
    pub encode_and_decode: Vec<Vector>,
    pub decode_only: Vec<Vector>,
    pub invalid: Vec<Vector>,
    pub lenient: Vec<Vector>,
}

/// One vector. Its fields depend on its list.
#[derive(Deserialize)]
pub struct Vector {
    pub name: String,
    #[serde(rename = "type")]
    ty: Json,
    msgpack: String,
    value: Option<Json>,
    go_cty_value: Option<Json>,
    canonical_msgpack: Option<String>,
    /// `Some(Null)` is a null value. `None` means that JSON cannot represent the value, or that it is too long for
    /// the file.
    #[serde(default, deserialize_with = "present")]
    value_json: Option<Json>,
    value_json_absent_because: Option<String>,
    element_order: Option<String>,
}

impl Vectors {
    pub fn load() -> Self {
        serde_json::from_str(include_str!("cty-msgpack-vectors.json"))
            .expect("the file of vectors is well formed")
    }

    pub fn all(&self) -> impl Iterator<Item = &Vector> {
        self.encode_and_decode.iter().chain(&self.decode_only).chain(&self.invalid).chain(&self.lenient)
    }
}

impl Vector {
    pub fn ty(&self) -> Type {
        type_json::decode(self.ty.to_string().as_bytes()).expect("a type constraint")
    }

    pub fn bytes(&self) -> Vec<u8> {
        from_hex(&self.msgpack)
    }

    pub fn canonical_bytes(&self) -> Vec<u8> {
        from_hex(self.canonical_msgpack.as_ref().expect("canonical bytes"))
    }

    pub fn value(&self) -> Value {
        value(self.value.as_ref().expect("a value"))
    }

    /// The only value that a lenient decoder may return.
    pub fn tolerated_value(&self) -> Option<Value> {
        self.go_cty_value.as_ref().map(value)
    }

    pub fn json(&self) -> Option<&Json> {
        self.value_json.as_ref()
    }

    pub fn is_beyond_json(&self) -> bool {
        self.value_json.is_none() && self.value_json_absent_because.as_deref() != Some("long")
    }

    /// Whether the order of elements is not specified, as in sets of compound values.
    pub fn has_free_order(&self) -> bool {
        self.element_order.as_deref() == Some("free")
    }
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .map(|digit| u8::try_from(digit.to_digit(16).expect("a hex digit")).expect("below 16"))
        .collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn value(tree: &Json) -> Value {
    let (kind, content) = only_entry(tree);
    match kind {
        "null" => Value::Null,
        "unknown" => unknown(content),
        "bool" => Value::Bool(content.as_bool().expect("a bool")),
        "number" => Value::Number(number(content)),
        "string" => Value::String(text(content)),
        "list" => Value::List(values(content)),
        "set" => Value::set(values(content)),
        "tuple" => Value::Tuple(values(content)),
        "map" => Value::Map(array(content).iter().map(|pair| (text(&pair[0]), value(&pair[1]))).collect()),
        "object" => {
            let attributes = content.as_object().expect("attributes");
            Value::object(attributes.iter().map(|(name, tree)| (name, value(tree))))
        }
        "dynamic" => {
            let ty = type_json::decode(content["type"].to_string().as_bytes()).expect("a type constraint");
            Value::dynamic(ty, value(&content["value"]))
        }
        other => panic!("no such kind in the notation: {other}"),
    }
}

fn unknown(refinements: &Json) -> Value {
    let bound = |name: &str| {
        let bound = refinements.get(name)?;
        Some((number(&bound["value"]), bound["inclusive"].as_bool()?))
    };
    let range = ValueRange {
        null: refinements.get("not_null").and_then(Json::as_bool).map(|not_null| !not_null),
        string_prefix: refinements.get("string_prefix").map(text),
        number_min: bound("number_min"),
        number_max: bound("number_max"),
        length_min: refinements.get("length_min").and_then(Json::as_u64),
        length_max: refinements.get("length_max").and_then(Json::as_u64),
    };
    let is_plain = refinements.as_object().is_some_and(serde_json::Map::is_empty);
    if is_plain { Value::unknown() } else { Value::Unknown(Refinements(Some(Box::new(range)))) }
}

fn number(content: &Json) -> Number {
    match content.as_str().expect("decimal text") {
        "inf" => Number::from_f64(f64::INFINITY).expect("a number"),
        "-inf" => Number::from_f64(f64::NEG_INFINITY).expect("a number"),
        text => text.parse().expect("decimal text"),
    }
}

fn values(content: &Json) -> Vec<Value> {
    array(content).iter().map(value).collect()
}

fn array(content: &Json) -> &[Json] {
    content.as_array().expect("an array")
}

fn text(content: &Json) -> String {
    content.as_str().expect("text").to_owned()
}

fn only_entry(tree: &Json) -> (&str, &Json) {
    let mut entries = tree.as_object().expect("one kind and its content").iter();
    let (kind, content) = entries.next().expect("a kind");
    assert!(entries.next().is_none(), "one kind only: {kind}");
    (kind, content)
}
