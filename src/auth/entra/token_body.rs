//! Checks a success of the authority before `azure_identity` reads it: that library takes a body without a token for
//! an empty token, and adds any life to the clock, however long, which panics.

use serde_json::{Map, Value, json};

use crate::auth::error::Problem;

use super::error_body::{Cover, refused, undocumented};

/// No token of Entra lives longer; of what is said beyond that, nothing is believed. In seconds.
const LONGEST_LIFE: f64 = 2.0 * 24.0 * 3600.0;
const LIVES: [&str; 2] = ["expires_in", "ext_expires_in"];

/// The body as the library may read it.
///
/// # Errors
/// There is no token in it. The problem does not show a body that could hold one.
pub(super) fn checked(service: &str, status: u16, body: &[u8], cover: &Cover) -> Result<Vec<u8>, Problem> {
    let Ok(Value::Object(mut members)) = serde_json::from_slice::<Value>(body) else {
        return Err(undocumented(service, status, body, cover));
    };
    if !members.get("access_token").and_then(Value::as_str).is_some_and(is_token) {
        let whole = Value::Object(members.clone());
        let told = refused(service, status, &whole, cover).map(|refused| Problem::Refused(Box::new(refused)));
        return Err(told.unwrap_or_else(|| no_token(service, status, &members)));
    }
    for name in LIVES {
        if let Some(life) = members.get(name).and_then(seconds) {
            members.insert(name.to_owned(), json!(life));
        }
    }
    Ok(Value::Object(members).to_string().into_bytes())
}

/// Told only if there is no token in a success.
pub(super) fn no_token(service: &str, status: u16, members: &Map<String, Value>) -> Problem {
    let names: Vec<&str> = members.keys().map(String::as_str).collect();
    let beginning = format!("no usable token (members: {})", names.join(", "));
    let beginning = crate::transport::text::beginning_of(&beginning);
    Problem::Undocumented { service: service.to_owned(), status, beginning }
}

/// What can stand in a header.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whole seconds, from a number or from a text as older services send it.
#[expect(clippy::cast_possible_truncation, reason = "bounded on the line before")]
fn seconds(value: &Value) -> Option<i64> {
    let said =
        value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|life: &f64| !life.is_nan())?;
    let life = said.clamp(0.0, LONGEST_LIFE);
    Some(life as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Value, String> {
        let checked = checked("login.example", 200, body.as_bytes(), &Cover::default());
        checked.map(|body| serde_json::from_slice(&body).unwrap()).map_err(|problem| problem.to_string())
    }

    #[test]
    fn a_life_is_whole_seconds_and_no_longer_than_any_real_one() {
        for (said, expected) in [
            ("3599", 3599),
            ("3599.7", 3599),
            ("\"3599\"", 3599),
            ("-5", 0),
            ("1000000000000000000", 172_800),
            ("1e300", 172_800),
        ] {
            let body = read(&format!(r#"{{"access_token":"a.b.c","expires_in":{said}}}"#)).unwrap();
            assert_eq!(body["expires_in"], expected, "{said}");
        }
    }

    #[test]
    fn a_success_without_a_token_is_none() {
        for token in
            ["", r#","access_token":"""#, r#","access_token":null"#, r#","access_token":"a\r\nX: y""#]
        {
            let told = read(&format!(r#"{{"expires_in":5{token}}}"#)).unwrap_err();
            assert!(told.contains("no usable token (members: "), "{token}: {told}");
        }
        assert!(
            read(r#"{"error":"invalid_client","error_description":"AADSTS7000215: no"}"#)
                .unwrap_err()
                .contains("AADSTS7000215")
        );
        assert!(read("<html>").is_err());
    }
}
