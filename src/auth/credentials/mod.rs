//! Signs in, with one credential type for each kind of method. Caches no token: a [`TokenCache`] wraps each credential.

mod application;
mod azure_cli;
pub mod client_certificate;
mod federated;
mod limits;
mod managed_identity;
mod pipeline;
mod retry;

use std::sync::Arc;

use crate::transport::Transport;

use super::credential::Credential;
use super::method::{SignIn, SignInMethod};
use super::token_cache::TokenCache;
use super::token_source::{StaticToken, TokenSource};

use application::{ApplicationCredential, ClientAuthentication};
use azure_cli::AzureCli;
use managed_identity::ManagedIdentity;

pub use limits::SignInLimits;

/// Creates the token source of a sign-in. It sends, reads and runs nothing before the first call for a token.
pub fn token_source(sign_in: SignIn, transport: &Transport, limits: &SignInLimits) -> Arc<dyn TokenSource> {
    let (transport, limits) = (transport.clone(), limits.clone());
    let SignIn { method, authority, scope, selected_method } = sign_in;
    let application_credential = |application, authentication| -> Box<dyn Credential> {
        Box::new(ApplicationCredential {
            application,
            authentication,
            authority,
            scope: scope.clone(),
            selected_method: selected_method.clone(),
            transport: transport.clone(),
            limits: limits.clone(),
        })
    };
    let credential: Box<dyn Credential> = match method {
        SignInMethod::AccessToken(token) => {
            return Arc::new(StaticToken::new(token.expose(), selected_method));
        }
        SignInMethod::ClientSecret { application, secret } => {
            application_credential(application, ClientAuthentication::Secret(secret))
        }
        SignInMethod::ClientCertificate { application, certificate, password } => {
            application_credential(application, ClientAuthentication::Certificate { certificate, password })
        }
        SignInMethod::FederatedToken { application, source } => {
            application_credential(application, ClientAuthentication::Federated(source))
        }
        SignInMethod::ManagedIdentity { client_id, service } => {
            Box::new(ManagedIdentity { client_id, service, scope, selected_method, transport, limits })
        }
        SignInMethod::AzureCli { tenant_id } => Box::new(AzureCli {
            tenant_id,
            scope,
            selected_method,
            limit: limits.azure_cli,
            environment: std::env::vars_os().collect(),
        }),
    };
    Arc::new(TokenCache::new(credential))
}
