//! Sanitizes text for the terminal, because names of groups and policies come from the tenant. Line feeds are kept;
//! other characters that control a terminal or reorder text are replaced.

/// Replaces control characters other than line feeds, and direction marks.
pub(super) fn sanitize(text: String) -> String {
    if text.contains(is_unsafe) { text.replace(is_unsafe, "\u{fffd}") } else { text }
}

fn is_unsafe(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_feeds_are_kept_and_control_characters_replaced() {
        assert_eq!(sanitize("a\n- é \"x\"".to_owned()), "a\n- é \"x\"");
        assert_eq!(sanitize("\u{1b}[2J\r\u{9b}\u{202e}x".to_owned()), "\u{fffd}[2J\u{fffd}\u{fffd}\u{fffd}x");
    }
}
