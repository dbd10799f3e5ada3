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
            "How `terraform plan` reports what it looks up in the tenant for targets that are new to a resource. \
             `error` (default): a policy of another type and a filter that does not exist or does not match the \
             policy are errors; a missing policy or group is a warning. `warn`: all of these are warnings. `off`: \
             nothing is looked up. The checks that protect existing assignments do not depend on it.",
        )
        .validated(OneOf(Preflight::CHOICES)),
        switch(
            BULK_REFRESH,
            &["DEFENDER_BULK_REFRESH"],
            "Whether a refresh of more than ten policies starts with the list of all policies (default `true`). A \
             policy that the list shows as it is in state is unchanged; every other policy is read individually, up \
             to 20 in one request. With `false`, every policy is read individually.",
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
