//! The token endpoint: every error with status, code and number, each credential, and the log.

use jsonwebtoken::{Algorithm, Header};
use serde_json::{Value, json};
use terraform_provider_defender::emulator::Tenant;

use crate::sign_in::*;
use crate::support::*;

#[tokio::test]
async fn a_request_that_lacks_or_misstates_a_field_is_refused() {
    let graph = start_app(application());
    let scope = |scope: &str| Some(scope.to_owned());
    for (field, value, expected) in [
        ("grant_type", None, (400, "invalid_request", 900_144)),
        ("grant_type", scope("password"), (400, "unsupported_grant_type", 70_003)),
        ("client_id", None, (400, "invalid_request", 900_144)),
        ("client_id", scope(MISSING), (400, "unauthorized_client", 700_016)),
        ("scope", None, (400, "invalid_request", 900_144)),
        ("scope", scope("https://graph.microsoft.com/User.Read"), (400, "invalid_scope", 1_002_012)),
        ("scope", scope("openid offline_access"), (400, "invalid_scope", 70_011)),
        (
            "scope",
            scope("https://graph.microsoft.com/.default https://graph.microsoft.us/.default"),
            (400, "invalid_scope", 70_011),
        ),
        ("scope", scope("https://vault.azure.net/.default"), (400, "invalid_resource", 500_011)),
        ("client_secret", None, (401, "invalid_client", 7_000_216)),
        ("client_secret", scope("wrong"), (401, "invalid_client", 7_000_215)),
        ("client_secret", scope("old"), (401, "invalid_client", 7_000_222)),
        ("client_assertion", scope("e30.e30."), (400, "invalid_request", 90_023)),
    ] {
        let mut fields = with_secret();
        fields.remove(field);
        fields.extend(value.map(|value| (field, value)));
        let answer = ask(&graph, &fields).await;
        assert_eq!(refusal(&answer), expected, "{field}: {}", answer.body);
    }
    let json = send(graph.anonymous(reqwest::Method::POST, &token_path()).json(&with_secret())).await;
    assert_eq!(refusal(&json), (400, "invalid_request", 900_144), "a form is needed");
    let get = send(graph.anonymous(reqwest::Method::GET, &token_path())).await;
    assert_eq!(refusal(&get), (400, "invalid_request", 900_561));
    assert_eq!(ask(&graph, &with_secret()).await.status, 200);
}

#[tokio::test]
async fn the_tenant_is_known_by_its_id_and_its_domains() {
    let graph = start(json!({"domains": ["contoso.example"], "applications": [application()]}));
    for (tenant, status) in [(TENANT, 200), ("Contoso.example", 200), (MISSING, 400), ("other.example", 400)]
    {
        let path = format!("/{tenant}/oauth2/v2.0/token");
        let answer = send(request(&graph, &path, &with_secret())).await;
        assert_eq!(answer.status, status, "{tenant}");
        if status == 400 {
            assert_eq!(refusal(&answer), (400, "invalid_request", 90_002));
        }
    }
    let open = start(json!({"tenantId": null, "applications": [application()]}));
    let answer = send(request(&open, &format!("/{MISSING}/oauth2/v2.0/token"), &with_secret())).await;
    assert_eq!(claims_of(answer.body["access_token"].as_str().unwrap())["tid"], MISSING);
}

#[tokio::test]
async fn an_application_can_be_disabled_or_blocked() {
    for (changes, expected) in [
        (json!({"disabled": true}), (400, "unauthorized_client", 7_000_112)),
        (json!({"blockedByConditionalAccess": true}), (400, "invalid_grant", 53_003)),
    ] {
        let graph = start_app(application_with(changes));
        assert_eq!(refusal(&ask(&graph, &with_secret()).await), expected);
    }
}

