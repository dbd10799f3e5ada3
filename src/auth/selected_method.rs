//! The selected sign-in method, as messages describe it: which method, why, and from which inputs. Holds no secret.

use std::fmt;

use super::arguments::{ACCESS_TOKEN, USE_CLI};
use super::inputs::InputOrigin;

/// The name of a sign-in method, as messages, the `check` command and the guides show it. Each variant lists the
/// arguments that select it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MethodName {
    /// `access_token`
    AccessToken,
    /// `client_certificate`, `client_certificate_path`
    ClientCertificate,
    /// `client_secret`, `client_secret_file_path`
    ClientSecret,
    /// `oidc_token`, `oidc_token_file_path`
    OidcToken,
    /// `oidc_request_url` with `ado_pipeline_service_connection_id`
    AzureDevOps,
    /// `oidc_request_url`
    GitHubActions,
    /// `use_aks_workload_identity`
    AksWorkloadIdentity,
    /// `use_msi`
    ManagedIdentity,
    /// `use_cli`
    AzureCli,
}

/// The selected method with its inputs.
#[derive(Debug, Clone)]
pub struct SelectedMethod {
    /// The method.
    pub name: MethodName,
    /// Why it was selected, as a clause: `use_oidc is true, and oidc_token is given`.
    pub reason: String,
    /// Every input that the method uses: the name of the argument, and where its value came from.
    pub inputs: Vec<(&'static str, InputOrigin)>,
    /// The tenant, if one was given.
    pub tenant_id: Option<String>,
    /// The application or user-assigned identity, if one was given.
    pub client_id: Option<String>,
}

impl SelectedMethod {
    /// Describes the method [`MethodName::AccessToken`], which needs no other input.
    pub fn access_token(origin: InputOrigin) -> Self {
        Self {
            name: MethodName::AccessToken,
            reason: format!("{ACCESS_TOKEN} is given, which takes precedence over every other method"),
            inputs: vec![(ACCESS_TOKEN, origin)],
            tenant_id: None,
            client_id: None,
        }
    }

    /// Whether the Azure CLI was selected only because no credentials are configured.
    pub fn is_fallback(&self) -> bool {
        self.name == MethodName::AzureCli && !self.inputs.iter().any(|(name, _)| *name == USE_CLI)
    }
}

impl fmt::Display for MethodName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AccessToken => "access token",
            Self::ClientCertificate => "client certificate",
            Self::ClientSecret => "client secret",
            Self::OidcToken => "OIDC token",
            Self::AzureDevOps => "Azure DevOps OIDC",
            Self::GitHubActions => "GitHub Actions OIDC",
            Self::AksWorkloadIdentity => "AKS workload identity",
            Self::ManagedIdentity => "managed identity",
            Self::AzureCli => "Azure CLI",
        })
    }
}
