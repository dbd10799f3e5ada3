//! Memory and time are proportional to the input: false lengths, unlimited nesting, and values that would be much
//! larger than their text.

use std::time::Instant;

use fastrand::Rng;
use terraform_provider_defender::protocol::{json, msgpack, type_json};
use terraform_provider_defender::terraform::ty::Type;

use crate::notation::Vectors;
use crate::random::{self, States};
use crate::{corrupt, size::Size};

/// Memory for this test and concurrent ones. The false lengths would need thousands of times as much.
const ALLOWANCE_KIB: u64 = 256 * 1024;

/// A header of every kind with its maximum length and hardly any content.
const FALSE_LENGTHS: &[&[u8]] = &[
    &[0xdd, 0xff, 0xff, 0xff, 0xff],
    &[0xdf, 0xff, 0xff, 0xff, 0xff],
    &[0xdb, 0xff, 0xff, 0xff, 0xff],
    &[0xc6, 0xff, 0xff, 0xff, 0xff],
    &[0xc9, 0xff, 0xff, 0xff, 0xff, 0x0c],
    &[0xdc, 0xff, 0xff],
    &[0xde, 0xff, 0xff],
    &[0x9f],
    &[0x8f],
];

fn types() -> Vec<Type> {
    let nested = Type::list(Type::map(Type::set(Type::list(Type::String))));
    let wide = Type::object((0..40).map(|n| (format!("a{n}"), Type::list(Type::Dynamic))));
    let tuple = Type::Tuple(vec![Type::Number; 40]);
    vec![
        Type::String,
        Type::Number,
        Type::Dynamic,
        Type::list(Type::String),
        Type::map(Type::Bool),
        nested,
        wide,
        tuple,
    ]
}

/// `VmHWM`; `None` without `/proc`.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

#[test]
fn false_lengths_are_rejected_without_allocating_memory() {
    let before = peak_kib();
    for ty in types() {
        for claim in FALSE_LENGTHS {
            // Alone, with a few bytes that could be elements, and inside many levels.
            for (front, back) in [(0, 0), (0, 7), (100, 0), (5_000, 3)] {
                for level in [&[0x91][..], &[0x81, 0xa0]] {
                    let bytes = [level.repeat(front), claim.to_vec(), vec![0xc0; back]].concat();
                    assert!(msgpack::decode(&bytes, &ty).is_err(), "{claim:02x?} as {ty:?}");
                }
            }
        }
    }
    if let (Some(before), Some(after)) = (before, peak_kib()) {
        assert!(after <= before + ALLOWANCE_KIB, "{before} KiB before, {after} KiB after");
    }
}

#[test]
fn unlimited_nesting_is_rejected_in_every_form() {
    const LEVELS: usize = 200_000;
    for level in [&[0x91][..], &[0x81, 0xa0], b"\x92\xc4\x12[\"list\",\"dynamic\"]\x91"] {
        for ty in types().into_iter().chain([(0..100).fold(Type::Dynamic, |ty, _| Type::list(ty))]) {
            assert!(msgpack::decode(&level.repeat(LEVELS), &ty).is_err());
        }
    }
    for level in ["[", "{\"a\":", "{\"type\":\"dynamic\",\"value\":", "[\"list\",", "[\"object\",{\"a\":"] {
        let text = level.repeat(LEVELS);
        assert!(json::decode(text.as_bytes(), &Type::Dynamic).is_err());
        assert!(type_json::decode(text.as_bytes()).is_err());
    }
}

#[test]
fn values_from_corrupted_bytes_are_not_larger_than_the_bytes() {
    let pool: Vec<_> = Vectors::load().all().map(|vector| (vector.ty(), vector.bytes())).collect();
    let mut rng = Rng::with_seed(20_260_304);
    let mut read = 0;
    for _ in 0..10_000 {
        let (ty, whole) = &pool[rng.usize(..pool.len())];
        if whole.len() > 1_000 {
            continue;
        }
        let mut bytes = whole.clone();
        corrupt(&mut rng, &mut bytes);
        let Ok(value) = msgpack::decode(&bytes, ty) else { continue };
        read += 1;
        let size = Size::of(&value);
        assert!(size.nodes <= bytes.len() && size.text_bytes <= 3 * bytes.len(), "{size:?}: {bytes:02x?}");
    }
    assert!(read > 500, "{read}");
}

#[test]
fn values_from_corrupted_json_are_not_much_larger_than_the_text() {
    let mut rng = Rng::with_seed(20_260_305);
    let mut read = 0;
    for _ in 0..5_000 {
        let ty = random::ty(&mut rng, 3);
        let value = random::value(&mut rng, &ty, States::Storable);
        let mut text = json::encode(&value, &ty).unwrap();
        corrupt(&mut rng, &mut text);
        let Ok(value) = json::decode_stored(&text, &ty) else { continue };
        read += 1;
        let size = Size::of(&value);
        assert!(size.nodes <= 2 * text.len() + 4_200 && size.text_bytes <= 3 * text.len(), "{size:?}");
    }
    assert!(read > 100, "{read}");
}

#[test]
fn long_and_unusual_content_survives_a_round_trip() {
    const LENGTH: usize = 256 * 1024;
    let text = |content: &[u8]| {
        [&[0xdb][..], &u32::try_from(content.len()).unwrap().to_be_bytes(), content].concat()
    };
    let header =
        |code: u8, length: usize| [&[code][..], &u32::try_from(length).unwrap().to_be_bytes()].concat();
    let combining = "\u{323}\u{308}".repeat(LENGTH / 4);
    let ones = vec![b'1'; LENGTH];
    let fraction = [b"0.".to_vec(), vec![b'3'; LENGTH]].concat();
    let array = |element: &[u8]| {
        [header(0xdd, LENGTH / element.len()), element.repeat(LENGTH / element.len())].concat()
    };
    let objects = Type::set(Type::object([("a", Type::String)]));
    for (name, bytes, ty) in [
        ("combining characters", text(combining.as_bytes()), Type::String),
        ("digits", text(&ones), Type::Number),
        ("fraction", text(&fraction), Type::Number),
        ("nulls", array(&[0xc0]), Type::list(Type::String)),
        ("empty lists", array(&[0x90]), Type::set(Type::list(Type::Bool))),
        ("unknowns in a set", array(&[0xd4, 0, 0]), Type::set(Type::String)),
        ("equal objects in a set", array(&[0x81, 0xa1, b'a', 0xa1, b'x']), objects),
    ] {
        let started = Instant::now();
        let value = msgpack::decode(&bytes, &ty).unwrap_or_else(|error| panic!("{name}: {error}"));
        let written = msgpack::encode(&value, &ty).unwrap();
        assert_eq!(msgpack::decode(&written, &ty).as_ref(), Ok(&value), "{name}");
        println!("{name}: {:?}", started.elapsed());
    }
}
