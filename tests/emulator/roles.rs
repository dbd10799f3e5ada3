//! What a token may do in Graph: permissions per call and per batch item, expiry and revocation.

use reqwest::Method;
use serde_json::{Value, json};
use terraform_provider_defender::emulator::Options;

use crate::sign_in::*;
use crate::support::*;

const WRITE: &str = "DeviceManagementConfiguration.ReadWrite.All";
const READ: &str = "DeviceManagementConfiguration.Read.All";

async fn with_roles(roles: Value) -> (Graph, String) {
    let graph = start_app(application_with(json!({"roles": roles})));
    let token = sign_in(&graph).await;
    (graph, token)
}

async fn post_as(graph: &Graph, token: &str, path: &str, body: Value) -> Answer {
    send(graph.anonymous(Method::POST, path).bearer_auth(token).json(&body)).await
}

#[tokio::test]
async fn each_call_needs_its_permission() {
    let (policy, assign) = (policy_path("beta"), format!("{}/assign", policy_path("beta")));
    let filters = "/beta/deviceManagement/assignmentFilters".to_owned();
    let group = format!("/v1.0/groups/{PILOT}");
    let by_ids = "/v1.0/directoryObjects/getByIds".to_owned();
    // Which of: read policy, assign, filters, group, getByIds.
    for (role, expected) in [
        (WRITE, [200, 200, 200, 403, 403]),
        (READ, [200, 403, 200, 403, 403]),
        ("GroupMember.Read.All", [403, 403, 403, 200, 200]),
        ("Group.Read.All", [403, 403, 403, 200, 200]),
        ("Directory.Read.All", [403, 403, 403, 200, 200]),
        ("User.Read.All", [403, 403, 403, 403, 403]),
    ] {
        let (graph, token) = with_roles(json!([role])).await;
        let statuses = [
            get_as(&graph, &token, &policy).await.status,
            post_as(&graph, &token, &assign, json!({"assignments": []})).await.status,
            get_as(&graph, &token, &filters).await.status,
            get_as(&graph, &token, &group).await.status,
            post_as(&graph, &token, &by_ids, json!({"ids": [PILOT], "types": ["group"]})).await.status,
        ];
        assert_eq!(statuses, expected, "{role}");
    }
}

#[tokio::test]
async fn intune_and_the_directory_refuse_in_their_own_words() {
    let (graph, token) = with_roles(json!([READ])).await;
    let assign = format!("{}/assign", policy_path("beta"));
    let refused = post_as(&graph, &token, &assign, json!({"assignments": [group(PILOT)]})).await;
    assert_eq!((refused.status, refused.code()), (403, "Forbidden"));
    let nested: Value = serde_json::from_str(refused.message()).unwrap();
    let text = nested["Message"].as_str().unwrap();
    let expected = "Application is not authorized to perform this operation. Application must have one of the following scopes: DeviceManagementConfiguration.ReadWrite.All - Operation ID";
    assert!(text.starts_with(expected), "{text}");
    assert_eq!(graph.targets().await, Vec::<Value>::new(), "nothing was written");
    let refused = get_as(&graph, &token, "/v1.0/groups").await;
    assert_eq!((refused.status, refused.code()), (403, "Authorization_RequestDenied"));
    assert_eq!(refused.message(), "Insufficient privileges to complete the operation.");
}

#[tokio::test]
async fn items_of_a_batch_are_checked_each() {
    let (graph, token) = with_roles(json!([READ])).await;
    let item = |id: &str, url: &str| json!({"id": id, "method": "GET", "url": url});
    let requests = [item("policies", "/deviceManagement/deviceConfigurations"), item("groups", "/groups")];
    let answer = post_as(&graph, &token, "/beta/$batch", json!({"requests": requests})).await;
    assert_eq!(answer.status, 200);
    for (id, status) in [("policies", 200), ("groups", 403)] {
        let responses = answer.body["responses"].as_array().unwrap();
        assert_eq!(responses.iter().find(|one| one["id"] == id).unwrap()["status"], status, "{id}");
    }
}

#[tokio::test]
async fn a_token_expires() {
    for lifetime in [0, -60] {
        let graph = start_app(application_with(json!({"tokenLifetimeSeconds": lifetime})));
        let token = sign_in(&graph).await;
        let answer = get_as(&graph, &token, &policy_path("beta")).await;
        assert_eq!((answer.status, answer.code()), (401, "InvalidAuthenticationToken"));
        assert_eq!(answer.message(), "Lifetime validation failed, the token is expired.");
    }
}

#[tokio::test]
async fn a_revoked_token_is_refused_and_a_new_one_is_not() {
    let (graph, old) = with_roles(json!([WRITE])).await;
    let path = policy_path("beta");
    assert_eq!(get_as(&graph, &old, &path).await.status, 200);
    assert_eq!(send(graph.anonymous(Method::POST, "/_emulator/tokens/revoke")).await.status, 204);
    assert_eq!(get_as(&graph, &old, &path).await.status, 401);
    graph.emulator.control("POST", "/_emulator/reset", None);
    assert_eq!(get_as(&graph, &old, &path).await.status, 401, "a reset brings no token back");
    let new = sign_in(&graph).await;
    graph.emulator.control("POST", "/_emulator/reset", None);
    assert_eq!(get_as(&graph, &new, &path).await.status, 200, "nor does it take one away");
}

#[tokio::test]
async fn a_token_that_was_tampered_with_is_refused() {
    let (graph, token) = with_roles(json!([READ])).await;
    let parts: Vec<&str> = token.split('.').collect();
    let claims = merged(claims_of(&token), json!({"roles": [WRITE]}));
    let forged = minted(&claims);
    let forged = [parts[0], forged.split('.').nth(1).unwrap(), parts[2]].join(".");
    let answer = get_as(&graph, &forged, &policy_path("beta")).await;
    assert_eq!((answer.status, answer.code()), (401, "InvalidAuthenticationToken"));
}

#[tokio::test]
async fn the_claims_of_another_token_are_believed() {
    let graph = start_app(application());
    let path = policy_path("beta");
    for (claims, status) in [
        (json!({"roles": [READ], "exp": now() + 60, "aud": "https://graph.microsoft.com"}), 200),
        (json!({"scp": format!("User.Read {READ}"), "aud": "00000003-0000-0000-c000-000000000000"}), 200),
        (json!({"roles": ["User.Read.All"]}), 403),
        (json!({}), 403),
        (json!({"roles": [READ], "exp": now() - 1}), 401),
        (json!({"roles": [READ], "aud": "https://management.azure.com"}), 401),
    ] {
        let answer = get_as(&graph, &minted(&claims), &path).await;
        assert_eq!(answer.status, status, "{claims}: {}", answer.body);
    }
    let other = get_as(&graph, &minted(&json!({"aud": "https://vault.azure.net"})), &path).await;
    assert_eq!(other.message(), "Access token validation failure. Invalid audience.");
    assert_eq!(get_as(&graph, "offline-token", &path).await.status, 200);
}

#[tokio::test]
async fn only_issued_tokens_are_good_where_signing_in_is_required() {
    let options = Options { require_sign_in: true, ..Options::default() };
    let graph = start_with(json!({"applications": [application()]}), options);
    let path = policy_path("beta");
    for token in ["offline-token".to_owned(), minted(&json!({"roles": [READ]}))] {
        let answer = get_as(&graph, &token, &path).await;
        assert_eq!((answer.status, answer.code()), (401, "InvalidAuthenticationToken"));
    }
    let token = sign_in(&graph).await;
    assert_eq!(get_as(&graph, &token, &path).await.status, 200);
}
