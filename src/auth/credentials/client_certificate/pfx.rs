//! Certificates and private keys in a PFX (PKCS #12, RFC 7292), modern or legacy. Does not decide which of them belong
//! together.
//!
//! Not supported, as the reader beneath: more than 1,000,000 rounds of hashing, PBMAC1 (RFC 9579), BER with indefinite
//! lengths, passwords with characters outside Unicode's basic plane, no password where that is not the empty one (the
//! standard leaves room for both), and protection by anything but a password.

use p12_keystore::{Pkcs12Archive, error::Error};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::transport::Secret;

use super::{Contents, Refusal};

/// How a sequence of indefinite length begins in BER.
const BER_SEQUENCE: [u8; 2] = [0x30, 0x80];

/// Opens it with the password, or with the empty one that tools use when none is wanted.
pub(super) fn open(bytes: &[u8], password: Option<&Secret>) -> Result<Contents, Refusal> {
    let text = password.map_or("", Secret::expose);
    let archive =
        Pkcs12Archive::from_pkcs12(bytes, text).map_err(|error| refusal(&error, bytes, password))?;
    let key = |der: &[u8]| PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der.to_vec()));
    let certificate = |der: &[u8]| CertificateDer::from(der.to_vec());
    Ok(Contents {
        keys: archive.keys.iter().map(|bag| key(bag.key.as_der())).collect(),
        certificates: archive.certs.iter().map(|bag| certificate(bag.cert.as_der())).collect(),
    })
}

fn refusal(error: &Error, bytes: &[u8], password: Option<&Secret>) -> Refusal {
    let problem = match error {
        // Without a MAC, a wrong password shows in what it decrypts to.
        Error::MacError(_) | Error::Pkcs5Error(_) | Error::UnpadError => return wrong_password(password),
        Error::InvalidParameters => {
            "its password is stretched with more work than is supported; export it with at most 1,000,000 rounds"
        }
        Error::UnsupportedEncryptionScheme | Error::UnsupportedMacAlgorithm => {
            "it is protected in a way that is not supported; export it with AES-256 and a SHA-256 MAC"
        }
        Error::UnsupportedContentType => {
            "it is not protected by a password but for an account or a group; export it with a password"
        }
        Error::X509Error(_) => "it holds a certificate that cannot be read",
        Error::InvalidPrivateKey => "it holds a private key that cannot be read",
        _ if password.is_some_and(is_outside_basic_plane) => return Refusal::UnfitPassword,
        _ if bytes.starts_with(&BER_SEQUENCE) => {
            "it is a PFX in BER with indefinite lengths, which is not supported; export it anew with OpenSSL"
        }
        _ if x509_parser::parse_x509_certificate(bytes).is_ok() => {
            "it is a certificate without its private key, and a certificate alone cannot sign; give a PFX, or PEM with both"
        }
        _ => "it is neither PEM nor a PFX, or it is damaged",
    };
    Refusal::Certificate(problem.to_owned())
}

fn wrong_password(password: Option<&Secret>) -> Refusal {
    match password {
        Some(password) if !password.expose().is_empty() => Refusal::WrongPassword,
        _ => Refusal::Certificate("it needs a password; give it as client_certificate_password".to_owned()),
    }
}

/// The key derivation of PKCS #12 takes passwords as UTF-16 without surrogates.
fn is_outside_basic_plane(password: &Secret) -> bool {
    password.expose().chars().any(|character| character > '\u{ffff}')
}
