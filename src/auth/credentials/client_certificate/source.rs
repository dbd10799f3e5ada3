//! Reads the bytes of a certificate from a file or from base64. Does not parse PFX or PEM.

use std::path::Path;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::auth::method::Certificate;
use crate::transport::file::{self, FileError, MAX_FILE_BYTES};

use super::pem;

/// The first byte of every PFX in DER or BER.
const SEQUENCE: u8 = 0x30;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Reads the file or decodes the text. Errors show neither path nor text, because the user may have set a password in
/// the wrong argument.
pub(super) fn read(certificate: &Certificate) -> Result<Vec<u8>, String> {
    match certificate {
        Certificate::Base64(text) => decode_text(text.expose()),
        Certificate::File(path) => read_file(path),
    }
}

fn decode_text(text: &str) -> Result<Vec<u8>, String> {
    const EXPECTED: &str = "client_certificate accepts a PFX in base64";
    const PEM: &str = "PEM is accepted only as a file, in client_certificate_path";
    let is_pem = pem::is_pem(text.as_bytes());
    match decode_base64(text.as_bytes()) {
        _ if is_pem => Err(format!("it is PEM; {EXPECTED}. {PEM}")),
        None => Err(format!(
            "it is not base64; {EXPECTED}. To use a file, set its path in client_certificate_path"
        )),
        Some(bytes) if bytes.is_empty() => Err(format!("it is empty; {EXPECTED}")),
        Some(bytes) if pem::is_pem(&bytes) => Err(format!("it is PEM in base64; {EXPECTED}. {PEM}")),
        Some(bytes) => Ok(bytes),
    }
}

/// Tools break base64 into lines, so white space is removed first.
fn decode_base64(text: &[u8]) -> Option<Vec<u8>> {
    let compact: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    BASE64.decode(compact).ok()
}

fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let bytes = file::read(path).map_err(|problem| read_error(path, &problem))?;
    if bytes.is_empty() {
        return Err("the file is empty".to_owned());
    }
    if decode_base64(&bytes).is_some_and(|inner| inner.first() == Some(&SEQUENCE)) {
        return Err("the file contains base64; it must contain the PFX itself, or PEM. \
                    Decode the file, or set its text in client_certificate"
            .to_owned());
    }
    Ok(bytes)
}

fn read_error(path: &Path, problem: &FileError) -> String {
    if let FileError::TooLarge = problem {
        return format!("the file is larger than {MAX_FILE_BYTES} bytes, so it is not a certificate");
    }
    let hint = match std::env::current_dir() {
        _ if path.starts_with("~") => {
            ". The character ~ is not expanded to the home folder: give the whole path".to_owned()
        }
        Ok(folder) if path.is_relative() => {
            format!(". A relative path is resolved from {}", folder.display())
        }
        _ => String::new(),
    };
    format!("the file cannot be read: {problem}{hint}")
}
