//! From the provider block and the environment to a session. Configuration beats environment; what counts where is
//! said by `settings.rs`, how a sign-in is chosen by `auth`.

use std::sync::Arc;

use crate::auth::choose::{self, choose};
use crate::auth::cloud::Cloud;
use crate::auth::{Attempt, Input, Inputs, Setting, TokenSource, credentials};
use crate::graph;
use crate::resources::session::{Options, Preflight, Session};
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::schema::Schema;
use crate::terraform::validators::is_guid;
use crate::terraform::value::Value;
use crate::transport::{Endpoint, EndpointError, Transport};

use super::not_chosen::{Incomplete, at, mistake, not_known_yet};
use super::schema::{
    self, BULK_REFRESH, DISABLE_TERRAFORM_PARTNER_ID, GRAPH_ENDPOINT, LOOK_UP_GROUPS, PARTNER_ID, PREFLIGHT,
};
use super::settings::{Environment, Settings};
use super::user_agent::{APPENDIX_VARIABLE, user_agent};

/// What ConfigureProvider left.
pub(super) enum Configuration {
    /// It has not been called.
    Missing,
    /// Something is wrong, missing or not known yet. Only a call that needs Graph fails for it.
    Incomplete(Diagnostics),
    /// All there.
    Ready(Arc<Session>),
}

/// Everything that a sign-in and Graph need. Nothing has been sent.
pub struct Prepared {
    /// The sign-in in words.
    pub attempt: Attempt,
    /// The cloud that tokens are for.
    pub cloud: Cloud,
    /// Who hands them out, unless it is a machine's own service or the Azure CLI.
    pub authority: Endpoint,
    /// The tokens that [`Self::graph`] uses.
    pub tokens: Arc<dyn TokenSource>,
    /// Sends requests.
    pub graph: graph::Client,
    /// How sessions behave.
    pub options: Options,
}

/// The same as for an empty provider block.
///
/// # Errors
/// Something is wrong or missing.
pub fn from_environment(environment: &Environment) -> Result<Prepared, Diagnostics> {
    let schema = schema::provider();
    let settings = Settings { config: &Value::Null, environment, schema: &schema };
    prepare(&settings, "").map_err(Incomplete::into_diagnostics)
}

impl Configuration {
    /// Reads block and environment. An error diagnostic means that a value is wrong or a sign-in was begun and lacks
    /// something; what is merely missing or unknown waits until it is needed, since a plan may do without.
    pub(super) fn new(
        config: &Value,
        environment: &Environment,
        schema: &Schema,
        terraform_version: &str,
        clock: &Arc<dyn graph::Clock>,
    ) -> (Self, Diagnostics) {
        match prepare(&Settings { config, environment, schema }, terraform_version) {
            Ok(Prepared { graph, options, .. }) => {
                let session = Session::new(graph.with_clock(Arc::clone(clock)), options);
                (Self::Ready(Arc::new(session)), Diagnostics::new())
            }
            Err(Incomplete::Waits(diagnostic)) => (Self::Incomplete(diagnostic.into()), Diagnostics::new()),
            Err(Incomplete::Wrong(diagnostics)) => (Self::Incomplete(diagnostics.clone()), diagnostics),
        }
    }

