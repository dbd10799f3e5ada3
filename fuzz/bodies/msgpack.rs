//! One input for the MessagePack codec. What can be read is no larger than its bytes, can be written, and means the
//! same again. Does not make inputs.
//!
//! ```text
//! first byte   which type is expected, modulo their number
//! the rest     the value
//! ```

use terraform_provider_defender::protocol::msgpack;
use terraform_provider_defender::provider::Provider;
use terraform_provider_defender::terraform::ty::Type;

use super::size::Size;

/// Normal form C makes some characters up to three times as long.
const LONGER_IN_NORMAL_FORM: usize = 3;

pub fn run(input: &[u8]) {
    let Some((selector, bytes)) = input.split_first() else { return };
    let types = types();
    let ty = &types[usize::from(*selector) % types.len()];
    let Ok(value) = msgpack::decode(bytes, ty) else { return };
    let size = Size::of(&value);
    assert!(size.nodes <= bytes.len(), "{size:?} from {} bytes", bytes.len());
    assert!(size.text_bytes <= LONGER_IN_NORMAL_FORM * bytes.len(), "{size:?} from {} bytes", bytes.len());
    let written = msgpack::encode(&value, ty).expect("what was read can be written");
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
        provider.definitions().flat_map(|definition| [definition.ty.clone(), definition.identity_ty.clone()]),
    );
    types
}
