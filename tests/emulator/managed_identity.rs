//! The metadata services of a virtual machine and of App Service.

use reqwest::Method;
use serde_json::{Value, json};

use crate::sign_in::*;
use crate::support::*;

const SYSTEM: &str = "6f0c9f3e-2a57-4d0f-8d3b-0f4a6b1c2d11";
const USER: &str = "6f0c9f3e-2a57-4d0f-8d3b-0f4a6b1c2d12";
const HEADER: &str = "the-identity-header";
const MACHINE: &str = "/metadata/identity/oauth2/token?api-version=2018-02-01";
const SERVICE: &str = "/msi/token?api-version=2019-08-01";
const RESOURCE: &str = "&resource=https%3A%2F%2Fgraph.microsoft.com";

fn identities() -> Graph {
    let read = json!(["DeviceManagementConfiguration.Read.All"]);
    start(json!({
        "managedIdentities": [
            {"clientId": USER, "roles": read, "tokenLifetimeSeconds": 60},
            {"clientId": SYSTEM, "systemAssigned": true, "roles": read},
        ],
        "identityHeader": HEADER,
    }))
}

async fn machine(graph: &Graph, path: &str) -> Answer {
    send(graph.anonymous(Method::GET, path).header("Metadata", "true")).await
}

async fn service(graph: &Graph, path: &str) -> Answer {
    send(graph.anonymous(Method::GET, path).header("X-IDENTITY-HEADER", HEADER)).await
}

#[tokio::test]
async fn the_metadata_service_refuses_what_it_documents() {
    let graph = identities();
    let good = format!("{MACHINE}{RESOURCE}");
    let bare = send(graph.anonymous(Method::GET, &good)).await;
    let forwarded = graph.anonymous(Method::GET, &good).header("Metadata", "true");
    let forwarded = send(forwarded.header("X-Forwarded-For", "10.0.0.1")).await;
    for (answer, part) in [
        (bare, "metadata header"),
        (forwarded, "X-Forwarded-For"),
        (machine(&graph, MACHINE).await, "'resource' is missing"),
        (machine(&graph, &good.replace("2018-02-01", "2017-01-01")).await, "api-version"),
        (machine(&graph, &good.replace("api-version=2018-02-01", "")).await, "api-version"),
        (machine(&graph, &format!("{good}&client_id={MISSING}")).await, "Identity not found"),
        (machine(&graph, &good.replace("graph.microsoft.com", "vault.azure.net")).await, "AADSTS500011"),
    ] {
        let text = answer.body["error_description"].as_str().unwrap();
        assert!(answer.status == 400 && text.contains(part), "{}", answer.body);
    }
}

#[tokio::test]
async fn the_metadata_service_gives_the_named_identity_or_that_of_the_system() {
    let graph = identities();
    let named = format!("{MACHINE}{RESOURCE}&client_id={USER}");
    for (path, client_id, lifetime) in
        [(format!("{MACHINE}{RESOURCE}"), SYSTEM, "86399"), (named, USER, "60")]
    {
        let body = machine(&graph, &path).await.body;
        assert_eq!((&body["client_id"], &body["expires_in"]), (&json!(client_id), &json!(lifetime)));
        assert_eq!(
            (&body["token_type"], &body["resource"]),
            (&json!("Bearer"), &json!("https://graph.microsoft.com"))
        );
        let token = body["access_token"].as_str().unwrap();
        let claims = claims_of(token);
        assert_eq!((&claims["appid"], &claims["tid"]), (&json!(client_id), &json!(TENANT)));
        assert_eq!(body["expires_on"], claims["exp"].to_string());
        assert_eq!(get_as(&graph, token, &policy_path("beta")).await.status, 200);
        assert_eq!(get_as(&graph, token, "/v1.0/groups").await.status, 403);
    }
    let requests = graph.emulator.token_requests();
    let named = &requests[1];
    assert_eq!((named.credential, named.status), (Some("managedIdentity"), 200));
    assert_eq!(
        (named.client_id.as_deref(), named.scope.as_deref()),
        (Some(USER), Some("https://graph.microsoft.com"))
    );
    assert_eq!((&named.tenant, named.path.as_str()), (&None, "/metadata/identity/oauth2/token"));
}

#[tokio::test]
async fn without_an_identity_of_the_system_the_only_one_is_meant() {
    let graph = start(json!({"managedIdentities": [{"clientId": USER}]}));
    assert_eq!(machine(&graph, &format!("{MACHINE}{RESOURCE}")).await.body["client_id"], USER);
    let none = start(json!({}));
    assert_eq!(machine(&none, &format!("{MACHINE}{RESOURCE}")).await.status, 400);
}

#[tokio::test]
async fn app_service_wants_its_header() {
    let graph = identities();
    let good = format!("{SERVICE}{RESOURCE}");
    let bare = send(graph.anonymous(Method::GET, &good)).await;
    assert_eq!((bare.status, &bare.body["statusCode"]), (401, &json!(401)));
    let wrong = send(graph.anonymous(Method::GET, &good).header("X-IDENTITY-HEADER", "other")).await;
    assert_eq!(wrong.status, 401);
    assert_eq!(service(&graph, &format!("{good}&client_id={MISSING}")).await.status, 400);
    assert_eq!(service(&graph, &good.replace("2019-08-01", "2017-09-01")).await.status, 400);
    let body = service(&graph, &good).await.body;
    assert_eq!((&body["client_id"], body["expires_on"].is_string()), (&json!(SYSTEM), true));
    let unset = start(json!({"managedIdentities": [{"clientId": USER}]}));
    assert_eq!(service(&unset, &good).await.status, 401, "the tenant file has no header");
    assert!(!format!("{:?}", graph.emulator).contains(HEADER));
}

#[tokio::test]
async fn faults_meet_the_metadata_services() {
    let graph = identities();
    let rules: Value = json!([
        {"match": {"path": "/metadata/identity/oauth2"}, "status": 503},
        {"match": {"path": "/msi/token"}, "status": 500},
    ]);
    graph.emulator.faults(&rules).unwrap();
    assert_eq!(machine(&graph, &format!("{MACHINE}{RESOURCE}")).await.status, 503);
    assert_eq!(service(&graph, &format!("{SERVICE}{RESOURCE}")).await.status, 500);
}
