//! A configured provider and an emulator in this process, with Terraform's part of the protocol: the proposed new
//! state, and what it passes from plan to apply. Responses are JSON and text, ready to be compared.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use terraform_provider_defender::emulator::{self, Emulator, Options};
use terraform_provider_defender::provider::{Environment, Provider};
use terraform_provider_defender::wire::tfplugin6 as wire;

use super::http;
use super::in_process::{self, Client, RESOURCE, decoded, kind, printed, state};
use super::target::{Target, element_of_row, sorted};
use super::tenant::{POLICY, Tenant};

#[path = "legs.rs"]
pub mod legs;

use legs::Era;

/// Marks the test's own reads in the call log.
const OWN_READ: &str = "?$top=900";

pub struct Scene {
    pub emulator: Emulator,
    client: Client,
}

/// The state and diagnostics of a response.
#[derive(Clone, Debug)]
pub struct Answer {
    pub state: Json,
    /// All diagnostics as text.
    pub messages: String,
}

/// The longest wait for a condition; reached only on failure.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// Polls until the condition is true.
///
/// # Panics
/// The condition is still false after [`MAX_WAIT`].
pub async fn wait_until(expected: &str, condition: impl Fn() -> bool) {
    let end = Instant::now() + MAX_WAIT;
    while !condition() {
        assert!(Instant::now() < end, "not within {MAX_WAIT:?}: {expected}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

impl Scene {
    pub async fn new(tenant: &Tenant) -> Self {
        Self::configured(tenant, Options::default(), &json!({}), Box::new(|_| None)).await
    }

    /// A scene with further arguments in the provider block.
    pub async fn with_block(tenant: &Tenant, block: &Json) -> Self {
        Self::configured(tenant, Options::default(), block, Box::new(|_| None)).await
    }

    pub async fn configured(
        tenant: &Tenant,
        options: Options,
        block: &Json,
        environment: Environment,
    ) -> Self {
        let scene = Self::unconfigured(tenant, options, Provider::new(environment));
        scene.configure(block).await;
        scene
    }

    /// A scene with the test's own provider, not yet configured.
    pub fn unconfigured(tenant: &Tenant, options: Options, provider: Provider) -> Self {
        let tenant = emulator::Tenant::from_json(kind::tenant(tenant.json())).unwrap();
        let emulator = Emulator::start(tenant, options).unwrap();
        Self { emulator, client: in_process::client(provider) }
    }

    /// The gRPC client, for methods without a helper here.
    #[allow(dead_code, reason = "most tests use the methods below")]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// Configures the provider with these arguments in addition to endpoint and token, as at the start of each
    /// command.
    pub async fn configure(&self, block: &Json) {
        let mut config = json!({"access_token": "token", "graph_endpoint": self.emulator.base_url()});
        config.as_object_mut().unwrap().extend(block.as_object().unwrap().clone());
        let request = in_process::configure_request(&config);
        let answer = self.client.clone().configure_provider(request).await.unwrap();
        assert_eq!(answer.into_inner().diagnostics, []);
    }

    /// Plans without private data, as for the first plan of an object.
    pub async fn plan(&self, prior: &Json, config: &Json) -> Answer {
        self.plan_after(b"", prior, config).await
    }

    /// Plans with private data, as for an object that has been planned before.
    pub async fn plan_after(&self, prior_private: &[u8], prior: &Json, config: &Json) -> Answer {
        let mut request = plan_request(prior, config);
        request.prior_private = prior_private.to_vec();
        let answer = self.client.clone().plan_resource_change(request).await.unwrap().into_inner();
        Answer::new(answer.planned_state.as_ref(), &answer.diagnostics)
    }

    /// Plans for a client with these capabilities.
    pub async fn plan_with(
        &self,
        prior: &Json,
        config: &Json,
        capabilities: Option<wire::ClientCapabilities>,
    ) -> Answer {
        let mut request = plan_request(prior, config);
        request.client_capabilities = capabilities;
        let answer = self.client.clone().plan_resource_change(request).await.unwrap().into_inner();
        Answer::new(answer.planned_state.as_ref(), &answer.diagnostics)
    }

    /// Applies the configuration, or destroys if it is null. The plan is made by another, offline provider, so that
    /// this scene records only the apply.
    pub async fn apply(&self, prior: &Json, config: &Json) -> Answer {
        let mut offline = in_process::client(in_process::provider());
        let planned = if config.is_null() {
            None
        } else {
            let answer = offline.plan_resource_change(plan_request(prior, config)).await.unwrap();
            answer.into_inner().planned_state
        };
        let request = wire::apply_resource_change::Request {
            type_name: RESOURCE.into(),
            prior_state: some(prior),
            planned_state: planned,
            config: some(config),
            ..Default::default()
        };
        let answer = self.client.clone().apply_resource_change(request).await.unwrap().into_inner();
        Answer::new(answer.new_state.as_ref(), &answer.diagnostics)
    }

    /// Applies and expects no diagnostics.
    pub async fn applied(&self, prior: &Json, config: &Json) -> Json {
        let answer = self.apply(prior, config).await;
        assert_eq!(answer.messages, "");
        answer.state
    }

    /// Replaces a tainted object like Terraform: a refresh, a plan without the object, and the two legs. Expects no
    /// diagnostics.
    pub async fn replaced(&self, tainted: &Json, config: &Json) -> Json {
        assert_eq!(self.read(tainted).await.messages, "");
        let plan = self.first_plan(&Json::Null, config).await;
        assert_eq!(plan.answer.messages, "");
        self.configure(&json!({})).await;
        let deleted = self.delete_leg(tainted, &plan).await;
        assert_eq!((deleted.messages.as_str(), deleted.state), ("", Json::Null));
        let plan = self.plan_again(Era::Deferring, &Json::Null, config, &plan).await;
        assert_eq!(plan.answer.messages, "");
        let created = self.apply_plan(&Json::Null, config, &plan).await;
        assert_eq!(created.messages, "");
        created.state
    }

    pub async fn read(&self, current: &Json) -> Answer {
        let request = wire::read_resource::Request {
            type_name: RESOURCE.into(),
            current_state: Some(state(current)),
            ..Default::default()
        };
        let answer = self.client.clone().read_resource(request).await.unwrap().into_inner();
        Answer::new(answer.new_state.as_ref(), &answer.diagnostics)
    }

    /// Imports, without the refresh that follows.
    pub async fn import(&self, id: &str) -> Answer {
        let request = wire::import_resource_state::Request {
            type_name: RESOURCE.into(),
            id: id.to_owned(),
            ..Default::default()
        };
        let answer = self.client.clone().import_resource_state(request).await.unwrap().into_inner();
        let imported = answer.imported_resources.first().and_then(|imported| imported.state.as_ref());
        Answer::new(imported, &answer.diagnostics)
    }

    /// Uses test control of the emulator, without HTTP.
    pub fn control(&self, method: &str, path: &str, body: Option<&Json>) -> (u16, Json) {
        self.emulator.control(method, &kind::translated(path), body)
    }

    /// The calls so far.
    pub fn recorded(&self) -> Vec<emulator::CallRecord> {
        let calls = self.emulator.calls().into_iter();
        calls.map(|call| emulator::CallRecord { path: kind::restored(&call.path), ..call }).collect()
    }

    /// Sets test faults of the emulator, one or an array.
    pub fn fault(&self, rules: &Json) {
        let rules = kind::translated_json(rules);
        let (status, body) = self.control("POST", "/_emulator/faults", Some(&rules));
        assert_eq!(status, 201, "{body}");
    }

    /// Replaces the rows of the policy, as a change in the portal does.
    pub fn assign_in_portal(&self, rows: &[Json]) {
        let path = format!("/_emulator/deviceConfigurations/{POLICY}/assignments");
        let (status, body) = self.control("PUT", &path, Some(&json!(rows)));
        assert_eq!(status, 200, "{body}");
    }

    /// The provider's calls so far whose `METHOD path status` contains `part`, without batch envelopes.
    pub fn calls(&self, part: &str) -> Vec<String> {
        let calls = self.recorded();
        let lines = calls.iter().filter(|call| !call.path.ends_with(OWN_READ)).map(|call| {
            let path = call.path.split('?').next().unwrap_or_default();
            let path = path.trim_start_matches("/beta").trim_start_matches("/v1.0");
            format!("{} {} {}", call.method, path.trim_start_matches("/deviceManagement"), call.status)
        });
        lines.filter(|line| !line.contains("/$batch") && line.contains(part)).collect()
    }

    /// The number of writes so far.
    pub fn assign_calls(&self) -> usize {
        self.calls("/assign ").len()
    }

    /// Fails unless the direct assignments of `POLICY` are exactly these.
    pub fn must_hold(&self, targets: &[Target]) {
        let rows = self.rows();
        let direct = rows.iter().filter(|row| row["source"] != "policySets");
        assert_eq!(sorted(direct.map(element_of_row)), sorted(targets.iter().map(Target::element)));
    }

    /// The rows of `POLICY`, from Graph beta.
    pub fn rows(&self) -> Vec<Json> {
        let path = format!("/beta/deviceManagement/deviceConfigurations/{POLICY}/assignments{OWN_READ}");
        let path = kind::translated(&path);
        let answer = http::send(&self.emulator.base_url(), "GET", &path, Some("token"), None);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["value"].as_array().unwrap().clone()
    }
}

impl Answer {
    fn new(state: Option<&wire::DynamicValue>, diagnostics: &[wire::Diagnostic]) -> Self {
        Self { state: decoded(state), messages: printed(diagnostics) }
    }

    /// Whether the diagnostics include an error.
    pub fn failed(&self) -> bool {
        self.messages.lines().any(|line| line.starts_with("Error"))
    }

    /// The stored or planned assignments, sorted.
    pub fn assignments(&self) -> Vec<Json> {
        sorted(self.state["assignments"].as_array().unwrap().clone())
    }
}

/// The configuration of `POLICY` with these targets.
pub fn config(targets: &[Target]) -> Json {
    config_of(POLICY, targets)
}

pub fn config_of(policy: &str, targets: &[Target]) -> Json {
    let elements: Vec<Json> = targets.iter().map(Target::element).collect();
    json!({"device_configuration_id": policy, "assignments": elements})
}

/// Adds an argument or block to a configuration.
pub fn with(mut config: Json, name: &str, value: Json) -> Json {
    config[name] = value;
    config
}

/// The state after these targets were written to `POLICY`.
pub fn stored(targets: &[Target]) -> Json {
    let mut state = config(targets);
    state["id"] = json!(POLICY);
    state["assignment_ids"] = json!({});
    state["inherited_assignments"] = json!([]);
    state
}

fn plan_request(prior: &Json, config: &Json) -> wire::plan_resource_change::Request {
    wire::plan_resource_change::Request {
        type_name: RESOURCE.into(),
        prior_state: some(prior),
        proposed_new_state: some(&proposed(prior, config)),
        config: some(config),
        ..Default::default()
    }
}

/// The proposed new state: the configuration, with computed attributes from the prior state.
fn proposed(prior: &Json, config: &Json) -> Json {
    let mut proposed = config.clone();
    if !config.is_null() {
        for computed in ["id", "assignment_ids", "inherited_assignments"] {
            proposed[computed] = prior[computed].clone();
        }
    }
    proposed
}

fn some(values: &Json) -> Option<wire::DynamicValue> {
    (!values.is_null()).then(|| state(values))
}
