//! Describes the failed operation in messages.

/// What the provider was doing when a request failed.
#[derive(Debug, Clone, Copy)]
pub struct GraphOperation<'a> {
    /// The object: `policy 0b8a…`.
    pub object: &'a str,
    /// Continues "while": `reading its assignments`.
    pub action: &'a str,
    /// The least permission, by Graph's name.
    pub permission: &'a str,
    /// The effect of the failure: `The state is unchanged.`
    pub outcome: &'a str,
}

/// The text with its first letter in upper case.
pub(crate) fn capitalize(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
