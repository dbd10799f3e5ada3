//! Selects the key that signs and the certificate that belongs to it. Does not verify who issued the certificate: Entra
//! trusts a certificate because it is registered with the application.

use aws_lc_rs::signature::{KeyPair as _, RsaKeyPair};
use p12_keystore::PrivateKey;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use x509_parser::certificate::X509Certificate;

use super::contents::Contents;

const RSA_OID: &str = "1.2.840.113549.1.1.1";

/// A key with its certificate. Does not implement `Debug`, because it holds a private key.
pub(super) struct SigningIdentity {
    /// At least 2048 bits.
    pub(super) key: RsaKeyPair,
    /// Contains the public half of the key, and is valid now.
    pub(super) certificate: CertificateDer<'static>,
}

/// Selects the only private key and the certificate that belongs to it.
pub(super) fn select(contents: &Contents, now: OffsetDateTime) -> Result<SigningIdentity, String> {
    let key = parse_rsa_key(only_key(&contents.keys)?)?;
    let certificate = find_certificate(&contents.certificates, &key, now)?;
    Ok(SigningIdentity { key, certificate })
}

fn only_key<'a>(keys: &'a [PrivateKeyDer<'static>]) -> Result<&'a PrivateKeyDer<'static>, String> {
    match keys {
        [key] => Ok(key),
        [] => {
            Err("it holds no private key, and a certificate alone cannot sign; provide a PFX, or PEM with \
                   certificate and key"
                .to_owned())
        }
        keys => Err(format!("it holds {} private keys; provide a file with only one", keys.len())),
    }
}

fn parse_rsa_key(key: &PrivateKeyDer<'_>) -> Result<RsaKeyPair, String> {
    let pair = match key {
        PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
        PrivateKeyDer::Pkcs8(key) => {
            require_rsa(key.secret_pkcs8_der())?;
            RsaKeyPair::from_pkcs8(key.secret_pkcs8_der())
        }
        PrivateKeyDer::Sec1(_) => return Err(not_rsa("elliptic-curve (EC)")),
        _ => return Err(not_rsa("of another type")),
    };
    pair.map_err(|rejected| match rejected.to_string().as_str() {
        "TooSmall" => "its RSA key is shorter than the minimum of 2048 bits".to_owned(),
        "TooLarge" => "its RSA key is longer than the supported maximum of 8192 bits".to_owned(),
        _ => "its RSA key is damaged".to_owned(),
    })
}

fn require_rsa(pkcs8: &[u8]) -> Result<(), String> {
    let key = PrivateKey::from_der(pkcs8).map_err(|_| "its private key is damaged")?;
    match key.oid().to_string().as_str() {
        RSA_OID => Ok(()),
        "1.2.840.113549.1.1.10" => Err(not_rsa("bound to RSA-PSS")),
        "1.2.840.10045.2.1" => Err(not_rsa("elliptic-curve (EC)")),
        "1.3.101.112" => Err(not_rsa("Ed25519")),
        oid => Err(not_rsa(&format!("of the type {oid}"))),
    }
}

fn not_rsa(key_type: &str) -> String {
    format!("Entra accepts only RSA keys for client certificates, and its private key is {key_type}")
}

fn find_certificate(
    certificates: &[CertificateDer<'static>],
    key: &RsaKeyPair,
    now: OffsetDateTime,
) -> Result<CertificateDer<'static>, String> {
    let mut matching = Vec::new();
    for der in certificates {
        let certificate = parse(der)?;
        if certificate.public_key().subject_public_key.data == key.public_key().as_ref() {
            matching.push((check_validity(&certificate, now), certificate.validity.not_after, der));
        }
    }
    // After a renewal, several certificates may have the same key. Prefer a valid one, then the latest expiry.
    let Some((validity, _, der)) =
        matching.into_iter().max_by_key(|(validity, end, _)| (validity.is_ok(), *end))
    else {
        return Err(match certificates.len() {
            0 => "it holds no certificate, only a private key".to_owned(),
            1 => "its private key does not belong to its certificate".to_owned(),
            several => format!("its private key belongs to none of its {several} certificates"),
        });
    };
    validity.map(|()| der.clone())
}

fn parse<'a>(der: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, String> {
    match x509_parser::parse_x509_certificate(der) {
        Ok(([], certificate)) => Ok(certificate),
        _ => Err("it holds a certificate that cannot be read".to_owned()),
    }
}

/// Checks the validity period before anything is sent, because Entra's error does not show the dates.
fn check_validity(certificate: &X509Certificate<'_>, now: OffsetDateTime) -> Result<(), String> {
    let begin = certificate.validity.not_before.to_datetime();
    let end = certificate.validity.not_after.to_datetime();
    if now > end {
        return Err(format!(
            "its certificate expired on {}; create and register a new one",
            format_time(end)
        ));
    }
    if now < begin {
        let (begin, now) = (format_time(begin), format_time(now));
        return Err(format!("its certificate is not valid before {begin}, and the clock says {now}"));
    }
    Ok(())
}

fn format_time(time: OffsetDateTime) -> String {
    time.format(&Rfc3339).unwrap_or_else(|_| time.date().to_string())
}
