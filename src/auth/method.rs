//! The sign-in methods, each with everything that it needs. Does not select a method and does not sign in.

use std::path::PathBuf;

use crate::transport::{Endpoint, Secret};

use super::selected_method::SelectedMethod;

/// A selected method with everything that it needs: the output of `selection`, the input of `credentials`.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The method with its credential.
    pub method: SignInMethod,
    /// The authority, such as `https://login.microsoftonline.com`. Managed identities and the CLI do not use it.
    pub authority: Endpoint,
    /// The scope of the token: `https://graph.microsoft.com/.default`.
    pub scope: String,
    /// The description of the method, for messages.
    pub selected_method: SelectedMethod,
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
pub enum SignInMethod {
    /// An access token obtained elsewhere.
    AccessToken(Secret),
    /// A certificate that is registered with the application.
    ClientCertificate {
        /// The application.
        application: Application,
        /// The certificate with its private key.
        certificate: Certificate,
        /// The password of the PFX.
        password: Option<Secret>,
    },
    /// A client secret of the application.
    ClientSecret {
        /// The application.
        application: Application,
        /// The client secret.
        secret: Secret,
    },
    /// A token of another issuer that the application trusts through a federated identity credential.
    FederatedToken {
        /// The application.
        application: Application,
        /// Where the token comes from.
        source: AssertionSource,
    },
    /// The identity that Azure assigned to this machine.
    ManagedIdentity {
        /// The client ID of a user-assigned identity; `None` for the system-assigned one.
        client_id: Option<String>,
        /// The service that issues its tokens.
        service: MetadataService,
    },
    /// The account that is signed in to the Azure CLI.
    AzureCli {
        /// The tenant, if not the CLI's own default.
        tenant_id: Option<String>,
    },
}

/// The service that issues the tokens of a managed identity.
#[derive(Debug, Clone)]
pub enum MetadataService {
    /// The metadata service of a virtual machine, at its usual address.
    VirtualMachine,
    /// The metadata service of a virtual machine, at this address.
    At(String),
    /// The service of App Service, Functions and Container Apps.
    AppService {
        /// `IDENTITY_ENDPOINT`.
        address: String,
        /// `IDENTITY_HEADER`, a secret that is sent to this address only.
        header: Secret,
    },
    /// A metadata service whose protocol is not supported. The text is the name of the Azure product that runs it.
    Unsupported(&'static str),
}

/// Where a certificate with its private key comes from.
#[derive(Debug, Clone)]
pub enum Certificate {
    /// A PFX in base64.
    Base64(Secret),
    /// A PFX or PEM file.
    File(PathBuf),
}

/// Where the assertion of a federated sign-in comes from.
#[derive(Debug, Clone)]
pub enum AssertionSource {
    /// The token itself. It cannot be renewed.
    Token(Secret),
    /// A file that another program refreshes. It is read at every sign-in.
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
