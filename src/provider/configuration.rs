//! Builds a session from the provider block and the environment. `settings.rs` decides which value takes precedence,
//! and `auth` selects the sign-in method.

use std::sync::Arc;

use crate::auth::cloud::Cloud;
use crate::auth::credentials::{SignInLimits, token_source};
use crate::auth::selection::{self, InputError, InputErrorKind, select};
use crate::auth::{Input, Inputs, SelectedMethod, Setting, TokenSource};
use crate::graph;
use crate::resources::session::{Options, Preflight, Session};
use crate::terraform::diagnostic::{Diagnostic, Diagnostics, quote};
use crate::terraform::schema::Schema;
use crate::terraform::validators::is_guid;
use crate::terraform::value::Value;
use crate::transport::{Endpoint, EndpointError, Transport};

use super::schema::{
    self, BULK_REFRESH, DISABLE_TERRAFORM_PARTNER_ID, GRAPH_ENDPOINT, LOOK_UP_GROUPS, PARTNER_ID, PREFLIGHT,
};
use super::selection_diagnostics::{ConfigurationError, at_origin, invalid_input, unknown_value};
use super::settings::{Environment, Settings};
use super::user_agent::{SUFFIX_VARIABLE, user_agent};

/// The environment variable that allows plain `http` to one host.
const ALLOW_HTTP_HOST: &str = "DEFENDER_ALLOW_HTTP_HOST";

/// The result of ConfigureProvider.
pub(super) enum Configuration {
    /// ConfigureProvider has not been called.
    Missing,
    /// Something is wrong, missing or unknown. Every call that needs Graph fails with these diagnostics.
    Incomplete(Diagnostics),
    /// Everything is configured.
    Ready(Arc<Session>),
}

/// A sign-in method and a Graph client that are ready for use. Nothing has been sent yet.
pub struct Prepared {
    /// The sign-in method, for messages.
    pub selected_method: SelectedMethod,
    /// The cloud for which tokens are requested.
    pub cloud: Cloud,
    /// The authority. Managed identities and the Azure CLI do not use it.
    pub authority: Endpoint,
    /// The token source of [`Self::graph`].
    pub tokens: Arc<dyn TokenSource>,
    /// Sends requests.
    pub graph: graph::Client,
    /// The options of sessions.
    pub options: Options,
    /// Warnings for the user, shown once for each configuration.
    pub warnings: Diagnostics,
}

/// Prepares an empty provider block, completed from the environment.
///
/// # Errors
/// Something is wrong or missing.
pub fn from_environment(environment: &Environment) -> Result<Prepared, Diagnostics> {
    let schema = schema::provider();
    let settings = Settings { config: &Value::Null, environment, schema: &schema };
    prepare(&settings, "").map_err(ConfigurationError::into_diagnostics)
}

impl Configuration {
    /// Reads block and environment. The diagnostics report invalid values and incomplete sign-in methods. Missing or
    /// unknown values are reported by the first call that needs them, since a plan may not.
    pub(super) fn new(
        config: &Value,
        environment: &Environment,
        schema: &Schema,
        terraform_version: &str,
        clock: &Arc<dyn graph::Clock>,
    ) -> (Self, Diagnostics) {
        match prepare(&Settings { config, environment, schema }, terraform_version) {
            Ok(Prepared { graph, options, warnings, .. }) => {
                let session = Session::new(graph.with_clock(Arc::clone(clock)), options);
                (Self::Ready(Arc::new(session)), warnings)
            }
            Err(ConfigurationError::Deferred(diagnostic)) => {
                (Self::Incomplete(diagnostic.into()), Diagnostics::new())
            }
            Err(ConfigurationError::Invalid(diagnostics)) => {
                (Self::Incomplete(diagnostics.clone()), diagnostics)
            }
        }
    }

    pub(super) fn session(&self) -> Result<Arc<Session>, Diagnostics> {
        match self {
            Self::Ready(session) => Ok(Arc::clone(session)),
            Self::Incomplete(diagnostics) => Err(diagnostics.clone()),
            Self::Missing => Err(Diagnostic::error(
                "The provider is not configured",
                "Terraform requested an operation that needs Microsoft Graph before it configured the provider. This is \
                 a bug; please report it with the versions of Terraform and of the provider.",
            )
            .into()),
        }
    }
}

