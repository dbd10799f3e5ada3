//! Query options that the service has beyond those that the provider uses.

use serde_json::{Value, json};
use terraform_provider_defender::emulator::{Options, Tenant};

use crate::support::*;

const POLICIES: &str = "/beta/deviceManagement/deviceConfigurations";

fn names(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["displayName"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn lists_are_ordered_and_counted_over_all_pages() {
    let policies: Vec<Value> = ["b", "D", "a", "C"].map(|name| json!({"displayName": name})).to_vec();
    let tenant = Tenant::from_json(json!({"deviceConfigurations": policies})).unwrap();
    let graph = Graph::with(tenant, Options { page_size: Some(3), ..Options::default() });
    let first = graph.get(&format!("{POLICIES}?$orderby=displayName desc&$count=true")).await;
    assert_eq!((first.status, &first.body["@odata.count"]), (200, &json!(4)), "{}", first.body);
    assert_eq!(names(first.rows()), ["D", "C", "b"]);
    let second = graph.get(first.next_link().unwrap()).await;
    assert_eq!(names(second.rows()), ["a"]);
}

#[tokio::test]
async fn an_expansion_can_select_members_of_its_rows() {
    let graph = Graph::start();
    graph.assign(json!([group(PILOT)])).await;
    let path = format!("{POLICIES}/{POLICY}?$expand=assignments($select=id)&$select=displayName");
    let answer = graph.get(&path).await;
    assert_eq!(answer.body["displayName"], "Onboarding");
    assert_eq!(answer.body["assignments"], json!([{"id": format!("{POLICY}_{PILOT}")}]));
    assert!(answer.body["@odata.context"].as_str().unwrap().contains("displayName,assignments(id)"));
}

#[tokio::test]
async fn a_star_selects_all_members() {
    let graph = Graph::start();
    let all = graph.get(&format!("{POLICIES}/{POLICY}")).await.body;
    let star = graph.get(&format!("{POLICIES}/{POLICY}?$select=*")).await.body;
    assert_eq!(star["allowSampleSharing"], all["allowSampleSharing"]);
    assert_eq!(star.as_object().unwrap().len(), all.as_object().unwrap().len());
}

#[tokio::test]
async fn what_only_the_emulator_lacks_is_refused_in_its_name() {
    let graph = Graph::start();
    for query in ["$search=On", "$filter=isof('microsoft.graph.x')", "$expand=assignments($top=1)"] {
        let answer = graph.get(&format!("{POLICIES}?{query}")).await;
        assert_eq!(answer.status, 400);
        assert!(
            answer.message().ends_with("This limit is the emulator's, not Graph's."),
            "{}",
            answer.message()
        );
    }
}

#[tokio::test]
async fn counting_groups_is_an_advanced_query() {
    let graph = Graph::start();
    let path = "/v1.0/groups?$count=true";
    assert_eq!(graph.get(path).await.status, 400);
    let request = graph.request(reqwest::Method::GET, path).header("ConsistencyLevel", "eventual");
    assert_eq!(send(request).await.body["@odata.count"], 2);
}

/// IntuneCD selects the name of a filter and reads its id.
#[tokio::test]
async fn a_filter_has_its_id_whatever_is_selected() {
    let graph = Graph::start();
    let path = format!("/beta/deviceManagement/assignmentFilters/{CORPORATE}?$select=displayName");
    assert_eq!(graph.get(&path).await.body["id"], CORPORATE);
}
