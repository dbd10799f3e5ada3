//! Tokens for managed identities: the metadata service of a virtual machine ("How to use managed identities for
//! Azure resources on an Azure VM to acquire an access token") and of App Service ("How to use managed
//! identities for App Service and Azure Functions"). Other hosts (Azure Arc, Service Fabric, Cloud Shell) are
//! not emulated.
//!
//! ```text
//! GET /metadata/identity/oauth2/token?api-version=2018-02-01&resource=…&client_id=…   with Metadata: true
//!     400 {"error", "error_description"}
//! GET /msi/token?api-version=2019-08-01&resource=…&client_id=…                        with X-IDENTITY-HEADER
//!     400 or 401 {"statusCode", "message", "correlationId"}
//! ```

use serde_json::{Value, json};

use super::access_token::{TokenSubject, is_graph, issue, now};
use super::directory::Directory;
use super::error::answer;
use super::form::FormFields;
use super::managed_identity::RegisteredIdentity;
use super::state::EntraState;
use super::token_log::TokenRequestRecord;
use crate::emulator::request::{IncomingRequest, RequestIds};
use crate::emulator::response::ServiceResponse;

/// The status, the error code and the text of a refused request.
type TokenRefusal = (u16, &'static str, String);

/// Answers as the metadata service of a virtual machine.
pub fn virtual_machine(
    directory: &Directory,
    entra: &EntraState,
    incoming: &IncomingRequest,
    record: &mut TokenRequestRecord,
) -> ServiceResponse {
    let form = read(incoming, record);
    let token = check_metadata(incoming, &form).and_then(|()| token(directory, entra, &form));
    match token {
        Ok(document) => answer(200, &document),
        Err((status, error, text)) => answer(status, &json!({"error": error, "error_description": text})),
    }
}

/// Answers as App Service.
pub fn app_service(
    directory: &Directory,
    entra: &EntraState,
    incoming: &IncomingRequest,
    identity: &RequestIds,
    record: &mut TokenRequestRecord,
) -> ServiceResponse {
    let form = read(incoming, record);
    let token = check_app_service(directory, incoming, &form).and_then(|()| token(directory, entra, &form));
    match token {
        Ok(document) => answer(200, &document),
        Err((status, _, text)) => answer(
            status,
            &json!({"statusCode": status, "message": text, "correlationId": identity.request_id}),
        ),
    }
}

fn read(incoming: &IncomingRequest, record: &mut TokenRequestRecord) -> FormFields {
    let form = FormFields::parse(incoming.query());
    record.client_id = form.get("client_id").map(str::to_owned);
    record.scope = form.get("resource").map(str::to_owned);
    record.credential = Some("managedIdentity");
    form
}

fn check_metadata(incoming: &IncomingRequest, form: &FormFields) -> Result<(), TokenRefusal> {
    if incoming.method != axum::http::Method::GET {
        return Err((405, "invalid_request", "Method not allowed".to_owned()));
    }
    if !incoming.header("metadata").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Err(invalid("Required metadata header not specified"));
    }
    // The service is for the machine itself and refuses forwarded requests.
    if incoming.header("x-forwarded-for").is_some() {
        return Err(invalid("Requests with the header X-Forwarded-For are refused"));
    }
    match form.get("api-version") {
        Some("2018-02-01" | "2019-08-01" | "2021-02-01") => Ok(()),
        Some(_) => Err(invalid("api-version is invalid or was not specified in the request")),
        None => Err(invalid("Required query variable 'api-version' is missing")),
    }
}

fn check_app_service(
    directory: &Directory,
    incoming: &IncomingRequest,
    form: &FormFields,
) -> Result<(), TokenRefusal> {
    let sent = incoming.header("x-identity-header").unwrap_or_default();
    if !directory.identity_header.as_ref().is_some_and(|own| own.is(sent)) {
        return Err((401, "", "The header X-IDENTITY-HEADER is missing or wrong.".to_owned()));
    }
    match form.get("api-version") {
        Some("2019-08-01") => Ok(()),
        _ => Err(invalid("The parameter api-version must be 2019-08-01.")),
    }
}

fn token(directory: &Directory, entra: &EntraState, form: &FormFields) -> Result<Value, TokenRefusal> {
    let resource =
        form.get("resource").ok_or_else(|| invalid("Required query variable 'resource' is missing"))?;
    if !is_graph(resource) {
        let text =
            format!("AADSTS500011: The resource principal named {resource} was not found in the tenant.");
        return Err((400, "invalid_resource", text));
    }
    let identity = find(directory, form.get("client_id")).ok_or_else(|| invalid("Identity not found"))?;
    let subject = TokenSubject {
        app_id: &identity.client_id,
        display_name: "Managed identity",
        object_id: &identity.object_id,
        roles: &identity.roles,
        tenant_id: &directory.tenant_id(""),
        proof: "2",
    };
    let (now, lifetime) = (now(), identity.token_lifetime);
    // Numbers as strings, as the service sends them.
    Ok(json!({
        "access_token": issue(&entra.tokens, &subject, resource, lifetime),
        "client_id": identity.client_id,
        "expires_in": lifetime.to_string(),
        "expires_on": now.saturating_add(lifetime).to_string(),
        "ext_expires_in": lifetime.to_string(),
        "not_before": now.to_string(),
        "resource": resource,
        "token_type": "Bearer",
    }))
}

/// The named identity; if none is named, the system-assigned identity or else the only one.
fn find<'a>(directory: &'a Directory, client_id: Option<&str>) -> Option<&'a RegisteredIdentity> {
    let identities = &directory.managed_identities;
    if let Some(client_id) = client_id {
        return identities.iter().find(|identity| identity.client_id.eq_ignore_ascii_case(client_id));
    }
    let only = || identities.first().filter(|_| identities.len() == 1);
    identities.iter().find(|identity| identity.system_assigned).or_else(only)
}

fn invalid(text: &str) -> TokenRefusal {
    (400, "invalid_request", text.to_owned())
}