/// Offline checks of the block beyond those of its schema.
pub(super) fn check(config: &Value, environment: &Environment, schema: &Schema) -> Diagnostics {
    let http_host: Environment = {
        let host = environment(ALLOW_HTTP_HOST);
        Box::new(move |name| if name == ALLOW_HTTP_HOST { host.clone() } else { None })
    };
    // Other variables may differ between machines, and a configuration must be valid on all of them.
    let settings = Settings { config, environment: &http_host, schema };
    let mut diagnostics = Diagnostics::new();
    if let Setting::Set(input) = settings.get(GRAPH_ENDPOINT) {
        diagnostics.extend(parse_endpoint(&input, &settings).err());
    }
    diagnostics.extend(partner_id(&settings).err());
    // The schema's validator reports an unknown cloud.
    let errors = selection::find_errors(&settings);
    let errors = errors.into_iter().filter(|error| error.kind != InputErrorKind::NotCloud);
    diagnostics.extend(errors.map(|error| invalid_input(&error)));
    diagnostics
}

/// Prepares everything without the network. Reports all invalid values at once, and deferred errors only if there are
/// none.
pub(super) fn prepare(
    settings: &Settings<'_>,
    terraform_version: &str,
) -> Result<Prepared, ConfigurationError> {
    let mut errors = ErrorCollector::default();
    let endpoint = errors.collect(endpoint(settings));
    let options = errors.collect(options(settings));
    let partner_id = errors.collect(partner_id(settings).map_err(invalid));
    let partner_switch = errors.collect(switch(settings, DISABLE_TERRAFORM_PARTNER_ID));
    let cloud = errors.collect(selection::select_cloud(settings).map_err(ConfigurationError::from));
    let sign_in = errors.collect(select(settings).map_err(ConfigurationError::from));
    let (Some((endpoint, source)), Some(options), Some(partner_id), Some(_), Some(cloud), Some(sign_in)) =
        (endpoint, options, partner_id, partner_switch, cloud, sign_in)
    else {
        return Err(errors.into_error());
    };
    let suffix = settings.variable(SUFFIX_VARIABLE);
    let suffix = suffix.as_ref().map(|input| input.text.expose());
    let warnings = if endpoint.is_readable_in_transit() {
        readable_in_transit(endpoint.host()).into()
    } else {
        Diagnostics::new()
    };
    let transport = Transport::new(user_agent(terraform_version, partner_id.as_deref(), suffix));
    let (selected_method, authority) = (sign_in.selected_method.clone(), sign_in.authority.clone());
    let tokens = token_source(sign_in, &transport, &SignInLimits::default());
    let graph = graph::Client::new(endpoint, Arc::clone(&tokens), transport).with_endpoint_source(&source);
    Ok(Prepared { selected_method, cloud, authority, tokens, graph, options, warnings })
}

/// The options of sessions. An unknown value counts as unset, since no option changes a planned value.
fn options(settings: &Settings<'_>) -> Result<Options, ConfigurationError> {
    let is_on = |argument| Ok::<_, ConfigurationError>(switch(settings, argument)?.unwrap_or(true));
    Ok(Options {
        preflight: preflight(settings).map_err(invalid)?,
        bulk_refresh: is_on(BULK_REFRESH)?,
        look_up_groups: is_on(LOOK_UP_GROUPS)?,
    })
}

/// Collects errors, in order.
#[derive(Default)]
struct ErrorCollector {
    invalid: Diagnostics,
    deferred: Option<Diagnostic>,
}

impl ErrorCollector {
    fn collect<T>(&mut self, result: Result<T, ConfigurationError>) -> Option<T> {
        match result {
            Ok(value) => return Some(value),
            Err(ConfigurationError::Invalid(diagnostics)) => self.invalid.extend(diagnostics),
            Err(ConfigurationError::Deferred(diagnostic)) => {
                self.deferred = self.deferred.take().or(Some(diagnostic));
            }
        }
        None
    }

    fn into_error(self) -> ConfigurationError {
        match self.deferred {
            Some(diagnostic) if self.invalid.is_empty() => ConfigurationError::Deferred(diagnostic),
            _ => ConfigurationError::Invalid(self.invalid),
        }
    }
}

/// The root address of Graph, and its source: the block, the environment, or else the cloud.
fn endpoint(settings: &Settings<'_>) -> Result<(Endpoint, String), ConfigurationError> {
    match settings.get(GRAPH_ENDPOINT) {
        Setting::Unknown => Err(ConfigurationError::Deferred(unknown_value(GRAPH_ENDPOINT))),
        Setting::Set(input) => {
            Ok((parse_endpoint(&input, settings).map_err(invalid)?, input.origin.to_string()))
        }
        Setting::Unset => {
            let cloud = selection::select_cloud(settings)?;
            let endpoint: Endpoint =
                cloud.graph().parse().map_err(|error| invalid(invalid_endpoint(&error)))?;
            check_http_host(settings, &endpoint).map_err(invalid)?;
            Ok((endpoint, "the chosen cloud".to_owned()))
        }
    }
}

