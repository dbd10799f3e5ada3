//! The last look is the last thing before the write: whatever comes between the two, an assignment that another hand
//! makes meanwhile stays, and the operation is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use serde_json::{Value as Json, json};
use terraform_provider_defender::emulator::Options;
use terraform_provider_defender::graph::retry::{Clock, SystemClock};
use terraform_provider_defender::provider::Provider;
use time::OffsetDateTime;
use tokio::time::Instant;

use super::core::{Applied, Core, Planned, Stored, Version};
use super::{assign_elsewhere, at_assign};
use crate::directory::{ALL, CLIENT_ID, SECRET, TENANT_ID, directory};
use crate::scene::{Scene, config, config_of, wait_until, with};
use crate::target::Target;
use crate::tenant::{KIOSKS, LAPTOPS, OTHER_POLICY, POLICY, Tenant, WORKSTATIONS};

const TOKENS: &str = "oauth2/v2.0/token";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Create,
    Update,
    Delete,
}

const OPERATIONS: [Operation; 3] = [Operation::Create, Operation::Update, Operation::Delete];

/// The clock of this machine. Counts the pauses that have begun.
#[derive(Default)]
struct PauseCounter {
    pauses: AtomicUsize,
}

#[async_trait]
impl Clock for PauseCounter {
    fn now(&self) -> Instant {
        SystemClock.now()
    }

    fn date(&self) -> OffsetDateTime {
        SystemClock.date()
    }

    async fn sleep_until(&self, moment: Instant) {
        self.pauses.fetch_add(1, Ordering::Relaxed);
        SystemClock.sleep_until(moment).await;
    }

    fn random(&self) -> f64 {
        SystemClock.random()
    }
}

/// An operation that is planned, and about to be applied.
struct Prepared<'s> {
    core: Core<'s>,
    operation: Operation,
    prior: Stored,
    plan: Planned,
    /// Whether the session has signed in already.
    is_signed_in: bool,
}

fn before() -> Vec<Target> {
    vec![Target::group(WORKSTATIONS)]
}

fn wanted() -> Vec<Target> {
    vec![Target::group(LAPTOPS), Target::exclusion(KIOSKS)]
}

/// What another hand makes of the policy.
fn theirs() -> Vec<Target> {
    vec![Target::all_users()]
}

impl<'s> Prepared<'s> {
    /// In a policy that has what the operation begins with.
    async fn new(core: Core<'s>, operation: Operation) -> Self {
        core.begin().await;
        let prior = match operation {
            Operation::Create => Stored::absent(),
            Operation::Update | Operation::Delete => core.created(&config(&before())).await,
        };
        let plan = match operation {
            Operation::Delete => core.plan_destroy(&prior).await,
            Operation::Create | Operation::Update => core.plan(&prior, &config(&wanted())).await,
        };
        core.begin().await;
        let sign_ins = core.sign_ins();
        let plan = if operation == Operation::Delete { plan } else { core.plan_again(&prior, &plan).await };
        assert_eq!(plan.messages, "");
        Self { core, operation, prior, plan, is_signed_in: core.sign_ins() > sign_ins }
    }

    /// A fault that the next sign-in after the look meets.
    fn at_later_sign_in(&self, effect: &Json) -> Json {
        let mut rule = effect.clone();
        rule["match"] = json!({"path": TOKENS, "skip": usize::from(!self.is_signed_in)});
        rule
    }

    async fn apply(&self) -> Applied {
        match self.operation {
            Operation::Delete => self.core.destroy_leg(&self.prior, &self.plan).await,
            Operation::Create | Operation::Update => self.core.operate(&self.prior, &self.plan).await,
        }
    }

    /// Applies, lets another hand assign the policy at the moment, and fails unless their assignment stays.
    async fn must_refuse_what_changes(&self, scene: &Scene, moment: impl Fn() -> bool) {
        let theirs = theirs();
        let meanwhile = async {
            wait_until("the moment of the change", moment).await;
            assign_elsewhere(scene, &theirs);
        };
        let (applied, ()) = tokio::join!(self.apply(), meanwhile);
        scene.control("DELETE", "/_emulator/faults", None);
        scene.must_hold(&theirs);
        assert!(applied.failed(), "{:?} should be refused: {}", self.operation, applied.messages);
        assert_eq!(applied.stored.json(), self.prior.json(), "{:?}", self.operation);
    }
}

