//! Policies of the settings catalog, endpoint security among them. Beta only.

use serde_json::{Map, Value, json};

use super::assignable::AssignablePolicy;
use super::assignment::StoredAssignment;
use super::policy_collection::PolicyCollection;
use super::policy_settings::PolicySettings;
use super::seed;
use crate::emulator::member_reader::{Member, MemberReader, ShapeError};
use crate::emulator::random_id::random_guid;

/// Graph's name of the type.
pub const TYPE_NAME: &str = "deviceManagementConfigurationPolicy";

/// The members of the type.
pub const MEMBERS: [&str; 15] = [
    "id",
    "name",
    "description",
    "platforms",
    "technologies",
    "createdDateTime",
    "lastModifiedDateTime",
    "settingCount",
    "roleScopeTagIds",
    "isAssigned",
    "creationSource",
    "priorityMetaData",
    "templateReference",
    "disableEntraGroupPolicyAssignment",
    "assignments",
];

/// Members that the service sets itself. They are accepted and ignored.
const READ_ONLY: [&str; 6] =
    ["id", "createdDateTime", "lastModifiedDateTime", "settingCount", "isAssigned", "priorityMetaData"];

/// A template that policies can be made from.
#[derive(Debug)]
struct Template {
    id: &'static str,
    family: &'static str,
    display_name: &'static str,
    platforms: &'static str,
    technologies: &'static str,
}

/// The templates that the emulator knows. A tenant file may have policies of others.
const TEMPLATES: [Template; 2] = [
    Template {
        id: "0385b795-0f2f-44ac-8602-9f65bf6adede_1",
        family: EDR_FAMILY,
        display_name: "Endpoint detection and response",
        platforms: "windows10",
        technologies: "mdm,microsoftSense",
    },
    // A policy without a template.
    Template { id: "", family: "none", display_name: "", platforms: "windows10", technologies: "mdm" },
];

const EDR_FAMILY: &str = "endpointSecurityEndpointDetectionAndResponse";

/// One stored policy.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredConfigurationPolicy {
    id: String,
    /// Not unique.
    pub name: String,
    description: String,
    platforms: String,
    technologies: String,
    role_scope_tag_ids: Vec<String>,
    template: TemplateReference,
    settings: PolicySettings,
    disables_groups: bool,
    assignments: Vec<StoredAssignment>,
    created: String,
    last_modified: String,
}

/// The template that a policy was made from.
#[derive(Clone, Debug, PartialEq)]
struct TemplateReference {
    id: String,
    family: String,
    display_name: Option<String>,
    display_version: Option<String>,
}

impl StoredConfigurationPolicy {
    /// Reads a policy from the body of a POST.
    pub fn from_request(document: Value, now: &str) -> Result<Self, ShapeError> {
        let mut members = open(document, "")?;
        let template = TemplateReference::from_request(&mut members)?;
        let mut policy = Self::empty(random_guid(), template, now);
        policy.apply(&mut members)?;
        policy.apply_settings(&mut members)?;
        members.finish()?;
        policy.require_complete("")?;
        Ok(policy)
    }

    /// The policy after a PUT, which sends the whole object, or a PATCH, which sends a part of it and no settings.
    pub fn changed(&self, document: Value, is_whole: bool, now: &str) -> Result<Self, ShapeError> {
        let mut members = open(document, "")?;
        let mut policy = self.clone();
        if is_whole {
            let template = TemplateReference::from_request(&mut members)?;
            if template.id != self.template.id {
                return Err(ShapeError::new(
                    "templateReference",
                    "The template of a policy cannot be changed.",
                ));
            }
            policy.name = String::new();
            policy.apply_settings(&mut members)?;
        }
        policy.apply(&mut members)?;
        members.finish()?;
        policy.require_complete("")?;
        policy.touch(now);
        Ok(policy)
    }

