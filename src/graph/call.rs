//! The facts of one call, for logs, diagnostics and the rules of repeating. Holds no query, no body and no header
//! that could carry a secret.

use std::fmt;

use crate::transport::Method;

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
        }
    }

    /// Notes what the head of the answer says. `header` looks a header up without regard to case.
    pub fn note(&mut self, status: u16, header: impl Fn(&str) -> Option<String>) {
        self.status = Some(status);
        self.request_id = header("request-id").or(self.request_id.take());
        self.date = header("date").and_then(|date| rfc3339(&date)).or(self.date.take());
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

/// The `Date` header in the form of state and logs: `Sat, 31 Jan 2026 09:12:44 GMT` as `2026-01-31T09:12:44Z`.
/// The obsolete forms of RFC 9110 (two-digit years, asctime) are not supported.
fn rfc3339(date: &str) -> Option<String> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = date.split_whitespace().skip(1);
    let (day, month, year, clock, zone) =
        (words.next()?, words.next()?, words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let (day, year) = (day.parse::<u8>().ok()?, year.parse::<u16>().ok()?);
    let plain = clock.len() == 8 && clock.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    (plain && zone == "GMT").then(|| format!("{year:04}-{month:02}-{day:02}T{clock}Z"))
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

    #[test]
    fn a_date_in_another_form_is_left_out() {
        for date in ["", "31 Jan 2026", "Sat, 31 Jän 2026 09:12:44 GMT", "Sat, 31 Jan 2026 9 o'clock GMT"] {
            assert_eq!(rfc3339(date), None, "{date}");
        }
    }
}
