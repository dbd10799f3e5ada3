//! Runs one case: prepares the tenant, runs the operation with its fault, and then a second run without it. `behaviour`
//! checks the results.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_defender::emulator::{CallRecord, Options};
use terraform_provider_defender::provider::Provider;
use terraform_provider_defender::wire::tfplugin6 as wire;
use tokio::time::{sleep, timeout};

use crate::behaviour::{Behaviour, elements, whole};
use crate::case::{Case, Meanwhile, Operation, World, before, foreign, wanted};
use crate::clock::{Pause, TestClock};
use crate::closed_port::ClosedPort;
use crate::directory::{ALL, CLIENT_ID, SECRET, TENANT_ID, directory};
use crate::ending::Ending;
use crate::in_process::{decoded, state};
use crate::relay::Relay;
use crate::scene::{Answer, Scene, config, stored, wait_until, with};
use crate::target::{Target, element_of_row, sorted};
use crate::tenant::{OTHER_POLICY, POLICY, Tenant};

/// Far more than an operation needs if its pauses take no time.
const BOUND: Duration = Duration::from_mins(1);

/// Runs every case of a cell.
pub async fn hold(cases: fn(Operation) -> Vec<Case>, operation: Operation, behaviour: Behaviour) {
    let cases = cases(operation);
    assert!(!cases.is_empty(), "a cell is about something");
    for case in cases {
        let name = case.name.clone();
        let trial = async { Trial::arrange(operation, case).await.run(behaviour).await };
        timeout(BOUND, trial).await.unwrap_or_else(|_| panic!("{name}: it does not end"));
    }
}

struct Trial {
    operation: Operation,
    case: Case,
    scene: Arc<Scene>,
    clock: Arc<TestClock>,
    /// Held so that its port stays closed.
    closed: Option<ClosedPort>,
    relay: Option<Relay>,
    prior: Json,
    live_before: Vec<Json>,
    /// The number of requests that the emulator had answered when the operation started.
    seen: usize,
}

impl Trial {
    async fn arrange(operation: Operation, case: Case) -> Self {
        let clock = Arc::<TestClock>::default();
        let rows = rows_before(operation, case.world);
        let tenant =
            Tenant::default().with_directory(&directory(ALL)).with_rows(&rows).with_policy(OTHER_POLICY);
        let provider = Provider::new(Box::new(|_| None)).with_clock(Arc::clone(&clock) as _);
        let scene = Arc::new(Scene::unconfigured(&tenant, Options::default(), provider));
        let counted = Arc::downgrade(&scene);
        clock.count(move || counted.upgrade().map_or(0, |scene| scene.recorded().len()));
        let mut trial = Self {
            operation,
            case,
            scene,
            clock,
            closed: None,
            relay: None,
            prior: Json::Null,
            live_before: Vec::new(),
            seen: 0,
        };
        trial.begin_run().await;
        trial.prior = trial.prior().await;
        trial.arrange_world().await;
        trial.seen = trial.scene.recorded().len();
        trial
    }

    /// Prepares the tenant and the run of the operation.
    async fn arrange_world(&mut self) {
        match self.case.world {
            World::Lagging => return self.write_what_reads_lag_behind().await,
            World::PolicyGone => self.delete_policy(),
            World::ChangedElsewhere => self.assign_elsewhere(&foreign()),
            World::AsPlanned => self.assign_elsewhere(&self.operation.aimed_at()),
            _ => {}
        }
        self.live_before = self.live();
        self.begin_run_of_case().await;
        if self.case.world == World::FailingForLong {
            self.fail_another_read().await;
        }
    }

    async fn fail_another_read(&self) {
        self.scene.fault(&json!({"match": {"path": OTHER_POLICY}, "status": 504, "times": null}));
        let other = with(stored(&before()), "device_configuration_id", json!(OTHER_POLICY));
        let read = self.scene.read(&with(other, "id", json!(OTHER_POLICY))).await;
        assert!(read.messages.contains("Microsoft Graph is not available"), "{}", read.messages);
        self.scene.control("DELETE", "/_emulator/faults", None);
        self.clock.renew(self.case.pause, self.case.takes_time);
    }

