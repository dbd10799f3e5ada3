//! Messages of 50 MB, with a limit on memory. Times are printed and not asserted.

use std::time::Instant;

use terraform_provider_defender::protocol::{json, msgpack};
use terraform_provider_defender::terraform::ty::Type;
use terraform_provider_defender::terraform::value::Value;
use terraform_provider_defender::wire::tfplugin6 as wire;

use crate::garbage::{POLICY, RESOURCE, object, resource_type};
use crate::memory::Memory;
use crate::{assert_healthy, configured};

const MESSAGE_BYTES: usize = 50 * 1024 * 1024;
/// Longer than any real id, so that a debug build creates the values within seconds.
const ID_BYTES: usize = 500;
/// Message, values and response at the same time, with the overhead of the allocator.
const PEAK_KIB: u64 = 512 * 1024;

/// A state whose encoded form has 50 MB.
fn large_state(ty: &Type) -> Value {
    let element = ty.attribute("assignments").and_then(Type::element).unwrap();
    let limits = object(ty.attribute("timeouts").unwrap(), &[("read", Value::string("10ms"))]);
    let assignment = |n: usize| {
        let id = Value::string(format!("{n:0ID_BYTES$}"));
        object(element, &[("type", Value::string("groupAssignmentTarget")), ("group_id", id)])
    };
    let encoded_length = msgpack::encode(&assignment(0), element).unwrap().len();
    let filled = [
        ("id", Value::string(POLICY)),
        ("device_configuration_id", Value::string(POLICY)),
        ("assignments", Value::set((0..MESSAGE_BYTES.div_ceil(encoded_length)).map(assignment))),
        ("assignment_ids", Value::map::<String>([])),
        ("inherited_assignments", Value::set([])),
        ("timeouts", limits),
    ];
    object(ty, &filled)
}

#[tokio::test]
async fn a_state_of_50_mb_is_upgraded_and_a_failed_refresh_returns_it_unchanged() {
    let ty = resource_type();
    let state = large_state(&ty);
    let msgpack = msgpack::encode(&state, &ty).unwrap();
    let json = json::encode(&state, &ty).unwrap();
    drop(state);
    assert!(msgpack.len() >= MESSAGE_BYTES && json.len() >= MESSAGE_BYTES);
    let (plugin, client) = configured().await;
    let mut provider = client.provider();

    let current_state = Some(wire::DynamicValue { msgpack, json: Vec::new() });
    let read = wire::read_resource::Request {
        type_name: RESOURCE.to_owned(),
        current_state: current_state.clone(),
        ..Default::default()
    };
    let started = Instant::now();
    let answer = provider.read_resource(read).await.unwrap().into_inner();
    println!("ReadResource: {:?}, {}", started.elapsed(), Memory::of(plugin.id()));
    assert_eq!(answer.diagnostics.len(), 1, "Graph is not reachable: {:?}", answer.diagnostics);
    assert!(answer.new_state == current_state, "the state is unchanged");

    let upgrade = wire::upgrade_resource_state::Request {
        type_name: RESOURCE.to_owned(),
        version: 0,
        raw_state: Some(wire::RawState { json, ..Default::default() }),
    };
    let started = Instant::now();
    let answer = provider.upgrade_resource_state(upgrade).await.unwrap().into_inner();
    let memory = Memory::of(plugin.id());
    println!("UpgradeResourceState: {:?}, {memory}", started.elapsed());
    assert_eq!(answer.diagnostics, []);
    assert!(answer.upgraded_state == current_state, "the same value in MessagePack");
    memory.must_have_peaked_below(PEAK_KIB);
    assert_healthy(&client).await;
}
