//! What goes over the wire, and what must not: headers, redirects, invalid requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use terraform_provider_defender::auth::{self, TokenSource};
use terraform_provider_defender::graph::{Client, Error, RequestError, ResponseProblem};
use terraform_provider_defender::transport::{Secret, Transport};

use crate::scripted_graph::{Reply, ScriptedGraph};
use crate::support::{PATH, POLICY, TOKEN, assign, error_body, policies, policy, start};

#[tokio::test]
async fn a_request_carries_bearer_accept_user_agent_and_a_fresh_id_each_time() {
    let (graph, client) = start().await;
    graph.reply(Reply::json(200, &policy())).reply(Reply::json(200, &policy()));
    policies(&client).get(POLICY).await.unwrap();
    policies(&client).get(POLICY).await.unwrap();

    let request = graph.requests();
    assert_eq!(request[0].line, format!("GET {PATH}"));
    assert_eq!(request[0].header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
    assert_eq!(request[0].header("accept"), Some("application/json"));
    assert_eq!(request[0].header("user-agent"), Some("defender-test/1.2"));
    assert_eq!(request[0].header("accept-encoding"), Some("gzip"));
    let ids: Vec<_> = request.iter().map(|request| request.header("client-request-id").unwrap()).collect();
    assert_eq!(ids[0].len(), 36);
    assert_ne!(ids[0], ids[1]);
}

struct CountedToken(Arc<AtomicUsize>);

#[async_trait]
impl TokenSource for CountedToken {
    async fn token(&self) -> Result<Secret, auth::Error> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(Secret::new(TOKEN))
    }

    async fn renew(&self, _refused: &Secret) -> Result<Option<Secret>, auth::Error> {
        Ok(None)
    }
}

#[tokio::test]
async fn nothing_is_sent_and_no_token_is_requested_before_the_first_call() {
    let graph = ScriptedGraph::start().await;
    let tokens = Arc::new(AtomicUsize::new(0));
    let source = Arc::new(CountedToken(Arc::clone(&tokens)));
    let client = Client::new(graph.root().parse().unwrap(), source, Transport::new("x".into())).clone();
    assert_eq!((tokens.load(Ordering::SeqCst), graph.requests().len()), (0, 0));

    graph.reply(Reply::json(200, &policy()));
    policies(&client).get(POLICY).await.unwrap();
    assert_eq!((tokens.load(Ordering::SeqCst), graph.requests().len()), (1, 1));
}

#[tokio::test]
async fn an_empty_id_is_refused_before_sending() {
    let (graph, client) = start().await;
    let errors = [
        policies(&client).get("").await.unwrap_err(),
        policies(&client).list_assignments("").await.unwrap_err(),
        assign(&client, "", &[]).await.unwrap_err(),
        policies(&client).get_for_assignment("", &[]).await.policy.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, Error::NotSent(RequestError::InvalidSegment { .. })), "{error}");
        assert!(!error.may_have_taken_effect());
    }
    assert!(graph.requests().is_empty());
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_its_target_gets_no_token() {
    let (graph, client) = start().await;
    let elsewhere = ScriptedGraph::start().await;
    let location = format!("{}/beta/x?secret=s", elsewhere.root());
    graph.reply(Reply::text(302, "text/html", "moved").header("Location", &location));

    let error = policies(&client).get(POLICY).await.unwrap_err();
    let Error::Undocumented { problem: ResponseProblem::Redirect { to }, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!(to.as_deref(), Some(format!("{}/beta/x", elsewhere.root()).as_str()));
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn no_error_shows_the_token() {
    let (graph, client) = start().await;
    graph
        .reply(Reply::json(401, &error_body("InvalidAuthenticationToken", &format!("bad token {TOKEN}"))))
        .reply(Reply::text(407, "text/html", &format!("<pre>Authorization: Bearer {TOKEN}</pre>")))
        .reply(Reply::cut());
    for _ in 0..3 {
        let error = policies(&client).get(POLICY).await.unwrap_err();
        assert!(!format!("{error} {error:?} {client:?}").contains(TOKEN), "{error:?}");
    }
}
