//! The ways to sign in, each with all it needs. Does not choose among them and signs nobody in.

use std::path::PathBuf;

use crate::transport::{Endpoint, Secret};

use super::attempt::Attempt;

/// A method with everything that it needs: what `choose` hands to `credentials`.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// How.
    pub method: Method,
    /// The authority, such as `https://login.microsoftonline.com`. Not asked by a managed identity or the CLI.
    pub authority: Endpoint,
    /// What the token is for: `https://graph.microsoft.com/.default`.
    pub scope: String,
    /// The same for messages.
    pub attempt: Attempt,
}

/// An application in a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// GUID or domain name.
    pub tenant_id: String,
    /// GUID.
    pub client_id: String,
}

/// How to sign in.
#[derive(Debug, Clone)]
pub enum Method {
    /// A token that somebody else got.
    AccessToken(Secret),
    /// A certificate registered with the application.
    ClientCertificate {
        /// Who signs in.
        application: Application,
        /// The certificate with its private key.
        certificate: Certificate,
        /// The password of the PFX.
        password: Option<Secret>,
    },
    /// A password of the application.
    ClientSecret {
        /// Who signs in.
        application: Application,
        /// The password.
        secret: Secret,
    },
    /// A token of another issuer that the application trusts (a federated identity credential).
    FederatedToken {
        /// Who signs in.
        application: Application,
        /// Where that token comes from.
        source: AssertionSource,
    },
    /// The identity that Azure gave to this machine.
    ManagedIdentity {
        /// The client id of a user-assigned identity; without it the system-assigned one.
        client_id: Option<String>,
        /// Who hands out its tokens.
        service: MetadataService,
    },
    /// Whoever is signed in to the Azure CLI.
    AzureCli {
        /// The tenant, if not the CLI's own default.
        tenant_id: Option<String>,
    },
}

/// Who hands out the tokens of a managed identity.
#[derive(Debug, Clone)]
pub enum MetadataService {
    /// That of every virtual machine.
    VirtualMachine,
    /// That of a virtual machine, at this address.
    At(String),
    /// That of App Service, Functions and Container Apps.
    AppService {
        /// `IDENTITY_ENDPOINT`.
        address: String,
        /// `IDENTITY_HEADER`, which goes to that address alone.
        header: Secret,
    },
    /// That of another host, by its name.
    Unsupported(&'static str),
}

/// Where a certificate with private key comes from.
#[derive(Debug, Clone)]
pub enum Certificate {
    /// A PFX in base64.
    Base64(Secret),
    /// A PFX or PEM file.
    File(PathBuf),
}

/// Who vouches for the application.
#[derive(Debug, Clone)]
pub enum AssertionSource {
    /// The token itself; it cannot be renewed.
    Token(Secret),
    /// A file that somebody keeps fresh, read at every sign-in.
    File(PathBuf),
    /// GitHub Actions.
    GitHubActions {
        /// `ACTIONS_ID_TOKEN_REQUEST_URL`.
        request_url: String,
        /// `ACTIONS_ID_TOKEN_REQUEST_TOKEN`.
        request_token: Secret,
    },
    /// Azure DevOps.
    AzureDevOps {
        /// `SYSTEM_OIDCREQUESTURI`.
        request_url: String,
        /// `SYSTEM_ACCESSTOKEN`.
        request_token: Secret,
        /// The GUID of the service connection.
        service_connection_id: String,
    },
}
