//! Memory and time in proportion to the input: claims that are not kept, levels without end, and values that would be
//! much larger than their text.

use std::time::Instant;

use fastrand::Rng;
use terraform_provider_defender::protocol::{json, msgpack, type_json};
use terraform_provider_defender::terraform::ty::Type;

use crate::notation::Vectors;
use crate::random::{self, States};
use crate::{damage, size::Size};

/// Room for the test itself and for those beside it; what the claims ask for is thousands of times as much.
const ROOM_KIB: u64 = 256 * 1024;

/// A header of every kind that claims the most it can, with next to nothing behind it.
const CLAIMS: &[&[u8]] = &[
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

/// `VmHWM`; nothing where there is no `/proc`.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

#[test]
fn lengths_that_are_only_claimed_are_refused_without_memory_for_them() {
    let before = peak_kib();
    for ty in types() {
        for claim in CLAIMS {
            // Alone, with a few bytes that could be elements, and as the last of many levels.
            for (front, back) in [(0, 0), (0, 7), (100, 0), (5_000, 3)] {
                for level in [&[0x91][..], &[0x81, 0xa0]] {
                    let bytes = [level.repeat(front), claim.to_vec(), vec![0xc0; back]].concat();
                    assert!(msgpack::decode(&bytes, &ty).is_err(), "{claim:02x?} as {ty:?}");
                }
            }
        }
    }
    if let (Some(before), Some(after)) = (before, peak_kib()) {
        assert!(after <= before + ROOM_KIB, "{before} KiB before, {after} KiB after");
    }
}

#[test]
fn levels_without_end_are_refused_in_every_form() {
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
fn what_is_read_from_damaged_bytes_is_no_larger_than_they_are() {
    let pool: Vec<_> = Vectors::load().all().map(|vector| (vector.ty(), vector.bytes())).collect();
    let mut rng = Rng::with_seed(20_260_304);
    let mut read = 0;
    for _ in 0..10_000 {
        let (ty, whole) = &pool[rng.usize(..pool.len())];
        if whole.len() > 1_000 {
            continue;
        }
        let mut bytes = whole.clone();
        damage(&mut rng, &mut bytes);
        let Ok(value) = msgpack::decode(&bytes, ty) else { continue };
        read += 1;
        let size = Size::of(&value);
        assert!(size.nodes <= bytes.len() && size.text_bytes <= 3 * bytes.len(), "{size:?}: {bytes:02x?}");
    }
    assert!(read > 500, "{read}");
}

#[test]
fn what_is_read_from_damaged_json_is_not_much_larger_than_the_text() {
    let mut rng = Rng::with_seed(20_260_305);
    let mut read = 0;
    for _ in 0..5_000 {
        let ty = random::ty(&mut rng, 3);
        let value = random::value(&mut rng, &ty, States::Storable);
        let mut text = json::encode(&value, &ty).unwrap();
        damage(&mut rng, &mut text);
        let Ok(value) = json::decode_stored(&text, &ty) else { continue };
        read += 1;
        let size = Size::of(&value);
        assert!(size.nodes <= 2 * text.len() + 4_200 && size.text_bytes <= 3 * text.len(), "{size:?}");
    }
    assert!(read > 100, "{read}");
}

#[test]
fn long_and_awkward_content_is_read_and_written() {
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
