//! Packs reads into one `$batch` request, the envelope, and splits its response into one result for each read. Sends
//! nothing and does not know what the reads are for.
//!
//! ```text
//! {"requests":  [{"id": "1", "method": "GET", "url": "/…", "headers": {…}, "body": {…}}]}    at most 20
//! {"responses": [{"id": "1", "status": 200, "headers": {…}, "body": {…}}]}                   in any order
//! ```
//!
//! Documented in "Combine multiple HTTP requests using JSON batching". Not supported: writes, `dependsOn`, and item
//! bodies that are not JSON. Graph sends a body that is not JSON as a string. Only a string that holds a count is
//! accepted.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::transport::Secret;
use crate::transport::json::parse_small;
use crate::transport::text::{excerpt, single_line};

use super::call_record::CallRecord;
use super::error::Error;
use super::json_body::{bounded_list, is_integer};
use super::request::{ApiVersion, Request, without_query};
use super::response::Response;
use super::response_problem::ResponseProblem;

/// Graph's limit on the number of items in one envelope.
pub(super) const MAX_ITEMS: usize = 20;

/// The length to which an item's header is cut, because error messages can quote the header.
const MAX_HEADER_CHARS: usize = 1_024;

/// A response with more items is rejected as a whole. The limit exceeds [`MAX_ITEMS`], because a repeated item fails
/// only the read that it belongs to.
const MAX_RESPONSE_ITEMS: usize = 5 * MAX_ITEMS;

/// Builds `POST /{version}/$batch` with at most [`MAX_ITEMS`] reads, all of which use `version`. The request needs the
/// permissions of its items.
pub(super) fn build_envelope(version: ApiVersion, requests: &[Request]) -> Request {
    let items = requests.iter().enumerate();
    let items = items.filter_map(|(position, request)| request.batch_item(&item_id(position)));
    let body = json!({ "requests": items.collect::<Vec<_>>() });
    Request::post_to_read(version, &["$batch"], body)
}

/// Returns one result for each request, in the order of the requests. If the envelope failed, every result is a copy of
/// its error.
pub(super) fn split_response(
    response: Result<Response, Error>,
    requests: &[Request],
) -> Vec<Result<Response, Error>> {
    match response.and_then(BatchResponse::parse) {
        Ok(mut response) => requests
            .iter()
            .enumerate()
            .map(|(position, request)| response.remove_result(&item_id(position), request))
            .collect(),
        Err(error) => requests.iter().map(|_| Err(error.clone())).collect(),
    }
}

/// The items of the response to an envelope, keyed by their id in lower case: Graph compares ids case-insensitively.
struct BatchResponse {
    envelope: CallRecord,
    token: Secret,
    items: HashMap<String, Vec<BatchItem>>,
}

/// One item of the response.
struct BatchItem {
    status: Option<u16>,
    /// The member `headers`; null if it is absent or too large.
    headers: Value,
    /// The body as JSON text; empty if the item has no body.
    body: Box<str>,
}

impl BatchResponse {
    fn parse(response: Response) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct BatchBody<'a> {
            #[serde(borrow, deserialize_with = "bounded_list::<_, _, MAX_RESPONSE_ITEMS>")]
            responses: Vec<&'a RawValue>,
        }
        let Response { call: envelope, body, token } = response;
        if !body.is_object() {
            return Err(no_responses(envelope));
        }
        let Ok(BatchBody { responses }) = serde_json::from_str(body.text()) else {
            return Err(no_responses(envelope));
        };
        let mut items: HashMap<String, Vec<BatchItem>> = HashMap::new();
        for (id, item) in responses.into_iter().filter_map(|raw| BatchItem::parse(raw.get())) {
            items.entry(id.to_ascii_lowercase()).or_default().push(item);
        }
        Ok(Self { envelope, token, items })
    }

    fn remove_result(&mut self, id: &str, request: &Request) -> Result<Response, Error> {
        let call = item_call(request, &self.envelope);
        let mut items = self.items.remove(id).unwrap_or_default();
        match (items.pop(), items.is_empty()) {
            (Some(item), true) => item.into_response(call, &self.token),
            (Some(_), false) => Err(Error::undocumented(call, ResponseProblem::ItemRepeated)),
            (None, _) => Err(Error::undocumented(call, ResponseProblem::ItemMissing)),
        }
    }
}

impl BatchItem {
    /// Returns the id and the item; `None` if the text is not an object. A missing id becomes an empty string.
    fn parse(text: &str) -> Option<(String, Self)> {
        #[derive(Deserialize)]
        struct ItemMembers<'a> {
            #[serde(borrow)]
            id: Option<&'a RawValue>,
            #[serde(borrow)]
            status: Option<&'a RawValue>,
            #[serde(borrow)]
            headers: Option<&'a RawValue>,
            #[serde(borrow)]
            body: Option<&'a RawValue>,
        }
        let members: ItemMembers<'_> = serde_json::from_str(text).ok().filter(|_| text.starts_with('{'))?;
        let item = Self {
            status: members.status.and_then(|status| serde_json::from_str(status.get()).ok()),
            headers: members
                .headers
                .and_then(|headers| parse_small(headers.get().as_bytes()))
                .unwrap_or_default(),
            body: members.body.map(RawValue::get).unwrap_or_default().into(),
        };
        let id = members.id.and_then(|id| serde_json::from_str(id.get()).ok());
        Some((id.unwrap_or_default(), item))
    }

    fn into_response(self, mut call: CallRecord, token: &Secret) -> Result<Response, Error> {
        let Some(status) = self.status else {
            let problem = ResponseProblem::WrongShape { problem: "a batch item without status".into() };
            return Err(Error::undocumented(call, problem));
        };
        call.record_head(status, |name| self.header(name));
        if (300..400).contains(&status) {
            let to = self.header("location").map(|to| excerpt(without_query(&to)));
            return Err(Error::undocumented(call, ResponseProblem::Redirect { to }));
        }
        let content_type = self.header("content-type");
        // A body other than JSON arrives as a JSON string, for example a count or the HTML page of a proxy.
        match serde_json::from_str::<String>(&self.body) {
            Ok(text) if is_integer(text.trim_start_matches('\u{feff}')) => {
                let text = text.trim_start_matches('\u{feff}');
                Response::parse_text(call, content_type, text, token)
            }
            Ok(text) => {
                let excerpt = excerpt(&token.redact_in(&text));
                Err(Error::undocumented(call, ResponseProblem::NotGraph { content_type, excerpt }))
            }
            Err(_) => Response::parse_text(call, content_type, &self.body, token),
        }
    }

    fn header(&self, name: &str) -> Option<String> {
        let headers = self.headers.as_object()?;
        let (_, value) = headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        let text = value.as_str().map(|text| single_line(text, MAX_HEADER_CHARS));
        text.or_else(|| value.as_u64().map(|number| number.to_string()))
    }
}

fn item_id(position: usize) -> String {
    (position + 1).to_string()
}

/// The call record of an item. It has the ids and the date of the envelope until the item's headers replace them.
fn item_call(request: &Request, envelope: &CallRecord) -> CallRecord {
    let mut call = CallRecord::new(request, envelope.client_request_id.clone());
    call.request_id.clone_from(&envelope.request_id);
    call.date.clone_from(&envelope.date);
    call.responded_at = envelope.responded_at;
    call
}

fn no_responses(envelope: CallRecord) -> Error {
    Error::undocumented(
        envelope,
        ResponseProblem::WrongShape { problem: "a batch response without \"responses\"".into() },
    )
}
