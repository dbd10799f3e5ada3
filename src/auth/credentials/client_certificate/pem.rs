//! Parses certificates and private keys in PEM (RFC 7468), in any order. Does not pair keys with certificates, and does
//! not decrypt keys.

use rustls_pki_types::pem::{PemObject, SectionKind};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::contents::Contents;

/// Whether any line begins a PEM section. Text may precede the first section.
pub(super) fn is_pem(bytes: &[u8]) -> bool {
    bytes.split(|byte| matches!(byte, b'\n' | b'\r')).any(|line| line.starts_with(b"-----BEGIN "))
}

/// Returns every certificate and every private key: PKCS #8, and the older formats of RSA and EC keys. Other sections
/// are ignored.
pub(super) fn open(bytes: &[u8]) -> Result<Contents, String> {
    if is_encrypted(bytes) {
        return Err("its private key is encrypted, which is supported only in PFX files. Convert it: \
                    openssl pkcs12 -export -in FILE -out FILE.pfx"
            .to_owned());
    }
    let mut contents = Contents { keys: Vec::new(), certificates: Vec::new() };
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(bytes) {
        // The error text of the PEM reader may quote the section.
        let (kind, der) =
            section.map_err(|_| "it is not complete PEM: a section is truncated or not base64")?;
        if kind == SectionKind::Certificate {
            contents.certificates.push(CertificateDer::from(der));
        } else if let Some(key) = PrivateKeyDer::from_pem(kind, der) {
            contents.keys.push(key);
        }
    }
    Ok(contents)
}

/// PKCS #8 marks an encrypted key in the PEM label, the older key formats in a header.
fn is_encrypted(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    text.lines().any(|line| {
        line.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY")
            || line.starts_with("Proc-Type:") && line.contains("ENCRYPTED")
    })
}
