//! A failed sign-in in words: what happened, with which method and inputs, and what to do next. The only wording of
//! [`Problem`]; never a value of an input beside tenant and application.

use std::fmt;

use crate::transport::{self, Diagnosis};

use super::attempt::{Attempt, MethodName};
use super::claims::Claims;
use super::entra::{Meaning, meaning};
use super::error::{Error, Problem, Refused};

/// What somebody has to know to sign in the next time. Printed, it is all lines but the summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// One line: `Sign-in failed: the client secret has expired`.
    pub summary: String,
    /// What happened, one or more sentences.
    pub happened: String,
    /// Method, inputs, identity, ids: a line each.
    pub facts: Vec<String>,
    /// What to do, one or more sentences.
    pub next: String,
}

impl Explanation {
    /// Words for a failure.
    pub fn of(error: &Error) -> Self {
        let (attempt, problem) = (error.attempt(), error.problem());
        let words = words(attempt, problem);
        let mut facts = attempt_facts(attempt);
        facts.extend(problem_facts(problem));
        Self {
            summary: format!("Sign-in failed: {}", words.fact),
            happened: words.happened,
            facts,
            next: words.next,
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.happened)?;
        for fact in &self.facts {
            writeln!(f, "{fact}")?;
        }
        write!(f, "Next: {}", self.next)
    }
}

struct Words {
    fact: String,
    happened: String,
    next: String,
}

fn words(attempt: &Attempt, problem: &Problem) -> Words {
    match problem {
        Problem::Refused(refused) => refused_words(attempt, refused),
        Problem::NotAnswered { service, problem } => not_answered(attempt, service, problem),
        Problem::Undocumented { service, status, beginning } => Words {
            fact: format!("{service} gave an answer that is not the documented one"),
            happened: format!("{service} answered with status {status} and {}.", shown(beginning)),
            next: "a proxy or gateway may have answered in its place; check what stands between, then run the command \
                   again."
                .to_owned(),
        },
        Problem::Withheld { service, status, shape } => Words {
            fact: format!("{service} gave no usable token"),
            happened: format!(
                "{service} answered with status {status} and {shape}. Nothing more of it is shown: it may hold a token."
            ),
            next: "a proxy or gateway may have answered in its place, or cut the answer off; check the network path, \
                   then run the command again."
                .to_owned(),
        },
        Problem::Input { input, problem } => Words {
            fact: format!("{input} cannot be used"),
            happened: format!("{input} cannot be used: {problem}. Nothing was sent."),
            next: format!("correct {input}, then run the command again."),
        },
        Problem::Program { program, message } => program_words(program, message),
        Problem::NotVouched { provider, problem } => not_vouched(attempt, provider, problem),
        Problem::TimedOut { service, limit } => Words {
            fact: format!("{service} did not answer in time"),
            happened: format!("{service} did not answer within {} seconds.", limit.as_secs()),
            next: slow_advice(attempt.method),
        },
    }
}

fn refused_words(attempt: &Attempt, refused: &Refused) -> Words {
    let said = if refused.description.is_empty() { &refused.error } else { &refused.description };
    let said = if said.is_empty() { String::new() } else { format!(" It said: {}", shown(said)) };
    let happened = format!("{} refused the {}.{said}", refused.service, attempt.method);
    let (fact, next) = match meaning(&refused.codes) {
        Some(Meaning { fact, next, .. }) => (fact.to_owned(), next.to_owned()),
        None if attempt.method == MethodName::ManagedIdentity => (
            "the metadata service has no such identity".to_owned(),
            "assign a managed identity to this machine; for a user-assigned one check that client_id is its client ID."
                .to_owned(),
        ),
        None => (
            format!("{} refused it", refused.service),
            "correct what the answer names. The sign-in log of Entra has this attempt under the correlation id."
                .to_owned(),
        ),
    };
    Words { fact, happened, next }
}

fn not_answered(attempt: &Attempt, service: &str, problem: &transport::TransportError) -> Words {
    let diagnosis = Diagnosis::from_error(problem);
    let fact = match diagnosis {
        Diagnosis::UntrustedCertificate => format!("the certificate of {service} is not trusted here"),
        Diagnosis::InvalidCertificate => format!("the certificate of {service} does not fit"),
        Diagnosis::Proxy => format!("the proxy gave no way to {service}"),
        Diagnosis::NameResolution => format!("the name {service} was not found"),
        Diagnosis::NotBuilt => "the HTTP client could not be set up".to_owned(),
        _ => lost_fact(service, problem),
    };
    let next = match diagnosis.advice() {
        _ if attempt.method == MethodName::ManagedIdentity => slow_advice(attempt.method),
        Some(advice) => format!("{advice}."),
        None => "check the network and the proxy variables, then run the command again.".to_owned(),
    };
    let happened = match problem {
        transport::TransportError::TooLarge { .. } => format!("{service} answered, but {problem}."),
        _ => format!("{service} gave no answer: {problem}."),
    };
    Words { fact, happened, next }
}

