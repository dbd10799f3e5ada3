//! The same seed, tenant and requests give the same answers.

use serde_json::{Value, json};
use terraform_provider_defender::emulator::{Options, Tenant};

use crate::support::*;

const POLICIES: &str = "/beta/deviceManagement/deviceConfigurations";

/// Answers of a session that meets everything random: ids, pages and batches.
async fn session(graph: &Graph) -> Vec<Value> {
    let mut answers = Vec::new();
    let policy = json!({"@odata.type": DEFENDER, "displayName": "Made later"});
    answers.push(graph.post(POLICIES, policy).await.body["id"].clone());
    let mut link = Some(POLICIES.to_owned());
    while let Some(path) = link {
        let answer = graph.get(&path).await;
        answers.push(json!(answer.rows().iter().map(|row| row["id"].clone()).collect::<Vec<_>>()));
        link = answer.next_link().map(str::to_owned);
    }
    let items: Vec<Value> =
        (0..9).map(|n| json!({"id": n.to_string(), "method": "GET", "url": "/groups"})).collect();
    let batch = graph.post("/beta/$batch", json!({"requests": items})).await.body;
    answers.extend(batch["responses"].as_array().unwrap().iter().map(|response| response["id"].clone()));
    answers
}

fn start(seed: u64) -> Graph {
    let file = tempfile::NamedTempFile::new().unwrap();
    let policies: Vec<Value> = (0..9).map(|n| json!({"displayName": format!("P{n}")})).collect();
    std::fs::write(file.path(), json!({"deviceConfigurations": policies}).to_string()).unwrap();
    let tenant = Tenant::from_file(file.path(), seed).unwrap();
    Graph::with(tenant, Options { seed, page_size: Some(4), ..Options::default() })
}

#[tokio::test]
async fn a_seed_decides_ids_and_orders_and_a_reset_starts_it_over() {
    let graph = start(7);
    let first = session(&graph).await;
    assert_eq!(session(&start(7)).await, first);
    assert_ne!(session(&start(8)).await, first);
    assert_ne!(session(&graph).await, first, "the session went on");
    assert_eq!(graph.post("/_emulator/reset", json!({})).await.status, 204);
    assert_eq!(session(&graph).await, first);
    assert_eq!(graph.get("/_emulator/calls").await.body["seed"], 7);
}
