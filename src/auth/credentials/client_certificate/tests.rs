//! Opens every supported kind of file in `tests/certificates`, and verifies the assertions as Entra does.

mod hostile;
mod rejections;

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use p12_keystore::{KeyStore, KeyStoreEntry, Pkcs12ImportPolicy, PrivateKey, PrivateKeyChain};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::Value;
use time::macros::datetime;

use super::*;
use crate::auth::method::Application;

const TOKEN_ENDPOINT: &str = "https://login.microsoftonline.com/t/oauth2/v2.0/token";
const NOW: OffsetDateTime = datetime!(2050-01-31 09:12:44 UTC);

fn fixture_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates")
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(fixture_folder().join(name)).unwrap()
}

fn fixture_text(name: &str) -> String {
    String::from_utf8(fixture(name)).unwrap()
}

fn der(name: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(&fixture(name)).unwrap()
}

fn leaf_key() -> PrivatePkcs8KeyDer<'static> {
    PrivatePkcs8KeyDer::from_pem_slice(&fixture("leaf.key")).unwrap()
}

fn application() -> Application {
    Application { tenant_id: "t".to_owned(), client_id: "c0ffee".to_owned() }
}

fn in_base64(pfx: &[u8]) -> Certificate {
    Certificate::Base64(Secret::new(STANDARD.encode(pfx)))
}

fn sign(certificate: &Certificate, password: Option<&str>) -> Result<Secret, SignInFailure> {
    sign_at(NOW, &assertion(jwt::Algorithm::Ps256), certificate, password.map(Secret::new).as_ref())
}

fn assertion(algorithm: jwt::Algorithm) -> Assertion {
    Assertion { algorithm, application: application(), token_endpoint: TOKEN_ENDPOINT.to_owned() }
}

/// Signs with a file of these bytes.
fn sign_file(bytes: &[u8], password: Option<&str>) -> Result<Secret, SignInFailure> {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), bytes).unwrap();
    sign(&Certificate::File(file.path().to_owned()), password)
}

/// Verifies the signature with the public key of `leaf.crt`, and returns the claims.
fn verify(assertion: &Secret) -> Value {
    let certificate = der("leaf.crt");
    let (_, certificate) = x509_parser::parse_x509_certificate(&certificate).unwrap();
    let key = DecodingKey::from_rsa_der(&certificate.public_key().subject_public_key.data);
    let mut validation = Validation::new(Algorithm::PS256);
    validation.set_audience(&[TOKEN_ENDPOINT]);
    // Most assertions are signed at `NOW`, a fixed time, so their times are not compared with the clock.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    jsonwebtoken::decode::<Value>(assertion.expose(), &key, &validation).unwrap().claims
}

#[test]
fn the_assertion_has_the_documented_header_and_claims() {
    let assertion = sign(&Certificate::File(fixture_folder().join("aes.pfx")), Some("sesame")).unwrap();
    let header = URL_SAFE_NO_PAD.decode(assertion.expose().split('.').next().unwrap()).unwrap();
    // From `openssl x509 -in leaf.crt -outform der | openssl dgst -sha256 -binary | base64`.
    let thumbprint = "jfrPgQfn68KUwv-S39F_qJNz1E_vndaO2S8I7xqnFNY";
    assert_eq!(
        serde_json::from_slice::<Value>(&header).unwrap(),
        serde_json::json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint })
    );
    let mut claims = verify(&assertion);
    let jti = claims.as_object_mut().unwrap().remove("jti").unwrap();
    assert_eq!(uuid::Uuid::parse_str(jti.as_str().unwrap()).unwrap().get_version_num(), 4);
    let now = NOW.unix_timestamp();
    let expected = serde_json::json!({
        "aud": TOKEN_ENDPOINT, "iss": "c0ffee", "sub": "c0ffee", "nbf": now, "iat": now, "exp": now + 600,
    });
    assert_eq!(claims, expected);
}

