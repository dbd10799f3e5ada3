//! Both kinds of policy in one configuration: what one resource learns of the other.

use expect_test::expect;
use serde_json::{Value as Json, json};
use terraform_provider_defender::emulator::{Emulator, Options, Tenant};
use terraform_provider_defender::wire::tfplugin6 as wire;

use crate::in_process::{Client, client, configure_request, printed, provider, state_of};

const ATP: &str = "defender_atp_assignment";
const EDR: &str = "defender_edr_assignment";
const WORKSTATIONS: &str = "a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01";
const LAPTOPS: &str = "b4e2a7c3-1d58-4fa6-9b2e-7a3fac8d6e02";
const EDR_POLICY: &str = "11111111-0000-4000-8000-0000000000ed";

/// The device configurations of the tenant; more than are read before the list is fetched.
fn atp_policy(number: usize) -> String {
    format!("22222222-0000-4000-8000-{number:012}")
}

struct World {
    emulator: Emulator,
    client: Client,
}

impl World {
    /// A tenant in which every device configuration includes `included`.
    async fn new(included: &Json, block: &Json) -> Self {
        let policies: Vec<Json> = (0..12)
            .map(|number| {
                json!({"id": atp_policy(number), "displayName": format!("Old {number}"), "assignments": included})
            })
            .collect();
        let tenant = json!({
            "deviceConfigurations": policies,
            "configurationPolicies": [{"id": EDR_POLICY, "name": "New"}],
            "groups": [{"id": WORKSTATIONS, "displayName": "W"}, {"id": LAPTOPS, "displayName": "L"}],
        });
        let emulator = Emulator::start(Tenant::from_json(tenant).unwrap(), Options::default()).unwrap();
        let mut client = client(provider());
        let mut config = json!({"access_token": "token", "graph_endpoint": emulator.base_url()});
        config.as_object_mut().unwrap().extend(block.as_object().unwrap().clone());
        let answer = client.configure_provider(configure_request(&config)).await.unwrap().into_inner();
        assert_eq!(answer.diagnostics, []);
        Self { emulator, client }
    }

    async fn read(&mut self, resource: &str, current: &Json) {
        let request = wire::read_resource::Request {
            type_name: resource.into(),
            current_state: Some(state_of(resource, current)),
            ..Default::default()
        };
        let answer = self.client.read_resource(request).await.unwrap().into_inner();
        assert_eq!(answer.diagnostics, []);
    }

    /// Plans, and returns the diagnostics as text.
    async fn plan(&mut self, resource: &str, prior: &Json, config: &Json) -> String {
        let some = |values: &Json| (!values.is_null()).then(|| state_of(resource, values));
        let mut proposed = config.clone();
        for computed in ["id", "assignment_ids", "inherited_assignments"].iter().filter(|_| !config.is_null())
        {
            proposed[computed] = prior[computed].clone();
        }
        let request = wire::plan_resource_change::Request {
            type_name: resource.into(),
            prior_state: some(prior),
            proposed_new_state: some(&proposed),
            config: some(config),
            ..Default::default()
        };
        printed(&self.client.plan_resource_change(request).await.unwrap().into_inner().diagnostics)
    }

    fn calls(&self) -> usize {
        self.emulator.calls().len()
    }
}

fn group(id: &str) -> Json {
    json!({"type": "groupAssignmentTarget", "group_id": id})
}

fn row(id: &str) -> Json {
    json!({"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": id}})
}

fn config(attribute: &str, policy: &str, targets: &[Json]) -> Json {
    json!({attribute: policy, "assignments": targets})
}

fn atp(number: usize, targets: &[Json]) -> Json {
    config("device_configuration_id", &atp_policy(number), targets)
}

fn edr(targets: &[Json]) -> Json {
    config("configuration_policy_id", EDR_POLICY, targets)
}

/// The state of a configuration.
fn stored(config: &Json) -> Json {
    let mut state = config.clone();
    let id = config.get("device_configuration_id").or(config.get("configuration_policy_id"));
    state["id"] = id.unwrap().clone();
    state["assignment_ids"] = json!({});
    state["inherited_assignments"] = json!([]);
    state
}

const OVERLAP: &str = "A policy of another kind includes the same group";

#[tokio::test]
async fn a_group_in_policies_of_both_kinds_is_warned_about_in_either_order() {
    for changed_first in [false, true] {
        let mut world = World::new(&json!([]), &json!({})).await;
        let unchanged = atp(0, &[group(WORKSTATIONS)]);
        let new = edr(&[group(&WORKSTATIONS.to_uppercase()), group(LAPTOPS)]);
        let mut messages = String::new();
        for is_new in [changed_first, !changed_first] {
            messages.push_str(&if is_new {
                world.plan(EDR, &Json::Null, &new).await
            } else {
                world.plan(ATP, &stored(&unchanged), &unchanged).await
            });
        }
        assert_eq!(messages.matches(OVERLAP).count(), 1, "{messages}");
        assert!(messages.contains(EDR_POLICY) && messages.contains(&atp_policy(0)), "{messages}");
    }
}

