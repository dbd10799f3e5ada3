//! The emulated part of Entra: sign-in of applications and managed identities. The tenant file lists who can
//! sign in (see `directory`); requests do not change that list, and Graph does not show it.
//!
//! ```text
//! POST /{tenant}/oauth2/v2.0/token       `token_endpoint`    client_credentials with a secret or an assertion
//! GET  /metadata/identity/oauth2/token   `managed_identity_endpoint`  as on a virtual machine
//! GET  /msi/token                        `managed_identity_endpoint`  as in App Service
//! GET  /_emulator/oidc/github            `oidc_endpoint`     tokens of a GitHub Actions job
//! POST /_emulator/oidc/azure-devops      `oidc_endpoint`     tokens of an Azure DevOps pipeline
//! ```
//!
//! `GET /_emulator/tokens` lists requests to the first three. Test faults apply to them if their `path` contains
//! `oauth2` or `msi/token`. `caller` checks what a token may do in Graph.

mod access_token;
mod application;
mod caller;
mod certificate;
mod client_assertion;
mod control;
mod directory;
mod discovery;
mod endpoint;
mod error;
mod form;
mod jwt;
mod managed_identity;
mod managed_identity_endpoint;
mod oidc_endpoint;
mod oidc_provider;
mod roles;
mod signing_key;
mod state;
mod tenant_secret;
mod token_endpoint;
mod token_log;

pub use caller::Caller;
pub use control::answer as answer_control;
pub use directory::Directory;
pub use endpoint::{EntraEndpoint, answer};
pub use state::EntraState;
pub use token_log::{AssertionRecord, TokenRequestRecord};
