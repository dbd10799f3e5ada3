//! The options of `probe`.

/// What the command line requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProbeOptions {
    /// `--yes`: ask the tenant. Otherwise the questions are only shown.
    pub yes: bool,
    /// `--json`: print JSON, which the emulator accepts as `--semantics`.
    pub json: bool,
    /// `--group ID`: a group without members. Without it, questions about assignments are not asked.
    pub groups: Vec<String>,
}
