//! What the tests of the Graph client share: a client, a policy and its rows, and the responses of a scripted server.

use std::sync::Arc;

use serde_json::{Value, json};
use terraform_provider_defender::auth::{InputOrigin, SelectedMethod, StaticToken};
use terraform_provider_defender::graph::types::{Assignment, AssignmentTarget, TargetKind};
use terraform_provider_defender::graph::{
    ApiVersion, Client, Error, Policies, PolicyCollection, Request, Response, RetryBudget,
};
use terraform_provider_defender::transport::Transport;

use crate::scripted_graph::{Reply, ScriptedGraph};

pub const TOKEN: &str = "eyJ0.only-for-the-endpoint";
pub const POLICY: &str = "1f0e6c5a-0000-4000-8000-000000000001";
pub const PATH: &str = "/beta/deviceManagement/deviceConfigurations/1f0e6c5a-0000-4000-8000-000000000001";

/// A client that sends everything once; `graph_retry.rs` tests retries.
pub fn client(root: &str) -> Client {
    Client::new(
        root.parse().unwrap(),
        Arc::new(StaticToken::new(
            TOKEN,
            SelectedMethod::access_token(InputOrigin::Argument("access_token")),
        )),
        Transport::new("defender-test/1.2".into()),
    )
    .for_operation(RetryBudget::none())
}

/// The calls that the tests make on device configurations.
pub fn policies(client: &Client) -> Policies<'_> {
    client.policies(PolicyCollection::DeviceConfigurations)
}

pub async fn start() -> (ScriptedGraph, Client) {
    let graph = ScriptedGraph::start().await;
    let client = client(graph.root());
    (graph, client)
}

pub fn row(group: &str) -> Value {
    json!({
        "id": format!("{POLICY}_{group}"), "source": "direct", "sourceId": POLICY, "intent": "apply",
        "target": {
            "@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group,
            "deviceAndAppManagementAssignmentFilterId": null, "deviceAndAppManagementAssignmentFilterType": "none",
        },
    })
}

pub fn page(rows: &[Value], next: Option<&str>) -> Reply {
    let mut body = json!({"@odata.context": "x", "value": rows});
    if let Some(next) = next {
        body["@odata.nextLink"] = json!(next);
    }
    Reply::json(200, &body)
}

pub fn policy() -> Value {
    json!({
        "@odata.type": "#microsoft.graph.windowsDefenderAdvancedThreatProtectionConfiguration",
        "id": POLICY, "displayName": "Onboarding", "version": 1, "somethingNew": {"a": []},
    })
}

pub fn item(id: &str, status: u16, body: &Value) -> Value {
    json!({"id": id, "status": status, "headers": {"Content-Type": "application/json"}, "body": body})
}

pub fn batch_response(items: &[Value]) -> Reply {
    Reply::json(200, &json!({ "responses": items }))
}

pub fn document(result: &Result<Response, Error>) -> Value {
    result.clone().unwrap().decode().unwrap()
}

pub fn groups_of(assignments: &[Assignment]) -> Vec<&str> {
    assignments.iter().filter_map(|assignment| assignment.target.group_id.as_deref()).collect()
}

pub fn intune_message(sentence: &str) -> String {
    let message = format!(
        "{sentence} - Operation ID (for customer support): 00000000-0000-0000-0000-000000000000 - \
         Activity ID: aaaa-1 - Url: https://fef.example.manage.microsoft.com/x?api-version=1-2"
    );
    json!({"_version": 3, "Message": message, "CustomApiErrorPhrase": "", "RetryAfter": null, "HttpHeaders": "{}"})
        .to_string()
}

pub fn error_body(code: &str, message: &str) -> Value {
    let inner = json!({"date": "2025-10-26T17:07:09", "request-id": "r-1", "client-request-id": "c-1"});
    json!({"error": {"code": code, "message": message, "innerError": inner}})
}

pub fn reads(count: usize) -> Vec<Request> {
    (0..count).map(|number| Request::get(ApiVersion::Beta, &["groups", &format!("g{number}")])).collect()
}

/// A target that is a group.
pub fn target(kind: TargetKind, group_id: &str) -> AssignmentTarget {
    AssignmentTarget { group_id: Some(group_id.into()), ..AssignmentTarget::new(kind) }
}

/// Assigns with a token of its own.
pub async fn assign(
    client: &Client,
    id: &str,
    targets: &[AssignmentTarget],
) -> Result<Vec<Assignment>, Error> {
    let token = client.acquire_token().await?;
    policies(client).assign(&token, id, targets).await
}
