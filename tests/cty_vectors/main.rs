//! Tests the value codec with the public vectors of cty, with random values, and with corrupted and hostile bytes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

use fastrand::Rng;
use terraform_provider_defender::protocol::{json, msgpack, type_json};
use terraform_provider_defender::terraform::ty::Type;

use notation::{Vector, Vectors};
use random::States;

mod bounds;
mod notation;
mod random;
#[path = "../../fuzz/bodies/size.rs"]
mod size;

/// Vectors whose numbers are floats. The notation writes them as decimal text, which is a different number and has a
/// different encoding.
const FLOAT_VECTORS: &[&str] = &["dec_float_0.1", "dec_tiny_pow2", "float_smallest", "float_pi"];

/// Fails with the names of all vectors that fail the check.
fn assert_all(vectors: &[Vector], count: usize, check: impl Fn(&Vector) -> Result<(), String>) {
    assert_eq!(vectors.len(), count, "a vector was lost or added");
    let broken: Vec<String> = vectors
        .iter()
        .filter_map(|vector| check(vector).err().map(|reason| format!("{}: {reason}", vector.name)))
        .collect();
    assert!(broken.is_empty(), "{} of {count} fail:\n{}", broken.len(), broken.join("\n"));
}

fn expect_equal<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: found {found:?}, expected {expected:?}")) }
}

fn check_both_directions(vector: &Vector) -> Result<(), String> {
    let (ty, bytes, value) = (vector.ty(), vector.bytes(), vector.value());
    let decoded = msgpack::decode(&bytes, &ty).map_err(|error| format!("not decoded: {error}"))?;
    expect_equal("decoded", &decoded, &value)?;
    let again = msgpack::encode(&decoded, &ty).map_err(|error| format!("not encoded: {error}"))?;
    if vector.has_free_order() {
        let back = msgpack::decode(&again, &ty).map_err(|error| format!("not decoded again: {error}"))?;
        expect_equal("length of bytes", &again.len(), &bytes.len())?;
        return expect_equal("decoded again", &back, &value);
    }
    expect_equal("encoded", &again, &bytes)?;
    let from_notation = msgpack::encode(&value, &ty).map_err(|error| format!("not encoded: {error}"))?;
    let is_expected = FLOAT_VECTORS.contains(&vector.name.as_str()) == (from_notation != bytes);
    if is_expected { Ok(()) } else { Err(format!("from the notation: {from_notation:02x?}")) }
}

#[test]
fn canonical_bytes_are_decoded_and_encoded() {
    assert_all(&Vectors::load().encode_and_decode, 225, check_both_directions);
}

fn check_json(vector: &Vector) -> Result<(), String> {
    let (ty, value) = (vector.ty(), vector.value());
    let encoded = json::encode(&value, &ty);
    let Some(expected) = vector.json() else {
        return expect_equal("rejected as JSON", &encoded.is_err(), &vector.is_beyond_json());
    };
    let text = expected.to_string();
    for decode in [json::decode, json::decode_stored] {
        let decoded = decode(text.as_bytes(), &ty).map_err(|error| format!("not decoded: {error}"))?;
        expect_equal("decoded from JSON", &decoded, &value)?;
    }
    let encoded = encoded.map_err(|error| format!("not encoded: {error}"))?;
    let back = json::decode(&encoded, &ty).map_err(|error| format!("not decoded again: {error}"))?;
    expect_equal("decoded from JSON again", &back, &value)?;
    if vector.has_free_order() {
        return Ok(());
    }
    expect_equal("encoded as JSON", &serde_json::from_slice(&encoded).ok().as_ref(), &Some(expected))
}

#[test]
fn json_of_the_same_values_is_decoded_and_encoded() {
    let vectors = Vectors::load().encode_and_decode;
    assert_eq!(
        vectors.iter().filter(|vector| vector.json().is_some()).count(),
        162,
        "a JSON value was lost or added"
    );
    assert_all(&vectors, 225, check_json);
}

#[test]
fn other_valid_bytes_are_decoded_and_reencoded_canonically() {
    assert_all(&Vectors::load().decode_only, 47, |vector| {
        let ty = vector.ty();
        let decoded =
            msgpack::decode(&vector.bytes(), &ty).map_err(|error| format!("not decoded: {error}"))?;
        expect_equal("decoded", &decoded, &vector.value())?;
        let encoded = msgpack::encode(&decoded, &ty).map_err(|error| format!("not encoded: {error}"))?;
        expect_equal("encoded", &encoded, &vector.canonical_bytes())
    });
}

#[test]
fn invalid_bytes_are_rejected() {
    assert_all(&Vectors::load().invalid, 69, |vector| match msgpack::decode(&vector.bytes(), &vector.ty()) {
        Err(_) => Ok(()),
        Ok(value) => Err(format!("accepted as {value:?}")),
    });
}

