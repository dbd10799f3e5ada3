//! Signing in, one file per method.

pub mod client_certificate;
