//! Builds the bodies of requests: a whole policy for a create, the changed members for an update.

use serde_json::{Map, Value as Json, json};

use super::model::ConfigurationModel;

const TYPE: &str = "#microsoft.graph.windowsDefenderAdvancedThreatProtectionConfiguration";
const AUTO_POPULATE: &str = "advancedThreatProtectionAutoPopulateOnboardingBlob";

/// The body of a create. It contains the package, unless the connector supplies it.
pub(super) fn create(planned: &ConfigurationModel, blob: Option<&str>) -> Json {
    let mut body = typed();
    body.insert("displayName".to_owned(), json!(planned.display_name));
    if let Some(description) = planned.description.as_ref().filter(|text| !text.is_empty()) {
        body.insert("description".to_owned(), json!(description));
    }
    add_if_known(&mut body, planned);
    add_package(&mut body, planned, blob);
    for (name, rule) in rules(planned) {
        if !rule.is_null() {
            body.insert(name.to_owned(), rule);
        }
    }
    Json::Object(body)
}

/// The body of an update: the members that differ. `None` if all are equal.
pub(super) fn update(
    prior: &ConfigurationModel,
    planned: &ConfigurationModel,
    blob: Option<&str>,
) -> Option<Json> {
    let (before, after) = (members(prior), members(planned));
    let mut body: Map<String, Json> =
        after.into_iter().filter(|(name, value)| before.get(name) != Some(value)).collect();
    if sends_package(prior, planned) {
        clear_packages(&mut body, prior);
        add_package(&mut body, planned, blob);
    } else if prior.package_filename != planned.package_filename
        && let Some(direction) = direction(planned)
    {
        body.insert(filename_of(direction), json!(planned.package_filename));
    }
    if body.is_empty() {
        return None;
    }
    body.extend(typed());
    Some(Json::Object(body))
}

/// Whether an update sends the package.
pub(super) fn sends_package(prior: &ConfigurationModel, planned: &ConfigurationModel) -> bool {
    prior.package != planned.package
        || (direction(planned).is_some() && prior.blob_version != planned.blob_version)
}

/// The members of a policy except its package. A member with an unknown value is left out, so the policy keeps its
/// value.
fn members(model: &ConfigurationModel) -> Map<String, Json> {
    let mut members = Map::new();
    members.insert("displayName".to_owned(), json!(model.display_name));
    let description = model.description.as_ref().filter(|text| !text.is_empty());
    members.insert("description".to_owned(), json!(description));
    add_if_known(&mut members, model);
    for (name, rule) in rules(model) {
        members.insert(name.to_owned(), rule);
    }
    members
}

fn typed() -> Map<String, Json> {
    [("@odata.type".to_owned(), json!(TYPE))].into_iter().collect()
}

fn add_if_known(body: &mut Map<String, Json>, model: &ConfigurationModel) {
    if let Some(tags) = &model.role_scope_tag_ids {
        body.insert("roleScopeTagIds".to_owned(), json!(tags));
    }
    if let Some(allowed) = model.allow_sample_sharing {
        body.insert("allowSampleSharing".to_owned(), json!(allowed));
    }
    if let Some(enabled) = model.expedited_telemetry {
        body.insert("enableExpeditedTelemetryReporting".to_owned(), json!(enabled));
    }
}

fn add_package(body: &mut Map<String, Json>, planned: &ConfigurationModel, blob: Option<&str>) {
    let direction = direction(planned);
    body.insert(AUTO_POPULATE.to_owned(), json!(direction.is_none()));
    if let Some(direction) = direction {
        body.insert(blob_of(direction), json!(blob));
        body.insert(filename_of(direction), json!(planned.package_filename));
    }
}

/// Removes the old package from the policy, so that it does not have two.
fn clear_packages(body: &mut Map<String, Json>, prior: &ConfigurationModel) {
    if let Some(direction) = direction(prior) {
        body.insert(blob_of(direction), Json::Null);
        body.insert(filename_of(direction), Json::Null);
    }
}

/// The part of a member's name that names the package; `None` if the connector supplies the package.
fn direction(model: &ConfigurationModel) -> Option<&'static str> {
    match model.package.as_deref() {
        Some("onboarding") => Some("Onboarding"),
        Some("offboarding") => Some("Offboarding"),
        _ => None,
    }
}

fn blob_of(direction: &str) -> String {
    format!("advancedThreatProtection{direction}Blob")
}

fn filename_of(direction: &str) -> String {
    format!("advancedThreatProtection{direction}Filename")
}

fn rules(model: &ConfigurationModel) -> [(&'static str, Json); 2] {
    let rules = &model.rules;
    [
        (
            "deviceManagementApplicabilityRuleOsEdition",
            json!(rules.edition.as_ref().map(super::rules::EditionRule::to_json)),
        ),
        (
            "deviceManagementApplicabilityRuleOsVersion",
            json!(rules.version.as_ref().map(super::rules::VersionRule::to_json)),
        ),
    ]
}
