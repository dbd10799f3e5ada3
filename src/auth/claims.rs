//! The claims of a token, mainly for messages. Does not verify the signature, so no security decision may depend on the
//! claims.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The claims of a JSON web token that this crate uses. All are optional: the issuer decides what a token holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Claims {
    /// Issuer.
    pub iss: Option<String>,
    /// Subject.
    pub sub: Option<String>,
    /// Audience. If it is a list, the first text in the list.
    #[serde(deserialize_with = "deserialize_first_audience")]
    pub aud: Option<String>,
    /// Tenant ID.
    pub tid: Option<String>,
    /// Application ID, in tokens of version 1.
    pub appid: Option<String>,
    /// Application ID, in tokens of version 2.
    pub azp: Option<String>,
    /// The application's display name.
    pub app_displayname: Option<String>,
    /// The person's sign-in name, in delegated tokens.
    pub upn: Option<String>,
    /// Application permissions.
    pub roles: Vec<String>,
    /// Delegated permissions, separated by spaces.
    pub scp: Option<String>,
    /// Expiry, in seconds since 1970 UTC.
    pub exp: Option<i64>,
}

impl Claims {
    /// Parses the payload of a token. Returns `None` if the text is not a JSON web token.
    pub fn parse(token: &str) -> Option<Self> {
        let mut parts = token.trim().split('.');
        let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
        let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
        // The payload is parsed as an object first, because Serde would also accept an array for the struct.
        let members: Map<String, Value> = serde_json::from_slice(&bytes).ok()?;
        serde_json::from_value(Value::Object(members)).ok()
    }
}

fn deserialize_first_audience<'de, D>(deserializer: D) -> Result<Option<String>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        Value::Array(list) => list.into_iter().find_map(|entry| entry.as_str().map(str::to_owned)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(payload: &str) -> String {
        format!("eyJ0.{}.sig", URL_SAFE_NO_PAD.encode(payload))
    }

    #[test]
    fn the_claims_of_a_json_web_token_are_parsed() {
        let claims =
            Claims::parse(&token(r#"{"iss":"i","aud":["a","b"],"roles":["R"],"exp":5,"x":{}}"#)).unwrap();
        assert_eq!(claims.iss.as_deref(), Some("i"));
        assert_eq!(claims.aud.as_deref(), Some("a"));
        assert_eq!((claims.roles, claims.exp), (vec!["R".to_owned()], Some(5)));
    }

    #[test]
    fn text_that_is_not_a_json_web_token_has_no_claims() {
        for text in ["", "x", "a.b.c", "a.b", &token("[]"), &token("{")] {
            assert_eq!(Claims::parse(text), None, "{text}");
        }
    }
}
