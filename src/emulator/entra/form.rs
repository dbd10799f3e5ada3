//! Form fields and query parameters (`application/x-www-form-urlencoded`). No Debug: a form holds secrets.

use percent_encoding::percent_decode_str;

/// The fields in their order.
pub struct FormFields(Vec<(String, String)>);

impl FormFields {
    /// Reads the text of a form or of a query.
    pub fn parse(text: &str) -> Self {
        let field = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        };
        Self(text.split('&').filter(|pair| !pair.is_empty()).map(field).collect())
    }

    /// A field that is present and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(sent, _)| sent == name)?;
        Some(found.1.as_str()).filter(|value| !value.is_empty())
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_decoded_and_an_empty_one_is_none() {
        let form = FormFields::parse("scope=https%3A%2F%2Fx%2F.default&client+id=a+b%2Bc&empty=&bare&n=1=2");
        assert_eq!(form.get("scope"), Some("https://x/.default"));
        assert_eq!((form.get("client id"), form.get("n")), (Some("a b+c"), Some("1=2")));
        assert_eq!((form.get("empty"), form.get("bare"), form.get("missing")), (None, None, None));
    }
}
