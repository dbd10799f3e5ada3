//! What the emulator does where neither documentation nor recorded traffic tells what the service does. All
//! such choices stand here; rules that are established stand in the handlers.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::errors::Refusal;
use super::members::ShapeError;

/// The emulator's answers to open questions about the service. The default is the reading that makes a slip
/// of the client visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Semantics {
    /// `assign` without `assignments`, or with null. Metadata lets the parameter be null; nobody recorded the
    /// effect.
    pub assignments_left_out: Unproven,
    /// One target twice in an `assign`. Compliance policies refuse it, applications drop the second silently.
    pub repeated_target: RepeatedTarget,
    /// A group id that is a GUID but names no group of the tenant.
    pub unknown_group: Unproven,
    /// Whether a look-up of groups by id names one that is not in the tenant. The service leaves it out, as it does a
    /// group that was made a moment ago, so a client may wait for it; here it never comes.
    pub group_look_up: GroupLookUp,
    /// A filter id that is a GUID but names no filter of the tenant.
    pub unknown_filter: Unproven,
    /// A filter on an exclusion group: the schema has it, the portal never offers it.
    pub filter_on_exclusion: Unproven,
    /// A filter for another platform than that of the policy.
    pub filter_for_other_platform: Unproven,
    /// The legacy parameter `deviceConfigurationGroupAssignments` of `assign` in beta, with rows in it.
    pub legacy_group_assignments: Unproven,
    /// A row with `source: policySets` in an `assign`; accepted, it becomes a direct row.
    pub policy_set_row_sent: Unproven,
    /// A type cast in the address, as `…/{id}/microsoft.graph.<type>/assign`: legal OData, documented
    /// nowhere.
    pub type_cast_in_address: Unproven,
    /// `POST …/assignments` of a target that is already there; accepted, it replaces the row.
    pub added_target_exists: Unproven,
    /// `DELETE …/assignments/{id}` of a row that comes from a policy set.
    pub policy_set_row_deleted: Unproven,
    /// `assignments` inside the body that creates a policy; accepted, they are ignored.
    pub deep_insert: Unproven,
    /// What the answer of `assign` lists.
    pub assign_answer: AssignAnswer,
    /// How PATCH of a policy answers: the documentation says 200 with a body, tools in the field see 204.
    pub patch_answer: PatchAnswer,
    /// Whether `assign` moves `version` and `lastModifiedDateTime` of the policy.
    pub assign_touches_policy: bool,
    /// How the token endpoint parts the pieces of `error_description`: recorded answers have both.
    pub sign_in_error_description: ErrorDescription,
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
            policy_set_row_sent: Unproven::Refuse,
            type_cast_in_address: Unproven::Accept,
            added_target_exists: Unproven::Refuse,
            policy_set_row_deleted: Unproven::Refuse,
            deep_insert: Unproven::Refuse,
            assign_answer: AssignAnswer::AllRows,
            patch_answer: PatchAnswer::NoContent,
            assign_touches_policy: false,
            sign_in_error_description: ErrorDescription::Lines,
        }
    }
}

impl Semantics {
    /// For modules under test: a group that is not in the tenant file is a mistake, and refused at once.
    pub fn for_modules() -> Self {
        Self { unknown_group: Unproven::Refuse, group_look_up: GroupLookUp::Refuse, ..Self::default() }
    }

    /// The same choices but for the members of `changes`, which are named as the fields, in camel case.
    pub(super) fn changed(self, changes: Map<String, Value>) -> Result<Self, ShapeError> {
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

/// Whether an input with unknown effect is let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Unproven {
    /// Taken as if it were valid.
    Accept,
    /// Answered with 400.
    Refuse,
}

impl Unproven {
    /// Refuses with Intune's 400 if `found` and the choice is to refuse.
    pub(super) fn check(self, found: bool, text: impl FnOnce() -> String) -> Result<(), Refusal> {
        if found && self == Self::Refuse { Err(Refusal::intune_bad_request(text())) } else { Ok(()) }
    }
}

/// What a look-up by ids does with the id of a group that is not in the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GroupLookUp {
    /// As the service: the answer lacks it.
    LeaveOut,
    /// Answered with 400 that names the group.
    Refuse,
}

/// What happens to the second row of one target in an `assign`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RepeatedTarget {
    /// The call fails with 400 and changes nothing.
    Refuse,
    /// The first row counts, the others vanish without a word.
    DropLater,
}

/// What the answer of `assign` lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AssignAnswer {
    /// The resulting set as a GET would show it, rows of policy sets included.
    AllRows,
    /// The direct rows only.
    DirectRows,
}

/// The answer to a PATCH of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PatchAnswer {
    /// 204 without a body.
    NoContent,
    /// 200 with the entity.
    Entity,
}

/// What stands between the pieces of `error_description`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ErrorDescription {
    /// CRLF, which JSON escapes.
    Lines,
    /// A blank.
    OneLine,
}

impl ErrorDescription {
    /// As text.
    pub(super) fn separator(self) -> &'static str {
        match self {
            Self::Lines => "\r\n",
            Self::OneLine => " ",
        }
    }
}
