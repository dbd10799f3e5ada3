//! Tokens that Graph refuses with 401.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use terraform_provider_defender::auth::credential::{AccessToken, Credential};
use terraform_provider_defender::auth::error::SignInFailure;
use terraform_provider_defender::auth::selected_method::MethodName;
use terraform_provider_defender::auth::{self, SelectedMethod, TokenCache, TokenSource};
use terraform_provider_defender::graph::{ApiVersion, Client, Request};
use terraform_provider_defender::transport::{Secret, Transport};
use tokio::sync::Barrier;

use crate::scripted_graph::{Reply, ScriptedGraph};
use crate::support::{POLICY, error_body, page, policies, start};

/// Numbers the tokens of its sign-ins.
#[derive(Debug)]
struct Numbered {
    sign_ins: Arc<AtomicUsize>,
    selected_method: SelectedMethod,
}

#[async_trait]
impl Credential for Numbered {
    async fn sign_in(&self) -> Result<AccessToken, SignInFailure> {
        let secret = Secret::new(format!("token-{}", self.sign_ins.fetch_add(1, Ordering::SeqCst)));
        Ok(AccessToken { secret, expires_on: time::OffsetDateTime::now_utc() + Duration::from_hours(1) })
    }

    fn selected_method(&self) -> &SelectedMethod {
        &self.selected_method
    }
}

/// Delays every renewal until all callers have been refused.
struct Together {
    cache: TokenCache,
    barrier: Barrier,
}

#[async_trait]
impl TokenSource for Together {
    async fn token(&self) -> Result<Secret, auth::Error> {
        self.cache.token().await
    }

    async fn renew(&self, refused: &Secret) -> Result<Option<Secret>, auth::Error> {
        self.barrier.wait().await;
        self.cache.renew(refused).await
    }
}

fn numbered() -> (Arc<AtomicUsize>, TokenCache) {
    let sign_ins = Arc::new(AtomicUsize::new(0));
    let selected_method = SelectedMethod {
        name: MethodName::ClientSecret,
        reason: "client_secret is given".into(),
        inputs: Vec::new(),
        tenant_id: None,
        client_id: None,
    };
    let credential = Numbered { sign_ins: Arc::clone(&sign_ins), selected_method };
    (sign_ins, TokenCache::new(Box::new(credential)))
}

async fn start_with(tokens: Arc<dyn TokenSource>) -> (ScriptedGraph, Client) {
    let graph = ScriptedGraph::start().await;
    let client = Client::new(graph.root().parse().unwrap(), tokens, Transport::new("x".into()));
    (graph, client)
}

fn unauthorized() -> Reply {
    Reply::json(401, &error_body("InvalidAuthenticationToken", "Lifetime validation failed"))
}

fn bearers(graph: &ScriptedGraph) -> Vec<String> {
    graph.requests().iter().map(|request| request.header("authorization").unwrap().to_owned()).collect()
}

#[tokio::test]
async fn after_a_401_a_read_or_a_write_is_repeated_once_with_another_token() {
    let (graph, client) = start_with(Arc::new(numbered().1)).await;
    graph.reply(unauthorized()).reply(Reply::bytes(204, Vec::new()));
    client.send(&Request::post(ApiVersion::Beta, &["x"], json!({"a": 1}))).await.unwrap();
    assert_eq!(bearers(&graph), ["Bearer token-0", "Bearer token-1"]);
    assert_eq!(graph.requests()[0].body, graph.requests()[1].body);
}

#[tokio::test]
async fn a_second_401_is_final() {
    let (graph, client) = start_with(Arc::new(numbered().1)).await;
    graph.reply(unauthorized()).reply(unauthorized());
    let error = policies(&client).get(POLICY).await.unwrap_err();
    assert!(error.is_unauthorized(), "{error}");
    assert_eq!(bearers(&graph).len(), 2);
}

#[tokio::test]
async fn a_static_token_is_not_sent_again_after_a_401() {
    let (graph, client) = start().await;
    graph.reply(unauthorized());
    let error = policies(&client).get(POLICY).await.unwrap_err();
    let refused = error.call().unwrap().refused_token.clone().unwrap();
    assert_eq!(refused.method.unwrap().to_string(), "access token");
}

#[tokio::test]
async fn ten_401s_at_once_cause_one_sign_in() {
    let (sign_ins, cache) = numbered();
    let (graph, client) = start_with(Arc::new(Together { cache, barrier: Barrier::new(10) })).await;
    for reply in [unauthorized(), page(&[], None)] {
        for _ in 0..10 {
            graph.reply(reply.clone());
        }
    }
    let asking: Vec<_> = (0..10)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.list_assignment_filters().await })
        })
        .collect();
    for asking in asking {
        asking.await.unwrap().unwrap();
    }
    assert_eq!(sign_ins.load(Ordering::SeqCst), 2);
    let count = |token: &str| bearers(&graph).iter().filter(|bearer| *bearer == token).count();
    assert_eq!((count("Bearer token-0"), count("Bearer token-1")), (10, 10));
}
