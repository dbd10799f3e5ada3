//! Several reads in one `$batch`: packing, matching answers by id, each item judged on its own. Which reads go together
//! is decided in `coalesce.rs`; nothing is repeated here, and the entities are not known.
//!
//! ```text
//! {"requests":  [{"id": "1", "method": "GET", "url": "/…", "headers": {…}, "body": {…}}]}    at most 20
//! {"responses": [{"id": "1", "status": 200, "headers": {…}, "body": {…}}]}                   in any order
//! ```
//!
//! Not supported: writes, `dependsOn`, and bodies of items other than JSON.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::answer::{Answer, undocumented};
use super::call::Call;
use super::client::{Client, HeldToken};
use super::error::{Error, Finding, beginning_of};
use super::request::{Request, Version};

/// Graph's limit of items in one envelope.
pub const MAX_ITEMS: usize = 20;

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
    items: HashMap<String, Vec<Value>>,
}

impl Responses {
    fn read(answer: Answer) -> Result<Self, Error> {
        let Answer { call: envelope, body } = answer;
        let Value::Object(mut body) = body else { return Err(no_responses(envelope)) };
        let Some(Value::Array(responses)) = body.remove("responses") else {
            return Err(no_responses(envelope));
        };
        let mut items: HashMap<String, Vec<Value>> = HashMap::new();
        for item in responses {
            let id = item.get("id").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
            items.entry(id).or_default().push(item);
        }
        Ok(Self { envelope, items })
    }

    fn take(&mut self, id: &str, request: &Request) -> Result<Answer, Error> {
        let call = call_of(request, &self.envelope);
        let mut answers = self.items.remove(id).unwrap_or_default();
        match (answers.pop(), answers.is_empty()) {
            (Some(item), true) => read_item(call, item),
            (Some(_), false) => Err(undocumented(call, Finding::ItemRepeated)),
            (None, _) => Err(undocumented(call, Finding::ItemMissing)),
        }
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

fn read_item(mut call: Call, mut item: Value) -> Result<Answer, Error> {
    let status = item.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
    let Some(status) = status else {
        return Err(undocumented(
            call,
            Finding::WrongShape { problem: "a batch item without status".into() },
        ));
    };
    call.note(status, |name| item_header(&item, name));
    if (300..400).contains(&status) {
        let to = item_header(&item, "location").map(|to| beginning_of(super::request::without_query(&to)));
        return Err(undocumented(call, Finding::Redirect { to }));
    }
    Answer::read_json(call, item.get_mut("body").map(Value::take).unwrap_or_default())
}

fn item_header(item: &Value, name: &str) -> Option<String> {
    let headers = item.get("headers")?.as_object()?;
    let (_, value) = headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name))?;
    value.as_str().map(str::to_owned).or_else(|| value.as_u64().map(|number| number.to_string()))
}

fn no_responses(envelope: Call) -> Error {
    undocumented(envelope, Finding::WrongShape { problem: "a batch answer without \"responses\"".into() })
}
