//! Methods as such: empty answers, unknown names, unreadable bytes, an unconfigured provider.

use expect_test::expect;
use serde_json::json;
use terraform_provider_defender::wire::tfplugin6 as wire;
use tonic::Code;

use crate::in_process::{RESOURCE, client, configure_request, decoded, printed, provider, state};

const POLICY: &str = "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a";

#[tokio::test]
async fn what_is_not_offered_is_answered_as_such() {
    let mut client = client(provider());
    let call = wire::call_function::Request { name: "f".into(), arguments: Vec::new() };
    let error = client.call_function(call).await.unwrap().into_inner().error.unwrap();
    assert!(error.text.starts_with("The Defender provider has no function \"f\"."), "{error:?}");
    let code = |status: tonic::Status| status.code();
    let unimplemented = [
        client
            .open_ephemeral_resource(wire::open_ephemeral_resource::Request::default())
            .await
            .map(|_| ())
            .map_err(code),
        client.list_resource(wire::list_resource::Request::default()).await.map(|_| ()).map_err(code),
        client.invoke_action(wire::invoke_action::Request::default()).await.map(|_| ()).map_err(code),
        client.get_states(wire::get_states::Request::default()).await.map(|_| ()).map_err(code),
        client
            .generate_resource_config(wire::generate_resource_config::Request::default())
            .await
            .map(|_| ())
            .map_err(code),
    ];
    assert!(unimplemented.iter().all(|answer| *answer == Err(Code::Unimplemented)), "{unimplemented:?}");
}

#[tokio::test]
async fn metadata_names_the_resources_and_functions() {
    let answer = client(provider()).get_metadata(wire::get_metadata::Request {}).await.unwrap().into_inner();
    let names: Vec<_> = answer.resources.iter().map(|resource| resource.type_name.as_str()).collect();
    assert_eq!(names, ["defender_atp_assignment", "defender_atp_configuration", "defender_edr_assignment"]);
    assert_eq!(answer.data_sources.len(), 11);
    assert!(answer.data_sources.iter().all(|source| source.type_name.starts_with("defender_")));
    let names: Vec<_> = answer.functions.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(names, ["combine", "policy_id", "targets", "with_filter"]);
}

