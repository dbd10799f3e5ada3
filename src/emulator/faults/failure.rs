//! A failure that a rule asks for, as an answer: Graph's own shapes of errors, or any body at all.

use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::emulator::answer::{Answer, Body};
use crate::emulator::errors::{GENERIC, Refusal, Shape};
use crate::emulator::request::{Identity, Incoming};

const HTTP_DATE: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

/// What is answered.
#[derive(Debug)]
pub struct Failure {
    /// The HTTP status.
    pub status: u16,
    /// The code of Graph's error object; the usual one of the status where none is given.
    pub code: Option<String>,
    /// The text of the error.
    pub message: Option<String>,
    /// How the text is wrapped.
    pub shape: Shape,
    /// The header `Retry-After`.
    pub retry_after: Option<RetryAfter>,
    /// Sent in place of an error object.
    pub body: Option<Body>,
}

/// The value of `Retry-After`.
#[derive(Debug)]
pub enum RetryAfter {
    /// As given.
    Text(String),
    /// As an HTTP date, this far ahead of the answer.
    Ahead(Duration),
}

impl Failure {
    /// The answer to a call.
    pub fn answer(&self, incoming: &Incoming, identity: &Identity) -> Answer {
        let (usual_code, usual_text) = usual(self.status);
        let code = self.code.clone().unwrap_or_else(|| usual_code.to_owned());
        let text = self.message.clone().unwrap_or_else(|| usual_text.to_owned());
        let refusal = match self.status {
            401 => Refusal::challenged(code, text),
            status => Refusal::plain(status, code, text),
        };
        self.dress(refusal.shaped(self.shape).into_answer(incoming, identity))
    }

    /// The same answer with the header and the body of the rule.
    pub fn dress(&self, mut answer: Answer) -> Answer {
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

/// Code and text that were recorded with a status; the generic text where none was.
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
