//! Runs one case: arranges the world, lets the operation meet its fault, and then the next run without it. What must
//! hold after that is judged in `behaviour`.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_defender::emulator::Options;
use terraform_provider_defender::provider::Provider;
use terraform_provider_defender::wire::tfplugin6 as wire;

use crate::behaviour::{Behaviour, Ending, elements};
use crate::case::{Case, Operation, World, before, wanted};
use crate::clock::{Pause, TestClock};
use crate::directory::{ALL, CLIENT_ID, SECRET, TENANT_ID, directory};
use crate::in_process::{RESOURCE, decoded, printed, state};
use crate::relay::Relay;
use crate::scene::{Answer, Scene, config, stored, with};
use crate::target::{Target, element_of_row, sorted};
use crate::tenant::{POLICY, Tenant};

/// Tries every case of a cell.
pub async fn hold(cases: fn(Operation) -> Vec<Case>, operation: Operation, behaviour: Behaviour) {
    let cases = cases(operation);
    assert!(!cases.is_empty(), "a cell is about something");
    for case in cases {
        Trial::arrange(operation, case).await.run(behaviour).await;
    }
}

struct Trial {
    operation: Operation,
    case: Case,
    scene: Scene,
    clock: Arc<TestClock>,
    relay: Option<Relay>,
    prior: Json,
    live_before: Vec<Json>,
    /// How many requests the emulator had seen when the operation began.
    seen: usize,
}

impl Trial {
    async fn arrange(operation: Operation, case: Case) -> Self {
        let clock = Arc::<TestClock>::default();
        let rows = rows_before(operation, case.world);
        let tenant = Tenant::default().with_directory(&directory(ALL)).with_rows(&rows);
        let scene = Scene::unconfigured(
            &tenant,
            Options::default(),
            Provider::new(Box::new(|_| None)).by_clock(Arc::clone(&clock) as _),
        );
        let mut trial = Self {
            operation,
            case,
            scene,
            clock,
            relay: None,
            prior: Json::Null,
            live_before: Vec::new(),
            seen: 0,
        };
        trial.begin_run().await;
        trial.prior = trial.prior().await;
        match trial.case.world {
            World::Lagging => trial.write_what_reads_lag_behind().await,
            World::PolicyGone => {
                trial.scene.emulator.control(
                    "DELETE",
                    &format!("/_emulator/deviceConfigurations/{POLICY}"),
                    None,
                );
                trial.begin_run_of_case().await;
            }
            _ => {
                trial.live_before = trial.live();
                trial.begin_run_of_case().await;
            }
        }
        trial.seen = trial.scene.emulator.calls().len();
        trial
    }

    async fn run(mut self, behaviour: Behaviour) {
        self.scene.fault(&json!(self.case.rules));
        let answer = self.perform().await;
        let ending = self.ending(answer);
        behaviour.check(self.operation, &self.case, &self.prior, &ending);
        self.relay = None;
        self.run_next(behaviour, ending).await;
    }

    /// What a new run of Terraform makes of it once the fault is over: it reads the truth, and gets done what is left.
    async fn run_next(&self, behaviour: Behaviour, ending: Ending) {
        self.begin_run().await;
        if self.case.needs_mending {
            let found: Vec<Json> = self.operation.found().iter().map(Target::row).collect();
            self.scene.somebody_assigns(&found);
        }
        if self.case.world == World::PolicyGone {
            return self.must_be_gone(&ending.state).await;
        }
        let mut state = ending.state;
        if !state.is_null() {
            let read = self.scene.read(&state).await;
            assert_eq!(read.said, "", "{}: the next read", self.case.name);
            assert_eq!(read.assignments(), self.live(), "{}: the next read", self.case.name);
            state = read.state;
        }
        if self.operation.writes() && !(behaviour.ends_well() && state.is_null()) {
            let writes = self.scene.assign_calls();
            let needed = self.live() != elements(&self.operation.aimed_at());
            let planned = self.scene.plan(&state, &self.configuration()).await;
            assert_eq!(planned.said, "", "{}: the next plan", self.case.name);
            self.scene.applied(&state, &self.configuration()).await;
            self.scene.must_hold(&self.operation.aimed_at());
            let writes = self.scene.assign_calls() - writes;
            assert_eq!(writes, usize::from(needed), "{}: writes of the next run", self.case.name);
        }
    }

    async fn must_be_gone(&self, state: &Json) {
        if !state.is_null() {
            let read = self.scene.read(state).await;
            assert_eq!((read.state, read.said.as_str()), (Json::Null, ""), "{}", self.case.name);
        }
    }

