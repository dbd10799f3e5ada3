//! The resource against the emulator, at the level of gRPC: what the command line of an older Terraform cannot show,
//! and every ending that must keep the state.

use expect_test::expect;
use serde_json::{Value as Json, json};
use terraform_provider_defender::emulator::{Emulator, Options, Tenant};
use terraform_provider_defender::protocol::msgpack;
use terraform_provider_defender::terraform::ty::Type;
use terraform_provider_defender::terraform::value::Value;
use terraform_provider_defender::wire::tfplugin6 as wire;

use crate::in_process::{Client, RESOURCE, configured, decoded, kind, printed, state};

const POLICY: &str = "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a";
const OTHER_TYPE: &str = "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4b";
const ABSENT: &str = "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2bff";
const GROUP: &str = "a1b2c3d4-0000-0000-0000-00000000000a";

fn emulator(assignments: &Json) -> Emulator {
    let tenant = json!({
        "deviceConfigurations": [
            {
                "@odata.type": "#microsoft.graph.windowsDefenderAdvancedThreatProtectionConfiguration",
                "id": POLICY, "displayName": "Onboarding", "assignments": assignments,
            },
            {
                "@odata.type": "#microsoft.graph.windows10GeneralConfiguration",
                "id": OTHER_TYPE, "displayName": "Desktop",
            },
        ],
        "groups": [{"id": GROUP, "displayName": "Sales"}],
        "assignmentFilters": [],
    });
    Emulator::start(Tenant::from_json(kind::tenant(tenant)).unwrap(), Options::default()).unwrap()
}

fn direct_group() -> Json {
    json!([{"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": GROUP}}])
}

fn stored(policy: &str) -> Json {
    json!({
        "id": policy, "device_configuration_id": policy,
        "assignments": [{"type": "groupAssignmentTarget", "group_id": GROUP}],
        "assignment_ids": {}, "inherited_assignments": [],
    })
}

async fn read(client: &mut Client, current: &Json) -> wire::read_resource::Response {
    let request = wire::read_resource::Request {
        type_name: RESOURCE.into(),
        current_state: Some(state(current)),
        ..Default::default()
    };
    client.read_resource(request).await.unwrap().into_inner()
}

async fn apply(client: &mut Client, prior: &Json, planned: &Json) -> wire::apply_resource_change::Response {
    let some = |values: &Json| (!values.is_null()).then(|| state(values));
    let request = wire::apply_resource_change::Request {
        type_name: RESOURCE.into(),
        prior_state: some(prior),
        planned_state: some(planned),
        ..Default::default()
    };
    client.apply_resource_change(request).await.unwrap().into_inner()
}

async fn import(
    client: &mut Client,
    id: &str,
    identity: Option<&str>,
) -> wire::import_resource_state::Response {
    let ty = Type::object([(kind::translated("device_configuration_id"), Type::String)]);
    let identity = identity.map(|id| {
        let value = Value::Object([(kind::translated("device_configuration_id"), Value::string(id))].into());
        let identity_data =
            wire::DynamicValue { msgpack: msgpack::encode(&value, &ty).unwrap(), json: Vec::new() };
        wire::ResourceIdentityData { identity_data: Some(identity_data) }
    });
    let request = wire::import_resource_state::Request {
        type_name: RESOURCE.into(),
        id: id.to_owned(),
        identity,
        ..Default::default()
    };
    client.import_resource_state(request).await.unwrap().into_inner()
}

#[tokio::test]
async fn import_by_identity_finds_the_policy_and_the_read_fills_it() {
    let emulator = emulator(&direct_group());
    let mut client = configured(&emulator.base_url()).await;
    let imported = import(&mut client, "", Some(POLICY)).await;
    assert_eq!(imported.diagnostics, []);
    let state = decoded(imported.imported_resources[0].state.as_ref());
    let answer = read(&mut client, &state).await;
    assert_eq!(answer.diagnostics, []);
    assert_eq!(decoded(answer.new_state.as_ref())["assignments"][0]["group_id"], GROUP);
    assert_eq!(answer.new_identity, imported.imported_resources[0].identity);
}

