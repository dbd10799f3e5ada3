//! Signs in, one way for each method. Keeps no token: [`TokenCache`] stands in front of each.

mod application;
mod azure_cli;
pub mod client_certificate;
mod federated;
mod managed_identity;
mod pipeline;

use std::sync::Arc;
use std::time::Duration;

use azure_core::http::{ExponentialRetryOptions, RetryOptions};

use crate::transport::Transport;

use super::credential::Credential;
use super::method::{Method, SignIn};
use super::token_cache::TokenCache;
use super::token_source::{StaticToken, TokenSource};

use application::{ApplicationCredential, Proof};
use azure_cli::AzureCli;
use managed_identity::ManagedIdentity;

/// How long a sign-in may take, its repetitions included.
#[derive(Debug, Clone)]
pub struct Patience {
    /// The authority.
    pub authority: Duration,
    /// The metadata service. Outside Azure its address swallows every packet.
    pub managed_identity: Duration,
    /// The Azure CLI, which starts slowly.
    pub azure_cli: Duration,
    /// The wait before the first repetition; it doubles with each.
    pub first_delay: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            authority: Duration::from_mins(1),
            managed_identity: Duration::from_secs(30),
            azure_cli: Duration::from_mins(1),
            first_delay: Duration::from_millis(200),
        }
    }
}

/// The tokens of a sign-in. Nothing is sent, read or run before the first question for one.
pub fn token_source(sign_in: SignIn, transport: &Transport) -> Arc<dyn TokenSource> {
    patient_token_source(sign_in, transport, &Patience::default())
}

/// The same with other limits.
pub fn patient_token_source(
    sign_in: SignIn,
    transport: &Transport,
    patience: &Patience,
) -> Arc<dyn TokenSource> {
    let transport = transport.clone();
    let patience = patience.clone();
    let SignIn { method, authority, scope, attempt } = sign_in;
    let application = |application, proof| -> Box<dyn Credential> {
        Box::new(ApplicationCredential {
            application,
            proof,
            authority,
            scope: scope.clone(),
            attempt: attempt.clone(),
            transport: transport.clone(),
            patience: patience.clone(),
        })
    };
    let credential: Box<dyn Credential> = match method {
        Method::AccessToken(token) => return Arc::new(StaticToken::new(token.expose(), attempt)),
        Method::ClientSecret { application: who, secret } => application(who, Proof::Secret(secret)),
        Method::ClientCertificate { application: who, certificate, password } => {
            application(who, Proof::Certificate { certificate, password })
        }
        Method::FederatedToken { application: who, source } => application(who, Proof::Federated(source)),
        Method::ManagedIdentity { client_id, service } => {
            Box::new(ManagedIdentity { client_id, service, scope, attempt, transport, patience })
        }
        Method::AzureCli { tenant_id } => Box::new(AzureCli {
            tenant_id,
            scope,
            attempt,
            limit: patience.azure_cli,
            environment: std::env::vars_os().collect(),
        }),
    };
    Arc::new(TokenCache::new(credential))
}

impl Patience {
    /// Statuses 408, 429, 500, 502, 503, 504 and lost connections are tried again.
    fn retry(&self) -> RetryOptions {
        RetryOptions::exponential(ExponentialRetryOptions {
            initial_delay: self.first_delay.try_into().unwrap_or_default(),
            max_retries: 3,
            max_total_elapsed: azure_core::time::Duration::seconds(20),
            ..ExponentialRetryOptions::default()
        })
    }
}
