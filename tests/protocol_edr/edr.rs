//! What only EDR policies have: template families, and policies that refuse groups.

use expect_test::expect;
use serde_json::{Value as Json, json};

use crate::scene::{Scene, config, stored, with};
use crate::target::Target;
use crate::tenant::{KIOSKS, LAPTOPS, POLICY, Tenant, WORKSTATIONS};

/// Replaces the policy by one that takes no groups, with these rows.
fn refuse_groups(scene: &Scene, rows: &[Target]) {
    let path = "/_emulator/deviceConfigurations";
    scene.control("DELETE", &format!("{path}/{POLICY}"), None);
    let rows: Vec<Json> = rows.iter().map(Target::row).collect();
    let policy = json!({
        "id": POLICY, "name": "Scoped", "disableEntraGroupPolicyAssignment": true, "assignments": rows,
    });
    let (status, body) = scene.control("POST", path, Some(&policy));
    assert_eq!(status, 201, "{body}");
}

#[tokio::test]
async fn groups_of_a_policy_that_refuses_them_are_an_error_at_plan() {
    let mut summaries = Vec::new();
    for level in ["error", "warn", "off"] {
        for target in [Target::group(WORKSTATIONS), Target::exclusion(KIOSKS), Target::all_devices()] {
            let scene = Scene::with_block(&Tenant::default(), &json!({"preflight": level})).await;
            refuse_groups(&scene, &[]);
            let planned = scene.plan(&Json::Null, &config(std::slice::from_ref(&target))).await;
            let line = planned.messages.lines().next().unwrap_or("-").to_owned();
            summaries.push(format!("{level}, {}: {line}\n", target.element()["type"].as_str().unwrap()));
        }
    }
    expect![[r#"
        error, groupAssignmentTarget: Error at assignments: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294 cannot be assigned to groups
        error, exclusionGroupAssignmentTarget: Error at assignments: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294 cannot be assigned to groups
        error, allDevicesAssignmentTarget: -
        warn, groupAssignmentTarget: Warning at assignments: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294 cannot be assigned to groups
        warn, exclusionGroupAssignmentTarget: Warning at assignments: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294 cannot be assigned to groups
        warn, allDevicesAssignmentTarget: -
        off, groupAssignmentTarget: -
        off, exclusionGroupAssignmentTarget: -
        off, allDevicesAssignmentTarget: -
    "#]].assert_eq(&summaries.concat());
}

#[tokio::test]
async fn an_update_that_adds_a_group_is_checked_and_no_other() {
    let scene = Scene::new(&Tenant::default()).await;
    refuse_groups(&scene, &[Target::all_devices()]);
    let prior = stored(&[Target::all_devices()]);
    let added = scene.plan(&prior, &config(&[Target::all_devices(), Target::exclusion(LAPTOPS)])).await;
    expect![[r#"
        Error at assignments: Policy 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294 cannot be assigned to groups
        The policy ("Scoped") has disableEntraGroupPolicyAssignment set: the policy targets devices through Defender for Endpoint, and Intune refuses Entra groups for it. Nothing was written.
        Next: leave the groups out, or use a policy without this restriction.
    "#]].assert_eq(&added.messages);
    let before = scene.calls("").len();
    assert_eq!(scene.plan(&prior, &config(&[])).await.messages, "");
    assert_eq!(scene.calls("").len(), before, "nothing is looked up where no group is added");
}

#[tokio::test]
async fn an_apply_refuses_before_it_writes() {
    let scene = Scene::new(&Tenant::default()).await;
    refuse_groups(&scene, &[]);
    let applied = scene.apply(&Json::Null, &config(&[Target::group(WORKSTATIONS)])).await;
    assert!(applied.messages.contains("cannot be assigned to groups"), "{}", applied.messages);
    assert_eq!((applied.state, scene.assign_calls()), (Json::Null, 0));
    scene.applied(&Json::Null, &config(&[Target::all_devices()])).await;
}

#[tokio::test]
async fn a_policy_of_another_template_is_named_with_its_template() {
    let scene = Scene::new(&Tenant::default()).await;
    let id = "33333333-0000-4000-8000-000000000001";
    let template = json!({"templateId": "x_1", "templateFamily": "endpointSecurityFirewall",
        "templateDisplayName": "Windows Firewall"});
    let policy = json!({"id": id, "name": "Firewall", "templateReference": template});
    scene.control("POST", "/_emulator/deviceConfigurations", Some(&policy));
    let wanted = with(config(&[Target::all_devices()]), "device_configuration_id", json!(id));
    let refused = scene.plan(&Json::Null, &wanted).await;
    assert!(
        refused.messages.contains("(\"Firewall\") is of the template family endpointSecurityFirewall (template \"Windows Firewall\")"),
        "{}",
        refused.messages
    );
    let imported = scene.import(id).await;
    assert!(imported.messages.contains("endpointSecurityFirewall"), "{}", imported.messages);
}

/// The list of all policies cannot be trusted here, so every refresh reads the policy itself.
#[tokio::test]
async fn refreshes_never_use_a_list() {
    let scene = Scene::new(&Tenant::default().assigned_to(&[Target::all_devices()])).await;
    for _ in 0..15 {
        scene.read(&stored(&[Target::all_devices()])).await;
    }
    assert_eq!(scene.calls("/assignments 200").len(), 15);
    assert_eq!(scene.calls("").len(), 15);
}
