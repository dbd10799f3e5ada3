//! `POST $batch`: up to 20 requests in one ("Combine multiple HTTP requests using JSON batching"). This file
//! only unpacks, orders and packs the items; the caller passes in how an item is served.

use std::collections::HashMap;
use std::pin::Pin;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Map, Value, json};

use super::member_reader::{MemberReader, ShapeError};
use super::odata::path::VersionRoot;
use super::request::{BatchPosition, IncomingRequest, RequestIds};
use super::response::{CONTENT_TYPE, COUNT_CONTENT_TYPE, Delivery, ResponseBody, ServiceResponse};
use super::service_error::ServiceError;

const MAX_ITEMS: usize = 20;

/// One item as sent.
#[derive(Debug)]
struct BatchItem {
    id: String,
    method: Method,
    /// Relative to the version root.
    url: String,
    headers: Vec<(String, String)>,
    body: Option<Value>,
    depends_on: Vec<String>,
}

/// A batch request before its items are read.
#[derive(Debug)]
pub struct BatchEnvelope<'a> {
    /// The request that carries the batch.
    pub incoming: &'a IncomingRequest,
    /// The request's ids.
    pub identity: &'a RequestIds,
    /// The version root that the addresses of the items are relative to.
    pub version: VersionRoot,
    /// Its number in the call log.
    pub number: u64,
    /// Whether the items are served in random order, as far as their dependencies allow.
    pub shuffled: bool,
}

/// Serves one item like a separate request.
pub type Serve<'a> = dyn Fn(IncomingRequest, RequestIds) -> ServedItem<'a> + Sync + 'a;

/// The future response to an item. It is boxed because serving a batch and serving an item call each other.
pub type ServedItem<'a> = Pin<Box<dyn Future<Output = ServiceResponse> + Send + 'a>>;

