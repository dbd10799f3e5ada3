//! Certificates that are registered with an application: their thumbprints and public keys. Like Entra for a
//! registered certificate, this checks neither the chain nor the dates.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::jwt::Jwt;

/// One certificate.
#[derive(Clone, Debug)]
pub struct RegisteredCertificate {
    /// SHA-1 of the certificate, in base64url: `x5t` of an assertion.
    sha1: String,
    /// SHA-256 of the certificate, in base64url: `x5t#S256`.
    sha256: String,
    /// The subject's public key, as `SubjectPublicKeyInfo`.
    public_key: Vec<u8>,
}

impl RegisteredCertificate {
    /// Reads PEM, or DER in base64 as Graph lists it. The error names the problem.
    pub fn read(text: &str) -> Result<Self, String> {
        let der = if text.contains("-----BEGIN") {
            CertificateDer::from_pem_slice(text.as_bytes())
                .map_err(|error| format!("not a certificate: {error}."))?
        } else {
            let bytes = STANDARD.decode(text.trim()).map_err(|error| format!("not base64: {error}."))?;
            CertificateDer::from(bytes)
        };
        // webpki cannot read these: openssl makes certificates of version 1 by default, and Entra accepts them.
        let (_, parsed) = x509_parser::parse_x509_certificate(&der)
            .map_err(|error| format!("not a certificate: {error}."))?;
        let thumbprint = |algorithm| URL_SAFE_NO_PAD.encode(digest(algorithm, &der));
        Ok(Self {
            sha1: thumbprint(&SHA1_FOR_LEGACY_USE_ONLY),
            sha256: thumbprint(&SHA256),
            public_key: parsed.public_key().raw.to_vec(),
        })
    }

    /// Whether an assertion names this certificate. If it carries both thumbprints, both must match.
    pub fn is_named_by(&self, assertion: &Jwt) -> bool {
        // MSAL for Python pads the base64.
        let fits =
            |name: &str, own: &String| assertion.header(name).map(|sent| sent.trim_end_matches('=') == own);
        match (fits("x5t", &self.sha1), fits("x5t#S256", &self.sha256)) {
            (None, None) => false,
            (sha1, sha256) => sha1.unwrap_or(true) && sha256.unwrap_or(true),
        }
    }

    /// Whether an assertion is signed with the key of this certificate, by RS256 or PS256.
    pub fn has_signed(&self, assertion: &Jwt) -> bool {
        match assertion.header("alg") {
            Some("RS256") => assertion.is_signed_by(&self.public_key, &RSA_PKCS1_2048_8192_SHA256),
            Some("PS256") => assertion.is_signed_by(&self.public_key, &RSA_PSS_2048_8192_SHA256),
            _ => false,
        }
    }
}
