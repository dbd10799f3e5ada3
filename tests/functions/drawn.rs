//! Draws lists of targets from a few ids, so that they often repeat and contradict each other. The same seed gives the same
//! lists.

use fastrand::Rng;
use serde_json::{Value as Json, json};

pub const GROUPS: [&str; 3] = [
    "a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01",
    "b4e2a7c3-1d58-4fa6-9b2e-7a3fac8d6e02",
    "c5f3b8d4-2e69-40b7-ac3f-8b40bd9e7f03",
];
pub const FILTERS: [&str; 2] =
    ["d604c9e5-3f7a-41c8-bd40-9c51ceaf8004", "e715daf6-408b-42d9-8e51-ad62dfb09105"];

/// The number of drawn cases of each law.
const CASES: u64 = 200;

pub fn cases() -> impl Iterator<Item = Rng> {
    (0..CASES).map(Rng::with_seed)
}

/// A list of valid targets, which may contradict each other.
pub fn any_list(rng: &mut Rng) -> Json {
    let target = |rng: &mut Rng| {
        let filter = [None, None, Some(0), Some(1)][rng.usize(..4)];
        target(rng.usize(..7), filter)
    };
    (0..rng.usize(..4)).map(|_| target(rng)).collect()
}

/// Lists of targets that fit together: one meaning for each group and each other target, in any of the lists.
pub fn consistent_lists<const N: usize>(rng: &mut Rng) -> [Json; N] {
    let exclusions: Vec<bool> = (0..GROUPS.len()).map(|_| rng.bool()).collect();
    let filters: Vec<Option<usize>> = (0..7).map(|_| [None, Some(0), Some(1)][rng.usize(..3)]).collect();
    std::array::from_fn(|_| {
        let kinds = (0..rng.usize(..6)).map(|_| rng.usize(..7)).collect::<Vec<_>>();
        let fitting = kinds.into_iter().filter(|kind| match kind {
            0..3 => !exclusions[*kind],
            3..6 => exclusions[*kind - 3],
            _ => true,
        });
        fitting.map(|kind| target(kind, filters[kind])).collect()
    })
}

/// Inclusions of the groups, exclusions of the groups, all devices.
fn target(kind: usize, filter: Option<usize>) -> Json {
    let mut target = match kind {
        0..3 => json!({"type": "groupAssignmentTarget", "group_id": GROUPS[kind]}),
        3..6 => json!({"type": "exclusionGroupAssignmentTarget", "group_id": GROUPS[kind - 3]}),
        _ => json!({"type": "allDevicesAssignmentTarget"}),
    };
    if let Some(filter) = filter.filter(|_| !(3..6).contains(&kind)) {
        target["filter_id"] = json!(FILTERS[filter]);
        target["filter_type"] = json!("include");
    }
    target
}

/// The same list in another order, with some targets repeated and some ids in upper case.
pub fn respelled(rng: &mut Rng, list: &Json) -> Json {
    let mut targets = list.as_array().unwrap().clone();
    if let Some(repeated) = rng.choice(&targets).cloned() {
        targets.push(repeated);
    }
    rng.shuffle(&mut targets);
    for target in &mut targets {
        for id in ["group_id", "filter_id"] {
            if let Some(text) = target[id].as_str().filter(|_| rng.bool()) {
                target[id] = json!(text.to_uppercase());
            }
        }
    }
    Json::Array(targets)
}

/// A set with all ids in lower case, sorted.
pub fn canonical(set: &Json) -> Vec<String> {
    let mut targets: Vec<String> =
        set.as_array().unwrap().iter().map(|target| target.to_string().to_lowercase()).collect();
    targets.sort();
    targets
}
