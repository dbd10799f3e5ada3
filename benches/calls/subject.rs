//! The configuration and state that the benches use.

use serde_json::{Map, Value as Json, json};

use crate::scene;
use crate::target::Target;
use crate::tenant::{COMPANY_OWNED, POLICY};

/// The number of targets in a large organization.
pub const MANY: usize = 200;

/// A configuration with this many targets.
pub fn config(count: usize) -> Json {
    scene::config(&targets(count))
}

/// The state after applying that configuration, including the ids of all rows.
pub fn stored(count: usize) -> Json {
    let mut state = scene::stored(&targets(count));
    state["assignment_ids"] = Json::Object(targets(count).iter().map(row_id).collect::<Map<_, _>>());
    state
}

/// Alternating inclusions, exclusions and filtered inclusions.
fn targets(count: usize) -> Vec<Target> {
    let target = |number: usize| {
        let id = format!("a3d1f6b2-0c47-4e95-8a1d-{number:012x}");
        match number % 3 {
            0 => Target::group(&id),
            1 => Target::exclusion(&id),
            _ => Target::group(&id).including(COMPANY_OWNED),
        }
    };
    (0..count).map(target).collect()
}

fn row_id(target: &Target) -> (String, Json) {
    let element = target.element();
    let (kind, group) = (element["type"].as_str().unwrap(), element["group_id"].as_str().unwrap());
    (format!("{kind}/{group}"), json!(format!("{POLICY}_{group}")))
}
