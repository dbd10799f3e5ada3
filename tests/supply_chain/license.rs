//! Evaluates license expressions (SPDX specification, annex "SPDX license expressions"; a slash in older packages
//! means OR). Compares names only.

/// Whether the allowed licenses satisfy the expression. An invalid expression is never satisfied.
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
    let mut license = word.to_owned();
    if words.pop_if(|word| *word == "WITH").is_some() {
        license = format!("{license} WITH {}", words.pop()?);
    }
    Some(allowed.contains(&license))
}

#[test]
fn expressions_are_evaluated() {
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
