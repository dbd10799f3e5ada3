//! The identity that Azure gave to this machine ("How to use managed identities for Azure resources on an Azure VM to
//! acquire an access token"). Does not find out whether this machine is in Azure.

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::TokenCredential;
use azure_core::http::{ClientOptions, Transport as AzureTransport};
use azure_identity::{ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId};
use tokio::time::timeout;

use crate::auth::attempt::Attempt;
use crate::auth::credential::{AccessToken, Credential};
use crate::auth::entra::{Adapter, Cover, Destination, Noted, host_of};
use crate::auth::error::Problem;
use crate::transport::Transport;
use crate::transport::text::on_one_line;

use super::Patience;
use super::application::own;

const USUAL_HOST: &str = "the managed identity endpoint";

#[derive(Debug)]
pub(super) struct ManagedIdentity {
    pub(super) client_id: Option<String>,
    pub(super) endpoint: Option<String>,
    pub(super) scope: String,
    pub(super) attempt: Attempt,
    pub(super) transport: Transport,
    pub(super) patience: Patience,
}

#[async_trait]
impl Credential for ManagedIdentity {
    async fn sign_in(&self) -> Result<AccessToken, Problem> {
        let limit = self.patience.managed_identity;
        let noted = Noted::default();
        // The library asks a virtual machine's service for more than a minute, whatever it is told.
        match timeout(limit, self.ask(&noted)).await {
            Ok(Ok(token)) => Ok(own(token)),
            Ok(Err(error)) => Err(noted.take().unwrap_or_else(|| unfit(&error))),
            Err(_) => Err(noted.take().unwrap_or_else(|| self.timed_out())),
        }
    }

    fn attempt(&self) -> &Attempt {
        &self.attempt
    }
}

impl ManagedIdentity {
    async fn ask(&self, noted: &Noted) -> azure_core::Result<azure_core::credentials::AccessToken> {
        let adapter = Adapter {
            transport: self.transport.clone(),
            destination: Destination::Metadata(self.endpoint.clone()),
            cover: Cover::default(),
            noted: noted.clone(),
        };
        let options = ManagedIdentityCredentialOptions {
            user_assigned_id: self.client_id.clone().map(UserAssignedId::ClientId),
            client_options: ClientOptions {
                transport: Some(AzureTransport::new(Arc::new(adapter))),
                retry: self.patience.retry(),
                ..ClientOptions::default()
            },
        };
        ManagedIdentityCredential::new(Some(options))?.get_token(&[&self.scope], None).await
    }

    fn timed_out(&self) -> Problem {
        let service = self.endpoint.as_deref().map_or_else(|| USUAL_HOST.to_owned(), host_of);
        Problem::TimedOut { service, limit: self.patience.managed_identity }
    }
}

/// The environment is one of a service that the library does not know.
fn unfit(error: &azure_core::Error) -> Problem {
    Problem::Input { input: "use_msi", problem: on_one_line(&error.to_string(), 200) }
}
