//! Signing in against scripted servers on loopback: the exact request of each method, and the result of each kind of
//! response.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test that finds something unexpected has to stop, and says what it proves in its name"
)]

#[path = "../support/closed_port.rs"]
#[allow(dead_code, reason = "shared with tests that choose the port")]
mod closed_port;
#[path = "../support/scripted_graph.rs"]
#[allow(dead_code, reason = "shared with tests that need more of it")]
mod scripted_graph;

mod answers;
mod requests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use closed_port::ClosedPort;
use scripted_graph::{ReceivedRequest, Reply, ScriptedGraph};
use serde_json::{Value, json};
use terraform_provider_defender::auth::credentials::{SignInLimits, token_source};
use terraform_provider_defender::auth::error::SignInFailure;
use terraform_provider_defender::auth::method::{
    Application, AssertionSource, Certificate, MetadataService, SignIn, SignInMethod,
};
use terraform_provider_defender::auth::selected_method::{MethodName, SelectedMethod};
use terraform_provider_defender::auth::{Error, Explanation, TokenSource};
use terraform_provider_defender::transport::{Diagnosis, Secret, Transport};

const TENANT: &str = "contoso.example";
const CLIENT: &str = "2d6d1c6b-0000-4000-8000-000000000001";
const SECRET: &str = "s3cret~with&odd=characters+and/more";
const SCOPE: &str = "https://graph.microsoft.com/.default";
const TOKEN_PATH: &str = "POST /contoso.example/oauth2/v2.0/token";
const REQUEST_TOKEN: &str = "request-token-of-the-pipeline";
const IDENTITY_HEADER: &str = "853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a";

fn sign_in(authority: &str, method: SignInMethod) -> SignIn {
    let selected_method = SelectedMethod {
        name: MethodName::ClientSecret,
        reason: "client_secret is given".into(),
        inputs: Vec::new(),
        tenant_id: Some(TENANT.into()),
        client_id: Some(CLIENT.into()),
    };
    SignIn { method, authority: authority.parse().unwrap(), scope: SCOPE.into(), selected_method }
}

/// The usual limits, with fast retries.
fn fast_retries() -> SignInLimits {
    SignInLimits { first_retry_delay: Duration::from_millis(1), ..SignInLimits::default() }
}

fn source(authority: &str, method: SignInMethod) -> Arc<dyn TokenSource> {
    source_with_limits(authority, method, &fast_retries())
}

fn source_with_limits(authority: &str, method: SignInMethod, limits: &SignInLimits) -> Arc<dyn TokenSource> {
    token_source(sign_in(authority, method), &Transport::new("defender-test/1.2".into()), limits)
}

fn application() -> Application {
    Application { tenant_id: TENANT.into(), client_id: CLIENT.into() }
}

fn secret() -> SignInMethod {
    SignInMethod::ClientSecret { application: application(), secret: Secret::new(SECRET) }
}

fn federated(source: AssertionSource) -> SignInMethod {
    SignInMethod::FederatedToken { application: application(), source }
}

fn token(text: &str) -> Reply {
    Reply::json(
        200,
        &json!({"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": text}),
    )
}

fn rejected(code: u32) -> Reply {
    let text = format!(
        "{{\"error\":\"invalid_client\",\"error_description\":\"AADSTS{code}: It\\u0027s \\\"wrong\\\".\\r\\nTrace ID: t-1\",\
         \"error_codes\":[{code}],\"timestamp\":\"2026-01-31 09:12:44Z\",\"trace_id\":\"t-1\",\"correlation_id\":\"c-1\"}}"
    );
    Reply::text(401, "application/json; charset=utf-8", &text)
}

/// A form in the order of its names.
fn form(request: &ReceivedRequest) -> BTreeMap<String, String> {
    let body = String::from_utf8(request.body.clone()).unwrap();
    let url = reqwest::Url::parse(&format!("http://x/?{body}")).unwrap();
    url.query_pairs().into_owned().collect()
}

fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn assertion_form(assertion: &str) -> BTreeMap<String, String> {
    pairs(&[
        ("client_assertion", assertion),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_id", CLIENT),
        ("grant_type", "client_credentials"),
        ("scope", SCOPE),
    ])
}

fn jwt(claims: &Value) -> String {
    format!("eyJ0.{}.sig", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

async fn fetch_token(source: &Arc<dyn TokenSource>) -> String {
    source.token().await.unwrap().expose().to_owned()
}

async fn failure(source: &Arc<dyn TokenSource>) -> Error {
    source.token().await.unwrap_err()
}
