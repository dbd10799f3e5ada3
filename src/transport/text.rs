//! Foreign text made fit for a message: one line, bounded, and nothing that steers a terminal or hides in it. Does not
//! know what is secret in it.

/// The first 120 characters of a text on one line, for a message.
pub fn beginning_of(text: &str) -> String {
    on_one_line(text, 120)
}

/// At most `limit` characters, without line breaks, control characters and characters that cannot be seen: the text
/// ends up in a terminal.
pub fn on_one_line(text: &str, limit: usize) -> String {
    let words = text.split(|c: char| c.is_whitespace() || is_unprintable(c)).filter(|word| !word.is_empty());
    // One character after the other, since the text may be as large as a body.
    words.flat_map(|word| std::iter::once(' ').chain(word.chars())).skip(1).take(limit).collect()
}

/// At most `limit` characters, with those escaped that [`on_one_line`] leaves out: for values in which every character
/// counts, such as the claims of a token.
pub fn escaped(text: &str, limit: usize) -> String {
    let mut shown = String::new();
    for character in text.chars().take(limit) {
        if is_unprintable(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    if text.chars().nth(limit).is_some() {
        shown.push('…');
    }
    shown
}

/// Whether a text holds none of the characters that [`on_one_line`] leaves out; white space that is no control character
/// is allowed.
pub fn is_printable(text: &str) -> bool {
    !text.chars().any(is_unprintable)
}

/// Control characters, line separators, direction marks and characters without width (Unicode Standard, "Special Areas
/// and Format Characters").
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
    fn a_text_on_one_line_steers_nothing() {
        let text = "\u{1b}[31mred\r\n\u{202e}txt.exe\u{2066}\u{feff}  end\u{9b}2J";
        assert_eq!(on_one_line(text, 100), "[31mred txt.exe end 2J");
        assert_eq!(on_one_line("ab cd", 4), "ab c");
    }

    #[test]
    fn an_escaped_text_shows_every_character() {
        assert_eq!(escaped("a\u{1b}[2J\nb\u{202e}c é", 100), "a\\u{1b}[2J\\nb\\u{202e}c é");
        assert_eq!(escaped("abc", 3), "abc");
        assert_eq!(escaped("abcd", 3), "abc…");
    }
}
