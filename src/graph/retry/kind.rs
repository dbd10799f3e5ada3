//! The kinds of requests that Graph limits together.

use crate::graph::request::Request;

/// What a limit of Graph is about ("Microsoft Graph service-specific throttling limits").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Reads of Intune.
    IntuneRead,
    /// Writes to Intune, which have a limit of their own, far below that of reads.
    IntuneWrite,
    /// Groups and other objects of the directory.
    Directory,
}

impl Kind {
    /// The kind of a request.
    pub fn of(request: &Request) -> Self {
        Self::of_path(&request.path(), request.is_write())
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::IntuneRead => "reads of Intune",
            Self::IntuneWrite => "writes to Intune",
            Self::Directory => "directory",
        }
    }

    fn of_path(path: &str, write: bool) -> Self {
        match path.split('/').nth(2) {
            Some("directoryObjects" | "groups") => Self::Directory,
            _ if write => Self::IntuneWrite,
            _ => Self::IntuneRead,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::request::Version;
    use serde_json::json;

    #[test]
    fn a_request_is_of_the_kind_that_its_service_limits() {
        let by_ids = ["directoryObjects", "getByIds"];
        for (request, kind) in [
            (Request::get(Version::Beta, &["deviceManagement", "deviceConfigurations"]), Kind::IntuneRead),
            (
                Request::post(Version::Beta, &["deviceManagement", "x", "assign"], json!({})),
                Kind::IntuneWrite,
            ),
            (Request::post_to_read(Version::V1, &by_ids, json!({})), Kind::Directory),
            (Request::link("https://graph.microsoft.com/v1.0/groups?$skiptoken=x"), Kind::Directory),
            (Request::link("https://graph.microsoft.com/beta/deviceManagement/x"), Kind::IntuneRead),
        ] {
            assert_eq!(Kind::of(&request), kind, "{request:?}");
        }
    }
}
