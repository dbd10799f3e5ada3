//! A clock that a test owns, and the provider's resource by that clock. A pause takes no time; what happens during
//! one is the test's choice. Time that passes otherwise is real.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use terraform_provider_defender::graph::retry::Clock;
use terraform_provider_defender::provider::Provider;
use terraform_provider_defender::resources::atp_assignment::AtpAssignment;
use terraform_provider_defender::resources::session::Session;
use terraform_provider_defender::terraform::diagnostic::{Diagnostic, Diagnostics};
use terraform_provider_defender::terraform::managed_resource::{
    ApplyAnswer, ApplyRequest, Definition, ImportAnswer, Managed, ManagedResource, PlanAnswer, PlanRequest,
    ReadAnswer, ReadRequest,
};
use terraform_provider_defender::terraform::resource::ImportTarget;
use terraform_provider_defender::terraform::stop::StopSignal;
use terraform_provider_defender::terraform::value::Value;
use time::OffsetDateTime;
use tokio::sync::Notify;
use tokio::time::Instant;

/// What happens while the provider pauses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pause {
    /// It is over at once.
    #[default]
    Leap,
    /// It never ends by itself; Terraform asks to stop.
    Stop,
    /// The provider has a bug.
    Panic,
    /// Somebody else assigns the policy.
    SomebodyAssigns,
}

/// The clock of one session.
struct TestClock {
    passed: Mutex<Duration>,
    pause: Pause,
    begun: AtomicBool,
    signals: Arc<Signals>,
}

/// How a test and the first pause of a session meet.
#[derive(Default)]
pub struct Signals {
    /// The pause has begun.
    pub begun: Notify,
    /// The test lets it end.
    pub go_on: Notify,
}

impl TestClock {
    async fn first(&self) {
        self.signals.begun.notify_one();
        match self.pause {
            Pause::Leap => {}
            Pause::Stop => std::future::pending().await,
            Pause::Panic => panic!("a bug that a test has put here"),
            Pause::SomebodyAssigns => self.signals.go_on.notified().await,
        }
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Instant {
        Instant::now() + *self.passed.lock().unwrap()
    }

    fn date(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc() + *self.passed.lock().unwrap()
    }

    async fn sleep_until(&self, moment: Instant) {
        if !self.begun.swap(true, Ordering::Relaxed) {
            self.first().await;
        }
        let pause = moment.saturating_duration_since(self.now());
        *self.passed.lock().unwrap() += pause;
    }

    fn chance(&self) -> f64 {
        0.5
    }
}

/// Hands out a clock for each session.
#[derive(Default)]
pub struct Clocks {
    current: Mutex<Option<(Arc<Session>, Arc<TestClock>)>>,
    next: Mutex<Pause>,
    pub signals: Arc<Signals>,
}

impl Clocks {
    /// The next call begins a new session, in which pauses are like this. To be said after each ConfigureProvider.
    pub fn renew(&self, pause: Pause) {
        *self.next.lock().unwrap() = pause;
        *self.current.lock().unwrap() = None;
    }

    /// Whether there was a pause in this session.
    pub fn have_paused(&self) -> bool {
        let current = self.current.lock().unwrap();
        current.as_ref().is_some_and(|(_, clock)| clock.begun.load(Ordering::Relaxed))
    }

    fn session(&self, configured: &Session) -> Arc<Session> {
        let mut current = self.current.lock().unwrap();
        let (session, _) = current.get_or_insert_with(|| {
            let clock = Arc::new(TestClock {
                passed: Mutex::default(),
                pause: *self.next.lock().unwrap(),
                begun: AtomicBool::new(false),
                signals: Arc::clone(&self.signals),
            });
            let graph = configured.graph.by_clock(Arc::clone(&clock) as _);
            (Arc::new(Session::new(graph, configured.preflight)), clock)
        });
        Arc::clone(session)
    }
}

/// The provider with its real resource, by these clocks.
pub fn provider(clocks: &Arc<Clocks>) -> Provider {
    let resource = ByClock { resource: Managed::new(AtpAssignment::new()), clocks: Arc::clone(clocks) };
    Provider::with_resources(Box::new(|_| None), vec![Box::new(resource)])
}

struct ByClock {
    resource: Managed<AtpAssignment>,
    clocks: Arc<Clocks>,
}

#[async_trait]
impl ManagedResource<Session> for ByClock {
    fn definition(&self) -> &Definition {
        self.resource.definition()
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        ManagedResource::validate(&self.resource, config)
    }

    fn upgrade_state(&self, version: i64, stored: Value) -> Result<Value, Diagnostic> {
        ManagedResource::upgrade_state(&self.resource, version, stored)
    }

    async fn plan(&self, client: Option<&Session>, stop: StopSignal, request: PlanRequest) -> PlanAnswer {
        let session = client.map(|client| self.clocks.session(client));
        self.resource.plan(session.as_deref(), stop, request).await
    }

    async fn read(&self, client: &Session, stop: StopSignal, request: ReadRequest) -> ReadAnswer {
        self.resource.read(&self.clocks.session(client), stop, request).await
    }

    async fn apply(&self, client: &Session, stop: StopSignal, request: ApplyRequest) -> ApplyAnswer {
        self.resource.apply(&self.clocks.session(client), stop, request).await
    }

    async fn import(&self, client: &Session, stop: StopSignal, target: ImportTarget) -> ImportAnswer {
        self.resource.import(&self.clocks.session(client), stop, target).await
    }
}
