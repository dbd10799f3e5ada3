//! One seed: steps of one or more operations, out-of-band changes between and within them, and the comparison of model,
//! tenant and states after each.

use std::fmt::Write as _;
use std::sync::Arc;

use fastrand::Rng;
use serde_json::{Value as Json, json};

use crate::checks::{self, Written};
use crate::faults::{Faults, Weather};
use crate::model::Wish;
use crate::operations::{Operation, Planned, Slot, told};
use crate::scene::Answer;
use crate::world::{POLICIES, Spells, World, random_targets, rows_of, unknown_row};

/// How many steps a seed has; each is a command of Terraform.
const STEPS: usize = 8;

/// One seed under way.
pub struct Run {
    world: World,
    rng: Rng,
    /// One for each policy, and a second one for the first.
    slots: Vec<Slot>,
    /// What has happened, for whoever reads a failure.
    story: String,
}

/// A write whose plan was accepted.
struct Pending {
    operation: Operation,
    wish: Wish,
    prior: Json,
}

impl Run {
    pub fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let world = World::new(seed, &mut rng);
        let policies = POLICIES.into_iter().chain([POLICIES[0]]);
        let slots = policies.map(|policy| Slot { policy, state: Json::Null }).collect();
        Self { world, rng, slots, story: String::new() }
    }

    /// Everything. The error tells what diverged, and what had happened until then.
    pub async fn go(mut self) -> Result<(), String> {
        for step in 0..STEPS {
            let _ = writeln!(self.story, "--- step {step}");
            let done = self.step().await;
            done.map_err(|wrong| format!("step {step}: {wrong}\n\nWhat happened:\n{}", self.story))?;
        }
        let _ = writeln!(self.story, "--- the end");
        let converged = self.converge().await;
        converged.map_err(|wrong| format!("in the end: {wrong}\n\nWhat happened:\n{}", self.story))
    }

    /// Somebody else's changes, then a command of Terraform, then a look at everything.
    async fn step(&mut self) -> Result<(), String> {
        self.drift();
        let alone = self.rng.bool();
        let operations = self.random_operations(alone);
        self.configure().await;
        let mut pending = self.plan(operations).await?;
        self.drift_between(&pending);
        if self.rng.bool() {
            self.configure().await;
        }
        match (pending.len(), alone) {
            (0, _) => {}
            (_, true) => self.apply_alone(pending.remove(0)).await?,
            _ => self.apply_together(pending).await?,
        }
        self.look_at_everything().await
    }

    fn random_operations(&mut self, alone: bool) -> Vec<Operation> {
        let mut slots: Vec<usize> = (0..self.slots.len()).collect();
        self.rng.shuffle(&mut slots);
        slots.truncate(if alone { 1 } else { self.rng.usize(2..=4) });
        let operation = |slot: usize| Operation::random(&mut self.rng, slot, &self.slots[slot], true);
        slots.into_iter().map(operation).collect()
    }

    /// Refreshes and plans, all at once.
    async fn plan(&mut self, operations: Vec<Operation>) -> Result<Vec<Pending>, String> {
        let faults = operations.iter().fold(Faults::none(), |all, one| all.with(&one.while_planning));
        self.world.set_faults(&faults);
        let before = self.world.calls_so_far();
        let work = operations.iter().map(|operation| {
            let state = self.slots[operation.slot].state.clone();
            Box::pin(operation.plan(&self.world, state, faults.weather)) as Work<'_, _>
        });
        let results = all(work.collect()).await;
        self.world.clear_faults();
        let mut pending = Vec::new();
        for (operation, result) in operations.into_iter().zip(results) {
            let rules = json!(faults.rules);
            let _ =
                writeln!(self.story, "{:?} of {} planned under {rules}", operation.kind, operation.policy);
            let Planned { prior, goes_on, said } = result?;
            let _ = writeln!(self.story, "  config {}\n  prior {prior}\n  said {said}", operation.config);
            self.slots[operation.slot].state = prior.clone();
            let (sent, _) = self.world.writes_since(operation.policy, before);
            checks::ensure(sent == 0, "a plan or a read has written")?;
            if let Some(wish) = operation.wish(&prior).filter(|_| goes_on) {
                pending.push(Pending { operation, wish, prior });
            }
        }
        Ok(pending)
    }

    /// One write, with somebody else's hand in its pauses.
    async fn apply_alone(&mut self, pending: Pending) -> Result<(), String> {
        let Pending { operation, wish, prior } = pending;
        let mut faults = operation.while_applying.clone();
        let meddles = self.world.whole_pages && self.rng.bool() && faults.weather < Weather::Lying;
        let sets =
            if meddles && self.world.picture(operation.policy).is_some() { self.sets() } else { vec![] };
        if faults.rules.is_empty() && !sets.is_empty() {
            faults = Faults::of_writes(&mut self.rng, operation.policy, false);
        }
        self.world.set_faults(&faults);
        let before = self.world.calls_so_far();
        let _ = writeln!(self.story, "applied under {}\n  with {sets:?} in its pauses", json!(faults.rules));
        let spells = self.world.somebody_assigns_in_pauses(operation.policy, sets);
        let answer = operation.apply(Arc::clone(&self.world.scene), prior.clone()).await;
        self.world.clock.in_pauses(None);
        let mut spells: Spells = std::mem::take(&mut spells.lock().unwrap());
        spells.last_mut().unwrap().1 = self.world.picture(operation.policy);
        self.judge(&operation, &wish, &prior, &answer, faults.weather, spells, before)
    }

    /// Several writes at once; at times two of them to one policy.
    async fn apply_together(&mut self, pending: Vec<Pending>) -> Result<(), String> {
        let faults = pending.iter().fold(Faults::none(), |all, one| all.with(&one.operation.while_applying));
        let _ = writeln!(self.story, "{} applied together under {}", pending.len(), json!(faults.rules));
        self.world.set_faults(&faults);
        let before = self.world.calls_so_far();
        let starts: Vec<_> = pending.iter().map(|one| self.world.picture(one.operation.policy)).collect();
        let work = pending.iter().map(|one| {
            let scene = Arc::clone(&self.world.scene);
            Box::pin(one.operation.apply(scene, one.prior.clone())) as Work<'_, _>
        });
        let answers = all(work.collect()).await;
        for ((one, start), answer) in pending.iter().zip(&starts).zip(&answers) {
            let Pending { operation, wish, prior } = one;
            let end = self.world.picture(operation.policy);
            let twin = pending
                .iter()
                .find(|two| two.operation.policy == operation.policy && two.operation.slot != operation.slot);
            match (twin, start, &end) {
                (None, ..) => {
                    let spells = vec![(start.clone(), end)];
                    self.judge(operation, wish, prior, answer, faults.weather, spells, before)?;
                }
                (Some(twin), Some(start), Some(end)) => {
                    self.tell(answer);
                    let is_true = faults.weather < Weather::Lying;
                    let verdict = checks::twins(start, end, [wish, &twin.wish]);
                    if is_true {
                        verdict.map_err(|wrong| told(&wrong, answer))?;
                    }
                    checks::state_of_twin(wish, prior, answer).map_err(|wrong| told(&wrong, answer))?;
                    self.slots[operation.slot].state = answer.state.clone();
                }
                _ => self.slots[operation.slot].state = answer.state.clone(),
            }
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments, reason = "all that is known of one write")]
    fn judge(
        &mut self,
        operation: &Operation,
        wish: &Wish,
        prior: &Json,
        answer: &Answer,
        weather: Weather,
        spells: Spells,
        before: u64,
    ) -> Result<(), String> {
        self.tell(answer);
        let written = Written {
            wish,
            prior,
            answer,
            weather,
            spells,
            writes: self.world.writes_since(operation.policy, before),
            was_seen: self.world.was_seen_after_writing(operation.policy),
        };
        self.slots[operation.slot].state = answer.state.clone();
        written.check().map_err(|wrong| {
            told(&format!("{wrong}\n{wish:#?}\nwrites {:?}\n{:#?}", written.writes, written.spells), answer)
        })
    }

    /// On a fair day, in a new session, every state is refreshed and must show the tenant.
    async fn look_at_everything(&mut self) -> Result<(), String> {
        self.world.clear_faults();
        self.configure().await;
        for slot in &mut self.slots {
            if slot.state.is_null() {
                continue;
            }
            let answer = self.world.scene.read(&slot.state).await;
            let truth = self.world.picture(slot.policy);
            checks::read(&slot.state, &answer, Weather::Fair, truth.as_ref())
                .map_err(|wrong| told(&format!("afterwards, {wrong}"), &answer))?;
            slot.state = answer.state;
        }
        Ok(())
    }

    /// In the end every policy comes to what is configured in one apply, or a guard refuses to lose rows.
    async fn converge(&mut self) -> Result<(), String> {
        self.slots.truncate(POLICIES.len());
        for slot in 0..self.slots.len() {
            let operation = Operation::plain(slot, &self.slots[slot], random_targets(&mut self.rng));
            let (policy, config) = (operation.policy, operation.config.clone());
            let Some(truth) = self.world.picture(policy) else { continue };
            self.configure().await;
            let has_plan = self.plan(vec![operation]).await?;
            let Some(pending) = has_plan.into_iter().next() else { continue };
            let is_foreign = !pending.wish.may_replace(&truth.direct);
            self.configure().await;
            self.apply_alone_on_a_fair_day(pending).await?;
            if is_foreign {
                continue;
            }
            let state = self.slots[slot].state.clone();
            self.configure().await;
            let again = self.world.scene.plan_after(b"planned", &state, &config).await;
            checks::ensure(
                again.state == state,
                &told(&format!("a second plan shows a change of {state}"), &again),
            )?;
        }
        Ok(())
    }

    async fn apply_alone_on_a_fair_day(&mut self, pending: Pending) -> Result<(), String> {
        let Pending { operation, wish, prior } = pending;
        let before = self.world.calls_so_far();
        let start = self.world.picture(operation.policy);
        let answer = operation.apply(Arc::clone(&self.world.scene), prior.clone()).await;
        let spells = vec![(start, self.world.picture(operation.policy))];
        self.judge(&operation, &wish, &prior, &answer, Weather::Fair, spells, before)
    }

    /// Between commands: seldom a policy goes or comes back, sometimes its set changes.
    fn drift(&mut self) {
        for policy in POLICIES {
            match self.rng.u8(..20) {
                0 => self.world.somebody_toggles(policy),
                1..4 => self.somebody_assigns(policy),
                _ => {}
            }
        }
    }

    /// Between plan and apply.
    fn drift_between(&mut self, pending: &[Pending]) {
        for one in pending {
            match self.rng.u8(..20) {
                0 => self.world.somebody_toggles(one.operation.policy),
                1..4 => self.somebody_assigns(one.operation.policy),
                _ => {}
            }
        }
    }

    fn somebody_assigns(&mut self, policy: &str) {
        if self.world.picture(policy).is_some() {
            let rows = self.random_rows();
            let _ = writeln!(self.story, "somebody assigns {} to {policy}", json!(rows));
            self.world.somebody_assigns(policy, &rows);
        }
    }

    /// What somebody may do in the first pauses of a write.
    fn sets(&mut self) -> Vec<Option<Vec<Json>>> {
        (0..3).map(|_| self.rng.bool().then(|| self.random_rows())).collect()
    }

    fn random_rows(&mut self) -> Vec<Json> {
        let mut rows = rows_of(&random_targets(&mut self.rng));
        if self.rng.u8(..12) == 0 {
            rows.push(unknown_row());
        }
        rows
    }

    async fn configure(&self) {
        self.world.scene.configure(&json!({})).await;
    }

    fn tell(&mut self, answer: &Answer) {
        let _ = writeln!(self.story, "  said {}\n  state {}", answer.said, answer.state);
    }
}

/// Work that runs beside other work.
type Work<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + 'a>>;

/// All of it at once, on this thread.
async fn all<T>(mut work: Vec<Work<'_, T>>) -> Vec<T> {
    let mut results: Vec<Option<T>> = work.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (one, result) in work.iter_mut().zip(&mut results).filter(|(_, result)| result.is_none()) {
            if let std::task::Poll::Ready(done) = one.as_mut().poll(context) {
                *result = Some(done);
            }
        }
        if results.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    results.into_iter().flatten().collect()
}
