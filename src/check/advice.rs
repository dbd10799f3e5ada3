//! How to grant a missing permission, which depends on the identity. Does not name the permission.

use crate::auth::selected_method::MethodName;

use super::permissions::Permissions;

/// One or two sentences.
pub(super) fn how_to_grant(method: MethodName, permissions: &Permissions) -> &'static str {
    match (method, permissions) {
        (MethodName::ManagedIdentity, _) => {
            "Assign it to the managed identity as an app role of Microsoft Graph, with PowerShell or Graph itself: the \
             portal has no page for it. Azure caches the tokens of a managed identity for up to a day, so a new role \
             may take effect only then."
        }
        (MethodName::AzureCli, Permissions::Delegated(_)) => {
            "A delegated token has only the permissions of the program that requested it, and the Azure CLI lacks \
             Intune's permissions. Sign in to the CLI as an application, or configure the application directly."
        }
        (MethodName::AzureCli, Permissions::Unknown) => {
            "If a user is signed in to the Azure CLI, sign in as an application instead. If an application is signed in, \
             grant it the application permission with admin consent, then run \"az login\" again."
        }
        (MethodName::AccessToken, Permissions::Delegated(_)) => {
            "Consent to it for the program that requested the token, then request a new one."
        }
        (MethodName::AccessToken, _) => {
            "Grant it to the application of the token, as an application permission with admin consent, then request a \
             new token."
        }
        (_, Permissions::Delegated(_)) => {
            "A delegated token has only the permissions of the program that requested it."
        }
        _ => {
            "Grant it to the application as an application permission with admin consent, then sign in again."
        }
    }
}
