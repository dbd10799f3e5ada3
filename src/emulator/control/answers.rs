//! How test control reads a body and words an error.

use serde_json::{Value, json};

use crate::emulator::member_reader::ShapeError;
use crate::emulator::response::ServiceResponse;

/// The body as JSON.
pub fn json_of(body: &[u8]) -> Result<Value, ServiceResponse> {
    serde_json::from_slice(body)
        .map_err(|cause| error(400, "BadRequest", &format!("The body is not JSON: {cause}.")))
}

/// 400: the body does not have the shape of its type.
pub fn shape_error(cause: &ShapeError) -> ServiceResponse {
    let place = if cause.at.is_empty() { String::new() } else { format!("{}: ", cause.at) };
    error(400, "BadRequest", &format!("{place}{}", cause.text))
}

/// 404.
pub fn not_found(text: &str) -> ServiceResponse {
    error(404, "NotFound", text)
}

/// An error.
pub fn error(status: u16, code: &str, text: &str) -> ServiceResponse {
    ServiceResponse::json(status, json!({"error": {"code": code, "message": text}}))
}
