//! How a missing permission is granted, which depends on who signed in. Does not say which one is missing.

use crate::auth::attempt::MethodName;

use super::permissions::Permissions;

/// One or two sentences.
pub(super) fn how_to_grant(method: MethodName, permissions: &Permissions) -> &'static str {
    match (method, permissions) {
        (MethodName::ManagedIdentity, _) => {
            "Assign it to the managed identity as an app role of Microsoft Graph; only Graph itself or PowerShell can, \
             the portal has no page for it. Azure keeps the tokens of a managed identity for up to a day, so a new role \
             takes effect late."
        }
        (MethodName::AzureCli, Permissions::Delegated(_)) => {
            "A person's token holds only what was consented to for the program that signed in, and the Azure CLI lacks \
             Intune's permissions. Sign the CLI in as an application, or use the application itself."
        }
        (MethodName::AzureCli, Permissions::NotTold) => {
            "If a person is signed in to the Azure CLI, sign in as an application instead; if it is an application, \
             grant it the application permission, with admin consent, and run \"az login\" again."
        }
        (MethodName::AccessToken, Permissions::Delegated(_)) => {
            "Consent to it for the program that fetched the token, then fetch a new one."
        }
        (MethodName::AccessToken, _) => {
            "Grant it to the application that the token belongs to, as an application permission with admin consent, \
             then fetch a new token."
        }
        (_, Permissions::Delegated(_)) => {
            "A person's token holds only what was consented to for the program that signed in."
        }
        _ => {
            "Grant it to the application as an application permission, with admin consent, then get a new token."
        }
    }
}
