//! Reads the body of a request with bounds in bytes, in time and in JSON values, so that no client can use up the
//! emulator's memory.

use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use http_body_util::BodyExt;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::service_error::ServiceError;

/// The maximum size of a request body in Graph.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// What every body may take. More comes out of a budget for all of them.
const FREE_BYTES: usize = 16 * 1024;

/// The unit of the budget.
const UNIT_BYTES: usize = 64 * 1024;

/// The units of the budget: 16 MiB.
pub const BUDGET_UNITS: usize = 256;

/// How long a body waits for a part of the budget.
const BUDGET_LIMIT: Duration = Duration::from_secs(2);

/// The maximum number of JSON values in a body. A value takes many times the memory of its text, and the largest
/// requests in use, batches and blobs, have a few thousand.
const MAX_VALUES: usize = 200_000;

/// The body of a request.
#[derive(Debug, Default)]
pub struct RequestBody<'a> {
    /// As sent.
    pub bytes: Vec<u8>,
    /// Its part of the budget.
    units: Option<SemaphorePermit<'a>>,
}

/// Reads a body to its end, within `limit`. Its memory comes out of `budget`.
pub async fn read<'a>(
    budget: &'a Semaphore,
    limit: Duration,
    headers: &HeaderMap,
    body: Body,
) -> Result<RequestBody<'a>, ServiceError> {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > MAX_BYTES as u64) {
        return Err(too_large());
    }
    let body = timeout(limit, read_frames(budget, body)).await.map_err(|_| too_slow())??;
    if count_values(&body.bytes) > MAX_VALUES {
        let text = format!("The emulator reads at most {MAX_VALUES} JSON values in one request.");
        return Err(ServiceError::plain(413, "RequestEntityTooLarge", text));
    }
    Ok(body)
}

async fn read_frames(budget: &Semaphore, mut body: Body) -> Result<RequestBody<'_>, ServiceError> {
    let mut read = RequestBody::default();
    let mut room = FREE_BYTES;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ServiceError::bad_request("The request body is not valid HTTP."))?;
        let Some(data) = frame.data_ref() else { continue };
        let bytes = read.bytes.len() + data.len();
        if bytes > MAX_BYTES {
            return Err(too_large());
        }
        while bytes > room {
            let unit = timeout(BUDGET_LIMIT, budget.acquire()).await;
            // The semaphore is never closed.
            let unit = unit.ok().and_then(Result::ok).ok_or_else(too_busy)?;
            match &mut read.units {
                Some(units) => units.merge(unit),
                none => *none = Some(unit),
            }
            room += UNIT_BYTES;
            // Not by doubling, which needs the old and the new buffer at once.
            read.bytes.reserve_exact(room - read.bytes.len());
        }
        read.bytes.extend_from_slice(data);
    }
    Ok(read)
}

fn too_busy() -> ServiceError {
    let text = "The emulator is reading many other large requests. Try again.";
    ServiceError::plain(429, "TooManyRequests", text).with_header("Retry-After", "1".to_owned())
}

fn too_slow() -> ServiceError {
    ServiceError::plain(408, "RequestTimeout", "The rest of the request body did not arrive in time.")
}

fn too_large() -> ServiceError {
    ServiceError::plain(413, "RequestEntityTooLarge", "The request body is larger than 4 MB.")
}

/// At least the number of values, without building them: each is an element, a member, or the first in its container.
fn count_values(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| matches!(byte, b',' | b':' | b'[' | b'{')).count()
}
