//! What follows from which provider block and which environment, as tables.

mod incomplete;
mod messages;
mod notation;
mod places;
mod table;

use std::collections::BTreeSet;

use crate::auth::choose;

use super::{configuration, schema};
use notation::{Given, outcome};

fn rows() -> impl Iterator<Item = &'static table::Row> {
    table::ROWS.iter().chain(incomplete::ROWS).flat_map(|rows| rows.iter())
}

#[test]
fn every_row_has_its_outcome() {
    let mut wrong = Vec::new();
    for (given, expected) in rows() {
        let found = outcome(&Given::read(given));
        if found != *expected {
            wrong.push(format!("{given}\n  expected {expected}\n  found    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_argument_and_every_variable_stands_in_a_row() {
    let named: BTreeSet<&str> = rows()
        .map(|row| row.0)
        .chain(places::ROWS.iter().map(|row| row.0))
        .flat_map(str::split_whitespace)
        .filter_map(|part| Some(part.split_once('=')?.0))
        .collect();
    for attribute in schema::provider().block.attributes {
        for name in attribute.variables.iter().chain([&attribute.name]) {
            assert!(named.contains(name), "no row is about {name}");
        }
    }
}

#[test]
fn many_policies_are_refreshed_from_one_list_unless_something_says_no() {
    for (given, expected) in [
        ("", true),
        ("bulk_refresh=true DEFENDER_BULK_REFRESH=false", true),
        ("bulk_refresh=false DEFENDER_BULK_REFRESH=true", false),
        ("DEFENDER_BULK_REFRESH=false", false),
        ("DEFENDER_BULK_REFRESH=0", false),
    ] {
        let given = format!("access_token=t {given}");
        let given = Given::read(&given);
        let Ok(prepared) = configuration::prepare(&given.settings(), "") else { panic!() };
        assert_eq!(prepared.options.bulk_refresh, expected);
    }
}

#[test]
fn groups_are_looked_up_unless_something_says_no() {
    for (given, expected) in [
        ("", true),
        ("look_up_groups=true DEFENDER_LOOK_UP_GROUPS=false", true),
        ("look_up_groups=false DEFENDER_LOOK_UP_GROUPS=true", false),
        ("DEFENDER_LOOK_UP_GROUPS=0", false),
    ] {
        let given = Given::read(&format!("access_token=t {given}"));
        let Ok(prepared) = configuration::prepare(&given.settings(), "") else { panic!() };
        assert_eq!(prepared.options.look_up_groups, expected);
    }
}

#[test]
fn no_variable_stands_for_two_arguments() {
    let mut seen = BTreeSet::new();
    for attribute in schema::provider().block.attributes {
        for variable in attribute.variables {
            assert!(seen.insert(*variable), "{variable} of {} was there before", attribute.name);
        }
    }
}

#[test]
fn what_is_secret_is_marked_so() {
    let marked: Vec<&str> = schema::provider()
        .block
        .attributes
        .iter()
        .filter(|attribute| attribute.sensitive)
        .map(|attribute| attribute.name)
        .collect();
    assert_eq!(
        marked,
        [
            "client_secret",
            "client_certificate",
            "client_certificate_password",
            "oidc_token",
            "oidc_request_token",
            "access_token"
        ]
    );
}

#[test]
fn the_method_gets_the_values_that_were_given() {
    for (given, expected) in table::METHODS {
        let given = Given::read(given);
        let sign_in = choose(&given.settings()).unwrap();
        assert_eq!(given.shorten(&format!("{:?}", sign_in.method)), *expected);
    }
}
