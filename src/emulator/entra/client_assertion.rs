//! Client assertions: signed with the application's own certificate ("Microsoft identity platform application
//! authentication certificate credentials"), or issued by an identity provider that the application trusts
//! ("Workload identity federation concepts").
//!
//! The signature of a federated assertion is verified only if the emulator itself is the issuer. The keys of any
//! other issuer would have to be downloaded.

use super::access_token::now;
use super::application::RegisteredApplication;
use super::directory::Directory;
use super::error::SignInError;
use super::jwt::Jwt;
use super::state::EntraState;
use crate::emulator::request::IncomingRequest;

/// The accepted clock skew of a client, in seconds.
const LEEWAY: i64 = 300;

/// Entra's login hosts. An audience may name one of them whatever host the request was sent to.
const LOGIN_HOSTS: [&str; 5] = [
    "login.microsoftonline.com",
    "login.microsoftonline.us",
    "login.chinacloudapi.cn",
    "login.partner.microsoftonline.cn",
    "login.windows.net",
];

/// Who signed an assertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssertionKind {
    /// The application.
    Certificate,
    /// Another issuer.
    Federated,
}

impl AssertionKind {
    /// As the log shows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::Federated => "federated",
        }
    }
}

/// The kind of an assertion: an application that signs its own assertions is their issuer.
pub fn kind(assertion: &Jwt, client_id: &str) -> AssertionKind {
    let own = assertion.claim("iss").is_some_and(|issuer| issuer.eq_ignore_ascii_case(client_id));
    if own { AssertionKind::Certificate } else { AssertionKind::Federated }
}

/// Checks an assertion that the application has signed.
pub fn check_certificate(
    application: &RegisteredApplication,
    incoming: &IncomingRequest,
    assertion: &Jwt,
) -> Result<(), SignInError> {
    if assertion.header("x5t").is_none() && assertion.header("x5t#S256").is_none() {
        return Err(SignInError::invalid_client(
            5_002_723,
            "Invalid JWT token. No certificate SHA-1 thumbprint, certificate SHA-256 thumbprint, nor keyId specified in token \
             header.",
        ));
    }
    let refused = |reason| SignInError::certificate(reason, application);
    let certificate = application
        .certificates
        .iter()
        .find(|certificate| certificate.is_named_by(assertion))
        .ok_or_else(|| refused("The key was not found."))?;
    if !certificate.has_signed(assertion) {
        return Err(refused("The provided signature value did not match the expected signature value."));
    }
    if !assertion.claim("sub").is_some_and(|subject| subject.eq_ignore_ascii_case(&application.app_id)) {
        return Err(SignInError::invalid_client(
            700_021,
            "Client assertion application identifier doesn't match 'client_id' parameter.",
        ));
    }
    if !assertion.texts("aud").into_iter().any(|audience| is_token_endpoint(audience, incoming)) {
        return Err(SignInError::invalid_client(
            700_023,
            "Client assertion audience claim does not match Realm issuer.",
        ));
    }
    check_validity_period(assertion)
}

/// Checks an assertion of another issuer against the application's federated credentials.
pub fn check_federated(
    application: &RegisteredApplication,
    directory: &Directory,
    entra: &EntraState,
    assertion: &Jwt,
) -> Result<(), SignInError> {
    let claim = |name| assertion.claim(name).unwrap_or_default();
    let (issuer, subject, audiences) = (claim("iss"), claim("sub"), assertion.texts("aud"));
    if application.federated.is_empty() {
        let text = format!(
            "No matching federated identity record found for presented assertion. Assertion Issuer: '{issuer}'. Assertion \
             Subject: '{subject}'. Assertion Audience: '{}'.",
            audiences.join(", ")
        );
        return Err(SignInError::invalid_request(70_021, text));
    }
    let mut trusted = application.federated.iter().filter(|trusted| trusted.issuer == issuer).peekable();
    if trusted.peek().is_none() {
        return Err(no_match(700_211, "issuer", issuer));
    }
    let mut trusted = trusted.filter(|trusted| trusted.subject == subject).peekable();
    if trusted.peek().is_none() {
        return Err(no_match(700_213, "subject", subject));
    }
    if !trusted.any(|trusted| trusted.audiences.iter().any(|own| audiences.contains(&own.as_str()))) {
        return Err(no_match(700_212, "audience", &audiences.join(", ")));
    }
    let ours = entra.oidc.is_named_by(assertion) || directory.oidc.has_issuer(issuer);
    if ours && !entra.oidc.has_signed(assertion) {
        let text = "Assertion failed signature validation. [Reason - The key was not found.]";
        return Err(SignInError::invalid_client(50_013, text));
    }
    check_validity_period(assertion)
}

fn no_match(number: u32, what: &str, found: &str) -> SignInError {
    let text = format!(
        "No matching federated identity record found for presented assertion {what} '{found}'. Check your federated identity \
         credential Subject, Audience and Issuer against the presented assertion."
    );
    SignInError::invalid_client(number, text)
}

fn check_validity_period(assertion: &Jwt) -> Result<(), SignInError> {
    let now = now();
    let begun = assertion.moment("nbf").is_none_or(|start| start <= now.saturating_add(LEEWAY));
    let lasts = assertion.moment("exp").is_some_and(|end| end > now.saturating_sub(LEEWAY));
    if begun && lasts { Ok(()) } else { Err(SignInError::outside_validity_period(assertion, now)) }
}

/// Whether an audience is the address of this request, or the issuer of the same tenant.
fn is_token_endpoint(audience: &str, incoming: &IncomingRequest) -> bool {
    let Some((scheme, rest)) = audience.split_once("://") else { return false };
    let Some((host, path)) = rest.split_once('/') else { return false };
    let own = incoming.origin.split_once("://").map_or("", |(_, host)| host);
    let known = host.eq_ignore_ascii_case(own)
        || scheme == "https" && LOGIN_HOSTS.iter().any(|name| name.eq_ignore_ascii_case(host));
    let asked = incoming.path().trim_start_matches('/');
    let issuer = asked.replace("/oauth2/v2.0/token", "/v2.0");
    matches!(scheme, "http" | "https")
        && known
        && (path.eq_ignore_ascii_case(asked) || path.eq_ignore_ascii_case(&issuer))
}
