//! Arguments that say where Graph and the authority are, and how this provider behaves. None of them signs in.

use crate::auth::arguments as argument;
use crate::resources::session::Preflight;
use crate::terraform::schema::Attribute;
use crate::terraform::validators::OneOf;

use super::{switch, text};

pub(crate) const GRAPH_ENDPOINT: &str = "graph_endpoint";
pub(crate) const PREFLIGHT: &str = "preflight";
pub(crate) const BULK_REFRESH: &str = "bulk_refresh";
pub(crate) const LOOK_UP_GROUPS: &str = "look_up_groups";
pub(crate) const PARTNER_ID: &str = "partner_id";
pub(crate) const DISABLE_TERRAFORM_PARTNER_ID: &str = "disable_terraform_partner_id";

/// azuread's words and those that follow from them. Variables may also hold what the Azure SDKs and the Azure CLI call
/// the clouds.
const CLOUDS: &[&str] =
    &["global", "public", "usgovernment", "usgovernmentl4", "dod", "usgovernmentl5", "china"];

pub(super) fn clouds() -> Vec<Attribute> {
    vec![
        text(
            argument::ENVIRONMENT,
            &["ARM_ENVIRONMENT", "AZURE_CLOUD"],
            "Cloud of the tenant: `global` or `public` (default), `usgovernment` or `usgovernmentl4` (GCC High), \
             `dod` or `usgovernmentl5`, `china`. The variables may also hold the Azure CLI's names, such as \
             `AzureUSGovernment`.",
        )
        .validated(OneOf(CLOUDS)),
        text(
            argument::AUTHORITY_HOST,
            &["ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST"],
            "Root of the authority that signs in, in place of the cloud's, for example `https://login.microsoftonline.com`. \
             Without scheme, `https` is meant; plain `http` is accepted on loopback only.",
        ),
        text(
            GRAPH_ENDPOINT,
            &["DEFENDER_GRAPH_ENDPOINT"],
            "Root of Microsoft Graph, without version, in place of the cloud's, for example `http://127.0.0.1:8400` \
             for the emulator. Plain `http` is accepted on loopback only. Tokens are asked for the cloud's Graph all \
             the same.",
        ),
    ]
}

pub(super) fn behaviour() -> Vec<Attribute> {
    vec![
        text(
            PREFLIGHT,
            &["DEFENDER_PREFLIGHT"],
            "What `terraform plan` looks up in the tenant for targets that are new to a resource. `error` (default): \
             a policy of another type and a filter that does not exist or does not fit are errors, a missing policy \
             or group is a warning. `warn`: all of these are warnings. `off`: nothing is looked up. The checks that \
             protect existing assignments do not depend on it.",
        )
        .validated(OneOf(Preflight::CHOICES)),
        switch(
            BULK_REFRESH,
            &["DEFENDER_BULK_REFRESH"],
            "Whether a refresh of more than ten policies begins with the list of all policies (default `true`). What \
             the list shows as it is in state counts as unchanged; everything else is read policy by policy, up to \
             20 in one request. Set it to `false` to read every policy by itself.",
        ),
        switch(
            LOOK_UP_GROUPS,
            &["DEFENDER_LOOK_UP_GROUPS"],
            "Whether groups are looked up in the directory (default `true`), which needs `GroupMember.Read.All`. Set it \
             to `false` for an identity that lacks this permission on purpose: a group that does not exist is then \
             noticed by Intune alone, and messages show ids without names.",
        ),
        text(
            PARTNER_ID,
            &["ARM_PARTNER_ID"],
            "GUID of a Microsoft partner, sent as `pid-GUID` in the user agent.",
        ),
        switch(
            DISABLE_TERRAFORM_PARTNER_ID,
            &["ARM_DISABLE_TERRAFORM_PARTNER_ID"],
            "Accepted so that azuread's settings fit, and without effect: this provider sends no partner id of its \
             own.",
        ),
    ]
}
