//! TLS of the emulator: a certificate authority that lives as long as the process, and a server certificate from it.
//! The authority's key is never stored, so no other program can issue certificates that its users trust.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use time::{Duration, OffsetDateTime};
use tokio_rustls::TlsAcceptor;

/// How the emulator serves TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsOptions {
    /// The certificate of the authority is written to this file, as PEM.
    pub ca_file: PathBuf,
    /// Further names of the server, besides this machine's: host names or IP addresses.
    pub names: Vec<String>,
}

/// Names that the certificate is always valid for.
const LOCAL_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

const PEM_BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const PEM_END: &str = "-----END CERTIFICATE-----";

/// Creates the certificates, writes the authority's to its file, and returns what accepts TLS connections.
///
/// The error is one sentence with the file or the name that is wrong.
pub fn acceptor(options: &TlsOptions, listen: IpAddr) -> Result<TlsAcceptor, String> {
    let authority = authority().map_err(|error| format!("cannot create a certificate authority: {error}"))?;
    let mut names: Vec<String> = LOCAL_NAMES.map(str::to_owned).to_vec();
    if !listen.is_unspecified() {
        names.push(listen.to_string());
    }
    names.extend(options.names.iter().cloned());
    names.sort();
    names.dedup();
    let config = server_config(&authority, names)?;
    write_ca(&options.ca_file, authority.as_ref().der())?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// A day before now, since clocks differ, until a year from now.
fn set_validity(params: &mut CertificateParams) {
    let now = OffsetDateTime::now_utc();
    params.not_before = now.saturating_sub(Duration::DAY);
    params.not_after = now.saturating_add(Duration::days(365));
}

fn authority() -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "Defender Graph emulator");
    set_validity(&mut params);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

fn server_config(
    authority: &CertifiedIssuer<'static, KeyPair>,
    names: Vec<String>,
) -> Result<ServerConfig, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("cannot create a certificate: {error}");
    let mut params = CertificateParams::new(names).map_err(|error| wrong(&error))?;
    params.distinguished_name.push(DnType::CommonName, "localhost");
    set_validity(&mut params);
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate().map_err(|error| wrong(&error))?;
    let certificate = params.signed_by(&key, authority).map_err(|error| wrong(&error))?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(&error))?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .map_err(|error| wrong(&error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Writes the certificate. An existing file is replaced only if it is a certificate, too.
fn write_ca(file: &Path, der: &[u8]) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("cannot write {}: {error}", file.display());
    match std::fs::read(file) {
        Ok(existing) if !existing.is_empty() && !existing.starts_with(PEM_BEGIN.as_bytes()) => {
            return Err(format!("{} exists and is not a certificate; it is left as it is", file.display()));
        }
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    std::fs::write(file, pem(der)).map_err(failed)
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines = text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned());
    format!("{PEM_BEGIN}\n{}\n{PEM_END}\n", lines.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;

    use super::*;

    #[test]
    fn the_authority_is_written_and_another_file_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let options =
            TlsOptions { ca_file: folder.path().join("ca.pem"), names: vec!["graph.test".to_owned()] };
        let loopback = IpAddr::from([127, 0, 0, 1]);
        assert!(acceptor(&options, loopback).is_ok());
        let first = std::fs::read(&options.ca_file).unwrap();
        assert!(CertificateDer::from_pem_slice(&first).is_ok());
        assert!(acceptor(&options, loopback).is_ok());
        assert_ne!(std::fs::read(&options.ca_file).unwrap(), first);

        std::fs::write(&options.ca_file, "my notes").unwrap();
        let error = acceptor(&options, loopback).err().unwrap();
        assert!(error.ends_with("exists and is not a certificate; it is left as it is"), "{error}");
        assert_eq!(std::fs::read(&options.ca_file).unwrap(), b"my notes");
    }

    #[test]
    fn a_name_that_no_certificate_can_have_is_refused() {
        let options = TlsOptions { ca_file: PathBuf::from("unused.pem"), names: vec!["gräph".to_owned()] };
        let error = acceptor(&options, IpAddr::from([127, 0, 0, 1])).err().unwrap();
        assert!(error.starts_with("cannot create a certificate: "), "{error}");
    }
}
