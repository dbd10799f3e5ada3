//! Keeps the package out of messages, because a service or a proxy may quote parts of a request in its response.

use std::collections::HashSet;

use crate::terraform::diagnostic::{Diagnostic, Diagnostics};

/// A line that contains this many consecutive bytes of the package is not shown.
const WINDOW_BYTES: usize = 8;

/// Removes the lines of diagnostics that contain a part of the package.
pub(super) fn without_package(diagnostics: Diagnostics, package: Option<&str>) -> Diagnostics {
    let Some(package) = package else { return diagnostics };
    let parts = package_parts(package);
    diagnostics.into_iter().map(|diagnostic| redact(diagnostic, &parts)).collect()
}

fn redact(diagnostic: Diagnostic, parts: &HashSet<Vec<u8>>) -> Diagnostic {
    if !contains_part(&diagnostic.summary, parts) && !contains_part(&diagnostic.detail, parts) {
        return diagnostic;
    }
    let lines: Vec<&str> = diagnostic.detail.lines().filter(|line| !contains_part(line, parts)).collect();
    let summary = if contains_part(&diagnostic.summary, parts) {
        "A request for the policy failed".to_owned()
    } else {
        diagnostic.summary.clone()
    };
    let detail = format!(
        "[A part of the message is not shown, because it contains a part of the package.]\n{}",
        lines.join("\n")
    );
    Diagnostic { summary, detail, ..diagnostic }
}

/// All sequences of [`WINDOW_BYTES`] bytes, except prose, in the package as plain text, escaped for JSON, and in base64.
/// The base64 form of a part depends on its position modulo three, so the package is encoded from three offsets.
fn package_parts(package: &str) -> HashSet<Vec<u8>> {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD_NO_PAD;
    let escaped = serde_json::to_string(package).unwrap_or_default();
    let base64 =
        (0..3).map(|skipped| STANDARD_NO_PAD.encode(package.as_bytes().get(skipped..).unwrap_or_default()));
    let encodings: Vec<String> = [package.to_owned(), escaped].into_iter().chain(base64).collect();
    let windows = encodings.iter().flat_map(|encoding| encoding.as_bytes().windows(WINDOW_BYTES));
    windows.filter(|window| !is_prose(window)).map(<[u8]>::to_vec).collect()
}

/// Whether a part is ordinary lower-case text, such as `onboarding`. Messages contain the same words, and they reveal
/// nothing about the package.
fn is_prose(window: &[u8]) -> bool {
    window.iter().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b' ' | b'.' | b','))
}

fn contains_part(text: &str, parts: &HashSet<Vec<u8>>) -> bool {
    text.as_bytes().windows(WINDOW_BYTES).any(|window| parts.contains(window))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKAGE: &str = "{\"onboardingInfo\":\"{\\\"body\\\":\\\"c2VjcmV0LWJsb2I\\\"}\"}";

    fn shown(detail: &str) -> String {
        let diagnostics = Diagnostic::error("Policy x: refused", detail).into();
        let shown = without_package(diagnostics, Some(PACKAGE));
        shown.iter().next().unwrap().detail.clone()
    }

    #[test]
    fn every_part_of_the_package_is_left_out_in_every_form() {
        use base64::Engine as _;
        let base64 = base64::engine::general_purpose::STANDARD.encode(format!("x{PACKAGE}"));
        for form in
            [PACKAGE.to_owned(), PACKAGE[3..14].to_owned(), format!("{PACKAGE:?}"), base64[8..24].to_owned()]
        {
            let shown = shown(&format!("Refused: {form}\nNext: try again."));
            assert_eq!(
                shown,
                "[A part of the message is not shown, because it contains a part of the package.]\nNext: try again.",
                "{form}"
            );
        }
    }

    #[test]
    fn other_messages_are_shown() {
        for text in ["The name is too long.", "The policy for onboarding was not written."] {
            assert_eq!(shown(text), text);
        }
    }
}
