//! Policies that conflict on devices. Devices are not modeled, so the conflicts are set.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::seed;
use crate::emulator::member_reader::{MemberReader, ShapeError};
use crate::emulator::random_id::random_guid;

/// Graph's name of the type, and of the collection.
pub const TYPE_NAME: &str = "deviceConfigurationConflictSummary";

/// The members of the type.
pub const MEMBERS: [&str; 4] =
    ["id", "conflictingDeviceConfigurations", "contributingSettings", "deviceCheckinsImpacted"];

/// One stored conflict.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredConflictSummary {
    /// Any text.
    pub id: String,
    sources: Vec<ConflictSource>,
    settings: Vec<String>,
    checkins: u32,
}

/// A policy in a conflict: Graph's `settingSource`.
#[derive(Clone, Debug, PartialEq)]
struct ConflictSource {
    id: Option<String>,
    display_name: Option<String>,
    /// Left out if it is not known.
    source_type: Option<String>,
}

impl StoredConflictSummary {
    /// Reads the conflicts of the tenant file or test control. An id cannot be there twice.
    pub fn list_from_seed(rows: Vec<Value>, at: &str) -> Result<Vec<Self>, ShapeError> {
        let mut ids = HashSet::new();
        let mut conflicts = Vec::with_capacity(rows.len());
        for (index, row) in rows.into_iter().enumerate() {
            let at = format!("{at}[{index}]");
            let conflict = Self::from_seed(row, &at)?;
            if !ids.insert(conflict.id.clone()) {
                return Err(ShapeError::new(&format!("{at}.id"), format!("'{}' occurs twice", conflict.id)));
            }
            conflicts.push(conflict);
        }
        Ok(conflicts)
    }

    /// The conflict as Graph shows it.
    pub fn render(&self) -> Map<String, Value> {
        let members = [
            ("id", json!(self.id)),
            ("conflictingDeviceConfigurations", self.sources.iter().map(ConflictSource::render).collect()),
            ("contributingSettings", json!(self.settings)),
            ("deviceCheckinsImpacted", json!(self.checkins)),
        ];
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn from_seed(document: Value, at: &str) -> Result<Self, ShapeError> {
        let mut members = MemberReader::open(document, TYPE_NAME, at)?;
        members.odata_type()?;
        let id = members.text("id")?.value().filter(|id| !id.is_empty());
        let place = members.place("conflictingDeviceConfigurations");
        let sources = members.list("conflictingDeviceConfigurations")?.value().unwrap_or_default();
        let read = |(index, source)| ConflictSource::from_seed(source, &format!("{place}[{index}]"));
        let conflict = Self {
            id: id.unwrap_or_else(random_guid),
            sources: sources.into_iter().enumerate().map(read).collect::<Result<_, _>>()?,
            settings: members.texts("contributingSettings")?.value().unwrap_or_default(),
            checkins: seed::read_count(&mut members, "deviceCheckinsImpacted")?,
        };
        members.finish()?;
        Ok(conflict)
    }
}

impl ConflictSource {
    fn from_seed(document: Value, at: &str) -> Result<Self, ShapeError> {
        let mut members = MemberReader::open(document, "settingSource", at)?;
        members.odata_type()?;
        let source = Self {
            id: members.text("id")?.value(),
            display_name: members.text("displayName")?.value(),
            source_type: members.choice("sourceType", &["deviceConfiguration", "deviceIntent"])?.value(),
        };
        members.finish()?;
        Ok(source)
    }

    fn render(&self) -> Value {
        let shown = [("id", json!(self.id)), ("displayName", json!(self.display_name))];
        let source_type = self.source_type.as_ref().map(|name| ("sourceType", json!(name)));
        shown.into_iter().chain(source_type).map(|(name, value)| (name.to_owned(), value)).collect()
    }
}
