//! The error response of a test fault: one of Graph's error shapes, or any body.

use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::emulator::request::{IncomingRequest, RequestIds};
use crate::emulator::response::{ResponseBody, ServiceResponse};
use crate::emulator::service_error::{ErrorShape, GENERIC, ServiceError};

const HTTP_DATE: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

/// The error response that a rule describes.
#[derive(Debug)]
pub struct FaultResponse {
    /// The HTTP status.
    pub status: u16,
    /// The code of Graph's error object; by default the usual code of the status.
    pub code: Option<String>,
    /// The text of the error.
    pub message: Option<String>,
    /// The shape of the error.
    pub shape: ErrorShape,
    /// The header `Retry-After`.
    pub retry_after: Option<RetryAfter>,
    /// Replaces the error object.
    pub body: Option<ResponseBody>,
}

/// The value of `Retry-After`.
#[derive(Debug)]
pub enum RetryAfter {
    /// As given.
    Text(String),
    /// As an HTTP date, this long after the response.
    Ahead(Duration),
}

impl FaultResponse {
    /// The response to a call.
    pub fn answer(&self, incoming: &IncomingRequest, identity: &RequestIds) -> ServiceResponse {
        let (usual_code, usual_text) = usual(self.status);
        let code = self.code.clone().unwrap_or_else(|| usual_code.to_owned());
        let text = self.message.clone().unwrap_or_else(|| usual_text.to_owned());
        let refusal = match self.status {
            401 => ServiceError::unauthorized(code, text),
            status => ServiceError::plain(status, code, text),
        };
        self.decorate(refusal.with_shape(self.shape).into_response(incoming, identity))
    }

    /// Adds the header and the body of the rule to a response.
    pub fn decorate(&self, mut answer: ServiceResponse) -> ServiceResponse {
        if let Some(retry_after) = &self.retry_after {
            answer.headers.push(("Retry-After", retry_after.text(OffsetDateTime::now_utc())));
        }
        if let Some(body) = &self.body {
            answer.body = body.clone();
        }
        answer
    }
}

impl RetryAfter {
    fn text(&self, now: OffsetDateTime) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Ahead(ahead) => (now + *ahead).format(HTTP_DATE).unwrap_or_default(),
        }
    }
}

/// The recorded code and text of a status; a generic text if none was recorded.
fn usual(status: u16) -> (&'static str, &'static str) {
    match status {
        400 => ("BadRequest", GENERIC),
        401 => ("InvalidAuthenticationToken", "Lifetime validation failed, the token is expired."),
        403 => ("Forbidden", GENERIC),
        404 => ("ResourceNotFound", GENERIC),
        409 => ("Conflict", GENERIC),
        429 => ("TooManyRequests", "Too many requests."),
        500 => ("InternalServerError", "An internal server error has occurred"),
        503 => ("ServiceUnavailable", GENERIC),
        _ => ("UnknownError", GENERIC),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_date_ahead_is_written_as_http_writes_dates() {
        let ahead = RetryAfter::Ahead(Duration::from_secs(61));
        assert_eq!(ahead.text(datetime!(2026-01-05 23:59:00 UTC)), "Tue, 06 Jan 2026 00:00:01 GMT");
    }
}
