//! Signing in: what the emulator plays besides Graph. Who may sign in stands in the tenant file (see `directory`), is
//! not changed by requests, and is no part of what Graph shows.
//!
//! ```text
//! POST /{tenant}/oauth2/v2.0/token       `token_endpoint`    client_credentials with a secret or an assertion
//! GET  /metadata/identity/oauth2/token   `managed_identity_endpoint`  as on a virtual machine
//! GET  /msi/token                        `managed_identity_endpoint`  as in App Service
//! GET  /_emulator/oidc/github            `oidc_endpoint`     tokens of a GitHub Actions job
//! POST /_emulator/oidc/azure-devops      `oidc_endpoint`     tokens of an Azure DevOps pipeline
//! ```
//!
//! The first three are listed by `GET /_emulator/tokens`, and meet the test faults whose `path` contains `oauth2`
//! or `msi/token`. What a token may do in Graph is checked by `caller`.

mod access_token;
mod application;
mod caller;
mod certificate;
mod client_assertion;
mod control;
mod directory;
mod endpoint;
mod error;
mod form;
mod hidden;
mod jwt;
mod managed_identity;
mod managed_identity_endpoint;
mod oidc_endpoint;
mod oidc_provider;
mod roles;
mod signing_key;
mod state;
mod token_endpoint;
mod token_log;

pub use caller::Caller;
pub use control::answer as answer_control;
pub use directory::Directory;
pub use endpoint::{Endpoint, answer};
pub use state::Entra;
pub use token_log::{AssertionRecord, TokenRequestRecord};
