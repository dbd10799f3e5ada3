//! Splits Rust source into names and punctuation. Comments, strings and character literals are dropped. Covers what
//! this crate writes, not the whole language.

/// The names and punctuation marks of `code`. `::` is one token; every other mark is a token of one character.
pub fn tokens(code: &str) -> Vec<String> {
    let mut lexer = Lexer { rest: code, tokens: Vec::new() };
    while let Some(next) = lexer.rest.chars().next() {
        lexer.step(next);
    }
    lexer.tokens
}

/// Whether a token is a name or a keyword.
pub fn is_name(token: &str) -> bool {
    token.starts_with(is_name_char)
}

fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

struct Lexer<'a> {
    rest: &'a str,
    tokens: Vec<String>,
}

impl Lexer<'_> {
    fn step(&mut self, next: char) {
        if self.rest.starts_with("//") {
            self.skip_past("\n");
        } else if self.rest.starts_with("/*") {
            self.skip_past("*/");
        } else if next == '"' {
            self.skip_string();
        } else if next == '\'' {
            self.skip_character();
        } else if is_name_char(next) {
            self.read_name();
        } else if self.rest.starts_with("::") {
            self.push(2);
        } else if next.is_whitespace() {
            self.skip(next.len_utf8());
        } else {
            self.push(next.len_utf8());
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }

    fn push(&mut self, bytes: usize) {
        self.tokens.push(self.rest[..bytes].to_owned());
        self.skip(bytes);
    }

    fn skip_past(&mut self, end: &str) {
        let bytes = self.rest.find(end).map_or(self.rest.len(), |at| at + end.len());
        self.skip(bytes);
    }

    fn skip_string(&mut self) {
        self.skip(1);
        while let Some(at) = self.rest.find(['"', '\\']) {
            let escape = self.rest[at..].starts_with('\\');
            self.skip(at + 1);
            match self.rest.chars().next() {
                Some(escaped) if escape => self.skip(escaped.len_utf8()),
                _ => return,
            }
        }
    }

    /// A character literal; of a lifetime only the quote.
    fn skip_character(&mut self) {
        let mut chars = self.rest.chars().skip(1);
        match (chars.next(), chars.next()) {
            (Some('\\'), Some(escaped)) => {
                self.skip(2 + escaped.len_utf8());
                self.skip_past("'");
            }
            (Some(literal), Some('\'')) => self.skip(2 + literal.len_utf8()),
            _ => self.skip(1),
        }
    }

    fn read_name(&mut self) {
        let length = self.rest.find(|c| !is_name_char(c)).unwrap_or(self.rest.len());
        let (name, after) = self.rest.split_at(length);
        let hashes = after.len() - after.trim_start_matches('#').len();
        if matches!(name, "r" | "br" | "cr") && after[hashes..].starts_with('"') {
            self.skip(length + hashes + 1);
            self.skip_past(&format!("\"{}", "#".repeat(hashes)));
        } else {
            self.push(length);
        }
    }
}

#[test]
fn comments_and_literals_are_dropped() {
    let code = r##"a::b /* c */ // d
        "e \" f" 'g' '\'' '\u{1F600}' &'h r#"i " j"# b"k" l!"##;
    assert_eq!(tokens(code).join(" "), "a :: b & h b l !");
}
