//! The parts of a message about a failed request that depend on the operation.

/// The operation during which a request failed.
#[derive(Debug, Clone, Copy)]
pub struct GraphOperation<'a> {
    /// The object of the operation: `policy 0b8a…`.
    pub object: &'a str,
    /// The action that failed, in the form that follows "while": `reading its assignments`.
    pub action: &'a str,
    /// The least privileged permission that the action needs: `DeviceManagementConfiguration.Read.All`.
    pub permission: &'a str,
    /// The effect of the failure: `The state is unchanged.` If a write may have taken effect, also what to do next. May
    /// be empty.
    pub outcome: &'a str,
}

/// Converts the first letter of a text to upper case.
pub(crate) fn capitalize(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
