//! A request as a plain value. Builds, checks and renders requests. Does no I/O and holds no token.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::transport::text::single_line;
use crate::transport::{Endpoint, HttpMethod};

use super::request_error::RequestError;

/// The characters to encode in a path segment: all except the unreserved characters of RFC 3986, and the `$` of
/// `$batch` and `$count`.
const SEGMENT_ENCODE_SET: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'$');

/// The characters to encode in a query. The comma is not encoded, because it separates names in `$select`.
const QUERY_ENCODE_SET: &AsciiSet = &SEGMENT_ENCODE_SET.remove(b',');

/// Longer links are cut in messages.
const MAX_LINK_CHARS: usize = 200;

/// One request to Graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    method: HttpMethod,
    target: RequestTarget,
    body: Option<Value>,
    is_write: bool,
    uses_eventual_consistency: bool,
}

/// The two API versions of Graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ApiVersion {
    /// `v1.0`
    V1,
    /// `beta`
    Beta,
}

/// Where a request goes (the request target of RFC 9112).
#[derive(Debug, Clone, PartialEq)]
enum RequestTarget {
    Path {
        version: ApiVersion,
        segments: Vec<String>,
        query: Vec<(&'static str, String)>,
    },
    /// An absolute URL from a response of Graph. Opaque.
    Link(String),
}

impl Request {
    /// Reads the object or collection at a path of unencoded segments.
    pub fn get(version: ApiVersion, segments: &[&str]) -> Self {
        Self::new(HttpMethod::Get, version, segments, None, false)
    }

    /// Posts a body that changes something.
    pub fn post(version: ApiVersion, segments: &[&str], body: Value) -> Self {
        Self::new(HttpMethod::Post, version, segments, Some(body), true)
    }

    /// Changes the members of an object that the body names.
    pub fn patch(version: ApiVersion, segments: &[&str], body: Value) -> Self {
        Self::new(HttpMethod::Patch, version, segments, Some(body), true)
    }

    /// Deletes an object.
    pub fn delete(version: ApiVersion, segments: &[&str]) -> Self {
        Self::new(HttpMethod::Delete, version, segments, None, true)
    }

    /// Posts the body of a query. The request changes nothing and is retried like any read.
    pub fn post_to_read(version: ApiVersion, segments: &[&str], body: Value) -> Self {
        Self::new(HttpMethod::Post, version, segments, Some(body), false)
    }

    /// Reads the next page at an `@odata.nextLink`. The link is sent unchanged.
    pub fn link(url: impl Into<String>) -> Self {
        let target = RequestTarget::Link(url.into());
        Self {
            method: HttpMethod::Get,
            target,
            body: None,
            is_write: false,
            uses_eventual_consistency: false,
        }
    }

    /// Adds a query option with an unencoded value. A link already has its query and does not change.
    #[must_use]
    pub fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let RequestTarget::Path { query, .. } = &mut self.target {
            query.push((name, value.into()));
        }
        self
    }

    /// Requests eventual consistency: the results come from the directory's index, which may lag behind ("Advanced
    /// query capabilities on Microsoft Entra ID objects"). Counts and some filters require eventual consistency.
    #[must_use]
    pub fn with_eventual_consistency(mut self) -> Self {
        self.uses_eventual_consistency = true;
        self
    }

