//! Signs in: turns the provider's settings into an access token. One method is selected; if it fails, no other method
//! is tried. Does not depend on Terraform or on Graph's API.
//!
//! [`inputs`] are the configured values; [`select()`] picks the [`method`]; [`credentials`] sign in with that method;
//! [`token_cache`] shares one sign-in among all callers. [`error`] lists the failures, and [`explanation`] writes their
//! messages.

pub mod arguments;
pub mod claims;
pub mod cloud;
pub mod credential;
pub mod credentials;
mod entra;
pub mod error;
pub mod explanation;
pub mod inputs;
pub mod method;
pub mod no_credentials;
pub mod selected_method;
pub mod selection;
pub mod token_cache;
pub mod token_source;

pub use error::Error;
pub use explanation::Explanation;
pub use inputs::{Input, InputOrigin, Inputs, Setting};
pub use method::{SignIn, SignInMethod};
pub use selected_method::SelectedMethod;
pub use selection::{SelectionError, select};
pub use token_cache::TokenCache;
pub use token_source::{StaticToken, TokenSource};
