//! OIDC tokens of pipelines, and sign-in with them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::sign_in::*;
use crate::support::*;

const GITHUB: &str = "https://token.actions.githubusercontent.com";
const DEVOPS: &str = "https://vstoken.dev.azure.com/6f0c9f3e-2a57-4d0f-8d3b-0f4a6b1c2d21";
const CONNECTION: &str = "sc://contoso/infrastructure/defender";

fn pipelines() -> Graph {
    let trusted =
        |issuer: &str, subject: &str| json!({"issuer": issuer, "subject": subject, "audiences": [EXCHANGE]});
    let credentials = json!([trusted(GITHUB, SUBJECT), trusted(DEVOPS, CONNECTION)]);
    start(json!({
        "applications": [application_with(json!({"federatedIdentityCredentials": credentials}))],
        "oidcProviders": {
            "github": {"subject": SUBJECT, "requestToken": "job"},
            "azureDevOps": {"issuer": DEVOPS, "subject": CONNECTION, "serviceConnectionId": "connection-1"},
        },
    }))
}

async fn github(graph: &Graph, token: &str, query: &str) -> Answer {
    send(
        graph
            .anonymous(Method::GET, &format!("/_emulator/oidc/github?api-version=2.0{query}"))
            .bearer_auth(token),
    )
    .await
}

async fn devops(graph: &Graph, query: &str) -> Answer {
    let path = format!("/_emulator/oidc/azure-devops{query}");
    send(graph.anonymous(Method::POST, &path).bearer_auth("system")).await
}

async fn exchange(graph: &Graph, assertion: &Value) -> Answer {
    ask(graph, &with_assertion(assertion.as_str().unwrap().to_owned())).await
}

#[tokio::test]
async fn a_github_job_signs_in_with_a_token_for_the_right_audience() {
    let graph = pipelines();
    let audience = "&audience=api%3A%2F%2FAzureADTokenExchange";
    assert_eq!(github(&graph, "other", audience).await.status, 401);
    assert_eq!(send(graph.anonymous(Method::GET, "/_emulator/oidc/github")).await.status, 401);
    let token = github(&graph, "job", audience).await.body["value"].clone();
    let claims = claims_of(token.as_str().unwrap());
    assert_eq!(
        (&claims["iss"], &claims["sub"], &claims["aud"]),
        (&json!(GITHUB), &json!(SUBJECT), &json!(EXCHANGE))
    );
    assert_eq!(exchange(&graph, &token).await.status, 200);
    let other = github(&graph, "job", "").await.body["value"].clone();
    assert_eq!(claims_of(other.as_str().unwrap())["aud"], "https://github.com/contoso");
    assert_eq!(exchange(&graph, &other).await.body["error_codes"], json!([700_212]));
    assert_eq!(graph.emulator.token_requests()[0].credential, Some("federated"));
}

#[tokio::test]
async fn an_azure_devops_pipeline_signs_in_by_its_service_connection() {
    let graph = pipelines();
    for (query, status) in [
        ("?serviceConnectionId=connection-1", 400),
        ("?api-version=7.1", 400),
        ("?api-version=7.1&serviceConnectionId=connection-2", 404),
    ] {
        assert_eq!(devops(&graph, query).await.status, status, "{query}");
    }
    let good = "/_emulator/oidc/azure-devops?api-version=7.1&serviceConnectionId=connection-1";
    assert_eq!(send(graph.anonymous(Method::POST, good)).await.status, 401);
    assert_eq!(send(graph.request(Method::GET, good)).await.status, 405);
    let token =
        devops(&graph, "?api-version=7.1&serviceConnectionId=connection-1").await.body["oidcToken"].clone();
    assert_eq!(claims_of(token.as_str().unwrap())["sub"], CONNECTION);
    assert_eq!(exchange(&graph, &token).await.status, 200);
}

#[tokio::test]
async fn a_token_that_only_looks_like_the_pipelines_is_refused() {
    let graph = pipelines();
    let claims = json!({"iss": GITHUB, "sub": SUBJECT, "aud": EXCHANGE, "exp": now() + 60});
    let answer = exchange(&graph, &json!(minted(&claims))).await;
    assert_eq!((answer.status, &answer.body["error_codes"]), (401, &json!([50_013])));
}

#[tokio::test]
async fn test_control_makes_a_token_for_a_file() {
    let graph = start_app(application());
    let path = format!("/_emulator/oidc/token?issuer={ISSUER}&subject={SUBJECT}");
    let token =
        |query: &str| graph.emulator.control("GET", &format!("{path}{query}"), None).1["token"].clone();
    assert_eq!(exchange(&graph, &token("")).await.status, 200);
    let expired = exchange(&graph, &token("&lifetimeSeconds=-600")).await;
    assert_eq!(expired.body["error_codes"], json!([700_024]));
    let over_http = send(graph.anonymous(Method::GET, &path)).await;
    assert_eq!(exchange(&graph, &over_http.body["token"]).await.status, 200);
    for query in ["?issuer=x", "?subject=x", "?issuer=x&subject=x&lifetimeSeconds=soon"] {
        let (status, answer) = graph.emulator.control("GET", &format!("/_emulator/oidc/token{query}"), None);
        assert!(status == 400 && answer["error"]["message"].is_string(), "{answer}");
    }
}

#[tokio::test]
async fn a_pipeline_that_the_tenant_file_lacks_is_not_there() {
    let graph = start(json!({}));
    assert_eq!(github(&graph, "job", "").await.status, 404);
    assert_eq!(devops(&graph, "").await.status, 404);
}
