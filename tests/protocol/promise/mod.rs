//! The promise, where the command line does not reach: no combination of plans, legs, pauses and failures removes an
//! assignment that no plan showed. Legs come as Terraform sends them, pauses and changes by others exactly between two
//! requests.

mod core;

mod first_plans;
mod identity;
mod last_look;
mod moves;
mod outcomes;
mod planned_values;
mod replacements;

use serde_json::{Value as Json, json};

use crate::scene::Scene;
use crate::target::Target;

/// The direct assignments of the policy are these now, by another hand.
fn assign_elsewhere(scene: &Scene, targets: &[Target]) {
    scene.assign_in_portal(&targets.iter().map(Target::row).collect::<Vec<_>>());
}

/// A fault of the next `assign`.
fn at_assign(effect: &Json) -> Json {
    let mut rule = effect.clone();
    rule["match"] = json!({"method": "POST", "path": "/assign"});
    rule
}

/// Fails if an `assign` with an empty set was sent.
fn never_emptied(scene: &Scene) {
    let emptied: Vec<_> = scene.recorded().into_iter().filter(|call| call.assigned == Some(0)).collect();
    assert!(emptied.is_empty(), "an assign with an empty set: {emptied:?}");
}
