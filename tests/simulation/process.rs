//! One provider process as Terraform runs it: started, configured once, called over gRPC, and sometimes killed.

use serde_json::{Value as Json, json};
use std::sync::Arc;
use terraform_provider_defender::provider::Provider;
use terraform_provider_defender::terraform::value::Value;
use terraform_provider_defender::wire::tfplugin6 as wire;
use tonic::{Response, Status};

use crate::assignment::Policy;
use crate::clock::{Death, ProcessClock};
use crate::configuration::Client;
use crate::directory::{CLIENT_ID, SECRET, TENANT_ID};
use crate::in_process::{self, RESOURCE};
use crate::state::Object;
use crate::values::{decode, encode};
use crate::watch::token_of;
use crate::world::World;

/// How the processes of a world are configured.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    pub client: Client,
    /// How many provider configurations there are.
    pub aliases: usize,
    pub preflight: &'static str,
    /// With a client secret rather than a token.
    pub signs_in: bool,
}

pub struct Process {
    client: in_process::Client,
    death: Arc<Death>,
    setup: Setup,
    /// Whether it was started to apply.
    applying: bool,
}

/// A message for the user.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    pub is_error: bool,
    pub text: String,
}

/// Why a call has no result.
#[derive(Debug)]
pub enum Failure {
    /// The provider refused.
    Refused(Vec<Diagnostic>),
    /// The process has ended.
    Crashed,
    /// It broke a rule of the protocol.
    Broken(String),
}

pub type Answered<T> = Result<T, Failure>;

/// What a plan call is about.
pub struct Proposal<'a> {
    pub prior: &'a Value,
    pub config: &'a Value,
    pub prior_private: &'a [u8],
    pub prior_identity: Option<&'a wire::ResourceIdentityData>,
    /// Of the saved plan.
    pub planned_private: &'a [u8],
}

pub struct Planned {
    pub state: Value,
    pub replacing: Vec<String>,
    pub private: Vec<u8>,
    pub identity: Option<wire::ResourceIdentityData>,
    pub warnings: Vec<Diagnostic>,
}

/// What an apply call is about.
pub struct Order<'a> {
    pub prior: &'a Value,
    pub planned: &'a Value,
    pub config: &'a Value,
    pub private: &'a [u8],
    pub identity: Option<&'a wire::ResourceIdentityData>,
}

/// A state with its private data, and all messages.
pub struct Outcome {
    pub value: Value,
    pub private: Vec<u8>,
    pub identity: Option<wire::ResourceIdentityData>,
    pub messages: Vec<Diagnostic>,
}

impl Process {
    /// Numbers a process, and starts it if it is needed.
    pub async fn start(world: &World, setup: Setup, applying: bool, is_needed: bool) -> Option<Self> {
        let (number, death) = world.register();
        if !is_needed {
            return None;
        }
        let clock = ProcessClock { world: Arc::clone(&world.clock), death: Arc::clone(&death) };
        let provider = Provider::new(Box::new(|_| None)).with_clock(Arc::new(clock));
        let mut client = in_process::client(provider);
        let block = provider_block(&world.emulator.base_url(), setup, number);
        let configured = client.configure_provider(in_process::configure_request(&block)).await;
        assert_eq!(configured.unwrap().into_inner().diagnostics, []);
        Some(Self { client, death, setup, applying })
    }

    pub async fn validate(&self, config: &Value) -> Answered<()> {
        let request = wire::validate_resource_config::Request {
            type_name: RESOURCE.into(),
            config: encode(config),
            client_capabilities: None,
        };
        let mut client = self.client.clone();
        let answer = self.call(client.validate_resource_config(request)).await?;
        unless_refused(diagnostics(&answer.diagnostics)).map(drop)
    }

    pub async fn read(&self, object: &Object) -> Answered<(Option<Object>, Vec<Diagnostic>)> {
        let request = wire::read_resource::Request {
            type_name: RESOURCE.into(),
            current_state: encode(&object.value),
            private: object.private.clone(),
            client_capabilities: self.capabilities(),
            current_identity: self.identity(object.identity.as_ref()),
            ..Default::default()
        };
        let mut client = self.client.clone();
        let answer = self.call(client.read_resource(request)).await?;
        let warnings = unless_refused(diagnostics(&answer.diagnostics))?;
        let value = decode(answer.new_state.as_ref()).map_err(Failure::Broken)?;
        let read = Object { value, private: answer.private, identity: answer.new_identity, ..object.clone() };
        Ok(((!read.value.is_null()).then_some(read), warnings))
    }

