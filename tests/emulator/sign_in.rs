//! A tenant whose applications can sign in, and token requests like those of a client.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use terraform_provider_defender::emulator::{Options, Tenant};

use crate::support::*;

pub const TENANT: &str = "6f0c9f3e-2a57-4d0f-8d3b-0f4a6b1c2d01";
pub const APP: &str = "6f0c9f3e-2a57-4d0f-8d3b-0f4a6b1c2d02";
pub const SECRET: &str = "the+client/secret=1";
pub const ISSUER: &str = "https://issuer.example";
pub const SUBJECT: &str = "repo:contoso/infrastructure:ref:refs/heads/main";
pub const EXCHANGE: &str = "api://AzureADTokenExchange";
pub const SCOPE: &str = "https://graph.microsoft.com/.default";

/// A key with its certificate.
pub struct Signer {
    pub certificate: Vec<u8>,
    key: EncodingKey,
}

/// A certificate that is registered with the application, and one that is not.
pub static REGISTERED: LazyLock<Signer> = LazyLock::new(Signer::new);
pub static STRANGER: LazyLock<Signer> = LazyLock::new(Signer::new);

impl Signer {
    fn new() -> Self {
        let pair =
            rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).unwrap();
        let certificate = rcgen::CertificateParams::default().self_signed(&pair).unwrap().der().to_vec();
        let text = STANDARD.encode(pair.serialize_der());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
        Self { certificate, key: EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap() }
    }

    pub fn sha256(&self) -> String {
        URL_SAFE_NO_PAD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &self.certificate))
    }

    pub fn sha1(&self) -> String {
        let sha1 = &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
        URL_SAFE_NO_PAD.encode(aws_lc_rs::digest::digest(sha1, &self.certificate))
    }

    /// A PS256 assertion that names this certificate by SHA-256.
    pub fn assertion(&self, claims: &Value) -> String {
        let header = Header { x5t_s256: Some(self.sha256()), ..Header::new(Algorithm::PS256) };
        self.signed(&header, claims)
    }

    pub fn signed(&self, header: &Header, claims: &Value) -> String {
        jsonwebtoken::encode(header, claims, &self.key).unwrap()
    }
}

/// An application with every permission and a credential of each kind.
pub fn application() -> Value {
    json!({
        "appId": APP,
        "displayName": "Pipeline",
        "roles": ["DeviceManagementConfiguration.ReadWrite.All", "GroupMember.Read.All"],
        "passwordCredentials": [{"secretText": SECRET}, {"secretText": "old", "endDateTime": "2020-01-01T00:00:00Z"}],
        "keyCredentials": [{"key": STANDARD.encode(&REGISTERED.certificate)}],
        "federatedIdentityCredentials": [{"issuer": ISSUER, "subject": SUBJECT, "audiences": [EXCHANGE]}],
    })
}

/// The application with additional members.
pub fn application_with(changes: Value) -> Value {
    merged(application(), changes)
}

pub fn merged(mut document: Value, changes: Value) -> Value {
    if let (Value::Object(members), Value::Object(changes)) = (&mut document, changes) {
        members.extend(changes);
    }
    document
}

/// A tenant with these identities, the small policy and its groups.
pub fn start(identities: Value) -> Graph {
    start_with(identities, Options::default())
}

pub fn start_with(identities: Value, options: Options) -> Graph {
    let document = json!({
        "tenantId": TENANT,
        "deviceConfigurations": [{"id": POLICY, "displayName": "Onboarding"}],
        "groups": [{"id": PILOT, "displayName": "Pilot"}],
    });
    Graph::with(Tenant::from_json(merged(document, identities)).unwrap(), options)
}

pub fn start_app(application: Value) -> Graph {
    start(json!({"applications": Value::Array(vec![application])}))
}

/// The token endpoint of the tenant.
pub fn token_path() -> String {
    format!("/{TENANT}/oauth2/v2.0/token")
}

/// The fields of a valid request without the credential.
pub fn fields() -> BTreeMap<&'static str, String> {
    [("grant_type", "client_credentials"), ("client_id", APP), ("scope", SCOPE)]
        .map(|(name, value)| (name, value.to_owned()))
        .into()
}

pub fn with_secret() -> BTreeMap<&'static str, String> {
    let mut fields = fields();
    fields.insert("client_secret", SECRET.to_owned());
    fields
}

pub fn with_assertion(assertion: String) -> BTreeMap<&'static str, String> {
    let mut fields = fields();
    fields.insert("client_assertion", assertion);
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    fields.insert("client_assertion_type", kind.to_owned());
    fields
}

pub fn request(graph: &Graph, path: &str, fields: &BTreeMap<&str, String>) -> RequestBuilder {
    let encoded = |value: &str| utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    graph
        .anonymous(Method::POST, path)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(pairs.join("&"))
}

pub async fn ask(graph: &Graph, fields: &BTreeMap<&str, String>) -> Answer {
    send(request(graph, &token_path(), fields)).await
}

/// The token of a request that must succeed.
pub async fn sign_in(graph: &Graph) -> String {
    let answer = ask(graph, &with_secret()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["access_token"].as_str().unwrap().to_owned()
}

pub async fn get_as(graph: &Graph, token: &str, path: &str) -> Answer {
    send(graph.anonymous(Method::GET, path).bearer_auth(token)).await
}

pub fn claims_of(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

pub fn now() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp()
}

/// The claims of a valid assertion by certificate.
pub fn own_claims(graph: &Graph) -> Value {
    json!({
        "iss": APP, "sub": APP, "jti": "1", "nbf": now() - 5, "exp": now() + 300,
        "aud": format!("{}{}", graph.emulator.base_url(), token_path()),
    })
}

/// An unsigned JWT.
pub fn minted(claims: &Value) -> String {
    let part = |document: &Value| URL_SAFE_NO_PAD.encode(document.to_string());
    format!("{}.{}.c2lnbmF0dXJl", part(&json!({"alg": "RS256", "typ": "JWT"})), part(claims))
}

/// Status, `error` and number of an error response.
pub fn refusal(answer: &Answer) -> (u16, &str, u64) {
    let number = answer.body["error_codes"][0].as_u64().unwrap_or_default();
    (answer.status, answer.body["error"].as_str().unwrap_or_default(), number)
}