    /// Reads a policy from the tenant file or test control: any template, with or without id, assignments included.
    /// Without a template it is one for endpoint detection and response on Windows.
    pub fn from_seed(document: Value, at: &str, now: &str) -> Result<Self, ShapeError> {
        let mut members = MemberReader::open(document, TYPE_NAME, at)?;
        members.odata_type()?;
        let template = TemplateReference::from_seed(&mut members)?;
        let mut policy = Self::empty(seed::read_id(&mut members)?, template, now);
        seed::read_timestamps(&mut members, &mut policy.created, &mut policy.last_modified)?;
        if let Member::Value(disables) = members.boolean("disableEntraGroupPolicyAssignment")? {
            policy.disables_groups = disables;
        }
        policy.assignments =
            seed::read_assignments(&mut members, PolicyCollection::ConfigurationPolicies, &policy.id)?;
        ignore_read_only(&mut members);
        policy.apply(&mut members)?;
        policy.apply_settings(&mut members)?;
        members.finish()?;
        policy.require_complete(at)?;
        Ok(policy)
    }

    /// The id of its template.
    pub fn template_id(&self) -> &str {
        &self.template.id
    }

    /// The family of its template.
    pub fn template_family(&self) -> &str {
        &self.template.family
    }

    /// The settings as Graph shows them.
    pub fn settings(&self) -> Vec<Map<String, Value>> {
        self.settings.render()
    }

    /// The policy as Graph shows it, without navigation properties.
    pub fn render(&self) -> Map<String, Value> {
        let members = [
            ("id", json!(self.id)),
            ("name", json!(self.name)),
            ("description", json!(self.description)),
            ("platforms", json!(self.platforms)),
            ("technologies", json!(self.technologies)),
            ("createdDateTime", json!(self.created)),
            ("lastModifiedDateTime", json!(self.last_modified)),
            ("settingCount", json!(self.settings.count())),
            ("roleScopeTagIds", json!(self.role_scope_tag_ids)),
            ("isAssigned", json!(!self.assignments.is_empty())),
            ("creationSource", Value::Null),
            ("priorityMetaData", Value::Null),
            ("templateReference", self.template.render()),
            ("disableEntraGroupPolicyAssignment", json!(self.disables_groups)),
        ];
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn empty(id: String, template: TemplateReference, now: &str) -> Self {
        let known = template.known();
        Self {
            id,
            name: String::new(),
            description: String::new(),
            platforms: known.map_or("windows10", |known| known.platforms).to_owned(),
            technologies: known.map_or("mdm", |known| known.technologies).to_owned(),
            role_scope_tag_ids: vec!["0".to_owned()],
            template,
            settings: PolicySettings::default(),
            disables_groups: false,
            assignments: Vec::new(),
            created: now.to_owned(),
            last_modified: now.to_owned(),
        }
    }

    /// Reads the writable members except the settings.
    fn apply(&mut self, members: &mut MemberReader) -> Result<(), ShapeError> {
        if let Member::Value(name) = members.text("name")? {
            self.name = name;
        }
        if let Member::Value(description) = members.text("description")? {
            self.description = description;
        }
        for (name, property) in [("platforms", &mut self.platforms), ("technologies", &mut self.technologies)]
        {
            let place = members.place(name);
            match members.text(name)? {
                Member::Value(value) if self.template.known().is_none() => *property = value,
                Member::Value(value) if value != *property => {
                    let text = format!("'{value}' does not fit the template, which has '{property}'.");
                    return Err(ShapeError::new(&place, text));
                }
                _ => {}
            }
        }
        if let Member::Value(ids) = members.texts("roleScopeTagIds")? {
            self.role_scope_tag_ids = ids;
        }
        members.text("creationSource")?;
        Ok(())
    }

    fn apply_settings(&mut self, members: &mut MemberReader) -> Result<(), ShapeError> {
        let place = members.place("settings");
        let settings = members.list("settings")?.value().unwrap_or_default();
        let is_edr = self.template.is_known_edr();
        self.settings = PolicySettings::read(settings, &self.settings, is_edr, &place)?;
        Ok(())
    }

    fn require_complete(&self, at: &str) -> Result<(), ShapeError> {
        if self.name.is_empty() {
            return Err(ShapeError::new(at, "Property 'name' is required and must not be empty."));
        }
        Ok(())
    }
}

impl AssignablePolicy for StoredConfigurationPolicy {
    fn id(&self) -> &str {
        &self.id
    }

