//! Text on its way to a person's terminal: names of groups and policies come from the tenant, and ids from the service.
//! Lines stay, and everything else that steers a terminal or hides in a text is replaced.

/// The text without control characters other than line feeds, and without direction marks.
pub(super) fn printable(text: String) -> String {
    if text.contains(steers) { text.replace(steers, "\u{fffd}") } else { text }
}

fn steers(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_and_nothing_steers_the_terminal() {
        assert_eq!(printable("a\n- é \"x\"".to_owned()), "a\n- é \"x\"");
        assert_eq!(
            printable("\u{1b}[2J\r\u{9b}\u{202e}x".to_owned()),
            "\u{fffd}[2J\u{fffd}\u{fffd}\u{fffd}x"
        );
    }
}
