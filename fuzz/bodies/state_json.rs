//! Checks the decoding of stored state, JSON values and type constraints with one input. A decoded value must not be
//! much larger than its text and must survive a round trip. Does not generate inputs.

use terraform_provider_defender::protocol::{json, msgpack, type_json};
use terraform_provider_defender::provider::Provider;
use terraform_provider_defender::terraform::ty::Type;

use super::size::Size;

/// The number of attributes that may be missing in addition to one per byte of text.
const SPARE_NODES: usize = 4096 + 64;
/// Normalization to form C makes some characters up to three times as long.
const MAX_NFC_GROWTH: usize = 3;

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
        assert!(strict.is_err(), "stored state is decoded more leniently, never less");
        return;
    };
    let size = Size::of(&value);
    assert!(size.nodes <= 2 * text.len() + SPARE_NODES, "{size:?} from {} bytes", text.len());
    assert!(size.text_bytes <= MAX_NFC_GROWTH * text.len(), "{size:?} from {} bytes", text.len());
    let written = json::encode(&value, ty).expect("a decoded value can be encoded as JSON");
    assert_eq!(json::decode(&written, ty).as_ref(), Ok(&value));
    let sent = msgpack::encode(&value, ty).expect("a decoded value can be encoded as MessagePack");
    assert_eq!(msgpack::decode(&sent, ty), Ok(value));
}

fn types() -> Vec<Type> {
    let provider = Provider::new(Box::new(|_| None));
    let states = provider.definitions().map(|definition| definition.ty().clone());
    states.chain([Type::Dynamic, Type::map(Type::Dynamic)]).collect()
}
