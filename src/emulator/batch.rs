//! `POST $batch`: up to 20 requests in one ("Combine multiple HTTP requests using JSON batching"). Each item
//! takes the same way as a request of its own; this file only unpacks, orders and packs.

use std::collections::HashMap;
use std::pin::Pin;

use axum::http::{HeaderMap, Method};
use serde_json::{Map, Value, json};

use super::answer::{Answer, Body, CONTENT_TYPE, Delivery};
use super::errors::Refusal;
use super::members::{Members, ShapeError};
use super::odata::path::Version;
use super::request::{BatchItem, Identity, Incoming};

const MAX_ITEMS: usize = 20;

/// One item as sent.
#[derive(Debug)]
struct Item {
    id: String,
    method: Method,
    /// Relative to the version root.
    url: String,
    headers: Vec<(String, String)>,
    body: Option<Value>,
    depends_on: Vec<String>,
}

/// A batch before it is unpacked.
#[derive(Debug)]
pub struct Envelope<'a> {
    /// The request that carries the batch.
    pub incoming: &'a Incoming,
    /// Its ids.
    pub identity: &'a Identity,
    /// The version root, which the addresses of the items are relative to.
    pub version: Version,
    /// Its number in the call log.
    pub number: u64,
    /// Whether the items are served in an order drawn at random, as far as their dependencies allow.
    pub shuffled: bool,
}

/// Serves one item as if it were a request of its own.
pub type Serve<'a> = dyn Fn(Incoming, Identity) -> ServedItem<'a> + Sync + 'a;

/// The answer to an item, on its way. On the heap, since a batch is served on the way of a request, too.
pub type ServedItem<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

/// Answers a batch: 200 if the envelope can be read, whatever becomes of the items.
pub async fn answer(envelope: &Envelope<'_>, serve: &Serve<'_>) -> Result<Answer, Refusal> {
    if envelope.incoming.method != Method::POST {
        return Err(Refusal::method_not_allowed());
    }
    if envelope.incoming.batch.is_some() {
        return Err(Refusal::bad_request("A batch cannot contain a batch."));
    }
    let items = read_envelope(&envelope.incoming.body)?;
    let mut statuses: HashMap<String, u16> = HashMap::new();
    let mut responses = Vec::with_capacity(items.len());
    let mut cut = false;
    for item in serving_order(&items, envelope.shuffled)? {
        let answer = answer_item(item, envelope, &statuses, serve).await;
        statuses.insert(item.id.to_lowercase(), answer.status);
        match answer.delivery {
            Delivery::Usual | Delivery::Drip(_) => responses.push(pack(&item.id, answer)),
            Delivery::Cut => cut = true,
            Delivery::LeftOut => {}
            Delivery::Twice => responses.extend([pack(&item.id, answer.clone()), pack(&item.id, answer)]),
        }
    }
    fastrand::shuffle(&mut responses);
    let answer = Answer::json(200, json!({"responses": responses}));
    Ok(if cut { answer.delivered(Delivery::Cut) } else { answer })
}

async fn answer_item(
    item: &Item,
    envelope: &Envelope<'_>,
    statuses: &HashMap<String, u16>,
    serve: &Serve<'_>,
) -> Answer {
    let request = unpack(item, envelope);
    let client_request_id = client_request_id(&request, envelope.identity);
    let ids = Identity { client_request_id, ..Identity::of(&request) };
    if parent_failed(item, statuses) {
        Refusal::plain(424, "FailedDependency", "A request that this one depends on has failed.")
            .into_answer(&request, &ids)
    } else {
        serve(request, ids).await
    }
}

fn parent_failed(item: &Item, statuses: &HashMap<String, u16>) -> bool {
    let failed = |parent: &String| statuses.get(&parent.to_lowercase()).is_none_or(|status| *status >= 400);
    item.depends_on.iter().any(failed)
}

fn read_envelope(body: &[u8]) -> Result<Vec<Item>, Refusal> {
    let document = serde_json::from_slice(body)
        .map_err(|_| Refusal::bad_request("The batch request payload is not valid JSON."))?;
    let mut members = Members::of(document, "batch", "")?;
    let requests = members.list("requests")?.value().unwrap_or_default();
    members.finish()?;
    if requests.is_empty() {
        return Err(Refusal::bad_request("A batch needs at least one request in 'requests'."));
    }
    if requests.len() > MAX_ITEMS {
        return Err(Refusal::bad_request(format!(
            "The number of batch requests exceeds the maximum of {MAX_ITEMS}."
        )));
    }
    let read = |(index, item)| Item::read(item, &format!("requests[{index}]"));
    let items = requests.into_iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?;
    for (index, item) in items.iter().enumerate() {
        if items.iter().skip(index + 1).any(|later| later.id.eq_ignore_ascii_case(&item.id)) {
            return Err(Refusal::bad_request(format!(
                "The request id '{}' is not unique in the batch.",
                item.id
            )));
        }
    }
    Ok(items)
}

