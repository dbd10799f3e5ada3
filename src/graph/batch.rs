//! Several requests in one `$batch`: packing, matching answers by id, each item judged on its own, and asked for
//! again where it may succeed then. Does not know the entities.
//!
//! ```text
//! {"requests":  [{"id": "1", "method": "GET", "url": "/…", "headers": {…}, "body": {…}}]}    at most 20
//! {"responses": [{"id": "1", "status": 200, "headers": {…}, "body": {…}}]}                   in any order
//! ```
//!
//! Not supported: `dependsOn`, and bodies of items other than JSON.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::answer::{Answer, undocumented};
use super::call::Call;
use super::client::Client;
use super::error::{Error, Finding, Refusal, beginning_of};
use super::request::{Request, Version};
use super::retry::{Kind, Trouble};

/// Graph's limit of items in one envelope.
pub const MAX_ITEMS: usize = 20;

impl Client {
    /// Sends requests in as few `$batch` envelopes as possible and gives each its own result, in their order.
    ///
    /// `POST /{version}/$batch`; permissions are those of the items. "Combine multiple HTTP requests using JSON
    /// batching". All requests must share one version of Graph. The outer error means that nothing was sent; an
    /// envelope that fails gives its error to each of its items, and later envelopes are sent nevertheless. Items that
    /// were throttled, failed, left out or answered twice are asked for again, unless the envelope held a write.
    pub async fn batch(&self, requests: &[Request]) -> Result<Vec<Result<Answer, Error>>, Error> {
        let Some(version) = requests.first().map(Request::version) else { return Ok(Vec::new()) };
        let version = version.ok_or(Refusal::MixedBatch)?;
        for request in requests {
            request.check(self.endpoint())?;
            if request.version() != Some(version) {
                return Err(Refusal::MixedBatch.into());
            }
        }
        let mut results = Vec::with_capacity(requests.len());
        for chunk in requests.chunks(MAX_ITEMS) {
            results.extend(self.send_chunk(version, chunk).await);
        }
        Ok(results)
    }

    /// Sends the items of one envelope until each has a lasting result or no time is left.
    async fn send_chunk(&self, version: Version, chunk: &[Request]) -> Vec<Result<Answer, Error>> {
        let Some(first) = chunk.first() else { return Vec::new() };
        if chunk.iter().any(Request::is_write) {
            return self.send_envelope(version, chunk).await;
        }
        let mut tries = self.tries(Kind::of(first));
        let mut items: Vec<Item<'_>> = chunk.iter().map(Item::new).collect();
        loop {
            let turn = match tries.turn().await {
                Ok(turn) => turn,
                Err(error) => break items.iter_mut().for_each(|item| item.give_up(&error)),
            };
            let open: Vec<Request> =
                items.iter().filter(|item| item.is_open()).map(|item| item.request.clone()).collect();
            let answers = match tries.in_time(self.send_envelope(version, &open)).await {
                Ok(answers) => answers,
                Err(error) => break items.iter_mut().for_each(|item| item.give_up(&error)),
            };
            for (item, answer) in items.iter_mut().filter(|item| item.is_open()).zip(answers) {
                item.note(answer.map_err(|error| tries.told(error)), tries.times());
            }
            let Some(error) = tries.most_urgent(items.iter().filter_map(Item::passing)) else {
                break tries.succeeded(turn);
            };
            if !tries.failed(turn, error) {
                break;
            }
        }
        items.into_iter().map(Item::into_result).collect()
    }

    async fn send_envelope(&self, version: Version, chunk: &[Request]) -> Vec<Result<Answer, Error>> {
        let answered = match self.send_once(&envelope(version, chunk)).await {
            Ok(answer) => Responses::read(answer),
            Err(error) => Err(error),
        };
        match answered {
            Ok(mut responses) => chunk
                .iter()
                .enumerate()
                .map(|(position, request)| responses.take(&id_of(position), request))
                .collect(),
            Err(error) => chunk.iter().map(|request| Err(for_item(&error, request))).collect(),
        }
    }
}

/// A request of a batch with its last result.
struct Item<'a> {
    request: &'a Request,
    result: Option<Result<Answer, Error>>,
}

impl<'a> Item<'a> {
    fn new(request: &'a Request) -> Self {
        Self { request, result: None }
    }

    /// Keeps the result of this try. That of an item which has succeeded before is older than later pauses.
    fn note(&mut self, mut result: Result<Answer, Error>, times: u32) {
        if let Ok(answer) = &mut result {
            answer.call.tried.times = times;
        }
        self.result = Some(result);
    }

    /// Whether asking again may give another result.
    fn is_open(&self) -> bool {
        self.result.is_none() || self.passing().is_some()
    }

    /// Its error, if that may pass.
    fn passing(&self) -> Option<&Error> {
        let error = self.result.as_ref()?.as_ref().err()?;
        (Trouble::of(error) != Trouble::Lasting).then_some(error)
    }

    /// Its own last error stays; the number of tries is that of the batch.
    fn give_up(&mut self, error: &Error) {
        if !self.is_open() {
            return;
        }
        match &mut self.result {
            Some(Err(own)) => {
                if let (Some(call), Some(given_up)) = (own.call_mut(), error.call()) {
                    call.tried = given_up.tried;
                }
            }
            _ => self.result = Some(Err(for_item(error, self.request))),
        }
    }

    fn into_result(self) -> Result<Answer, Error> {
        let missing = || Err(undocumented(Call::new(self.request, String::new()), Finding::ItemMissing));
        self.result.unwrap_or_else(missing)
    }
}

/// The next of the results of a batch, for the request that it belongs to.
pub(super) fn next_answer(
    results: &mut impl Iterator<Item = Result<Answer, Error>>,
    request: &Request,
) -> Result<Answer, Error> {
    let missing = || Err(undocumented(Call::new(request, String::new()), Finding::ItemMissing));
    results.next().unwrap_or_else(missing)
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
    if chunk.iter().any(Request::is_write) {
        Request::post(version, &["$batch"], body)
    } else {
        Request::post_to_read(version, &["$batch"], body)
    }
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

/// The failure of an envelope as that of one of its items. The call stays the envelope's, for that is what was made;
/// whether it was a write is the item's own.
fn for_item(error: &Error, request: &Request) -> Error {
    let mut error = error.clone();
    if let Error::OutcomeUnknown { call, cause } = &error
        && !request.is_write()
    {
        error = Error::Unreadable { call: call.clone(), cause: cause.clone() };
    }
    if let Some(call) = error.call_mut() {
        call.write = request.is_write();
    }
    error
}
