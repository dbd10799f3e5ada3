//! The bytes of a certificate as given, from a file or from base64. Does not look into PFX or PEM.

use std::path::Path;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::auth::method::Certificate;
use crate::transport::file::{self, FileError, MAX_FILE_BYTES};

use super::pem;

/// The first byte of every DER structure that could be a PFX.
const SEQUENCE: u8 = 0x30;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Reads the file or decodes the text. Neither path nor text is repeated in an error: somebody may have put a
/// password there.
pub(super) fn read(certificate: &Certificate) -> Result<Vec<u8>, String> {
    match certificate {
        Certificate::Base64(text) => of_text(text.expose()),
        Certificate::File(path) => of_file(path),
    }
}

fn of_text(text: &str) -> Result<Vec<u8>, String> {
    const TAKES: &str = "client_certificate takes a PFX in base64";
    const PEM: &str = "PEM is taken as a file only, through client_certificate_path";
    let pem = pem::is_pem(text.as_bytes());
    match decode(text.as_bytes()) {
        _ if pem => Err(format!("it is PEM; {TAKES}. {PEM}")),
        None => {
            Err(format!("it is not base64; {TAKES}. The name of a file goes into client_certificate_path"))
        }
        Some(bytes) if bytes.is_empty() => Err(format!("it is empty; {TAKES}")),
        Some(bytes) if pem::is_pem(&bytes) => Err(format!("it is PEM in base64; {TAKES}. {PEM}")),
        Some(bytes) => Ok(bytes),
    }
}

/// White space is no part of base64, and tools break lines at will.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let bare: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    BASE64.decode(bare).ok()
}

fn of_file(path: &Path) -> Result<Vec<u8>, String> {
    let bytes = file::read(path).map_err(|problem| unreadable(path, &problem))?;
    if bytes.is_empty() {
        return Err("the file is empty".to_owned());
    }
    if decode(&bytes).is_some_and(|inner| inner.first() == Some(&SEQUENCE)) {
        return Err("the file holds base64; it must hold the PFX itself, or PEM. \
                    Decode the file, or give its text as client_certificate"
            .to_owned());
    }
    Ok(bytes)
}

fn unreadable(path: &Path, problem: &FileError) -> String {
    if let FileError::TooLarge = problem {
        return format!("the file is larger than {MAX_FILE_BYTES} bytes, so it is no certificate");
    }
    let hint = match std::env::current_dir() {
        _ if path.starts_with("~") => {
            ". The character ~ means no home folder here: give the whole path".to_owned()
        }
        Ok(folder) if path.is_relative() => format!(". A relative path counts from {}", folder.display()),
        _ => String::new(),
    };
    format!("the file cannot be read: {problem}{hint}")
}
