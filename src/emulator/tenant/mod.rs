//! The tenant at start, read from JSON in Graph's shapes. It may hold what no call could create: the service's
//! rules do not apply, but the names and types of members do.
//!
//! ```text
//! { "deviceConfigurations": [ { "id"?, "@odata.type"?, "displayName", …,
//!                               "deviceStatusOverview"?: { "successCount"?: n, …, "configurationVersion"?: n },
//!                               "assignments"?: [ { "id"?, "target": {…}, "source"?, "sourceId"?, "intent"? } ] } ],
//!   "configurationPolicies": [ { "id"?, "name", "templateReference"?, "settings"?, "assignments"?, … } ],
//!   "groups":               [ { "id"?, "displayName", …,
//!                               "transitiveMemberCounts"?: { "devices"?: n, "users"?: n } } ],
//!   "assignmentFilters":    [ { "id"?, "displayName", "platform", … } ],
//!   "roleScopeTags":        [ { "id", "displayName", … } ],
//!   "advancedThreatProtectionOnboardingStateSummary": { "compliantDeviceCount"?: n, … },
//!   "deviceConfigurationConflictSummary":
//!                           [ { "id"?, "conflictingDeviceConfigurations"?: [ { "id"?, "displayName"?, "sourceType"? } ],
//!                               "contributingSettings"?: ["…"], "deviceCheckinsImpacted"?: n } ],
//!   "mobileThreatDefenseConnectors":
//!                           [ { "id", "partnerState", "lastHeartbeatDateTime"?, "windowsEnabled"?, … } ],
//!   "applications": […], …              who can sign in, see `entra::directory` }
//! ```
//!
//! Each part is optional. Instead of an array, a collection can be an answer of Graph: `{"value": […]}`. An object
//! without `id` gets a new GUID; a policy without `@odata.type` is a
//! `windowsDefenderAdvancedThreatProtectionConfiguration`; a row without `source` is direct.

mod checks;

use std::path::{Path, PathBuf};

use serde_json::Value;
use thiserror::Error;

use super::entra::Directory;
use super::json_file::{JsonFileError, read_json_file};
use super::member_reader::{MemberReader, ShapeError};
use super::model::assignment_filter::StoredFilter;
use super::model::configuration_policy::StoredConfigurationPolicy;
use super::model::conflict_summary::{self, StoredConflictSummary};
use super::model::group::StoredGroup;
use super::model::onboarding_summary::{self, OnboardingSummary};
use super::model::policy::StoredPolicy;
use super::model::role_scope_tag::StoredScopeTag;
use super::model::threat_defense_connector::{self, StoredConnector};
use super::state::TenantState;
use super::timestamp::now;

/// The members of a tenant file.
const PARTS: [&str; 14] = [
    "deviceConfigurations",
    "configurationPolicies",
    "groups",
    "assignmentFilters",
    "roleScopeTags",
    onboarding_summary::TYPE_NAME,
    conflict_summary::TYPE_NAME,
    threat_defense_connector::COLLECTION,
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
    /// The file cannot be read, or is not JSON.
    #[error(transparent)]
    File(#[from] JsonFileError),
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
        let document = read_json_file(file)?;
        let in_file = |source| TenantError::InFile { file: file.to_path_buf(), source: Box::new(source) };
        Self::from_json(document).map_err(in_file)
    }

    /// What looks wrong, but may be meant: a sentence with its place for each assigned group that the tenant does not
    /// have.
    pub fn warnings(&self) -> Vec<String> {
        checks::missing_groups(&self.state)
    }

    /// Reads a tenant from its document.
    pub fn from_json(document: Value) -> Result<Self, TenantError> {
        let mut members = MemberReader::open(document, "tenant", "")?;
        let now = now();
        let state = TenantState {
            device_configurations: read_all(&mut members, "deviceConfigurations", |object, at| {
                StoredPolicy::from_seed(object, at, &now)
            })?,
            configuration_policies: read_all(&mut members, "configurationPolicies", |object, at| {
                StoredConfigurationPolicy::from_seed(object, at, &now)
            })?,
            groups: read_all(&mut members, "groups", |object, at| StoredGroup::from_seed(object, at, &now))?,
            filters: read_all(&mut members, "assignmentFilters", |object, at| {
                StoredFilter::from_seed(object, at, &now)
            })?,
            scope_tags: read_scope_tags(&mut members)?,
            onboarding_summary: read_onboarding_summary(&mut members)?,
            conflict_summaries: StoredConflictSummary::list_from_seed(
                read_collection(&mut members, conflict_summary::TYPE_NAME)?,
                conflict_summary::TYPE_NAME,
            )?,
            threat_defense_connectors: StoredConnector::list_from_seed(
                read_collection(&mut members, threat_defense_connector::COLLECTION)?,
                threat_defense_connector::COLLECTION,
                &now,
            )?,
        };
        let directory = Directory::from_seed(&mut members)?;
        if let Some(unknown) = members.into_unread().keys().next() {
            return Err(TenantError::Shape {
                at: unknown.clone(),
                text: format!("a tenant has only the members {}", PARTS.join(", ")),
            });
        }
        checks::refuse_slips(&state)?;
        Ok(Self { state, directory })
    }
}

/// The objects of a collection: an array, or an answer of Graph with the array as `value`.
fn read_collection(members: &mut MemberReader, collection: &str) -> Result<Vec<Value>, ShapeError> {
    match members.any(collection) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(objects)) => Ok(objects),
        Some(document) => {
            let place = members.place(collection);
            let mut answer = MemberReader::open(document, "collection", &place)?;
            if answer.has("@odata.nextLink") {
                let text = "this answer has more pages, see its '@odata.nextLink'; put the objects of all pages into one 'value'";
                return Err(ShapeError::new(&place, text));
            }
            let objects = answer.list("value")?.value();
            answer.finish()?;
            objects.ok_or_else(|| {
                ShapeError::new(&place, "an array is expected here, or an object with it as 'value'")
            })
        }
    }
}

/// The built-in tag is always there.
fn read_scope_tags(members: &mut MemberReader) -> Result<Vec<StoredScopeTag>, ShapeError> {
    let mut tags = read_all(members, "roleScopeTags", StoredScopeTag::from_seed)?;
    let built_in = StoredScopeTag::default_tag();
    if tags.iter().all(|tag| tag.id != built_in.id) {
        tags.push(built_in);
    }
    Ok(tags)
}

fn read_onboarding_summary(members: &mut MemberReader) -> Result<OnboardingSummary, ShapeError> {
    match members.any(onboarding_summary::TYPE_NAME).filter(|sent| !sent.is_null()) {
        None => Ok(OnboardingSummary::default()),
        Some(document) => OnboardingSummary::from_seed(document, onboarding_summary::TYPE_NAME),
    }
}

fn read_all<T>(
    members: &mut MemberReader,
    collection: &str,
    read: impl Fn(Value, &str) -> Result<T, ShapeError>,
) -> Result<Vec<T>, ShapeError> {
    let objects = read_collection(members, collection)?;
    objects
        .into_iter()
        .enumerate()
        .map(|(index, object)| read(object, &format!("{collection}[{index}]")))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::emulator::model::assignable::AssignablePolicy;

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
        let policy = &tenant.state.device_configurations[0];
        assert_eq!(policy.id().len(), 36);
        assert!(policy.is_for_windows());
    }
}