/// What did not come, or not whole.
fn lost_fact(service: &str, problem: &transport::TransportError) -> String {
    match problem {
        transport::TransportError::TooLarge { .. } => format!("the answer of {service} is too large"),
        transport::TransportError::Lost(_) => format!("{service} gave no whole answer"),
        _ => format!("{service} was not reached"),
    }
}

fn program_words(program: &str, message: &str) -> Words {
    let (fact, next) = if message.contains("not found on PATH") {
        ("the Azure CLI was not found", "install the Azure CLI, or give the inputs of another method.")
    } else if message.contains("2.54.0") {
        ("the Azure CLI is too old", "update the Azure CLI to 2.54.0 or newer (\"az upgrade\").")
    } else if message.contains("az login") {
        (
            "the Azure CLI is not signed in",
            "run \"az login\", with \"--tenant\" for another tenant than its default, or give the inputs of another \
             method.",
        )
    } else {
        (
            "the Azure CLI failed",
            "run \"az account get-access-token --scope https://graph.microsoft.com/.default\" to see it by hand.",
        )
    };
    Words { fact: fact.to_owned(), happened: format!("{program}: {message}"), next: next.to_owned() }
}

fn not_vouched(attempt: &Attempt, provider: &str, problem: &Problem) -> Words {
    let inner = words(attempt, problem);
    let own = if attempt.method == MethodName::AzureDevOps {
        "map SYSTEM_ACCESSTOKEN into the environment of the step (env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)), and \
         check that the service connection ID exists and that the pipeline is authorized to use it."
    } else {
        "give the job the permission to ask for an OIDC token (permissions: id-token: write), and let the provider run \
         in the job that got the request URL and token."
    };
    let next = if matches!(problem, Problem::Undocumented { .. }) { own.to_owned() } else { inner.next };
    Words { fact: format!("{provider} gave no OIDC token"), happened: inner.happened, next }
}

fn slow_advice(method: MethodName) -> String {
    match method {
        MethodName::ManagedIdentity => {
            "use_msi works on machines of Azure that have a managed identity only; elsewhere choose another method. \
             Check msi_endpoint if it is given."
        }
        MethodName::AzureCli => {
            "run \"az account get-access-token --scope https://graph.microsoft.com/.default\" to see what it waits for."
        }
        _ => "check the network and the proxy variables, then run the command again.",
    }
    .to_owned()
}

fn attempt_facts(attempt: &Attempt) -> Vec<String> {
    let mut facts = vec![format!("Method: {} ({}).", attempt.method, attempt.why)];
    let inputs: Vec<String> =
        attempt.inputs.iter().map(|(name, origin)| format!("{name} from {origin}")).collect();
    if !inputs.is_empty() {
        facts.push(format!("Inputs: {}.", inputs.join(", ")));
    }
    let tenant = attempt.tenant_id.as_ref().map(|id| format!("tenant {id}"));
    let client = attempt.client_id.as_ref().map(|id| format!("client {id}"));
    let identity: Vec<String> = tenant.into_iter().chain(client).collect();
    if !identity.is_empty() {
        facts.push(format!("Identity: {}.", identity.join(", ")));
    }
    facts
}

fn problem_facts(problem: &Problem) -> Vec<String> {
    let Problem::Refused(refused) = problem else { return Vec::new() };
    let about_claims = meaning(&refused.codes).is_some_and(|meaning| meaning.about_claims);
    let claims = refused.presented.as_deref().filter(|_| about_claims).map(presented);
    claims.into_iter().chain([answer_line(refused)]).collect()
}

/// What a federated identity credential is compared with.
fn presented(claims: &Claims) -> String {
    let told = |name: &str, value: Option<&String>| {
        let value = value.map_or_else(|| "none".to_owned(), |value| format!("{value:?}"));
        format!("{name} {value}")
    };
    format!(
        "Presented: {}, {}, {}.",
        told("issuer", claims.iss.as_ref()),
        told("subject", claims.sub.as_ref()),
        told("audience", claims.aud.as_ref())
    )
}

fn answer_line(refused: &Refused) -> String {
    let mut parts = vec![format!("status {}", refused.status)];
    parts.extend(Some(&refused.error).filter(|error| !error.is_empty()).cloned());
    parts.extend(refused.codes.iter().map(|code| format!("AADSTS{code}")));
    parts.extend(refused.trace_id.iter().map(|id| format!("trace id {id}")));
    parts.extend(refused.correlation_id.iter().map(|id| format!("correlation id {id}")));
    parts.extend(refused.timestamp.clone());
    format!("Answer: {}.", parts.join(", "))
}

fn shown(beginning: &str) -> String {
    if beginning.is_empty() { "nothing in its body".to_owned() } else { format!("\"{beginning}\"") }
}

#[cfg(test)]
#[path = "explanation_tests.rs"]
mod tests;
