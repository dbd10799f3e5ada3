//! Parses small JSON documents into trees of values. A tree takes up to a hundred times the memory of its text, so the
//! size is bounded. Larger documents are decoded straight into types.

use serde_json::Value;

/// The maximum size of a small document. Error and token responses are a few kilobytes long.
pub const MAX_SMALL_BYTES: usize = 256 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Parses a document. `None` if it is not JSON or is larger than [`MAX_SMALL_BYTES`]. Ignores a leading byte order
/// mark.
pub fn parse_small(bytes: &[u8]) -> Option<Value> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if bytes.len() > MAX_SMALL_BYTES { None } else { serde_json::from_slice(bytes).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_ignored() {
        assert_eq!(parse_small(b"\xef\xbb\xbf[1]"), Some(serde_json::json!([1])));
        assert_eq!(parse_small(b"\xef\xbb[1]"), None);
    }

    #[test]
    fn a_large_document_is_not_parsed() {
        let document = |bytes: usize| format!("[{}]", " ".repeat(bytes - 2));
        assert!(parse_small(document(MAX_SMALL_BYTES).as_bytes()).is_some());
        assert!(parse_small(document(MAX_SMALL_BYTES + 1).as_bytes()).is_none());
    }
}