#[tokio::test]
async fn an_unknown_data_source_is_named() {
    let request = wire::read_data_source::Request { type_name: "defender_x".into(), ..Default::default() };
    let answer = client(provider()).read_data_source(request).await.unwrap().into_inner();
    expect![[r#"
        Error: Data source "defender_x" does not exist
        This version of the Defender provider does not have this data source. Check the spelling, or use the provider version that the configuration was written for.
    "#]].assert_eq(&printed(&answer.diagnostics));
}

#[tokio::test]
async fn a_data_source_needs_a_configured_provider_and_a_known_configuration() {
    let mut client = client(provider());
    let unread = wire::read_data_source::Request {
        type_name: "defender_onboarding_status".into(),
        config: Some(wire::DynamicValue { msgpack: vec![0xc1], json: Vec::new() }),
        ..Default::default()
    };
    let answer = client.read_data_source(unread.clone()).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics[0].summary, "The configuration from Terraform cannot be decoded");
    let read = wire::read_data_source::Request {
        config: Some(wire::DynamicValue { msgpack: Vec::new(), json: b"{}".to_vec() }),
        ..unread
    };
    let answer = client.read_data_source(read).await.unwrap().into_inner();
    assert_eq!((answer.state, answer.diagnostics.len()), (None, 1), "{:?}", answer.diagnostics);
}

#[tokio::test]
async fn an_unknown_resource_type_is_named() {
    let request =
        wire::validate_resource_config::Request { type_name: "defender_x".into(), ..Default::default() };
    let answer = client(provider()).validate_resource_config(request).await.unwrap().into_inner();
    expect![[r#"
        Error: Resource type "defender_x" does not exist
        This version of the Defender provider does not have this resource type. Check the spelling, or use the provider version that the configuration was written for.
    "#]].assert_eq(&printed(&answer.diagnostics));
}

#[tokio::test]
async fn bytes_that_are_no_value_are_a_diagnostic_and_the_service_lives() {
    let mut client = client(provider());
    for bytes in [&[0xc1][..], &[0xdf, 0xff, 0xff, 0xff, 0xff], &[0x81, 0xa1, b'x', 0xc0], b"garbage"] {
        let value = Some(wire::DynamicValue { msgpack: bytes.to_vec(), json: Vec::new() });
        let request = wire::plan_resource_change::Request {
            type_name: RESOURCE.into(),
            proposed_new_state: value.clone(),
            config: value,
            ..Default::default()
        };
        let answer = client.plan_resource_change(request).await.unwrap().into_inner();
        assert_eq!(answer.diagnostics[0].summary, "The configuration from Terraform cannot be decoded");
    }
}

#[tokio::test]
async fn an_unreadable_state_comes_back_unchanged() {
    let garbage = wire::DynamicValue { msgpack: vec![0xc1], json: Vec::new() };
    let request = wire::read_resource::Request {
        type_name: RESOURCE.into(),
        current_state: Some(garbage.clone()),
        private: b"kept".to_vec(),
        ..Default::default()
    };
    let answer = client(provider()).read_resource(request).await.unwrap().into_inner();
    assert_eq!((answer.new_state, answer.private), (Some(garbage), b"kept".to_vec()));
    assert_eq!(answer.diagnostics.len(), 1);
}

#[tokio::test]
async fn a_read_without_any_way_to_sign_in_says_what_to_set_and_keeps_the_state() {
    let mut client = client(provider());
    let config = json!({"use_cli": false});
    let configured = client.configure_provider(configure_request(&config)).await.unwrap().into_inner();
    assert_eq!(
        configured.diagnostics,
        [],
        "a plan may do without a sign-in, so configuring is no place to fail"
    );
    let current = json!({"id": POLICY, "device_configuration_id": POLICY, "assignments": []});
    let request = wire::read_resource::Request {
        type_name: RESOURCE.into(),
        current_state: Some(state(&current)),
        ..Default::default()
    };
    let answer = client.read_resource(request).await.unwrap().into_inner();
    assert_eq!(decoded(answer.new_state.as_ref())["id"], POLICY);
    expect![[r#"
        Error: No credentials are configured
        No sign-in method is configured, and the argument use_cli disables the Azure CLI. Nothing was sent.
        Next: set tenant_id and client_id (or ARM_TENANT_ID and ARM_CLIENT_ID), and one of client_secret (ARM_CLIENT_SECRET), client_certificate_path (ARM_CLIENT_CERTIFICATE_PATH) or use_oidc (ARM_USE_OIDC). On an Azure machine with a managed identity, use_msi (ARM_USE_MSI) is enough. To try the provider offline, start the emulator and set DEFENDER_GRAPH_ENDPOINT=http://127.0.0.1:8400 and DEFENDER_ACCESS_TOKEN=offline-token.
    "#]].assert_eq(&printed(&answer.diagnostics));
}

#[tokio::test]
async fn stored_state_is_upgraded_without_configuration() {
    let upgrade = |version, json: serde_json::Value| wire::upgrade_resource_state::Request {
        type_name: RESOURCE.into(),
        version,
        raw_state: Some(wire::RawState { json: json.to_string().into_bytes(), ..Default::default() }),
    };
    let mut client = client(provider());
    let stored = json!({
        "id": POLICY, "device_configuration_id": POLICY, "assignments": [], "assignment_ids": {},
        "dropped_by_a_later_version": {"a": 1},
    });
    let answer = client.upgrade_resource_state(upgrade(0, stored.clone())).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics, []);
    let upgraded = decoded(answer.upgraded_state.as_ref());
    assert_eq!(upgraded["device_configuration_id"], POLICY);
    assert_eq!(upgraded["timeouts"], serde_json::Value::Null);

    let answer = client.upgrade_resource_state(upgrade(7, stored)).await.unwrap().into_inner();
    expect![[r#"
        Error: Stored state of defender_atp_assignment has an unknown version
        The state has schema version 7, but this provider writes version 0. It was probably written by a newer release of the provider: use that release or a later one. The state is unchanged.
    "#]].assert_eq(&printed(&answer.diagnostics));
}

#[tokio::test]
async fn state_of_another_resource_type_is_not_taken_over() {
    let request = wire::move_resource_state::Request {
        source_type_name: "other_assignment".into(),
        target_type_name: RESOURCE.into(),
        ..Default::default()
    };
    let answer = client(provider()).move_resource_state(request).await.unwrap().into_inner();
    expect![[r#"
        Error: State of other_assignment cannot be moved to defender_atp_assignment
        The source is other_assignment of the provider . defender_atp_assignment accepts only state of its own type, from defender-atp/defender on any registry host.
        Next: remove the old resource from the state without destroying it (a "removed" block with destroy = false), then import the policy. Nothing was changed.
    "#]].assert_eq(&printed(&answer.diagnostics));
}

#[tokio::test]
async fn a_wrong_provider_block_is_refused_at_its_attribute() {
    let request = configure_request(&json!({"graph_endpoint": "http://graph.example/beta"}));
    let validate = wire::validate_provider_config::Request { config: request.config };
    let answer = client(provider()).validate_provider_config(validate).await.unwrap().into_inner();
    expect![[r#"
        Error at graph_endpoint: graph_endpoint is not the root of Microsoft Graph
        The value cannot be used: it must end after host and port, without "/beta"; the rest is added for each request.

        Remove it to use the cloud's address, or set "http://127.0.0.1:8400" for an emulator on this machine.
    "#]].assert_eq(&printed(&answer.diagnostics));
}
