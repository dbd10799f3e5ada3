//! The state that a world begins with: as if its configuration had been applied long ago, which costs no process.

use std::collections::BTreeMap;

use fastrand::Rng;
use serde_json::Value as Json;
use terraform_provider_defender::terraform::value::Value;

use crate::assignment::Target;
use crate::configuration::{Block, Configuration};
use crate::state::{Object, State};
use crate::values::{Phase, configured};
use crate::world::World;

/// Assigns policies as their blocks say, and gives the state of it. Some blocks are new, and their policies free.
pub fn settle(world: &World, rng: &mut Rng, configuration: &Configuration) -> State {
    let mut state = State::default();
    for (address, block) in &configuration.blocks {
        if rng.u8(..4) == 0 {
            continue;
        }
        let rows = world.begin_with(block.policy, &block.set);
        state.put(address, block.alias, Some(object(rng, block, &rows)));
    }
    state
}

fn object(rng: &mut Rng, block: &Block, rows: &[Json]) -> Object {
    let Value::Object(mut attributes) = configured(block, Phase::Apply) else {
        unreachable!("a block is an object")
    };
    attributes.insert("id".to_owned(), Value::string(block.policy.id()));
    attributes.insert("inherited_assignments".to_owned(), Value::set([]));
    attributes.insert("assignment_ids".to_owned(), Value::Map(ids(rows)));
    // An import and a crash leave no private data, everything else does.
    let private = if rng.bool() { br#"{"planned":true}"#.to_vec() } else { Vec::new() };
    Object { value: Value::Object(attributes), private, identity: None, tainted: false }
}

fn ids(rows: &[Json]) -> BTreeMap<String, Value> {
    let entry = |row: &Json| {
        let id = row["id"].as_str().unwrap_or_default();
        (Target::of_row(row).key(), Value::string(id))
    };
    rows.iter().map(entry).collect()
}
