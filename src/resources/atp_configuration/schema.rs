//! The schema of `defender_atp_configuration`: the attributes with documentation, validators and plan modifiers.

use crate::resources::timeouts;
use crate::terraform::schema::{
    Attribute, Block, IdentityAttribute, IdentitySchema, Modifier, Nesting, Presence, Schema,
};
use crate::terraform::ty::Type;
use crate::terraform::validators::{Guid, NotBlank, OneOf};

use super::names::{
    ALLOW_SAMPLE_SHARING, APPLICABILITY_RULES, BLOB, BLOB_VERSION, CREATED, DESCRIPTION, DISPLAY_NAME,
    EXPEDITED_TELEMETRY, FILENAME, FORCE_DESTROY, ID, LAST_MODIFIED, MAX_OS_VERSION, MIN_OS_VERSION, NAME,
    OS_EDITION, OS_EDITION_TYPES, OS_VERSION, PACKAGE, PACKAGES, RULE_TYPE, RULE_TYPES, SCOPE_TAGS, VERSION,
};
use super::spelling;
use super::validators::MaxCharacters;

/// The schema of the resource. Version 0 is the first version.
pub(super) fn resource() -> Schema {
    let attributes =
        [configured(), package(), applicability_and_destroy(), computed()].into_iter().flatten().collect();
    Schema {
        version: 0,
        block: Block { description: DESCRIPTION_OF_RESOURCE, attributes, blocks: vec![timeouts::schema()] },
    }
}

const DESCRIPTION_OF_RESOURCE: &str = "Manages a Defender for Endpoint onboarding policy: an Intune device \
                                       configuration of the type \
                                       `windowsDefenderAdvancedThreatProtectionConfiguration`. \
                                       [`defender_atp_assignment`](atp_assignment.md) assigns the policy.\n\nNames of \
                                       policies are not unique in Intune. If the response to a create is lost, the \
                                       provider looks for the new policy. It adopts a policy only if exactly one new \
                                       policy with that name has appeared and has the values that were sent. It never \
                                       creates a second policy.\n\nDestroying the policy does not offboard its \
                                       devices.";

/// The schema of the identity: the policy's id.
pub(super) fn identity() -> IdentitySchema {
    let attributes = vec![IdentityAttribute {
        name: ID,
        ty: Type::String,
        required_for_import: true,
        description: "Id (GUID) of the policy in Intune, in lower case.",
    }];
    IdentitySchema { version: 0, attributes }
}

/// The validator for the id of a policy.
pub(super) fn policy_id() -> Guid {
    Guid {
        source: "The Intune admin center shows it in the address of the policy's page, after \"policyId/\".",
    }
}

fn configured() -> Vec<Attribute> {
    vec![
        Attribute::new(
            DISPLAY_NAME,
            Type::String,
            Presence::Required,
            "Name of the policy, 1 to 255 characters. Names are not unique in Intune; a plan warns if another policy \
             already has this name.",
        )
        .validated(NotBlank)
        .validated(MaxCharacters(255)),
        Attribute::new(DESCRIPTION, Type::String, Presence::Optional, "Description of the policy. Null and `\"\"` \
                                                                       mean the same.")
            .modified(Modifier::PriorSpelling(spelling::prior_empty_description)),
        Attribute::new(
            SCOPE_TAGS,
            Type::set(Type::String),
            Presence::OptionalComputed,
            "Ids of scope tags, in any order. Intune's default: `[\"0\"]`. If this is not set, the policy keeps its \
             scope tags.",
        )
        .modified(Modifier::KeepPriorForUnknown),
        Attribute::new(
            ALLOW_SAMPLE_SHARING,
            Type::Bool,
            Presence::OptionalComputed,
            "Whether Defender may collect samples of files. If this is not set, the policy keeps its value.",
        )
        .modified(Modifier::KeepPriorForUnknown),
        Attribute {
            deprecation: Some("Microsoft has deprecated the setting: the service ignores it on new devices."),
            ..Attribute::new(
                EXPEDITED_TELEMETRY,
                Type::Bool,
                Presence::OptionalComputed,
                "Whether devices report more often. If this is not set, the policy keeps its value.",
            )
            .modified(Modifier::KeepPriorForUnknown)
        },
    ]
}

