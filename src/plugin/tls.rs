//! Mutual TLS with the one client that started us ("AutoMTLS" of go-plugin): our certificate for one run, and the
//! pinned certificate of the client. Not the handshake of a connection ([`super::accept`]).

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

/// Clocks of two machines in one container set-up may differ a little.
const BACKDATED: Duration = Duration::from_hours(1);
/// Longer than any process lives, a debugged one included.
const VALIDITY: Duration = Duration::from_hours(365 * 24);

/// How connections are protected: mutual TLS, or not at all. Holds what the handshake line needs; the rest is made by
/// [`Self::into_acceptor`] while the client reads that line.
pub struct Security(Option<Pinned>);

struct Pinned {
    client: CertificateDer<'static>,
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Security {
    /// Plain HTTP/2.
    pub fn none() -> Self {
        Self(None)
    }

    /// What the text in `PLUGIN_CLIENT_CERT` asks for: without it plain HTTP/2, with it mutual TLS with exactly the
    /// first certificate in it. A text without a certificate is an error, never a reason to go unprotected.
    pub fn from_client_certificate(pem: Option<&str>) -> Result<Self, Error> {
        let Some(pem) = pem else { return Ok(Self::none()) };
        let client = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|error| Error::ClientCertificate(error.to_string()))?;
        let (certificate, key) = own_certificate()?;
        Ok(Self(Some(Pinned { client, certificate, key })))
    }

    /// Our certificate for the handshake line, in DER.
    pub fn certificate_der(&self) -> Option<&[u8]> {
        self.0.as_ref().map(|pinned| pinned.certificate.as_ref())
    }

    /// What turns a socket into a TLS stream, if there is TLS.
    pub fn into_acceptor(self) -> Result<Option<TlsAcceptor>, Error> {
        let Some(pinned) = self.0 else { return Ok(None) };
        let config = server_config(pinned.client, pinned.certificate, pinned.key)?;
        Ok(Some(TlsAcceptor::from(Arc::new(config))))
    }
}

/// A fresh certificate for `localhost`, the only name that the client checks. P-256 is the fastest curve to make
/// and the client accepts any.
fn own_certificate() -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), rcgen::Error> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::new(vec!["localhost".to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, "localhost");
    let now = OffsetDateTime::now_utc();
    params.not_before = now - BACKDATED;
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
    // Named, not the process default: another crate's choice of features must not change it.
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Arc::new(PinnedClient::new(client, &provider));
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate], key)?;
    // gRPC clients since 1.67 refuse a connection that has not agreed on it.
    config.alpn_protocols = vec![b"h2".to_vec()];
    // One connection per process: nothing is ever resumed.
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Ok(config)
}

/// Accepts one certificate, byte for byte.
///
/// The standard verifier of rustls cannot be used: the client's certificate is a CA, and webpki refuses a CA as the
/// end of a chain. The signature over the handshake is still checked, because the certificate itself is no secret.
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
    fn a_text_without_a_certificate_never_means_no_tls() {
        for text in ["", "nonsense", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
            let error = Security::from_client_certificate(Some(text)).err().map(|error| error.to_string());
            assert!(error.is_some_and(|text| text.contains("PLUGIN_CLIENT_CERT")), "{text:?}");
        }
    }

    #[test]
    fn the_client_is_asked_for_a_p521_signature() {
        let pinned = PinnedClient::new(CertificateDer::from(vec![1]), &aws_lc_rs::default_provider());
        assert!(pinned.supported_verify_schemes().contains(&SignatureScheme::ECDSA_NISTP521_SHA512));
        assert!(pinned.client_auth_mandatory());
    }

    #[test]
    fn only_the_pinned_bytes_are_accepted() {
        let pinned = PinnedClient::new(CertificateDer::from(vec![1, 2]), &aws_lc_rs::default_provider());
        let verify =
            |der: Vec<u8>| pinned.verify_client_cert(&CertificateDer::from(der), &[], UnixTime::now());
        assert!(verify(vec![1, 2]).is_ok());
        assert!(verify(vec![1, 2, 3]).is_err());
        assert!(verify(vec![]).is_err());
    }
}