    pub async fn plan(&self, proposal: Proposal<'_>) -> Answered<Planned> {
        let is_new = self.setup.client == Client::Terraform116 && self.applying;
        let request = wire::plan_resource_change::Request {
            type_name: RESOURCE.into(),
            prior_state: encode(proposal.prior),
            proposed_new_state: encode(&crate::values::proposed(proposal.prior, proposal.config)),
            config: encode(proposal.config),
            prior_private: proposal.prior_private.to_vec(),
            client_capabilities: self.capabilities(),
            prior_identity: self.identity(proposal.prior_identity),
            planned_private: if is_new { proposal.planned_private.to_vec() } else { Vec::new() },
            ..Default::default()
        };
        let mut client = self.client.clone();
        let answer = self.call(client.plan_resource_change(request)).await?;
        let warnings = unless_refused(diagnostics(&answer.diagnostics))?;
        Ok(Planned {
            state: decode(answer.planned_state.as_ref()).map_err(Failure::Broken)?,
            replacing: answer.requires_replace.iter().map(root_of).collect(),
            private: answer.planned_private,
            identity: answer.planned_identity,
            warnings,
        })
    }

    pub async fn apply(&self, order: Order<'_>) -> Answered<Outcome> {
        let request = wire::apply_resource_change::Request {
            type_name: RESOURCE.into(),
            prior_state: encode(order.prior),
            planned_state: encode(order.planned),
            config: encode(order.config),
            planned_private: order.private.to_vec(),
            planned_identity: self.identity(order.identity),
            ..Default::default()
        };
        let mut client = self.client.clone();
        let answer = self.call(client.apply_resource_change(request)).await?;
        Ok(Outcome {
            value: decode(answer.new_state.as_ref()).map_err(Failure::Broken)?,
            private: answer.private,
            identity: answer.new_identity,
            messages: diagnostics(&answer.diagnostics),
        })
    }

    /// The import and the read that follows it.
    pub async fn import(&self, policy: Policy) -> Answered<Object> {
        let request = wire::import_resource_state::Request {
            type_name: RESOURCE.into(),
            id: policy.id().to_owned(),
            ..Default::default()
        };
        let mut client = self.client.clone();
        let answer = self.call(client.import_resource_state(request)).await?;
        unless_refused(diagnostics(&answer.diagnostics))?;
        let Some(imported) = answer.imported_resources.into_iter().next() else {
            return Err(Failure::Broken("an import without a resource".to_owned()));
        };
        let object = Object {
            value: decode(imported.state.as_ref()).map_err(Failure::Broken)?,
            private: imported.private,
            identity: imported.identity,
            tainted: false,
        };
        let gone = || Failure::Refused(vec![Diagnostic::error("Cannot import non-existent remote object")]);
        self.read(&object).await?.0.ok_or_else(gone)
    }

    async fn call<T>(&self, rpc: impl Future<Output = Result<Response<T>, Status>>) -> Answered<T> {
        if self.death.is_dead() {
            return Err(Failure::Crashed);
        }
        tokio::select! {
            biased;
            () = self.death.wait() => Err(Failure::Crashed),
            answer = rpc => answer.map(Response::into_inner).map_err(|status| Failure::Broken(status.to_string())),
        }
    }

    fn capabilities(&self) -> Option<wire::ClientCapabilities> {
        let is_terraform = matches!(self.setup.client, Client::Terraform | Client::Terraform116);
        (self.setup.client != Client::Old).then(|| wire::ClientCapabilities {
            deferral_allowed: is_terraform && self.applying,
            write_only_attributes_allowed: true,
            store_planned_private: self.setup.client == Client::Terraform116,
            ..Default::default()
        })
    }

    /// Old clients know no identities.
    fn identity(&self, identity: Option<&wire::ResourceIdentityData>) -> Option<wire::ResourceIdentityData> {
        identity.filter(|_| self.setup.client != Client::Old).cloned()
    }
}

impl Diagnostic {
    pub fn error(text: &str) -> Self {
        Self { is_error: true, text: text.to_owned() }
    }

    pub fn summary(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }
}

fn provider_block(origin: &str, setup: Setup, number: u32) -> Json {
    let mut block = json!({"graph_endpoint": origin, "preflight": setup.preflight});
    let sign_in = if setup.signs_in {
        json!({"tenant_id": TENANT_ID, "client_id": CLIENT_ID, "client_secret": SECRET, "authority_host": origin})
    } else {
        json!({"access_token": token_of(number)})
    };
    block.as_object_mut().unwrap().extend(sign_in.as_object().unwrap().clone());
    block
}

fn diagnostics(messages: &[wire::Diagnostic]) -> Vec<Diagnostic> {
    let read = |message: &wire::Diagnostic| Diagnostic {
        is_error: message.severity == i32::from(wire::diagnostic::Severity::Error),
        text: format!("{}\n{}", message.summary, message.detail),
    };
    messages.iter().map(read).collect()
}

fn unless_refused(messages: Vec<Diagnostic>) -> Answered<Vec<Diagnostic>> {
    if messages.iter().any(|diagnostic| diagnostic.is_error) {
        Err(Failure::Refused(messages))
    } else {
        Ok(messages)
    }
}

fn root_of(path: &wire::AttributePath) -> String {
    match path.steps.first().and_then(|step| step.selector.as_ref()) {
        Some(wire::attribute_path::step::Selector::AttributeName(name)) => name.clone(),
        other => format!("{other:?}"),
    }
}