/// Answers a batch: 200 if the envelope can be read, even if all items fail.
pub async fn answer(
    envelope: &BatchEnvelope<'_>,
    serve: &Serve<'_>,
) -> Result<ServiceResponse, ServiceError> {
    if envelope.incoming.method != Method::POST {
        return Err(ServiceError::method_not_allowed());
    }
    if envelope.incoming.batch.is_some() {
        return Err(ServiceError::bad_request("A batch cannot contain a batch."));
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
    let answer = ServiceResponse::json(200, json!({"responses": responses}));
    Ok(if cut { answer.with_delivery(Delivery::Cut) } else { answer })
}

async fn answer_item(
    item: &BatchItem,
    envelope: &BatchEnvelope<'_>,
    statuses: &HashMap<String, u16>,
    serve: &Serve<'_>,
) -> ServiceResponse {
    let request = unpack(item, envelope);
    let client_request_id = client_request_id(&request, envelope.identity);
    let ids = RequestIds { client_request_id, ..RequestIds::new(&request) };
    if parent_failed(item, statuses) {
        ServiceError::plain(424, "FailedDependency", "A request that this one depends on has failed.")
            .into_response(&request, &ids)
    } else {
        serve(request, ids).await
    }
}

fn parent_failed(item: &BatchItem, statuses: &HashMap<String, u16>) -> bool {
    let failed = |parent: &String| statuses.get(&parent.to_lowercase()).is_none_or(|status| *status >= 400);
    item.depends_on.iter().any(failed)
}

fn read_envelope(body: &[u8]) -> Result<Vec<BatchItem>, ServiceError> {
    let document = serde_json::from_slice(body)
        .map_err(|_| ServiceError::bad_request("The batch request payload is not valid JSON."))?;
    let mut members = MemberReader::open(document, "batch", "")?;
    let requests = members.list("requests")?.value().unwrap_or_default();
    members.finish()?;
    if requests.is_empty() {
        return Err(ServiceError::bad_request("A batch needs at least one request in 'requests'."));
    }
    if requests.len() > MAX_ITEMS {
        return Err(ServiceError::bad_request(format!(
            "The number of batch requests exceeds the maximum of {MAX_ITEMS}."
        )));
    }
    let read = |(index, item)| BatchItem::read(item, &format!("requests[{index}]"));
    let items = requests.into_iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?;
    // One such item fails all of them (msgraph-sdk-dotnet#1038, Softeria/ms-365-mcp-server#677).
    if let Some(bare) = items.iter().find(|item| item.is_write_without_content()) {
        return Err(ServiceError::bad_request(format!(
            "Write request id : {} does not contain Content-Type header or body.",
            bare.id
        )));
    }
    for (index, item) in items.iter().enumerate() {
        if items.iter().skip(index + 1).any(|later| later.id.eq_ignore_ascii_case(&item.id)) {
            return Err(ServiceError::bad_request(format!(
                "The request id '{}' is not unique in the batch.",
                item.id
            )));
        }
    }
    Ok(items)
}

impl BatchItem {
    fn read(document: Value, at: &str) -> Result<Self, ShapeError> {
        let mut members = MemberReader::open(document, "batchRequest", at)?;
        members.read_number_as_text("id");
        let required = |members: &mut MemberReader, name: &str| {
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
            url: relative_url(required(&mut members, "url")?),
            headers: read_headers(&mut members)?,
            body: members.any("body").filter(|body| !body.is_null()),
            depends_on: members.texts("dependsOn")?.value().unwrap_or_default(),
        };
        // Clients in use send further members, such as `depends_on`, and rely on the service to ignore them.
        Ok(item)
    }

    /// Whether the service misses the content of a write. A DELETE needs none.
    fn is_write_without_content(&self) -> bool {
        let writes = [Method::POST, Method::PATCH, Method::PUT].contains(&self.method);
        writes && (self.body.is_none() || self.header("content-type").is_none())
    }

    fn header(&self, name: &str) -> Option<String> {
        self.headers.iter().find(|(sent, _)| sent.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
    }
}

/// The address below the version root. Clients in use also send absolute addresses.
fn relative_url(url: String) -> String {
    let Some((_, rest)) = url.split_once("://") else { return url };
    let path = rest.split_once('/').map_or("", |(_, path)| path);
    let below = ["beta/", "v1.0/"].iter().find_map(|version| path.strip_prefix(version));
    below.unwrap_or(path).trim_start_matches('/').to_owned()
}

fn read_headers(members: &mut MemberReader) -> Result<Vec<(String, String)>, ShapeError> {
    let headers = members.read("headers", "an object of strings", |headers| match headers {
        Value::Object(headers) => headers
            .into_iter()
            .map(|(name, value)| value.as_str().map(|value| (name, value.to_owned())))
            .collect::<Option<Vec<_>>>(),
        _ => None,
    })?;
    Ok(headers.value().unwrap_or_default())
}

/// An order in which parents come before their children. `shuffled` draws a new order each time.
fn serving_order(items: &[BatchItem], shuffled: bool) -> Result<Vec<&BatchItem>, ServiceError> {
    let mut waiting: Vec<&BatchItem> = items.iter().collect();
    if shuffled {
        fastrand::shuffle(&mut waiting);
    }
    let mut order: Vec<&BatchItem> = Vec::with_capacity(items.len());
    while !waiting.is_empty() {
        let served = |id: &String| order.iter().any(|item| item.id.eq_ignore_ascii_case(id));
        let Some(next) = waiting.iter().position(|item| item.depends_on.iter().all(served)) else {
            return Err(ServiceError::bad_request(
                "'dependsOn' names a request that is not in the batch, or runs in a circle.",
            ));
        };
        order.push(waiting.remove(next));
    }
    Ok(order)
}

/// The request that an item describes. It uses the envelope's token; a header of the item cannot replace it.
fn unpack(item: &BatchItem, envelope: &BatchEnvelope<'_>) -> IncomingRequest {
    IncomingRequest {
        method: item.method.clone(),
        target: format!("/{}/{}", envelope.version, item.url.strip_prefix('/').unwrap_or(&item.url)),
        origin: envelope.incoming.origin.clone(),
        bearer: envelope.incoming.bearer.clone(),
        content_type: item.header("content-type"),
        client_request_id: item.header("client-request-id"),
        headers: header_map(&item.headers),
        body: item.body.as_ref().map(|body| body.to_string().into_bytes()).unwrap_or_default(),
        batch: Some(BatchPosition { id: item.id.clone(), envelope: envelope.number }),
    }
}

/// The headers of an item. A header that HTTP could not carry is ignored.
fn header_map(sent: &[(String, String)]) -> HeaderMap {
    let readable = |(name, value): &(String, String)| {
        Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
    };
    sent.iter().filter_map(readable).collect()
}

fn client_request_id(item: &IncomingRequest, envelope: &RequestIds) -> String {
    item.client_request_id.clone().unwrap_or_else(|| envelope.client_request_id.clone())
}

fn pack(id: &str, answer: ServiceResponse) -> Value {
    let mut headers = Map::from_iter([("Cache-Control".to_owned(), json!("no-cache"))]);
    headers.extend(answer.headers.into_iter().map(|(name, value)| (name.to_owned(), json!(value))));
    let mut response =
        Map::from_iter([("id".to_owned(), json!(id)), ("status".to_owned(), json!(answer.status))]);
    let body = match answer.body {
        ResponseBody::Empty => None,
        ResponseBody::Json(document) => Some((document, CONTENT_TYPE.to_owned())),
        ResponseBody::Count(number) => Some((json!(number), COUNT_CONTENT_TYPE.to_owned())),
        ResponseBody::Raw { text, content_type } => Some((json!(text), content_type)),
    };
    if let Some((body, content_type)) = body {
        headers.insert("Content-Type".to_owned(), json!(content_type));
        response.insert("body".to_owned(), body);
    }
    response.insert("headers".to_owned(), Value::Object(headers));
    Value::Object(response)
}
