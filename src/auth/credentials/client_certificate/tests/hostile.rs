//! Truncated, modified and random files cause no panic.

use super::*;

/// Whether the file holds a usable identity. Must not panic on any bytes.
fn opens(bytes: &[u8], password: &Secret) -> bool {
    open(bytes, Some(password)).and_then(|contents| Ok(signing_identity::select(&contents, NOW)?)).is_ok()
}

#[test]
fn no_truncated_file_opens_or_panics() {
    let password = Secret::new("sesame");
    for entry in fs::read_dir(fixture_folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "pfx") {
            let bytes = fs::read(&path).unwrap();
            for length in 0..bytes.len() {
                assert!(!opens(&bytes[..length], &password), "{} at {length}", path.display());
            }
        }
    }
    let pem = [fixture("leaf.crt"), fixture("leaf.key")].concat();
    for length in 0..pem.len() - "\n".len() {
        assert!(!opens(&pem[..length], &password), "PEM at {length}");
    }
    assert!(opens(&pem, &password));
}

#[test]
fn no_modified_byte_panics() {
    let password = Secret::new("sesame");
    for bytes in [fixture("unprotected.pfx"), [fixture("leaf-pkcs1.key"), fixture("leaf.crt")].concat()] {
        assert!(opens(&bytes, &password));
        for index in 0..bytes.len() {
            for mask in [0x01, 0x80, 0xff] {
                let mut modified = bytes.clone();
                modified[index] ^= mask;
                opens(&modified, &password);
            }
        }
    }
}

#[test]
fn no_random_bytes_open_or_panic() {
    let mut random = fastrand::Rng::with_seed(4);
    for _ in 0..2000 {
        let mut bytes: Vec<u8> = (0..random.usize(..300)).map(|_| random.u8(..)).collect();
        assert!(!opens(&bytes, &Secret::new("sesame")));
        bytes.splice(0..0, *b"\x30\x82\x01\x00\x02\x01\x03");
        assert!(!opens(&bytes, &Secret::new("sesame")));
        bytes.splice(0..0, *b"-----BEGIN PRIVATE KEY-----\n");
        assert!(!opens(&bytes, &Secret::new("sesame")));
    }
}
