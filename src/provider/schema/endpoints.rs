//! The arguments for the addresses of Graph and of the authority.

use crate::auth::arguments as argument;
use crate::terraform::schema::Attribute;
use crate::terraform::validators::OneOf;

use super::attributes::text;

pub(crate) const GRAPH_ENDPOINT: &str = "graph_endpoint";

/// azuread's names, and similar ones for the clouds that azuread does not name. Variables may also hold the names of
/// the Azure SDKs and the Azure CLI.
const CLOUDS: &[&str] =
    &["global", "public", "usgovernment", "usgovernmentl4", "dod", "usgovernmentl5", "china"];

pub(super) fn endpoints() -> Vec<Attribute> {
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
            "Root address of the authority, instead of the cloud's, for example `https://login.microsoftonline.com`. \
             The scheme defaults to `https`. Plain `http` is accepted only on loopback.",
        ),
        text(
            GRAPH_ENDPOINT,
            &["DEFENDER_GRAPH_ENDPOINT"],
            "Root address of Microsoft Graph, without version, instead of the cloud's, for example \
             `http://127.0.0.1:8400` for the emulator. Plain `http` is accepted only on loopback and, for an emulator in \
             another container, for the host that the variable `DEFENDER_ALLOW_HTTP_HOST` names. Tokens are still \
             requested for the cloud's Graph.",
        ),
    ]
}
