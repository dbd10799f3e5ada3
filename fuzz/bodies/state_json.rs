//! One input for the reader of stored state, which also reads values in JSON and, as a type constraint, types. What
//! can be read is not much larger than its text, can be written, and means the same again. Does not make inputs.

use terraform_provider_defender::protocol::{json, msgpack, type_json};
use terraform_provider_defender::provider::Provider;
use terraform_provider_defender::terraform::ty::Type;

use super::size::Size;

/// A missing attribute is null: as many may be missing as the text has bytes, and these more.
const SPARE_NODES: usize = 4096 + 64;
/// Normal form C makes some characters up to three times as long.
const LONGER_IN_NORMAL_FORM: usize = 3;

pub fn run(text: &[u8]) {
    for ty in types() {
        check(text, &ty);
    }
    if let Ok(ty) = type_json::decode(text) {
        assert_eq!(type_json::decode(&type_json::encode(&ty)), Ok(ty));
    }
}

fn check(text: &[u8], ty: &Type) {
    let strict = json::decode(text, ty);
    let Ok(value) = json::decode_stored(text, ty) else {
        assert!(strict.is_err(), "stored state is read with more forbearance, never with less");
        return;
    };
    let size = Size::of(&value);
    assert!(size.nodes <= 2 * text.len() + SPARE_NODES, "{size:?} from {} bytes", text.len());
    assert!(size.text_bytes <= LONGER_IN_NORMAL_FORM * text.len(), "{size:?} from {} bytes", text.len());
    let written = json::encode(&value, ty).expect("what was read can be written");
    assert_eq!(json::decode(&written, ty).as_ref(), Ok(&value));
    let sent = msgpack::encode(&value, ty).expect("what was read can be sent");
    assert_eq!(msgpack::decode(&sent, ty), Ok(value));
}

fn types() -> Vec<Type> {
    let provider = Provider::new(Box::new(|_| None));
    let states = provider.definitions().map(|definition| definition.ty.clone());
    states.chain([Type::Dynamic, Type::map(Type::Dynamic)]).collect()
}
