//! The result of each kind of response.

use super::*;

#[tokio::test]
async fn a_rejection_is_parsed_and_shared_by_ten_callers() {
    let entra = ScriptedGraph::start().await;
    entra.reply(rejected(7_000_215));
    let source = source(entra.root(), secret());
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let source = Arc::clone(&source);
            tokio::spawn(async move { failure(&source).await })
        })
        .collect();
    let mut first_reports = 0;
    for call in calls {
        let error = call.await.unwrap();
        let SignInFailure::Rejected(response) = error.failure() else { panic!("{error}") };
        assert_eq!((response.status, response.codes.as_slice()), (401, [7_000_215].as_slice()));
        assert_eq!(response.description, "AADSTS7000215: It's \"wrong\".");
        assert_eq!(response.correlation_id.as_deref(), Some("c-1"));
        first_reports += usize::from(error.mark_reported());
    }
    assert_eq!(first_reports, 1);
}

#[tokio::test]
async fn a_federation_mismatch_shows_the_presented_claims() {
    let entra = ScriptedGraph::start().await;
    entra.reply(rejected(700_213));
    let assertion = jwt(&json!({"iss": "https://issuer.example", "sub": "repo:a", "aud": "api://x"}));
    let source = source(entra.root(), federated(AssertionSource::Token(Secret::new(assertion))));
    let message = Explanation::from_error(&failure(&source).await).to_string();
    let expected = r#"Presented: issuer "https://issuer.example", subject "repo:a", audience "api://x"."#;
    assert!(message.contains(expected), "{message}");
}

#[tokio::test]
async fn an_expired_token_given_as_text_is_not_sent() {
    let entra = ScriptedGraph::start().await;
    let assertion = AssertionSource::Token(Secret::new(jwt(&json!({"exp": 1_700_000_000}))));
    let message = failure(&source(entra.root(), federated(assertion))).await.to_string();
    assert!(
        message.contains("it expired at 2023-11-14T22:13:20Z") && message.contains("cannot be renewed"),
        "{message}"
    );
}

#[tokio::test]
async fn a_transient_failure_is_retried() {
    let entra = ScriptedGraph::start().await;
    entra
        .reply(Reply::json(500, &json!({})))
        .reply(Reply::text(502, "text/html", "<html>"))
        .reply(token("first"));
    assert_eq!(fetch_token(&source(entra.root(), secret())).await, "first");
}

#[tokio::test]
async fn a_proxy_page_is_shown_as_an_excerpt_without_the_secret() {
    let entra = ScriptedGraph::start().await;
    let sent = "s3cret%7Ewith%26odd%3Dcharacters%2Band%2Fmore";
    entra.reply(Reply::text(403, "text/html", &format!("<html>\r\nBlocked: client_secret={sent}")));
    let error = failure(&source(entra.root(), secret())).await;
    let SignInFailure::UnexpectedResponse { status: 403, excerpt, .. } = error.failure() else {
        panic!("{error}")
    };
    assert_eq!(excerpt, "<html> Blocked: client_secret=[redacted]");
}

/// Successes without a usable token that still contain one.
fn malformed_successes(member: &str) -> Vec<String> {
    const TOKEN: &str = "opaque-token-that-must-not-be-seen";
    let object = json!({ member: TOKEN, "expires_in": "3599" }).to_string();
    vec![
        object[..object.len() - 3].to_owned(),
        format!("[{object}]"),
        json!({ "data": { member: TOKEN } }).to_string(),
        json!(object).to_string(),
        format!("callback({object})"),
        json!({ member: { "token": TOKEN } }).to_string(),
        json!({ TOKEN: member }).to_string(),
        json!({ member: format!("{TOKEN}\r\nx") }).to_string(),
        json!({"error": TOKEN, "error_description": format!("AADSTS1: {TOKEN}")}).to_string(),
        TOKEN.to_owned(),
    ]
}