impl Item {
    fn read(document: Value, at: &str) -> Result<Self, ShapeError> {
        let mut members = Members::of(document, "batchRequest", at)?;
        let required = |members: &mut Members, name: &str| {
            let text = members.text(name)?.value().filter(|text| !text.is_empty());
            text.ok_or_else(|| {
                ShapeError::new(&members.place(name), format!("A batch request needs '{name}'."))
            })
        };
        let id = required(&mut members, "id")?;
        let method = required(&mut members, "method")?;
        let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).map_err(|_| {
            ShapeError::new(&members.place("method"), format!("'{method}' is not an HTTP method."))
        })?;
        let item = Self {
            id,
            method,
            url: required(&mut members, "url")?,
            headers: read_headers(&mut members)?,
            body: members.any("body").filter(|body| !body.is_null()),
            depends_on: members.texts("dependsOn")?.value().unwrap_or_default(),
        };
        members.finish()?;
        Ok(item)
    }

    fn header(&self, name: &str) -> Option<String> {
        self.headers.iter().find(|(sent, _)| sent.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
    }
}

fn read_headers(members: &mut Members) -> Result<Vec<(String, String)>, ShapeError> {
    let headers = members.take("headers", "an object of strings", |headers| match headers {
        Value::Object(headers) => headers
            .into_iter()
            .map(|(name, value)| value.as_str().map(|value| (name, value.to_owned())))
            .collect::<Option<Vec<_>>>(),
        _ => None,
    })?;
    Ok(headers.value().unwrap_or_default())
}

/// An order in which parents come before their children; `shuffled` draws a new one each time.
fn serving_order(items: &[Item], shuffled: bool) -> Result<Vec<&Item>, Refusal> {
    let mut waiting: Vec<&Item> = items.iter().collect();
    if shuffled {
        fastrand::shuffle(&mut waiting);
    }
    let mut order: Vec<&Item> = Vec::with_capacity(items.len());
    while !waiting.is_empty() {
        let served = |id: &String| order.iter().any(|item| item.id.eq_ignore_ascii_case(id));
        let Some(next) = waiting.iter().position(|item| item.depends_on.iter().all(served)) else {
            return Err(Refusal::bad_request(
                "'dependsOn' names a request that is not in the batch, or runs in a circle.",
            ));
        };
        order.push(waiting.remove(next));
    }
    Ok(order)
}

/// The request that an item stands for. The token is the envelope's; a header of the item does not replace
/// it.
fn unpack(item: &Item, envelope: &Envelope<'_>) -> Incoming {
    Incoming {
        method: item.method.clone(),
        target: format!("/{}/{}", envelope.version, item.url.strip_prefix('/').unwrap_or(&item.url)),
        origin: envelope.incoming.origin.clone(),
        bearer: envelope.incoming.bearer.clone(),
        content_type: item.header("content-type"),
        client_request_id: item.header("client-request-id"),
        headers: HeaderMap::new(),
        body: item.body.as_ref().map(|body| body.to_string().into_bytes()).unwrap_or_default(),
        batch: Some(BatchItem { id: item.id.clone(), envelope: envelope.number }),
    }
}

fn client_request_id(item: &Incoming, envelope: &Identity) -> String {
    item.client_request_id.clone().unwrap_or_else(|| envelope.client_request_id.clone())
}

fn pack(id: &str, answer: Answer) -> Value {
    let mut headers = Map::from_iter([("Cache-Control".to_owned(), json!("no-cache"))]);
    headers.extend(answer.headers.into_iter().map(|(name, value)| (name.to_owned(), json!(value))));
    let mut response =
        Map::from_iter([("id".to_owned(), json!(id)), ("status".to_owned(), json!(answer.status))]);
    let body = match answer.body {
        Body::Empty => None,
        Body::Json(document) => Some((document, CONTENT_TYPE.to_owned())),
        Body::Raw { text, content_type } => Some((json!(text), content_type)),
    };
    if let Some((body, content_type)) = body {
        headers.insert("Content-Type".to_owned(), json!(content_type));
        response.insert("body".to_owned(), body);
    }
    response.insert("headers".to_owned(), Value::Object(headers));
    Value::Object(response)
}
