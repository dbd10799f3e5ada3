//! Redacts everything that looks like a token or a password in a text from outside. For a known secret, use
//! [`Secret::redact_in`](super::Secret::redact_in).

const REDACTED: &str = "[redacted]";

/// The beginning of a JSON web token: `{"` in base64.
const TOKEN_PREFIX: &str = "eyJ";
/// A shorter word is not a token: the header of a token alone is longer.
const MIN_TOKEN_BYTES: usize = 16;

/// The length to which a text is cut. A message shows only a few hundred characters.
const MAX_TEXT_CHARS: usize = 2_000;

/// Names whose values are secret, in lower case.
const SECRET_NAMES: &[&str] = &[
    "access_token",
    "accesstoken",
    "refresh_token",
    "refreshtoken",
    "id_token",
    "idtoken",
    "oidctoken",
    "client_secret",
    "clientsecret",
    "client_assertion",
    "assertion",
    "password",
    "secret",
    "authorization: bearer",
];

/// Returns the beginning of a text. Redacts JSON web tokens and the values of secrets (`name: value`, `name=value`).
pub fn redact(text: &str) -> String {
    let text: String = text.chars().take(MAX_TEXT_CHARS).collect();
    redact_tokens(&redact_named_values(&text))
}

fn redact_named_values(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut redacted = String::new();
    let mut done = 0;
    while let Some((start, end)) = next_named_value(text, &lower, done) {
        redacted.push_str(text.get(done..start).unwrap_or_default());
        redacted.push_str(REDACTED);
        done = end;
    }
    redacted.push_str(text.get(done..).unwrap_or_default());
    redacted
}

/// The byte range of the next value of a named secret.
fn next_named_value(text: &str, lower: &str, from: usize) -> Option<(usize, usize)> {
    let mut position = from;
    loop {
        let rest = lower.get(position..)?;
        let (offset, name) = SECRET_NAMES
            .iter()
            .filter_map(|name| Some((rest.find(name)?, *name)))
            .min_by_key(|(offset, _)| *offset)?;
        let name_end = position + offset + name.len();
        if let Some((start, end)) = value_after(text, name_end, name.ends_with("bearer")) {
            return Some((start, end));
        }
        position = name_end;
    }
}

/// The byte range of the value that follows a name, quotes, blanks and a separator. `None` if there is no separator,
/// unless the name includes its separator.
fn value_after(text: &str, name_end: usize, includes_separator: bool) -> Option<(usize, usize)> {
    let rest = text.get(name_end..)?;
    let is_separator = |c: char| matches!(c, '"' | '\'' | ' ' | ':' | '=' | '\\');
    let value = rest.trim_start_matches(is_separator);
    let separator = rest.get(..rest.len() - value.len())?;
    if !includes_separator && !separator.contains([':', '=']) {
        return None;
    }
    let length = value.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '&' | '}' | '<'));
    let (start, length) = (name_end + separator.len(), length.unwrap_or(value.len()));
    (length > 0).then_some((start, start + length))
}

fn redact_tokens(text: &str) -> String {
    let mut redacted = String::new();
    let mut rest = text;
    while let Some((before, token)) = rest.find(TOKEN_PREFIX).and_then(|at| rest.split_at_checked(at)) {
        let is_token_char =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '=' | '+' | '/');
        let after = token.trim_start_matches(is_token_char);
        let word = token.get(..token.len() - after.len()).unwrap_or_default();
        redacted.push_str(before);
        redacted.push_str(if word.len() < MIN_TOKEN_BYTES { word } else { REDACTED });
        rest = after;
    }
    redacted.push_str(rest);
    redacted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_redacted_anywhere() {
        for (text, expected) in [
            ("bearer eyJhbGciOiJub25l.eyJzdWIi.x-_y said", "bearer [redacted] said"),
            ("<p>eyJhbGciOiJub25lIn0=</p>", "<p>[redacted]</p>"),
            ("eyJ is short", "eyJ is short"),
            ("nothing", "nothing"),
            ("", ""),
        ] {
            assert_eq!(redact(text), expected);
        }
    }

    #[test]
    fn values_of_named_secrets_are_redacted() {
        for (text, expected) in [
            (r#"{"accessToken": "opaque", "x": 1}"#, r#"{"accessToken": "[redacted]", "x": 1}"#),
            ("--password=hunter2 --x", "--password=[redacted] --x"),
            ("client_secret=a%7Eb&grant_type=x", "client_secret=[redacted]&grant_type=x"),
            ("Authorization: Bearer opaque-token", "Authorization: Bearer [redacted]"),
            (r#"{\"refresh_token\":\"0.A\"}"#, r#"{\"refresh_token\":\"[redacted]"}"#),
            ("the secret is wrong, password expired", "the secret is wrong, password expired"),
            ("secret: ", "secret: "),
        ] {
            assert_eq!(redact(text), expected);
        }
    }
}
