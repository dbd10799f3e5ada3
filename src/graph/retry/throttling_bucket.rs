//! The groups of requests that share a rate limit.

use crate::graph::request::Request;

/// Requests that share one rate limit of Graph ("Microsoft Graph service-specific throttling limits").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThrottlingBucket {
    /// Reads of Intune.
    IntuneReads,
    /// Writes to Intune, which have a far lower limit than reads.
    IntuneWrites,
    /// Groups and other directory objects.
    Directory,
}

impl ThrottlingBucket {
    /// The bucket of a request, by the first segment after the version: `/beta/groups/…` is in the directory.
    pub fn for_request(request: &Request) -> Self {
        match request.path().split('/').nth(2) {
            Some("directoryObjects" | "groups") => Self::Directory,
            _ if request.is_write() => Self::IntuneWrites,
            _ => Self::IntuneReads,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::IntuneReads => "reads of Intune",
            Self::IntuneWrites => "writes to Intune",
            Self::Directory => "directory",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::request::ApiVersion;
    use serde_json::json;

    #[test]
    fn a_request_belongs_to_the_bucket_of_its_service() {
        let by_ids = ["directoryObjects", "getByIds"];
        for (request, bucket) in [
            (
                Request::get(ApiVersion::Beta, &["deviceManagement", "deviceConfigurations"]),
                ThrottlingBucket::IntuneReads,
            ),
            (
                Request::post(ApiVersion::Beta, &["deviceManagement", "x", "assign"], json!({})),
                ThrottlingBucket::IntuneWrites,
            ),
            (Request::post_to_read(ApiVersion::V1, &by_ids, json!({})), ThrottlingBucket::Directory),
            (
                Request::link("https://graph.microsoft.com/v1.0/groups?$skiptoken=x"),
                ThrottlingBucket::Directory,
            ),
            (
                Request::link("https://graph.microsoft.com/beta/deviceManagement/x"),
                ThrottlingBucket::IntuneReads,
            ),
        ] {
            assert_eq!(ThrottlingBucket::for_request(&request), bucket, "{request:?}");
        }
    }
}
