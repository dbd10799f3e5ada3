//! The message of a failed sign-in: what happened, with which method and inputs, and what to do next. No other code
//! describes a [`SignInFailure`] to users. Shows no value of an input except tenant and client ID.

use std::fmt;

use crate::transport::{self, Diagnosis};

use super::claims::Claims;
use super::entra::{CodeMeaning, code_meaning};
use super::error::{Error, ErrorResponse, SignInFailure};
use super::no_credentials::HOW_TO_CONFIGURE;
use super::selected_method::{MethodName, SelectedMethod};

/// The message of a failed sign-in. `Display` writes every line except the summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// One line: `Sign-in failed: the client secret has expired`.
    pub summary: String,
    /// What happened, in one or more sentences.
    pub happened: String,
    /// Method, inputs, identity, claims and response: a line each.
    pub details: Vec<String>,
    /// What to do next, in one or more sentences.
    pub next: String,
}

impl Explanation {
    /// Explains a failed sign-in.
    pub fn from_error(error: &Error) -> Self {
        let (method, failure) = (error.selected_method(), error.failure());
        let Wording { fact, happened, next } = explain(method, failure);
        let mut details = method_details(method);
        details.extend(response_details(failure));
        Self { summary: format!("Sign-in failed: {fact}"), happened, details, next }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.happened)?;
        for line in &self.details {
            writeln!(f, "{line}")?;
        }
        write!(f, "Next: {}", self.next)
    }
}

/// The parts of a message that depend on the failure.
struct Wording {
    /// Continues "Sign-in failed:".
    fact: String,
    happened: String,
    /// Continues "Next:".
    next: String,
}

fn explain(method: &SelectedMethod, failure: &SignInFailure) -> Wording {
    match failure {
        SignInFailure::Rejected(response) => explain_rejection(method, response),
        SignInFailure::NoResponse { service, cause } => explain_no_response(method, service, cause),
        SignInFailure::UnexpectedResponse { service, status, excerpt } => Wording {
            fact: format!("{service} sent an unexpected response"),
            happened: format!("{service} answered with status {status} and {}.", quote_text(excerpt)),
            next: "a proxy or gateway may have answered instead; check the network path, then run the command again."
                .to_owned(),
        },
        SignInFailure::MissingToken { service, status, shape } => Wording {
            fact: format!("{service} returned no usable token"),
            happened: format!(
                "{service} answered with status {status} and {shape}. The body is not shown, because it may contain a \
                 token."
            ),
            next: "a proxy or gateway may have answered instead, or truncated the answer; check the network path, then \
                   run the command again."
                .to_owned(),
        },
        SignInFailure::InvalidInput { input, reason } => Wording {
            fact: format!("{input} cannot be used"),
            happened: format!("{input} cannot be used: {reason}. Nothing was sent."),
            next: format!("correct {input}, then run the command again."),
        },
        SignInFailure::ProgramFailed { program, message } => explain_program(method, program, message),
        SignInFailure::NoOidcToken { provider, cause } => explain_no_oidc_token(method, provider, cause),
        SignInFailure::TimedOut { service, limit } => Wording {
            fact: format!("{service} did not answer in time"),
            happened: format!("{service} did not answer within {} seconds.", limit.as_secs()),
            next: no_answer_advice(method.name),
        },
    }
}

fn explain_rejection(method: &SelectedMethod, response: &ErrorResponse) -> Wording {
    let message = if response.description.is_empty() { &response.error } else { &response.description };
    let message =
        if message.is_empty() { String::new() } else { format!(" Its message: {}", quote_text(message)) };
    let happened = format!("{} refused the sign-in with {}.{message}", response.service, method.name);
    let (fact, next) = match code_meaning(&response.codes) {
        Some(CodeMeaning { fact, next, .. }) => (fact.to_owned(), next.to_owned()),
        None if method.name == MethodName::ManagedIdentity => (
            "the metadata service has no such identity".to_owned(),
            "assign a managed identity to this machine. For a user-assigned identity, check that client_id is its \
             client ID."
                .to_owned(),
        ),
        None => (
            format!("{} refused the sign-in", response.service),
            "fix the cause that the message names. The sign-in log of Entra shows this attempt under the correlation \
             id."
                .to_owned(),
        ),
    };
    Wording { fact, happened, next }
}

fn explain_no_response(method: &SelectedMethod, service: &str, cause: &transport::TransportError) -> Wording {
    let diagnosis = Diagnosis::from_error(cause);
    let fact = match diagnosis {
        Diagnosis::UntrustedCertificate => format!("the certificate of {service} is not trusted"),
        Diagnosis::InvalidCertificate => {
            format!("the certificate of {service} is expired, not yet valid, or issued for another name")
        }
        Diagnosis::Proxy => format!("the proxy did not connect to {service}"),
        Diagnosis::NameResolution => format!("the name {service} was not found"),
        Diagnosis::NotBuilt => "the HTTP client could not be set up".to_owned(),
        _ => no_response_fact(service, cause),
    };
    let next = match diagnosis.advice() {
        _ if method.name == MethodName::ManagedIdentity => no_answer_advice(method.name),
        Some(advice) => format!("{advice}."),
        None => "check the network and the proxy variables, then run the command again.".to_owned(),
    };
    let happened = match cause {
        transport::TransportError::TooLarge { .. } => format!("{service} answered, but {cause}."),
        _ => format!("{service} did not answer: {cause}."),
    };
    Wording { fact, happened, next }
}