#[tokio::test]
async fn there_is_no_warning_unless_both_include_the_group_and_one_changes() {
    let exclusion = json!({"type": "exclusionGroupAssignmentTarget", "group_id": WORKSTATIONS});
    let everyone = json!({"type": "allDevicesAssignmentTarget"});
    let both = [group(WORKSTATIONS)];
    let cases: [(&str, Json, Json, bool); 5] = [
        ("another group", atp(0, &[group(LAPTOPS)]), edr(&both), true),
        ("excluded from the old one", atp(0, &[exclusion.clone(), everyone.clone()]), edr(&both), true),
        ("excluded from the new one", atp(0, &both), edr(&[exclusion, everyone.clone()]), true),
        ("all devices", atp(0, &[everyone]), edr(&both), true),
        ("nothing changes", atp(0, &both), edr(&both), false),
    ];
    for (name, old, new, is_new) in cases {
        let mut world = World::new(&json!([]), &json!({})).await;
        let mut messages = world.plan(ATP, &stored(&old), &old).await;
        let prior = if is_new { Json::Null } else { stored(&new) };
        messages.push_str(&world.plan(EDR, &prior, &new).await);
        assert!(!messages.contains(OVERLAP), "{name}: {messages}");
    }
    let mut world = World::new(&json!([]), &json!({"preflight": "off"})).await;
    let old = atp(0, &both);
    world.plan(ATP, &stored(&old), &old).await;
    assert_eq!(world.plan(EDR, &Json::Null, &edr(&both)).await, "", "preflight = \"off\"");
}

#[tokio::test]
async fn a_list_at_hand_shows_overlaps_without_a_request() {
    let included = json!([row(WORKSTATIONS)]);
    let mut requests = Vec::new();
    for target in [WORKSTATIONS, LAPTOPS] {
        let mut world = World::new(&included, &json!({})).await;
        for number in 0..11 {
            world.read(ATP, &stored(&atp(number, &[group(WORKSTATIONS)]))).await;
        }
        // One is destroyed, and one gives the group up.
        let given_up = stored(&atp(0, &[group(WORKSTATIONS)]));
        world.plan(ATP, &given_up, &Json::Null).await;
        world.plan(ATP, &stored(&atp(1, &[group(WORKSTATIONS)])), &atp(1, &[])).await;
        let before = world.calls();
        let messages = world.plan(EDR, &Json::Null, &edr(&[group(target)])).await;
        requests.push(world.calls() - before);
        if target == LAPTOPS {
            assert_eq!(messages, "");
            continue;
        }
        let named: Vec<usize> = (0..12).filter(|number| messages.contains(&atp_policy(*number))).collect();
        assert_eq!(named, (2..12).collect::<Vec<_>>(), "also policies that no resource manages");
        let short = messages.replace(
            &(2..12)
                .map(|n| format!("policy {} (\"Old {n}\")", atp_policy(n)))
                .collect::<Vec<_>>()
                .join(", "),
            "…",
        );
        expect![[r#"
            Warning at assignments: A policy of another kind includes the same group
            Policy 11111111-0000-4000-8000-0000000000ed ("New") and these policies include the same groups:
            - group a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01: …
            The devices of these groups get two onboarding policies, which may conflict.
            Next: keep the group in one of them, or exclude it from the other. While you move from one kind to the other, exclude the groups of the new policy from the old policy.
        "#]].assert_eq(&short);
    }
    assert_eq!(requests[0], requests[1], "the warning costs no request");
}

/// A policy that the list shows without a type may be no onboarding policy at all, and one of another type is none.
#[tokio::test]
async fn a_listed_policy_overlaps_only_if_it_is_an_onboarding_policy() {
    let onboarding = "#microsoft.graph.windowsDefenderAdvancedThreatProtectionConfiguration";
    let other = "#microsoft.graph.windows10GeneralConfiguration";
    for (type_name, is_warned) in [(json!(onboarding), true), (json!(other), false), (Json::Null, false)] {
        let mut world = World::new(&json!([]), &json!({})).await;
        let policies: Vec<Json> = (0..12)
            .map(|n| {
                let rows = if n == 11 { json!([row(WORKSTATIONS)]) } else { json!([]) };
                let type_name = if n == 11 { type_name.clone() } else { json!(onboarding) };
                json!({"@odata.type": type_name, "id": atp_policy(n), "assignments": rows})
            })
            .collect();
        let list = json!({"value": policies}).to_string();
        let matched = json!({"method": "GET", "query": "$expand"});
        world.emulator.faults(&json!([{"match": matched, "status": 200, "body": list}])).unwrap();
        for number in 0..11 {
            world.read(ATP, &stored(&atp(number, &[]))).await;
        }
        let messages = world.plan(EDR, &Json::Null, &edr(&[group(WORKSTATIONS)])).await;
        assert_eq!(messages.contains(OVERLAP), is_warned, "{type_name}: {messages}");
    }
}

/// A policy of the same id in both collections would be two policies.
#[tokio::test]
async fn what_one_kind_has_planned_does_not_concern_the_other() {
    let mut world = World::new(&json!([]), &json!({})).await;
    let id = atp_policy(0);
    let old = config("device_configuration_id", &id, &[]);
    assert_eq!(world.plan(ATP, &stored(&old), &old).await, "");
    let messages = world.plan(EDR, &Json::Null, &config("configuration_policy_id", &id, &[])).await;
    assert!(messages.starts_with("Warning at configuration_policy_id: Policy 2222"), "{messages}");
    assert!(messages.contains("does not exist") && !messages.contains("managed"), "{messages}");
}
