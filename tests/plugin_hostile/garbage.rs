//! Generates invalid bytes and values from a seed, partly by corrupting a valid configuration. Knows nothing about
//! the messages that contain them.

use fastrand::Rng;
use terraform_provider_defender::protocol::{json, msgpack};
use terraform_provider_defender::provider::Provider;
use terraform_provider_defender::terraform::ty::Type;
use terraform_provider_defender::terraform::value::Value;
use terraform_provider_defender::wire::tfplugin6::{DynamicValue, RawState};

pub const RESOURCE: &str = "defender_atp_assignment";
pub const POLICY: &str = "0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294";

/// False lengths, unlimited nesting and unused codes.
const HOSTILE: &[&[u8]] = &[
    &[0xc1],
    &[0xdd, 0xff, 0xff, 0xff, 0xff],
    &[0xdf, 0xff, 0xff, 0xff, 0xff],
    &[0xdf, 0x7f, 0xff, 0xff, 0xff, 0xa2, b'i', b'd'],
    &[0xdb, 0xff, 0xff, 0xff, 0xff, b'x'],
    &[0xc9, 0xff, 0xff, 0xff, 0xff, 0x0c],
    &[0x81, 0xa2, b'i', b'd', 0xdc, 0xff, 0xff],
    &[0xc7, 0x03, 0x0c, 0x81, 0x02, 0xc0],
];

/// Random bytes.
pub fn bytes(rng: &mut Rng) -> Vec<u8> {
    match rng.u8(..16) {
        0 => rng.choice(HOSTILE).unwrap().to_vec(),
        1 => vec![*rng.choice(&[0x91, 0x81, 0x0a, 0x0b, 0xff]).unwrap(); rng.usize(..3_000)],
        _ => (0..rng.usize(..200)).map(|_| rng.u8(..)).collect(),
    }
}

/// A name that does not exist.
pub fn name(rng: &mut Rng) -> String {
    match rng.u8(..24) {
        0 => "n".repeat(100_000),
        1 => String::new(),
        2 => format!("{RESOURCE}\0"),
        3 => RESOURCE.to_uppercase(),
        _ => (0..rng.usize(1..30)).map(|_| rng.char(..)).collect(),
    }
}

/// An undecodable value, in MessagePack or JSON.
pub fn value(rng: &mut Rng) -> DynamicValue {
    if rng.bool() {
        DynamicValue { msgpack: broken_msgpack(rng), json: Vec::new() }
    } else {
        DynamicValue { msgpack: Vec::new(), json: broken_json(rng) }
    }
}

/// An undecodable stored state, as JSON or in the format before Terraform 0.12.
pub fn stored(rng: &mut Rng) -> RawState {
    let flatmap = |rng: &mut Rng| [(name(rng), name(rng))].into();
    match rng.u8(..8) {
        0 => RawState { json: Vec::new(), flatmap: flatmap(rng) },
        1 => RawState { json: broken_json(rng), flatmap: flatmap(rng) },
        _ => RawState { json: broken_json(rng), ..RawState::default() },
    }
}

fn broken_msgpack(rng: &mut Rng) -> Vec<u8> {
    let whole = valid_configuration().msgpack;
    match rng.u8(..6) {
        0 => whole[..rng.usize(1..whole.len())].to_vec(),
        1 => [whole, bytes(rng), vec![0]].concat(),
        2 => rng.choice(HOSTILE).unwrap().to_vec(),
        3 => {
            let nesting = *rng.choice(&[&[0x91][..], &[0x81, 0xa0], &[0x92, 0xc4, 0x08]]).unwrap();
            nesting.repeat(rng.usize(1..5_000))
        }
        // After an invalid code, any content is invalid.
        _ => [vec![0xc1], bytes(rng)].concat(),
    }
}

fn broken_json(rng: &mut Rng) -> Vec<u8> {
    let whole = valid_json();
    match rng.u8(..6) {
        0 => whole[..rng.usize(1..whole.len())].to_vec(),
        1 => [whole, b"]".to_vec()].concat(),
        2 => rng
            .choice(&["[", "{\"a\":", "[{}", "{\"assignments\":["])
            .unwrap()
            .repeat(rng.usize(1..5_000))
            .into_bytes(),
        3 => br#"{"assignments":[{"type":{"$serde_json::private::Number":"1"},"group_id":[]}],"device_configuration_id":{}}"#.to_vec(),
        4 => format!("{{\"device_configuration_id\":[{}]}}", rng.u64(..)).into_bytes(),
        _ => [b"\xff".to_vec(), bytes(rng)].concat(),
    }
}

/// A valid configuration.
pub fn valid_configuration() -> DynamicValue {
    let (value, ty) = configuration();
    DynamicValue { msgpack: msgpack::encode(&value, &ty).unwrap(), json: Vec::new() }
}

fn valid_json() -> Vec<u8> {
    let (value, ty) = configuration();
    json::encode(&value, &ty).unwrap()
}

fn configuration() -> (Value, Type) {
    let target = [("type", Value::string("allDevicesAssignmentTarget"))];
    let ty = resource_type();
    let set = Value::set([object(ty.attribute("assignments").and_then(Type::element).unwrap(), &target)]);
    let filled = [("device_configuration_id", Value::string(POLICY)), ("assignments", set)];
    (object(&ty, &filled), ty)
}

pub fn resource_type() -> Type {
    let provider = Provider::new(Box::new(|_| None));
    provider.definitions().find(|definition| definition.type_name == RESOURCE).unwrap().ty().clone()
}

/// An object of this type. Attributes that are not given are null.
pub fn object(ty: &Type, given: &[(&str, Value)]) -> Value {
    let Type::Object(attributes) = ty else { panic!("not an object type") };
    let value = |name: &String| given.iter().find(|(given, _)| given == name).map(|(_, value)| value.clone());
    Value::object(attributes.keys().map(|name| (name.clone(), value(name).unwrap_or(Value::Null))))
}
