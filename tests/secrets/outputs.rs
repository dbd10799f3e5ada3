//! Everything that the program writes, as a plugin and as the command `check`, and the search for secrets in it.

use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use terraform_provider_defender::wire::tfplugin6 as wire;

use crate::in_process::{RESOURCE, configure_request, printed, state};
use crate::methods::SignIn;
use crate::plugin_client::{Client, PluginCommand};

/// The first characters of every JSON web token, such as a client assertion.
const BEGINNINGS_OF_TOKENS: [&str; 2] = ["eyJhbGciOi", "eyJ0eXAiOi"];

const POLICY: &str = "0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294";
const GROUP: &str = "a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01";

/// The outputs of one sign-in.
pub const COUNT: usize = 7;

/// The characters that need no encoding in a URL (RFC 3986).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One output of the program.
#[derive(Debug, Clone)]
pub struct Output {
    pub name: &'static str,
    pub bytes: Vec<u8>,
}

/// Runs every command that signs in.
pub async fn of_all_commands(sign_in: &SignIn) -> Vec<Output> {
    let mut outputs = of_plugin(sign_in).await;
    outputs.extend(of_check(sign_in).await);
    outputs
}

async fn of_plugin(sign_in: &SignIn) -> Vec<Output> {
    let command = PluginCommand::without_tls();
    let command = sign_in.variables.iter().fold(command, |command, (name, value)| command.env(name, value));
    let (plugin, handshake) = command.start().await;
    let client = handshake.connect().await;
    let mut messages = Messages::default();
    messages.call_all(&client).await;
    drop(client);
    plugin.signal("TERM");
    let ended = plugin.ended().await;
    let stdout = format!("{}\n{}", handshake.line, ended.stdout);
    vec![
        Output { name: "stdout", bytes: stdout.into_bytes() },
        Output { name: "stderr and log", bytes: ended.stderr.into_bytes() },
        Output { name: "diagnostics", bytes: messages.diagnostics },
        Output { name: "state and private data", bytes: messages.states },
        Output { name: "plan", bytes: messages.plans },
    ]
}

/// The contents of the answers to Terraform.
#[derive(Default)]
struct Messages {
    diagnostics: Vec<u8>,
    states: Vec<u8>,
    plans: Vec<u8>,
}

impl Messages {
    async fn call_all(&mut self, client: &Client) {
        let mut provider = client.provider();
        let configured =
            provider.configure_provider(configure_request(&json!({}))).await.unwrap().into_inner();
        self.hear(&configured.diagnostics);
        let read = wire::read_resource::Request {
            type_name: RESOURCE.to_owned(),
            current_state: Some(state(&held())),
            ..Default::default()
        };
        let read = provider.read_resource(read).await.unwrap().into_inner();
        self.hear(&read.diagnostics);
        self.states.extend(bytes(read.new_state.as_ref()));
        self.states.extend(read.private);
        let planned = provider.plan_resource_change(plan_request()).await.unwrap().into_inner();
        self.hear(&planned.diagnostics);
        self.plans.extend(bytes(planned.planned_state.as_ref()));
        self.plans.extend(planned.planned_private);
        let applied = provider.apply_resource_change(apply_request(planned.planned_state)).await.unwrap();
        let applied = applied.into_inner();
        self.hear(&applied.diagnostics);
        self.states.extend(bytes(applied.new_state.as_ref()));
        self.states.extend(applied.private);
    }

    fn hear(&mut self, diagnostics: &[wire::Diagnostic]) {
        self.diagnostics.extend(printed(diagnostics).into_bytes());
    }
}

fn bytes(value: Option<&wire::DynamicValue>) -> Vec<u8> {
    value.map(|value| [value.msgpack.as_slice(), &value.json].concat()).unwrap_or_default()
}

/// Short timeouts, since an operation may retry until its deadline.
fn config() -> Value {
    json!({
        "device_configuration_id": POLICY,
        "assignments": [{"type": "groupAssignmentTarget", "group_id": GROUP}],
        "timeouts": {"read": "1s", "create": "1s", "update": "1s", "delete": "1s"},
    })
}

fn held() -> Value {
    let mut state = config();
    state["id"] = json!(POLICY);
    state["assignment_ids"] = json!({ format!("groupAssignmentTarget/{GROUP}"): "x" });
    state["inherited_assignments"] = json!([]);
    state
}

fn plan_request() -> wire::plan_resource_change::Request {
    wire::plan_resource_change::Request {
        type_name: RESOURCE.to_owned(),
        proposed_new_state: Some(state(&config())),
        config: Some(state(&config())),
        ..Default::default()
    }
}

fn apply_request(planned_state: Option<wire::DynamicValue>) -> wire::apply_resource_change::Request {
    wire::apply_resource_change::Request {
        type_name: RESOURCE.to_owned(),
        planned_state,
        config: Some(state(&config())),
        ..Default::default()
    }
}

async fn of_check(sign_in: &SignIn) -> Vec<Output> {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_terraform-provider-defender"));
    command.arg("check").env_clear().envs(&sign_in.variables).stdin(Stdio::null());
    let output = command.kill_on_drop(true).output().await.unwrap();
    vec![
        Output { name: "stdout of check", bytes: output.stdout },
        Output { name: "stderr of check", bytes: output.stderr },
    ]
}

/// The secrets in the outputs. Ignores case, since a service may change it.
pub fn found_in(outputs: &[Output], secrets: &[String]) -> Vec<String> {
    let beginnings = BEGINNINGS_OF_TOKENS.iter().map(|beginning| (*beginning).to_owned());
    let wanted = secrets.iter().flat_map(|secret| spellings(secret)).chain(beginnings);
    let wanted: Vec<String> = wanted.map(|text| text.to_lowercase()).collect();
    let mut found = Vec::new();
    for Output { name, bytes } in outputs {
        let text = String::from_utf8_lossy(bytes).to_lowercase();
        for secret in wanted.iter().filter(|secret| text.contains(*secret)) {
            found.push(format!("{secret:?} is seen in {name}"));
        }
    }
    found
}

/// The secret as it is, in a URL, in a form, in JSON and in base64.
pub fn spellings(secret: &str) -> Vec<String> {
    let mut spellings = vec![
        secret.to_owned(),
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        utf8_percent_encode(secret, UNRESERVED).to_string(),
        json!(secret).to_string().trim_matches('"').to_owned(),
        STANDARD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
    ];
    spellings.sort();
    spellings.dedup();
    spellings
}
