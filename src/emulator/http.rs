//! HTTP: from sockets to values and back, and the headers of every response. Decides nothing about Graph.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, FORWARDED, HOST};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::Response;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::connection::ConnectionAbort;
use super::control;
use super::entra::{self, EntraEndpoint};
use super::origin_check;
use super::request::{IncomingRequest, RequestIds};
use super::request_body;
use super::response::{self, Delivery, ResponseBody, ServiceResponse};
use super::router;
use super::service::EmulatedService;

/// The diagnostic header of Graph's front end.
const DIAGNOSTIC: &str = r#"{"ServerInfo":{"DataCenter":"Emulator","Slice":"E","Ring":"1","ScaleUnit":"000","RoleInstance":"EMULATOR0000"}}"#;

/// The connection that a request came in on.
#[derive(Clone, Debug)]
pub struct ClientConnection {
    /// Closes it.
    pub abort: ConnectionAbort,
    /// The emulator's end of it.
    pub local: SocketAddr,
    /// Whether it uses TLS.
    pub tls: bool,
}

/// Answers one HTTP request.
pub async fn answer(service: &EmulatedService, client: &ClientConnection, request: Request) -> Response {
    if !service.options.latency.is_zero() {
        tokio::time::sleep(service.options.latency).await;
    }
    let (parts, body) = request.into_parts();
    let body =
        request_body::read(&service.body_budget, service.options.client_timeout, &parts.headers, body).await;
    let (body, refusal) = match body {
        Ok(body) => (body, None),
        Err(refusal) => (request_body::RequestBody::default(), Some(refusal)),
    };
    let incoming = IncomingRequest {
        target: parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
        origin: origin(client, &parts.uri, &parts.headers),
        bearer: bearer(&parts.headers),
        content_type: text(&parts.headers, CONTENT_TYPE.as_str()),
        client_request_id: text(&parts.headers, "client-request-id"),
        body: body.bytes,
        batch: None,
        method: parts.method,
        headers: parts.headers,
    };
    let identity = RequestIds::new(&incoming);
    let answer = if let Some(refusal) = refusal {
        refusal.into_response(&incoming, &identity)
    } else if let Some(refusal) = check_origin(service, &incoming) {
        refusal
    } else if let Some(endpoint) = EntraEndpoint::at(incoming.path()) {
        entra::answer(service, &incoming, &identity, endpoint).await
    } else if control::owns(incoming.path()) {
        let answer = control::answer(service, &incoming.method, &incoming.target, &incoming.body);
        if control::is_reset(&incoming) {
            fastrand::seed(service.options.seed);
        }
        answer
    } else {
        router::answer(service, &incoming, &identity).await
    };
    deliver(answer, &incoming, &identity, &client.abort)
}

fn deliver(
    answer: ServiceResponse,
    incoming: &IncomingRequest,
    identity: &RequestIds,
    abort: &ConnectionAbort,
) -> Response {
    let delivery = answer.delivery;
    let mut response = respond(answer, identity);
    match delivery {
        Delivery::Cut => abort.abort(),
        Delivery::Drip(pause) => *response.body_mut() = dripping(pause),
        Delivery::Usual | Delivery::LeftOut | Delivery::Twice => {}
    }
    if EntraEndpoint::at(incoming.path()).is_none() {
        put(&mut response, "x-ms-ags-diagnostic", DIAGNOSTIC);
        put(&mut response, "odata-version", "4.0");
    }
    response
}

/// The pipelines below `/_emulator` are protected like test control.
fn check_origin(service: &EmulatedService, incoming: &IncomingRequest) -> Option<ServiceResponse> {
    if control::owns(incoming.path()) { origin_check::reject(service.options.listen, incoming) } else { None }
}

fn respond(answer: ServiceResponse, identity: &RequestIds) -> Response {
    let (body, content_type) = match answer.body {
        ResponseBody::Empty => (Body::empty(), None),
        ResponseBody::Json(document) => {
            (Body::from(document.to_string()), Some(response::CONTENT_TYPE.to_owned()))
        }
        ResponseBody::Count(number) => {
            (Body::from(number.to_string()), Some(response::COUNT_CONTENT_TYPE.to_owned()))
        }
        ResponseBody::Raw { text, content_type } => (Body::from(text), Some(content_type)),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    put(&mut response, "request-id", &identity.request_id);
    put(&mut response, "client-request-id", &identity.client_request_id);
    put(&mut response, "cache-control", "no-cache");
    if let Some(content_type) = content_type {
        put(&mut response, "content-type", &content_type);
    }
    for (name, value) in &answer.headers {
        put(&mut response, name, value);
    }
    response
}

/// An endless body. It stops when the client closes the connection.
fn dripping(pause: Duration) -> Body {
    let (blanks, body) = mpsc::channel(1);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(pause).await;
            if blanks.send(Ok::<_, Infallible>(" ")).await.is_err() {
                return;
            }
        }
    });
    Body::from_stream(ReceiverStream::new(body))
}

/// Sets a header. A client's request id that is not a valid header value is not echoed.
fn put(response: &mut Response, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
        response.headers_mut().insert(name, value);
    }
}

/// The token of `Authorization: Bearer …`. The scheme is case-insensitive; an empty token counts as none.
fn bearer(headers: &HeaderMap) -> Option<String> {
    let header = text(headers, AUTHORIZATION.as_str())?;
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.to_owned())
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// The scheme and authority that the client used. The authority is a part of the address in HTTP/2 and the header
/// `Host` in HTTP/1.1; a client of HTTP/1.0 may name none. A proxy in front that speaks https says so in a header.
fn origin(client: &ClientConnection, uri: &Uri, headers: &HeaderMap) -> String {
    let named = uri.authority().map(ToString::to_string).or_else(|| text(headers, HOST.as_str()));
    let authority = named.filter(|name| !name.is_empty()).unwrap_or_else(|| client.local.to_string());
    let scheme = if client.tls || is_forwarded_from_https(headers) { "https" } else { "http" };
    format!("{scheme}://{authority}")
}

/// `X-Forwarded-Proto: https`, or `proto=https` of the header `Forwarded` (RFC 7239). The first proxy comes first.
fn is_forwarded_from_https(headers: &HeaderMap) -> bool {
    let first =
        |name: &str| text(headers, name)?.split(',').next().map(str::trim).map(str::to_ascii_lowercase);
    let forwarded = first(FORWARDED.as_str()).unwrap_or_default();
    first("x-forwarded-proto").as_deref() == Some("https")
        || forwarded.split(';').any(|pair| matches!(pair.trim(), "proto=https" | "proto=\"https\""))
}
