//! The apply walk: the legs of each change, in the order that a replacement needs, and what a failed leg leaves.

use std::cell::RefCell;

use terraform_provider_defender::terraform::value::Value;

use crate::configuration::{Address, Block};
use crate::conform;
use crate::ledger::Mark;
use crate::plan::Plan;
use crate::process::{Failure, Order, Outcome};
use crate::state::{Key, Object, State};
use crate::turns::Work;
use crate::values::{configured, is_on, policy_in, set_in};
use crate::walk::{Action, Change, Task, Walk};

/// What an apply left.
#[derive(Debug, Default)]
pub struct Applied {
    pub state: State,
    /// Creates and updates that ended well.
    pub done: Vec<Done>,
}

/// A create or update that ended well.
#[derive(Debug, Clone)]
pub struct Done {
    pub address: Address,
    pub planned: Value,
    pub stored: Value,
    /// When its call began.
    pub since: Mark,
}

struct Applying<'a, 'w> {
    walk: &'a Walk<'w>,
    applied: RefCell<Applied>,
}

/// Carries out a plan.
pub async fn apply(walk: &Walk<'_>, plan: &Plan) -> Applied {
    let applied = Applied { state: plan.prior.clone(), ..Applied::default() };
    let applying = Applying { walk, applied: RefCell::new(applied) };
    let work = plan.changes.iter().map(|change| Box::pin(applying.carry_out(change)) as Work<'_>);
    walk.turns.run(work.collect()).await;
    applying.applied.into_inner()
}

impl Applying<'_, '_> {
    async fn carry_out(&self, change: &Change) {
        match (change.deposed, change.action) {
            (_, Action::NoOp) => {}
            (key, Action::Forget) => self.put(change.address, key, None),
            (Some(key), _) => self.delete_deposed(change.address, key).await,
            (None, Action::Create | Action::Update) => {
                self.write(change, false).await;
            }
            (None, Action::Delete) => {
                self.delete(change).await;
            }
            (None, Action::DeleteThenCreate) => self.delete_then_create(change).await,
            (None, Action::CreateThenDelete) => self.create_then_delete(change).await,
        }
    }

    /// A delete half must not remove assignments of the old policy if the new policy cannot be assigned.
    async fn delete_then_create(&self, change: &Change) {
        let old = policy_in(&change.before);
        let before = (self.has_obstacle(change), old.map(|old| self.walk.world.set(old)));
        if !self.delete(change).await {
            return;
        }
        let after = (self.has_obstacle(change), old.map(|old| self.walk.world.set(old)));
        if before.0 && after.0 && before.1 != after.1 {
            self.walk.note_bug(change.address, "the old policy was emptied for one that cannot be assigned");
        }
        self.write(change, false).await;
    }

    fn has_obstacle(&self, change: &Change) -> bool {
        let (old, new) = (policy_in(&change.before), policy_in(&change.after));
        let Some(new) = new.filter(|new| Some(*new) != old) else { return false };
        let world = self.walk.world;
        let live = world.set(new);
        let may_overwrite =
            is_on(&change.after, "overwrite_existing") && set_in(&change.after) != Some(live.clone());
        let is_taken = !live.is_empty() && !may_overwrite;
        !new.is_real() || !world.exists(new) || is_taken
    }

    async fn create_then_delete(&self, change: &Change) {
        let key = self.applied.borrow_mut().state.depose(change.address);
        let is_written = self.write(change, true).await;
        let Some(key) = key else { return };
        if is_written == Some(true) {
            self.delete_deposed(change.address, key).await;
        } else if is_written == Some(false) {
            self.applied.borrow_mut().state.restore(change.address, key);
        }
    }

    /// Creates or updates after planning once more. `None` if the plan was refused, otherwise whether it ended well.
    async fn write(&self, saved: &Change, create_first: bool) -> Option<bool> {
        let (walk, address) = (self.walk, saved.address);
        let block = walk.configuration.blocks.get(address)?;
        let object = self.applied.borrow().state.current(address).cloned();
        let task = Task { address, block, object: object.as_ref(), forced: false, saved: Some(saved) };
        let change = walk.plan_block(task).await?;
        if !self.is_consistent(saved, &change) {
            return None;
        }
        if change.action == Action::NoOp {
            return Some(true);
        }
        let prior = if change.action == Action::Update { &change.before } else { &Value::Null };
        let order = Order {
            prior,
            planned: &change.after,
            config: &configured(block, walk.phase),
            private: &change.private,
            identity: change.identity.as_ref(),
        };
        let (outcome, since) = self.call(address, block.alias, "apply", order, prior).await;
        let is_done = self.store_written(&change, block, object, &outcome, create_first);
        if is_done {
            let (planned, stored) = (saved.after.clone(), outcome.value);
            self.applied.borrow_mut().done.push(Done { address, planned, stored, since });
        }
        Some(is_done)
    }

    /// The plan inside apply must keep what the saved plan knew.
    fn is_consistent(&self, saved: &Change, change: &Change) -> bool {
        let may_rest = saved.action == Action::Update && change.action == Action::NoOp;
        let mut verdict = conform::outcome(&saved.after, &change.after);
        if saved.action != change.action && !may_rest {
            verdict = Err(format!("{:?} has become {:?}", saved.action, change.action));
        }
        if let Err(bug) = &verdict {
            self.walk.note_bug(saved.address, &format!("inconsistent final plan: {bug}"));
        }
        verdict.is_ok()
    }

    /// What a create or update leaves in state. Whether it ended well.
    fn store_written(
        &self,
        change: &Change,
        block: &Block,
        before: Option<Object>,
        outcome: &Outcome,
        create_first: bool,
    ) -> bool {
        let failed = outcome.messages.iter().any(|diagnostic| diagnostic.is_error);
        if !failed {
            self.check_success(change, outcome);
        }
        let is_new = change.action != Action::Update;
        let was_tainted = before.as_ref().is_some_and(|object| object.tainted);
        let stored = if outcome.value.is_null() {
            // A failed update keeps what was there; a failed create leaves nothing.
            before.filter(|_| failed && !is_new && !create_first)
        } else {
            Some(Object {
                value: outcome.value.clone(),
                private: outcome.private.clone(),
                identity: outcome.identity.clone(),
                tainted: failed && (is_new || was_tainted),
            })
        };
        self.applied.borrow_mut().state.put(change.address, block.alias, stored);
        !failed
    }

    fn check_success(&self, change: &Change, outcome: &Outcome) {
        let mut verdict = conform::outcome(&change.after, &outcome.value);
        if outcome.value.is_null() || !outcome.value.is_wholly_known() {
            verdict = Err("a state that is null or not wholly known".to_owned());
        }
        let verdict = verdict.and_then(|()| conform::identity(outcome.identity.as_ref(), "after apply"));
        if let Err(bug) = verdict {
            self.walk.note_bug(change.address, &format!("inconsistent result after apply: {bug}"));
        }
    }

    /// Deletes the current object. Whether it ended well.
    async fn delete(&self, change: &Change) -> bool {
        let found = self.applied.borrow().state.0.get(change.address).cloned();
        let Some((object, alias)) = found.and_then(|slot| Some((slot.current?, slot.alias))) else {
            return true;
        };
        let alias = self.walk.alias(change.address, alias);
        let (is_done, left) = self.delete_leg(change, alias, object).await;
        self.put(change.address, None, left);
        is_done
    }

    /// Deletes a deposed object, which core plans once more inside apply.
    async fn delete_deposed(&self, address: Address, key: Key) {
        let found = self.applied.borrow().state.0.get(address).cloned();
        let Some(slot) = found else { return };
        let Some(object) = slot.deposed.get(&key) else { return };
        let alias = self.walk.alias(address, slot.alias);
        let Some(change) = self.walk.plan_destroy(address, alias, Some(key), object).await else { return };
        let (_, left) = self.delete_leg(&change, alias, object.clone()).await;
        self.put(address, Some(key), left);
    }

    async fn delete_leg(&self, change: &Change, alias: usize, object: Object) -> (bool, Option<Object>) {
        let order = Order {
            prior: &change.before,
            planned: &Value::Null,
            config: &Value::Null,
            private: &change.private,
            identity: None,
        };
        let (outcome, _) = self.call(change.address, alias, "destroy", order, &Value::Null).await;
        let failed = outcome.messages.iter().any(|diagnostic| diagnostic.is_error);
        if !failed && !outcome.value.is_null() {
            self.walk.note_bug(change.address, "a destroy ended well and left a state");
        }
        let left = match (failed, outcome.value.is_null()) {
            (false, true) => None,
            (true, true) => Some(object),
            (_, false) => Some(Object {
                value: outcome.value,
                private: outcome.private,
                identity: outcome.identity,
                tainted: object.tainted,
            }),
        };
        (!failed, left)
    }

    /// Calls `ApplyResourceChange`, and notes when. If the process dies, core goes on with `after_crash` and no private
    /// data.
    async fn call(
        &self,
        address: Address,
        alias: usize,
        what: &str,
        order: Order<'_>,
        after_crash: &Value,
    ) -> (Outcome, Mark) {
        let _turn = self.walk.turns.turn().await;
        let since = self.walk.world.mark();
        self.walk.world.tell(&format!("    {address}: {what} by provider {alias}"));
        let answer = self.walk.process(alias).apply(order).await;
        let is_crash = matches!(answer, Err(Failure::Crashed));
        let outcome = self.walk.keep(address, what, answer).unwrap_or_else(|| Outcome {
            value: if is_crash { after_crash.clone() } else { Value::Null },
            private: Vec::new(),
            identity: None,
            messages: vec![crate::process::Diagnostic::error("Plugin did not respond")],
        });
        if !is_crash {
            self.walk.note_said(address, what, outcome.messages.clone());
        }
        (outcome, since)
    }

    fn put(&self, address: Address, key: Option<Key>, object: Option<Object>) {
        let state = &mut self.applied.borrow_mut().state;
        if let Some(key) = key {
            state.put_deposed(address, key, object);
        } else {
            let alias = state.0.get(address).map_or(0, |slot| slot.alias);
            state.put(address, alias, object);
        }
    }
}
