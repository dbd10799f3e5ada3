//! The attributes of the resource types: documentation, offline rules for individual values, and plan modifiers.

use crate::resources::timeouts;
use crate::terraform::schema::{
    Attribute, Block, IdentityAttribute, IdentitySchema, Modifier, Nesting, Presence, Schema,
};
use crate::terraform::ty::Type;
use crate::terraform::validators::{Guid, NotBlank, OneOf};

use super::kind::PolicyKind;
use super::names::{
    ASSIGNMENT_IDS, ASSIGNMENTS, COLLECTION_ID, FILTER_ID, FILTER_TYPE, GROUP_ID, ID, INHERITED_ASSIGNMENTS,
    OVERWRITE_EXISTING, SKIP_DESTROY, SOURCE, SOURCE_ID, TARGET_TYPES, TYPE,
};
use super::spelling;
use super::validators::{self, NO_FILTER_HINT, NotGuid, NotZeroGuid};

const GROUP_ID_SOURCE: &str = "The Microsoft Entra admin center shows it as \"Object ID\" on the group's Overview page. \
     To look a group up by its name, use the azuread provider:\n\n\
     data \"azuread_group\" \"example\" {\n  display_name     = \"NAME\"\n  security_enabled = true\n}\n\n\
     Then write: group_id = data.azuread_group.example.object_id\n\n\
     Without the azuread provider, the data source defender_group does the same.";

const ASSIGNMENT_IDS_DESCRIPTION: &str = "Graph's id of each direct assignment. The key is the type of the target \
     and, if it has one, the id of its group or collection in lower case: `allDevicesAssignmentTarget`, or `groupAssignmentTarget/7e6f5a4b-…`.";

/// The schema of the resource type.
pub(super) fn resource(kind: &PolicyKind) -> Schema {
    let attributes = vec![
        Attribute::new(
            kind.id_attribute,
            Type::String,
            Presence::Required,
            "Id (GUID) of the policy in Intune. Upper and lower case make no difference. Changing the id replaces \
             the resource.",
        )
        .validated(policy_id(kind))
        .validated(NotZeroGuid("Set the id of a policy."))
        .modified(Modifier::PriorSpelling(spelling::keep_prior_id))
        .modified(Modifier::RequiresReplace),
        Attribute::nested(
            ASSIGNMENTS,
            Nesting::Set,
            assignment(),
            Presence::Required,
            "The whole set of direct assignments, in any order. `[]` means none: the policy then applies \
             only through policy sets. A change updates in place.",
        )
        .modified(Modifier::PriorSpelling(spelling::keep_prior_ids_of_assignments)),
        Attribute::new(
            OVERWRITE_EXISTING,
            Type::Bool,
            Presence::Optional,
            "Whether creating the resource may replace assignments that the policy already has and the configuration \
             does not list. Default: `false`. It has no effect on updates or on destroy.",
        ),
        Attribute::new(
            SKIP_DESTROY,
            Type::Bool,
            Presence::Optional,
            "Whether destroying the resource leaves the policy assigned as it is. Default: `false`, which removes \
             all direct assignments.",
        ),
        Attribute::new(ID, Type::String, Presence::Computed, kind.texts.id_description),
        Attribute::new(
            ASSIGNMENT_IDS,
            Type::map(Type::String),
            Presence::Computed,
            ASSIGNMENT_IDS_DESCRIPTION,
        ),
        Attribute::nested(
            INHERITED_ASSIGNMENTS,
            Nesting::Set,
            inherited_assignment(),
            Presence::Computed,
            "Assignments that come from policy sets. The provider never sends them back, and they never cause a \
             change.",
        ),
    ];
    Schema {
        version: 0,
        block: Block { description: kind.texts.description, attributes, blocks: vec![timeouts::schema()] },
    }
}