#[test]
fn ambiguous_bytes_are_rejected_or_decoded_like_go_cty() {
    assert_all(&Vectors::load().lenient, 10, |vector| match msgpack::decode(&vector.bytes(), &vector.ty()) {
        Err(_) => Ok(()),
        Ok(value) => expect_equal("decoded", &Some(value), &vector.tolerated_value()),
    });
}

#[test]
fn random_values_survive_messagepack() {
    let mut rng = Rng::with_seed(20_260_131);
    for round in 0..4_000 {
        let ty = random::ty(&mut rng, 3);
        let value = random::value(&mut rng, &ty, States::All);
        let bytes = msgpack::encode(&value, &ty).unwrap_or_else(|error| panic!("round {round}: {error}"));
        let back = msgpack::decode(&bytes, &ty).unwrap_or_else(|error| panic!("round {round}: {error}"));
        assert_eq!(back, value, "round {round}, {ty:?}");
        assert_eq!(msgpack::encode(&back, &ty), Ok(bytes), "round {round}");
        assert_eq!(type_json::decode(&type_json::encode(&ty)), Ok(ty), "round {round}");
    }
}

#[test]
fn random_storable_values_survive_json() {
    let mut rng = Rng::with_seed(20_260_201);
    for round in 0..4_000 {
        let ty = random::ty(&mut rng, 3);
        let value = random::value(&mut rng, &ty, States::Storable);
        let bytes = json::encode(&value, &ty).unwrap_or_else(|error| panic!("round {round}: {error}"));
        assert_eq!(json::decode(&bytes, &ty).as_ref(), Ok(&value), "round {round}, {ty:?}");
        assert_eq!(json::decode_stored(&bytes, &ty), Ok(value), "round {round}");
    }
}

/// Changes, inserts, removes and truncates bytes.
fn corrupt(rng: &mut Rng, bytes: &mut Vec<u8>) {
    for _ in 0..rng.usize(1..4) {
        let place = rng.usize(..=bytes.len());
        match rng.u8(..8) {
            0 => bytes.truncate(place),
            1 => bytes.insert(place, rng.u8(..)),
            2 if place < bytes.len() => drop(bytes.remove(place)),
            3..=5 if place < bytes.len() => bytes[place] ^= 1 << rng.u8(..8),
            _ if place < bytes.len() => bytes[place] = rng.u8(..),
            _ => {}
        }
    }
}

#[test]
fn corrupted_bytes_are_rejected_or_decode_to_a_value_that_can_be_encoded() {
    const LONGEST: usize = 1000;
    let vectors = Vectors::load();
    let pool: Vec<(Type, Vec<u8>)> = vectors
        .all()
        .map(|vector| (vector.ty(), vector.bytes()))
        .filter(|(_, bytes)| bytes.len() <= LONGEST)
        .collect();
    let mut rng = Rng::with_seed(47);
    let mut accepted = 0;
    for _ in 0..50_000 {
        let (own, bytes) = &pool[rng.usize(..pool.len())];
        let other = &pool[rng.usize(..pool.len())].0;
        let ty = if rng.u8(..4) == 0 { other } else { own };
        let mut bytes = bytes.clone();
        corrupt(&mut rng, &mut bytes);
        if let Ok(value) = msgpack::decode(&bytes, ty) {
            accepted += 1;
            let written = msgpack::encode(&value, ty).unwrap_or_else(|error| panic!("{bytes:02x?}: {error}"));
            assert_eq!(msgpack::decode(&written, ty), Ok(value), "{bytes:02x?}");
        }
    }
    assert!(
        (1_000..49_000).contains(&accepted),
        "some corrupted values should still be accepted: {accepted}"
    );
}

#[test]
fn corrupted_json_never_panics() {
    let vectors = Vectors::load().encode_and_decode;
    let pool: Vec<(Type, Vec<u8>)> = vectors
        .iter()
        .filter_map(|vector| Some((vector.ty(), vector.json()?.to_string().into_bytes())))
        .filter(|(_, text)| text.len() <= 1000)
        .collect();
    let mut rng = Rng::with_seed(48);
    for _ in 0..20_000 {
        let (ty, text) = &pool[rng.usize(..pool.len())];
        let mut text = text.clone();
        corrupt(&mut rng, &mut text);
        if let Ok(value) = json::decode(&text, ty) {
            assert!(json::encode(&value, ty).is_ok(), "{}", String::from_utf8_lossy(&text));
        }
        let mut constraint = type_json::encode(ty);
        corrupt(&mut rng, &mut constraint);
        drop(type_json::decode(&constraint));
    }
}
