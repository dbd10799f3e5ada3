//! A policy with 500 targets, through its whole life.

use serde_json::{Value as Json, json};

use crate::scene::{Scene, config};
use crate::target::{Target, element_of_row, sorted};
use crate::tenant::{COMPANY_OWNED, Tenant};

const TARGETS: usize = 500;

fn group_ids() -> Vec<String> {
    (0..TARGETS).map(|n| format!("a3d1f6b2-0c47-4e95-8a1d-{n:012x}")).collect()
}

/// One in three is an exclusion, and one in three is filtered.
fn targets() -> Vec<Target> {
    let target = |(n, id): (usize, &String)| match n % 3 {
        0 => Target::group(id),
        1 => Target::exclusion(id),
        _ => Target::group(id).including(COMPANY_OWNED),
    };
    group_ids().iter().enumerate().map(target).collect()
}

#[tokio::test]
async fn a_policy_with_500_targets_is_created_read_repaired_and_removed() {
    let scene = Scene::new(&Tenant::default().with_groups(&group_ids())).await;
    let wanted = targets();
    let created = scene.applied(&Json::Null, &config(&wanted)).await;
    scene.must_hold(&wanted);
    assert_eq!(created["assignment_ids"].as_object().unwrap().len(), TARGETS);
    let read = scene.read(&created).await;
    assert_eq!((read.state, read.messages.as_str()), (created.clone(), ""));
    assert_eq!(scene.plan(&created, &config(&wanted)).await.state, created, "nothing to do");

    let mut others: Vec<Json> = wanted[1..].iter().map(Target::row).collect();
    others.push(Target::all_users().row());
    scene.assign_in_portal(&others);
    let drifted = scene.read(&created).await;
    assert_eq!(drifted.assignments(), sorted(others.iter().map(element_of_row)));

    let repaired = scene.applied(&drifted.state, &config(&wanted)).await;
    scene.must_hold(&wanted);
    // Another run: in the same one this would be the old half of a move.
    scene.configure(&json!({})).await;
    scene.applied(&repaired, &Json::Null).await;
    scene.must_hold(&[]);
    assert_eq!(scene.assign_calls(), 3, "each time in one write");
}