    async fn run(mut self, behaviour: Behaviour) {
        self.scene.fault(&json!(self.case.rules));
        let answer = self.perform().await;
        let ending = self.ending(answer);
        behaviour.check(self.operation, &self.case, &self.prior, &ending);
        self.relay = None;
        self.run_next(behaviour, ending.state).await;
    }

    /// Runs Terraform again without the fault: it must read the true assignments and complete the operation.
    async fn run_next(&self, behaviour: Behaviour, left: Json) {
        self.begin_run().await;
        if self.case.needs_mending {
            self.assign_elsewhere(&self.operation.found());
        }
        if self.case.world == World::PolicyGone {
            return self.must_be_gone(&left).await;
        }
        let state = self.next_read(behaviour, left).await;
        if !self.operation.writes() || behaviour.ends_well() && state.is_null() {
            return;
        }
        let writes = self.scene.assign_calls();
        let needed = self.live() != elements(&self.operation.aimed_at());
        self.next_apply(behaviour, state).await;
        self.scene.must_hold(&self.operation.aimed_at());
        let writes = self.scene.assign_calls() - writes;
        assert_eq!(writes, usize::from(needed), "{}: writes of the next run", self.case.name);
    }

    /// The refresh of the next run shows the true assignments; a state that was read back already has them.
    async fn next_read(&self, behaviour: Behaviour, state: Json) -> Json {
        if state.is_null() {
            return state;
        }
        let read = self.scene.read(&state).await;
        assert_eq!(read.messages, "", "{}: the next read", self.case.name);
        assert_eq!(read.assignments(), self.live(), "{}: the next read", self.case.name);
        if behaviour == Behaviour::Truth {
            assert_eq!(whole(&read.state), whole(&state), "{}: nothing is left to read", self.case.name);
        }
        read.state
    }

    /// Replaces a tainted object. Imports first if there is no state.
    async fn next_apply(&self, behaviour: Behaviour, state: Json) {
        let config = self.configuration();
        let is_tainted = self.operation.creates() && !behaviour.ends_well() && !state.is_null();
        if is_tainted {
            self.begin_run().await;
            self.scene.replaced(&state, &config).await;
            return;
        }
        let state = if self.operation.creates() && state.is_null() { self.adopted().await } else { state };
        let planned = self.scene.plan(&state, &config).await;
        assert_eq!(planned.messages, "", "{}: the next plan", self.case.name);
        self.scene.applied(&state, &config).await;
    }

    /// The state of a policy that a create may not touch: the plan says so, and an import takes it over.
    async fn adopted(&self) -> Json {
        if self.live().is_empty() {
            return Json::Null;
        }
        let plan = self.scene.first_plan(&Json::Null, &self.configuration()).await;
        let name = &self.case.name;
        assert!(plan.answer.messages.starts_with("Error"), "{name}: {}", plan.answer.messages);
        assert!(plan.answer.messages.contains("import {"), "{name}: {}", plan.answer.messages);
        self.begin_run().await;
        let imported = self.import().await;
        assert_eq!(imported.messages, "", "{name}: the import of what is there");
        imported.state
    }

    async fn must_be_gone(&self, state: &Json) {
        if !state.is_null() {
            let read = self.scene.read(state).await;
            assert_eq!((read.state, read.messages.as_str()), (Json::Null, ""), "{}", self.case.name);
        }
    }

    /// ConfigureProvider, as at the start of each command.
    async fn begin_run(&self) {
        self.scene.configure(&json!({})).await;
        self.clock.renew(Pause::Leap, false);
    }

