//! Parses certificates and private keys in a PFX (PKCS #12, RFC 7292), modern or legacy. Does not pair keys with
//! certificates.
//!
//! Not supported, because the library does not support it:
//!
//! - more than 1,000,000 hash iterations
//! - PBMAC1 (RFC 9579)
//! - BER with indefinite lengths
//! - passwords with characters outside Unicode's basic plane
//! - a file without a password whose tool encoded the absent password as zero bytes instead of as an empty string (two
//!   zero bytes); the standard allows both encodings
//! - protection by anything other than a password

use p12_keystore::{Pkcs12Archive, error::Error};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::transport::Secret;

use super::certificate_error::CertificateError;
use super::contents::Contents;

/// The first bytes of a BER sequence of indefinite length.
const BER_SEQUENCE: [u8; 2] = [0x30, 0x80];

/// Opens a PFX with the password, or with the empty password that tools use for a PFX without a password.
pub(super) fn open(bytes: &[u8], password: Option<&Secret>) -> Result<Contents, CertificateError> {
    let text = password.map_or("", Secret::expose);
    let archive =
        Pkcs12Archive::from_pkcs12(bytes, text).map_err(|error| explain_error(&error, bytes, password))?;
    let key = |der: &[u8]| PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der.to_vec()));
    let certificate = |der: &[u8]| CertificateDer::from(der.to_vec());
    Ok(Contents {
        keys: archive.keys.iter().map(|bag| key(bag.key.as_der())).collect(),
        certificates: archive.certs.iter().map(|bag| certificate(bag.cert.as_der())).collect(),
    })
}

fn explain_error(error: &Error, bytes: &[u8], password: Option<&Secret>) -> CertificateError {
    let reason = match error {
        // In a file without a MAC, only the damaged result of the decryption shows that the password is wrong.
        Error::MacError(_) | Error::Pkcs5Error(_) | Error::UnpadError => return wrong_password(password),
        Error::InvalidParameters => {
            "its key derivation uses too many iterations; export it with at most 1,000,000"
        }
        Error::UnsupportedEncryptionScheme | Error::UnsupportedMacAlgorithm => {
            "its encryption or MAC is not supported; export it with AES-256 and a SHA-256 MAC"
        }
        Error::UnsupportedContentType => {
            "it is protected by an account or a group instead of a password; export it with a password"
        }
        Error::X509Error(_) => "it holds a certificate that cannot be read",
        Error::InvalidPrivateKey => "it holds a private key that cannot be read",
        _ if password.is_some_and(is_outside_basic_plane) => return CertificateError::UnsupportedPassword,
        _ if bytes.starts_with(&BER_SEQUENCE) => {
            "it is a PFX in BER with indefinite lengths, which is not supported; export it again with OpenSSL"
        }
        _ if x509_parser::parse_x509_certificate(bytes).is_ok() => {
            "it is a certificate without its private key, and a certificate alone cannot sign; provide a PFX, or PEM \
             with certificate and key"
        }
        _ => "it is neither PEM nor a PFX, or it is damaged",
    };
    CertificateError::Unusable(reason.to_owned())
}

fn wrong_password(password: Option<&Secret>) -> CertificateError {
    match password {
        Some(password) if !password.expose().is_empty() => CertificateError::WrongPassword,
        _ => CertificateError::Unusable("it needs a password; set client_certificate_password".to_owned()),
    }
}

/// The key derivation of PKCS #12 takes passwords as UTF-16 without surrogates.
fn is_outside_basic_plane(password: &Secret) -> bool {
    password.expose().chars().any(|character| character > '\u{ffff}')
}
