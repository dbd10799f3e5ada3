//! Covers what looks like a token or a password in a text of others. For what was sent there is
//! [`Secret::cover`](super::Secret::cover), which knows the very text.

const REDACTED: &str = "[redacted]";

/// How a JSON web token begins: `{"` in base64.
const TOKEN: &str = "eyJ";
/// Shorter words are none: a header alone has more.
const SHORTEST_TOKEN_BYTES: usize = 16;

/// More is not looked at: a message shows a few hundred characters.
const LONGEST_TEXT_CHARS: usize = 2_000;

/// What is followed by something secret, in lower case.
const NAMES: &[&str] = &[
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

/// The beginning of a text without JSON web tokens, and without the value that follows the name of a secret and a colon or
/// an equals sign.
pub fn redact(text: &str) -> String {
    let text: String = text.chars().take(LONGEST_TEXT_CHARS).collect();
    without_tokens(&without_named(&text))
}

fn without_named(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut redacted = String::new();
    let mut done = 0;
    while let Some((start, end)) = next_named(text, &lower, done) {
        redacted.push_str(text.get(done..start).unwrap_or_default());
        redacted.push_str(REDACTED);
        done = end;
    }
    redacted.push_str(text.get(done..).unwrap_or_default());
    redacted
}

/// Where the next value of a named secret begins and ends.
fn next_named(text: &str, lower: &str, from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    loop {
        let rest = lower.get(at..)?;
        let (offset, name) = NAMES
            .iter()
            .filter_map(|name| Some((rest.find(name)?, *name)))
            .min_by_key(|(offset, _)| *offset)?;
        let after = at + offset + name.len();
        if let Some((start, end)) = value_after(text, after, name.ends_with("bearer")) {
            return Some((start, end));
        }
        at = after;
    }
}

/// The value after quotes, blanks and a separator, if there is one.
fn value_after(text: &str, after: usize, is_separated: bool) -> Option<(usize, usize)> {
    let rest = text.get(after..)?;
    let is_filling = |c: char| matches!(c, '"' | '\'' | ' ' | ':' | '=' | '\\');
    let value = rest.trim_start_matches(is_filling);
    let filling = rest.get(..rest.len() - value.len())?;
    if !is_separated && !filling.contains([':', '=']) {
        return None;
    }
    let length = value.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '&' | '}' | '<'));
    let (start, length) = (after + filling.len(), length.unwrap_or(value.len()));
    (length > 0).then_some((start, start + length))
}

fn without_tokens(text: &str) -> String {
    let mut redacted = String::new();
    let mut rest = text;
    while let Some((before, token)) = rest.find(TOKEN).and_then(|at| rest.split_at_checked(at)) {
        let is_of_token =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '=' | '+' | '/');
        let after = token.trim_start_matches(is_of_token);
        let word = token.get(..token.len() - after.len()).unwrap_or_default();
        redacted.push_str(before);
        redacted.push_str(if word.len() < SHORTEST_TOKEN_BYTES { word } else { REDACTED });
        rest = after;
    }
    redacted.push_str(rest);
    redacted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_covered_wherever_they_stand() {
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
    fn what_is_named_as_secret_is_covered() {
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
