//! The plan walk: refreshes, imports, plans of blocks, of orphans and of deposed objects.

use std::cell::RefCell;

use crate::configuration::{Address, Block, Command, Mode};
use crate::state::{Key, Object, State};
use crate::turns::Work;
use crate::walk::{Action, Change, Task, Walk};

/// A plan that may be applied.
#[derive(Debug, Default)]
pub struct Plan {
    pub changes: Vec<Change>,
    /// The state after refreshing, from which the apply begins.
    pub prior: State,
    /// Whether there is anything to apply: a change, a move or an import.
    pub has_effect: bool,
}

/// The parts of a plan that grow while addresses are visited.
struct Growing {
    plan: RefCell<Plan>,
}

/// Visits every address. The plan means nothing if the walk has failed.
pub async fn plan(walk: &Walk<'_>, state: &State, command: &Command) -> Plan {
    let mut before = state.clone();
    for (from, to) in &walk.configuration.moved {
        before.rename(from, to);
    }
    let has_effect = before != *state || !walk.configuration.imports.is_empty();
    let plan = Plan { prior: before.clone(), has_effect, ..Plan::default() };
    let growing = Growing { plan: RefCell::new(plan) };
    let mut work: Vec<Work<'_>> = Vec::new();
    if command.mode != Mode::Destroy {
        for (address, block) in &walk.configuration.blocks {
            let object = before.current(address).cloned();
            work.push(Box::pin(growing.visit_block(walk, command, address, block, object)));
        }
    }
    for (address, slot) in &before.0 {
        let alias = walk.alias(address, slot.alias);
        let is_orphan = command.mode == Mode::Destroy || !walk.configuration.blocks.contains_key(address);
        let orphan = slot.current.iter().filter(|_| is_orphan).map(|object| (None, object.clone()));
        let deposed = slot.deposed.iter().map(|(key, object)| (Some(*key), object.clone()));
        for (key, object) in orphan.chain(deposed) {
            work.push(Box::pin(growing.visit_leaving(walk, command, address, alias, key, object)));
        }
    }
    walk.turns.run(work).await;
    let mut plan = growing.plan.into_inner();
    plan.has_effect |= plan.changes.iter().any(|change| change.action != Action::NoOp);
    plan
}

impl Growing {
    async fn visit_block(
        &self,
        walk: &Walk<'_>,
        command: &Command,
        address: Address,
        block: &Block,
        stored: Option<Object>,
    ) {
        let Ok(object) = self.bring_up_to_date(walk, command, address, block, stored).await else { return };
        self.plan.borrow_mut().prior.put(address, block.alias, object.clone());
        if command.mode == Mode::RefreshOnly {
            return;
        }
        let forced = command.replace.contains(address);
        let task = Task { address, block, object: object.as_ref(), forced, saved: None };
        if let Some(change) = walk.plan_block(task).await {
            walk.world.tell(&format!("    {address}: planned {}", shown(&change)));
            self.plan.borrow_mut().changes.push(change);
        }
    }

    /// Refreshed, imported, or unchanged from the state.
    async fn bring_up_to_date(
        &self,
        walk: &Walk<'_>,
        command: &Command,
        address: Address,
        block: &Block,
        stored: Option<Object>,
    ) -> Result<Option<Object>, ()> {
        let imported = walk.configuration.imports.get(address).filter(|_| stored.is_none());
        if let Some(policy) = imported {
            let _turn = walk.turns.turn().await;
            let answer = walk.process(block.alias).import(*policy).await;
            return walk.keep(address, "import", answer).map(Some).ok_or(());
        }
        match stored {
            Some(object) if !command.without_refresh => refresh(walk, address, block.alias, &object).await,
            stored => Ok(stored),
        }
    }

    /// An orphan or a deposed object.
    async fn visit_leaving(
        &self,
        walk: &Walk<'_>,
        command: &Command,
        address: Address,
        alias: usize,
        key: Option<Key>,
        stored: Object,
    ) {
        let is_forgotten = walk.configuration.forgotten.contains(address);
        let mut object = Some(stored);
        // A destroy refreshes in a plan of its own.
        if !command.without_refresh && !is_forgotten && command.mode != Mode::Destroy {
            let stored = object.take().expect("it has just been put there");
            let Ok(refreshed) = refresh(walk, address, alias, &stored).await else { return };
            object = refreshed;
        }
        self.put(address, key, object.clone());
        let (Some(object), false) = (object, command.mode == Mode::RefreshOnly) else { return };
        let change = if is_forgotten {
            Some(forget(address, key, &object))
        } else {
            walk.plan_destroy(address, alias, key, &object).await
        };
        if let Some(change) = change {
            walk.world.tell(&format!("    {address}: planned {}", shown(&change)));
            self.plan.borrow_mut().changes.push(change);
        }
    }

    fn put(&self, address: Address, key: Option<Key>, object: Option<Object>) {
        let prior = &mut self.plan.borrow_mut().prior;
        let alias = prior.0.get(address).map_or(0, |slot| slot.alias);
        match key {
            Some(key) => prior.put_deposed(address, key, object),
            None => prior.put(address, alias, object),
        }
    }
}

/// `None` once the object is gone; an error ends the address.
async fn refresh(
    walk: &Walk<'_>,
    address: Address,
    alias: usize,
    object: &Object,
) -> Result<Option<Object>, ()> {
    let _turn = walk.turns.turn().await;
    let answer = walk.process(alias).read(object).await;
    let (read, warnings) = walk.keep(address, "refresh", answer).ok_or(())?;
    walk.note_said(address, "refresh", warnings);
    let shown = read.as_ref().map_or_else(|| "gone".to_owned(), ToString::to_string);
    walk.world.tell(&format!("    {address}: refreshed {shown}"));
    Ok(read)
}

fn forget(address: Address, deposed: Option<Key>, object: &Object) -> Change {
    Change {
        address,
        deposed,
        action: Action::Forget,
        before: object.value.clone(),
        after: terraform_provider_defender::terraform::value::Value::Null,
        private: Vec::new(),
        identity: None,
    }
}

/// A change for a story.
fn shown(change: &Change) -> String {
    let show = |value| match (crate::values::policy_in(value), crate::values::set_in(value)) {
        (Some(policy), Some(set)) => format!("{policy} {}", crate::assignment::Shown(&set)),
        (policy, set) => format!("{policy:?} {set:?}"),
    };
    let deposed = change.deposed.map_or_else(String::new, |key| format!(" of deposed {key}"));
    match (change.before.is_null(), change.after.is_null()) {
        (true, _) => format!("{:?}{deposed} {}", change.action, show(&change.after)),
        (false, true) => format!("{:?}{deposed} {}", change.action, show(&change.before)),
        (false, false) => {
            format!("{:?}{deposed} {} -> {}", change.action, show(&change.before), show(&change.after))
        }
    }
}
