//! Pages in shuffled order. The order of a listing is drawn once, with its first page; the token in the link
//! names it, so that rows which come or go between two pages neither repeat nor hide others.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::query::Query;
use super::skip_token::SkipToken;

/// What stays readable in the query of a link.
const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'$')
    .remove(b',')
    .remove(b'\'');

/// A row of a collection answer: the id decides its place in the shuffled order.
#[derive(Debug)]
pub struct Row {
    /// The entity's id.
    pub id: String,
    /// The rendered entity.
    pub members: Map<String, Value>,
}

/// One page, and the token of the next one if there is more.
#[derive(Debug)]
pub struct Page {
    /// The rows of this page, in the order of the listing.
    pub rows: Vec<Row>,
    /// Where the next page starts.
    pub next: Option<SkipToken>,
}

impl Page {
    /// Cuts the page of `size` rows that the query asks for.
    pub fn of(rows: Vec<Row>, query: &Query, size: usize) -> Self {
        let seed = query.skip_token.map_or_else(|| fastrand::u64(..), |token| token.seed);
        let after = query.skip_token.map(|token| token.after);
        let mut placed: Vec<(u64, Row)> = places(seed, rows)
            .into_iter()
            .filter(|(place, _)| after.is_none_or(|after| *place > after))
            .collect();
        placed.sort_by_key(|(place, _)| *place);
        let more = placed.len() > size;
        placed.truncate(size);
        let last = placed.last().map(|(place, _)| *place);
        let next = last.filter(|_| more).map(|after| SkipToken { seed, after });
        Self { rows: placed.into_iter().map(|(_, row)| row).collect(), next }
    }
}

/// The absolute link to the next page: the options of this request and the token.
pub fn next_link(origin: &str, path: &str, query: &Query, token: SkipToken) -> String {
    let token = ("$skiptoken".to_owned(), token.text());
    let options = query.pairs.iter().filter(|(name, _)| name != "$skiptoken").chain(std::iter::once(&token));
    let options: Vec<String> = options
        .map(|(name, value)| {
            format!("{}={}", utf8_percent_encode(name, IN_QUERY), utf8_percent_encode(value, IN_QUERY))
        })
        .collect();
    format!("{origin}{path}?{}", options.join("&"))
}

/// Gives each row its place in the order of `seed`. Rows may share an id (one group, directly and from a
/// policy set).
fn places(seed: u64, rows: Vec<Row>) -> Vec<(u64, Row)> {
    let mut repeated: HashMap<String, u32> = HashMap::new();
    let place = |row: Row| {
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

    fn rows(ids: impl IntoIterator<Item = u32>) -> Vec<Row> {
        ids.into_iter().map(|id| Row { id: id.to_string(), members: Map::new() }).collect()
    }

    fn following(token: SkipToken) -> Query {
        Query { skip_token: Some(token), ..Query::default() }
    }

    #[test]
    fn pages_hold_every_row_once_although_rows_come_and_go() {
        let first = Page::of(rows(0..20), &Query::default(), 8);
        let shown: Vec<String> = first.rows.iter().map(|row| row.id.clone()).collect();
        let left = (0..20).filter(|id| !shown.contains(&id.to_string())).collect::<Vec<_>>();
        let second = Page::of(rows(left.clone()), &following(first.next.unwrap()), 100);
        assert_eq!(second.rows.len(), left.len());
        assert!(second.next.is_none());
    }

    #[test]
    fn rows_with_one_id_are_all_listed() {
        let first = Page::of(rows([7, 7, 7]), &Query::default(), 2);
        let second = Page::of(rows([7, 7, 7]), &following(first.next.unwrap()), 2);
        assert_eq!((first.rows.len(), second.rows.len()), (2, 1));
    }

    #[test]
    fn a_full_last_page_has_no_link() {
        assert!(Page::of(rows(0..4), &Query::default(), 4).next.is_none());
    }

    #[test]
    fn a_link_carries_the_options_on() {
        let query = Query::parse("$filter=displayName eq 'a%26b'&$skiptoken=1-2&$top=1").unwrap();
        let link = next_link("http://h", "/beta/groups", &query, SkipToken { seed: 1, after: 2 });
        assert_eq!(
            link,
            "http://h/beta/groups?$filter=displayName%20eq%20'a%26b'&$top=1&$skiptoken=0000000000000001-0000000000000002"
        );
    }
}
