//! Creates of policies whose answers are lost, late or doubled, while others create policies of the same name: two hundred
//! drawn cases. However it ends, the provider sends at most one create that takes effect, and never adopts a policy that it
//! has not created.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use fastrand::Rng;
use serde_json::{Value as Json, json};
use terraform_provider_defender::provider::Provider;
use terraform_provider_defender::wire::tfplugin6 as wire;

use crate::in_process::{client, configure_request, decoded_of, state_of};
use crate::manual_clock::ManualClock;
use crate::scripted_graph::{ReceivedRequest, Reply, ScriptedGraph};

const RESOURCE: &str = "defender_atp_configuration";
const NAME: &str = "MDE onboarding";
const TYPE: &str = "#microsoft.graph.windowsDefenderAdvancedThreatProtectionConfiguration";
const SEEDS: u64 = 200;

/// What becomes of a create.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Answered,
    /// Refused once by throttling, then answered.
    Throttled,
    /// It does not reach the service.
    LostBefore,
    /// It takes effect, and the connection breaks.
    LostAfter,
    /// It takes effect, and a gateway reports a failure.
    FailedAfter,
    /// It takes effect twice, and the connection breaks.
    Doubled,
}

/// The drawn case.
#[derive(Debug, Clone, Copy)]
struct Case {
    outcome: Outcome,
    /// Policies of the name before.
    before: u8,
    /// How many lists do not show a new policy; none ever does from this number on.
    hidden: u8,
    /// Whether someone else creates a policy of the name at the same time.
    others: bool,
}

const NEVER_SHOWN: u8 = 200;

impl Case {
    fn draw(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let outcomes = [
            Outcome::Answered,
            Outcome::Throttled,
            Outcome::LostBefore,
            Outcome::LostAfter,
            Outcome::FailedAfter,
            Outcome::Doubled,
        ];
        let outcome = outcomes[rng.usize(..outcomes.len())];
        let hidden = if rng.u8(..6) == 0 { NEVER_SHOWN } else { rng.u8(..4) };
        Self { outcome, before: rng.u8(..3), hidden, others: rng.u8(..3) == 0 }
    }

    /// Whether the provider can know that the policy was created.
    fn must_succeed(self) -> bool {
        match self.outcome {
            Outcome::Answered | Outcome::Throttled => true,
            Outcome::LostAfter | Outcome::FailedAfter => self.hidden != NEVER_SHOWN && !self.others,
            Outcome::LostBefore | Outcome::Doubled => false,
        }
    }
}

/// The service: the policies of the name.
struct Service {
    case: Case,
    policies: Vec<Json>,
    /// The ids of those that the provider has created.
    own: Vec<String>,
    creates: usize,
    lists: u8,
}

impl Service {
    fn new(case: Case) -> Self {
        let mut service = Self { case, policies: Vec::new(), own: Vec::new(), creates: 0, lists: 0 };
        for _ in 0..case.before {
            service.store(json!({"displayName": NAME, "description": "Somebody else's"}));
        }
        service
    }

    fn store(&mut self, mut policy: Json) -> String {
        let id = format!("10000000-0000-4000-8000-{:012}", self.policies.len());
        let members = policy.as_object_mut().unwrap();
        members.insert("id".to_owned(), json!(id));
        members.insert("@odata.type".to_owned(), json!(TYPE));
        for (name, default) in [
            ("roleScopeTagIds", json!(["0"])),
            ("allowSampleSharing", json!(false)),
            ("enableExpeditedTelemetryReporting", json!(false)),
            ("version", json!(1)),
        ] {
            members.entry(name).or_insert(default);
        }
        self.policies.push(policy);
        id
    }

