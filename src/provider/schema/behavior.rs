//! The arguments for the behavior of the provider.

use crate::resources::session::Preflight;
use crate::terraform::schema::Attribute;
use crate::terraform::validators::OneOf;

use super::attributes::{switch, text};

pub(crate) const PREFLIGHT: &str = "preflight";
pub(crate) const BULK_REFRESH: &str = "bulk_refresh";
pub(crate) const LOOK_UP_GROUPS: &str = "look_up_groups";
pub(crate) const PARTNER_ID: &str = "partner_id";
pub(crate) const DISABLE_TERRAFORM_PARTNER_ID: &str = "disable_terraform_partner_id";

pub(super) fn behavior() -> Vec<Attribute> {
    vec![
        text(
            PREFLIGHT,
            &["DEFENDER_PREFLIGHT"],
            "How `terraform plan` reports problems with policies, groups and filters that are new to a resource. \
             `error` (default): a policy of another type and a filter that does not exist or does not match the \
             policy are errors; a missing policy or group is a warning. `warn`: all of these are warnings. `off`: \
             groups and filters are not looked up, and the policy is read only for the checks that protect existing \
             assignments. These checks are the same with every value. If a change of the policy's id replaces the \
             resource, a missing policy is always an error.",
        )
        .validated(OneOf(Preflight::CHOICES)),
        switch(
            BULK_REFRESH,
            &["DEFENDER_BULK_REFRESH"],
            "Whether a refresh of more than ten device configurations uses the list of all of them (default `true`). \
             From the eleventh policy on, a policy that the list shows as it is in the state is unchanged; every other policy \
             gets a read of its own, and up to 20 of these reads share one request. With `false`, every policy gets a \
             read of its own.",
        ),
        switch(
            LOOK_UP_GROUPS,
            &["DEFENDER_LOOK_UP_GROUPS"],
            "Whether groups are looked up in the directory (default `true`), which needs `GroupMember.Read.All`. Set it \
             to `false` for an identity without this permission: only Intune then detects a group that does not \
             exist, and messages show ids without names.",
        ),
        text(
            PARTNER_ID,
            &["ARM_PARTNER_ID"],
            "GUID of a Microsoft partner, sent as `pid-GUID` in the user agent.",
        ),
        switch(
            DISABLE_TERRAFORM_PARTNER_ID,
            &["ARM_DISABLE_TERRAFORM_PARTNER_ID"],
            "Accepted for compatibility with azuread, without effect: this provider has no partner id of its own.",
        ),
    ]
}
