//! Reads the body of a request with bounds in bytes, in time and in JSON values, so that no client can use up the
//! emulator's memory.

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use http_body_util::BodyExt;
use tokio::sync::SemaphorePermit;

use super::service::EmulatedService;
use super::service_error::ServiceError;

/// The maximum size of a request body in Graph.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// A larger body has to wait until few others are being read or served.
const SMALL_BYTES: usize = 64 * 1024;

/// The maximum number of JSON values in a body. A value takes many times the memory of its text, and the largest
/// requests in use, batches and blobs, have a few thousand.
const MAX_VALUES: usize = 200_000;

/// The body of a request.
#[derive(Debug, Default)]
pub struct RequestBody<'a> {
    /// As sent.
    pub bytes: Vec<u8>,
    /// Held while a large body is in memory.
    pub permit: Option<SemaphorePermit<'a>>,
}

/// Reads a body to its end.
pub async fn read<'a>(
    service: &'a EmulatedService,
    headers: &HeaderMap,
    body: Body,
) -> Result<RequestBody<'a>, ServiceError> {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > MAX_BYTES as u64) {
        return Err(too_large());
    }
    let limit = service.options.client_timeout;
    let body = tokio::time::timeout(limit, read_frames(service, body)).await.map_err(|_| {
        ServiceError::plain(408, "RequestTimeout", "The rest of the request body did not arrive in time.")
    })??;
    if count_values(&body.bytes) > MAX_VALUES {
        let text = format!("The emulator reads at most {MAX_VALUES} JSON values in one request.");
        return Err(ServiceError::plain(413, "RequestEntityTooLarge", text));
    }
    Ok(body)
}

async fn read_frames(service: &EmulatedService, mut body: Body) -> Result<RequestBody<'_>, ServiceError> {
    let mut read = RequestBody::default();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ServiceError::bad_request("The request body is not valid HTTP."))?;
        let Some(data) = frame.data_ref() else { continue };
        let bytes = read.bytes.len() + data.len();
        if bytes > MAX_BYTES {
            return Err(too_large());
        }
        if bytes > SMALL_BYTES && read.permit.is_none() {
            // The semaphore is never closed.
            read.permit = service.large_bodies.acquire().await.ok();
        }
        read.bytes.extend_from_slice(data);
    }
    Ok(read)
}

fn too_large() -> ServiceError {
    ServiceError::plain(413, "RequestEntityTooLarge", "The request body is larger than 4 MB.")
}

/// At least the number of values, without building them: each is an element, a member, or the first in its container.
fn count_values(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| matches!(byte, b',' | b':' | b'[' | b'{')).count()
}