/// The attributes that a data source returns for the assignments of a policy. They have the same shape as the
/// attributes of the resource.
pub(crate) fn observed_attributes() -> Vec<Attribute> {
    vec![
        Attribute::nested(
            ASSIGNMENTS,
            Nesting::Set,
            computed_target(),
            Presence::Computed,
            "All direct assignments, in the shape that the resource takes.",
        ),
        Attribute::new(
            ASSIGNMENT_IDS,
            Type::map(Type::String),
            Presence::Computed,
            ASSIGNMENT_IDS_DESCRIPTION,
        ),
        Attribute::nested(
            INHERITED_ASSIGNMENTS,
            Nesting::Set,
            inherited_assignment(),
            Presence::Computed,
            "Assignments that come from policy sets.",
        ),
    ]
}

/// The identity of a resource: the policy's id. The tenant is not part of the identity, because the provider does not
/// always know the tenant and an identity must never change.
pub(super) fn identity(kind: &PolicyKind) -> IdentitySchema {
    let attributes = vec![IdentityAttribute {
        name: kind.id_attribute,
        ty: Type::String,
        required_for_import: true,
        description: "Id (GUID) of the policy in Intune, in lower case.",
    }];
    IdentitySchema { version: 0, attributes }
}

/// A validator that requires the id of a policy.
pub(crate) fn policy_id(kind: &PolicyKind) -> Guid {
    Guid { source: kind.texts.id_source }
}

/// The attributes of an element of [`ASSIGNMENTS`]. None of them is computed, so that a plan shows exactly the targets
/// that it adds or removes.
pub(super) fn assignment() -> Vec<Attribute> {
    vec![
        Attribute::new(
            TYPE,
            Type::String,
            Presence::Required,
            "Type of target, as Graph names it: `allDevicesAssignmentTarget`, `allLicensedUsersAssignmentTarget`, \
             `groupAssignmentTarget`, `exclusionGroupAssignmentTarget` or \
             `configurationManagerCollectionAssignmentTarget`.",
        )
        .validated(OneOf(TARGET_TYPES)),
        Attribute::new(
            GROUP_ID,
            Type::String,
            Presence::Optional,
            "Object id (GUID) of the Entra group. Required for `groupAssignmentTarget` and \
             `exclusionGroupAssignmentTarget`; other targets cannot have it.",
        )
        .validated_by(validators::group_id(GROUP_ID_SOURCE)),
        Attribute::new(
            COLLECTION_ID,
            Type::String,
            Presence::Optional,
            "Id of the Configuration Manager collection, for example `SMS00001`. Required for \
             `configurationManagerCollectionAssignmentTarget`; other targets cannot have it.",
        )
        .validated(NotBlank)
        .validated(NotGuid),
        Attribute::new(
            FILTER_ID,
            Type::String,
            Presence::Optional,
            "Id (GUID) of an assignment filter for `windows10AndLater`. Set it together with `filter_type`, or set \
             neither. Exclusions cannot have a filter.",
        )
        .validated_by(validators::filter_id(NO_FILTER_HINT)),
        Attribute::new(
            FILTER_TYPE,
            Type::String,
            Presence::Optional,
            "`include`: only devices that match the filter get the policy. `exclude`: only devices that do not.",
        )
        .validated_by(validators::filter_type(NO_FILTER_HINT)),
    ]
}

fn inherited_assignment() -> Vec<Attribute> {
    let source = [
        computed(SOURCE, "Where the assignment comes from, as Graph names it: `policySets`."),
        computed(SOURCE_ID, "Id of the policy set."),
    ];
    computed_target().into_iter().chain(source).collect()
}

/// The computed attributes of a target.
fn computed_target() -> Vec<Attribute> {
    vec![
        computed(TYPE, "Kind of target, as Graph names it."),
        computed(GROUP_ID, "Object id of the Entra group, if the target is one."),
        computed(COLLECTION_ID, "Id of the Configuration Manager collection, if the target is one."),
        computed(FILTER_ID, "Id of the assignment filter, if there is one."),
        computed(FILTER_TYPE, "`include` or `exclude`, if there is a filter."),
    ]
}

fn computed(name: &'static str, description: &'static str) -> Attribute {
    Attribute::new(name, Type::String, Presence::Computed, description)
}
