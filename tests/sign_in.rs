//! Signing in against scripted servers on loopback: the exact request of each method, and what becomes of each kind
//! of answer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test that finds something unexpected has to stop, and says what it proves in its name"
)]

#[path = "support/scripted_graph.rs"]
#[allow(dead_code, reason = "shared with tests that need more of it")]
mod scripted_graph;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scripted_graph::{Asked, Reply, ScriptedGraph};
use serde_json::{Value, json};
use terraform_provider_defender::auth::attempt::{Attempt, MethodName};
use terraform_provider_defender::auth::credentials::{Patience, patient_token_source};
use terraform_provider_defender::auth::error::Problem;
use terraform_provider_defender::auth::method::{Application, AssertionSource, Method, SignIn};
use terraform_provider_defender::auth::{Error, Explanation, TokenSource};
use terraform_provider_defender::transport::{Diagnosis, Secret, Transport};

const TENANT: &str = "contoso.example";
const CLIENT: &str = "2d6d1c6b-0000-4000-8000-000000000001";
const SECRET: &str = "s3cret~with&odd=characters+and/more";
const SCOPE: &str = "https://graph.microsoft.com/.default";
const TOKEN_PATH: &str = "POST /contoso.example/oauth2/v2.0/token";
const REQUEST_TOKEN: &str = "request-token-of-the-pipeline";

fn sign_in(authority: &str, method: Method) -> SignIn {
    let attempt = Attempt {
        method: MethodName::ClientSecret,
        why: "client_secret is given".into(),
        inputs: Vec::new(),
        tenant_id: Some(TENANT.into()),
        client_id: Some(CLIENT.into()),
    };
    SignIn { method, authority: authority.parse().unwrap(), scope: SCOPE.into(), attempt }
}

fn impatient() -> Patience {
    Patience { first_delay: Duration::from_millis(1), ..Patience::default() }
}

fn source(authority: &str, method: Method) -> Arc<dyn TokenSource> {
    source_within(authority, method, &impatient())
}

fn source_within(authority: &str, method: Method, patience: &Patience) -> Arc<dyn TokenSource> {
    patient_token_source(sign_in(authority, method), &Transport::new("defender-test/1.2".into()), patience)
}

fn application() -> Application {
    Application { tenant_id: TENANT.into(), client_id: CLIENT.into() }
}

fn secret() -> Method {
    Method::ClientSecret { application: application(), secret: Secret::new(SECRET) }
}

fn federated(source: AssertionSource) -> Method {
    Method::FederatedToken { application: application(), source }
}

fn token(text: &str) -> Reply {
    Reply::json(
        200,
        &json!({"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": text}),
    )
}

fn refused(code: u32) -> Reply {
    let text = format!(
        "{{\"error\":\"invalid_client\",\"error_description\":\"AADSTS{code}: It\\u0027s \\\"wrong\\\".\\r\\nTrace ID: t-1\",\
         \"error_codes\":[{code}],\"timestamp\":\"2026-01-31 09:12:44Z\",\"trace_id\":\"t-1\",\"correlation_id\":\"c-1\"}}"
    );
    Reply::text(401, "application/json; charset=utf-8", &text)
}