    /// The same for the command that meets the fault. The delete half of a replacement is over by then.
    async fn begin_run_of_case(&mut self) {
        let origin = self.scene.emulator.base_url();
        let mut block = json!({});
        if self.case.signs_in {
            block = json!({
                "access_token": null, "tenant_id": TENANT_ID, "client_id": CLIENT_ID, "client_secret": SECRET,
                "authority_host": origin,
            });
        }
        match self.case.world {
            World::Unreachable => {
                let closed = ClosedPort::new();
                block["graph_endpoint"] = json!(closed.origin());
                self.closed = Some(closed);
            }
            World::UnreachableAtTheWrite => {
                let relay = Relay::until_the_look(&origin);
                block["graph_endpoint"] = json!(relay.origin());
                self.relay = Some(relay);
            }
            _ => {}
        }
        if self.operation == Operation::Replace {
            self.begin_replacement(&block).await;
        } else {
            self.scene.configure(&block).await;
        }
        self.clock.renew(self.case.pause, self.case.takes_time);
    }

    /// The plan of a tainted object, and in the next command the delete half, which sends nothing.
    async fn begin_replacement(&self, block: &Json) {
        let plan = self.scene.first_plan(&Json::Null, &self.configuration()).await;
        assert_eq!(plan.answer.messages, "", "{}: the plan of the replacement", self.case.name);
        self.scene.configure(block).await;
        let requests = self.scene.recorded().len();
        let deleted = self.scene.delete_leg(&self.prior, &plan).await;
        assert_eq!((deleted.messages.as_str(), deleted.state), ("", Json::Null), "{}", self.case.name);
        assert_eq!(self.scene.recorded().len(), requests, "{}: the delete half", self.case.name);
    }

    /// The state that the operation begins with.
    async fn prior(&self) -> Json {
        let prior = match self.operation {
            Operation::Create | Operation::Import => return Json::Null,
            // Older than what is there now.
            Operation::Read => decoded(Some(&state(&stored(&before())))),
            Operation::Update | Operation::Replace | Operation::Delete => {
                self.scene.read(&stored(&before())).await.state
            }
        };
        self.timed(prior)
    }

    /// Leaves the service so that its next read shows what was there before a write of this session; before one of the
    /// last run, for operations that write nothing.
    async fn write_what_reads_lag_behind(&mut self) {
        self.begin_run_of_case().await;
        self.scene.fault(&json!({"match": {"method": "POST", "path": "/assign"}, "stale": 1}));
        let destroys = self.operation == Operation::Create;
        let written = if destroys { Json::Null } else { config(&foreign()) };
        let state = self.scene.read(&stored(&before())).await.state;
        let written = self.scene.applied(&state, &written).await;
        if !self.operation.writes() {
            self.begin_run().await;
        }
        self.live_before = if destroys { Vec::new() } else { elements(&foreign()) };
        self.prior = if self.operation == Operation::Import { Json::Null } else { self.timed(written) };
    }

    fn timed(&self, values: Json) -> Json {
        match self.case.limit {
            Some(limit) if !values.is_null() => with(
                values,
                "timeouts",
                json!({"create": limit, "read": limit, "update": limit, "delete": limit}),
            ),
            _ => values,
        }
    }

    /// Null for a destroy.
    fn configuration(&self) -> Json {
        if self.operation == Operation::Delete { Json::Null } else { self.timed(config(&wanted())) }
    }

    /// What happens meanwhile may take longer than the operation, which is then over before it.
    async fn perform(&self) -> Answer {
        let mut operation = pin!(self.operate());
        tokio::select! {
            biased;
            () = self.interfere() => operation.await,
            answer = &mut operation => {
                let waited_for = matches!(self.case.pause, Pause::Stop | Pause::ChangedElsewhere);
                assert!(!waited_for, "{}: there was no pause\n{}", self.case.name, answer.messages);
                answer
            }
        }
    }

    async fn operate(&self) -> Answer {
        match self.operation {
            Operation::Read => self.scene.read(&self.prior).await,
            Operation::Import => self.import().await,
            Operation::Create | Operation::Replace => {
                self.scene.apply(&Json::Null, &self.configuration()).await
            }
            Operation::Update | Operation::Delete => {
                self.scene.apply(&self.prior, &self.configuration()).await
            }
        }
    }

