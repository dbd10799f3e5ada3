//! What is wrong with an input, without its value: it may be a secret in the wrong place. Words no diagnostic.

use crate::transport::EndpointError;

use super::super::inputs::Origin;

/// One input that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The argument.
    pub argument: &'static str,
    /// Where its value came from.
    pub origin: Origin,
    /// What is wrong with it.
    pub fact: Fact,
}

/// What is wrong with an input; the text follows the argument's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fact {
    /// An id that is not one.
    #[error("is not a GUID")]
    NotGuid,
    /// A tenant is named by its GUID or by a domain name.
    #[error("is not a tenant")]
    NotTenant,
    /// None of the words.
    #[error("is not the name of a cloud")]
    NotCloud,
    /// A truth value of the environment.
    #[error("is neither true nor false")]
    NotBool,
    /// A certificate that is not in base64.
    #[error("is not in base64")]
    NotBase64,
    /// Not the root of a service.
    #[error("is not a root address")]
    NotRoot(EndpointError),
    /// Not an address that may be asked.
    #[error("is not an address that can be asked")]
    NotAddress(&'static str),
    /// The same again.
    #[error("is not an address that can be asked")]
    NotAddressRoot(EndpointError),
    /// A file that cannot be read.
    #[error("leads to no readable file")]
    Unreadable(String),
    /// The value and its file, or two places of the same, say different things.
    #[error("disagrees with {other}")]
    Disagrees {
        /// The other's name.
        other: &'static str,
        /// The other's place.
        origin: Origin,
    },
}

impl Fact {
    /// The rule, and what to write instead.
    pub fn rule(&self) -> String {
        match self {
            Self::NotGuid => "A GUID has 32 hexadecimal digits in groups of 8-4-4-4-12, for example \
                              \"0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a\". Names are not accepted here."
                .to_owned(),
            Self::NotTenant => "A tenant is given by its GUID or by one of its domain names, such as \
                                \"contoso.onmicrosoft.com\": letters, digits, dots and hyphens."
                .to_owned(),
            Self::NotCloud => {
                "The clouds are: global (or public), usgovernment (or usgovernmentl4), dod (or usgovernmentl5), china."
                    .to_owned()
            }
            Self::NotBool => "Write true or false; 1, t, T, TRUE, True and 0, f, F, FALSE, False are read as well.".to_owned(),
            Self::NotBase64 => "It takes a PFX file in base64, as `base64 -w0 FILE` prints it. A path goes into \
                                client_certificate_path."
                .to_owned(),
            Self::NotRoot(problem) | Self::NotAddressRoot(problem) => format!("The value cannot be used: {problem}."),
            Self::NotAddress(problem) => format!("The value cannot be used: {problem}."),
            Self::Unreadable(reason) => format!("Reading the file failed: {reason}."),
            Self::Disagrees { origin, .. } => {
                format!("The other value comes from {origin}. Remove one of the two, or make them the same.")
            }
        }
    }
}
