//! Which key signs, and which certificate belongs to it. Does not ask whether anybody trusts the certificate: it counts
//! by being registered with the application.

use aws_lc_rs::signature::{KeyPair as _, RsaKeyPair};
use p12_keystore::PrivateKey;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use x509_parser::certificate::X509Certificate;

use super::Contents;

const RSA: &str = "1.2.840.113549.1.1.1";

/// Who signs in. Without a debug form: it holds a private key.
pub(super) struct Identity {
    /// At least 2048 bits.
    pub(super) key: RsaKeyPair,
    /// Holds the key's public half, and is valid now.
    pub(super) certificate: CertificateDer<'static>,
}

/// Takes the only private key and the certificate that belongs to it, wherever that stands among the others.
pub(super) fn choose(contents: &Contents, now: OffsetDateTime) -> Result<Identity, String> {
    let key = rsa_key(only(&contents.keys)?)?;
    let certificate = own_certificate(&contents.certificates, &key, now)?;
    Ok(Identity { key, certificate })
}

fn only<'a>(keys: &'a [PrivateKeyDer<'static>]) -> Result<&'a PrivateKeyDer<'static>, String> {
    match keys {
        [key] => Ok(key),
        [] => Err("it holds no private key, and a certificate alone cannot sign; \
                   give a PFX, or PEM with certificate and key"
            .to_owned()),
        keys => Err(format!("it holds {} private keys; give a file with one", keys.len())),
    }
}

fn rsa_key(key: &PrivateKeyDer<'_>) -> Result<RsaKeyPair, String> {
    let pair = match key {
        PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
        PrivateKeyDer::Pkcs8(key) => {
            refuse_other_than_rsa(key.secret_pkcs8_der())?;
            RsaKeyPair::from_pkcs8(key.secret_pkcs8_der())
        }
        PrivateKeyDer::Sec1(_) => return Err(rsa_only("elliptic-curve (EC)")),
        _ => return Err(rsa_only("of another kind")),
    };
    pair.map_err(|rejected| match rejected.to_string().as_str() {
        "TooSmall" => "its RSA key is shorter than 2048 bits, the least that is accepted".to_owned(),
        "TooLarge" => "its RSA key is longer than 8192 bits, the most that is supported".to_owned(),
        _ => "its RSA key is damaged".to_owned(),
    })
}

fn refuse_other_than_rsa(pkcs8: &[u8]) -> Result<(), String> {
    let key = PrivateKey::from_der(pkcs8).map_err(|_| "its private key is damaged")?;
    match key.oid().to_string().as_str() {
        RSA => Ok(()),
        "1.2.840.113549.1.1.10" => Err(rsa_only("bound to RSA-PSS")),
        "1.2.840.10045.2.1" => Err(rsa_only("elliptic-curve (EC)")),
        "1.3.101.112" => Err(rsa_only("Ed25519")),
        oid => Err(rsa_only(&format!("of the kind {oid}"))),
    }
}

fn rsa_only(found: &str) -> String {
    format!("Entra accepts RSA keys only for client certificates, and its private key is {found}")
}

fn own_certificate(
    certificates: &[CertificateDer<'static>],
    key: &RsaKeyPair,
    now: OffsetDateTime,
) -> Result<CertificateDer<'static>, String> {
    let mut own = Vec::new();
    for der in certificates {
        let certificate = parse(der)?;
        if certificate.public_key().subject_public_key.data == key.public_key().as_ref() {
            own.push((validity(&certificate, now), certificate.validity.not_after, der));
        }
    }
    // A renewal may have kept the key: the certificate that is valid, and of those the one that is valid longest.
    let Some((validity, _, der)) = own.into_iter().max_by_key(|(validity, end, _)| (validity.is_ok(), *end))
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

/// Told before Entra refuses it, since Entra's answer has no dates.
fn validity(certificate: &X509Certificate<'_>, now: OffsetDateTime) -> Result<(), String> {
    let begin = certificate.validity.not_before.to_datetime();
    let end = certificate.validity.not_after.to_datetime();
    if now > end {
        return Err(format!("its certificate expired on {}; make and register a new one", shown(end)));
    }
    if now < begin {
        let (begin, now) = (shown(begin), shown(now));
        return Err(format!("its certificate is not valid before {begin}, and the clock says {now}"));
    }
    Ok(())
}

fn shown(time: OffsetDateTime) -> String {
    time.format(&Rfc3339).unwrap_or_else(|_| time.date().to_string())
}
