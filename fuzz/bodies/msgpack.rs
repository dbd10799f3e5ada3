//! Checks the MessagePack codec with one input. A decoded value must not be larger than its bytes and must survive a
//! round trip. Does not generate inputs.
//!
//! ```text
//! first byte   the expected type, modulo their number
//! the rest     the value
//! ```

use terraform_provider_defender::protocol::msgpack;
use terraform_provider_defender::provider::Provider;
use terraform_provider_defender::terraform::ty::Type;

use super::size::Size;

/// Normalization to form C makes some characters up to three times as long.
const MAX_NFC_GROWTH: usize = 3;

pub fn run(input: &[u8]) {
    let Some((selector, bytes)) = input.split_first() else { return };
    let types = types();
    let ty = &types[usize::from(*selector) % types.len()];
    let Ok(value) = msgpack::decode(bytes, ty) else { return };
    let size = Size::of(&value);
    assert!(size.nodes <= bytes.len(), "{size:?} from {} bytes", bytes.len());
    assert!(size.text_bytes <= MAX_NFC_GROWTH * bytes.len(), "{size:?} from {} bytes", bytes.len());
    let written = msgpack::encode(&value, ty).expect("a decoded value can be encoded");
    assert_eq!(msgpack::decode(&written, ty).as_ref(), Ok(&value));
}

fn types() -> Vec<Type> {
    let provider = Provider::new(Box::new(|_| None));
    let mut types = vec![
        Type::Dynamic,
        provider.ty().clone(),
        Type::list(Type::Dynamic),
        Type::set(Type::Number),
        Type::map(Type::String),
        Type::Tuple(vec![Type::String, Type::map(Type::list(Type::Bool))]),
    ];
    types.extend(
        provider
            .definitions()
            .flat_map(|definition| [definition.ty().clone(), definition.identity_ty.clone()]),
    );
    types
}