fn parse_endpoint(input: &Input, settings: &Settings<'_>) -> Result<Endpoint, Diagnostic> {
    let http_host = http_host(settings);
    let endpoint = Endpoint::parse(input.text.expose(), http_host.as_deref())
        .map_err(|error| at_origin(input.origin, invalid_endpoint(&error)))?;
    check_http_host(settings, &endpoint)?;
    Ok(endpoint)
}

/// The host that may be reached by plain `http`.
fn http_host(settings: &Settings<'_>) -> Option<String> {
    Some(settings.variable(ALLOW_HTTP_HOST)?.text.expose().trim().to_ascii_lowercase())
}

/// Refuses a variable that was set for another endpoint.
fn check_http_host(settings: &Settings<'_>, endpoint: &Endpoint) -> Result<(), Diagnostic> {
    match http_host(settings) {
        Some(host) if host != endpoint.host() => Err(Diagnostic::error(
            "DEFENDER_ALLOW_HTTP_HOST does not match the endpoint",
            format!(
                "The environment variable DEFENDER_ALLOW_HTTP_HOST allows plain http to {}, but the host of \
                 graph_endpoint is {}. Nothing was sent.\nNext: set it to the host of graph_endpoint, without scheme and \
                 port, or unset it.",
                quote(&host),
                quote(endpoint.host())
            ),
        )),
        _ => Ok(()),
    }
}

fn readable_in_transit(host: &str) -> Diagnostic {
    Diagnostic::warning(
        "Requests to Microsoft Graph are not encrypted",
        format!(
            "DEFENDER_ALLOW_HTTP_HOST allows plain http to {}. Others on the network can read the access token and change \
             responses. Use it only for the emulator, never with the token of a tenant.",
            quote(host)
        ),
    )
}

/// The preflight level. An unknown value counts as unset, since look-ups change no planned value.
fn preflight(settings: &Settings<'_>) -> Result<Preflight, Diagnostic> {
    let Setting::Set(input) = settings.get(PREFLIGHT) else { return Ok(Preflight::default()) };
    let word = input.text.expose();
    // The schema's validator checks neither environment variables nor values that were unknown.
    Preflight::from_word(word).ok_or_else(|| at_origin(input.origin, invalid_preflight(word)))
}

/// A boolean; `None` if it is unset or unknown.
fn switch(settings: &Settings<'_>, argument: &'static str) -> Result<Option<bool>, ConfigurationError> {
    selection::read_bool(settings, argument).map_err(|error| invalid(invalid_input(&error)))
}

/// Only for the user agent, so an unknown value counts as unset.
fn partner_id(settings: &Settings<'_>) -> Result<Option<String>, Diagnostic> {
    let Setting::Set(input) = settings.get(PARTNER_ID) else { return Ok(None) };
    let id = input.text.expose().trim();
    if is_guid(id) {
        return Ok(Some(id.to_owned()));
    }
    let kind = InputErrorKind::NotGuid;
    Err(invalid_input(&InputError { argument: PARTNER_ID, origin: input.origin, kind }))
}

fn invalid(diagnostic: Diagnostic) -> ConfigurationError {
    ConfigurationError::Invalid(diagnostic.into())
}

fn invalid_endpoint(error: &EndpointError) -> Diagnostic {
    let other_host = match error {
        EndpointError::PlainHttp { .. } => {
            " For an emulator on another host, set the environment variable DEFENDER_ALLOW_HTTP_HOST to that host."
        }
        _ => "",
    };
    Diagnostic::error(
        "graph_endpoint is not the root of Microsoft Graph",
        format!(
            "The value cannot be used: {error}.\n\nRemove it to use the cloud's address, or set \
             \"http://127.0.0.1:8400\" for an emulator on this machine.{other_host}"
        ),
    )
}

fn invalid_preflight(word: &str) -> Diagnostic {
    let choices = Preflight::CHOICES.join(", ");
    let detail = format!("The value is {word:?}. The choices are: {choices}. Nothing was sent.");
    Diagnostic::error("preflight is not one of the allowed values", detail)
}
