//! Several reads in one `$batch`: packing, matching answers by id, each item judged on its own. Which reads go together
//! is decided in `coalesce.rs`; nothing is repeated here, and the entities are not known.
//!
//! ```text
//! {"requests":  [{"id": "1", "method": "GET", "url": "/…", "headers": {…}, "body": {…}}]}    at most 20
//! {"responses": [{"id": "1", "status": 200, "headers": {…}, "body": {…}}]}                   in any order
//! ```
//!
//! Not supported: writes, `dependsOn`, and bodies of items other than JSON, which come as a string.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::transport::Secret;
use crate::transport::json::tree;

use super::answer::{Answer, undocumented};
use super::body::at_most;
use super::call::Call;
use super::client::{Client, HeldToken};
use super::error::{Error, Finding, beginning_of, on_one_line};
use super::request::{Request, Version};

/// Graph's limit of items in one envelope.
pub const MAX_ITEMS: usize = 20;

/// Ids and dates are shown in messages.
const LONGEST_HEADER: usize = 1_024;

/// More answers than that are no answer to an envelope, however often it repeats itself.
const MAX_ANSWERS: usize = 5 * MAX_ITEMS;

impl Client {
    /// Sends reads in one `$batch` envelope, once, with this token first, and gives each its own result, in their order.
    ///
    /// `POST /{version}/$batch`; permissions are those of the items. "Combine multiple HTTP requests using JSON
    /// batching". At most [`MAX_ITEMS`] requests, all of `version`. An envelope that fails gives its error to each of
    /// its items.
    pub(super) async fn send_envelope(
        &self,
        version: Version,
        chunk: &[Request],
        token: &HeldToken,
    ) -> Vec<Result<Answer, Error>> {
        let answered = match self.send_renewing(&envelope(version, chunk), token).await {
            Ok(answer) => Responses::read(answer),
            Err(error) => Err(error),
        };
        match answered {
            Ok(mut responses) => chunk
                .iter()
                .enumerate()
                .map(|(position, request)| responses.take(&id_of(position), request))
                .collect(),
            // The call stays the envelope's, for that is what was made.
            Err(error) => chunk.iter().map(|_| Err(error.clone())).collect(),
        }
    }
}

/// The items of an answered envelope, by id in lower case: Graph compares ids without case.
struct Responses {
    envelope: Call,
    token: Secret,
    items: HashMap<String, Vec<Item>>,
}

/// One item.
struct Item {
    status: Option<u16>,
    /// The member `headers`; null if it is absent or no small object.
    headers: Value,
    /// JSON; empty if there was none.
    body: Box<str>,
}

impl Responses {
    fn read(answer: Answer) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Envelope<'a> {
            #[serde(borrow, deserialize_with = "at_most::<_, _, MAX_ANSWERS>")]
            responses: Vec<&'a RawValue>,
        }
        let Answer { call: envelope, body, token } = answer;
        if !body.is_object() {
            return Err(no_responses(envelope));
        }
        let Ok(Envelope { responses }) = serde_json::from_str(body.text()) else {
            return Err(no_responses(envelope));
        };
        let mut items: HashMap<String, Vec<Item>> = HashMap::new();
        for (id, item) in responses.into_iter().filter_map(|raw| Item::read(raw.get())) {
            items.entry(id.to_ascii_lowercase()).or_default().push(item);
        }
        Ok(Self { envelope, token, items })
    }

    fn take(&mut self, id: &str, request: &Request) -> Result<Answer, Error> {
        let call = call_of(request, &self.envelope);
        let mut answers = self.items.remove(id).unwrap_or_default();
        match (answers.pop(), answers.is_empty()) {
            (Some(item), true) => item.judge(call, &self.token),
            (Some(_), false) => Err(undocumented(call, Finding::ItemRepeated)),
            (None, _) => Err(undocumented(call, Finding::ItemMissing)),
        }
    }
}

impl Item {
    /// The item with its id, which is empty if it has none. `None` if it is no object.
    fn read(text: &str) -> Option<(String, Self)> {
        #[derive(Deserialize)]
        struct Members<'a> {
            #[serde(borrow)]
            id: Option<&'a RawValue>,
            #[serde(borrow)]
            status: Option<&'a RawValue>,
            #[serde(borrow)]
            headers: Option<&'a RawValue>,
            #[serde(borrow)]
            body: Option<&'a RawValue>,
        }
        let members: Members<'_> = serde_json::from_str(text).ok().filter(|_| text.starts_with('{'))?;
        let item = Self {
            status: members.status.and_then(|status| serde_json::from_str(status.get()).ok()),
            headers: members.headers.and_then(|headers| tree(headers.get().as_bytes())).unwrap_or_default(),
            body: members.body.map(RawValue::get).unwrap_or_default().into(),
        };
        let id = members.id.and_then(|id| serde_json::from_str(id.get()).ok());
        Some((id.unwrap_or_default(), item))
    }

    fn judge(self, mut call: Call, token: &Secret) -> Result<Answer, Error> {
        let Some(status) = self.status else {
            let finding = Finding::WrongShape { problem: "a batch item without status".into() };
            return Err(undocumented(call, finding));
        };
        call.note(status, |name| self.header(name));
        if (300..400).contains(&status) {
            let to = self.header("location").map(|to| beginning_of(super::request::without_query(&to)));
            return Err(undocumented(call, Finding::Redirect { to }));
        }
        let content_type = self.header("content-type");
        // What is not JSON comes as a string: the page of a proxy, say.
        match serde_json::from_str::<String>(&self.body) {
            Ok(text) => {
                let beginning = beginning_of(&token.cover(&text));
                Err(undocumented(call, Finding::NotGraph { content_type, beginning }))
            }
            Err(_) => Answer::read_text(call, content_type, &self.body, token),
        }
    }

    fn header(&self, name: &str) -> Option<String> {
        let headers = self.headers.as_object()?;
        let (_, value) = headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name))?;
        let text = value.as_str().map(|text| on_one_line(text, LONGEST_HEADER));
        text.or_else(|| value.as_u64().map(|number| number.to_string()))
    }
}

fn envelope(version: Version, chunk: &[Request]) -> Request {
    let items: Vec<Value> = chunk
        .iter()
        .enumerate()
        .filter_map(|(position, request)| request.batch_item(&id_of(position)))
        .collect();
    let body = json!({ "requests": items });
    Request::post_to_read(version, &["$batch"], body)
}

fn id_of(position: usize) -> String {
    (position + 1).to_string()
}

/// The item as a call of its own; ids and date are the envelope's until the item brings its own.
fn call_of(request: &Request, envelope: &Call) -> Call {
    let mut call = Call::new(request, envelope.client_request_id.clone());
    call.request_id.clone_from(&envelope.request_id);
    call.date.clone_from(&envelope.date);
    call.answered = envelope.answered;
    call
}

fn no_responses(envelope: Call) -> Error {
    undocumented(envelope, Finding::WrongShape { problem: "a batch answer without \"responses\"".into() })
}
