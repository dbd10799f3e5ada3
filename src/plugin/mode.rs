//! Who started the process: Terraform, or a person in debug mode.

/// How the process presents itself and when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Started by Terraform: cookie, mutual TLS and handshake line; the process ends with its client.
    Hosted,
    /// Started by a person with `-debug`: clients come and go until Ctrl-C.
    Debug,
}
