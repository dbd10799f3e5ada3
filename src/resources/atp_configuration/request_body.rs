//! Builds the bodies of requests: a whole policy for a create, the changed members for an update.

use serde_json::{Map, Value as Json, json};

use super::model::ConfigurationModel;

const TYPE: &str = "#microsoft.graph.windowsDefenderAdvancedThreatProtectionConfiguration";
const AUTO_POPULATE: &str = "advancedThreatProtectionAutoPopulateOnboardingBlob";

/// The body of a create. It contains the package, unless the connector supplies it.
pub(super) fn create(planned: &ConfigurationModel, blob: Option<&str>) -> Json {
    let mut body = odata_type();
    body.insert("displayName".to_owned(), json!(planned.display_name));
    if let Some(description) = planned.description.as_ref().filter(|text| !text.is_empty()) {
        body.insert("description".to_owned(), json!(description));
    }
    add_known_values(&mut body, planned);
    add_package(&mut body, planned, blob);
    for (name, rule) in rule_members(planned) {
        if !rule.is_null() {
            body.insert(name.to_owned(), rule);
        }
    }
    Json::Object(body)
}

/// The body of an update: the members that change; `None` if no member changes.
pub(super) fn update(
    prior: &ConfigurationModel,
    planned: &ConfigurationModel,
    blob: Option<&str>,
) -> Option<Json> {
    let (before, after) = (members(prior), members(planned));
    let mut body: Map<String, Json> =
        after.into_iter().filter(|(name, value)| before.get(name) != Some(value)).collect();
    if sends_package(prior, planned) {
        clear_package(&mut body, prior);
        add_package(&mut body, planned, blob);
    } else if prior.package_filename != planned.package_filename
        && let Some(package) = uploaded_package(planned)
    {
        body.insert(filename_member(package), json!(planned.package_filename));
    }
    if body.is_empty() {
        return None;
    }
    body.extend(odata_type());
    Some(Json::Object(body))
}

/// Whether an update sends the package.
pub(super) fn sends_package(prior: &ConfigurationModel, planned: &ConfigurationModel) -> bool {
    prior.package != planned.package
        || (uploaded_package(planned).is_some() && prior.blob_version != planned.blob_version)
}

/// The members of a policy except its package. A member with an unknown value is left out, so the policy keeps its
/// value.
fn members(model: &ConfigurationModel) -> Map<String, Json> {
    let mut members = Map::new();
    members.insert("displayName".to_owned(), json!(model.display_name));
    let description = model.description.as_ref().filter(|text| !text.is_empty());
    members.insert("description".to_owned(), json!(description));
    add_known_values(&mut members, model);
    for (name, rule) in rule_members(model) {
        members.insert(name.to_owned(), rule);
    }
    members
}

fn odata_type() -> Map<String, Json> {
    [("@odata.type".to_owned(), json!(TYPE))].into_iter().collect()
}

fn add_known_values(body: &mut Map<String, Json>, model: &ConfigurationModel) {
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
    let package = uploaded_package(planned);
    body.insert(AUTO_POPULATE.to_owned(), json!(package.is_none()));
    if let Some(package) = package {
        body.insert(blob_member(package), json!(blob));
        body.insert(filename_member(package), json!(planned.package_filename));
    }
}

/// Sets the members of the prior package to null, because the policy would otherwise keep both packages.
fn clear_package(body: &mut Map<String, Json>, prior: &ConfigurationModel) {
    if let Some(package) = uploaded_package(prior) {
        body.insert(blob_member(package), Json::Null);
        body.insert(filename_member(package), Json::Null);
    }
}

/// The uploaded package as it appears in names of members: `Onboarding` or `Offboarding`; `None` if the connector
/// supplies the package.
fn uploaded_package(model: &ConfigurationModel) -> Option<&'static str> {
    match model.package.as_deref() {
        Some("onboarding") => Some("Onboarding"),
        Some("offboarding") => Some("Offboarding"),
        _ => None,
    }
}

fn blob_member(package: &str) -> String {
    format!("advancedThreatProtection{package}Blob")
}

fn filename_member(package: &str) -> String {
    format!("advancedThreatProtection{package}Filename")
}

fn rule_members(model: &ConfigurationModel) -> [(&'static str, Json); 2] {
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
