//! Runs one seed: steps of one or more operations, changes elsewhere between and during them, and after each step the
//! comparison of model, tenant and states.

use std::fmt::Write as _;

use fastrand::Rng;
use serde_json::{Value as Json, json};

use crate::checks::{self, Written};
use crate::faults::{Faults, Weather};
use crate::model::Wish;
use crate::operations::{Operation, Planned, Slot, Use, described};
use crate::scene::Answer;
use crate::scene::legs::Plan;
use crate::world::{POLICIES, Spells, World, random_targets, rows_of, unknown_row};

/// The number of steps of a seed. Each is a command of Terraform.
const STEPS: usize = 8;

/// A seed that is running.
pub struct Run {
    world: World,
    rng: Rng,
    /// One for each policy, and a second one for the first.
    slots: Vec<Slot>,
    /// The events so far, for failures.
    story: String,
}

/// A write whose plan was accepted.
struct Pending {
    operation: Operation,
    wish: Wish,
    prior: Json,
    plan: Plan,
}

impl Run {
    pub fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let world = World::new(seed, &mut rng);
        let policies = POLICIES.into_iter().chain([POLICIES[0]]);
        let slots = policies.map(|policy| Slot { policy, state: Json::Null, is_tainted: false }).collect();
        Self { world, rng, slots, story: String::new() }
    }

    /// Runs all steps. The error describes the difference and the events before it.
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

    /// Makes changes elsewhere, runs a command of Terraform, and compares everything.
    async fn step(&mut self) -> Result<(), String> {
        self.drift();
        let alone = self.rng.bool();
        let operations = self.random_operations(alone);
        self.configure().await;
        let mut pending = self.plan(operations).await?;
        self.drift_between(&pending);
        if pending.is_empty() {
            return Ok(());
        }
        self.configure().await;
        if alone {
            self.apply_alone(pending.remove(0)).await?;
        } else {
            self.apply_together(pending).await?;
        }
        self.look_at_everything().await
    }

    fn random_operations(&mut self, alone: bool) -> Vec<Operation> {
        let mut slots: Vec<usize> = (0..self.slots.len()).collect();
        self.rng.shuffle(&mut slots);
        slots.truncate(if alone { 1 } else { self.rng.usize(2..=4) });
        let operation = |slot: &usize| Operation::random(&mut self.rng, *slot, &self.slots[*slot], true);
        let mut operations: Vec<_> = slots.iter().map(operation).collect();
        let of_first = |operation: &&mut Operation| operation.policy == POLICIES[0];
        if operations.iter_mut().filter(of_first).count() > 1 {
            operations.iter_mut().filter(of_first).for_each(|twin| twin.has_twin = true);
        }
        operations
    }

    /// Refreshes and plans all operations concurrently.
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
        let _ = writeln!(self.story, "planned under {}", json!(faults.rules));
        let mut pending = Vec::new();
        let mut uses = Vec::new();
        for (operation, result) in operations.into_iter().zip(results) {
            let _ = writeln!(self.story, "{:?} of {} planned", operation.kind, operation.policy);
            let Planned { prior, plan, conflict, messages } = result?;
            let _ =
                writeln!(self.story, "  config {}\n  prior {prior}\n  messages {messages}", operation.config);
            self.slots[operation.slot].state = prior.clone();
            let sent = self.world.writes_since(operation.policy, before).sent;
            checks::ensure(sent == 0, "a plan or a read has written")?;
            if operation.has_twin {
                uses.extend(conflict.map(|conflict| (operation.policy_use(), conflict)));
            }
            if let (Some(wish), Some(plan)) = (operation.wish(&prior), plan) {
                pending.push(Pending { operation, wish, prior, plan });
            }
        }
        // Terraform applies nothing of a plan with an error.
        if has_conflict(&uses)? {
            pending.retain(|one| !one.operation.has_twin);
        }
        Ok(pending)
    }

    /// One write, with changes made elsewhere in its pauses.
    async fn apply_alone(&mut self, pending: Pending) -> Result<(), String> {
        let mut faults = pending.operation.while_applying.clone();
        let policy = pending.operation.policy;
        let meddles = self.world.whole_pages && self.rng.bool() && faults.weather < Weather::Lying;
        let sets = if meddles && self.world.picture(policy).is_some() { self.sets() } else { vec![] };
        if faults.rules.is_empty() && !sets.is_empty() {
            faults = Faults::of_writes(&mut self.rng, policy, false);
        }
        self.world.set_faults(&faults);
        let before = self.world.calls_so_far();
        let _ = writeln!(self.story, "applied under {}\n  with {sets:?} in its pauses", json!(faults.rules));
        let spells = self.world.assign_elsewhere_in_pauses(policy, sets);
        let answer = pending.operation.apply(&self.world, &pending.prior, &pending.plan).await?;
        self.world.clock.in_pauses(None);
        let mut spells: Spells = std::mem::take(&mut spells.lock().unwrap());
        spells.last_mut().unwrap().1 = self.world.picture(policy);
        self.judge(&pending, &answer, faults.weather, spells, before)
    }

    /// Runs several writes concurrently, sometimes two to one policy.
    async fn apply_together(&mut self, pending: Vec<Pending>) -> Result<(), String> {
        let faults = pending.iter().fold(Faults::none(), |all, one| all.with(&one.operation.while_applying));
        let _ = writeln!(self.story, "{} applied together under {}", pending.len(), json!(faults.rules));
        self.world.set_faults(&faults);
        let before = self.world.calls_so_far();
        let starts: Vec<_> = pending.iter().map(|one| self.world.picture(one.operation.policy)).collect();
        let work = pending
            .iter()
            .map(|one| Box::pin(one.operation.apply(&self.world, &one.prior, &one.plan)) as Work<'_, _>);
        let answers = all(work.collect()).await;
        for ((one, start), answer) in pending.iter().zip(starts).zip(answers) {
            let answer = answer?;
            let policy = one.operation.policy;
            let end = self.world.picture(policy);
            let is_twin =
                |two: &&Pending| two.operation.policy == policy && two.operation.slot != one.operation.slot;
            match (pending.iter().find(is_twin), start, &end) {
                (None, start, _) => {
                    self.judge(one, &answer, faults.weather, vec![(start, end)], before)?;
                }
                (Some(twin), Some(start), Some(end)) => {
                    let verdict = checks::twins(&start, end, [&one.wish, &twin.wish]);
                    if faults.weather < Weather::Lying {
                        verdict.map_err(|wrong| described(&wrong, &answer))?;
                    }
                    let verdict = checks::state_of_twin(&one.wish, &one.prior, &answer);
                    self.store(one, &answer);
                    verdict.map_err(|wrong| described(&wrong, &answer))?;
                }
                _ => self.store(one, &answer),
            }
        }
        Ok(())
    }

    fn judge(
        &mut self,
        pending: &Pending,
        answer: &Answer,
        weather: Weather,
        spells: Spells,
        before: u64,
    ) -> Result<(), String> {
        let Pending { operation, wish, prior, .. } = pending;
        let written = Written {
            wish,
            prior,
            answer,
            weather,
            spells,
            writes: self.world.writes_since(operation.policy, before),
            was_seen: self.world.was_seen_after_writing(operation.policy),
        };
        let verdict = written.check();
        self.store(pending, answer);
        verdict.map_err(|wrong| {
            let Written { writes, spells, .. } = written;
            described(&format!("{wrong}\n{wish:#?}\n{writes:?}\n{spells:#?}"), answer)
        })
    }

    /// What Terraform stores of an apply.
    fn store(&mut self, pending: &Pending, answer: &Answer) {
        let slot = &mut self.slots[pending.operation.slot];
        slot.state = answer.state.clone();
        slot.is_tainted = if pending.wish.taints() {
            answer.failed() && !answer.state.is_null()
        } else {
            slot.is_tainted && !answer.state.is_null()
        };
        let _ = writeln!(self.story, "  messages {}\n  state {}", answer.messages, answer.state);
    }

    /// Refreshes every state in a new session without faults and compares it with the tenant.
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
                .map_err(|wrong| described(&format!("afterwards, {wrong}"), &answer))?;
            slot.state = answer.state;
        }
        Ok(())
    }

    /// At the end, one apply brings every policy to its configuration. Before it, assignments of unknown kinds are
    /// removed, and policies without a state are imported.
    async fn converge(&mut self) -> Result<(), String> {
        self.slots.truncate(POLICIES.len());
        for policy in POLICIES {
            if self.world.picture(policy).is_some_and(|it| it.has_unknown_kinds()) {
                self.world.assign_elsewhere(policy, &[]);
            }
        }
        let imports = self.existing(|run, slot| {
            let truth = run.world.picture(run.slots[slot].policy);
            let is_foreign = truth.is_some_and(|truth| !truth.direct.is_empty());
            (run.slots[slot].state.is_null() && is_foreign).then(|| Operation::import(slot, &run.slots[slot]))
        });
        self.configure().await;
        self.plan(imports).await?;
        let operations = self.existing(|run, slot| {
            Some(Operation::plain(slot, &run.slots[slot], random_targets(&mut run.rng)))
        });
        let count = operations.len();
        self.configure().await;
        let pending = self.plan(operations).await?;
        checks::ensure(pending.len() == count, "a plan in fair weather was refused")?;
        let configs: Vec<_> =
            pending.iter().map(|one| (one.operation.slot, one.operation.config.clone())).collect();
        self.configure().await;
        self.apply_together(pending).await?;
        self.configure().await;
        for (slot, config) in configs {
            self.must_be_settled(slot, &config).await?;
        }
        Ok(())
    }

    /// One operation for each slot whose policy exists, or none where there is nothing to do.
    fn existing(&mut self, make: impl Fn(&mut Self, usize) -> Option<Operation>) -> Vec<Operation> {
        let slots = 0..self.slots.len();
        let existing = slots.filter(|slot| self.world.picture(self.slots[*slot].policy).is_some());
        let existing: Vec<usize> = existing.collect();
        existing.into_iter().filter_map(|slot| make(self, slot)).collect()
    }

    /// A second plan shows no change.
    async fn must_be_settled(&self, slot: usize, config: &Json) -> Result<(), String> {
        let state = &self.slots[slot].state;
        let again = self.world.scene.plan_after(b"planned", state, config).await;
        checks::ensure(
            again.state == *state,
            &described(&format!("a second plan shows a change of {state}"), &again),
        )
    }

    /// Changes between commands: sometimes the assignments, rarely the existence of a policy.
    fn drift(&mut self) {
        for policy in POLICIES {
            self.drift_of(policy);
        }
    }

    /// Changes between plan and apply.
    fn drift_between(&mut self, pending: &[Pending]) {
        for one in pending {
            self.drift_of(one.operation.policy);
        }
    }

    fn drift_of(&mut self, policy: &str) {
        let exists = self.world.picture(policy).is_some();
        match (exists, self.rng.u8(..40)) {
            (true, 0) | (false, 0..16) => self.toggle(policy),
            (true, 1..8) => self.assign_elsewhere(policy),
            _ => {}
        }
    }

    fn toggle(&mut self, policy: &str) {
        let _ = writeln!(self.story, "elsewhere {policy} is deleted or made again");
        self.world.toggle(policy);
    }

    fn assign_elsewhere(&mut self, policy: &str) {
        let rows = self.random_rows();
        let _ = writeln!(self.story, "elsewhere {} are assigned to {policy}", json!(rows));
        self.world.assign_elsewhere(policy, &rows);
    }

    /// The sets that are assigned elsewhere during the first pauses of a write.
    fn sets(&mut self) -> Vec<Option<Vec<Json>>> {
        (0..3).map(|_| self.rng.bool().then(|| self.random_rows())).collect()
    }

    /// Sometimes an empty set, the only one over which a create succeeds.
    fn random_rows(&mut self) -> Vec<Json> {
        if self.rng.u8(..3) == 0 {
            return Vec::new();
        }
        let mut rows = rows_of(&random_targets(&mut self.rng));
        if self.rng.u8(..12) == 0 {
            rows.push(unknown_row());
        }
        rows
    }

    async fn configure(&self) {
        self.world.scene.configure(&json!({})).await;
    }
}

/// Whether one of two resources for the same policy was refused because of the other. It must be if their uses
/// conflict; two creates may pass with a warning.
fn has_conflict(uses: &[(Use, bool)]) -> Result<bool, String> {
    let is_said = uses.iter().any(|(_, conflict)| *conflict);
    let must_be = matches!(uses, [(one, _), (other, _)] if one != other);
    checks::ensure(is_said || !must_be, &format!("two resources have one policy: {uses:?}"))?;
    Ok(is_said)
}

/// Work that runs beside other work.
type Work<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + 'a>>;

/// Runs all work concurrently on this thread.
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
