//! From the provider block and the environment to a session. Configuration beats environment.

use std::sync::Arc;

use crate::auth::StaticToken;
use crate::graph;
use crate::resources::session::{Preflight, Session};
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::value::Value;
use crate::transport::{Endpoint, EndpointError, Transport};

use super::schema::{ACCESS_TOKEN, GRAPH_ENDPOINT, PREFLIGHT};

const ACCESS_TOKEN_VARIABLE: &str = "DEFENDER_ACCESS_TOKEN";
const GRAPH_ENDPOINT_VARIABLE: &str = "DEFENDER_GRAPH_ENDPOINT";
const PREFLIGHT_VARIABLE: &str = "DEFENDER_PREFLIGHT";

/// Microsoft Graph in the public cloud ("National cloud deployments", Microsoft Graph documentation).
const GLOBAL_ENDPOINT: &str = "https://graph.microsoft.com";

/// Looks up an environment variable. Passed in, so that tests need not change the process's own.
pub type Environment = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// What ConfigureProvider left.
pub(super) enum Configuration {
    /// It has not been called.
    Missing,
    /// Something is missing or not known yet. Only a call that needs Graph fails for it.
    Incomplete(Diagnostic),
    /// All there.
    Ready(Arc<Session>),
}

/// A setting from the block or, if that leaves it out, from the environment.
enum Setting {
    Unset,
    Unknown,
    Configured(String),
    FromEnvironment(String),
}

impl Configuration {
    /// Reads block and environment. An error diagnostic means that a value is wrong; what is merely missing or
    /// unknown waits until it is needed, since a plan may do without.
    pub(super) fn new(
        config: &Value,
        environment: &Environment,
        terraform_version: &str,
    ) -> (Self, Diagnostics) {
        let endpoint = match endpoint(&setting(config, GRAPH_ENDPOINT, GRAPH_ENDPOINT_VARIABLE, environment))
        {
            Ok(Some(endpoint)) => endpoint,
            Ok(None) => return (Self::Incomplete(not_known_yet(GRAPH_ENDPOINT)), Diagnostics::new()),
            Err(diagnostic) => return (Self::Incomplete(diagnostic.clone()), diagnostic.into()),
        };
        let preflight = match preflight(&setting(config, PREFLIGHT, PREFLIGHT_VARIABLE, environment)) {
            Ok(preflight) => preflight,
            Err(diagnostic) => return (Self::Incomplete(diagnostic.clone()), diagnostic.into()),
        };
        let configuration = match setting(config, ACCESS_TOKEN, ACCESS_TOKEN_VARIABLE, environment) {
            Setting::Unset => Self::Incomplete(no_access_token()),
            Setting::Unknown => Self::Incomplete(not_known_yet(ACCESS_TOKEN)),
            Setting::Configured(token) | Setting::FromEnvironment(token) => {
                let tokens = Arc::new(StaticToken::of_argument(&token));
                let client =
                    graph::Client::new(endpoint, tokens, Transport::new(user_agent(terraform_version)));
                Self::Ready(Arc::new(Session::new(client, preflight)))
            }
        };
        (configuration, Diagnostics::new())
    }

    pub(super) fn session(&self) -> Result<Arc<Session>, Diagnostics> {
        match self {
            Self::Ready(session) => Ok(Arc::clone(session)),
            Self::Incomplete(diagnostic) => Err(diagnostic.clone().into()),
            Self::Missing => Err(Diagnostic::error(
                "The provider is not configured",
                "Terraform asked for something that needs Microsoft Graph before it configured the provider. This is \
                 a bug; please report it with the versions of Terraform and of the provider.",
            )
            .into()),
        }
    }
}

/// Offline checks of the block beyond those of its schema.
pub(super) fn check(config: &Value) -> Diagnostics {
    match config.attribute(GRAPH_ENDPOINT).and_then(Value::as_str).map(str::parse::<Endpoint>) {
        Some(Err(error)) => wrong_endpoint(&error).at(AttributePath::root(GRAPH_ENDPOINT)).into(),
        _ => Diagnostics::new(),
    }
}

fn setting(config: &Value, name: &str, variable: &str, environment: &Environment) -> Setting {
    match config.attribute(name) {
        Some(value) if value.is_unknown() => Setting::Unknown,
        Some(Value::String(text)) => Setting::Configured(text.clone()),
        // An empty variable counts as none: pipelines set variables that they have no value for.
        _ => environment(variable)
            .filter(|text| !text.trim().is_empty())
            .map_or(Setting::Unset, Setting::FromEnvironment),
    }
}

/// The root of Graph; `None` while it is not known.
fn endpoint(setting: &Setting) -> Result<Option<Endpoint>, Diagnostic> {
    match setting {
        Setting::Unknown => Ok(None),
        Setting::Unset => GLOBAL_ENDPOINT.parse().map(Some).map_err(|error| wrong_endpoint(&error)),
        Setting::Configured(text) => text
            .parse()
            .map(Some)
            .map_err(|error| wrong_endpoint(&error).at(AttributePath::root(GRAPH_ENDPOINT))),
        Setting::FromEnvironment(text) => text.parse().map(Some).map_err(|error: EndpointError| {
            let mut diagnostic = wrong_endpoint(&error);
            diagnostic
                .detail
                .push_str("\n\nThe value comes from the environment variable DEFENDER_GRAPH_ENDPOINT.");
            diagnostic
        }),
    }
}

