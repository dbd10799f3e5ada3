//! Pauses that one request brings upon others of its kind, seen from the operations.

use serde_json::{Value as Json, json};

use crate::scene::{Scene, config, config_of, stored, wait_until};
use crate::target::Target;
use crate::tenant::{LAPTOPS, OTHER_POLICY, POLICY, Tenant, WORKSTATIONS};

fn before() -> [Target; 1] {
    [Target::group(WORKSTATIONS)]
}

/// Another policy's write is asked to wait; this policy's update has passed its guard by then and waits with it.
async fn update_that_waits_for_another(meanwhile: &[Target]) -> (Scene, Json, String) {
    let scene = Scene::new(&Tenant::default().with_policy(OTHER_POLICY).assigned_to(&before())).await;
    let prior = scene.read(&stored(&before())).await.state;
    let other_write = json!({"method": "POST", "path": format!("{OTHER_POLICY}/assign")});
    scene.fault(&json!({"match": other_write, "status": 429, "retryAfter": "2"}));
    let other_config = config_of(OTHER_POLICY, &before());
    let other = scene.apply(&Json::Null, &other_config);
    let update = async {
        wait_until("the first write is sent", || scene.assign_calls() == 1).await;
        let reads = scene.calls(&format!("{POLICY}/assignments")).len();
        let somebody = async {
            wait_until("the policy is read again", || {
                scene.calls(&format!("{POLICY}/assignments")).len() > reads
            })
            .await;
            scene.assign_in_portal(&meanwhile.iter().map(Target::row).collect::<Vec<_>>());
        };
        let wanted = config(&[Target::group(LAPTOPS)]);
        tokio::join!(scene.apply(&prior, &wanted), somebody).0
    };
    let (other, update) = tokio::join!(other, update);
    assert_eq!(other.messages, "");
    (scene, update.state, update.messages)
}

#[tokio::test]
async fn a_write_that_waited_for_another_is_not_sent_over_what_somebody_else_has_written_meanwhile() {
    let others = [Target::all_users()];
    let (scene, state, messages) = update_that_waits_for_another(&others).await;
    assert!(messages.contains("its assignments have changed since the plan"), "{messages}");
    assert_eq!(state["assignments"], json!([before()[0].element()]));
    assert_eq!(scene.calls(&format!("{POLICY}/assign ")).len(), 0);
    scene.must_hold(&others);
}

#[tokio::test]
async fn a_write_that_waited_for_another_is_sent_where_nothing_has_changed() {
    let (scene, _, messages) = update_that_waits_for_another(&before()).await;
    assert_eq!(messages, "");
    scene.must_hold(&[Target::group(LAPTOPS)]);
}

#[tokio::test]
async fn a_create_whose_look_was_repeated_in_part_compares_with_what_is_there_after_the_pause() {
    let scene = Scene::new(&Tenant::default()).await;
    // Of the batch only the policy has to be asked for again; its rows have been answered by then.
    scene.fault(&json!({"match": {"method": "GET", "path": POLICY}, "status": 429, "retryAfter": "1"}));
    let others = [Target::all_users()];
    let somebody = async {
        wait_until("the policy is read", || !scene.calls(&format!("{POLICY}/assignments")).is_empty()).await;
        scene.assign_in_portal(&others.each_ref().map(Target::row));
    };
    let wanted = config(&[Target::group(LAPTOPS)]);
    let (create, ()) = tokio::join!(scene.apply(&Json::Null, &wanted), somebody);
    assert!(create.messages.contains("is already assigned"), "{}", create.messages);
    assert_eq!((create.state, scene.assign_calls()), (Json::Null, 0));
    scene.must_hold(&others);
}
