//! Policies and assignment targets, each in the spellings of Graph, of Terraform's values and of stories.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value as Json, json};
use terraform_provider_defender::terraform::value::Value;

use crate::tenant::{BASELINE, COMPANY_OWNED, KIOSKS, LAPTOPS, OTHER_POLICY, POLICY, WORKSTATIONS};

/// The groups of the directory, and one that does not exist.
const GROUPS: [(&str, &str); 4] = [
    (WORKSTATIONS, "workstations"),
    (LAPTOPS, "laptops"),
    (KIOSKS, "kiosks"),
    ("d6a4c9e5-3f70-41c8-bd50-9c51ceaf8e04", "deleted-group"),
];

/// A kind of target that this version of the provider does not know.
const UNKNOWN_KIND: &str = "organizationalUnitAssignmentTarget";

/// Four policies that may be assigned, one of another type, and one that does not exist.
const POLICIES: [(&str, &str); 6] = [
    (POLICY, "P1"),
    (OTHER_POLICY, "P2"),
    ("7a2c48d6-9f05-4e3b-8b61-c0d5e4f7a812", "P3"),
    ("9c1f57e8-04ad-4d72-b9e6-e3a8f6b1c943", "P4"),
    (BASELINE, "baseline"),
    ("1f0e2d3c-4b5a-4968-8777-0a1b2c3d4e5f", "typo"),
];

/// A policy by its place in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Policy(u8);

/// One assignment: a target with its filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    Devices,
    Users,
    Group(u8),
    Filtered(u8),
    Exclusion(u8),
    Unknown,
}

/// The direct assignments of a policy.
pub type Set = BTreeSet<Target>;

impl Policy {
    /// Those that may be assigned.
    pub const REAL: [Self; 4] = [Self(0), Self(1), Self(2), Self(3)];
    pub const OTHER_TYPE: Self = Self(4);
    pub const TYPO: Self = Self(5);

    pub fn id(self) -> &'static str {
        POLICIES[usize::from(self.0)].0
    }

    /// The policy whose id is this text, or is part of it.
    pub fn in_text(text: &str) -> Option<Self> {
        let found = POLICIES.iter().position(|(id, _)| text.contains(id))?;
        u8::try_from(found).ok().map(Self)
    }

    pub fn is_real(self) -> bool {
        Self::REAL.contains(&self)
    }
}

impl Target {
    fn kind(self) -> &'static str {
        match self {
            Self::Devices => "allDevicesAssignmentTarget",
            Self::Users => "allLicensedUsersAssignmentTarget",
            Self::Group(_) | Self::Filtered(_) => "groupAssignmentTarget",
            Self::Exclusion(_) => "exclusionGroupAssignmentTarget",
            Self::Unknown => UNKNOWN_KIND,
        }
    }

    /// Which group it is about.
    pub fn group(self) -> Option<u8> {
        match self {
            Self::Group(group) | Self::Filtered(group) | Self::Exclusion(group) => Some(group),
            _ => None,
        }
    }

    fn group_id(self) -> Option<&'static str> {
        self.group().map(|group| GROUPS[usize::from(group)].0)
    }

    /// The key in `assignment_ids`.
    pub fn key(self) -> String {
        match self.group_id() {
            Some(id) => format!("{}/{id}", self.kind()),
            None => self.kind().to_owned(),
        }
    }

    fn filter_id(self) -> Option<&'static str> {
        matches!(self, Self::Filtered(_)).then_some(COMPANY_OWNED)
    }

    fn parse(kind: &str, group_id: Option<&str>, filtered: bool) -> Self {
        let group = |id: &str| GROUPS.iter().position(|(group, _)| group.eq_ignore_ascii_case(id));
        let group = group_id.and_then(group).and_then(|group| u8::try_from(group).ok());
        match (kind, group) {
            ("allDevicesAssignmentTarget", _) => Self::Devices,
            ("allLicensedUsersAssignmentTarget", _) => Self::Users,
            ("groupAssignmentTarget", Some(group)) if filtered => Self::Filtered(group),
            ("groupAssignmentTarget", Some(group)) => Self::Group(group),
            ("exclusionGroupAssignmentTarget", Some(group)) => Self::Exclusion(group),
            _ => Self::Unknown,
        }
    }

    /// The row in Graph's form.
    pub fn row(self) -> Json {
        let mut target = Map::new();
        target.insert("@odata.type".to_owned(), json!(format!("#microsoft.graph.{}", self.kind())));
        if let Some(id) = self.group_id() {
            target.insert("groupId".to_owned(), json!(id));
        }
        if let Some(id) = self.filter_id() {
            target.insert("deviceAndAppManagementAssignmentFilterId".to_owned(), json!(id));
            target.insert("deviceAndAppManagementAssignmentFilterType".to_owned(), json!("include"));
        }
        json!({ "target": target })
    }

    /// Reads a row of Graph.
    pub fn of_row(row: &Json) -> Self {
        let target = &row["target"];
        let kind = target["@odata.type"].as_str().unwrap_or_default();
        let filtered = target["deviceAndAppManagementAssignmentFilterType"] == "include";
        Self::parse(kind.trim_start_matches("#microsoft.graph."), target["groupId"].as_str(), filtered)
    }

    /// The element of `assignments`.
    pub fn value(self) -> Value {
        let text = |text: Option<&str>| text.map_or(Value::Null, Value::string);
        Value::object([
            ("type", text(Some(self.kind()))),
            ("group_id", text(self.group_id())),
            ("collection_id", Value::Null),
            ("filter_id", text(self.filter_id())),
            ("filter_type", text(self.filter_id().map(|_| "include"))),
        ])
    }

    /// Reads an element of `assignments`.
    pub fn of_value(element: &Value) -> Self {
        let text = |name| element.attribute(name).and_then(Value::as_str);
        Self::parse(text("type").unwrap_or_default(), text("group_id"), text("filter_type").is_some())
    }

    /// Whether a message names it.
    pub fn is_named_in(self, text: &str) -> bool {
        let names =
            |line: &str| line.contains(self.kind()) && self.group_id().is_none_or(|id| line.contains(id));
        text.lines().any(names)
    }
}

/// What the rows of Graph stand for.
pub fn set_of_rows<'r>(rows: impl IntoIterator<Item = &'r Json>) -> Set {
    rows.into_iter().map(Target::of_row).collect()
}

pub fn rows(set: &Set) -> Json {
    set.iter().map(|target| target.row()).collect()
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(POLICIES[usize::from(self.0)].1)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |group: &u8| GROUPS[usize::from(*group)].1;
        match self {
            Self::Devices => f.write_str("all-devices"),
            Self::Users => f.write_str("all-users"),
            Self::Group(group) => f.write_str(name(group)),
            Self::Filtered(group) => write!(f, "{}+filter", name(group)),
            Self::Exclusion(group) => write!(f, "not-{}", name(group)),
            Self::Unknown => f.write_str("unknown-kind"),
        }
    }
}

/// A set in braces.
pub struct Shown<'a>(pub &'a Set);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        write!(f, "{{{}}}", names.join(", "))
    }
}
