//! What sign-in libraries read before they ask for a token.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Value, json};

use crate::sign_in::*;
use crate::support::*;

#[tokio::test]
async fn both_openid_documents_lead_to_the_emulator() {
    let graph = start(json!({"domains": ["contoso.example"], "applications": [application()]}));
    let root = graph.emulator.base_url();
    for (path, issuer) in [
        (format!("/{TENANT}/v2.0/.well-known/openid-configuration"), format!("{root}/{TENANT}/v2.0")),
        (
            "/contoso.example/v2.0/.well-known/openid-configuration".to_owned(),
            format!("{root}/{TENANT}/v2.0"),
        ),
        ("/common/v2.0/.well-known/openid-configuration".to_owned(), format!("{root}/{{tenantid}}/v2.0")),
        (format!("/{TENANT}/.well-known/openid-configuration"), format!("https://sts.windows.net/{TENANT}/")),
    ] {
        let answer = send(graph.anonymous(reqwest::Method::GET, &path)).await;
        assert_eq!((answer.status, &answer.body["issuer"]), (200, &json!(issuer)), "{path}");
        for member in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
            assert!(answer.body[member].as_str().unwrap().starts_with(&format!("{root}/")), "{member}");
        }
    }
    let other = format!("/{MISSING}/v2.0/.well-known/openid-configuration");
    let other = send(graph.anonymous(reqwest::Method::GET, &other)).await;
    assert_eq!(refusal(&other), (400, "invalid_request", 90_002));
}

#[tokio::test]
async fn the_cloud_has_one_host() {
    let graph = Graph::start();
    let answer =
        send(graph.anonymous(reqwest::Method::GET, "/common/discovery/instance?api-version=1.1")).await;
    let host = graph.emulator.address().to_string();
    assert_eq!(
        answer.body["metadata"],
        json!([{"preferred_network": host, "preferred_cache": host, "aliases": [host]}])
    );
}

#[tokio::test]
async fn tokens_are_signed_with_a_published_key_also_after_a_revocation() {
    let graph = start_app(application());
    for _ in 0..2 {
        let token = ask(&graph, &with_secret()).await.body["access_token"].as_str().unwrap().to_owned();
        let keys =
            send(graph.anonymous(reqwest::Method::GET, &format!("/{TENANT}/discovery/v2.0/keys"))).await;
        let keys: JwkSet = serde_json::from_value(keys.body).unwrap();
        let header = decode_header(&token).unwrap();
        assert_eq!(header.alg, Algorithm::RS256);
        let key = keys.find(&header.kid.unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&["https://graph.microsoft.com"]);
        let claims =
            decode::<Value>(&token, &DecodingKey::from_jwk(key).unwrap(), &validation).unwrap().claims;
        assert_eq!(claims["tid"], TENANT);
        assert_eq!(graph.emulator.control("POST", "/_emulator/tokens/revoke", None).0, 204);
    }
}

/// MSAL adds them to every request.
#[tokio::test]
async fn the_scopes_of_openid_change_nothing() {
    let graph = start_app(application());
    let mut fields = with_secret();
    fields.insert("scope", "https://graph.microsoft.com/.default openid offline_access profile".to_owned());
    assert_eq!(ask(&graph, &fields).await.status, 200);
}
