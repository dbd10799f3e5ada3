//! What becomes of each kind of answer.

use super::*;

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

/// Successes without a usable token that may hold one all the same.
fn odd_successes(member: &str) -> Vec<String> {
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
    format!("{error} {error:?} {}", Explanation::of(error))
}

fn shows_no_token(error: &Error, body: &str) {
    let shown = shown(error);
    assert!(!shown.contains("opaque") && !shown.contains("must-not-be-seen"), "{body}\n{shown}");
}

#[tokio::test]
async fn a_success_without_a_usable_token_shows_nothing_of_its_body() {
    for body in odd_successes("access_token") {
        let (entra, imds) = (ScriptedGraph::start().await, ScriptedGraph::start().await);
        entra.reply(Reply::text(200, "application/json", &body));
        imds.reply(Reply::text(200, "application/json", &body));
        let service = MetadataService::At(imds.root().to_owned());
        for method in [secret(), Method::ManagedIdentity { client_id: None, service }] {
            shows_no_token(&failure(&source(entra.root(), method)).await, &body);
        }
    }
}

#[tokio::test]
async fn a_success_of_a_pipeline_without_a_usable_token_shows_nothing_of_its_body() {
    for body in odd_successes("value") {
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
async fn a_success_whose_token_the_library_cannot_read_tells_its_shape() {
    let entra = ScriptedGraph::start().await;
    entra.reply(Reply::json(200, &json!({"access_token": "eyJ0.x", "expires_in": "soon"})));
    let told = shown(&failure(&source(entra.root(), secret())).await);
    assert!(told.contains("with the members access_token, expires_in") && !told.contains("eyJ0"), "{told}");
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
    assert_eq!(got(&source(entra.root(), method)).await, "first");
}

#[tokio::test]
async fn a_metadata_service_that_repeats_the_request_does_not_show_the_header() {
    let host = ScriptedGraph::start().await;
    let page = format!("<pre>GET /msi/token\r\nX-IDENTITY-HEADER: {}</pre>", IDENTITY_HEADER.to_uppercase());
    host.reply(Reply::text(400, "text/html", &page));
    let service = MetadataService::AppService {
        address: format!("{}/msi/token", host.root()),
        header: Secret::new(IDENTITY_HEADER),
    };
    let method = Method::ManagedIdentity { client_id: None, service };
    let told = shown(&failure(&source("https://unused.example", method)).await).to_lowercase();
    assert!(told.contains("[redacted]") && !told.contains(IDENTITY_HEADER), "{told}");
}

#[tokio::test]
async fn a_body_without_end_is_not_read() {
    let entra = ScriptedGraph::start().await;
    entra.reply(Reply::bytes(401, vec![b' '; 256 * 1024 + 1]));
    let told = shown(&failure(&source(entra.root(), secret())).await);
    assert!(told.contains("larger than 262144 bytes") && !told.contains("was not reached"), "{told}");
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
    let service = MetadataService::At(imds.root().to_owned());
    let error =
        failure(&source("https://unused.example", Method::ManagedIdentity { client_id: None, service }))
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
    assert_eq!(diagnosed(&failure(&source(&root, secret())).await), Diagnosis::ConnectionRefused);
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
    let service = MetadataService::At(root.clone());
    let identity = Method::ManagedIdentity { client_id: None, service };
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
        Problem::NotAnswered { problem, .. } => Diagnosis::from_error(problem),
        other => panic!("{other}"),
    }
}
