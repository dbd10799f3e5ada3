//! The exact request of each method, at the first sign-in and at a renewal.

use super::*;

#[tokio::test]
async fn a_client_secret_is_posted_to_the_tenant_and_again_for_a_renewal() {
    let entra = ScriptedGraph::start().await;
    entra.reply(token("first")).reply(token("second"));
    let source = source(entra.root(), secret());
    assert!(entra.requests().is_empty());
    assert_eq!((fetch_token(&source).await, fetch_token(&source).await), ("first".into(), "first".into()));
    let renewed = source.renew(&Secret::new("first")).await.unwrap().unwrap();
    assert_eq!((renewed.expose(), fetch_token(&source).await.as_str()), ("second", "second"));

    let request = entra.requests();
    assert_eq!(entra.lines(), [TOKEN_PATH; 2]);
    for request in &request {
        let wanted = [
            ("client_id", CLIENT),
            ("client_secret", SECRET),
            ("grant_type", "client_credentials"),
            ("scope", SCOPE),
        ];
        assert_eq!(form(request), pairs(&wanted));
        assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
        assert_eq!(request.header("user-agent"), Some("defender-test/1.2"));
        assert_eq!(request.header("authorization"), None);
    }
    let ids: Vec<_> = request.iter().map(|request| request.header("client-request-id").unwrap()).collect();
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn a_token_file_is_read_at_every_sign_in_and_trimmed() {
    let entra = ScriptedGraph::start().await;
    entra.reply(token("first")).reply(token("second"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, "assertion-1\n").unwrap();
    let source = source(entra.root(), federated(AssertionSource::File(path.clone())));
    fetch_token(&source).await;
    std::fs::write(&path, " assertion-2\r\n").unwrap();
    source.renew(&Secret::new("first")).await.unwrap();
    let forms: Vec<_> = entra.requests().iter().map(form).collect();
    assert_eq!(forms, [assertion_form("assertion-1"), assertion_form("assertion-2")]);
}

#[tokio::test]
async fn github_gives_a_new_assertion_at_every_sign_in() {
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
    fetch_token(&source).await;
    source.renew(&Secret::new("first")).await.unwrap();

    let line = "GET /idtoken?api-version=2.0&audience=api%3A%2F%2FAzureADTokenExchange";
    assert_eq!(github.lines(), [line; 2]);
    let request = &github.requests()[0];
    assert_eq!(request.header("authorization"), Some("Bearer request-token-of-the-pipeline"));
    assert_eq!(request.header("accept"), Some("application/json"));
    let forms: Vec<_> = entra.requests().iter().map(form).collect();
    assert_eq!(forms, [assertion_form("g-1"), assertion_form("g-2")]);
}

#[tokio::test]
async fn azure_devops_gets_an_empty_post() {
    let (entra, devops) = (ScriptedGraph::start().await, ScriptedGraph::start().await);
    devops
        .reply(Reply::json(200, &json!({"oidcToken": "d-1"})))
        .reply(Reply::json(200, &json!({"oidcToken": "d-2"})));
    entra.reply(token("first")).reply(token("second"));
    let method = federated(AssertionSource::AzureDevOps {
        request_url: format!("{}/oidctoken", devops.root()),
        request_token: Secret::new(REQUEST_TOKEN),
        service_connection_id: "sc-1".into(),
    });
    let source = source(entra.root(), method);
    fetch_token(&source).await;
    source.renew(&Secret::new("first")).await.unwrap();

    assert_eq!(devops.lines(), ["POST /oidctoken?api-version=7.1&serviceConnectionId=sc-1"; 2]);
    let request = &devops.requests()[0];
    assert_eq!(request.header("authorization"), Some("Bearer request-token-of-the-pipeline"));
    assert_eq!(request.header("x-tfs-fedauthredirect"), Some("Suppress"));
    assert_eq!((request.header("content-length"), request.body.len()), (Some("0"), 0));
    let forms: Vec<_> = entra.requests().iter().map(form).collect();
    assert_eq!(forms, [assertion_form("d-1"), assertion_form("d-2")]);
}

#[tokio::test]
async fn a_managed_identity_uses_the_configured_endpoint() {
    let imds = ScriptedGraph::start().await;
    for token in ["m-1", "m-2"] {
        let answer = json!({"access_token": token, "expires_on": "4102444800", "token_type": "Bearer", "resource": "x"});
        imds.reply(Reply::json(200, &answer));
    }
    let service = MetadataService::At(format!("{}/metadata/identity/oauth2/token", imds.root()));
    let source = source(
        "https://unused.example",
        SignInMethod::ManagedIdentity { client_id: Some(CLIENT.into()), service },
    );
    assert_eq!(fetch_token(&source).await, "m-1");
    let renewed = source.renew(&Secret::new("m-1")).await.unwrap().unwrap();
    assert_eq!(renewed.expose(), "m-2");
    let line = format!(
        "GET /metadata/identity/oauth2/token?api-version=2019-08-01&resource=https%3A%2F%2Fgraph.microsoft.com\
         &client_id={CLIENT}"
    );
    assert_eq!(imds.lines(), [line.as_str(); 2]);
    let request = &imds.requests()[0];
    assert_eq!(request.header("metadata"), Some("true"));
}

#[tokio::test]
async fn a_system_assigned_identity_sends_no_client_id() {
    let imds = ScriptedGraph::start().await;
    imds.reply(Reply::json(
        200,
        &json!({"access_token": "m-1", "expires_on": "4102444800", "token_type": "Bearer", "resource": "x"}),
    ));
    let service = MetadataService::At(format!("{}/metadata/identity/oauth2/token", imds.root()));
    fetch_token(&source(
        "https://unused.example",
        SignInMethod::ManagedIdentity { client_id: None, service },
    ))
    .await;
    assert!(!imds.lines()[0].contains("client_id"), "{:?}", imds.lines());
}

#[tokio::test]
async fn app_service_gets_its_header() {
    let host = ScriptedGraph::start().await;
    host.reply(Reply::json(200, &json!({"access_token": "m-1", "expires_on": 4_102_444_800_i64})));
    let service = MetadataService::AppService {
        address: format!("{}/msi/token", host.root()),
        header: Secret::new(IDENTITY_HEADER),
    };
    fetch_token(&source(
        "https://unused.example",
        SignInMethod::ManagedIdentity { client_id: None, service },
    ))
    .await;
    let request = &host.requests()[0];
    assert_eq!(
        request.line,
        "GET /msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fgraph.microsoft.com"
    );
    assert_eq!(request.header("x-identity-header"), Some(IDENTITY_HEADER));
    assert_eq!(request.header("metadata"), None);
}

#[tokio::test]
async fn a_certificate_signs_a_new_assertion_at_every_sign_in() {
    let entra = ScriptedGraph::start().await;
    entra.reply(token("first")).reply(token("second"));
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates");
    let method = SignInMethod::ClientCertificate {
        application: application(),
        certificate: Certificate::File(folder.join("aes.pfx")),
        password: Some(Secret::new("sesame")),
    };
    let source = source(entra.root(), method);
    fetch_token(&source).await;
    source.renew(&Secret::new("first")).await.unwrap();

    let assertions: Vec<String> =
        entra.requests().iter().map(|request| form(request)["client_assertion"].clone()).collect();
    let forms: Vec<_> = entra.requests().iter().map(form).collect();
    assert_eq!(forms, assertions.iter().map(|assertion| assertion_form(assertion)).collect::<Vec<_>>());
    let endpoint = format!("{}/contoso.example/oauth2/v2.0/token", entra.root());
    let claims: Vec<Value> = assertions.iter().map(|text| verified(text, &folder, &endpoint)).collect();
    assert_eq!(claims.len(), 2);
    assert_ne!(claims[0]["jti"], claims[1]["jti"], "each assertion is used once");
}

#[tokio::test]
async fn a_rejected_certificate_is_retried_with_rs256() {
    for code in [700_027, 5_002_730] {
        let entra = ScriptedGraph::start().await;
        entra.reply(rejected(code)).reply(token("first"));
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates");
        assert_eq!(fetch_token(&source(entra.root(), certificate(&folder))).await, "first");
        let assertion = form(&entra.requests()[1])["client_assertion"].clone();
        let endpoint = format!("{}/contoso.example/oauth2/v2.0/token", entra.root());
        let token = decoded(&assertion, jsonwebtoken::Algorithm::RS256, &folder, &endpoint);
        assert_eq!((token.header.x5t.unwrap().len(), token.header.x5t_s256), (27, None));
    }
}

#[tokio::test]
async fn other_rejections_of_a_certificate_are_not_retried() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates");
    for codes in [&[700_016][..], &[700_027, 5_002_730]] {
        let entra = ScriptedGraph::start().await;
        for code in codes {
            entra.reply(rejected(*code));
        }
        let error = failure(&source(entra.root(), certificate(&folder))).await;
        let SignInFailure::Rejected(response) = error.failure() else { panic!("{error}") };
        assert_eq!(response.codes[..], codes[codes.len() - 1..]);
        let message = Explanation::from_error(&error).to_string();
        assert_eq!(message.contains("was signed as PS256"), codes.len() == 2, "{message}");
    }
}

fn certificate(folder: &std::path::Path) -> SignInMethod {
    SignInMethod::ClientCertificate {
        application: application(),
        certificate: Certificate::File(folder.join("aes.pfx")),
        password: Some(Secret::new("sesame")),
    }
}

/// The claims of an assertion, after its signature was verified with the certificate.
fn verified(assertion: &str, folder: &std::path::Path, endpoint: &str) -> Value {
    let token = decoded(assertion, jsonwebtoken::Algorithm::PS256, folder, endpoint);
    assert!(token.header.x5t_s256.is_some(), "{:?}", token.header);
    token.claims
}

fn decoded(
    assertion: &str,
    algorithm: jsonwebtoken::Algorithm,
    folder: &std::path::Path,
    endpoint: &str,
) -> jsonwebtoken::TokenData<Value> {
    let pem = std::fs::read(folder.join("leaf.crt")).unwrap();
    let (_, pem) = x509_parser::pem::parse_x509_pem(&pem).unwrap();
    let certificate = pem.parse_x509().unwrap();
    let key = jsonwebtoken::DecodingKey::from_rsa_der(&certificate.public_key().subject_public_key.data);
    let mut rules = jsonwebtoken::Validation::new(algorithm);
    rules.set_audience(&[endpoint]);
    rules.set_issuer(&[CLIENT]);
    rules.sub = Some(CLIENT.into());
    rules.set_required_spec_claims(&["aud", "iss", "sub", "exp", "nbf"]);
    jsonwebtoken::decode(assertion, &key, &rules).unwrap()
}