fn no_response_fact(service: &str, cause: &transport::TransportError) -> String {
    match cause {
        transport::TransportError::TooLarge { .. } => format!("the answer of {service} is too large"),
        transport::TransportError::ResponseLost(_) => format!("the connection to {service} was lost"),
        _ => format!("{service} was not reached"),
    }
}

fn explain_program(method: &SelectedMethod, program: &str, message: &str) -> Wording {
    let (fact, next) = if message.contains("not found on PATH") {
        ("the Azure CLI was not found", "install the Azure CLI, or configure another method.")
    } else if message.contains("2.54.0") {
        ("the Azure CLI is too old", "update the Azure CLI to 2.54.0 or newer (\"az upgrade\").")
    } else if message.contains("az login") {
        (
            "the Azure CLI is not signed in",
            "run \"az login\" (with \"--tenant\" for a tenant other than its default), or configure another method.",
        )
    } else {
        (
            "the Azure CLI failed",
            "run \"az account get-access-token --scope https://graph.microsoft.com/.default\" to reproduce the failure.",
        )
    };
    let happened = format!("{program}: {message}");
    if method.is_fallback() {
        let fact = format!("no credentials are configured, and {fact}");
        return Wording { fact, happened, next: format!("{HOW_TO_CONFIGURE} For the Azure CLI: {next}") };
    }
    Wording { fact: fact.to_owned(), happened, next: next.to_owned() }
}

fn explain_no_oidc_token(method: &SelectedMethod, provider: &str, cause: &SignInFailure) -> Wording {
    let Wording { happened, next, .. } = explain(method, cause);
    let permission_advice = if method.name == MethodName::AzureDevOps {
        "map SYSTEM_ACCESSTOKEN into the environment of the step (env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)), and \
         check that the service connection ID exists and that the pipeline is authorized to use it."
    } else {
        "give the job the permission to request an OIDC token (permissions: id-token: write), and run the provider in \
         the job that received the request URL and token."
    };
    // The token services of the pipelines refuse a request in a format of their own.
    let is_refused = matches!(cause, SignInFailure::UnexpectedResponse { .. });
    let next = if is_refused { permission_advice.to_owned() } else { next };
    Wording { fact: format!("{provider} issued no OIDC token"), happened, next }
}

fn no_answer_advice(method: MethodName) -> String {
    match method {
        MethodName::ManagedIdentity => {
            "use_msi works only on Azure machines that have a managed identity; configure another method elsewhere. \
             Check msi_endpoint if it is given."
        }
        MethodName::AzureCli => {
            "run \"az account get-access-token --scope https://graph.microsoft.com/.default\" to see what the Azure \
             CLI waits for."
        }
        _ => "check the network and the proxy variables, then run the command again.",
    }
    .to_owned()
}

fn method_details(method: &SelectedMethod) -> Vec<String> {
    let mut details = vec![format!("Method: {} ({}).", method.name, method.reason)];
    let inputs: Vec<String> =
        method.inputs.iter().map(|(name, origin)| format!("{name} from {origin}")).collect();
    if !inputs.is_empty() {
        details.push(format!("Inputs: {}.", inputs.join(", ")));
    }
    let tenant = method.tenant_id.as_ref().map(|id| format!("tenant {id}"));
    let client = method.client_id.as_ref().map(|id| format!("client {id}"));
    let identity: Vec<String> = tenant.into_iter().chain(client).collect();
    if !identity.is_empty() {
        details.push(format!("Identity: {}.", identity.join(", ")));
    }
    details
}

fn response_details(failure: &SignInFailure) -> Vec<String> {
    let SignInFailure::Rejected(response) = failure else { return Vec::new() };
    let is_about_claims = code_meaning(&response.codes).is_some_and(|meaning| meaning.is_about_claims);
    let claims = response.presented_claims.as_deref().filter(|_| is_about_claims).map(render_claims);
    claims.into_iter().chain([render_response(response)]).collect()
}

/// The claims that Entra compares with the federated identity credential.
fn render_claims(claims: &Claims) -> String {
    let claim = |name: &str, value: Option<&String>| {
        let value = value.map_or_else(|| "none".to_owned(), |value| format!("{value:?}"));
        format!("{name} {value}")
    };
    format!(
        "Presented: {}, {}, {}.",
        claim("issuer", claims.iss.as_ref()),
        claim("subject", claims.sub.as_ref()),
        claim("audience", claims.aud.as_ref())
    )
}

fn render_response(response: &ErrorResponse) -> String {
    let mut parts = vec![format!("status {}", response.status)];
    parts.extend(Some(&response.error).filter(|error| !error.is_empty()).cloned());
    parts.extend(response.codes.iter().map(|code| format!("AADSTS{code}")));
    parts.extend(response.trace_id.iter().map(|id| format!("trace id {id}")));
    parts.extend(response.correlation_id.iter().map(|id| format!("correlation id {id}")));
    parts.extend(response.timestamp.clone());
    format!("Response: {}.", parts.join(", "))
}

fn quote_text(text: &str) -> String {
    if text.is_empty() { "an empty body".to_owned() } else { format!("\"{text}\"") }
}

#[cfg(test)]
#[path = "explanation_tests.rs"]
mod tests;
