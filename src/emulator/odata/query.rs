//! Query options: which were sent, which an address allows, and the filter expressions known to work. Applies
//! only `$select`.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::filter::{FilterExpression, type_filter};
use super::skip_token::SkipToken;
use crate::emulator::service_error::ServiceError;

/// Graph accepts its options with and without the dollar sign.
const OPTIONS: [&str; 10] = [
    "$select",
    "$expand",
    "$filter",
    "$top",
    "$skip",
    "$skiptoken",
    "$orderby",
    "$count",
    "$search",
    "$format",
];

/// The query options of one request.
#[derive(Debug, Default)]
pub struct QueryOptions {
    /// Every decoded pair, to repeat in the link to the next page.
    pub pairs: Vec<(String, String)>,
    /// `$select`: the named members.
    pub select: Option<Vec<String>>,
    /// `$expand`: the named navigation properties.
    pub expand: Vec<Expansion>,
    /// `$orderby`: the property, and whether the order is descending.
    pub order_by: Option<(String, bool)>,
    /// `$count=true`
    pub count: bool,
    /// `$filter` on a property.
    pub filter: Option<FilterExpression>,
    /// `$filter=isof('…')`: the full name of the type.
    pub type_filter: Option<String>,
    /// `$top`
    pub top: Option<usize>,
    /// `$skiptoken` of a link to a next page.
    pub skip_token: Option<SkipToken>,
}

impl QueryOptions {
    /// Reads the query of a request, without the question mark.
    pub fn parse(query: &str) -> Result<Self, ServiceError> {
        let mut parsed = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (full_name(decode(name)?), decode(value)?);
            if name.starts_with('$') && parsed.pairs.iter().any(|(earlier, _)| *earlier == name) {
                return Err(ServiceError::bad_request(format!(
                    "Query option '{name}' was specified more than once."
                )));
            }
            parsed.set_option(&name, &value)?;
            parsed.pairs.push((name, value));
        }
        Ok(parsed)
    }

    /// Refuses options that an address does not support; `isof` stands for a filter by type. Names without a dollar
    /// sign are ignored.
    pub fn allow(&self, allowed: &[&str]) -> Result<(), ServiceError> {
        if let Some(type_name) = self.type_filter.as_ref().filter(|_| !allowed.contains(&"isof")) {
            return Err(ServiceError::unproven(&format!("the filter 'isof('{type_name}')' at this address")));
        }
        match self.pairs.iter().find(|(name, _)| name.starts_with('$') && !allowed.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, _)) => {
                Err(ServiceError::unproven(&format!("the query option '{name}' at this address")))
            }
        }
    }

    /// Refuses `$select` of unknown names.
    pub fn check_select(&self, type_name: &str, known: &[&str]) -> Result<(), ServiceError> {
        check_names(self.select.iter().flatten().filter(|name| *name != "*"), type_name, known)
    }

    /// Refuses `$expand` of anything but the known navigation properties.
    pub fn check_expand(&self, type_name: &str, known: &[&str]) -> Result<(), ServiceError> {
        check_names(self.expand.iter().map(|expansion| &expansion.property), type_name, known)
    }

    /// Refuses `$orderby` of unknown names.
    pub fn check_order_by(&self, type_name: &str, known: &[&str]) -> Result<(), ServiceError> {
        check_names(self.order_by.iter().map(|(name, _)| name), type_name, known)
    }

    /// Whether a navigation property is to be expanded.
    pub fn expands(&self, name: &str) -> bool {
        self.expansion(name).is_some()
    }

    /// How a navigation property is to be expanded, if it is.
    pub fn expansion(&self, name: &str) -> Option<&Expansion> {
        self.expand.iter().find(|expansion| expansion.property == name)
    }

    /// Keeps selected members, expanded members and annotations.
    pub fn selected(&self, members: Map<String, Value>) -> Map<String, Value> {
        let Some(select) = self.select.as_ref().filter(|names| !names.iter().any(|name| name == "*")) else {
            return members;
        };
        let kept = |name: &str| {
            let property = name.split_once('@').map_or(name, |(property, _)| property);
            property.is_empty() || select.iter().any(|wanted| wanted == property) || self.expands(property)
        };
        members.into_iter().filter(|(name, _)| kept(name)).collect()
    }

    /// The collection in `@odata.context`, with the selected names in parentheses, as OData prescribes.
    pub fn context_of(&self, collection: &str) -> String {
        let expanded = self.expand.iter().map(Expansion::in_context);
        let names: Vec<String> = self.select.iter().flatten().cloned().chain(expanded).collect();
        if names.is_empty() { collection.to_owned() } else { format!("{collection}({})", names.join(",")) }
    }

    fn set_option(&mut self, name: &str, value: &str) -> Result<(), ServiceError> {
        match name {
            "$select" => self.select = Some(names(value)),
            "$expand" => self.expand = expansions(value)?,
            "$orderby" => self.order_by = Some(order_by(value)?),
            "$count" => self.count = flag(name, value)?,
            "$filter" => {
                self.type_filter = type_filter(value);
                if self.type_filter.is_none() {
                    self.filter = Some(FilterExpression::parse(value)?);
                }
            }
            "$top" => {
                let top = value.parse().map_err(|_| {
                    ServiceError::bad_request(format!(
                        "The value '{value}' of query option '$top' is not a count."
                    ))
                })?;
                self.top = Some(top);
            }
            "$skiptoken" => {
                let token = SkipToken::parse(value).ok_or_else(|| {
                    ServiceError::bad_request("The skip token of the request is not valid.")
                })?;
                self.skip_token = Some(token);
            }
            _ => {}
        }
        Ok(())
    }
}

