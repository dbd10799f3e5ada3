//! What messages say about a sign-in: which method, why that one, from which inputs. Holds no secret.

use std::fmt;

use super::inputs::Origin;

/// The names of the methods, as messages, the `check` command and the guides call them.
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

/// A sign-in in words.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Which method.
    pub method: MethodName,
    /// Why it was chosen, as a sentence without its end: `use_oidc is true and a token file is given`.
    pub why: String,
    /// Every input that it uses: the argument's name and where the value came from.
    pub inputs: Vec<(&'static str, Origin)>,
    /// The tenant, if one was given.
    pub tenant_id: Option<String>,
    /// The application or user-assigned identity, if one was given.
    pub client_id: Option<String>,
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
