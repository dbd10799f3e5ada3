//! The facts of one call, for logs, diagnostics and retries. Holds no query, no body and no header that could carry a
//! secret.

use std::fmt;
use std::time::Duration;

use time::OffsetDateTime;

use crate::transport::HttpMethod;

use super::http_date;
use super::refused_token::RefusedToken;
use super::request::Request;

/// One call to Graph: the request, and what is known about the response. An item of a `$batch` has its own record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    /// The method.
    pub method: HttpMethod,
    /// Version and path, without the query.
    pub path: String,
    /// Whether the request changes something.
    pub is_write: bool,
    /// The status, once a status line was received.
    pub status: Option<u16>,
    /// Graph's id of the call. Microsoft's support asks for it.
    pub request_id: Option<String>,
    /// Our id of this attempt; each attempt has a new one.
    pub client_request_id: String,
    /// When Graph answered, by its clock: RFC 3339, UTC.
    pub date: Option<String>,
    /// `Retry-After` exactly as received: seconds, a fraction of seconds, or a date.
    pub retry_after: Option<String>,
    /// What is known about the token, if the status is 401.
    pub refused_token: Option<Box<RefusedToken>>,
    /// [`Self::date`] as a time. If `Retry-After` is a date, the pause is the difference between the two.
    pub(super) responded_at: Option<OffsetDateTime>,
    /// The attempts up to and including this call.
    pub attempts: AttemptSummary,
}

/// How often a request was attempted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptSummary {
    /// Zero if the request was never sent, because Graph had throttled another request of the same throttling
    /// bucket. The record then describes that other request.
    pub count: u32,
    /// The time from the first wait for a permit to the end of the last attempt.
    pub elapsed: Duration,
    /// Why there was no further attempt, if a further attempt could have succeeded.
    pub give_up_reason: Option<GiveUpReason>,
}

/// Why there was no further attempt, although a further attempt might have succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GiveUpReason {
    /// The next pause would have been longer than the remaining time.
    OutOfTime,
    /// The caller cancelled.
    Cancelled,
}

impl CallRecord {
    /// Creates the record of a call that is about to be made.
    pub fn new(request: &Request, client_request_id: String) -> Self {
        Self {
            method: request.method(),
            path: request.path(),
            is_write: request.is_write(),
            status: None,
            request_id: None,
            client_request_id,
            date: None,
            retry_after: None,
            refused_token: None,
            responded_at: None,
            attempts: AttemptSummary { count: 1, elapsed: Duration::ZERO, give_up_reason: None },
        }
    }

    /// Records the status and the headers of the response. `header` looks up a header case-insensitively.
    pub fn record_head(&mut self, status: u16, header: impl Fn(&str) -> Option<String>) {
        self.status = Some(status);
        self.request_id = header("request-id").or(self.request_id.take());
        self.responded_at = header("date").and_then(|date| http_date::parse(&date)).or(self.responded_at);
        self.date = self.responded_at.and_then(http_date::to_rfc3339).or(self.date.take());
        self.retry_after = header("retry-after");
    }

    /// Whether a status from 200 to 299 was received.
    pub fn is_success(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// `GET /beta/…, status 404, request-id …, client-request-id …, 2026-01-31T09:12:44Z`, without unknown parts.
impl fmt::Display for CallRecord {
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
    use crate::graph::request::ApiVersion;

    #[test]
    fn prints_the_ids_that_support_asks_for() {
        let request = Request::get(ApiVersion::Beta, &["x"]).query("$top", "5");
        let mut call = CallRecord::new(&request, "c-1".into());
        assert_eq!(call.to_string(), "GET /beta/x, client-request-id c-1");
        call.record_head(404, |name| match name {
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