#[tokio::test]
async fn imports_of_what_cannot_be_managed_are_refused_by_name() {
    let emulator = emulator(&json!([]));
    let mut client = configured(&emulator.base_url()).await;
    let mut texts = Vec::new();
    for id in [OTHER_TYPE, ABSENT, "Onboarding"] {
        let answer = import(&mut client, id, None).await;
        assert_eq!(answer.imported_resources, []);
        texts.push(printed(&answer.diagnostics));
    }
    expect![[r#"
        Error at device_configuration_id: The policy is not a Defender for Endpoint onboarding policy
        Policy 0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4b ("Desktop") is of the type windows10GeneralConfiguration. This resource manages only policies of the type windowsDefenderAdvancedThreatProtectionConfiguration.
        Next: use the id of a policy that was made with the profile type "Microsoft Defender for Endpoint". This policy was not changed.

        Error: Policy 0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2bff: it does not exist in Intune
        Intune answered that it has no policy 0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2bff while reading it.
        Request: GET /beta/deviceManagement/deviceConfigurations/0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2bff, status 404, code ResourceNotFound, request-id …, client-request-id …, <date>.
        Next: check the id, and whether the token is for the right tenant. The state is unchanged.

        Error: The import id is not the id of a policy
        The id is "Onboarding". A GUID has 32 hexadecimal digits in groups of 8-4-4-4-12, for example "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a". Names are not accepted. The Intune admin center shows it in the address of the policy's page, after "policyId/". In Graph, GET /beta/deviceManagement/deviceConfigurations?$select=id,displayName lists ids and names. Nothing was imported.
    "#]].assert_eq(&texts.join("\n"));
}

#[tokio::test]
async fn a_policy_of_another_type_is_not_assigned() {
    let emulator = emulator(&json!([]));
    let mut client = configured(&emulator.base_url()).await;
    let mut planned = stored(OTHER_TYPE);
    planned["assignment_ids"] = json!("<unknown>");
    let answer = apply(&mut client, &Json::Null, &planned).await;
    assert_eq!(decoded(answer.new_state.as_ref()), Json::Null);
    let summary = kind::restored(&answer.diagnostics[0].summary);
    assert_eq!(summary, "The policy is not a Defender for Endpoint onboarding policy");
    assert!(
        emulator
            .calls()
            .iter()
            .all(|call| !call.path.contains("/assign\"") && !call.path.ends_with("/assign"))
    );
}

#[tokio::test]
async fn what_is_there_already_is_not_sent_again() {
    let emulator = emulator(&direct_group());
    let mut client = configured(&emulator.base_url()).await;
    let mut planned = stored(POLICY);
    planned["assignment_ids"] = json!("<unknown>");
    let mut prior = stored(POLICY);
    prior["assignments"] = json!([]);
    let answer = apply(&mut client, &prior, &planned).await;
    assert_eq!(answer.diagnostics, []);
    assert_eq!(
        decoded(answer.new_state.as_ref())["assignment_ids"][format!("groupAssignmentTarget/{GROUP}")],
        format!("{POLICY}_{GROUP}")
    );
    assert!(emulator.calls().iter().all(|call| !call.path.ends_with("/assign")));
}

#[tokio::test]
async fn only_a_missing_policy_clears_the_state() {
    let emulator = emulator(&json!([]));
    let mut client = configured(&emulator.base_url()).await;
    let emptied = read(&mut client, &stored(POLICY)).await;
    assert_eq!(
        decoded(emptied.new_state.as_ref())["assignments"],
        json!([]),
        "emptied in the portal is not gone"
    );
    let gone = read(&mut client, &stored(ABSENT)).await;
    assert_eq!((decoded(gone.new_state.as_ref()), gone.diagnostics), (Json::Null, Vec::new()));
}

#[tokio::test]
async fn destroying_what_is_gone_already_is_success() {
    let emulator = emulator(&json!([]));
    let mut client = configured(&emulator.base_url()).await;
    let answer = apply(&mut client, &stored(ABSENT), &Json::Null).await;
    assert_eq!((decoded(answer.new_state.as_ref()), answer.diagnostics), (Json::Null, Vec::new()));
}

#[tokio::test]
async fn a_service_that_is_not_there_keeps_the_state() {
    let endpoint = emulator(&json!([])).base_url();
    let mut client = configured(&endpoint).await;
    let answer = read(&mut client, &stored(POLICY)).await;
    assert_eq!(decoded(answer.new_state.as_ref())["id"], POLICY);
    assert_eq!(answer.diagnostics[0].summary, format!("Policy {POLICY}: Microsoft Graph was not reached"));
    let answer = apply(&mut client, &stored(POLICY), &Json::Null).await;
    assert_eq!(decoded(answer.new_state.as_ref())["id"], POLICY, "a failed destroy keeps the state");
}

#[tokio::test]
async fn stopping_ends_a_read_that_hangs_and_later_calls_go_on() {
    // Accepts connections and never answers.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = configured(&format!("http://{}", silent.local_addr().unwrap())).await;
    let mut reader = client.clone();
    let reading = tokio::spawn(async move { read(&mut reader, &stored(POLICY)).await });
    let (_connection, _) = silent.accept().await.unwrap();
    client.stop_provider(wire::stop_provider::Request {}).await.unwrap();
    let answer = reading.await.unwrap();
    assert_eq!(decoded(answer.new_state.as_ref())["id"], POLICY);
    expect![[r#"
        Error: The operation was interrupted
        Terraform asked the provider to stop. The state is unchanged.
    "#]]
    .assert_eq(&printed(&answer.diagnostics));
    let metadata = client.get_metadata(wire::get_metadata::Request {}).await.unwrap().into_inner();
    assert!(!metadata.resources.is_empty());
}

#[tokio::test]
async fn a_create_in_a_tenant_without_the_policy_says_so_at_the_attribute() {
    let emulator = emulator(&json!([]));
    let mut client = configured(&emulator.base_url()).await;
    let mut planned = stored(ABSENT);
    planned["timeouts"] = json!({"create": "10ms"});
    let answer = apply(&mut client, &Json::Null, &planned).await;
    assert_eq!(decoded(answer.new_state.as_ref()), Json::Null);
    assert_eq!(answer.diagnostics.len(), 1);
    assert_eq!(answer.diagnostics[0].severity, 1);
}