#[test]
fn every_assertion_has_a_new_id() {
    let certificate = Certificate::File(fixture_folder().join("unprotected.pfx"));
    let ids: HashSet<String> = (0..3)
        .map(|_| verify(&sign(&certificate, None).unwrap())["jti"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn the_assertion_uses_the_system_clock() {
    let certificate = Certificate::File(fixture_folder().join("aes.pfx"));
    let before = OffsetDateTime::now_utc().unix_timestamp();
    let password = Secret::new("sesame");
    let assertion =
        super::sign(assertion(jwt::Algorithm::Ps256), &certificate, Some(&password)).await.unwrap();
    let after = OffsetDateTime::now_utc().unix_timestamp();
    let nbf = verify(&assertion)["nbf"].as_i64().unwrap();
    assert!((before..=after).contains(&nbf));
}

#[test]
fn every_kind_of_pfx_opens() {
    let kinds = [
        ("aes", Some("sesame")),
        ("legacy-rc2", Some("sesame")),
        ("legacy-3des", Some("sesame")),
        ("plain-certificates", Some("sesame")),
        ("chain", Some("sesame")),
        ("100000-iterations", Some("sesame")),
        ("without-mac", Some("sesame")),
        ("non-ascii-password", Some("sésame")),
        ("empty-password", None),
        ("empty-password", Some("")),
        ("unprotected", None),
        ("unprotected", Some("needless")),
    ];
    for (name, password) in kinds {
        let path = fixture_folder().join(format!("{name}.pfx"));
        let bytes = fs::read(&path).unwrap();
        for certificate in [Certificate::File(path), in_base64(&bytes)] {
            let assertion =
                sign(&certificate, password).unwrap_or_else(|problem| panic!("{name}: {problem}"));
            verify(&assertion);
        }
    }
}

#[test]
fn base64_may_be_broken_into_lines_and_lack_its_padding() {
    let bytes = fixture("legacy-rc2.pfx");
    let lines = |end: &str| {
        let text = STANDARD.encode(&bytes);
        let lines: Vec<&str> = text.as_bytes().chunks(76).map(|line| str::from_utf8(line).unwrap()).collect();
        format!(" {}{end}", lines.join(end))
    };
    assert_ne!(STANDARD.encode(&bytes), STANDARD_NO_PAD.encode(&bytes));
    for text in [lines("\n"), lines("\r\n"), lines("\t "), STANDARD_NO_PAD.encode(&bytes)] {
        verify(&sign(&Certificate::Base64(Secret::new(text)), Some("sesame")).unwrap());
    }
}

#[test]
fn every_kind_of_pem_opens_in_any_order() {
    let (key, pkcs1) = (fixture_text("leaf.key"), fixture_text("leaf-pkcs1.key"));
    let (certificate, authority) = (fixture_text("leaf.crt"), fixture_text("ca.crt"));
    let files = [
        format!("{key}{certificate}"),
        format!("{certificate}{key}"),
        format!("{pkcs1}{certificate}"),
        format!("{authority}{key}{certificate}"),
        format!("{certificate}{authority}{pkcs1}"),
        format!("Bag Attributes\n    localKeyID: 7D 68\nsubject=CN = é\n{key}\n\n{certificate}"),
        format!("{key}{certificate}").replace('\n', "\r\n"),
        format!("{key}{certificate}").trim_end().to_owned(),
    ];
    for file in files {
        verify(&sign_file(file.as_bytes(), None).unwrap_or_else(|problem| panic!("{problem}\n{file}")));
    }
}

/// Creates a PFX with the certificates in this order. OpenSSL would reorder them.
fn pfx(keys: &[(&str, &[CertificateDer<'_>])]) -> Vec<u8> {
    let mut store = KeyStore::new();
    for (name, certificates) in keys {
        let key = PrivatePkcs8KeyDer::from_pem_slice(&fixture(name)).unwrap();
        let key = PrivateKey::from_der(key.secret_pkcs8_der()).unwrap();
        let certificates = certificates.iter().map(|der| p12_keystore::Certificate::from_der(der).unwrap());
        let chain = PrivateKeyChain::new(*name, key, certificates);
        store.add_entry(name, KeyStoreEntry::PrivateKeyChain(chain));
    }
    store.writer("sesame").write().unwrap()
}

#[test]
fn the_certificate_that_matches_the_key_is_used() {
    let bytes = pfx(&[("leaf.key", &[der("ca.crt"), der("leaf.crt")])]);
    let store = KeyStore::from_pkcs12(&bytes, "sesame", Pkcs12ImportPolicy::Relaxed).unwrap();
    let (_, chain) = store.private_key_chain().unwrap();
    assert_eq!(chain.certs()[0].as_der(), &*der("ca.crt"));
    verify(&sign(&in_base64(&bytes), Some("sesame")).unwrap());
}

/// A certificate for `leaf.key` that is valid between these years.
fn leaf_certificate(from: i32, until: i32) -> CertificateDer<'static> {
    let key = rcgen::KeyPair::try_from(&leaf_key()).unwrap();
    let mut parameters = rcgen::CertificateParams::default();
    parameters.not_before = rcgen::date_time_ymd(from, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(until, 1, 1);
    parameters.self_signed(&key).unwrap().der().clone()
}

#[test]
fn the_valid_certificate_with_the_latest_expiry_is_used() {
    let (old, valid) = (leaf_certificate(2040, 2045), leaf_certificate(2049, 2051));
    let (longest, future) = (leaf_certificate(2049, 2052), leaf_certificate(2055, 2060));
    let select = |certificates: &[&CertificateDer<'static>]| {
        let keys = vec![PrivateKeyDer::Pkcs8(leaf_key())];
        let certificates = certificates.iter().map(|&der| der.clone()).collect();
        signing_identity::select(&Contents { keys, certificates }, NOW).map(|identity| identity.certificate)
    };
    assert_eq!(select(&[&old, &valid, &longest, &future]).unwrap(), longest);
    assert_eq!(select(&[&future, &longest, &valid, &old]).unwrap(), longest);
    assert_eq!(select(&[&valid, &old]).unwrap(), valid);
    assert!(select(&[&old]).unwrap_err().contains("expired on 2045-01-01T00:00:00Z"));
}
