//! A request as a plain value: how it is built, checked and rendered. Does no I/O and holds no token.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::transport::{Endpoint, Method};

use super::error::{Refusal, on_one_line};

/// What may stand unencoded in a segment: the unreserved characters of RFC 3986, and `$`, with which Graph's own
/// segments (`$batch`, `$count`) begin.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'$');

/// The same for a query, and the comma, which separates names in `$select`.
const QUERY: &AsciiSet = &SEGMENT.remove(b',');

/// A message is for a terminal, however long a link is.
const LONGEST_LINK_SHOWN: usize = 200;

/// One request to Graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    method: Method,
    target: Target,
    headers: Vec<(&'static str, String)>,
    body: Option<Value>,
    write: bool,
}

/// The two versions of Graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    /// `v1.0`
    V1,
    /// `beta`
    Beta,
}

#[derive(Debug, Clone, PartialEq)]
enum Target {
    Path {
        version: Version,
        segments: Vec<String>,
        query: Vec<(&'static str, String)>,
    },
    /// An absolute URL that Graph gave; opaque.
    Link(String),
}

impl Request {
    /// Reads what stands at the path, given by its unencoded segments.
    pub fn get(version: Version, segments: &[&str]) -> Self {
        Self::new(Method::Get, version, segments, None, false)
    }

    /// Posts a body in order to change something.
    pub fn post(version: Version, segments: &[&str], body: Value) -> Self {
        Self::new(Method::Post, version, segments, Some(body), true)
    }

    /// Posts a body in order to read: nothing changes, so it can be repeated without thought.
    pub fn post_to_read(version: Version, segments: &[&str], body: Value) -> Self {
        Self::new(Method::Post, version, segments, Some(body), false)
    }

    /// Changes the members in the body.
    pub fn patch(version: Version, segments: &[&str], body: Value) -> Self {
        Self::new(Method::Patch, version, segments, Some(body), true)
    }

    /// Removes what stands at the path.
    pub fn delete(version: Version, segments: &[&str]) -> Self {
        Self::new(Method::Delete, version, segments, None, true)
    }

    /// Reads on at an `@odata.nextLink`, exactly as given.
    pub fn link(url: impl Into<String>) -> Self {
        Self {
            method: Method::Get,
            target: Target::Link(url.into()),
            headers: Vec::new(),
            body: None,
            write: false,
        }
    }

    /// With a query option, value unencoded. A link has its query already and stays as it is.
    #[must_use]
    pub fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Target::Path { query, .. } = &mut self.target {
            query.push((name, value.into()));
        }
        self
    }

    /// With a header of its own, such as `ConsistencyLevel`.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// Whether the request is meant to change something, so that its lost answer matters.
    pub fn is_write(&self) -> bool {
        self.write
    }