    /// As Terraform does it: what is imported is read at once, and nothing is imported if that fails.
    async fn import(&self) -> Answer {
        let imported = self.scene.import(POLICY).await;
        if imported.failed() {
            return imported;
        }
        let read = self.scene.read(&imported.state).await;
        let state = if read.failed() { Json::Null } else { read.state };
        Answer { state, messages: read.messages }
    }

    /// Makes the changes while the operation runs.
    async fn interfere(&self) {
        let signals = &self.clock.signals;
        match self.case.pause {
            Pause::Stop => {
                signals.begun.notified().await;
                self.stop().await;
            }
            Pause::ChangedElsewhere => {
                signals.begun.notified().await;
                self.assign_elsewhere(&foreign());
                signals.go_on.notify_one();
            }
            Pause::Leap | Pause::Panic => {}
        }
        match self.case.meanwhile {
            Meanwhile::Nothing => {}
            Meanwhile::StopDuringTheWrite => {
                let written = elements(&self.operation.aimed_at());
                wait_until("the write is in force", || self.live() == written).await;
                self.stop().await;
            }
            Meanwhile::ChangedAfterTheRefusal => {
                wait_until("a request is refused with 401", || {
                    self.calls().iter().any(|call| call.status == 401)
                })
                .await;
                self.assign_elsewhere(&foreign());
            }
            Meanwhile::ChangedDuringTheRead => {
                sleep(Duration::from_millis(500)).await;
                self.assign_elsewhere(&foreign());
            }
        }
    }

    async fn stop(&self) {
        self.scene.client().stop_provider(wire::stop_provider::Request {}).await.unwrap();
    }

    fn ending(&self, answer: Answer) -> Ending {
        let calls = self.calls();
        let (_, faults) = self.scene.control("GET", "/_emulator/faults", None);
        let unmet = |rule: &Json| {
            let met = calls.iter().any(|call| call.fault.as_deref() == rule["rule"]["name"].as_str());
            rule["left"] == rule["rule"]["times"] && !met
        };
        let faults_met = !faults["faults"].as_array().unwrap().iter().any(unmet);
        self.scene.control("DELETE", "/_emulator/faults", None);
        let pauses = self.clock.pauses().iter().map(|answered| answered.saturating_sub(self.seen)).collect();
        Ending {
            state: answer.state,
            messages: answer.messages,
            live: self.live(),
            live_before: self.live_before.clone(),
            calls,
            pauses,
            faults_met,
        }
    }

    /// The requests of the operation so far.
    fn calls(&self) -> Vec<CallRecord> {
        self.scene.recorded().split_off(self.seen)
    }

    /// The direct assignments of the policy, if it exists. Faults do not affect this.
    fn live(&self) -> Vec<Json> {
        let (_, body) = self.scene.control("GET", &rows_of_policy(), None);
        sorted(body["assignments"].as_array().into_iter().flatten().map(element_of_row))
    }

    fn assign_elsewhere(&self, targets: &[Target]) {
        self.scene.assign_in_portal(&targets.iter().map(Target::row).collect::<Vec<_>>());
    }

    fn delete_policy(&self) {
        let policy = format!("/_emulator/deviceConfigurations/{POLICY}");
        let (status, body) = self.scene.control("DELETE", &policy, None);
        assert!(status < 300, "{body}");
    }
}

fn rows_of_policy() -> String {
    format!("/_emulator/deviceConfigurations/{POLICY}/assignments")
}

fn rows_before(operation: Operation, world: World) -> Vec<Json> {
    let found = match world {
        World::Emptied => Vec::new(),
        World::Lagging => before(),
        _ => operation.found(),
    };
    let unknown =
        json!({"@odata.type": "#microsoft.graph.organizationalUnitAssignmentTarget", "unitId": "7"});
    let unknown = (world == World::UnknownKind).then(|| json!({"target": unknown}));
    found.iter().map(Target::row).chain(unknown).collect()
}