/// How much a plan looks up. While that is not known, as by default: look-ups change no planned value.
fn preflight(setting: &Setting) -> Result<Preflight, Diagnostic> {
    match setting {
        Setting::Unset | Setting::Unknown => Ok(Preflight::default()),
        // The schema has checked it already; this is for a value that was unknown then.
        Setting::Configured(word) => Preflight::from_word(word)
            .ok_or_else(|| wrong_preflight(word, "").at(AttributePath::root(PREFLIGHT))),
        Setting::FromEnvironment(word) => Preflight::from_word(word).ok_or_else(|| {
            wrong_preflight(word, "\n\nThe value comes from the environment variable DEFENDER_PREFLIGHT.")
        }),
    }
}

fn user_agent(terraform_version: &str) -> String {
    // A header takes visible ASCII only, and the version comes from outside.
    let version: String = terraform_version.chars().filter(char::is_ascii_graphic).take(64).collect();
    let provider = concat!("terraform-provider-defender/", env!("CARGO_PKG_VERSION"));
    if version.is_empty() { provider.to_owned() } else { format!("{provider} Terraform/{version}") }
}

fn wrong_endpoint(error: &EndpointError) -> Diagnostic {
    Diagnostic::error(
        "graph_endpoint is not the root of Microsoft Graph",
        format!(
            "The value cannot be used: {error}.\n\nLeave it out for the public cloud, or write for example \
             \"http://127.0.0.1:8400\" for an emulator on this machine."
        ),
    )
}

fn wrong_preflight(word: &str, source: &str) -> Diagnostic {
    let choices = Preflight::CHOICES.join(", ");
    let detail = format!("The value is {word:?}. The choices are: {choices}. Nothing was sent.{source}");
    Diagnostic::error("preflight is not one of the choices", detail)
}

fn no_access_token() -> Diagnostic {
    Diagnostic::error(
        "No access token for Microsoft Graph",
        "Set the environment variable DEFENDER_ACCESS_TOKEN or the argument access_token of the provider block. The \
         token needs the permission DeviceManagementConfiguration.ReadWrite.All (for a plan, \
         DeviceManagementConfiguration.Read.All is enough). Nothing was sent.",
    )
}

fn not_known_yet(name: &str) -> Diagnostic {
    Diagnostic::error(
        format!("{name} is not known yet"),
        format!(
            "The argument {name} of the provider block depends on something that is only known after apply, and this \
             operation needs Microsoft Graph now. Apply what it depends on first (with -target), or give a value \
             that is known."
        ),
    )
    .at(AttributePath::root(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &'static [(&'static str, &'static str)]) -> Environment {
        Box::new(move |name| {
            variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned())
        })
    }

    fn block(access_token: Value, graph_endpoint: Value) -> Value {
        Value::object([(ACCESS_TOKEN, access_token), (GRAPH_ENDPOINT, graph_endpoint)])
    }

    fn problem(config: &Value, environment: &Environment) -> String {
        let (configuration, _) = Configuration::new(config, environment, "1.11.4");
        configuration.session().map_or_else(
            |problems| problems.iter().map(|problem| problem.summary.clone()).collect(),
            |_| "ready".to_owned(),
        )
    }

    #[test]
    fn the_environment_completes_an_empty_block() {
        let variables = environment(&[
            (ACCESS_TOKEN_VARIABLE, "token"),
            (GRAPH_ENDPOINT_VARIABLE, "http://127.0.0.1:8400/"),
        ]);
        assert_eq!(problem(&block(Value::Null, Value::Null), &variables), "ready");
    }

    #[test]
    fn an_empty_variable_counts_as_none() {
        let variables = environment(&[(ACCESS_TOKEN_VARIABLE, " ")]);
        assert_eq!(
            problem(&block(Value::Null, Value::Null), &variables),
            "No access token for Microsoft Graph"
        );
    }

    #[test]
    fn what_is_unknown_or_missing_is_no_error_until_needed() {
        let variables = environment(&[]);
        for config in [block(Value::unknown(), Value::Null), block(Value::Null, Value::Null)] {
            let (_, diagnostics) = Configuration::new(&config, &variables, "");
            assert!(diagnostics.is_empty());
        }
        assert_eq!(
            problem(&block(Value::unknown(), Value::Null), &variables),
            "access_token is not known yet"
        );
    }

    #[test]
    fn a_wrong_endpoint_is_an_error_at_once_and_says_where_it_comes_from() {
        let variables = environment(&[(GRAPH_ENDPOINT_VARIABLE, "http://graph.example")]);
        let (_, diagnostics) = Configuration::new(&block(Value::Null, Value::Null), &variables, "");
        assert!(diagnostics.iter().any(|d| d.detail.contains("DEFENDER_GRAPH_ENDPOINT") && d.path.is_none()));
        let config = block(Value::Null, Value::string("http://graph.example"));
        assert!(check(&config).iter().all(|d| d.path == Some(AttributePath::root(GRAPH_ENDPOINT))));
        assert!(check(&config).has_errors());
    }

    #[test]
    fn the_user_agent_takes_no_odd_characters_from_outside() {
        assert!(user_agent("1.11.4\r\nX: y").ends_with("Terraform/1.11.4X:y"));
    }
}