    fn assignments(&self) -> &Vec<StoredAssignment> {
        &self.assignments
    }

    fn assignments_mut(&mut self) -> &mut Vec<StoredAssignment> {
        &mut self.assignments
    }

    fn is_for_windows(&self) -> bool {
        self.platforms == "windows10"
    }

    fn refuses_groups(&self) -> bool {
        self.disables_groups
    }

    fn touch(&mut self, now: &str) {
        now.clone_into(&mut self.last_modified);
    }
}

impl TemplateReference {
    /// Only the id counts; the rest follows from it.
    fn from_request(members: &mut MemberReader) -> Result<Self, ShapeError> {
        let place = members.place("templateReference");
        let Some(document) = members.any("templateReference").filter(|value| !value.is_null()) else {
            return Ok(Self::without_template());
        };
        let mut reference = MemberReader::open(document, "templateReference", &place)?;
        let id = reference.text("templateId")?.value().unwrap_or_default();
        for name in ["templateFamily", "templateDisplayName", "templateDisplayVersion"] {
            reference.text(name)?;
        }
        reference.finish()?;
        Self::of_template(&id)
            .ok_or_else(|| ShapeError::new(&place, format!("The template '{id}' does not exist.")))
    }

    fn from_seed(members: &mut MemberReader) -> Result<Self, ShapeError> {
        let place = members.place("templateReference");
        let Some(document) = members.any("templateReference").filter(|value| !value.is_null()) else {
            let [edr, ..] = &TEMPLATES;
            return Ok(Self::of(edr));
        };
        let mut reference = MemberReader::open(document, "templateReference", &place)?;
        let id = reference.text("templateId")?.value().unwrap_or_default();
        let known = Self::of_template(&id).unwrap_or_else(Self::without_template);
        let read = Self {
            family: reference.text("templateFamily")?.value().unwrap_or(known.family),
            display_name: reference.text("templateDisplayName")?.value().or(known.display_name),
            display_version: reference.text("templateDisplayVersion")?.value().or(known.display_version),
            id,
        };
        reference.finish()?;
        Ok(read)
    }

    fn of_template(id: &str) -> Option<Self> {
        TEMPLATES.iter().find(|template| template.id == id).map(Self::of)
    }

    fn without_template() -> Self {
        let [_, none] = &TEMPLATES;
        Self::of(none)
    }

    fn of(template: &Template) -> Self {
        let named = !template.id.is_empty();
        Self {
            id: template.id.to_owned(),
            family: template.family.to_owned(),
            display_name: named.then(|| template.display_name.to_owned()),
            display_version: named.then(|| "Version 1".to_owned()),
        }
    }

    fn known(&self) -> Option<&'static Template> {
        TEMPLATES.iter().find(|template| template.id == self.id && template.family == self.family)
    }

    fn is_known_edr(&self) -> bool {
        self.known().is_some_and(|template| template.family == EDR_FAMILY)
    }

    fn render(&self) -> Value {
        json!({
            "templateId": self.id,
            "templateFamily": self.family,
            "templateDisplayName": self.display_name,
            "templateDisplayVersion": self.display_version,
        })
    }
}

/// Opens the body of a request.
fn open(document: Value, at: &str) -> Result<MemberReader, ShapeError> {
    let mut members = MemberReader::open(document, TYPE_NAME, at)?;
    if let Some(other) = members.odata_type()?.filter(|name| name != TYPE_NAME) {
        let text = format!("'microsoft.graph.{other}' is not the type of a policy of this collection.");
        return Err(ShapeError::new(&members.place("@odata.type"), text));
    }
    ignore_read_only(&mut members);
    Ok(members)
}

fn ignore_read_only(members: &mut MemberReader) {
    for name in READ_ONLY {
        members.any(name);
    }
}