/// A form in the order of its names.
fn form(asked: &Asked) -> BTreeMap<String, String> {
    let body = String::from_utf8(asked.body.clone()).unwrap();
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

async fn got(source: &Arc<dyn TokenSource>) -> String {
    source.token().await.unwrap().expose().to_owned()
}

async fn failure(source: &Arc<dyn TokenSource>) -> Error {
    source.token().await.unwrap_err()
}

// What goes over the wire

#[tokio::test]
async fn a_client_secret_is_posted_to_the_tenant_and_asked_for_anew_after_a_refusal() {
    let entra = ScriptedGraph::start().await;
    entra.reply(token("first")).reply(token("second"));
    let source = source(entra.root(), secret());
    assert!(entra.asked().is_empty());
    assert_eq!((got(&source).await, got(&source).await), ("first".into(), "first".into()));
    let renewed = source.renew(&Secret::new("first")).await.unwrap().unwrap();
    assert_eq!((renewed.expose(), got(&source).await.as_str()), ("second", "second"));

    let asked = entra.asked();
    assert_eq!(entra.lines(), [TOKEN_PATH; 2]);
    for asked in &asked {
        let wanted = [
            ("client_id", CLIENT),
            ("client_secret", SECRET),
            ("grant_type", "client_credentials"),
            ("scope", SCOPE),
        ];
        assert_eq!(form(asked), pairs(&wanted));
        assert_eq!(asked.header("content-type"), Some("application/x-www-form-urlencoded"));
        assert_eq!(asked.header("user-agent"), Some("defender-test/1.2"));
        assert_eq!(asked.header("authorization"), None);
    }
    let ids: Vec<_> = asked.iter().map(|asked| asked.header("client-request-id").unwrap()).collect();
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn a_token_file_is_read_anew_at_every_sign_in_without_the_white_space_around_it() {
    let entra = ScriptedGraph::start().await;
    entra.reply(token("first")).reply(token("second"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, "assertion-1\n").unwrap();
    let source = source(entra.root(), federated(AssertionSource::File(path.clone())));
    got(&source).await;
    std::fs::write(&path, " assertion-2\r\n").unwrap();
    source.renew(&Secret::new("first")).await.unwrap();
    let forms: Vec<_> = entra.asked().iter().map(form).collect();
    assert_eq!(forms, [assertion_form("assertion-1"), assertion_form("assertion-2")]);
}

#[tokio::test]
async fn github_is_asked_for_a_fresh_assertion_at_every_sign_in() {
    let (entra, github) = (ScriptedGraph::start().await, ScriptedGraph::start().await);
    github
        .reply(Reply::json(200, &json!({"value": "g-1"})))
        .reply(Reply::json(200, &json!({"value": "g-2"})));
    entra.reply(token("first")).reply(token("second"));
    let method = federated(AssertionSource::GitHubActions {
        request_url: format!("{}/idtoken?api-version=2.0", github.root()),
        request_token: Secret::new(REQUEST_TOKEN),
    });
    let source = source(entra.root(), method);
    got(&source).await;
    source.renew(&Secret::new("first")).await.unwrap();

    let line = "GET /idtoken?api-version=2.0&audience=api%3A%2F%2FAzureADTokenExchange";
    assert_eq!(github.lines(), [line; 2]);
    let asked = &github.asked()[0];
    assert_eq!(asked.header("authorization"), Some("Bearer request-token-of-the-pipeline"));
    assert_eq!(asked.header("accept"), Some("application/json"));
    let forms: Vec<_> = entra.asked().iter().map(form).collect();
    assert_eq!(forms, [assertion_form("g-1"), assertion_form("g-2")]);
}

#[tokio::test]
async fn azure_devops_is_asked_with_an_empty_post() {
    let (entra, devops) = (ScriptedGraph::start().await, ScriptedGraph::start().await);
    devops.reply(Reply::json(200, &json!({"oidcToken": "d-1"})));
    entra.reply(token("first"));
    let method = federated(AssertionSource::AzureDevOps {
        request_url: format!("{}/oidctoken", devops.root()),
        request_token: Secret::new(REQUEST_TOKEN),
        service_connection_id: "sc-1".into(),
    });
    got(&source(entra.root(), method)).await;

    let asked = &devops.asked()[0];
    assert_eq!(asked.line, "POST /oidctoken?api-version=7.1&serviceConnectionId=sc-1");
    assert_eq!(asked.header("authorization"), Some("Bearer request-token-of-the-pipeline"));
    assert_eq!(asked.header("x-tfs-fedauthredirect"), Some("Suppress"));
    assert_eq!((asked.header("content-length"), asked.body.len()), (Some("0"), 0));
    assert_eq!(form(&entra.asked()[0]), assertion_form("d-1"));
}

#[tokio::test]
async fn a_managed_identity_is_asked_for_at_the_given_endpoint() {
    let imds = ScriptedGraph::start().await;
    let answer =
        json!({"access_token": "m-1", "expires_on": "4102444800", "token_type": "Bearer", "resource": "x"});
    imds.reply(Reply::json(200, &answer));
    let endpoint = Some(format!("{}/metadata/identity/oauth2/token", imds.root()));
    let source = source(
        "https://unused.example",
        Method::ManagedIdentity { client_id: Some(CLIENT.into()), endpoint },
    );
    assert_eq!(got(&source).await, "m-1");
    let asked = &imds.asked()[0];
    assert_eq!(
        asked.line,
        format!(
            "GET /metadata/identity/oauth2/token?api-version=2019-08-01&resource=https%3A%2F%2Fgraph.microsoft.com\
             &client_id={CLIENT}"
        )
    );
    assert_eq!(asked.header("metadata"), Some("true"));
}

// What becomes of an answer

#[tokio::test]
async fn a_refusal_is_read_whole_and_asked_for_once_by_ten_callers() {
    let entra = ScriptedGraph::start().await;
    entra.reply(refused(7_000_215));
    let source = source(entra.root(), secret());
    let asking: Vec<_> = (0..10)
        .map(|_| {
            let source = Arc::clone(&source);
            tokio::spawn(async move { failure(&source).await })
        })
        .collect();
    let mut told = 0;
    for asking in asking {
        let error = asking.await.unwrap();
        let Problem::Refused(refused) = error.problem() else { panic!("{error}") };
        assert_eq!((refused.status, refused.codes.as_slice()), (401, [7_000_215].as_slice()));
        assert_eq!(refused.description, "AADSTS7000215: It's \"wrong\".");
        assert_eq!(refused.correlation_id.as_deref(), Some("c-1"));
        told += usize::from(error.is_first_told());
    }
    assert_eq!(told, 1);
}

#[tokio::test]
async fn a_federation_that_does_not_match_tells_what_was_presented() {
    let entra = ScriptedGraph::start().await;
    entra.reply(refused(700_213));
    let assertion = jwt(&json!({"iss": "https://issuer.example", "sub": "repo:a", "aud": "api://x"}));
    let source = source(entra.root(), federated(AssertionSource::Token(Secret::new(assertion))));
    let told = Explanation::of(&failure(&source).await).to_string();
    let expected = r#"Presented: issuer "https://issuer.example", subject "repo:a", audience "api://x"."#;
    assert!(told.contains(expected), "{told}");
}

#[tokio::test]
async fn an_expired_token_given_as_text_is_not_sent() {
    let entra = ScriptedGraph::start().await;
    let assertion = AssertionSource::Token(Secret::new(jwt(&json!({"exp": 1_700_000_000}))));
    let told = failure(&source(entra.root(), federated(assertion))).await.to_string();
    assert!(
        told.contains("it expired at 2023-11-14T22:13:20Z") && told.contains("cannot be renewed"),
        "{told}"
    );
}

#[tokio::test]
async fn a_passing_failure_is_asked_again() {
    let entra = ScriptedGraph::start().await;
    entra
        .reply(Reply::json(500, &json!({})))
        .reply(Reply::text(502, "text/html", "<html>"))
        .reply(token("first"));
    assert_eq!(got(&source(entra.root(), secret())).await, "first");
}

#[tokio::test]
async fn a_page_of_a_proxy_is_told_by_its_beginning_without_the_secret() {
    let entra = ScriptedGraph::start().await;
    let sent = "s3cret%7Ewith%26odd%3Dcharacters%2Band%2Fmore";
    entra.reply(Reply::text(403, "text/html", &format!("<html>\r\nBlocked: client_secret={sent}")));
    let error = failure(&source(entra.root(), secret())).await;
    let Problem::Undocumented { status: 403, beginning, .. } = error.problem() else { panic!("{error}") };
    assert_eq!(beginning, "<html> Blocked: client_secret=[redacted]");
}

#[tokio::test]
async fn a_success_without_a_usable_token_shows_no_token() {
    for body in [json!({"access_token": "eyJ0.x", "expires_in": "soon"}), json!({"access_token": 5})] {
        let entra = ScriptedGraph::start().await;
        entra.reply(Reply::json(200, &body));
        let told = failure(&source(entra.root(), secret())).await.to_string();
        assert!(told.contains("no usable token") && !told.contains("eyJ0"), "{told}");
    }
}

#[tokio::test]
async fn a_body_without_end_is_not_read() {
    let entra = ScriptedGraph::start().await;
    entra.reply(Reply::bytes(401, vec![b' '; 1024 * 1024 + 1]));
    let told = failure(&source(entra.root(), secret())).await.to_string();
    assert!(told.contains("larger than 1048576 bytes"), "{told}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (entra, elsewhere) = (ScriptedGraph::start().await, ScriptedGraph::start().await);
    entra.reply(Reply::text(307, "text/plain", "moved").header("Location", elsewhere.root()));
    let error = failure(&source(entra.root(), secret())).await;
    assert!(matches!(error.problem(), Problem::Undocumented { status: 307, .. }), "{error}");
}

#[tokio::test]
async fn a_pipeline_that_gives_no_token_is_told_without_its_own() {
    let (entra, github) = (ScriptedGraph::start().await, ScriptedGraph::start().await);
    github.reply(Reply::text(403, "text/plain", &format!("{REQUEST_TOKEN} may not")));
    let method = federated(AssertionSource::GitHubActions {
        request_url: github.root().to_owned(),
        request_token: Secret::new(REQUEST_TOKEN),
    });
    let error = failure(&source(entra.root(), method)).await;
    let told = format!("{error} {error:?} {}", Explanation::of(&error));
    assert!(told.contains("GitHub Actions gave no OIDC token"), "{told}");
    assert!(told.contains("answered with status 403 and \"[redacted] may not\""), "{told}");
    assert!(!told.contains(REQUEST_TOKEN), "{told}");
}

#[tokio::test]
async fn an_identity_that_is_not_there_is_told() {
    let imds = ScriptedGraph::start().await;
    let answer = json!({"error": "invalid_request", "error_description": "Identity not found"});
    imds.reply(Reply::json(400, &answer));
    let endpoint = Some(imds.root().to_owned());
    let error =
        failure(&source("https://unused.example", Method::ManagedIdentity { client_id: None, endpoint }))
            .await;
    let Problem::Refused(refused) = error.problem() else { panic!("{error}") };
    assert_eq!(refused.description, "Identity not found");
}

// What stands between

#[tokio::test]
async fn a_closed_port_is_a_refused_connection() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(diagnosed(&failure(&source(&root, secret())).await), Diagnosis::RefusedConnection);
}

#[tokio::test]
async fn a_service_that_stays_silent_is_given_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    let patience = Patience {
        authority: Duration::from_millis(50),
        managed_identity: Duration::from_millis(50),
        ..impatient()
    };
    let identity = Method::ManagedIdentity { client_id: None, endpoint: Some(root.clone()) };
    for method in [secret(), identity] {
        let error = failure(&source_within(&root, method, &patience)).await;
        assert!(matches!(error.problem(), Problem::TimedOut { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_named_as_such_and_asked_once() {
    let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let der = rustls::pki_types::PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], der)
        .unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let root = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let connections = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let _ = acceptor.accept(stream).await;
        }
    });
    let error = failure(&source(&root, secret())).await;
    assert_eq!(diagnosed(&error), Diagnosis::UntrustedCertificate, "{error}");
    assert!(Explanation::of(&error).next.contains("SSL_CERT_FILE"));
    assert_eq!(connections.load(std::sync::atomic::Ordering::SeqCst), 1);
}

/// The variable is read once in a process, so each value gets a process of its own: this test alone, run again.
#[tokio::test]
async fn certificates_that_cannot_be_read_are_told_and_nothing_panics() {
    const NAME: &str = "certificates_that_cannot_be_read_are_told_and_nothing_panics";
    const IS_CHILD: &str = "DEFENDER_TEST_IS_CHILD";
    if std::env::var_os(IS_CHILD).is_some() {
        let error = failure(&source("https://localhost:1", secret())).await;
        assert_eq!(diagnosed(&error), Diagnosis::NotBuilt, "{error}");
        assert!(Explanation::of(&error).next.contains("SSL_CERT_FILE"), "{error}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let garbled = folder.path().join("ca.pem");
    std::fs::write(&garbled, "not a certificate").unwrap();
    for file in [folder.path().join("absent.pem"), garbled] {
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", NAME])
            .env(IS_CHILD, "1")
            .env("SSL_CERT_FILE", &file)
            .env_remove("SSL_CERT_DIR")
            .output()
            .unwrap();
        assert!(child.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&child.stdout));
    }
}

fn diagnosed(error: &Error) -> Diagnosis {
    match error.problem() {
        Problem::NotAnswered { problem, .. } => Diagnosis::of(problem),
        other => panic!("{other}"),
    }
}
