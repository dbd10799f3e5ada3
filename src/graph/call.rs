//! The facts of one call, for logs, diagnostics and the rules of repeating. Holds no query, no body and no header
//! that could carry a secret.

use std::fmt;
use std::time::Duration;

use time::OffsetDateTime;

use crate::transport::Method;

use super::http_date;
use super::refused_token::RefusedToken;
use super::request::Request;

/// One call of Graph: what was asked, and what is known of the answer. An item of a `$batch` is a call as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// Version and path, without the query.
    pub path: String,
    /// Whether the call was meant to change something.
    pub write: bool,
    /// The status, once a status line was received.
    pub status: Option<u16>,
    /// Graph's own id of the call. Support asks for it.
    pub request_id: Option<String>,
    /// The id that we gave this attempt; fresh for each.
    pub client_request_id: String,
    /// When Graph answered, by its clock: RFC 3339, UTC.
    pub date: Option<String>,
    /// `Retry-After` exactly as received: seconds, a fraction of seconds, or a date.
    pub retry_after: Option<String>,
    /// With status 401: what can be told of the token.
    pub refused_token: Option<Box<RefusedToken>>,
    /// When Graph answered, by its clock, for reckoning. A date in `Retry-After` counts from it.
    pub(super) answered: Option<OffsetDateTime>,
    /// What was tried before this call failed.
    pub tried: Tried,
}

/// How often a request was sent before it was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    /// Zero if it never was: Graph had asked another request of its kind to wait, and the call is that one.
    pub times: u32,
    /// From the wish to send to the end.
    pub over: Duration,
    /// Why there was no further try, if there would have been sense in one.
    pub end: Option<End>,
}

/// Why a request was given up although it might have succeeded later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The pause before the next try would have been longer than the time that was left.
    OutOfTime,
    /// The caller did not want to wait any more.
    Cancelled,
}

impl Call {
    /// A call that is about to be made.
    pub fn new(request: &Request, client_request_id: String) -> Self {
        Self {
            method: request.method(),
            path: request.path(),
            write: request.is_write(),
            status: None,
            request_id: None,
            client_request_id,
            date: None,
            retry_after: None,
            refused_token: None,
            answered: None,
            tried: Tried { times: 1, over: Duration::ZERO, end: None },
        }
    }

    /// Notes what the head of the answer says. `header` looks a header up without regard to case.
    pub fn note(&mut self, status: u16, header: impl Fn(&str) -> Option<String>) {
        self.status = Some(status);
        self.request_id = header("request-id").or(self.request_id.take());
        self.answered = header("date").and_then(|date| http_date::read(&date)).or(self.answered);
        self.date = self.answered.map(http_date::rfc3339).or(self.date.take());
        self.retry_after = header("retry-after");
    }

    /// Whether the status is known and one of 200 to 299.
    pub fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// `GET /beta/…, status 404, request-id …, client-request-id …, 2026-01-31T09:12:44Z`, as far as known.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.as_str(), self.path)?;
        if let Some(status) = self.status {
            write!(f, ", status {status}")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, ", request-id {id}")?;
        }
        write!(f, ", client-request-id {}", self.client_request_id)?;
        self.date.as_ref().map_or(Ok(()), |date| write!(f, ", {date}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::request::Version;

    #[test]
    fn prints_what_support_asks_for() {
        let mut call = Call::new(&Request::get(Version::Beta, &["x"]).query("$top", "5"), "c-1".into());
        assert_eq!(call.to_string(), "GET /beta/x, client-request-id c-1");
        call.note(404, |name| match name {
            "request-id" => Some("r-1".into()),
            "date" => Some("Sat, 31 Jan 2026 09:12:44 GMT".into()),
            _ => None,
        });
        assert_eq!(
            call.to_string(),
            "GET /beta/x, status 404, request-id r-1, client-request-id c-1, 2026-01-31T09:12:44Z"
        );
    }
}
