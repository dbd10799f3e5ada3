//! Assignment filters (beta only). The rule is stored as text and not evaluated.

use serde_json::{Map, Value, json};

use super::seed;
use crate::emulator::member_reader::{Member, MemberReader, ShapeError};
use crate::emulator::random_id::random_guid;

/// Graph's name of the type.
pub const TYPE_NAME: &str = "deviceAndAppManagementAssignmentFilter";

/// The members of the type.
pub const MEMBERS: [&str; 10] = [
    "id",
    "displayName",
    "description",
    "platform",
    "rule",
    "assignmentFilterManagementType",
    "roleScopeTags",
    "payloads",
    "createdDateTime",
    "lastModifiedDateTime",
];

/// The platform of Defender policies.
pub const WINDOWS: &str = "windows10AndLater";

const PLATFORMS: [&str; 14] = [
    "android",
    "androidForWork",
    "iOS",
    "macOS",
    "windowsPhone81",
    "windows81AndLater",
    WINDOWS,
    "androidWorkProfile",
    "unknown",
    "androidAOSP",
    "androidMobileApplicationManagement",
    "iOSMobileApplicationManagement",
    "unknownFutureValue",
    "windowsMobileApplicationManagement",
];

/// One stored filter.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredFilter {
    /// A GUID in lower case.
    pub id: String,
    /// One of Graph's platforms.
    pub platform: String,
    display_name: String,
    description: Option<String>,
    rule: String,
    management_type: String,
    role_scope_tags: Vec<String>,
    created: String,
    last_modified: String,
}

/// A use of a filter: one row of its `payloads`.
#[derive(Debug)]
pub struct FilterUse<'a> {
    /// The policy.
    pub policy_id: &'a str,
    /// The group of the target, or the pseudo-group for "all devices" or "all users".
    pub group_id: String,
    /// `include` or `exclude`.
    pub filter_type: &'static str,
}

impl StoredFilter {
    /// Reads a filter from the body of a POST.
    pub fn from_request(document: Value, now: &str) -> Result<Self, ShapeError> {
        let mut members = MemberReader::open(document, TYPE_NAME, "")?;
        members.any("id");
        members.any("payloads");
        let filter = Self::read(random_guid(), &mut members, "", now)?;
        if filter.rule.is_empty() {
            return Err(ShapeError::new("rule", "Property 'rule' is required and must not be empty."));
        }
        members.finish()?;
        Ok(filter)
    }

    /// Reads a filter from the tenant file or test control; only name and platform are required.
    pub fn from_seed(document: Value, at: &str, now: &str) -> Result<Self, ShapeError> {
        let mut members = MemberReader::open(document, TYPE_NAME, at)?;
        // Derived from the assignments.
        members.any("payloads");
        let id = seed::read_id(&mut members)?;
        let filter = Self::read(id, &mut members, at, now)?;
        members.finish()?;
        Ok(filter)
    }

    /// The filter as Graph shows it, with its uses.
    pub fn render(&self, uses: &[FilterUse<'_>]) -> Map<String, Value> {
        let payload = |used: &FilterUse<'_>| {
            json!({
                "payloadId": used.policy_id,
                "payloadType": "deviceConfigurationAndCompliance",
                "groupId": used.group_id,
                "assignmentFilterType": used.filter_type,
            })
        };
        let members = [
            ("id", json!(self.id)),
            ("displayName", json!(self.display_name)),
            ("description", json!(self.description)),
            ("platform", json!(self.platform)),
            ("rule", json!(self.rule)),
            ("assignmentFilterManagementType", json!(self.management_type)),
            ("roleScopeTags", json!(self.role_scope_tags)),
            ("payloads", uses.iter().map(payload).collect()),
            ("createdDateTime", json!(self.created)),
            ("lastModifiedDateTime", json!(self.last_modified)),
        ];
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn read(id: String, members: &mut MemberReader, at: &str, now: &str) -> Result<Self, ShapeError> {
        members.odata_type()?;
        let display_name = members.text("displayName")?.value().unwrap_or_default();
        let Member::Value(platform) = members.choice("platform", &PLATFORMS)? else {
            return Err(ShapeError::new(&members.place("platform"), "Property 'platform' is required."));
        };
        if display_name.is_empty() {
            return Err(ShapeError::new(at, "Property 'displayName' is required and must not be empty."));
        }
        let management_types = ["devices", "apps", "unknownFutureValue"];
        Ok(Self {
            id,
            platform,
            display_name,
            description: members.text("description")?.value(),
            rule: members.text("rule")?.value().unwrap_or_default(),
            management_type: members
                .choice("assignmentFilterManagementType", &management_types)?
                .value()
                .unwrap_or_else(|| "devices".to_owned()),
            role_scope_tags: members.texts("roleScopeTags")?.value().unwrap_or_else(|| vec!["0".to_owned()]),
            created: members.timestamp("createdDateTime")?.unwrap_or_else(|| now.to_owned()),
            last_modified: members.timestamp("lastModifiedDateTime")?.unwrap_or_else(|| now.to_owned()),
        })
    }
}
