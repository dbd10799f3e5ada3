//! Licence expressions as packages state them (SPDX specification, annex "SPDX license expressions"; the slash of older
//! packages means OR). Compares names only.

/// Whether the expression can be fulfilled with the allowed licences alone. One that cannot be read never is.
pub fn satisfied(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words: Vec<&str> = spaced.split_whitespace().rev().collect();
    let satisfied = any(&mut words, allowed);
    satisfied == Some(true) && words.is_empty()
}

/// `AND` binds more tightly than `OR`.
fn any(words: &mut Vec<&str>, allowed: &[String]) -> Option<bool> {
    let mut satisfied = all(words, allowed)?;
    while words.pop_if(|word| *word == "OR").is_some() {
        satisfied |= all(words, allowed)?;
    }
    Some(satisfied)
}

fn all(words: &mut Vec<&str>, allowed: &[String]) -> Option<bool> {
    let mut satisfied = one(words, allowed)?;
    while words.pop_if(|word| *word == "AND").is_some() {
        satisfied &= one(words, allowed)?;
    }
    Some(satisfied)
}

fn one(words: &mut Vec<&str>, allowed: &[String]) -> Option<bool> {
    let word = words.pop()?;
    if word == "(" {
        let satisfied = any(words, allowed)?;
        return words.pop_if(|word| *word == ")").map(|_| satisfied);
    }
    let mut licence = word.to_owned();
    if words.pop_if(|word| *word == "WITH").is_some() {
        licence = format!("{licence} WITH {}", words.pop()?);
    }
    Some(allowed.contains(&licence))
}

#[test]
fn an_expression_is_weighed_as_written() {
    let allowed = ["MIT".to_owned(), "ISC".to_owned()];
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("GPL-3.0-only OR MIT", true),
        ("GPL-3.0-only/MIT", true),
        ("GPL-3.0-only / MIT", true),
        ("GPL-3.0-only AND MIT", false),
        ("ISC AND (MIT OR GPL-3.0-only)", true),
        ("MIT OR ISC AND GPL-3.0-only", true),
        ("(MIT OR ISC) AND GPL-3.0-only", false),
        ("MIT WITH LLVM-exception", false),
        ("", false),
        ("MIT OR", false),
        ("(MIT", false),
        ("MIT ISC", false),
    ] {
        assert_eq!(satisfied(expression, &allowed), expected, "{expression}");
    }
}