    pub(super) fn session(&self) -> Result<Arc<Session>, Diagnostics> {
        match self {
            Self::Ready(session) => Ok(Arc::clone(session)),
            Self::Incomplete(diagnostics) => Err(diagnostics.clone()),
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
pub(super) fn check(config: &Value, schema: &Schema) -> Diagnostics {
    let nowhere: Environment = Box::new(|_| None);
    let settings = Settings { config, environment: &nowhere, schema };
    let mut diagnostics = Diagnostics::new();
    if let Setting::Given(input) = settings.get(GRAPH_ENDPOINT) {
        diagnostics.extend(parse_endpoint(&input).err());
    }
    diagnostics.extend(partner_id(&settings).err());
    // The schema lists the choices itself.
    let mistakes =
        choose::mistakes(&settings).into_iter().filter(|mistake| mistake.fact != choose::Fact::NotCloud);
    diagnostics.extend(mistakes.map(|found| mistake(&found)));
    diagnostics
}

/// Builds all that does not need the network. Whatever is wrong is told at once, and before what merely waits.
pub(super) fn prepare(settings: &Settings<'_>, terraform_version: &str) -> Result<Prepared, Incomplete> {
    let mut findings = Findings::default();
    let endpoint = findings.note(endpoint(settings));
    let options = findings.note(options(settings));
    let partner_id = findings.note(partner_id(settings).map_err(wrong));
    let partner_switch = findings.note(switch(settings, DISABLE_TERRAFORM_PARTNER_ID));
    let cloud = findings.note(choose::cloud(settings).map_err(Incomplete::from));
    let sign_in = findings.note(choose(settings).map_err(Incomplete::from));
    let (Some((endpoint, source)), Some(options), Some(partner_id), Some(_), Some(cloud), Some(sign_in)) =
        (endpoint, options, partner_id, partner_switch, cloud, sign_in)
    else {
        return Err(findings.into_incomplete());
    };
    let appendix = settings.variable(APPENDIX_VARIABLE);
    let appendix = appendix.as_ref().map(|input| input.text.expose());
    let transport = Transport::new(user_agent(terraform_version, partner_id.as_deref(), appendix));
    let (attempt, authority) = (sign_in.attempt.clone(), sign_in.authority.clone());
    let tokens = credentials::token_source(sign_in, &transport);
    let graph = graph::Client::new(endpoint, Arc::clone(&tokens), transport).with_endpoint_source(&source);
    Ok(Prepared { attempt, cloud, authority, tokens, graph, options })
}

/// How sessions behave. A switch that is not known yet counts as left out: none of them changes a planned value.
fn options(settings: &Settings<'_>) -> Result<Options, Incomplete> {
    let is_on = |argument| Ok::<_, Incomplete>(switch(settings, argument)?.unwrap_or(true));
    Ok(Options {
        preflight: preflight(settings).map_err(wrong)?,
        bulk_refresh: is_on(BULK_REFRESH)?,
        look_up_groups: is_on(LOOK_UP_GROUPS)?,
    })
}

/// What stands in the way, in the order in which it was found.
#[derive(Default)]
struct Findings {
    wrong: Diagnostics,
    waiting: Option<Diagnostic>,
}

impl Findings {
    fn note<T>(&mut self, result: Result<T, Incomplete>) -> Option<T> {
        match result {
            Ok(value) => return Some(value),
            Err(Incomplete::Wrong(diagnostics)) => self.wrong.extend(diagnostics),
            Err(Incomplete::Waits(diagnostic)) => self.waiting = self.waiting.take().or(Some(diagnostic)),
        }
        None
    }

    fn into_incomplete(self) -> Incomplete {
        match self.waiting {
            Some(diagnostic) if self.wrong.is_empty() => Incomplete::Waits(diagnostic),
            _ => Incomplete::Wrong(self.wrong),
        }
    }
}

/// The root of Graph, and where it comes from: the block, the environment, or else the cloud.
fn endpoint(settings: &Settings<'_>) -> Result<(Endpoint, String), Incomplete> {
    match settings.get(GRAPH_ENDPOINT) {
        Setting::Unknown => Err(Incomplete::Waits(not_known_yet(GRAPH_ENDPOINT))),
        Setting::Given(input) => Ok((parse_endpoint(&input).map_err(wrong)?, input.origin.to_string())),
        Setting::Unset => {
            let cloud = choose::cloud(settings)?;
            let endpoint = cloud.graph().parse().map_err(|error| wrong(wrong_endpoint(&error)))?;
            Ok((endpoint, "the chosen cloud".to_owned()))
        }
    }
}

fn parse_endpoint(input: &Input) -> Result<Endpoint, Diagnostic> {
    input.text.expose().parse().map_err(|error| at(input.origin, wrong_endpoint(&error)))
}

/// How much a plan looks up. While that is not known, as by default: look-ups change no planned value.
fn preflight(settings: &Settings<'_>) -> Result<Preflight, Diagnostic> {
    let Setting::Given(input) = settings.get(PREFLIGHT) else { return Ok(Preflight::default()) };
    let word = input.text.expose();
    // The schema has checked the block's already; this is also for a value that was unknown then.
    Preflight::from_word(word).ok_or_else(|| at(input.origin, wrong_preflight(word)))
}

/// A truth value; `None` if it was left out or is not known.
fn switch(settings: &Settings<'_>, argument: &'static str) -> Result<Option<bool>, Incomplete> {
    choose::truth(settings, argument).map_err(|found| wrong(mistake(&found)))
}

/// For the user agent alone, so nothing waits for it.
fn partner_id(settings: &Settings<'_>) -> Result<Option<String>, Diagnostic> {
    let Setting::Given(input) = settings.get(PARTNER_ID) else { return Ok(None) };
    let id = input.text.expose().trim();
    let mistake_found =
        || choose::Mistake { argument: PARTNER_ID, origin: input.origin, fact: choose::Fact::NotGuid };
    if is_guid(id) { Ok(Some(id.to_owned())) } else { Err(mistake(&mistake_found())) }
}

fn wrong(diagnostic: Diagnostic) -> Incomplete {
    Incomplete::Wrong(diagnostic.into())
}

fn wrong_endpoint(error: &EndpointError) -> Diagnostic {
    Diagnostic::error(
        "graph_endpoint is not the root of Microsoft Graph",
        format!(
            "The value cannot be used: {error}.\n\nLeave it out for the cloud's own, or write for example \
             \"http://127.0.0.1:8400\" for an emulator on this machine."
        ),
    )
}

fn wrong_preflight(word: &str) -> Diagnostic {
    let choices = Preflight::CHOICES.join(", ");
    let detail = format!("The value is {word:?}. The choices are: {choices}. Nothing was sent.");
    Diagnostic::error("preflight is not one of the choices", detail)
}
