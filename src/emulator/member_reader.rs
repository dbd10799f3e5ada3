//! Reads JSON objects as closed types: each member is read by name and type, and unknown members are refused.
//! Knows no Graph type.

use serde_json::{Map, Value};

use super::timestamp::is_timestamp;

/// A JSON document that does not have the shape of its type.
#[derive(Debug, PartialEq)]
pub struct ShapeError {
    /// The place in the document, such as `deviceConfigurations[0].displayName`; empty for the document itself.
    pub at: String,
    /// The problem, as one sentence.
    pub text: String,
}

impl ShapeError {
    /// An error at one place of the document.
    pub fn new(at: &str, text: impl Into<String>) -> Self {
        Self { at: at.to_owned(), text: text.into() }
    }
}

/// A member as sent. For a PATCH the three differ: an absent member keeps the value, null clears it, a value
/// sets it.
#[derive(Debug, PartialEq)]
pub enum Member<T> {
    /// Missing.
    Absent,
    /// Present, and null.
    Null,
    /// Present, with a value.
    Value(T),
}

impl<T> Member<T> {
    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Updates a nullable property, unless the member is absent.
    pub fn set(self, property: &mut Option<T>) {
        match self {
            Self::Absent => {}
            Self::Null => *property = None,
            Self::Value(value) => *property = Some(value),
        }
    }
}

/// The members of an object that have not been read yet.
#[derive(Debug)]
pub struct MemberReader {
    type_name: String,
    at: String,
    unread: Map<String, Value>,
}

impl MemberReader {
    /// Opens `document` as an object of the type `microsoft.graph.<type_name>` at the place `at`.
    pub fn open(document: Value, type_name: &str, at: &str) -> Result<Self, ShapeError> {
        match document {
            Value::Object(unread) => Ok(Self { type_name: type_name.to_owned(), at: at.to_owned(), unread }),
            other => Err(ShapeError::new(
                at,
                format!(
                    "An object of type 'microsoft.graph.{type_name}' is expected here, not {}.",
                    kind(&other)
                ),
            )),
        }
    }

    /// Reads `@odata.type`, with or without `#`, and returns the name without its namespace. Names in another
    /// namespace are refused.
    pub fn odata_type(&mut self) -> Result<Option<String>, ShapeError> {
        let Some(sent) = self.text("@odata.type")?.value() else { return Ok(None) };
        match sent.strip_prefix('#').unwrap_or(&sent).strip_prefix("microsoft.graph.") {
            Some(name) => Ok(Some(name.to_owned())),
            None => Err(self.unresolved_type(sent.trim_start_matches('#'))),
        }
    }

    /// The error for a type that is not in the model; `full_name` includes the namespace.
    pub fn unresolved_type(&self, full_name: &str) -> ShapeError {
        let text = format!(
            "A type named '{full_name}' could not be resolved by the model. When a model is available, each type name \
             must resolve to a valid type."
        );
        ShapeError::new(&self.place("@odata.type"), text)
    }

    /// Sets the concrete type for error messages, once `@odata.type` is known.
    pub fn narrow(&mut self, type_name: &str) {
        type_name.clone_into(&mut self.type_name);
    }

    /// Reads a string.
    pub fn text(&mut self, name: &str) -> Result<Member<String>, ShapeError> {
        self.read(name, "Edm.String", |value| match value {
            Value::String(text) => Some(text),
            _ => None,
        })
    }

    /// Turns a number into the string of its digits, for members where clients send both.
    pub fn read_number_as_text(&mut self, name: &str) {
        if let Some(value @ Value::Number(_)) = self.unread.get_mut(name) {
            *value = Value::String(value.to_string());
        }
    }

    /// Reads a boolean.
    pub fn boolean(&mut self, name: &str) -> Result<Member<bool>, ShapeError> {
        self.read(name, "Edm.Boolean", |value| value.as_bool())
    }

    /// Reads a 32-bit integer.
    pub fn integer(&mut self, name: &str) -> Result<Member<i32>, ShapeError> {
        self.read(name, "Edm.Int32", |value| value.as_i64().and_then(|number| i32::try_from(number).ok()))
    }

    /// Reads a UTC timestamp.
    pub fn timestamp(&mut self, name: &str) -> Result<Option<String>, ShapeError> {
        match self.text(name)?.value() {
            Some(wrong) if !is_timestamp(&wrong) => {
                let text = format!("'{wrong}' is not a UTC timestamp such as 2026-01-31T09:12:44Z.");
                Err(ShapeError::new(&self.place(name), text))
            }
            timestamp => Ok(timestamp),
        }
    }

    /// Reads a list of strings.
    pub fn texts(&mut self, name: &str) -> Result<Member<Vec<String>>, ShapeError> {
        self.read(name, "Collection(Edm.String)", |value| match value {
            Value::Array(items) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
            _ => None,
        })
    }

    /// Reads a list of any values.
    pub fn list(&mut self, name: &str) -> Result<Member<Vec<Value>>, ShapeError> {
        self.read(name, "a collection", |value| match value {
            Value::Array(items) => Some(items),
            _ => None,
        })
    }

