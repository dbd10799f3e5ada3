//! HTTP in and out: sockets to values and back, and the headers that every answer carries. No decisions about
//! Graph.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;

use super::answer::{self, Answer, Body as AnswerBody, Delivery};
use super::connection::{Connections, Scissors};
use super::control;
use super::entra::{self, Endpoint};
use super::errors::Refusal;
use super::request::{Identity, Incoming};
use super::router;
use super::service::Service;
use super::visitor;

/// The largest body that Graph takes.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// What the answering front end says of itself.
const DIAGNOSTIC: &str = r#"{"ServerInfo":{"DataCenter":"Emulator","Slice":"E","Ring":"1","ScaleUnit":"000","RoleInstance":"EMULATOR0000"}}"#;

/// Serves until `stopped` resolves or its sender is dropped.
pub async fn serve(listener: TcpListener, service: Arc<Service>, stopped: oneshot::Receiver<()>) {
    let app = Router::new().fallback(answer_http).with_state(service);
    let app = app.into_make_service_with_connect_info::<Scissors>();
    tokio::select! {
        // It ends by itself only if the listener breaks, which axum waits out.
        _ = axum::serve(Connections(listener), app).into_future() => {}
        _ = stopped => {}
    }
}

async fn answer_http(
    State(service): State<Arc<Service>>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: Request,
) -> Response {
    if !service.options.latency.is_zero() {
        tokio::time::sleep(service.options.latency).await;
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY_BYTES).await;
    let incoming = Incoming {
        target: parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
        origin: format!("http://{}", authority(&parts.uri, &parts.headers)),
        bearer: bearer(&parts.headers),
        content_type: text(&parts.headers, CONTENT_TYPE.as_str()),
        client_request_id: text(&parts.headers, "client-request-id"),
        body: body.as_ref().map(|bytes| bytes.to_vec()).unwrap_or_default(),
        batch: None,
        method: parts.method,
        headers: parts.headers,
    };
    let identity = Identity::of(&incoming);
    let answer = if body.is_err() {
        Refusal::plain(413, "RequestEntityTooLarge", "The request body is larger than 4 MB.")
            .into_answer(&incoming, &identity)
    } else if let Some(refusal) = refused_visitor(&service, &incoming) {
        refusal
    } else if let Some(endpoint) = Endpoint::at(incoming.path()) {
        entra::answer(&service, &incoming, &identity, endpoint).await
    } else if control::owns(incoming.path()) {
        control::answer(&service, &incoming.method, &incoming.target, &incoming.body)
    } else {
        router::answer(&service, &incoming, &identity).await
    };
    let delivery = answer.delivery;
    let mut response = respond(answer, &identity);
    match delivery {
        Delivery::Cut => scissors.cut(),
        Delivery::Drip(pause) => *response.body_mut() = dripping(pause),
        Delivery::Usual | Delivery::LeftOut | Delivery::Twice => {}
    }
    if Endpoint::at(incoming.path()).is_none() {
        put(&mut response, "x-ms-ags-diagnostic", DIAGNOSTIC);
        put(&mut response, "odata-version", "4.0");
    }
    response
}

/// The pipelines below `/_emulator` belong to test control, too.
fn refused_visitor(service: &Service, incoming: &Incoming) -> Option<Answer> {
    if control::owns(incoming.path()) { visitor::refusal(service.options.listen, incoming) } else { None }
}

fn respond(answer: Answer, identity: &Identity) -> Response {
    let (body, content_type) = match answer.body {
        AnswerBody::Empty => (Body::empty(), None),
        AnswerBody::Json(document) => {
            (Body::from(document.to_string()), Some(answer::CONTENT_TYPE.to_owned()))
        }
        AnswerBody::Raw { text, content_type } => (Body::from(text), Some(content_type)),
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

/// A body without end. It is given up when the client closes the connection.
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

/// Sets a header. A client may send an id that is no header value; it is then not echoed.
fn put(response: &mut Response, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
        response.headers_mut().insert(name, value);
    }
}

/// The token of `Authorization: Bearer …`; the scheme in any case, and an empty token is none.
fn bearer(headers: &HeaderMap) -> Option<String> {
    let header = text(headers, AUTHORIZATION.as_str())?;
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.to_owned())
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// The authority that the client used: in HTTP/2 a part of the address, in HTTP/1.1 the header.
fn authority(uri: &Uri, headers: &HeaderMap) -> String {
    uri.authority().map(ToString::to_string).or_else(|| text(headers, HOST.as_str())).unwrap_or_default()
}