fn shown(error: &Error) -> String {
    format!("{error} {error:?} {}", Explanation::from_error(error))
}

fn shows_no_token(error: &Error, body: &str) {
    let shown = shown(error);
    assert!(!shown.contains("opaque") && !shown.contains("must-not-be-seen"), "{body}\n{shown}");
}

#[tokio::test]
async fn a_success_without_a_usable_token_shows_nothing_of_its_body() {
    for body in malformed_successes("access_token") {
        let (entra, imds) = (ScriptedGraph::start().await, ScriptedGraph::start().await);
        entra.reply(Reply::text(200, "application/json", &body));
        imds.reply(Reply::text(200, "application/json", &body));
        let service = MetadataService::At(imds.root().to_owned());
        for method in [secret(), SignInMethod::ManagedIdentity { client_id: None, service }] {
            shows_no_token(&failure(&source(entra.root(), method)).await, &body);
        }
    }
}

#[tokio::test]
async fn a_pipeline_success_without_a_usable_token_shows_nothing_of_its_body() {
    for body in malformed_successes("value") {
        let (entra, github) = (ScriptedGraph::start().await, ScriptedGraph::start().await);
        github.reply(Reply::text(201, "text/plain", &body));
        let method = federated(AssertionSource::GitHubActions {
            request_url: github.root().to_owned(),
            request_token: Secret::new(REQUEST_TOKEN),
        });
        shows_no_token(&failure(&source(entra.root(), method)).await, &body);
    }
}

#[tokio::test]
async fn a_success_that_the_library_cannot_read_is_described_by_its_shape() {
    let entra = ScriptedGraph::start().await;
    entra.reply(Reply::json(200, &json!({"access_token": "eyJ0.x", "expires_in": "soon"})));
    let message = shown(&failure(&source(entra.root(), secret())).await);
    assert!(
        message.contains("with the members access_token, expires_in") && !message.contains("eyJ0"),
        "{message}"
    );
}

#[tokio::test]
async fn a_byte_order_mark_before_a_token_is_accepted() {
    let (entra, github) = (ScriptedGraph::start().await, ScriptedGraph::start().await);
    github.reply(Reply::text(200, "application/json", "\u{feff}{\"value\":\"g-1\"}"));
    entra.reply(Reply::text(
        200,
        "application/json",
        "\u{feff}{\"access_token\":\"first\",\"expires_in\":3599,\"token_type\":\"Bearer\"}",
    ));
    let method = federated(AssertionSource::GitHubActions {
        request_url: github.root().to_owned(),
        request_token: Secret::new(REQUEST_TOKEN),
    });
    assert_eq!(fetch_token(&source(entra.root(), method)).await, "first");
}

#[tokio::test]
async fn an_echoed_metadata_header_is_redacted() {
    let host = ScriptedGraph::start().await;
    let page = format!("<pre>GET /msi/token\r\nX-IDENTITY-HEADER: {}</pre>", IDENTITY_HEADER.to_uppercase());
    host.reply(Reply::text(400, "text/html", &page));
    let service = MetadataService::AppService {
        address: format!("{}/msi/token", host.root()),
        header: Secret::new(IDENTITY_HEADER),
    };
    let method = SignInMethod::ManagedIdentity { client_id: None, service };
    let message = shown(&failure(&source("https://unused.example", method)).await).to_lowercase();
    assert!(message.contains("[redacted]") && !message.contains(IDENTITY_HEADER), "{message}");
}

