//! What can be told of a token that Graph refused. Never the token.

use crate::auth::SelectedMethod;
use crate::auth::claims::Claims;
use crate::auth::cloud::Cloud;
use crate::auth::selected_method::MethodName;
use crate::transport::Secret;

/// How some directories spell the audience of Microsoft Graph: its application ID.
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
const CLOUDS: [Cloud; 4] = [Cloud::Global, Cloud::UsGovernment, Cloud::Dod, Cloud::China];

/// A token that was answered with 401.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedToken {
    /// How it was got, if that is known.
    pub method: Option<MethodName>,
    /// What it says about itself, if it can be read. Tokens of Entra for other services can.
    pub claims: Option<Claims>,
}

impl RefusedToken {
    /// Reads what can be read.
    pub fn new(token: &Secret, method: Option<&SelectedMethod>) -> Self {
        Self { method: method.map(|method| method.name), claims: Claims::parse(token.expose()) }
    }

    /// When it expired, if it had at `now`; both in seconds since 1970 UTC.
    pub fn expired_before(&self, now: i64) -> Option<i64> {
        self.claims.as_ref()?.exp.filter(|expiry| *expiry <= now)
    }

    /// The service that it is meant for, if that is not Microsoft Graph.
    pub fn foreign_audience(&self) -> Option<&str> {
        let audience = self.claims.as_ref()?.aud.as_deref()?;
        let is_graph = |name: &str| audience.trim_end_matches('/').eq_ignore_ascii_case(name);
        let is_of_graph = is_graph(GRAPH) || CLOUDS.iter().any(|cloud| is_graph(cloud.graph()));
        (!is_of_graph).then_some(audience)
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
    fn expiry_and_audience_are_judged() {
        for (aud, foreign) in [
            ("https://graph.microsoft.com", false),
            ("https://graph.microsoft.com/", false),
            ("https://dod-graph.microsoft.us", false),
            (GRAPH, false),
            ("https://management.azure.com/", true),
        ] {
            assert_eq!(token(aud, 5).foreign_audience().is_some(), foreign, "{aud}");
        }
        assert_eq!(token("", 5).expired_before(5), Some(5));
        assert_eq!(token("", 5).expired_before(4), None);
        let opaque = RefusedToken::new(&Secret::new("opaque"), None);
        assert_eq!((opaque.foreign_audience(), opaque.expired_before(9)), (None, None));
    }
}
