//! The JSON body of a response. It is validated as a whole, kept as text, and decoded directly into types: a tree of
//! `serde_json` values can take a hundred times the memory of the text. Does no I/O.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, SeqAccess, Visitor};

/// The maximum size of one response body, decompressed. Graph's largest body is a page of 999 policies with their
/// assignments: about 6 MiB with nine assignments each.
pub const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;

/// The maximum number of containers (objects and arrays) in one response. The largest page of policies has about
/// 20,000.
pub const MAX_CONTAINERS: usize = 100_000;

/// The estimated memory of a decoded object or array, in addition to its text.
const CONTAINER_BYTES: usize = 256;

/// The recursion limit of `serde_json`.
const MAX_DEPTH: usize = 128;

/// A JSON document of bounded size; empty if the response had no document.
#[derive(Debug, Clone, Default)]
pub struct JsonBody {
    text: Box<str>,
    containers: usize,
}

/// Why a text is not a [`JsonBody`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JsonError {
    /// The text is incomplete JSON.
    EndsEarly,
    /// The text is not JSON.
    NotJson,
    /// The JSON is nested more deeply than [`MAX_DEPTH`].
    TooDeep,
    /// The JSON has more than [`MAX_CONTAINERS`] objects and arrays.
    TooManyContainers,
}

impl JsonBody {
    /// Validates a text. White space and `null` count as an empty document.
    pub(super) fn parse(text: &str) -> Result<Self, JsonError> {
        if matches!(text.trim(), "" | "null") {
            return Ok(Self::default());
        }
        let nesting = Nesting::measure(text);
        if nesting.depth > MAX_DEPTH {
            return Err(JsonError::TooDeep);
        }
        match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) if nesting.containers > MAX_CONTAINERS => Err(JsonError::TooManyContainers),
            Ok(_) => Ok(Self { text: text.into(), containers: nesting.containers }),
            Err(error) if error.is_eof() && text.trim_start().starts_with(['{', '[']) => {
                Err(JsonError::EndsEarly)
            }
            Err(_) => Err(JsonError::NotJson),
        }
    }

    /// Whether the response had no document.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The document as received.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether the document is an object. Callers check this before they decode, because `serde` also decodes an array
    /// into a struct.
    pub(super) fn is_object(&self) -> bool {
        self.text.trim_start().starts_with('{')
    }

    /// Whether the document is a non-negative integer.
    pub(super) fn is_integer(&self) -> bool {
        is_integer(&self.text)
    }

    /// Decodes the document into a type that borrows nothing from the text.
    pub(super) fn decode<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.text)
    }

    /// An estimate of the memory that the decoded document takes, in bytes.
    pub(super) fn decoded_bytes(&self) -> usize {
        self.text.len() + self.containers * CONTAINER_BYTES
    }
}

/// Whether a text consists of digits only, apart from surrounding white space.
pub(super) fn is_integer(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The number of objects and arrays in a JSON text, and the depth of their nesting.
#[derive(Default)]
struct Nesting {
    containers: usize,
    depth: usize,
}

impl Nesting {
    fn measure(text: &str) -> Self {
        let mut nesting = Self::default();
        let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
        for byte in text.bytes() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_string => escaped = true,
                b'"' => in_string = !in_string,
                b'{' | b'[' if !in_string => {
                    depth += 1;
                    nesting.containers += 1;
                    nesting.depth = nesting.depth.max(depth);
                }
                b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        nesting
    }
}

/// For `deserialize_with`: deserializes a list of at most `MAX` elements. A longer list fails at the first element
/// beyond the limit, before the further elements take memory.
pub(super) fn bounded_list<'de, D, T, const MAX: usize>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct BoundedListVisitor<T, const MAX: usize>(std::marker::PhantomData<T>);

    impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for BoundedListVisitor<T, MAX> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "a list of at most {MAX} elements")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Vec<T>, A::Error> {
            let mut elements = Vec::new();
            while let Some(element) = sequence.next_element()? {
                if elements.len() == MAX {
                    return Err(serde::de::Error::invalid_length(MAX + 1, &self));
                }
                elements.push(element);
            }
            Ok(elements)
        }
    }

    deserializer.deserialize_seq(BoundedListVisitor::<T, MAX>(std::marker::PhantomData))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn parse_error(text: &str) -> JsonError {
        JsonBody::parse(text).unwrap_err()
    }

    #[test]
    fn a_document_keeps_its_text() {
        let text = r#" {"a": [1.5, {"b": "}\"]["}]} "#;
        let document = JsonBody::parse(text).unwrap();
        assert_eq!((document.text(), document.containers), (text, 3));
        assert_eq!(document.decode::<Value>().unwrap(), json!({"a": [1.5, {"b": "}\"]["}]}));
    }

    #[test]
    fn white_space_and_null_are_empty() {
        for text in ["", " \r\n", "null", " null "] {
            assert!(JsonBody::parse(text).unwrap().is_empty(), "{text:?}");
        }
    }

    #[test]
    fn invalid_texts_are_classified() {
        for (text, expected) in [
            ("{\"a\": [", JsonError::EndsEarly),
            ("<html>", JsonError::NotJson),
            ("\"abc", JsonError::NotJson),
            ("{} {}", JsonError::NotJson),
        ] {
            assert_eq!(parse_error(text), expected, "{text}");
        }
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(JsonBody::parse(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(parse_error(&nested(MAX_DEPTH + 1)), JsonError::TooDeep);
        assert_eq!(parse_error(&nested(1_000_000)), JsonError::TooDeep);
    }

    #[test]
    fn too_many_objects_are_refused() {
        let objects = |count: usize| format!("[{}{{}}]", "{},".repeat(count - 1));
        assert!(JsonBody::parse(&objects(MAX_CONTAINERS - 1)).is_ok());
        assert_eq!(parse_error(&objects(MAX_CONTAINERS)), JsonError::TooManyContainers);
    }

    #[test]
    fn a_list_longer_than_its_bound_is_an_error() {
        #[derive(Deserialize)]
        struct Short {
            #[serde(deserialize_with = "bounded_list::<_, _, 2>")]
            list: Vec<u8>,
        }
        let list = |text: &str| serde_json::from_str::<Short>(text).map(|short| short.list);
        assert_eq!(list(r#"{"list": [1, 2]}"#).unwrap(), [1, 2]);
        assert!(list(r#"{"list": [1, 2, 3]}"#).unwrap_err().to_string().contains("at most 2"));
    }
}
