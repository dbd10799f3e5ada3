//! Foreign text made fit for a message: one line, bounded. Does not know what is secret in it.

/// The first 120 characters of a text on one line, for a message.
pub fn beginning_of(text: &str) -> String {
    on_one_line(text, 120)
}

/// At most `limit` characters, without line breaks and control characters: the text ends up in a terminal.
pub fn on_one_line(text: &str, limit: usize) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    // One character after the other, since the text may be as large as a body.
    words.flat_map(|word| std::iter::once(' ').chain(word.chars())).skip(1).take(limit).collect()
}
