//! Generates well-formed requests with invalid content in every field that is read.

use fastrand::Rng;
use prost::Message;
use terraform_provider_defender::wire::tfplugin6 as wire;
use wire::{DynamicValue, ResourceIdentityData};

use crate::garbage::{self, RESOURCE, bytes, name, stored, value};

/// An encoded request for a method that reads its request.
pub fn message(rng: &mut Rng, method: &str) -> Vec<u8> {
    match method.rsplit('/').next().unwrap() {
        "ValidateProviderConfig" => {
            wire::validate_provider_config::Request { config: Some(value(rng)) }.encode_to_vec()
        }
        "ConfigureProvider" => {
            let terraform_version = name(rng);
            let config = Some(value(rng));
            wire::configure_provider::Request { terraform_version, config, client_capabilities: None }
                .encode_to_vec()
        }
        "ValidateResourceConfig" => wire::validate_resource_config::Request {
            type_name: type_name(rng),
            config: Some(value(rng)),
            ..Default::default()
        }
        .encode_to_vec(),
        "ValidateDataResourceConfig" => wire::validate_data_resource_config::Request {
            type_name: data_source_name(rng),
            config: Some(value(rng)),
        }
        .encode_to_vec(),
        "ReadDataSource" => wire::read_data_source::Request {
            type_name: data_source_name(rng),
            config: Some(value(rng)),
            ..Default::default()
        }
        .encode_to_vec(),
        "UpgradeResourceState" => wire::upgrade_resource_state::Request {
            type_name: type_name(rng),
            version: version(rng),
            raw_state: Some(stored(rng)),
        }
        .encode_to_vec(),
        "UpgradeResourceIdentity" => wire::upgrade_resource_identity::Request {
            type_name: type_name(rng),
            version: version(rng),
            raw_identity: Some(stored(rng)),
        }
        .encode_to_vec(),
        "ReadResource" => read(rng).encode_to_vec(),
        "PlanResourceChange" => plan(rng).encode_to_vec(),
        "ApplyResourceChange" => apply(rng).encode_to_vec(),
        "ImportResourceState" => import(rng).encode_to_vec(),
        "MoveResourceState" => move_state(rng).encode_to_vec(),
        "CallFunction" => {
            let arguments = (0..rng.usize(..3)).map(|_| value(rng)).collect();
            wire::call_function::Request { name: function_name(rng), arguments }.encode_to_vec()
        }
        other => panic!("{other} reads nothing"),
    }
}

fn read(rng: &mut Rng) -> wire::read_resource::Request {
    wire::read_resource::Request {
        type_name: type_name(rng),
        current_state: Some(value(rng)),
        private: bytes(rng),
        current_identity: identity(rng),
        ..Default::default()
    }
}

fn plan(rng: &mut Rng) -> wire::plan_resource_change::Request {
    wire::plan_resource_change::Request {
        type_name: type_name(rng),
        prior_state: maybe_valid(rng),
        proposed_new_state: maybe_valid(rng),
        config: Some(value(rng)),
        prior_private: bytes(rng),
        prior_identity: identity(rng),
        ..Default::default()
    }
}

fn apply(rng: &mut Rng) -> wire::apply_resource_change::Request {
    wire::apply_resource_change::Request {
        type_name: type_name(rng),
        prior_state: maybe_valid(rng),
        planned_state: Some(value(rng)),
        config: maybe_valid(rng),
        planned_private: bytes(rng),
        planned_identity: identity(rng),
        ..Default::default()
    }
}

fn import(rng: &mut Rng) -> wire::import_resource_state::Request {
    let identity = identity(rng);
    wire::import_resource_state::Request {
        type_name: type_name(rng),
        id: name(rng),
        identity,
        ..Default::default()
    }
}

fn move_state(rng: &mut Rng) -> wire::move_resource_state::Request {
    wire::move_resource_state::Request {
        source_provider_address: name(rng),
        source_type_name: name(rng),
        source_schema_version: version(rng),
        source_state: Some(stored(rng)),
        target_type_name: type_name(rng),
        source_private: bytes(rng),
        source_identity: Some(stored(rng)),
        ..Default::default()
    }
}

/// Mostly the valid one, so that the rest of the message is read.
fn type_name(rng: &mut Rng) -> String {
    if rng.u8(..4) == 0 { name(rng) } else { RESOURCE.to_owned() }
}

/// Mostly the name of a function that needs arguments.
fn function_name(rng: &mut Rng) -> String {
    let valid = rng.choice(["policy_id", "targets", "with_filter"]);
    valid.filter(|_| rng.u8(..4) > 0).map_or_else(|| name(rng), str::to_owned)
}

/// Mostly the name of a data source that needs arguments.
fn data_source_name(rng: &mut Rng) -> String {
    let valid = rng.choice(["defender_group", "defender_edr_policy", "defender_atp_assignment"]);
    valid.filter(|_| rng.u8(..4) > 0).map_or_else(|| name(rng), str::to_owned)
}

fn version(rng: &mut Rng) -> i64 {
    if rng.bool() { 0 } else { rng.i64(..) }
}

fn maybe_valid(rng: &mut Rng) -> Option<DynamicValue> {
    match rng.u8(..3) {
        0 => None,
        1 => Some(garbage::valid_configuration()),
        _ => Some(value(rng)),
    }
}

fn identity(rng: &mut Rng) -> Option<ResourceIdentityData> {
    rng.bool().then(|| ResourceIdentityData { identity_data: rng.bool().then(|| value(rng)) })
}
