//! What the emulator does where neither documentation nor recorded traffic shows what the service does. This
//! file holds all such choices; established rules are in the handlers.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::member_reader::ShapeError;
use super::service_error::ServiceError;

/// Choices for open questions about the service. The default is the one that exposes a client's mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Semantics {
    /// `assign` without `assignments`, or with null. The metadata allows null; its effect is not recorded.
    pub assignments_left_out: Unproven,
    /// The same target twice in an `assign`. Compliance policies refuse it; applications silently drop the
    /// second.
    pub repeated_target: RepeatedTarget,
    /// The GUID of an unknown group.
    pub unknown_group: Unproven,
    /// A lookup of groups by id that includes an unknown group. The service leaves out the group, as it does for
    /// a new one, so a client may wait for it. In the emulator it will never appear.
    pub group_look_up: GroupLookUp,
    /// The GUID of an unknown filter.
    pub unknown_filter: Unproven,
    /// A filter on an exclusion group: the schema allows it, the portal never offers it.
    pub filter_on_exclusion: Unproven,
    /// A filter for a different platform than the policy's.
    pub filter_for_other_platform: Unproven,
    /// The legacy parameter `deviceConfigurationGroupAssignments` of `assign` in beta, with rows in it.
    pub legacy_group_assignments: Unproven,
    /// A row with `source: policySets` in an `assign`. IntuneCD sends such rows back, and that works in its users'
    /// tenants, while one report says that the call fails (Microsoft365DSC#3058). To ignore them is the choice under
    /// which neither the policy set's row nor a direct one is lost.
    pub policy_set_row_sent: PolicySetRow,
    /// A type cast in the address, such as `…/{id}/microsoft.graph.<type>/assign`: legal OData, but not
    /// documented.
    pub type_cast_in_address: Unproven,
    /// `POST …/assignments` of an existing target; if accepted, it replaces the row.
    pub added_target_exists: Unproven,
    /// `DELETE …/assignments/{id}` of a row that comes from a policy set.
    pub policy_set_row_deleted: Unproven,
    /// `assignments` in the body that creates a policy; if accepted, they are ignored.
    pub deep_insert: Unproven,
    /// The rows in the response to `assign`.
    pub assign_answer: AssignAnswer,
    /// The response to a PATCH of a policy: 200 with a body according to the documentation, 204 according to
    /// tools in the field.
    pub patch_answer: PatchAnswer,
    /// The response to a DELETE of a policy or filter: 204 according to the documentation, 200 according to IntuneCD.
    pub delete_answer: DeleteAnswer,
    /// A key in the address of a policy or filter that is not a GUID.
    pub non_guid_key: NonGuidKey,
    /// The error for a member or a value that the model does not have. Sibling families of this type have used a code
    /// of its own (microsoft/Intune-Config-Frameworks#8).
    pub model_error_code: ModelErrorCode,
    /// Whether `assign` changes `version` and `lastModifiedDateTime` of the policy.
    pub assign_touches_policy: bool,
    /// The body of a count in an item of a `$batch`. Outside of a batch it is text.
    pub batched_count: BatchedCount,
    /// The permission for the counts of a group's members of one type. For the members themselves, the documentation
    /// asks for that of their type.
    pub member_type_permission: MemberTypePermission,
    /// `advancedThreatProtectionOnboardingStateSummary`: the documentation shows it inside of `value`, although it is
    /// one entity.
    pub onboarding_summary: OnboardingSummaryAnswer,
    /// `$filter=isof('microsoft.graph.<type>')` on `deviceConfigurations`: legal OData, used on other collections of
    /// Intune, and not documented for this one.
    pub type_filter: Unproven,
    /// `advancedThreatProtectionAutoPopulateOnboardingBlob: true` without an enabled connector, which then has no blob
    /// to give.
    pub auto_populate_without_connector: Unproven,
    /// A PATCH of a device configuration without `@odata.type`. The declared type is abstract, and every tool sends the
    /// concrete one.
    pub patch_without_type: Unproven,
    /// Whether the description `""` of a device configuration is read back as null.
    pub empty_description_is_null: bool,
    /// The separator in `error_description` of the token endpoint: recorded responses have both.
    pub sign_in_error_description: ErrorDescription,
}

/// One choice, for the reference of the emulator.
#[derive(Clone, Copy, Debug)]
pub struct SemanticsChoice {
    /// The member of `/_emulator/semantics`.
    pub name: &'static str,
    /// What is not known about the service.
    pub question: &'static str,
    /// The values.
    pub values: &'static [&'static str],
}

const UNPROVEN: &[&str] = &["accept", "refuse"];

