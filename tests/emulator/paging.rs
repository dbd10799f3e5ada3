//! Pages: their size, their links, and an order that clients cannot rely on.

use std::collections::HashSet;

use serde_json::{Value, json};
use terraform_provider_defender::emulator::{Options, Tenant};

use crate::support::*;

const POLICIES: &str = "/beta/deviceManagement/deviceConfigurations";

/// `count` policies; the first has ten groups assigned.
fn many(count: u32) -> Tenant {
    let rows: Vec<Value> = (0..10).map(|n| group(&format!("5f8bd3bd-0e2c-4f9d-8f53-{n:012}"))).collect();
    let policies: Vec<Value> = (0..count)
        .map(|n| {
            let rows = if n == 0 { rows.clone() } else { Vec::new() };
            json!({"id": format!("0b8a3d5e-5c0f-4a55-9a07-{n:012}"), "displayName": "Same", "assignments": rows})
        })
        .collect();
    Tenant::from_json(json!({"deviceConfigurations": policies})).unwrap()
}

/// The ids of every page, and the sizes of the pages.
async fn walk(graph: &Graph, first: &str) -> (Vec<String>, Vec<usize>) {
    let (mut ids, mut sizes, mut link) = (Vec::new(), Vec::new(), Some(first.to_owned()));
    while let Some(path) = link {
        let answer = graph.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        sizes.push(answer.rows().len());
        ids.extend(answer.rows().iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        link = answer.next_link().map(str::to_owned);
    }
    (ids, sizes)
}

fn paged(size: usize) -> Options {
    Options { page_size: Some(size), ..Options::default() }
}

#[tokio::test]
async fn every_row_is_on_one_page() {
    let graph = Graph::with(many(25), paged(10));
    let (ids, sizes) = walk(&graph, POLICIES).await;
    assert_eq!(sizes, [10, 10, 5]);
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 25);
    let (_, sizes) = walk(&graph, &format!("{POLICIES}?$top=20")).await;
    assert_eq!(sizes, [10, 10, 5], "a page is never larger than the service's");
    let (_, sizes) =
        walk(&graph, &format!("{POLICIES}?$top=9&$select=id&$filter=displayName eq 'Same'")).await;
    assert_eq!(sizes, [9, 9, 7]);
}

#[tokio::test]
async fn a_link_is_absolute_and_leads_back_to_the_host_that_was_asked() {
    let graph = Graph::with(many(3), paged(2));
    let answer = graph.get(&format!("{POLICIES}?$select=id")).await;
    let link = answer.next_link().unwrap();
    let start = format!("{}{POLICIES}?$select=id&$skiptoken=", graph.emulator.base_url());
    assert!(link.starts_with(&start), "{link}");
    assert_eq!(graph.get(&format!("{POLICIES}?$skiptoken=mine")).await.status, 400);
}

#[tokio::test]
async fn rows_come_in_another_order_each_time() {
    let graph = Graph::with(many(25), Options::default());
    let mut orders = HashSet::new();
    for _ in 0..5 {
        orders.insert(walk(&graph, POLICIES).await.0);
    }
    // Five times the same order of 25 rows is less likely than a broken machine.
    assert!(orders.len() > 1);
}

#[tokio::test]
async fn expansions_and_the_answer_of_assign_are_cut_to_a_page_too() {
    let graph = Graph::with(many(1), paged(4));
    let id = "0b8a3d5e-5c0f-4a55-9a07-000000000000";
    let expanded = graph.get(&format!("{POLICIES}/{id}?$expand=assignments")).await.body;
    assert_eq!(expanded["assignments"].as_array().unwrap().len(), 4);
    let (rest, sizes) = walk(&graph, expanded["assignments@odata.nextLink"].as_str().unwrap()).await;
    assert_eq!(sizes, [4, 2]);
    let mut all: HashSet<&str> = rest.iter().map(String::as_str).collect();
    all.extend(expanded["assignments"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()));
    assert_eq!(all.len(), 10);

    let rows: Vec<Value> = (0..5).map(|n| group(&format!("5f8bd3bd-0e2c-4f9d-8f53-{n:012}"))).collect();
    let answer = graph.post(&format!("{POLICIES}/{id}/assign"), json!({"assignments": rows})).await;
    assert_eq!(answer.rows().len(), 4);
    let (rest, sizes) = walk(&graph, answer.next_link().unwrap()).await;
    assert_eq!((rest.len(), sizes.len()), (1, 1));
}
