//! Reads JSON files as editors and shells on every platform write them: UTF-8 with or without a byte-order mark, and
//! UTF-16 with one, which is what older versions of PowerShell write.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde_json::Value;
use thiserror::Error;

/// The maximum size of a file: ten times a tenant of ten thousand policies.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Why a file could not be read as JSON. The text starts with the name of the file.
#[derive(Debug, Error)]
#[error("{}: {problem}", .file.display())]
pub struct JsonFileError {
    file: PathBuf,
    problem: Problem,
}

#[derive(Debug, Error)]
enum Problem {
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    #[error("larger than {} MiB", MAX_BYTES / 1024 / 1024)]
    TooLarge,
    #[error("not valid UTF-16, although it begins with its byte-order mark")]
    NotUtf16,
    /// With line and column.
    #[error("not valid JSON: {0}")]
    NotJson(#[from] serde_json::Error),
}

/// Reads a document.
pub fn read_json_file(file: &Path) -> Result<Value, JsonFileError> {
    read(file).map_err(|problem| JsonFileError { file: file.to_path_buf(), problem })
}

fn read(file: &Path) -> Result<Value, Problem> {
    let mut bytes = Vec::new();
    File::open(file)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Problem::TooLarge);
    }
    parse(&bytes)
}

fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    Ok(match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => serde_json::from_slice(rest)?,
        [0xFF, 0xFE, rest @ ..] => serde_json::from_str(&utf_16(rest, u16::from_le_bytes)?)?,
        [0xFE, 0xFF, rest @ ..] => serde_json::from_str(&utf_16(rest, u16::from_be_bytes)?)?,
        _ => serde_json::from_slice(bytes)?,
    })
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Problem> {
    let (units, rest) = bytes.as_chunks::<2>();
    let text = char::decode_utf16(units.iter().map(|pair| unit(*pair))).collect::<Result<String, _>>();
    text.ok().filter(|_| rest.is_empty()).ok_or(Problem::NotUtf16)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_encoding_gives_the_same_document() {
        let (text, document) = ("{\"displayName\": \"Büro\"}", json!({"displayName": "Büro"}));
        let marked = [&[0xEF, 0xBB, 0xBF], text.as_bytes()].concat();
        let units: Vec<u16> = std::iter::once(0xFEFF).chain(text.encode_utf16()).collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for bytes in [text.as_bytes(), &marked, &little, &big] {
            assert_eq!(parse(bytes).unwrap(), document);
        }
        assert!(matches!(parse(&little[..little.len() - 1]), Err(Problem::NotUtf16)));
    }
}