/// One navigation property of `$expand`.
#[derive(Debug, PartialEq, Eq)]
pub struct Expansion {
    /// The property.
    pub property: String,
    /// `$select` in parentheses: the named members of its rows.
    pub select: Option<Vec<String>>,
}

impl Expansion {
    /// Keeps the members that `$select` in parentheses names.
    pub fn selected(&self, members: Map<String, Value>) -> Map<String, Value> {
        match &self.select {
            None => members,
            Some(names) => members.into_iter().filter(|(name, _)| names.contains(name)).collect(),
        }
    }

    fn in_context(&self) -> String {
        format!(
            "{}({})",
            self.property,
            self.select.as_ref().map(|names| names.join(",")).unwrap_or_default()
        )
    }
}

/// `property`, or `property($select=a,b)`, separated by commas outside of parentheses.
fn expansions(value: &str) -> Result<Vec<Expansion>, ServiceError> {
    let mut depth = 0_usize;
    let parts = value.split(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).map(expansion).collect()
}

fn expansion(text: &str) -> Result<Expansion, ServiceError> {
    let Some((property, nested)) = text.split_once('(') else {
        return Ok(Expansion { property: text.to_owned(), select: None });
    };
    let nested = nested.strip_suffix(')').ok_or_else(|| {
        ServiceError::bad_request(format!("Parsing OData Select and Expand failed: '{text}' is not closed."))
    })?;
    let select = match nested.trim().split_once('=') {
        Some(("$select" | "select", named)) if !named.contains(';') => names(named),
        _ => return Err(ServiceError::unproven(&format!("'{nested}' inside of '$expand'"))),
    };
    Ok(Expansion { property: property.to_owned(), select: Some(select) })
}

/// `property`, `property asc` or `property desc`.
fn order_by(value: &str) -> Result<(String, bool), ServiceError> {
    let words: Vec<&str> = value.split_whitespace().collect();
    match words.as_slice() {
        [property] | [property, "asc"] => Ok(((*property).to_owned(), false)),
        [property, "desc"] => Ok(((*property).to_owned(), true)),
        _ => Err(ServiceError::unproven(&format!("'$orderby={value}'"))),
    }
}

fn flag(name: &str, value: &str) -> Result<bool, ServiceError> {
    value.parse().map_err(|_| {
        ServiceError::bad_request(format!(
            "The value '{value}' of query option '{name}' is not true or false."
        ))
    })
}

fn names(value: &str) -> Vec<String> {
    value.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

fn check_names<'a>(
    mut sent: impl Iterator<Item = &'a String>,
    type_name: &str,
    known: &[&str],
) -> Result<(), ServiceError> {
    match sent.find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(ServiceError::bad_request(format!(
            "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type \
             'microsoft.graph.{type_name}'."
        ))),
    }
}

fn full_name(name: String) -> String {
    let full = format!("${name}");
    if OPTIONS.contains(&full.as_str()) { full } else { name }
}

/// In a query, a plus sign is a space.
fn decode(text: &str) -> Result<String, ServiceError> {
    let blanks = text.replace('+', " ");
    match percent_decode_str(&blanks).decode_utf8() {
        Ok(decoded) => Ok(decoded.into_owned()),
        Err(_) => Err(ServiceError::bad_request("The query of the request URL is not valid UTF-8.")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_query_is_decoded_once() {
        let query = QueryOptions::parse("$filter=displayName%20eq%20'A%2525+b'&top=5&mine=1").unwrap();
        assert_eq!(query.filter.as_ref().unwrap().literal, "A%25 b");
        assert_eq!(query.top, Some(5));
        assert!(query.allow(&["$filter", "$top"]).is_ok());
        assert!(query.allow(&["$filter"]).is_err());
    }

    #[test]
    fn a_repeated_or_unreadable_option_is_refused() {
        for query in ["$top=1&$top=2", "$top=-1", "$top=many", "$skiptoken=x", "$select=%ff"] {
            assert!(QueryOptions::parse(query).is_err(), "{query}");
        }
    }

    #[test]
    fn select_keeps_annotations_and_expanded_members() {
        let query = QueryOptions::parse("$select=id&$expand=assignments").unwrap();
        let members = json!({"@odata.type": "t", "id": 1, "displayName": 2, "assignments": [], "assignments@odata.context": "c"});
        let Value::Object(members) = members else { unreachable!() };
        let kept: Vec<String> = query.selected(members).into_iter().map(|(name, _)| name).collect();
        assert_eq!(kept, ["@odata.type", "assignments", "assignments@odata.context", "id"]);
    }
}
