//! `POST /{tenant}/oauth2/v2.0/token` for the grant `client_credentials` ("The OAuth 2.0 client credentials
//! flow", Microsoft identity platform). There is no other grant, since only applications sign in here.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::access_token::{TokenSubject, is_graph, issue};
use super::application::RegisteredApplication;
use super::client_assertion::{self, AssertionKind};
use super::directory::Directory;
use super::error::SignInError;
use super::form::FormFields;
use super::jwt::Jwt;
use super::state::EntraState;
use super::token_log::{AssertionRecord, TokenRequestRecord};
use crate::emulator::request::IncomingRequest;
use crate::emulator::timestamp::second;

/// The only type of assertion.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Answers a token request, and fills in its log record.
pub fn answer(
    directory: &Directory,
    entra: &EntraState,
    incoming: &IncomingRequest,
    tenant: &str,
    record: &mut TokenRequestRecord,
) -> Result<Value, SignInError> {
    record.tenant = Some(tenant.to_owned());
    let form = read_form(incoming)?;
    record_form(&form, record);
    let grant = form.get("grant_type").ok_or_else(|| SignInError::missing("grant_type"))?;
    if grant != "client_credentials" {
        let text = format!("The app requested an unsupported grant type '{grant}'.");
        return Err(SignInError::new(400, "unsupported_grant_type", 70_003, text));
    }
    if !directory.is_tenant(tenant) {
        return Err(SignInError::unknown_tenant(tenant));
    }
    let client_id = form.get("client_id").ok_or_else(|| SignInError::missing("client_id"))?;
    let resource = resource_of(form.get("scope").ok_or_else(|| SignInError::missing("scope"))?)?;
    let application = directory
        .application(client_id)
        .ok_or_else(|| SignInError::unknown_application(client_id, tenant))?;
    let proof = authenticate(directory, entra, incoming, application, &form)?;
    admit(application)?;
    let tenant_id = directory.tenant_id(tenant);
    let subject = subject(application, &tenant_id, proof);
    Ok(json!({
        "token_type": "Bearer",
        "expires_in": application.token_lifetime,
        "ext_expires_in": application.token_lifetime,
        "access_token": issue(&entra.tokens, &subject, resource, application.token_lifetime),
    }))
}

