//! Mutual TLS with the client that started the process (go-plugin's AutoMTLS): a server certificate for one run, and
//! the pinned certificate of the client. [`super::accept`] performs the handshakes.

use std::sync::Arc;
use std::time::Duration;

use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs};
use rustls::crypto::{verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::NoServerSessionStorage;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error as TlsError, ServerConfig,
    SignatureScheme,
};
use time::OffsetDateTime;
use tokio_rustls::TlsAcceptor;

use crate::plugin::error::Error;

/// The clocks of client and server may differ.
const CLOCK_TOLERANCE: Duration = Duration::from_hours(1);
/// Longer than the life of any process.
const VALIDITY: Duration = Duration::from_hours(365 * 24);

/// The security of connections: mutual TLS or none. Contains what the handshake line needs; [`Self::into_acceptor`]
/// builds the rest while the client reads that line.
pub struct Security(Option<MutualTls>);

struct MutualTls {
    client: CertificateDer<'static>,
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Security {
    /// No TLS: plain HTTP/2.
    pub fn none() -> Self {
        Self(None)
    }

    /// The security that `PLUGIN_CLIENT_CERT` requires: plain HTTP/2 if it is unset, otherwise mutual TLS with
    /// exactly the first certificate in it. A text without a certificate is an error and never disables TLS.
    pub fn from_client_certificate(pem: Option<&str>) -> Result<Self, Error> {
        let Some(pem) = pem else { return Ok(Self::none()) };
        let client = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|error| Error::ClientCertificate(error.to_string()))?;
        let (certificate, key) = generate_certificate()?;
        Ok(Self(Some(MutualTls { client, certificate, key })))
    }

    /// The server's certificate for the handshake line, in DER.
    pub fn certificate_der(&self) -> Option<&[u8]> {
        self.0.as_ref().map(|pinned| pinned.certificate.as_ref())
    }

    /// The acceptor for TLS handshakes; `None` without TLS.
    pub fn into_acceptor(self) -> Result<Option<TlsAcceptor>, Error> {
        let Some(pinned) = self.0 else { return Ok(None) };
        let config = server_config(pinned.client, pinned.certificate, pinned.key)?;
        Ok(Some(TlsAcceptor::from(Arc::new(config))))
    }
}

/// Generates a certificate for `localhost`, the only name that the client checks. P-256 has the fastest key
/// generation, and the client accepts any curve.
fn generate_certificate() -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), rcgen::Error> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::new(vec!["localhost".to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, "localhost");
    let now = OffsetDateTime::now_utc();
    params.not_before = now - CLOCK_TOLERANCE;
    params.not_after = now + VALIDITY;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = params.self_signed(&key)?.der().clone();
    Ok((certificate, PrivateKeyDer::Pkcs8(key.serialize_der().into())))
}

fn server_config(
    client: CertificateDer<'static>,
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, TlsError> {
    // Explicit instead of the process default, which features of other crates could change.
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Arc::new(PinnedClient::new(client, &provider));
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate], key)?;
    // gRPC clients since 1.67 require ALPN.
    config.alpn_protocols = vec![b"h2".to_vec()];
    // There is one connection per process, so sessions are never resumed.
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Ok(config)
}

/// Accepts exactly one client certificate.
///
/// The standard verifier of rustls cannot be used: the client's certificate is a CA, and webpki rejects a CA as an
/// end entity. The handshake signature is still verified, because the certificate is not a secret.
#[derive(Debug)]
struct PinnedClient {
    expected: CertificateDer<'static>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl PinnedClient {
    fn new(expected: CertificateDer<'static>, provider: &CryptoProvider) -> Self {
        Self { expected, algorithms: provider.signature_verification_algorithms }
    }
}

impl ClientCertVerifier for PinnedClient {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, TlsError> {
        if *end_entity == self.expected {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(TlsError::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_client_certificate_there_is_no_tls() {
        let security = Security::from_client_certificate(None).unwrap();
        assert!(security.certificate_der().is_none() && security.into_acceptor().unwrap().is_none());
    }

    #[test]
    fn a_text_without_a_certificate_never_disables_tls() {
        for text in ["", "nonsense", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
            let error = Security::from_client_certificate(Some(text)).err().map(|error| error.to_string());
            assert!(error.is_some_and(|text| text.contains("PLUGIN_CLIENT_CERT")), "{text:?}");
        }
    }

    #[test]
    fn p521_client_signatures_are_accepted() {
        let pinned = PinnedClient::new(CertificateDer::from(vec![1]), &aws_lc_rs::default_provider());
        assert!(pinned.supported_verify_schemes().contains(&SignatureScheme::ECDSA_NISTP521_SHA512));
        assert!(pinned.client_auth_mandatory());
    }

    #[test]
    fn only_the_pinned_certificate_is_accepted() {
        let pinned = PinnedClient::new(CertificateDer::from(vec![1, 2]), &aws_lc_rs::default_provider());
        let verify =
            |der: Vec<u8>| pinned.verify_client_cert(&CertificateDer::from(der), &[], UnixTime::now());
        assert!(verify(vec![1, 2]).is_ok());
        assert!(verify(vec![1, 2, 3]).is_err());
        assert!(verify(vec![]).is_err());
    }
}
