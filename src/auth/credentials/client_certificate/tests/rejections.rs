//! The messages for every kind of rejected file, text and password.

use std::fmt::Write as _;

use expect_test::{Expect, expect};

use super::*;

/// Returns the message, after checking that it shows nothing secret.
fn message(result: Result<Secret, SignInFailure>) -> String {
    let failure = result.err().unwrap();
    let shown = format!("{failure} {failure:?}");
    let key = fixture_text("leaf.key").lines().nth(1).unwrap().to_owned();
    for secret in ["sesame", "hunter2", &key] {
        assert!(!shown.contains(secret), "{shown}");
    }
    failure.to_string()
}

fn check(
    results: impl IntoIterator<Item = (&'static str, Result<Secret, SignInFailure>)>,
    expected: &Expect,
) {
    let lines = results.into_iter().fold(String::new(), |mut lines, (name, result)| {
        writeln!(lines, "{name}: {}", message(result)).unwrap();
        lines
    });
    expected.assert_eq(&lines);
}

#[test]
fn a_wrong_password_is_reported_at_the_password_and_a_missing_one_at_the_certificate() {
    let path = |name: &str| Certificate::File(fixture_folder().join(name));
    check(
        [
            ("wrong, file", sign(&path("aes.pfx"), Some("hunter2"))),
            ("wrong, legacy", sign(&path("legacy-rc2.pfx"), Some("hunter2"))),
            ("wrong, without MAC", sign(&path("without-mac.pfx"), Some("hunter2"))),
            ("wrong, base64", sign(&in_base64(&fixture("aes.pfx")), Some("hunter2"))),
            ("wrong, outside the basic plane", sign(&path("aes.pfx"), Some("hunter2 🔑"))),
            ("missing", sign(&path("aes.pfx"), None)),
            ("empty", sign(&in_base64(&fixture("legacy-3des.pfx")), Some(""))),
        ],
        &expect![[r#"
            wrong, file: client_certificate_password cannot be used: the password does not open the PFX in client_certificate_path
            wrong, legacy: client_certificate_password cannot be used: the password does not open the PFX in client_certificate_path
            wrong, without MAC: client_certificate_password cannot be used: the password does not open the PFX in client_certificate_path
            wrong, base64: client_certificate_password cannot be used: the password does not open the PFX in client_certificate
            wrong, outside the basic plane: client_certificate_password cannot be used: a character outside Unicode's basic plane, such as an emoji, is not supported; export the PFX with another password
            missing: client_certificate_path cannot be used: it needs a password; set client_certificate_password
            empty: client_certificate cannot be used: it needs a password; set client_certificate_password
        "#]],
    );
}

#[test]
fn text_that_is_not_a_pfx_is_rejected_with_the_right_argument() {
    let sign_text = |text: &str| sign(&Certificate::Base64(Secret::new(text)), None);
    let pem = fixture_text("leaf.crt");
    check(
        [
            ("not base64", sign_text("hunter2.pfx")),
            ("empty", sign_text(" \n")),
            ("pem", sign_text(&pem)),
            ("pem in base64", sign_text(&STANDARD.encode(&pem))),
            ("other bytes", sign_text(&STANDARD.encode("hunter2"))),
        ],
        &expect![[r#"
            not base64: client_certificate cannot be used: it is not base64; client_certificate accepts a PFX in base64. To use a file, set its path in client_certificate_path
            empty: client_certificate cannot be used: it is empty; client_certificate accepts a PFX in base64
            pem: client_certificate cannot be used: it is PEM; client_certificate accepts a PFX in base64. PEM is accepted only as a file, in client_certificate_path
            pem in base64: client_certificate cannot be used: it is PEM in base64; client_certificate accepts a PFX in base64. PEM is accepted only as a file, in client_certificate_path
            other bytes: client_certificate cannot be used: it is neither PEM nor a PFX, or it is damaged
        "#]],
    );
}

/// Other systems have other error texts.
#[cfg(unix)]
#[test]
fn files_that_cannot_be_read_are_reported() {
    let path = |path: &str| sign(&Certificate::File(PathBuf::from(path)), None);
    check(
        [
            ("absent", path("/nowhere/hunter2.pfx")),
            ("home", path("~/hunter2.pfx")),
            ("folder", path(env!("CARGO_MANIFEST_DIR"))),
            ("device", path("/dev/zero")),
        ],
        &expect![[r#"
            absent: client_certificate_path cannot be used: the file cannot be read: No such file or directory (os error 2)
            home: client_certificate_path cannot be used: the file cannot be read: No such file or directory (os error 2). The character ~ is not expanded to the home folder: give the whole path
            folder: client_certificate_path cannot be used: the file cannot be read: it is not a regular file
            device: client_certificate_path cannot be used: the file cannot be read: it is not a regular file
        "#]],
    );
    let relative = message(path("hunter2.pfx"));
    assert!(relative.contains(". A relative path is resolved from /"), "{relative}");
}

#[test]
fn files_without_a_certificate_are_identified() {
    let base64 = STANDARD.encode(fixture("aes.pfx"));
    check(
        [
            ("empty", sign_file(b"", None)),
            ("too large", sign_file(&vec![0x30; 1024 * 1024 + 1], None)),
            ("base64", sign_file(base64.as_bytes(), Some("sesame"))),
            ("words", sign_file(b"hunter2", None)),
            ("certificate in DER", sign_file(&der("leaf.crt"), None)),
            ("indefinite lengths", sign_file(b"\x30\x80\x02\x01\x03\x00\x00", None)),
        ],
        &expect![[r#"
            empty: client_certificate_path cannot be used: the file is empty
            too large: client_certificate_path cannot be used: the file is larger than 1048576 bytes, so it is not a certificate
            base64: client_certificate_path cannot be used: the file contains base64; it must contain the PFX itself, or PEM. Decode the file, or set its text in client_certificate
            words: client_certificate_path cannot be used: it is neither PEM nor a PFX, or it is damaged
            certificate in DER: client_certificate_path cannot be used: it is a certificate without its private key, and a certificate alone cannot sign; provide a PFX, or PEM with certificate and key
            indefinite lengths: client_certificate_path cannot be used: it is a PFX in BER with indefinite lengths, which is not supported; export it again with OpenSSL
        "#]],
    );
}

#[test]
fn contents_that_cannot_sign_are_rejected() {
    let pem = |names: &[&str]| {
        let sections: Vec<String> = names.iter().map(|name| fixture_text(name)).collect();
        sign_file(sections.concat().as_bytes(), None)
    };
    let pfx_file = |name: &str| sign_file(&fixture(name), Some("sesame"));
    let leaf = der("leaf.crt");
    let cut = fixture_text("leaf.key").lines().take(9).collect::<Vec<_>>().join("\n");
    check(
        [
            ("no key", pfx_file("no-key.pfx")),
            ("no key, pem", pem(&["leaf.crt"])),
            ("no certificate", pfx_file("no-certificate.pfx")),
            ("no certificate, pem", pem(&["leaf.key"])),
            ("two keys", sign_file(&pfx(&[("leaf.key", &[leaf]), ("pss.key", &[])]), Some("sesame"))),
            ("two keys, pem", pem(&["leaf.key", "leaf.crt", "pss.key"])),
            ("not its certificate", sign_file(&pfx(&[("leaf.key", &[der("ca.crt")])]), Some("sesame"))),
            ("not its certificate, pem", pem(&["leaf.key", "ca.crt"])),
            ("none of several", pem(&["leaf.key", "ca.crt", "ec.crt"])),
            ("EC", pfx_file("ec.pfx")),
            ("EC, PKCS #8", pem(&["ec.key", "ec.crt"])),
            ("EC, SEC 1", pem(&["ec-sec1.key", "ec.crt"])),
            ("Ed25519", pem(&["ed25519.key", "ed25519.crt"])),
            ("RSA-PSS", pem(&["pss.key", "pss.crt"])),
            ("1024 bits", pem(&["small.key", "small.crt"])),
            ("encrypted, PKCS #8", pem(&["leaf-encrypted.key", "leaf.crt"])),
            ("encrypted, PKCS #1", pem(&["leaf-pkcs1-encrypted.key", "leaf.crt"])),
            ("cut off", sign_file(cut.as_bytes(), None)),
            ("too many rounds", pfx_file("1000001-iterations.pfx")),
        ],
        &expect![[r#"
            no key: client_certificate_path cannot be used: it holds no private key, and a certificate alone cannot sign; provide a PFX, or PEM with certificate and key
            no key, pem: client_certificate_path cannot be used: it holds no private key, and a certificate alone cannot sign; provide a PFX, or PEM with certificate and key
            no certificate: client_certificate_path cannot be used: it holds no certificate, only a private key
            no certificate, pem: client_certificate_path cannot be used: it holds no certificate, only a private key
            two keys: client_certificate_path cannot be used: it holds 2 private keys; provide a file with only one
            two keys, pem: client_certificate_path cannot be used: it holds 2 private keys; provide a file with only one
            not its certificate: client_certificate_path cannot be used: its private key does not belong to its certificate
            not its certificate, pem: client_certificate_path cannot be used: its private key does not belong to its certificate
            none of several: client_certificate_path cannot be used: its private key belongs to none of its 2 certificates
            EC: client_certificate_path cannot be used: Entra accepts only RSA keys for client certificates, and its private key is elliptic-curve (EC)
            EC, PKCS #8: client_certificate_path cannot be used: Entra accepts only RSA keys for client certificates, and its private key is elliptic-curve (EC)
            EC, SEC 1: client_certificate_path cannot be used: Entra accepts only RSA keys for client certificates, and its private key is elliptic-curve (EC)
            Ed25519: client_certificate_path cannot be used: Entra accepts only RSA keys for client certificates, and its private key is Ed25519
            RSA-PSS: client_certificate_path cannot be used: Entra accepts only RSA keys for client certificates, and its private key is bound to RSA-PSS
            1024 bits: client_certificate_path cannot be used: its RSA key is shorter than the minimum of 2048 bits
            encrypted, PKCS #8: client_certificate_path cannot be used: its private key is encrypted, which is supported only in PFX files. Convert it: openssl pkcs12 -export -in FILE -out FILE.pfx
            encrypted, PKCS #1: client_certificate_path cannot be used: its private key is encrypted, which is supported only in PFX files. Convert it: openssl pkcs12 -export -in FILE -out FILE.pfx
            cut off: client_certificate_path cannot be used: it is not complete PEM: a section is truncated or not base64
            too many rounds: client_certificate_path cannot be used: its key derivation uses too many iterations; export it with at most 1,000,000
        "#]],
    );
}

#[test]
fn an_expired_or_future_certificate_is_rejected_with_the_dates() {
    let certificate = Certificate::File(fixture_folder().join("unprotected.pfx"));
    let at = |now| sign_at(now, &assertion(jwt::Algorithm::Ps256), &certificate, None);
    check(
        [("early", at(datetime!(2019-12-31 23:59:59 UTC))), ("late", at(datetime!(2200-01-01 0:00 UTC)))],
        &expect![[r#"
            early: client_certificate_path cannot be used: its certificate is not valid before 2020-01-01T00:00:00Z, and the clock says 2019-12-31T23:59:59Z
            late: client_certificate_path cannot be used: its certificate expired on 2120-01-01T00:00:00Z; create and register a new one
        "#]],
    );
}