    /// ConfigureProvider, as at the start of each command.
    async fn begin_run(&self) {
        self.scene.configure(&json!({})).await;
        self.clock.renew(Pause::Leap);
    }

    /// The same for the command that meets the fault.
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
            World::Unreachable => block["graph_endpoint"] = json!(Relay::address_of_nobody()),
            World::UnreachableAtTheWrite => {
                let relay = Relay::until_the_look(&origin);
                block["graph_endpoint"] = json!(relay.origin());
                self.relay = Some(relay);
            }
            _ => {}
        }
        self.scene.configure(&block).await;
        self.clock.renew(self.case.pause);
    }

    /// The state that the operation begins with.
    async fn prior(&self) -> Json {
        let prior = match self.operation {
            Operation::Create | Operation::Import => return Json::Null,
            // Older than what is there now.
            Operation::Read => decoded(Some(&state(&stored(&before())))),
            Operation::Update | Operation::Delete => self.scene.read(&stored(&before())).await.state,
        };
        self.timed(prior)
    }

    /// Leaves the service so that its next read shows what was there before a write of this session; before one of the
    /// last run, for operations that write nothing.
    async fn write_what_reads_lag_behind(&mut self) {
        self.begin_run_of_case().await;
        self.scene.fault(&json!({"match": {"method": "POST", "path": "/assign"}, "stale": 1}));
        let destroys = self.operation == Operation::Create;
        let middle = [Target::all_users()];
        let written = if destroys { Json::Null } else { config(&middle) };
        let state = self.scene.read(&stored(&before())).await.state;
        let written = self.scene.applied(&state, &written).await;
        if !self.operation.writes() {
            self.begin_run().await;
        }
        self.live_before = if destroys { Vec::new() } else { elements(&middle) };
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

    async fn perform(&self) -> Answer {
        tokio::join!(self.operate(), self.interfere()).0
    }

    async fn operate(&self) -> Answer {
        match self.operation {
            Operation::Read => self.scene.read(&self.prior).await,
            Operation::Import => self.import().await,
            _ => self.scene.apply(&self.prior, &self.configuration()).await,
        }
    }

    /// As Terraform does it: what is imported is read at once, and nothing is imported if that fails.
    async fn import(&self) -> Answer {
        let request = wire::import_resource_state::Request {
            type_name: RESOURCE.into(),
            id: POLICY.to_owned(),
            ..Default::default()
        };
        let answer = self.scene.client().import_resource_state(request).await.unwrap().into_inner();
        let Some(imported) = answer.imported_resources.first() else {
            return Answer { state: Json::Null, said: printed(&answer.diagnostics) };
        };
        let read = self.scene.read(&decoded(imported.state.as_ref())).await;
        let state = if read.said.starts_with("Error") { Json::Null } else { read.state };
        Answer { state, said: read.said }
    }

    /// What others do while the operation runs.
    async fn interfere(&self) {
        let signals = &self.clock.signals;
        match self.case.pause {
            Pause::Stop => {
                signals.begun.notified().await;
                self.stop().await;
            }
            Pause::SomebodyAssigns => {
                signals.begun.notified().await;
                self.scene
                    .somebody_assigns(&self.case.left.iter().flatten().map(Target::row).collect::<Vec<_>>());
                signals.go_on.notify_one();
            }
            Pause::Leap | Pause::Panic => {}
        }
        if self.case.stop_during_write {
            while self.live() != elements(&self.operation.aimed_at()) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            self.stop().await;
        }
    }

    async fn stop(&self) {
        self.scene.client().stop_provider(wire::stop_provider::Request {}).await.unwrap();
    }

    fn ending(&self, answer: Answer) -> Ending {
        let calls = self.scene.emulator.calls().split_off(self.seen);
        let (_, faults) = self.scene.emulator.control("GET", "/_emulator/faults", None);
        let unmet = |rule: &Json| {
            let met = calls.iter().any(|call| call.fault.as_deref() == rule["rule"]["name"].as_str());
            rule["left"] == rule["rule"]["times"] && !met
        };
        let faults_met = !faults["faults"].as_array().unwrap().iter().any(unmet);
        // A fault that is left would meet the test's own read of the policy.
        self.scene.emulator.control("DELETE", "/_emulator/faults", None);
        Ending {
            state: answer.state,
            said: answer.said,
            live: if self.case.world == World::PolicyGone { Vec::new() } else { self.live() },
            calls: calls.into_iter().filter(|call| !call.path.contains("$top")).collect(),
            live_before: self.live_before.clone(),
            faults_met,
            paused: self.clock.has_paused(),
        }
    }

    /// The direct assignments of the policy.
    fn live(&self) -> Vec<Json> {
        sorted(self.scene.rows().iter().map(element_of_row))
    }
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
