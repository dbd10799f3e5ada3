//! Files that were cut, changed or made up: refused without a panic.

use super::*;

/// Whatever is in the file, the answer is an identity or a refusal.
fn survives(bytes: &[u8], password: &Secret) -> bool {
    let contents = if pem::is_pem(bytes) {
        pem::open(bytes).map_err(Refusal::from)
    } else {
        pfx::open(bytes, Some(password))
    };
    contents.and_then(|contents| Ok(identity::choose(&contents, NOW)?)).is_ok()
}

#[test]
fn no_file_that_is_cut_short_opens_or_panics() {
    let password = Secret::new("sesame");
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "pfx") {
            let bytes = fs::read(&path).unwrap();
            for length in 0..bytes.len() {
                assert!(!survives(&bytes[..length], &password), "{} at {length}", path.display());
            }
        }
    }
    let pem = [fixture("leaf.crt"), fixture("leaf.key")].concat();
    for length in 0..pem.len() - "\n".len() {
        assert!(!survives(&pem[..length], &password), "PEM at {length}");
    }
    assert!(survives(&pem, &password));
}

#[test]
fn no_changed_byte_panics() {
    let password = Secret::new("sesame");
    for bytes in [fixture("unprotected.pfx"), [fixture("leaf-pkcs1.key"), fixture("leaf.crt")].concat()] {
        assert!(survives(&bytes, &password));
        for at in 0..bytes.len() {
            for mask in [0x01, 0x80, 0xff] {
                let mut changed = bytes.clone();
                changed[at] ^= mask;
                survives(&changed, &password);
            }
        }
    }
}

#[test]
fn no_noise_opens_or_panics() {
    let mut random = fastrand::Rng::with_seed(4);
    for _ in 0..2000 {
        let mut noise: Vec<u8> = (0..random.usize(..300)).map(|_| random.u8(..)).collect();
        assert!(!survives(&noise, &Secret::new("sesame")));
        noise.splice(0..0, *b"\x30\x82\x01\x00\x02\x01\x03");
        assert!(!survives(&noise, &Secret::new("sesame")));
        noise.splice(0..0, *b"-----BEGIN PRIVATE KEY-----\n");
        assert!(!survives(&noise, &Secret::new("sesame")));
    }
}
