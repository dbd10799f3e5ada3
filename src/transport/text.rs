//! Makes text from outside suitable for messages: on one line, bounded, without control characters and invisible
//! characters. Does not redact secrets.

/// The first 120 characters of a text, on one line.
pub fn excerpt(text: &str) -> String {
    single_line(text, 120)
}

/// At most `limit` characters, without line breaks, control characters and invisible characters, because the text may
/// be printed to a terminal.
pub fn single_line(text: &str, limit: usize) -> String {
    let words = text.split(|c: char| c.is_whitespace() || is_unprintable(c)).filter(|word| !word.is_empty());
    // The iterator is lazy, because the text may be as large as a body.
    words.flat_map(|word| std::iter::once(' ').chain(word.chars())).skip(1).take(limit).collect()
}

/// At most `limit` characters. Escapes the characters that [`single_line`] drops. For values in which every character
/// counts, such as the claims of a token.
pub fn escape(text: &str, limit: usize) -> String {
    let mut escaped = String::new();
    for character in text.chars().take(limit) {
        if is_unprintable(character) {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    if text.chars().nth(limit).is_some() {
        escaped.push('…');
    }
    escaped
}

/// Whether a text has no control characters and no invisible characters.
pub fn is_printable(text: &str) -> bool {
    !text.chars().any(is_unprintable)
}

/// Control characters, line separators, direction marks and zero-width characters (Unicode Standard, "Special Areas and
/// Format Characters").
fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_dropped_from_a_single_line() {
        let text = "\u{1b}[31mred\r\n\u{202e}txt.exe\u{2066}\u{feff}  end\u{9b}2J";
        assert_eq!(single_line(text, 100), "[31mred txt.exe end 2J");
        assert_eq!(single_line("ab cd", 4), "ab c");
    }

    #[test]
    fn every_character_of_an_escaped_text_is_visible() {
        assert_eq!(escape("a\u{1b}[2J\nb\u{202e}c é", 100), "a\\u{1b}[2J\\nb\\u{202e}c é");
        assert_eq!(escape("abc", 3), "abc");
        assert_eq!(escape("abcd", 3), "abc…");
    }
}
