//! State of this resource type that was stored under another host's name for the provider, as OpenTofu asks for it
//! where Terraform wrote the state: it is passed on as it is. State of anything else is refused.

use serde_json::json;
use terraform_provider_defender::wire::tfplugin6 as wire;

use crate::in_process::{RESOURCE, client, decoded, kind, printed, provider, state};
use crate::scene::{stored, with};
use crate::target::Target;
use crate::tenant::{KIOSKS, WORKSTATIONS};

fn request(address: &str, type_name: &str) -> wire::move_resource_state::Request {
    let source = stored(&[Target::group(WORKSTATIONS), Target::exclusion(KIOSKS)]);
    let source =
        with(source, "assignment_ids", json!({format!("groupAssignmentTarget/{WORKSTATIONS}"): "row"}));
    wire::move_resource_state::Request {
        source_provider_address: address.to_owned(),
        source_type_name: type_name.to_owned(),
        source_schema_version: 0,
        source_state: Some(wire::RawState {
            json: kind::translated(&source.to_string()).into_bytes(),
            ..Default::default()
        }),
        target_type_name: RESOURCE.to_owned(),
        source_private: b"kept".to_vec(),
        ..Default::default()
    }
}

#[tokio::test]
async fn state_from_another_host_is_passed_on() {
    for host in ["registry.terraform.io", "registry.opentofu.org", "mirror.example.com"] {
        let asked = request(&format!("{host}/defender-atp/defender"), RESOURCE);
        let answer = client(provider()).move_resource_state(asked.clone()).await.unwrap().into_inner();
        assert_eq!(answer.diagnostics, [], "{host}");
        let source: serde_json::Value = serde_json::from_slice(&asked.source_state.unwrap().json).unwrap();
        assert_eq!(decoded(answer.target_state.as_ref()), decoded(Some(&state(&source))));
        assert!(!answer.target_private.is_empty(), "as every stored state has it");
    }
}

#[tokio::test]
async fn state_of_anything_else_is_refused() {
    let ours = "registry.terraform.io/defender-atp/defender";
    for (address, type_name) in [
        (ours, "defender_note"),
        ("registry.terraform.io/other/defender", RESOURCE),
        ("registry.terraform.io/defender-atp/other", RESOURCE),
        ("defender", RESOURCE),
        ("", RESOURCE),
    ] {
        let answer = client(provider()).move_resource_state(request(address, type_name)).await.unwrap();
        let answer = answer.into_inner();
        assert_eq!(answer.target_state, None, "{address} {type_name}");
        assert_eq!(answer.diagnostics.len(), 1, "{}", printed(&answer.diagnostics));
    }
}

#[tokio::test]
async fn the_provider_says_that_it_can_be_asked() {
    let answer = client(provider()).get_provider_schema(wire::get_provider_schema::Request {}).await.unwrap();
    assert!(answer.into_inner().server_capabilities.unwrap().move_resource_state);
}
