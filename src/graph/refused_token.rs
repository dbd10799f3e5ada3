//! What is known about a token that Graph refused. Never holds the token.

use crate::auth::SelectedMethod;
use crate::auth::claims::Claims;
use crate::auth::cloud::Cloud;
use crate::auth::selected_method::MethodName;
use crate::transport::Secret;

/// The application id of Microsoft Graph. Some tokens have it as their audience instead of the URL of Graph.
const GRAPH_APP_ID: &str = "00000003-0000-0000-c000-000000000000";
const CLOUDS: [Cloud; 4] = [Cloud::Global, Cloud::UsGovernment, Cloud::Dod, Cloud::China];

/// A token for which Graph returned 401.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedToken {
    /// The sign-in method, if known.
    pub method: Option<MethodName>,
    /// The claims of the token, if they can be decoded. The format of tokens for Graph is not documented, so decoding
    /// may fail. Entra's tokens for most other services can be decoded.
    pub claims: Option<Claims>,
}

impl RefusedToken {
    /// Decodes the claims of a token.
    pub fn new(token: &Secret, method: Option<&SelectedMethod>) -> Self {
        Self { method: method.map(|method| method.name), claims: Claims::parse(token.expose()) }
    }

    /// The time at which the token expired; `None` if it had not expired at `now`. Both times are in seconds since
    /// 1970-01-01 UTC.
    pub fn past_expiry(&self, now: i64) -> Option<i64> {
        self.claims.as_ref()?.exp.filter(|expiry| *expiry <= now)
    }

    /// The audience, if it is not Microsoft Graph.
    pub fn foreign_audience(&self) -> Option<&str> {
        let audience = self.claims.as_ref()?.aud.as_deref()?;
        let is_audience = |name: &str| audience.trim_end_matches('/').eq_ignore_ascii_case(name);
        let is_graph_audience =
            is_audience(GRAPH_APP_ID) || CLOUDS.iter().any(|cloud| is_audience(cloud.graph()));
        (!is_graph_audience).then_some(audience)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(aud: &str, exp: i64) -> RefusedToken {
        let claims = Claims { aud: Some(aud.to_owned()), exp: Some(exp), ..Claims::default() };
        RefusedToken { method: None, claims: Some(claims) }
    }

    #[test]
    fn expiry_and_foreign_audience_are_detected() {
        for (aud, foreign) in [
            ("https://graph.microsoft.com", false),
            ("https://graph.microsoft.com/", false),
            ("https://dod-graph.microsoft.us", false),
            (GRAPH_APP_ID, false),
            ("https://management.azure.com/", true),
        ] {
            assert_eq!(token(aud, 5).foreign_audience().is_some(), foreign, "{aud}");
        }
        assert_eq!(token("", 5).past_expiry(5), Some(5));
        assert_eq!(token("", 5).past_expiry(4), None);
        let opaque = RefusedToken::new(&Secret::new("opaque"), None);
        assert_eq!((opaque.foreign_audience(), opaque.past_expiry(9)), (None, None));
    }
}