fn read_form(incoming: &IncomingRequest) -> Result<FormFields, SignInError> {
    if incoming.method != axum::http::Method::POST {
        let text =
            format!("The endpoint only accepts POST requests. Received a {} request.", incoming.method);
        return Err(SignInError::invalid_request(900_561, text));
    }
    // Entra ignores a body of another type.
    let media_type = incoming.content_type.as_deref().and_then(|header| header.split(';').next());
    let is_form =
        media_type.is_some_and(|name| name.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"));
    let text = if is_form { String::from_utf8_lossy(&incoming.body) } else { "".into() };
    Ok(FormFields::parse(&text))
}

fn record_form(form: &FormFields, record: &mut TokenRequestRecord) {
    let field = |name| form.get(name).map(str::to_owned);
    (record.client_id, record.grant, record.scope) =
        (field("client_id"), field("grant_type"), field("scope"));
    let assertion = form.get("client_assertion").and_then(Jwt::parse);
    record.credential = match (&assertion, form.get("client_id")) {
        (Some(assertion), Some(client_id)) => Some(client_assertion::kind(assertion, client_id).name()),
        _ => form.get("client_secret").map(|_| "secret"),
    };
    record.assertion = assertion.as_ref().and_then(AssertionRecord::from_assertion);
}

/// Scopes that sign-in libraries add to every request. They change nothing for an application.
const OPENID_SCOPES: [&str; 4] = ["openid", "offline_access", "profile", "email"];

/// `{resource}/.default`, where the resource is Graph.
fn resource_of(scope: &str) -> Result<&str, SignInError> {
    let mut resources = scope.split_whitespace().filter(|name| !OPENID_SCOPES.contains(name));
    let (Some(named), None) = (resources.next(), resources.next()) else {
        let text = format!(
            "The provided value for the input parameter 'scope' is not valid. The scope '{scope}' is not valid."
        );
        return Err(SignInError::new(400, "invalid_scope", 70_011, text));
    };
    let Some(resource) = named.strip_suffix("/.default") else {
        let text = format!(
            "The provided value for scope {named} is not valid. Client credential flows must have a scope value with /.default \
             suffixed to the resource identifier (application ID URI)."
        );
        return Err(SignInError::new(400, "invalid_scope", 1_002_012, text));
    };
    if is_graph(resource) { Ok(resource) } else { Err(SignInError::unknown_resource(resource)) }
}

/// Checks the credential. Returns the value of the claim `appidacr`.
fn authenticate(
    directory: &Directory,
    entra: &EntraState,
    incoming: &IncomingRequest,
    application: &RegisteredApplication,
    form: &FormFields,
) -> Result<&'static str, SignInError> {
    match (form.get("client_secret"), form.get("client_assertion")) {
        (None, None) => Err(SignInError::invalid_client(
            7_000_216,
            "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
        )),
        (Some(secret), None) => check_secret(application, secret).map(|()| "1"),
        (None, Some(assertion)) => {
            check_assertion_type(form)?;
            let assertion = Jwt::parse(assertion)
                .ok_or_else(|| SignInError::invalid_request(50_027, "JWT token is invalid or malformed."))?;
            match client_assertion::kind(&assertion, &application.app_id) {
                AssertionKind::Certificate => {
                    client_assertion::check_certificate(application, incoming, &assertion)?;
                }
                AssertionKind::Federated => {
                    client_assertion::check_federated(application, directory, entra, &assertion)?;
                }
            }
            Ok("2")
        }
        // It is not known which of the two Entra would use.
        (Some(_), Some(_)) => Err(SignInError::invalid_request(
            90_023,
            "The request contains both 'client_secret' and 'client_assertion'.",
        )),
    }
}

fn check_assertion_type(form: &FormFields) -> Result<(), SignInError> {
    match form.get("client_assertion_type") {
        None => Err(SignInError::missing("client_assertion_type")),
        Some(JWT_BEARER) => Ok(()),
        Some(other) => {
            let text = format!(
                "The client assertion type '{other}' is not supported; the only type is {JWT_BEARER}."
            );
            Err(SignInError::invalid_request(90_023, text))
        }
    }
}

fn check_secret(application: &RegisteredApplication, sent: &str) -> Result<(), SignInError> {
    let app_id = &application.app_id;
    let Some(secret) = application.secrets.iter().find(|secret| secret.secret.is(sent)) else {
        let text = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the \
             client secret ID, for a secret added to app '{app_id}'."
        );
        return Err(SignInError::invalid_client(7_000_215, text));
    };
    let now = second(OffsetDateTime::now_utc());
    if secret.end.as_ref().is_some_and(|end| *end <= now) {
        let text = format!("The provided client secret keys for app '{app_id}' are expired.");
        return Err(SignInError::invalid_client(7_000_222, text));
    }
    Ok(())
}

/// Refuses an application that is authenticated but disabled or blocked.
fn admit(application: &RegisteredApplication) -> Result<(), SignInError> {
    if application.disabled {
        let RegisteredApplication { app_id, display_name, .. } = application;
        let text = format!("Application '{app_id}'({display_name}) is disabled.");
        return Err(SignInError::new(400, "unauthorized_client", 7_000_112, text));
    }
    if application.blocked {
        let text = "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.";
        return Err(SignInError::new(400, "invalid_grant", 53_003, text));
    }
    Ok(())
}

fn subject<'a>(
    application: &'a RegisteredApplication,
    tenant_id: &'a str,
    proof: &'static str,
) -> TokenSubject<'a> {
    TokenSubject {
        app_id: &application.app_id,
        display_name: &application.display_name,
        object_id: &application.object_id,
        roles: &application.roles,
        tenant_id,
        proof,
    }
}
