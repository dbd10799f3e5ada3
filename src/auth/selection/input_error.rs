//! An input that cannot be used. The error never contains the value, which may be a secret. Does not build the
//! diagnostic.

use crate::transport::EndpointError;

use super::super::inputs::InputOrigin;

/// An input that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputError {
    /// The argument.
    pub argument: &'static str,
    /// Where its value came from.
    pub origin: InputOrigin,
    /// What is wrong.
    pub kind: InputErrorKind,
}

/// What is wrong with an input. The text of an error continues a sentence that begins with the argument's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputErrorKind {
    /// An ID that is not a GUID.
    #[error("is not a GUID")]
    NotGuid,
    /// Neither a GUID nor a domain name.
    #[error("is neither a tenant ID nor a domain name")]
    NotTenant,
    /// Not the name of a cloud.
    #[error("is not the name of a cloud")]
    NotCloud,
    /// An environment variable that is not a boolean.
    #[error("is neither true nor false")]
    NotBool,
    /// A certificate that is not in base64.
    #[error("is not valid base64")]
    NotBase64,
    /// Not a valid address with path.
    #[error("is not a valid address")]
    InvalidUrl(&'static str),
    /// An address whose scheme, host or port is not accepted, or an address with a path where none is allowed.
    #[error("is not a valid address")]
    InvalidEndpoint(EndpointError),
    /// A file that cannot be read.
    #[error("is not a readable file")]
    Unreadable(String),
    /// A conflict between two inputs that must have the same value.
    #[error("conflicts with {other}")]
    Conflict {
        /// The name of the other input.
        other: &'static str,
        /// Where the other value came from.
        origin: InputOrigin,
    },
}

impl InputError {
    /// An error in the value that came from this source.
    pub(super) fn at((argument, origin): (&'static str, InputOrigin), kind: InputErrorKind) -> Self {
        Self { argument, origin, kind }
    }
}

impl InputErrorKind {
    /// The rule that the value breaks, and how to correct the value.
    pub fn rule(&self) -> String {
        match self {
            Self::NotGuid => "A GUID has 32 hexadecimal digits in groups of 8-4-4-4-12, for example \
                              \"0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a\". Names are not accepted here."
                .to_owned(),
            Self::NotTenant => "Use the tenant's GUID or one of its domain names, such as \
                                \"contoso.onmicrosoft.com\": letters, digits, dots and hyphens."
                .to_owned(),
            Self::NotCloud => {
                "The clouds are: global (or public), usgovernment (or usgovernmentl4), dod (or usgovernmentl5), china."
                    .to_owned()
            }
            Self::NotBool => "Write true or false. 1, t, T, TRUE, True and 0, f, F, FALSE, False are accepted too.".to_owned(),
            Self::NotBase64 => "It accepts a PFX file in base64, as printed by `base64 -w0 FILE`. To use a file, set \
                                its name in client_certificate_path."
                .to_owned(),
            Self::InvalidEndpoint(problem) => format!("The value cannot be used: {problem}."),
            Self::InvalidUrl(problem) => format!("The value cannot be used: {problem}."),
            Self::Unreadable(reason) => format!("The file cannot be read: {reason}."),
            Self::Conflict { origin, .. } => {
                format!("The other value comes from {origin}. Remove one of the two, or make them the same.")
            }
        }
    }
}
