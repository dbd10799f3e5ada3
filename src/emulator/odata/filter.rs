//! Filter expressions that are known to work in some part of Graph. Applies none.

use crate::emulator::service_error::ServiceError;

/// A `$filter` on one string property.
#[derive(Debug, PartialEq, Eq)]
pub struct FilterExpression {
    /// The property.
    pub property: String,
    /// How it is compared.
    pub operator: FilterOperator,
    /// What it is compared with.
    pub literal: String,
}

/// Comparisons known to work in some part of Graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterOperator {
    /// `property eq 'literal'`
    Equals,
    /// `startswith(property,'literal')`; the directory supports it, Intune refuses it.
    StartsWith,
}

impl FilterExpression {
    /// Parses an expression. Anything unknown is refused, never ignored.
    pub fn parse(expression: &str) -> Result<Self, ServiceError> {
        let expression = expression.trim();
        Self::parse_equals(expression)
            .or_else(|| Self::parse_starts_with(expression))
            .ok_or_else(|| ServiceError::unproven(&format!("the filter '{expression}'")))
    }

    fn parse_equals(expression: &str) -> Option<Self> {
        let mut words = expression.splitn(3, ' ');
        let (property, operator, rest) = (words.next()?, words.next()?, words.next()?);
        (operator == "eq").then_some(())?;
        Some(Self {
            property: name(property)?,
            operator: FilterOperator::Equals,
            literal: literal(rest.trim())?,
        })
    }

    fn parse_starts_with(expression: &str) -> Option<Self> {
        let inner = expression.strip_prefix("startswith(")?.strip_suffix(')')?;
        let (property, rest) = inner.split_once(',')?;
        Some(Self {
            property: name(property.trim())?,
            operator: FilterOperator::StartsWith,
            literal: literal(rest.trim())?,
        })
    }
}

/// A string literal in single quotes; a quote inside is doubled.
fn literal(text: &str) -> Option<String> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let unescaped = inner.replace("''", "\u{0}");
    (!unescaped.contains('\'')).then(|| unescaped.replace('\u{0}', "'"))
}

fn name(text: &str) -> Option<String> {
    // A path such as `templateReference/templateId` names a member of a complex member.
    (!text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '/')).then(|| text.to_owned())
}

/// The type of `isof('microsoft.graph.<type>')`. With one argument, it is about the row itself.
pub fn type_filter(expression: &str) -> Option<String> {
    literal(expression.trim().strip_prefix("isof(")?.strip_suffix(')')?.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_that_are_not_understood_are_refused() {
        for expression in [
            "",
            "displayName",
            "displayName ne 'x'",
            "displayName eq x",
            "displayName eq 'it's'",
            "contains(displayName,'x')",
            "displayName eq 'a' and id eq 'b'",
        ] {
            assert!(FilterExpression::parse(expression).is_err(), "{expression}");
        }
    }

    #[test]
    fn a_doubled_quote_is_one_quote() {
        let filter = FilterExpression::parse("displayName eq 'it''s'").unwrap();
        assert_eq!(filter.literal, "it's");
        assert_eq!(filter.operator, FilterOperator::Equals);
        assert_eq!(
            FilterExpression::parse("startswith(displayName, 'a')").unwrap().operator,
            FilterOperator::StartsWith
        );
    }

    #[test]
    fn a_filter_by_type_has_a_quoted_name_and_nothing_else() {
        assert_eq!(type_filter(" isof('microsoft.graph.x')").as_deref(), Some("microsoft.graph.x"));
        for expression in
            ["isof(microsoft.graph.x)", "isof($it,'x')", "isof('x') and id eq 'y'", "not isof('x')"]
        {
            assert_eq!(type_filter(expression), None, "{expression}");
        }
    }
}