    /// Reads a value of an enumeration.
    pub fn choice(&mut self, name: &str, choices: &[&str]) -> Result<Member<String>, ShapeError> {
        let member = self.text(name)?;
        match &member {
            Member::Value(sent) if !choices.contains(&sent.as_str()) => Err(ShapeError::new(
                &self.place(name),
                format!(
                    "'{sent}' is not a value of property '{name}'; its values are {}.",
                    choices.join(", ")
                ),
            )),
            _ => Ok(member),
        }
    }

    /// Reads a member of any type.
    pub fn any(&mut self, name: &str) -> Option<Value> {
        self.unread.remove(name)
    }

    /// Whether a member is present and not null. It stays unread.
    pub fn has(&self, name: &str) -> bool {
        self.unread.get(name).is_some_and(|value| !value.is_null())
    }

    /// Whether a member is present and null. It stays unread.
    pub fn is_null(&self, name: &str) -> bool {
        self.unread.get(name).is_some_and(Value::is_null)
    }

    /// The names of the unread members.
    pub fn unread(&self) -> impl Iterator<Item = &str> {
        self.unread.keys().map(String::as_str)
    }

    /// The place of the object, for errors.
    pub fn at(&self) -> &str {
        &self.at
    }

    /// A string member, which stays unread.
    pub fn peek_text(&self, name: &str) -> Option<&str> {
        self.unread.get(name).and_then(Value::as_str)
    }

    /// Reads a member with a function that returns `None` if the value has another type.
    pub fn read<T>(
        &mut self,
        name: &str,
        expected: &str,
        read: impl FnOnce(Value) -> Option<T>,
    ) -> Result<Member<T>, ShapeError> {
        match self.unread.remove(name) {
            None => Ok(Member::Absent),
            Some(Value::Null) => Ok(Member::Null),
            Some(value) => {
                let found = kind(&value);
                read(value).map(Member::Value).ok_or_else(|| {
                    ShapeError::new(
                        &self.place(name),
                        format!("Property '{name}' is {found}, which cannot be converted to the expected type '{expected}'."),
                    )
                })
            }
        }
    }

    /// The place of a member, for errors.
    pub fn place(&self, name: &str) -> String {
        if self.at.is_empty() { name.to_owned() } else { format!("{}.{name}", self.at) }
    }

    /// Refuses unread members, except annotations (`…@odata.…`).
    pub fn finish(self) -> Result<(), ShapeError> {
        match self.unread.keys().find(|name| !name.contains('@')) {
            None => Ok(()),
            Some(name) => Err(ShapeError::new(
                &self.place(name),
                format!(
                    "The property '{name}' does not exist on type 'microsoft.graph.{}'. Make sure to only use property \
                     names that are defined by the type.",
                    self.type_name
                ),
            )),
        }
    }

    /// The unread members, for objects whose type is not modeled.
    pub fn into_unread(self) -> Map<String, Value> {
        self.unread
    }
}

/// The JSON type of a value, for errors.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn members(document: Value) -> MemberReader {
        MemberReader::open(document, "thing", "things[0]").unwrap()
    }

    #[test]
    fn a_member_that_nobody_took_is_refused_with_its_place() {
        let error = members(json!({"color": "red"})).finish().unwrap_err();
        assert_eq!(error.at, "things[0].color");
        assert!(
            error.text.contains("'color' does not exist on type 'microsoft.graph.thing'"),
            "{}",
            error.text
        );
    }

    #[test]
    fn annotations_are_let_through() {
        assert_eq!(members(json!({"@odata.context": "x", "name@odata.type": "#String"})).finish(), Ok(()));
    }

    #[test]
    fn absent_null_and_value_are_told_apart() {
        let mut members = members(json!({"empty": null, "full": "x"}));
        assert_eq!(members.text("missing"), Ok(Member::Absent));
        assert_eq!(members.text("empty"), Ok(Member::Null));
        assert_eq!(members.text("full"), Ok(Member::Value("x".to_owned())));
    }

    #[test]
    fn a_value_of_another_kind_is_refused() {
        assert!(members(json!({"name": 5})).text("name").is_err());
        assert!(members(json!({"on": "true"})).boolean("on").is_err());
        assert!(members(json!({"count": 1.5})).integer("count").is_err());
        assert!(members(json!({"tags": ["a", 1]})).texts("tags").is_err());
        assert!(members(json!({"mode": "other"})).choice("mode", &["one", "two"]).is_err());
    }

    #[test]
    fn the_type_is_read_with_and_without_the_hash() {
        for sent in ["#microsoft.graph.group", "microsoft.graph.group"] {
            assert_eq!(members(json!({"@odata.type": sent})).odata_type(), Ok(Some("group".to_owned())));
        }
        for sent in ["group", "#group", "others.group", "microsoft.graphgroup"] {
            assert!(members(json!({"@odata.type": sent})).odata_type().is_err(), "{sent}");
        }
    }
}