    fn create(&mut self, body: &Json) -> Reply {
        self.creates += 1;
        let outcome = self.case.outcome;
        if outcome == Outcome::Throttled && self.creates == 1 {
            return Reply::json(429, &json!({"error": {"code": "TooManyRequests", "message": "x"}}));
        }
        if self.case.others {
            self.store(json!({"displayName": NAME, "description": "Somebody else's"}));
        }
        if outcome == Outcome::LostBefore {
            return Reply::cut();
        }
        let copies = if outcome == Outcome::Doubled { 2 } else { 1 };
        for _ in 0..copies {
            let id = self.store(body.clone());
            self.own.push(id);
        }
        match outcome {
            Outcome::LostAfter | Outcome::Doubled => Reply::cut(),
            Outcome::FailedAfter => Reply::json(504, &json!({"error": {"code": "Timeout", "message": "x"}})),
            _ => Reply::json(201, self.policies.last().unwrap()),
        }
    }

    fn list(&mut self) -> Reply {
        let is_after = self.creates > 0;
        self.lists += u8::from(is_after && self.lists < NEVER_SHOWN);
        let shows_new = self.case.hidden != NEVER_SHOWN && self.lists > self.case.hidden;
        let own: BTreeSet<&str> = self.own.iter().map(String::as_str).collect();
        let shown = |policy: &&Json| shows_new || !own.contains(policy["id"].as_str().unwrap());
        let rows: Vec<&Json> = self.policies.iter().filter(shown).collect();
        Reply::json(200, &json!({ "value": rows }))
    }

    fn answer(&mut self, request: &ReceivedRequest) -> Reply {
        if request.line.starts_with("POST") { self.create(&request.json()) } else { self.list() }
    }
}

#[tokio::test]
async fn a_create_is_sent_once_and_only_an_own_policy_is_adopted() {
    let (mut adopted, mut refused) = (0, 0);
    for seed in 0..SEEDS {
        let case = Case::draw(seed);
        let (sent, response) = create(case).await;
        let state = decoded_of(RESOURCE, response.new_state.as_ref());
        let effective = sent.creates - usize::from(case.outcome == Outcome::Throttled);
        assert_eq!(effective, 1, "{seed} {case:?}: a create that may have taken effect is not repeated");
        if state.is_null() {
            assert_eq!(response.diagnostics.len(), 1, "{seed} {case:?}: {:?}", response.diagnostics);
            assert!(!case.must_succeed(), "{seed} {case:?}: {:?}", response.diagnostics);
            refused += 1;
        } else {
            assert_eq!(sent.own, [state["id"].as_str().unwrap()], "{seed} {case:?}");
            assert_eq!(response.diagnostics, [], "{seed} {case:?}");
            adopted += 1;
        }
    }
    assert!(adopted > 50 && refused > 50, "{adopted} adopted, {refused} refused");
}

/// What the provider has sent.
struct Sent {
    creates: usize,
    /// The ids of the policies that came of it.
    own: Vec<String>,
}

async fn create(case: Case) -> (Sent, wire::apply_resource_change::Response) {
    let graph = ScriptedGraph::start().await;
    let service = Arc::new(Mutex::new(Service::new(case)));
    let answering = Arc::clone(&service);
    graph.reply_always_with(move |request| answering.lock().unwrap().answer(request));
    let provider = Provider::new(Box::new(|_| None)).with_clock(Arc::new(ManualClock::new()));
    let mut client = client(provider);
    let block = json!({"access_token": "token", "graph_endpoint": graph.root()});
    client.configure_provider(configure_request(&block)).await.unwrap();
    let config = json!({"display_name": NAME, "description": "Ours", "package": "auto_from_connector"});
    let mut planned = config.clone();
    for name in [
        "id",
        "created_date_time",
        "last_modified_date_time",
        "version",
        "allow_sample_sharing",
        "enable_expedited_telemetry_reporting",
        "role_scope_tag_ids",
    ] {
        planned[name] = json!("<unknown>");
    }
    let request = wire::apply_resource_change::Request {
        type_name: RESOURCE.into(),
        planned_state: Some(state_of(RESOURCE, &planned)),
        config: Some(state_of(RESOURCE, &config)),
        planned_private: b"private".to_vec(),
        ..Default::default()
    };
    let response = client.apply_resource_change(request).await.unwrap().into_inner();
    let service = service.lock().unwrap();
    (Sent { creates: service.creates, own: service.own.clone() }, response)
}