#[tokio::test]
async fn a_body_above_the_limit_is_not_read() {
    let entra = ScriptedGraph::start().await;
    entra.reply(Reply::bytes(401, vec![b' '; 256 * 1024 + 1]));
    let message = shown(&failure(&source(entra.root(), secret())).await);
    assert!(
        message.contains("larger than 262144 bytes") && !message.contains("was not reached"),
        "{message}"
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (entra, elsewhere) = (ScriptedGraph::start().await, ScriptedGraph::start().await);
    entra.reply(Reply::text(307, "text/plain", "moved").header("Location", elsewhere.root()));
    let error = failure(&source(entra.root(), secret())).await;
    assert!(matches!(error.failure(), SignInFailure::UnexpectedResponse { status: 307, .. }), "{error}");
}

#[tokio::test]
async fn a_rejected_pipeline_token_is_redacted() {
    let (entra, github) = (ScriptedGraph::start().await, ScriptedGraph::start().await);
    github.reply(Reply::text(403, "text/plain", &format!("{REQUEST_TOKEN} may not")));
    let method = federated(AssertionSource::GitHubActions {
        request_url: github.root().to_owned(),
        request_token: Secret::new(REQUEST_TOKEN),
    });
    let error = failure(&source(entra.root(), method)).await;
    let message = format!("{error} {error:?} {}", Explanation::from_error(&error));
    assert!(message.contains("GitHub Actions issued no OIDC token"), "{message}");
    assert!(message.contains("answered with status 403 and \"[redacted] may not\""), "{message}");
    assert!(!message.contains(REQUEST_TOKEN), "{message}");
}

#[tokio::test]
async fn a_missing_identity_is_reported() {
    let imds = ScriptedGraph::start().await;
    let answer = json!({"error": "invalid_request", "error_description": "Identity not found"});
    imds.reply(Reply::json(400, &answer));
    let service = MetadataService::At(imds.root().to_owned());
    let error = failure(&source(
        "https://unused.example",
        SignInMethod::ManagedIdentity { client_id: None, service },
    ))
    .await;
    let SignInFailure::Rejected(response) = error.failure() else { panic!("{error}") };
    assert_eq!(response.description, "Identity not found");
}

// The network path

#[tokio::test]
async fn a_closed_port_is_diagnosed_as_a_refused_connection() {
    let closed = ClosedPort::new();
    assert_eq!(diagnose(&failure(&source(closed.origin(), secret())).await), Diagnosis::ConnectionRefused);
}

#[tokio::test]
async fn a_silent_service_times_out() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    let limits = SignInLimits {
        authority: Duration::from_millis(50),
        managed_identity: Duration::from_millis(50),
        ..fast_retries()
    };
    let service = MetadataService::At(root.clone());
    let identity = SignInMethod::ManagedIdentity { client_id: None, service };
    for method in [secret(), identity] {
        let error = failure(&source_with_limits(&root, method, &limits)).await;
        assert!(matches!(error.failure(), SignInFailure::TimedOut { .. }), "{error}");
    }
}

#[tokio::test]
async fn an_untrusted_certificate_is_diagnosed_and_not_retried() {
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
    assert_eq!(diagnose(&error), Diagnosis::UntrustedCertificate, "{error}");
    assert!(Explanation::from_error(&error).next.contains("SSL_CERT_FILE"));
    assert_eq!(connections.load(std::sync::atomic::Ordering::SeqCst), 1);
}

/// The variable is read once in a process, so each value needs its own process, which runs only this test.
#[tokio::test]
async fn unreadable_certificates_are_diagnosed_without_a_panic() {
    const NAME: &str = "unreadable_certificates_are_diagnosed_without_a_panic";
    const IS_CHILD: &str = "DEFENDER_TEST_IS_CHILD";
    if std::env::var_os(IS_CHILD).is_some() {
        let error = failure(&source("https://localhost:1", secret())).await;
        assert_eq!(diagnose(&error), Diagnosis::NotBuilt, "{error}");
        assert!(Explanation::from_error(&error).next.contains("SSL_CERT_FILE"), "{error}");
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

fn diagnose(error: &Error) -> Diagnosis {
    match error.failure() {
        SignInFailure::NoResponse { cause, .. } => Diagnosis::from_error(cause),
        other => panic!("{other}"),
    }
}
