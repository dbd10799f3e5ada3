//! Tables of provider blocks and environments with the method that is selected.

mod endpoints;
mod incomplete;
mod messages;
mod notation;
mod table;

use std::collections::BTreeSet;

use crate::auth::select;

use super::{configuration, schema};
use notation::{Scenario, outcome};

fn rows() -> impl Iterator<Item = &'static table::Row> {
    table::ROWS.iter().chain(incomplete::ROWS).flat_map(|rows| rows.iter())
}

#[test]
fn every_row_has_its_outcome() {
    let mut wrong = Vec::new();
    for (given, expected) in rows() {
        let found = outcome(&Scenario::parse(given));
        if found != *expected {
            wrong.push(format!("{given}\n  expected {expected}\n  found    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_argument_and_every_variable_is_in_a_row() {
    let named: BTreeSet<&str> = rows()
        .map(|row| row.0)
        .chain(endpoints::ROWS.iter().map(|row| row.0))
        .flat_map(str::split_whitespace)
        .filter_map(|part| Some(part.split_once('=')?.0))
        .collect();
    for attribute in schema::provider().block.attributes {
        for name in attribute.variables.iter().chain([&attribute.name]) {
            assert!(named.contains(name), "no row has {name}");
        }
    }
}

#[test]
fn plain_http_is_allowed_only_for_the_host_of_the_endpoint() {
    for (given, expected) in [
        ("graph_endpoint=http://emulator:8400 DEFENDER_ALLOW_HTTP_HOST=emulator", Ok(1)),
        ("graph_endpoint=http://127.0.0.1:8400 DEFENDER_ALLOW_HTTP_HOST=127.0.0.1", Ok(0)),
        ("graph_endpoint=http://emulator:8400", Err("graph_endpoint is not the root of Microsoft Graph")),
        (
            "graph_endpoint=http://emulator:8400 DEFENDER_ALLOW_HTTP_HOST=other",
            Err("graph_endpoint is not the root of Microsoft Graph"),
        ),
        (
            "graph_endpoint=https://graph.example DEFENDER_ALLOW_HTTP_HOST=emulator",
            Err("DEFENDER_ALLOW_HTTP_HOST does not match the endpoint"),
        ),
        ("DEFENDER_ALLOW_HTTP_HOST=emulator", Err("DEFENDER_ALLOW_HTTP_HOST does not match the endpoint")),
    ] {
        let given = format!("access_token=t {given}");
        let prepared = configuration::prepare(&Scenario::parse(&given).settings(), "");
        let found = match prepared {
            Ok(prepared) => Ok(prepared.warnings.iter().count()),
            Err(error) => Err(error.into_diagnostics().iter().map(|found| found.summary.clone()).collect()),
        };
        assert_eq!(found, expected.map_err(|summary| vec![summary.to_owned()]), "{given}");
    }
}

#[test]
fn bulk_refresh_is_on_by_default() {
    for (given, expected) in [
        ("", true),
        ("bulk_refresh=true DEFENDER_BULK_REFRESH=false", true),
        ("bulk_refresh=false DEFENDER_BULK_REFRESH=true", false),
        ("DEFENDER_BULK_REFRESH=false", false),
        ("DEFENDER_BULK_REFRESH=0", false),
    ] {
        let given = format!("access_token=t {given}");
        let scenario = Scenario::parse(&given);
        let Ok(prepared) = configuration::prepare(&scenario.settings(), "") else { panic!() };
        assert_eq!(prepared.options.bulk_refresh, expected);
    }
}

#[test]
fn look_up_groups_is_on_by_default() {
    for (given, expected) in [
        ("", true),
        ("look_up_groups=true DEFENDER_LOOK_UP_GROUPS=false", true),
        ("look_up_groups=false DEFENDER_LOOK_UP_GROUPS=true", false),
        ("DEFENDER_LOOK_UP_GROUPS=0", false),
    ] {
        let scenario = Scenario::parse(&format!("access_token=t {given}"));
        let Ok(prepared) = configuration::prepare(&scenario.settings(), "") else { panic!() };
        assert_eq!(prepared.options.look_up_groups, expected);
    }
}

#[test]
fn no_variable_belongs_to_two_arguments() {
    let mut seen = BTreeSet::new();
    for attribute in schema::provider().block.attributes {
        for variable in attribute.variables {
            assert!(
                seen.insert(*variable),
                "{variable} of {} belongs to another argument too",
                attribute.name
            );
        }
    }
}

#[test]
fn secret_arguments_are_marked_sensitive() {
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
fn the_method_has_the_configured_values() {
    for (given, expected) in table::METHODS {
        let scenario = Scenario::parse(given);
        let sign_in = select(&scenario.settings()).unwrap();
        assert_eq!(scenario.shorten(&format!("{:?}", sign_in.method)), *expected);
    }
}