    /// The value of the header `ConsistencyLevel`, if the request has this header.
    pub fn consistency_level(&self) -> Option<&'static str> {
        self.uses_eventual_consistency.then_some("eventual")
    }

    /// The method.
    pub fn method(&self) -> HttpMethod {
        self.method
    }

    /// Whether the request changes something. Before a caller repeats a write, it reads what the write changes.
    pub fn is_write(&self) -> bool {
        self.is_write
    }

    /// The JSON body.
    pub fn body(&self) -> Option<&Value> {
        self.body.as_ref()
    }

    /// Version and path without the query, for logs and messages: `/beta/deviceManagement/…`.
    pub fn path(&self) -> String {
        match &self.target {
            RequestTarget::Path { version, segments, .. } => {
                format!("/{}{}", version.as_str(), encode_path(segments))
            }
            RequestTarget::Link(url) => path_of(url).to_owned(),
        }
    }

    /// The URL to which the request is sent.
    pub fn absolute_url(&self, endpoint: &Endpoint) -> String {
        match &self.target {
            RequestTarget::Path { version, .. } => {
                format!("{endpoint}/{}{}", version.as_str(), self.relative_url().unwrap_or_default())
            }
            RequestTarget::Link(url) => url.clone(),
        }
    }

    /// The version, unless the request is a link.
    pub fn version(&self) -> Option<ApiVersion> {
        match self.target {
            RequestTarget::Path { version, .. } => Some(version),
            RequestTarget::Link(_) => None,
        }
    }

    /// The request as an item of a `$batch`, with a URL relative to the version. `None` for a link.
    pub fn batch_item(&self, id: &str) -> Option<Value> {
        let mut item = Map::new();
        item.insert("id".into(), json!(id));
        item.insert("method".into(), json!(self.method.as_str()));
        item.insert("url".into(), json!(self.relative_url()?));
        let mut headers = Map::new();
        if let Some(level) = self.consistency_level() {
            headers.insert("ConsistencyLevel".into(), json!(level));
        }
        if let Some(body) = &self.body {
            headers.insert("Content-Type".into(), json!("application/json"));
            item.insert("body".into(), body.clone());
        }
        if !headers.is_empty() {
            item.insert("headers".into(), headers.into());
        }
        Some(Value::Object(item))
    }

    /// Checks that the request may be sent to this endpoint.
    ///
    /// An empty segment is usually an empty id, for which Graph returns a 400 about the URL instead of a 404. A URL
    /// parser resolves `.` and `..`, so the request would reach another resource.
    pub fn check(&self, endpoint: &Endpoint) -> Result<(), RequestError> {
        match &self.target {
            RequestTarget::Path { segments, .. } => {
                let is_invalid = |segment: &&String| matches!(segment.as_str(), "" | "." | "..");
                match segments.iter().find(is_invalid) {
                    Some(segment) => {
                        Err(RequestError::InvalidSegment { segment: segment.clone(), path: self.path() })
                    }
                    None => Ok(()),
                }
            }
            RequestTarget::Link(url) if endpoint.is_origin_of(url) => Ok(()),
            RequestTarget::Link(url) => Err(RequestError::ForeignLink {
                link: single_line(without_query(url), MAX_LINK_CHARS),
                endpoint: endpoint.to_string(),
            }),
        }
    }

    fn new(
        method: HttpMethod,
        version: ApiVersion,
        segments: &[&str],
        body: Option<Value>,
        is_write: bool,
    ) -> Self {
        let segments = segments.iter().map(|segment| (*segment).to_owned()).collect();
        let target = RequestTarget::Path { version, segments, query: Vec::new() };
        Self { method, target, body, is_write, uses_eventual_consistency: false }
    }

    fn relative_url(&self) -> Option<String> {
        let RequestTarget::Path { segments, query, .. } = &self.target else { return None };
        let mut url = encode_path(segments);
        for (position, (name, value)) in query.iter().enumerate() {
            url.push(if position == 0 { '?' } else { '&' });
            url.extend(utf8_percent_encode(name, QUERY_ENCODE_SET));
            url.push('=');
            url.extend(utf8_percent_encode(value, QUERY_ENCODE_SET));
        }
        Some(url)
    }
}

impl ApiVersion {
    /// The first path segment.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }
}

/// A URL without its query, because the query may hold opaque tokens.
pub(super) fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

fn path_of(url: &str) -> &str {
    let url = without_query(url);
    let without_scheme = url.split_once("://").map_or(url, |(_, after_scheme)| after_scheme);
    without_scheme.find('/').and_then(|start| without_scheme.get(start..)).unwrap_or("/")
}

