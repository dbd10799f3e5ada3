//! Groups of the directory. Of their members only the counts are modeled; owners and licenses are not.

use serde_json::{Map, Value, json};

use super::seed;
use super::transitive_members::{self, TransitiveMemberCounts};
use crate::emulator::member_reader::{MemberReader, ShapeError};
use crate::emulator::random_id::random_guid;

/// The members that can be selected.
pub const MEMBERS: [&str; 10] = [
    "id",
    "displayName",
    "description",
    "mailEnabled",
    "mailNickname",
    "securityEnabled",
    "groupTypes",
    "membershipRule",
    "membershipRuleProcessingState",
    "createdDateTime",
];

/// One stored group.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredGroup {
    /// A GUID in lower case.
    pub id: String,
    /// Not unique.
    pub display_name: String,
    /// Not a property of a group in Graph, so it is never rendered.
    pub transitive_members: TransitiveMemberCounts,
    description: Option<String>,
    mail_enabled: bool,
    mail_nickname: String,
    security_enabled: bool,
    types: Vec<String>,
    membership_rule: Option<String>,
    rule_processing_state: Option<String>,
    created: String,
}

impl StoredGroup {
    /// Reads a group from the body of a POST. The type is open: unknown members are accepted and dropped.
    pub fn from_request(document: Value, now: &str) -> Result<Self, ShapeError> {
        let mut members = MemberReader::open(document, "group", "")?;
        members.any("id");
        let mut missing = Vec::new();
        for name in ["displayName", "mailNickname"] {
            if members.peek_text(name).is_none_or(str::is_empty) {
                missing.push(name);
            }
        }
        for name in ["mailEnabled", "securityEnabled"] {
            if !members.has(name) {
                missing.push(name);
            }
        }
        if !missing.is_empty() {
            return Err(ShapeError::new(
                "",
                format!("Required properties are missing or empty: {}.", missing.join(", ")),
            ));
        }
        Self::read(random_guid(), &mut members, now)
    }

    /// Reads a group from the tenant file or test control; only a name is required.
    pub fn from_seed(document: Value, at: &str, now: &str) -> Result<Self, ShapeError> {
        let mut members = MemberReader::open(document, "group", at)?;
        members.odata_type()?;
        let id = seed::read_id(&mut members)?;
        if members.peek_text("displayName").is_none_or(str::is_empty) {
            return Err(ShapeError::new(at, "Property 'displayName' is required and must not be empty."));
        }
        let transitive_members = match members.any(transitive_members::MEMBER) {
            None => TransitiveMemberCounts::default(),
            Some(counts) => {
                TransitiveMemberCounts::from_seed(counts, &members.place(transitive_members::MEMBER))?
            }
        };
        // The type is open: an answer of Graph has members that are not modeled.
        Ok(Self { transitive_members, ..Self::read(id, &mut members, now)? })
    }

    /// The group as Graph shows it.
    pub fn render(&self) -> Map<String, Value> {
        let members = [
            ("id", json!(self.id)),
            ("displayName", json!(self.display_name)),
            ("description", json!(self.description)),
            ("mailEnabled", json!(self.mail_enabled)),
            ("mailNickname", json!(self.mail_nickname)),
            ("securityEnabled", json!(self.security_enabled)),
            ("groupTypes", json!(self.types)),
            ("membershipRule", json!(self.membership_rule)),
            ("membershipRuleProcessingState", json!(self.rule_processing_state)),
            ("createdDateTime", json!(self.created)),
        ];
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn read(id: String, members: &mut MemberReader, now: &str) -> Result<Self, ShapeError> {
        let display_name = members.text("displayName")?.value().unwrap_or_default();
        Ok(Self {
            mail_nickname: members.text("mailNickname")?.value().unwrap_or_else(|| id.clone()),
            id,
            display_name,
            transitive_members: TransitiveMemberCounts::default(),
            description: members.text("description")?.value(),
            mail_enabled: members.boolean("mailEnabled")?.value().unwrap_or(false),
            security_enabled: members.boolean("securityEnabled")?.value().unwrap_or(true),
            types: members.texts("groupTypes")?.value().unwrap_or_default(),
            membership_rule: members.text("membershipRule")?.value(),
            rule_processing_state: members.text("membershipRuleProcessingState")?.value(),
            created: members.timestamp("createdDateTime")?.unwrap_or_else(|| now.to_owned()),
        })
    }
}