#[tokio::test]
async fn an_error_has_the_members_of_entra_and_either_line_ends() {
    let graph = start_app(application_with(json!({"passwordCredentials": []})));
    for (choice, separator) in [("lines", "\r\n"), ("oneLine", " ")] {
        graph.emulator.control(
            "PUT",
            "/_emulator/semantics",
            Some(&json!({"signInErrorDescription": choice})),
        );
        let asked = request(&graph, &token_path(), &with_secret()).header("client-request-id", "mine");
        let body = send(asked).await.body;
        let description = body["error_description"].as_str().unwrap();
        let parts: Vec<&str> = description.split(separator).collect();
        assert!(description.starts_with("AADSTS7000215: Invalid client secret provided."), "{description}");
        assert!(
            description.contains(&format!("{separator}Trace ID: {}", body["trace_id"].as_str().unwrap()))
        );
        assert!(description.contains(&format!("{separator}Correlation ID: mine{separator}Timestamp: ")));
        assert!(choice == "oneLine" || parts.len() == 4, "{description}");
        assert_eq!((&body["correlation_id"], &body["error_codes"]), (&json!("mine"), &json!([7_000_215])));
        assert_eq!(body["error_uri"], "https://login.microsoftonline.com/error?code=7000215");
        assert!(description.ends_with(body["timestamp"].as_str().unwrap()));
    }
}

#[tokio::test]
async fn a_token_says_who_it_is_for_and_how_long() {
    let graph = start_app(application_with(json!({"tokenLifetimeSeconds": 60})));
    let answer = ask(&graph, &with_secret()).await;
    let body = &answer.body;
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(60)));
    assert_eq!(body["ext_expires_in"], 60);
    assert_eq!(answer.headers["content-type"], "application/json; charset=utf-8");
    assert!(!answer.headers.contains_key("odata-version"), "Entra is not Graph");
    let claims = claims_of(body["access_token"].as_str().unwrap());
    assert_eq!((&claims["aud"], &claims["appid"]), (&json!("https://graph.microsoft.com"), &json!(APP)));
    assert_eq!((&claims["tid"], &claims["app_displayname"]), (&json!(TENANT), &json!("Pipeline")));
    assert_eq!(claims["roles"], application()["roles"]);
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 60);
}