/// Whether the policy's rows were read more often than this.
fn is_read(scene: &Scene, more_often_than: usize) -> bool {
    scene.calls(&format!("{POLICY}/assignments 200")).len() > more_often_than
}

fn reads(scene: &Scene) -> usize {
    scene.calls(&format!("{POLICY}/assignments 200")).len()
}

#[tokio::test]
async fn a_group_look_up_waits_for_a_pause_that_another_request_has_caused() {
    let clock = Arc::<PauseCounter>::default();
    let provider = Provider::new(Box::new(|_| None)).with_clock(Arc::clone(&clock) as _);
    let scene =
        Scene::unconfigured(&Tenant::default().with_policy(OTHER_POLICY), Options::default(), provider);
    let create = Prepared::new(Core::new(&scene, Version::V1_11), Operation::Create).await;
    scene.fault(&json!({"match": {"path": "getByIds"}, "status": 429, "retryAfter": "2"}));
    let other_config = config_of(OTHER_POLICY, &before());
    let this = async {
        wait_until("the provider pauses", || clock.pauses.load(Ordering::Relaxed) > 0).await;
        let seen = reads(&scene);
        create.must_refuse_what_changes(&scene, || is_read(&scene, seen)).await;
    };
    let (other, ()) = tokio::join!(scene.apply(&Json::Null, &other_config), this);
    assert_eq!(other.messages, "");
}

#[tokio::test]
async fn an_item_of_the_same_batch_is_slow_or_asked_to_wait() {
    for effect in [json!({"delay": "1500ms"}), json!({"status": 429, "retryAfter": "1"})] {
        let scene = Scene::new(&Tenant::default()).await;
        let create = Prepared::new(Core::new(&scene, Version::V1_11), Operation::Create).await;
        let seen = reads(&scene);
        // Items are served in their order, and the groups come after the rows.
        scene.fault(&with(effect, "match", json!({"path": "getByIds"})));
        create.must_refuse_what_changes(&scene, || is_read(&scene, seen)).await;
    }
}

#[tokio::test]
async fn a_write_is_answered_401_and_the_sign_in_after_it_is_slow() {
    for operation in OPERATIONS {
        let scene = scene_with_application(3600);
        let block = as_application(&scene);
        let prepared = Prepared::new(Core::new(&scene, Version::V1_11).configured(&block), operation).await;
        let slow = prepared.at_later_sign_in(&json!({"delay": "1500ms"}));
        scene.fault(&json!([at_assign(&json!({"status": 401})), slow]));
        prepared.must_refuse_what_changes(&scene, || !scene.calls("/assign 401").is_empty()).await;
    }
}

/// A token that was good at the look is due for renewal at the write, and the renewal takes its time.
#[tokio::test]
async fn a_token_is_renewed_between_look_and_write() {
    for operation in OPERATIONS {
        let scene = scene_with_application(3);
        let block = as_application(&scene);
        let prepared = Prepared::new(Core::new(&scene, Version::V1_11).configured(&block), operation).await;
        let seen = reads(&scene);
        scene.fault(&json!([
            {"match": {"path": format!("{POLICY}/assignments")}, "delay": "1700ms", "afterEffect": true},
            prepared.at_later_sign_in(&json!({"delay": "700ms"})),
        ]));
        prepared.must_refuse_what_changes(&scene, || is_read(&scene, seen)).await;
    }
}

/// An application whose tokens live so many seconds; half of that before the end they are due for renewal.
fn scene_with_application(token_lifetime_seconds: u64) -> Scene {
    let mut directory = directory(ALL);
    directory["applications"][0]["tokenLifetimeSeconds"] = json!(token_lifetime_seconds);
    let tenant = Tenant::default().with_directory(&directory);
    Scene::unconfigured(&tenant, Options::default(), Provider::new(Box::new(|_| None)))
}

fn as_application(scene: &Scene) -> Json {
    json!({
        "access_token": null, "tenant_id": TENANT_ID, "client_id": CLIENT_ID, "client_secret": SECRET,
        "authority_host": scene.emulator.base_url(),
    })
}