    /// Headers beyond those that every request has.
    pub fn headers(&self) -> &[(&'static str, String)] {
        &self.headers
    }

    /// The JSON body.
    pub fn body(&self) -> Option<&Value> {
        self.body.as_ref()
    }

    /// Version and path without the query, for logs and messages: `/beta/deviceManagement/…`.
    pub fn path(&self) -> String {
        match &self.target {
            Target::Path { version, segments, .. } => format!("/{}{}", version.as_str(), encode(segments)),
            Target::Link(url) => path_of(url).to_owned(),
        }
    }

    /// The address to send to.
    pub fn absolute_url(&self, endpoint: &Endpoint) -> String {
        match &self.target {
            Target::Path { version, .. } => {
                format!("{endpoint}/{}{}", version.as_str(), self.relative_url().unwrap_or_default())
            }
            Target::Link(url) => url.clone(),
        }
    }

    /// The version, unless the request is a link.
    pub fn version(&self) -> Option<Version> {
        match self.target {
            Target::Path { version, .. } => Some(version),
            Target::Link(_) => None,
        }
    }

    /// The request as an item of a `$batch`: its address is relative to the version. `None` for a link.
    pub fn batch_item(&self, id: &str) -> Option<Value> {
        let mut item = Map::new();
        item.insert("id".into(), json!(id));
        item.insert("method".into(), json!(self.method.as_str()));
        item.insert("url".into(), json!(self.relative_url()?));
        let mut headers: Map<String, Value> =
            self.headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        if let Some(body) = &self.body {
            headers.insert("Content-Type".into(), json!("application/json"));
            item.insert("body".into(), body.clone());
        }
        if !headers.is_empty() {
            item.insert("headers".into(), Value::Object(headers));
        }
        Some(Value::Object(item))
    }

    /// Whether the request may be sent to this endpoint.
    ///
    /// An empty segment is most often an empty id, which Graph answers with a 400 about the address instead of a
    /// 404; `.` and `..` would be folded away by the URL parser and reach something else.
    pub fn check(&self, endpoint: &Endpoint) -> Result<(), Refusal> {
        match &self.target {
            Target::Path { segments, .. } => {
                let unfit = |segment: &&String| matches!(segment.as_str(), "" | "." | "..");
                match segments.iter().find(unfit) {
                    Some(segment) => {
                        Err(Refusal::UnfitSegment { segment: segment.clone(), path: self.path() })
                    }
                    None => Ok(()),
                }
            }
            Target::Link(url) if endpoint.owns(url) => Ok(()),
            Target::Link(url) => Err(Refusal::ForeignLink {
                link: on_one_line(without_query(url), LONGEST_LINK_SHOWN),
                endpoint: endpoint.to_string(),
            }),
        }
    }

    fn new(method: Method, version: Version, segments: &[&str], body: Option<Value>, write: bool) -> Self {
        let segments = segments.iter().map(|segment| (*segment).to_owned()).collect();
        let target = Target::Path { version, segments, query: Vec::new() };
        Self { method, target, headers: Vec::new(), body, write }
    }

    fn relative_url(&self) -> Option<String> {
        let Target::Path { segments, query, .. } = &self.target else { return None };
        let mut url = encode(segments);
        for (position, (name, value)) in query.iter().enumerate() {
            url.push(if position == 0 { '?' } else { '&' });
            url.extend(utf8_percent_encode(name, QUERY));
            url.push('=');
            url.extend(utf8_percent_encode(value, QUERY));
        }
        Some(url)
    }
}

impl Version {
    /// As the first segment of an address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }
}

/// A URL up to its query, which may hold opaque tokens.
pub(super) fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

fn path_of(url: &str) -> &str {
    let url = without_query(url);
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').and_then(|start| rest.get(start..)).unwrap_or("/")
}

fn encode(segments: &[String]) -> String {
    let mut path = String::new();
    for segment in segments {
        path.push('/');
        path.extend(utf8_percent_encode(segment, SEGMENT));
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
        let request = Request::get(Version::Beta, &POLICY)
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
        let request = Request::get(Version::V1, &["groups"]).query("$top", "5");
        assert_eq!(request.path(), "/v1.0/groups");
        assert_eq!(Request::link("https://graph.microsoft.com/beta/x?$skiptoken=s").path(), "/beta/x");
    }

    #[test]
    fn a_batch_item_is_relative_to_the_version_and_names_its_content_type() {
        let read = Request::get(Version::Beta, &["groups", "g"]).header("ConsistencyLevel", "eventual");
        let expected = json!({"id": "1", "method": "GET", "url": "/groups/g", "headers": {"ConsistencyLevel": "eventual"}});
        assert_eq!(read.batch_item("1"), Some(expected));

        let write = Request::post(Version::Beta, &["p", "assign"], json!({"assignments": []}));
        let expected = json!({
            "id": "2", "method": "POST", "url": "/p/assign",
            "headers": {"Content-Type": "application/json"}, "body": {"assignments": []},
        });
        assert_eq!(write.batch_item("2"), Some(expected));
        assert_eq!(Request::link("https://graph.microsoft.com/beta/x").batch_item("3"), None);
    }

    #[test]
    fn only_requests_meant_to_change_something_are_writes() {
        let path = ["x"];
        assert!(Request::post(Version::Beta, &path, json!({})).is_write());
        assert!(Request::patch(Version::Beta, &path, json!({})).is_write());
        assert!(Request::delete(Version::Beta, &path).is_write());
        assert!(!Request::get(Version::Beta, &path).is_write());
        assert!(!Request::post_to_read(Version::Beta, &path, json!({})).is_write());
        assert!(!Request::link("https://graph.microsoft.com/x").is_write());
    }

    #[test]
    fn an_empty_id_and_dot_segments_are_refused() {
        for id in ["", ".", ".."] {
            let request = Request::get(Version::Beta, &["deviceManagement", "deviceConfigurations", id]);
            assert!(matches!(request.check(&endpoint()), Err(Refusal::UnfitSegment { .. })), "{id:?}");
        }
        assert_eq!(Request::get(Version::Beta, &POLICY).check(&endpoint()), Ok(()));
    }

    #[test]
    fn a_link_to_another_host_is_refused_without_showing_its_query() {
        let refusal = Request::link("https://evil.example/beta/x?token=t").check(&endpoint()).unwrap_err();
        assert_eq!(
            refusal,
            Refusal::ForeignLink {
                link: "https://evil.example/beta/x".into(),
                endpoint: "https://graph.microsoft.com".into()
            }
        );
    }

    #[test]
    fn a_link_is_sent_exactly_as_given() {
        let url = "https://graph.microsoft.com/beta/x?$skiptoken=A%2bB,c'";
        assert_eq!(Request::link(url).query("$top", "5").absolute_url(&endpoint()), url);
    }
}