/// Every choice, in the order of [`Semantics`].
pub const SEMANTICS_CHOICES: [SemanticsChoice; 27] = [
    choice("assignmentsLeftOut", "`assign` without `assignments`, or with null", UNPROVEN),
    choice("repeatedTarget", "the same target twice in an `assign`", &["refuse", "dropLater"]),
    choice("unknownGroup", "an assignment to the GUID of an unknown group", UNPROVEN),
    choice("groupLookUp", "an unknown group in `directoryObjects/getByIds`", &["leaveOut", "refuse"]),
    choice("unknownFilter", "an assignment with the GUID of an unknown filter", UNPROVEN),
    choice("filterOnExclusion", "a filter on an exclusion group", UNPROVEN),
    choice("filterForOtherPlatform", "a filter for another platform than the policy's", UNPROVEN),
    choice("legacyGroupAssignments", "`deviceConfigurationGroupAssignments` in an `assign`", UNPROVEN),
    choice(
        "policySetRowSent",
        "a row with `source: policySets` in an `assign`",
        &["ignore", "refuse", "makeDirect"],
    ),
    choice("typeCastInAddress", "`…/{id}/microsoft.graph.<type>/assign`", UNPROVEN),
    choice("addedTargetExists", "`POST …/assignments` of an existing target", UNPROVEN),
    choice("policySetRowDeleted", "`DELETE …/assignments/{id}` of a row of a policy set", UNPROVEN),
    choice("deepInsert", "`assignments` in the body that creates a policy", UNPROVEN),
    choice("assignAnswer", "the rows in the response to `assign`", &["allRows", "directRows"]),
    choice(
        "patchAnswer",
        "the response to a PATCH of a policy: 204, or 200 with the policy",
        &["noContent", "entity"],
    ),
    choice(
        "deleteAnswer",
        "the response to a DELETE of a policy or filter: 204, or 200",
        &["noContent", "ok"],
    ),
    choice("nonGuidKey", "a key that is not a GUID: 404, or 400", &["notFound", "refuse"]),
    choice(
        "modelErrorCode",
        "the code of errors about unknown members and values",
        &["badRequest", "modelValidationFailure"],
    ),
    choice(
        "assignTouchesPolicy",
        "whether `assign` changes `version` and `lastModifiedDateTime`",
        &["false", "true"],
    ),
    choice("batchedCount", "a `$count` in an item of a `$batch`", &["number", "text"]),
    choice(
        "memberTypePermission",
        "the permission to count the devices or users of a group: that for groups, or in addition `Device.Read.All` or `User.Read.All`",
        &["groupMember", "memberType"],
    ),
    choice(
        "onboardingSummary",
        "`advancedThreatProtectionOnboardingStateSummary`: inside of `value`, or as an entity",
        &["inValue", "entity"],
    ),
    choice("typeFilter", "`$filter=isof('microsoft.graph.<type>')` on `deviceConfigurations`", UNPROVEN),
    choice(
        "autoPopulateWithoutConnector",
        "`advancedThreatProtectionAutoPopulateOnboardingBlob: true` without an enabled connector",
        UNPROVEN,
    ),
    choice("patchWithoutType", "a PATCH of a device configuration without `@odata.type`", UNPROVEN),
    choice(
        "emptyDescriptionIsNull",
        "whether the description `\"\"` of a device configuration is read back as null",
        &["false", "true"],
    ),
    choice("signInErrorDescription", "the separator in `error_description`", &["lines", "oneLine"]),
];

const fn choice(
    name: &'static str,
    question: &'static str,
    values: &'static [&'static str],
) -> SemanticsChoice {
    SemanticsChoice { name, question, values }
}

impl Default for Semantics {
    fn default() -> Self {
        Self {
            assignments_left_out: Unproven::Refuse,
            repeated_target: RepeatedTarget::Refuse,
            unknown_group: Unproven::Accept,
            group_look_up: GroupLookUp::LeaveOut,
            unknown_filter: Unproven::Refuse,
            filter_on_exclusion: Unproven::Refuse,
            filter_for_other_platform: Unproven::Refuse,
            legacy_group_assignments: Unproven::Refuse,
            policy_set_row_sent: PolicySetRow::Ignore,
            type_cast_in_address: Unproven::Accept,
            added_target_exists: Unproven::Refuse,
            policy_set_row_deleted: Unproven::Refuse,
            deep_insert: Unproven::Refuse,
            assign_answer: AssignAnswer::AllRows,
            patch_answer: PatchAnswer::NoContent,
            delete_answer: DeleteAnswer::NoContent,
            non_guid_key: NonGuidKey::NotFound,
            model_error_code: ModelErrorCode::BadRequest,
            assign_touches_policy: false,
            batched_count: BatchedCount::Number,
            member_type_permission: MemberTypePermission::GroupMember,
            onboarding_summary: OnboardingSummaryAnswer::InValue,
            type_filter: Unproven::Refuse,
            auto_populate_without_connector: Unproven::Accept,
            patch_without_type: Unproven::Refuse,
            empty_description_is_null: false,
            sign_in_error_description: ErrorDescription::Lines,
        }
    }
}

