//! Pages in random order. The first page fixes the order of a listing, and the token in the link names it, so
//! rows that are added or removed between two pages neither repeat nor hide others.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::query::QueryOptions;
use super::skip_token::SkipToken;

/// Characters that stay unencoded in the query of a link.
const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'$')
    .remove(b',')
    .remove(b'\'');

/// A row of a collection. Its id decides its place in the random order.
#[derive(Debug)]
pub struct CollectionRow {
    /// The entity's id.
    pub id: String,
    /// The rendered entity.
    pub members: Map<String, Value>,
    /// What `$orderby` compares; empty without it.
    pub sort_key: String,
}

impl CollectionRow {
    /// A row of an entity with all its members, of which the query may select some.
    pub fn new(id: &str, members: Map<String, Value>, query: &QueryOptions) -> Self {
        let sorted = query.order_by.as_ref().and_then(|(property, _)| members.get(property));
        let sort_key = match sorted {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.to_lowercase(),
            // Numbers, aligned.
            Some(other) => format!("{:>20}", other.to_string()),
        };
        Self { id: id.to_owned(), members: query.selected(members), sort_key }
    }
}

/// One page, and the token of the next one if there is more.
#[derive(Debug)]
pub struct CollectionPage {
    /// The rows of this page, in the order of the listing.
    pub rows: Vec<CollectionRow>,
    /// Where the next page starts.
    pub next: Option<SkipToken>,
}

impl CollectionPage {
    /// Selects the page of `size` rows that the query asks for.
    pub fn select(rows: Vec<CollectionRow>, query: &QueryOptions, size: usize) -> Self {
        let seed = query.skip_token.map_or_else(|| fastrand::u64(..), |token| token.seed);
        let after = query.skip_token.map(|token| token.after);
        let placed = match &query.order_by {
            Some((_, descending)) => ranks(*descending, rows),
            None => places(seed, rows),
        };
        let mut placed: Vec<(u64, CollectionRow)> =
            placed.into_iter().filter(|(place, _)| after.is_none_or(|after| *place > after)).collect();
        placed.sort_by_key(|(place, _)| *place);
        let more = placed.len() > size;
        placed.truncate(size);
        let last = placed.last().map(|(place, _)| *place);
        let next = last.filter(|_| more).map(|after| SkipToken { seed, after });
        Self { rows: placed.into_iter().map(|(_, row)| row).collect(), next }
    }
}

/// The absolute link to the next page: the query options of this request and the token.
pub fn next_link(origin: &str, path: &str, query: &QueryOptions, token: SkipToken) -> String {
    let token = ("$skiptoken".to_owned(), token.text());
    let options = query.pairs.iter().filter(|(name, _)| name != "$skiptoken").chain(std::iter::once(&token));
    let options: Vec<String> = options
        .map(|(name, value)| {
            format!("{}={}", utf8_percent_encode(name, IN_QUERY), utf8_percent_encode(value, IN_QUERY))
        })
        .collect();
    format!("{origin}{path}?{}", options.join("&"))
}

/// The place of each row in the order of a property. Rows that are added or removed between two pages move the others.
fn ranks(descending: bool, mut rows: Vec<CollectionRow>) -> Vec<(u64, CollectionRow)> {
    rows.sort_by(|left, right| (&left.sort_key, &left.id).cmp(&(&right.sort_key, &right.id)));
    if descending {
        rows.reverse();
    }
    (0..).zip(rows).collect()
}

/// Computes the place of each row in the order of `seed`. Several rows may have the same id (a group, directly
/// and from a policy set).
fn places(seed: u64, rows: Vec<CollectionRow>) -> Vec<(u64, CollectionRow)> {
    let mut repeated: HashMap<String, u32> = HashMap::new();
    let place = |row: CollectionRow| {
        let nth = repeated.entry(row.id.clone()).and_modify(|count| *count += 1).or_default();
        let mut hasher = DefaultHasher::new();
        (seed, row.id.as_str(), *nth).hash(&mut hasher);
        (hasher.finish(), row)
    };
    rows.into_iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(ids: impl IntoIterator<Item = u32>) -> Vec<CollectionRow> {
        ids.into_iter()
            .map(|id| CollectionRow::new(&id.to_string(), Map::new(), &QueryOptions::default()))
            .collect()
    }

    fn following(token: SkipToken) -> QueryOptions {
        QueryOptions { skip_token: Some(token), ..QueryOptions::default() }
    }

    #[test]
    fn pages_hold_every_row_once_although_rows_come_and_go() {
        let first = CollectionPage::select(rows(0..20), &QueryOptions::default(), 8);
        let shown: Vec<String> = first.rows.iter().map(|row| row.id.clone()).collect();
        let left = (0..20).filter(|id| !shown.contains(&id.to_string())).collect::<Vec<_>>();
        let second = CollectionPage::select(rows(left.clone()), &following(first.next.unwrap()), 100);
        assert_eq!(second.rows.len(), left.len());
        assert!(second.next.is_none());
    }

    #[test]
    fn rows_with_one_id_are_all_listed() {
        let first = CollectionPage::select(rows([7, 7, 7]), &QueryOptions::default(), 2);
        let second = CollectionPage::select(rows([7, 7, 7]), &following(first.next.unwrap()), 2);
        assert_eq!((first.rows.len(), second.rows.len()), (2, 1));
    }

    #[test]
    fn a_full_last_page_has_no_link() {
        assert!(CollectionPage::select(rows(0..4), &QueryOptions::default(), 4).next.is_none());
    }

    #[test]
    fn a_link_carries_the_options_on() {
        let query = QueryOptions::parse("$filter=displayName eq 'a%26b'&$skiptoken=1-2&$top=1").unwrap();
        let link = next_link("http://h", "/beta/groups", &query, SkipToken { seed: 1, after: 2 });
        assert_eq!(
            link,
            "http://h/beta/groups?$filter=displayName%20eq%20'a%26b'&$top=1&$skiptoken=0000000000000001-0000000000000002"
        );
    }
}
