//! Small JSON documents as trees of values. A tree takes up to a hundred times the memory of its text, so there is a
//! bound; what may be larger is decoded straight into types.

use serde_json::Value;

/// Errors and tokens have some kilobytes.
pub const MAX_TREE_BYTES: usize = 256 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The document; `None` if it is not JSON, or larger than [`MAX_TREE_BYTES`]. A byte order mark before it is allowed.
pub fn tree(bytes: &[u8]) -> Option<Value> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if bytes.len() > MAX_TREE_BYTES { None } else { serde_json::from_slice(bytes).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_document() {
        assert_eq!(tree(b"\xef\xbb\xbf[1]"), Some(serde_json::json!([1])));
        assert_eq!(tree(b"\xef\xbb[1]"), None);
    }

    #[test]
    fn a_large_document_is_not_made_a_tree() {
        let document = |bytes: usize| format!("[{}]", " ".repeat(bytes - 2));
        assert!(tree(document(MAX_TREE_BYTES).as_bytes()).is_some());
        assert!(tree(document(MAX_TREE_BYTES + 1).as_bytes()).is_none());
    }
}