impl Semantics {
    /// The choices for testing Terraform modules: a group that is not in the tenant file is a mistake, and
    /// refused at once.
    pub fn for_modules() -> Self {
        Self { unknown_group: Unproven::Refuse, group_look_up: GroupLookUp::Refuse, ..Self::default() }
    }

    /// Changes the choices that a document names, in the format of `PUT /_emulator/semantics`, or with these as its
    /// member `semantics`, as the provider's `probe --json` prints it. The error names the wrong member.
    pub fn with_document(self, document: &Value) -> Result<Self, String> {
        let Value::Object(changes) = document.get("semantics").unwrap_or(document) else {
            return Err("the document must be an object".to_owned());
        };
        self.with_changes(changes.clone()).map_err(|error| format!("{}: {}", error.at, error.text))
    }

    /// Changes the choices that `changes` names by their fields in camel case.
    pub(super) fn with_changes(self, changes: Map<String, Value>) -> Result<Self, ShapeError> {
        changes.into_iter().try_fold(self, Self::with)
    }

    fn with(self, (name, value): (String, Value)) -> Result<Self, ShapeError> {
        let refused = |cause: serde_json::Error| ShapeError::new(&name, format!("{cause}."));
        let mut members = json!(self);
        if let Some(members) = members.as_object_mut() {
            members.insert(name.clone(), value);
        }
        serde_json::from_value(members).map_err(refused)
    }
}

/// Whether an input with unknown effect is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Unproven {
    /// Accepted as valid.
    Accept,
    /// Refused with 400.
    Refuse,
}

impl Unproven {
    /// Returns Intune's 400 if `found` is true and the choice is to refuse.
    pub(super) fn check(self, found: bool, text: impl FnOnce() -> String) -> Result<(), ServiceError> {
        if found && self == Self::Refuse { Err(ServiceError::intune_bad_request(text())) } else { Ok(()) }
    }
}

/// What a lookup by ids does with an unknown group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GroupLookUp {
    /// Left out, as in the service.
    LeaveOut,
    /// Refused with a 400 that names the group.
    Refuse,
}

/// What happens to the second row of one target in an `assign`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RepeatedTarget {
    /// The call fails with 400 and changes nothing.
    Refuse,
    /// The first row is used, the others are silently dropped.
    DropLater,
}

/// The rows in the response to `assign`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AssignAnswer {
    /// All rows, as a GET shows them, including those of policy sets.
    AllRows,
    /// The direct rows only.
    DirectRows,
}

/// What happens to the row of a policy set in an `assign`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PolicySetRow {
    /// It stays the policy set's, as if it had not been sent.
    Ignore,
    /// The call fails with 400 and changes nothing.
    Refuse,
    /// It becomes a direct row besides that of the policy set.
    MakeDirect,
}

/// The response to a DELETE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DeleteAnswer {
    /// 204.
    NoContent,
    /// 200 without a body.
    Ok,
}

/// What happens to a key that is not a GUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NonGuidKey {
    /// 404, as for any key that does not exist.
    NotFound,
    /// 400.
    Refuse,
}

/// The code of errors of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ModelErrorCode {
    /// `BadRequest`
    BadRequest,
    /// `ModelValidationFailure`, with the text again in `innerError.message`.
    ModelValidationFailure,
}

impl ModelErrorCode {
    /// The code as Graph writes it.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::BadRequest => "BadRequest",
            Self::ModelValidationFailure => "ModelValidationFailure",
        }
    }
}

/// The response to a PATCH of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PatchAnswer {
    /// 204 without a body.
    NoContent,
    /// 200 with the entity.
    Entity,
}

/// The body of a count in an item of a `$batch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BatchedCount {
    /// A JSON number.
    Number,
    /// A JSON string.
    Text,
}

/// The permission for the counts of a group's members of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MemberTypePermission {
    /// The one for groups.
    GroupMember,
    /// The one for groups and the one for devices or users.
    MemberType,
}

/// The answer with the onboarding state of all devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OnboardingSummaryAnswer {
    /// `{"value": {…}}`
    InValue,
    /// The members of the entity.
    Entity,
}

/// The separator between the parts of `error_description`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ErrorDescription {
    /// CRLF, which JSON escapes.
    Lines,
    /// A space.
    OneLine,
}

impl ErrorDescription {
    /// The separator as text.
    pub(super) fn separator(self) -> &'static str {
        match self {
            Self::Lines => "\r\n",
            Self::OneLine => " ",
        }
    }
}
