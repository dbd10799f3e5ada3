//! The tenant at start, read from JSON in Graph's shapes. It may hold what no call could create: the service's
//! rules do not apply, but the names and types of members do.
//!
//! ```text
//! { "deviceConfigurations": [ { "id"?, "@odata.type"?, "displayName", …,
//!                               "assignments"?: [ { "id"?, "target": {…}, "source"?, "sourceId"?, "intent"? } ] } ],
//!   "groups":               [ { "id"?, "displayName", … } ],
//!   "assignmentFilters":    [ { "id"?, "displayName", "platform", … } ],
//!   "applications": […], …              who can sign in, see `entra::directory` }
//! ```
//!
//! Each part is optional. An object without `id` gets a new GUID; a policy without `@odata.type` is a
//! `windowsDefenderAdvancedThreatProtectionConfiguration`; a row without `source` is direct.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use thiserror::Error;

use super::entra::Directory;
use super::member_reader::{MemberReader, ShapeError};
use super::model::assignment_filter::StoredFilter;
use super::model::group::StoredGroup;
use super::model::policy::StoredPolicy;
use super::state::TenantState;
use super::timestamp::now;

/// The members of a tenant file.
const PARTS: [&str; 9] = [
    "deviceConfigurations",
    "groups",
    "assignmentFilters",
    "tenantId",
    "domains",
    "applications",
    "managedIdentities",
    "identityHeader",
    "oidcProviders",
];

/// The objects at start and after a reset.
#[derive(Clone, Debug, Default)]
pub struct Tenant {
    pub(super) state: TenantState,
    pub(super) directory: Directory,
}

/// Why a tenant could not be read.
#[derive(Debug, Error)]
pub enum TenantError {
    /// The file could not be read.
    #[error("{}: {source}", .file.display())]
    File {
        /// As given.
        file: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The file is not JSON.
    #[error("{}: not valid JSON: {source}", .file.display())]
    Json {
        /// As given.
        file: PathBuf,
        /// With line and column.
        source: serde_json::Error,
    },
    /// The file is JSON, but not a tenant.
    #[error("{}: {source}", .file.display())]
    InFile {
        /// As given.
        file: PathBuf,
        /// The problem and its place: always [`TenantError::Shape`].
        source: Box<TenantError>,
    },
    /// The document is not a tenant.
    #[error("{}: {text}", if .at.is_empty() { "the document" } else { .at.as_str() })]
    Shape {
        /// For example `deviceConfigurations[0].assignments[2].target`.
        at: String,
        /// The problem.
        text: String,
    },
}

impl From<ShapeError> for TenantError {
    fn from(error: ShapeError) -> Self {
        Self::Shape { at: error.at, text: error.text }
    }
}

impl Tenant {
    /// Reads a tenant file. `seed` decides the ids of objects that have none, see [`super::Options::seed`].
    pub fn from_file(file: &Path, seed: u64) -> Result<Self, TenantError> {
        // Other ids than those that the running emulator makes from the same seed.
        fastrand::seed(!seed);
        let file_name = || file.to_path_buf();
        let text = std::fs::read(file).map_err(|source| TenantError::File { file: file_name(), source })?;
        let document = serde_json::from_slice(&text)
            .map_err(|source| TenantError::Json { file: file_name(), source })?;
        Self::from_json(document)
            .map_err(|source| TenantError::InFile { file: file_name(), source: Box::new(source) })
    }

    /// Reads a tenant from its document.
    pub fn from_json(document: Value) -> Result<Self, TenantError> {
        let mut members = MemberReader::open(document, "tenant", "")?;
        let now = now();
        let state = TenantState {
            policies: read_all(&mut members, "deviceConfigurations", |object, at| {
                StoredPolicy::from_seed(object, at, &now)
            })?,
            groups: read_all(&mut members, "groups", |object, at| StoredGroup::from_seed(object, at, &now))?,
            filters: read_all(&mut members, "assignmentFilters", |object, at| {
                StoredFilter::from_seed(object, at, &now)
            })?,
        };
        let directory = Directory::from_seed(&mut members)?;
        if let Some(unknown) = members.into_unread().keys().next() {
            return Err(TenantError::Shape {
                at: unknown.clone(),
                text: format!("a tenant has only the members {}", PARTS.join(", ")),
            });
        }
        refuse_repeated_ids("deviceConfigurations", state.policies.iter().map(|policy| &policy.id))?;
        refuse_repeated_ids("groups", state.groups.iter().map(|group| &group.id))?;
        refuse_repeated_ids("assignmentFilters", state.filters.iter().map(|filter| &filter.id))?;
        Ok(Self { state, directory })
    }
}

fn read_all<T>(
    members: &mut MemberReader,
    collection: &str,
    read: impl Fn(Value, &str) -> Result<T, ShapeError>,
) -> Result<Vec<T>, ShapeError> {
    let objects = members.list(collection)?.value().unwrap_or_default();
    objects
        .into_iter()
        .enumerate()
        .map(|(index, object)| read(object, &format!("{collection}[{index}]")))
        .collect()
}

fn refuse_repeated_ids<'a>(
    collection: &str,
    ids: impl Iterator<Item = &'a String>,
) -> Result<(), TenantError> {
    let mut seen = HashSet::new();
    for (index, id) in ids.enumerate() {
        if !seen.insert(id) {
            let (at, text) = (format!("{collection}[{index}].id"), format!("'{id}' occurs twice"));
            return Err(TenantError::Shape { at, text });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn error(document: Value) -> String {
        Tenant::from_json(document).unwrap_err().to_string()
    }

    #[test]
    fn a_mistake_is_named_with_its_place() {
        assert!(error(json!([])).starts_with("the document: "));
        assert!(error(json!({"policies": []})).starts_with("policies: a tenant has "));
        assert!(error(json!({"groups": [{"displayName": 5}]})).starts_with("groups[0]"));
        assert!(
            error(json!({"groups": [{"id": "x", "displayName": "G"}]}))
                .starts_with("groups[0].id: 'x' is not")
        );
        let rows =
            json!([{"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "group": "x"}}]);
        let message = error(json!({"deviceConfigurations": [{"displayName": "P", "assignments": rows}]}));
        assert!(message.starts_with("deviceConfigurations[0].assignments[0].target.group: "), "{message}");
    }

    #[test]
    fn an_id_cannot_be_there_twice() {
        let id = "11111111-1111-1111-1111-111111111111";
        let group = json!({"id": id, "displayName": "G"});
        assert!(error(json!({"groups": [group, group]})).starts_with("groups[1].id: "));
    }

    #[test]
    fn ids_are_made_where_none_are_given() {
        let tenant = Tenant::from_json(json!({"deviceConfigurations": [{"displayName": "P"}]})).unwrap();
        let policy = &tenant.state.policies[0];
        assert_eq!(policy.id.len(), 36);
        assert!(policy.is_defender());
    }
}
