//! Scope tags of Intune's roles (beta only). They are listed for clients that show names; nothing is restricted by
//! them.

use serde_json::{Map, Value, json};

use crate::emulator::member_reader::{MemberReader, ShapeError};

/// Graph's name of the type.
pub const TYPE_NAME: &str = "roleScopeTag";

/// The members of the type.
pub const MEMBERS: [&str; 4] = ["id", "displayName", "description", "isBuiltIn"];

/// The id of the built-in tag, which every tenant has.
const DEFAULT_ID: &str = "0";

/// One stored tag.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredScopeTag {
    /// A number as text.
    pub id: String,
    display_name: String,
    description: String,
}

impl StoredScopeTag {
    /// The built-in tag.
    pub fn default_tag() -> Self {
        Self { id: DEFAULT_ID.to_owned(), display_name: "Default".to_owned(), description: String::new() }
    }

    /// Reads a tag from the tenant file.
    pub fn from_seed(document: Value, at: &str) -> Result<Self, ShapeError> {
        let mut members = MemberReader::open(document, TYPE_NAME, at)?;
        members.odata_type()?;
        members.boolean("isBuiltIn")?;
        let needed = |members: &mut MemberReader, name: &str| {
            let text = members.text(name)?.value().filter(|text| !text.is_empty());
            text.ok_or_else(|| ShapeError::new(&members.place(name), "This member is required."))
        };
        let id = needed(&mut members, "id")?;
        if id.parse::<u32>().is_err() {
            return Err(ShapeError::new(
                &members.place("id"),
                format!("'{id}' is not the number of a scope tag."),
            ));
        }
        let tag = Self {
            id,
            display_name: needed(&mut members, "displayName")?,
            description: members.text("description")?.value().unwrap_or_default(),
        };
        members.finish()?;
        Ok(tag)
    }

    /// The tag as Graph shows it.
    pub fn render(&self) -> Map<String, Value> {
        let members = [
            ("id", json!(self.id)),
            ("displayName", json!(self.display_name)),
            ("description", json!(self.description)),
            ("isBuiltIn", json!(self.id == DEFAULT_ID)),
        ];
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}