fn package() -> Vec<Attribute> {
    vec![
        Attribute::new(
            PACKAGE,
            Type::String,
            Presence::Required,
            "Where the package comes from and what it does: `auto_from_connector` takes the onboarding package from \
             the connector between Intune and Defender for Endpoint, which must be enabled; `onboarding` and \
             `offboarding` take the package in `package_blob_wo`.",
        )
        .validated(OneOf(PACKAGES)),
        Attribute {
            write_only: true,
            ..Attribute::new(
                BLOB,
                Type::String,
                Presence::Optional,
                "The content of the package that the Defender portal offers for download, for example \
                 `file(\"WindowsDefenderATP.onboarding\")`. The content is a secret. The provider sends it and never \
                 stores it, which requires Terraform 1.11 or OpenTofu 1.11. It is sent when the policy is created, \
                 and when `package` or `package_blob_wo_version` changes. The provider cannot detect that a package \
                 was replaced elsewhere, because Graph shows it only in encrypted form.",
            )
            .sensitive()
        }
        .validated(NotBlank),
        Attribute::new(
            BLOB_VERSION,
            Type::Number,
            Presence::Optional,
            "Any number. Required together with `package_blob_wo`. Change it to send the package again.",
        ),
        Attribute::new(
            FILENAME,
            Type::String,
            Presence::Optional,
            "File name of the package, such as `WindowsDefenderATP.onboarding`. If the name of an offboarding package \
             contains its expiry date, a plan refuses the package after that date.",
        )
        .validated(NotBlank),
    ]
}

fn applicability_and_destroy() -> Vec<Attribute> {
    let name = || Attribute::new(NAME, Type::String, Presence::Optional, "Name of the rule.");
    let rule_type = || {
        Attribute::new(
            RULE_TYPE,
            Type::String,
            Presence::Required,
            "`include`: only matching devices get the policy. `exclude`: only devices that do not match get it.",
        )
        .validated(OneOf(RULE_TYPES))
    };
    let edition = vec![
        name(),
        Attribute::new(
            OS_EDITION_TYPES,
            Type::set(Type::String),
            Presence::Required,
            "Editions, as Graph names them, such as `windows10Enterprise`.",
        ),
        rule_type(),
    ];
    let version_bound =
        |name, description| Attribute::new(name, Type::String, Presence::Optional, description);
    let version = vec![
        name(),
        version_bound(MIN_OS_VERSION, "Lowest version, such as `10.0.19041.0`."),
        version_bound(MAX_OS_VERSION, "Highest version."),
        rule_type(),
    ];
    let rules = vec![
        Attribute::nested(
            OS_EDITION,
            Nesting::Single,
            edition,
            Presence::Optional,
            "Rule for editions of Windows.",
        ),
        Attribute::nested(
            OS_VERSION,
            Nesting::Single,
            version,
            Presence::Optional,
            "Rule for versions of Windows.",
        ),
    ];
    vec![
        Attribute::nested(
            APPLICABILITY_RULES,
            Nesting::Single,
            rules,
            Presence::Optional,
            "Which devices the policy applies to. This resource does not manage rules for device modes. If the policy \
             has such a rule, the provider leaves it unchanged.",
        ),
        Attribute::new(
            FORCE_DESTROY,
            Type::Bool,
            Presence::Optional,
            "Whether destroying the resource deletes the policy even if it still has direct assignments. The plan lists \
             these assignments. If the policy has other assignments when the apply begins, the apply refuses to delete \
             it. Default: `false`.",
        ),
    ]
}

fn computed() -> Vec<Attribute> {
    let computed = |name, ty, description| Attribute::new(name, ty, Presence::Computed, description);
    vec![
        computed(ID, Type::String, "Id (GUID) of the policy.").modified(Modifier::KeepPriorForUnknown),
        computed(VERSION, Type::Number, "Increases with each change of the policy."),
        computed(CREATED, Type::String, "When the policy was created (RFC 3339).")
            .modified(Modifier::KeepPriorForUnknown),
        computed(LAST_MODIFIED, Type::String, "When the policy was last changed (RFC 3339)."),
    ]
}