fn encode_path(segments: &[String]) -> String {
    let mut path = String::new();
    for segment in segments {
        path.push('/');
        path.extend(utf8_percent_encode(segment, SEGMENT_ENCODE_SET));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: [&str; 3] = ["deviceManagement", "deviceConfigurations", "a/b ?#ü%"];

    fn endpoint() -> Endpoint {
        "https://graph.microsoft.com".parse().unwrap()
    }

    #[test]
    fn segments_and_query_are_percent_encoded() {
        let request = Request::get(ApiVersion::Beta, &POLICY)
            .query("$select", "id,displayName")
            .query("$filter", "displayName eq 'a&b'");
        assert_eq!(
            request.absolute_url(&endpoint()),
            "https://graph.microsoft.com/beta/deviceManagement/deviceConfigurations/a%2Fb%20%3F%23%C3%BC%25\
             ?$select=id,displayName&$filter=displayName%20eq%20%27a%26b%27"
        );
    }

    #[test]
    fn the_path_for_messages_has_no_query() {
        let request = Request::get(ApiVersion::V1, &["groups"]).query("$top", "5");
        assert_eq!(request.path(), "/v1.0/groups");
        assert_eq!(Request::link("https://graph.microsoft.com/beta/x?$skiptoken=s").path(), "/beta/x");
    }

    #[test]
    fn a_batch_item_is_relative_to_the_version_and_names_its_content_type() {
        let read = Request::get(ApiVersion::Beta, &["groups", "g"]);
        let expected = json!({"id": "1", "method": "GET", "url": "/groups/g"});
        assert_eq!(read.batch_item("1"), Some(expected));

        let write = Request::post(ApiVersion::Beta, &["p", "assign"], json!({"assignments": []}));
        let expected = json!({
            "id": "2", "method": "POST", "url": "/p/assign",
            "headers": {"Content-Type": "application/json"}, "body": {"assignments": []},
        });
        assert_eq!(write.batch_item("2"), Some(expected));
        assert_eq!(Request::link("https://graph.microsoft.com/beta/x").batch_item("3"), None);

        let count = Request::get(ApiVersion::V1, &["groups", "g", "transitiveMembers", "$count"])
            .with_eventual_consistency();
        let expected = json!({
            "id": "4", "method": "GET", "url": "/groups/g/transitiveMembers/$count",
            "headers": {"ConsistencyLevel": "eventual"},
        });
        assert_eq!(count.batch_item("4"), Some(expected));
    }

    #[test]
    fn only_requests_that_change_something_are_writes() {
        let path = ["x"];
        assert!(Request::post(ApiVersion::Beta, &path, json!({})).is_write());
        assert!(!Request::get(ApiVersion::Beta, &path).is_write());
        assert!(!Request::post_to_read(ApiVersion::Beta, &path, json!({})).is_write());
        assert!(!Request::link("https://graph.microsoft.com/x").is_write());
    }

    #[test]
    fn empty_and_dot_segments_are_refused() {
        for id in ["", ".", ".."] {
            let request = Request::get(ApiVersion::Beta, &["deviceManagement", "deviceConfigurations", id]);
            assert!(matches!(request.check(&endpoint()), Err(RequestError::InvalidSegment { .. })), "{id:?}");
        }
        assert_eq!(Request::get(ApiVersion::Beta, &POLICY).check(&endpoint()), Ok(()));
    }

    #[test]
    fn a_link_to_another_host_is_refused_without_showing_its_query() {
        let error = Request::link("https://evil.example/beta/x?token=t").check(&endpoint()).unwrap_err();
        assert_eq!(
            error,
            RequestError::ForeignLink {
                link: "https://evil.example/beta/x".into(),
                endpoint: "https://graph.microsoft.com".into()
            }
        );
    }

    #[test]
    fn a_link_is_sent_unchanged() {
        let url = "https://graph.microsoft.com/beta/x?$skiptoken=A%2bB,c'";
        assert_eq!(Request::link(url).query("$top", "5").absolute_url(&endpoint()), url);
    }
}
