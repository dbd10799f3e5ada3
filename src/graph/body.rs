//! The JSON of an answer: checked as a whole, kept as text, and decoded straight into types. A tree of values would take
//! up to a hundred times the memory of the text. Does not receive anything and does not know entities.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, SeqAccess, Visitor};

/// The most that one answer may hold, decompressed. The largest that Graph sends is a page of 999 policies with their
/// assignments: some 6 MiB where each has nine.
pub const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;

/// The most objects and lists in one answer. That page has 20,000.
pub const MAX_CONTAINERS: usize = 100_000;

/// What an object takes in memory beyond its text, with all that its members take from the allocator.
const CONTAINER_BYTES: usize = 256;

/// As deep as `serde_json` goes into values that are kept.
const MAX_DEPTH: usize = 128;

/// A JSON document of bounded size; empty if there was none.
#[derive(Debug, Clone, Default)]
pub struct Json {
    text: Box<str>,
    containers: usize,
}

/// Why a text is no [`Json`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It begins as JSON and stops in the middle.
    EndsEarly,
    /// It is something else.
    NotJson,
    /// Nothing that Graph sends is nested nearly as deep.
    TooDeep,
    /// More than [`MAX_CONTAINERS`].
    TooMany,
}

impl Json {
    /// Checks a text. A text of white space, and null, are empty documents.
    pub(super) fn read(text: &str) -> Result<Self, Unfit> {
        if matches!(text.trim(), "" | "null") {
            return Ok(Self::default());
        }
        let shape = Shape::of(text);
        if shape.depth > MAX_DEPTH {
            return Err(Unfit::TooDeep);
        }
        match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) if shape.containers > MAX_CONTAINERS => Err(Unfit::TooMany),
            Ok(_) => Ok(Self { text: text.into(), containers: shape.containers }),
            Err(error) if error.is_eof() && text.trim_start().starts_with(['{', '[']) => {
                Err(Unfit::EndsEarly)
            }
            Err(_) => Err(Unfit::NotJson),
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The document as received.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is an object: a list could pass for a struct, field by field.
    pub(super) fn is_object(&self) -> bool {
        self.text.trim_start().starts_with('{')
    }

    /// Decodes it into a type that owns what it keeps.
    pub(super) fn decode<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.text)
    }

    /// About as much memory as what is decoded of it can take, in bytes.
    pub(super) fn cost(&self) -> usize {
        self.text.len() + self.containers * CONTAINER_BYTES
    }
}

/// How a text is nested. Means something for JSON only.
#[derive(Default)]
struct Shape {
    containers: usize,
    depth: usize,
}

impl Shape {
    fn of(text: &str) -> Self {
        let mut shape = Self::default();
        let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
        for byte in text.bytes() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_text => escaped = true,
                b'"' => in_text = !in_text,
                b'{' | b'[' if !in_text => {
                    depth += 1;
                    shape.containers += 1;
                    shape.depth = shape.depth.max(depth);
                }
                b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        shape
    }
}

/// For `deserialize_with`: a list of at most `MOST` elements. Longer ones are an error before they take memory.
pub(super) fn at_most<'de, D, T, const MOST: usize>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Bounded<T, const MOST: usize>(std::marker::PhantomData<T>);

    impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for Bounded<T, MOST> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "a list of at most {MOST} elements")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Vec<T>, A::Error> {
            let mut elements = Vec::new();
            while let Some(element) = sequence.next_element()? {
                if elements.len() == MOST {
                    return Err(serde::de::Error::invalid_length(MOST + 1, &self));
                }
                elements.push(element);
            }
            Ok(elements)
        }
    }

    deserializer.deserialize_seq(Bounded::<T, MOST>(std::marker::PhantomData))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn unfit(text: &str) -> Unfit {
        Json::read(text).unwrap_err()
    }

    #[test]
    fn a_document_is_kept_as_it_is() {
        let text = r#" {"a": [1.5, {"b": "}\"]["}]} "#;
        let document = Json::read(text).unwrap();
        assert_eq!((document.text(), document.containers), (text, 3));
        assert_eq!(document.decode::<Value>().unwrap(), json!({"a": [1.5, {"b": "}\"]["}]}));
    }

    #[test]
    fn no_document_is_empty() {
        for text in ["", " \r\n", "null", " null "] {
            assert!(Json::read(text).unwrap().is_empty(), "{text:?}");
        }
    }

    #[test]
    fn other_texts_are_told_apart() {
        for (text, expected) in [
            ("{\"a\": [", Unfit::EndsEarly),
            ("<html>", Unfit::NotJson),
            ("\"abc", Unfit::NotJson),
            ("{} {}", Unfit::NotJson),
        ] {
            assert_eq!(unfit(text), expected, "{text}");
        }
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Json::read(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(unfit(&nested(MAX_DEPTH + 1)), Unfit::TooDeep);
        assert_eq!(unfit(&nested(1_000_000)), Unfit::TooDeep);
    }

    #[test]
    fn many_objects_are_refused_before_anything_is_made_of_them() {
        let objects = |count: usize| format!("[{}{{}}]", "{},".repeat(count - 1));
        assert!(Json::read(&objects(MAX_CONTAINERS - 1)).is_ok());
        assert_eq!(unfit(&objects(MAX_CONTAINERS)), Unfit::TooMany);
    }

    #[test]
    fn a_list_ends_at_its_bound() {
        #[derive(Deserialize)]
        struct Short {
            #[serde(deserialize_with = "at_most::<_, _, 2>")]
            list: Vec<u8>,
        }
        let list = |text: &str| serde_json::from_str::<Short>(text).map(|short| short.list);
        assert_eq!(list(r#"{"list": [1, 2]}"#).unwrap(), [1, 2]);
        assert!(list(r#"{"list": [1, 2, 3]}"#).unwrap_err().to_string().contains("at most 2"));
    }
}
