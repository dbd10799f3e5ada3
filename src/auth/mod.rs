//! Signing in: from the settings of the provider to an access token. One method is chosen, and its failure is final.
//! Knows neither Terraform nor what the token is for.
//!
//! [`inputs`] says what was given and where; [`choose()`] picks the [`method`]; [`credentials`] sign in with it,
//! through `azure_identity`; [`token_cache`] asks them once for any number of callers. What can go wrong is in
//! [`error`], and what to do then in [`explanation`].

pub mod arguments;
pub mod attempt;
pub mod choose;
pub mod claims;
pub mod cloud;
pub mod credential;
pub mod credentials;
mod entra;
pub mod error;
pub mod explanation;
pub mod inputs;
pub mod method;
pub mod token_cache;
pub mod token_source;

pub use attempt::Attempt;
pub use choose::{NotChosen, choose};
pub use error::Error;
pub use explanation::Explanation;
pub use inputs::{Input, Inputs, Origin, Setting};
pub use method::{Method, SignIn};
pub use token_cache::TokenCache;
pub use token_source::{StaticToken, TokenSource};