#[tokio::test]
async fn a_certificate_signs_in_with_either_algorithm_thumbprint_and_audience() {
    let graph = start_app(application());
    let claims = own_claims(&graph);
    let base = graph.emulator.base_url();
    for audience in [
        claims["aud"].clone(),
        json!(format!("{}{}", base.replace("http:", "https:"), token_path())),
        json!(format!("https://login.microsoftonline.com{}", token_path())),
        json!([format!("{base}/{TENANT}/v2.0")]),
    ] {
        let claims = merged(claims.clone(), json!({"aud": audience}));
        assert_eq!(
            ask(&graph, &with_assertion(REGISTERED.assertion(&claims))).await.status,
            200,
            "{audience}"
        );
    }
    let sha1 = Header { x5t: Some(REGISTERED.sha1()), ..Header::new(Algorithm::RS256) };
    let answer = ask(&graph, &with_assertion(REGISTERED.signed(&sha1, &claims))).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn a_certificate_can_be_registered_as_pem() {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(&REGISTERED.certificate);
    let pem = format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
    let graph = start_app(application_with(json!({"keyCredentials": [{"key": pem}]})));
    let assertion = REGISTERED.assertion(&own_claims(&graph));
    assert_eq!(ask(&graph, &with_assertion(assertion)).await.status, 200);
}

#[tokio::test]
async fn an_assertion_by_certificate_is_refused_for_what_is_wrong_in_it() {
    let graph = start_app(application());
    let claims = own_claims(&graph);
    let other = |changes: Value| REGISTERED.assertion(&merged(claims.clone(), changes));
    let named = Header { x5t_s256: Some(REGISTERED.sha256()), ..Header::new(Algorithm::PS256) };
    let half = Header { x5t: Some(STRANGER.sha1()), ..named.clone() };
    for (assertion, number) in [
        (STRANGER.assertion(&claims), 700_027),
        (STRANGER.signed(&named, &claims), 700_027),
        (REGISTERED.signed(&half, &claims), 700_027),
        (REGISTERED.signed(&Header::new(Algorithm::PS256), &claims), 5_002_723),
        (other(json!({"sub": MISSING})), 700_021),
        (other(json!({"aud": "https://login.example/x/oauth2/v2.0/token"})), 700_023),
        (other(json!({"aud": SCOPE})), 700_023),
        (other(json!({"exp": now() - 301})), 700_024),
        (other(json!({"nbf": now() + 400})), 700_024),
        (other(json!({"exp": null})), 700_024),
    ] {
        let answer = ask(&graph, &with_assertion(assertion)).await;
        assert_eq!(refusal(&answer), (401, "invalid_client", number), "{}", answer.body);
    }
    let late = other(json!({"exp": now() - 200, "nbf": now() - 600}));
    assert_eq!(ask(&graph, &with_assertion(late)).await.status, 200, "clocks may be five minutes off");
}

#[tokio::test]
async fn an_assertion_needs_its_type() {
    let graph = start_app(application());
    let mut fields = with_assertion(REGISTERED.assertion(&own_claims(&graph)));
    fields.insert("client_assertion_type", "saml".to_owned());
    assert_eq!(refusal(&ask(&graph, &fields).await), (400, "invalid_request", 90_023));
    fields.remove("client_assertion_type");
    assert_eq!(refusal(&ask(&graph, &fields).await), (400, "invalid_request", 900_144));
    fields = with_assertion("not-a-jwt".to_owned());
    assert_eq!(refusal(&ask(&graph, &fields).await), (400, "invalid_request", 50_027));
}

#[tokio::test]
async fn a_federated_assertion_must_match_to_the_letter() {
    let graph = start_app(application());
    let claims = json!({"iss": ISSUER, "sub": SUBJECT, "aud": EXCHANGE, "exp": now() + 60});
    let other = |changes: Value| with_assertion(minted(&merged(claims.clone(), changes)));
    for (changes, number) in [
        (json!({"iss": format!("{ISSUER}/")}), 700_211),
        (json!({"sub": SUBJECT.replace("contoso", "Contoso")}), 700_213),
        (json!({"aud": "api://azureadtokenexchange"}), 700_212),
        (json!({"exp": now() - 301}), 700_024),
    ] {
        let answer = ask(&graph, &other(changes.clone())).await;
        assert_eq!(refusal(&answer), (401, "invalid_client", number), "{}", answer.body);
    }
    assert_eq!(ask(&graph, &other(json!({}))).await.status, 200);
    let none = start_app(application_with(json!({"federatedIdentityCredentials": []})));
    let answer = ask(&none, &other(json!({}))).await;
    assert_eq!(refusal(&answer), (400, "invalid_request", 70_021));
    let description = answer.body["error_description"].as_str().unwrap();
    assert!(description.contains(ISSUER) && description.contains(SUBJECT), "{description}");
}

#[tokio::test]
async fn requests_for_tokens_are_logged_apart_and_without_secrets() {
    let graph = start_app(application());
    let claims = own_claims(&graph);
    let assertion = REGISTERED.assertion(&claims);
    ask(&graph, &with_secret()).await;
    ask(&graph, &with_assertion(assertion.clone())).await;
    let mut wrong = with_secret();
    wrong.insert("client_secret", "guessed".to_owned());
    ask(&graph, &wrong).await;
    let log = graph.emulator.control("GET", "/_emulator/tokens", None).1;
    let requests = log["requests"].as_array().unwrap();
    let shown = |row: &Value| json!([row["number"], row["credential"], row["status"], row["errorCode"]]);
    assert_eq!(shown(&requests[0]), json!([1, "secret", 200, null]));
    assert_eq!(shown(&requests[1]), json!([2, "certificate", 200, null]));
    assert_eq!(shown(&requests[2]), json!([3, "secret", 401, 7_000_215]));
    assert_eq!((&requests[0]["tenant"], &requests[0]["clientId"]), (&json!(TENANT), &json!(APP)));
    assert_eq!(requests[0]["grant"], "client_credentials");
    assert_eq!((&requests[1]["assertion"]["claims"], &requests[0]["scope"]), (&claims, &json!(SCOPE)));
    assert_eq!(requests[1]["assertion"]["header"]["x5t#S256"], REGISTERED.sha256());
    let text = format!("{log}{:?}", graph.emulator);
    let signature = assertion.rsplit_once('.').unwrap().1;
    for secret in [SECRET, "guessed", signature] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert_eq!(graph.emulator.token_requests().len(), 3);
    assert_eq!(graph.emulator.calls(), []);
    graph.emulator.control("POST", "/_emulator/reset", None);
    assert_eq!(graph.emulator.token_requests(), []);
}

#[tokio::test]
async fn faults_meet_requests_for_tokens_only_by_their_path() {
    let graph = start_app(application());
    let rules = json!([
        {"match": {"path": "/v1.0/"}, "status": 500},
        {"status": 503},
        {"match": {"path": "/oauth2/"}, "status": 429, "retryAfter": "1"},
        {"match": {"path": "/oauth2/"}, "status": 400, "code": "invalid_request",
         "message": "AADSTS900023: Specified tenant identifier is no valid name."},
        {"match": {"path": "/oauth2/"}, "status": 502, "body": "<html>", "contentType": "text/html"},
        {"match": {"path": "/oauth2/"}, "cut": "before"},
    ]);
    graph.emulator.faults(&rules).unwrap();
    let busy = ask(&graph, &with_secret()).await;
    assert_eq!((busy.status, busy.headers["retry-after"].to_str().unwrap()), (429, "1"));
    assert_eq!(refusal(&ask(&graph, &with_secret()).await), (400, "invalid_request", 900_023));
    let proxy = request(&graph, &token_path(), &with_secret()).send().await.unwrap();
    assert_eq!((proxy.status().as_u16(), proxy.text().await.unwrap().as_str()), (502, "<html>"));
    assert!(request(&graph, &token_path(), &with_secret()).send().await.is_err());
    assert_eq!(ask(&graph, &with_secret()).await.status, 200);
    let faults: Vec<Option<String>> =
        graph.emulator.token_requests().into_iter().map(|request| request.fault).collect();
    assert_eq!(
        faults,
        ["2", "3", "4", "5"].map(|name| Some(name.to_owned())).into_iter().chain([None]).collect::<Vec<_>>()
    );
    assert_eq!(graph.get("/v1.0/groups").await.status, 500);
    assert_eq!(graph.get("/v1.0/groups").await.status, 503);
}

#[test]
fn a_mistake_in_the_identities_is_named_with_its_place_and_shows_no_secret() {
    for (identities, start) in [
        (json!({"tenantId": "contoso"}), "tenantId: 'contoso' is not a GUID."),
        (json!({"applications": [{}]}), "applications[0].appId: "),
        (json!({"applications": [application(), application()]}), "applications[1].appId: "),
        (
            json!({"applications": [application_with(json!({"passwordCredentials": [{"secretText": 5}]}))]}),
            "applications[0].passwordCredentials[0].secretText: ",
        ),
        (
            json!({"applications": [application_with(json!({"passwordCredentials": [{"secretText": SECRET, "endDateTime": "soon"}]}))]}),
            "applications[0].passwordCredentials[0].endDateTime: 'soon' is not a UTC timestamp",
        ),
        (
            json!({"applications": [application_with(json!({"keyCredentials": [{"key": "bm9uZQ=="}]}))]}),
            "applications[0].keyCredentials[0].key: not a certificate",
        ),
        (json!({"applications": [application_with(json!({"secret": SECRET}))]}), "applications[0].secret: "),
        (json!({"managedIdentities": [{}]}), "managedIdentities[0].clientId: "),
        (json!({"oidcProviders": {"gitlab": {}}}), "oidcProviders.gitlab: "),
        (json!({"oidcProviders": {"azureDevOps": {"subject": "s"}}}), "oidcProviders.azureDevOps.issuer: "),
    ] {
        let message = Tenant::from_json(identities).unwrap_err().to_string();
        assert!(message.starts_with(start) && !message.contains(SECRET), "{message}");
    }
}
