//! The real process under hostile input: every method of every service with random bytes and with well-formed
//! messages of invalid content, messages of 50 MB, and hostile responses of services. Valid input is tested
//! elsewhere.

// A test may stop at the first surprise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
// Prints seeds, times and memory.
#![allow(clippy::print_stdout)]
// Uses Unix domain sockets.
#![cfg(unix)]

#[path = "../support/plugin_client.rs"]
mod plugin_client;

mod bombs;
mod garbage;
mod large;
mod memory;
mod messages;
mod raw;
mod verdict;

use fastrand::Rng;
use terraform_provider_defender::protocol::msgpack;
use terraform_provider_defender::provider::Provider;
use terraform_provider_defender::terraform::value::Value;
use terraform_provider_defender::wire::tfplugin6 as wire;

use memory::Memory;
use plugin_client::{Client, Plugin, PluginCommand};
use raw::{METHODS, Outcome, READING};
use verdict::Verdict;

/// Payloads for each method.
const PAYLOADS: usize = 1_000;
/// The fluctuation of the heap. A leak of one payload in ten would be far larger.
const HEAP_ALLOWANCE_KIB: u64 = 16 * 1024;

/// No service listens on port 1, so requests to Graph fail immediately and stay on this machine.
const CLOSED_PORT: &str = "http://127.0.0.1:1";

async fn configured() -> (Plugin, Client) {
    let (plugin, handshake) = PluginCommand::without_tls().start().await;
    let client = handshake.connect().await;
    configure(&client).await;
    (plugin, client)
}

async fn configure(client: &Client) {
    configure_with(client, &[("access_token", "token"), ("graph_endpoint", CLOSED_PORT)]).await;
}

/// Configures the provider with only these arguments.
async fn configure_with(client: &Client, arguments: &[(&str, &str)]) {
    let provider = Provider::new(Box::new(|_| None));
    let names = provider.schema().block.attributes.iter().map(|attribute| attribute.name);
    let block = Value::object(names.map(|name| {
        let given = arguments.iter().find(|(given, _)| *given == name);
        (name, given.map_or(Value::Null, |(_, text)| Value::string(*text)))
    }));
    let msgpack = msgpack::encode(&block, provider.ty()).unwrap();
    let request = wire::configure_provider::Request {
        config: Some(wire::DynamicValue { msgpack, json: Vec::new() }),
        ..Default::default()
    };
    let answer = client.provider().configure_provider(request).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics, []);
}

/// Asserts that the process still validates and returns its schema without diagnostics.
async fn assert_healthy(client: &Client) {
    configure(client).await;
    let request = wire::validate_resource_config::Request {
        type_name: garbage::RESOURCE.to_owned(),
        config: Some(garbage::valid_configuration()),
        ..Default::default()
    };
    let answer = client.provider().validate_resource_config(request).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics, []);
    assert!(client.schema().await.unwrap().resource_schemas.contains_key(garbage::RESOURCE));
}

/// Sends payloads from a generator to each method, after a warm-up. Returns the methods that accepted at least one.
async fn bombard<'m>(
    methods: &[&'m str],
    seed: u64,
    payload: impl Fn(&mut Rng, &str) -> Vec<u8>,
) -> Vec<&'m str> {
    println!("seed {seed}");
    let mut rng = Rng::with_seed(seed);
    let (plugin, client) = configured().await;
    for method in methods {
        send(&client, method, PAYLOADS / 10, || payload(&mut rng, method)).await;
    }
    let before = Memory::of(plugin.id());
    let mut accepting = Vec::new();
    for method in methods {
        let verdict = send(&client, method, PAYLOADS, || payload(&mut rng, method)).await;
        assert_eq!(verdict.rejected + verdict.accepted, PAYLOADS);
        accepting.extend((verdict.accepted > 0).then_some(*method));
    }
    let after = Memory::of(plugin.id());
    println!("{before} before, {after} after {PAYLOADS} payloads for each of {} methods", methods.len());
    after.must_not_exceed(before, HEAP_ALLOWANCE_KIB);
    assert_healthy(&client).await;
    accepting
}

async fn send(client: &Client, method: &str, count: usize, mut payload: impl FnMut() -> Vec<u8>) -> Verdict {
    let mut verdict = Verdict::default();
    for _ in 0..count {
        let sent = payload();
        let outcome = client.raw_call(method, raw::frame(&sent)).await;
        verdict.count(method, &sent, &outcome);
    }
    verdict
}

#[tokio::test]
async fn random_bytes_are_rejected_and_the_process_survives() {
    let accepting = bombard(METHODS, 20_260_301, |rng, _| garbage::bytes(rng)).await;
    // Bytes that happen to be unknown fields are an empty message.
    assert!(accepting.iter().all(|method| raw::MAY_ACCEPT_EMPTY.contains(method)), "{accepting:?}");
}

#[tokio::test]
async fn well_formed_messages_of_invalid_content_are_rejected_and_the_process_survives() {
    let accepting = bombard(READING, 20_260_302, messages::message).await;
    assert!(accepting.is_empty(), "{accepting:?}");
}

#[tokio::test]
async fn unknown_methods_and_broken_frames_are_errors_and_the_process_survives() {
    let (plugin, client) = configured().await;
    let unimplemented = Outcome::Failed(tonic::Code::Unimplemented);
    for method in
        ["/tfplugin6.Provider/Nothing", "/tfplugin5.Provider/GetSchema", "/", "/x/y/z", "/plugin.GRPCX/A"]
    {
        assert_eq!(client.raw_call(method, raw::frame(b"x")).await, unimplemented, "{method}");
    }
    let method = "/tfplugin6.Provider/ReadResource";
    let before = Memory::of(plugin.id());
    for frame in [
        vec![],
        vec![0],
        // Compressed, without negotiation.
        vec![1, 0, 0, 0, 1, 0],
        // Far longer, and a little longer, than the content.
        vec![0, 0xff, 0xff, 0xff, 0xff, 1],
        vec![0, 0x0f, 0xff, 0xff, 0xff, 1],
        // Two messages instead of one.
        [raw::frame(b""), raw::frame(b"")].concat(),
    ] {
        let outcome = client.raw_call(method, frame.clone()).await;
        let answered = matches!(outcome, Outcome::Failed(_) | Outcome::Answered(_));
        assert!(answered, "{frame:?}: {outcome:?}");
    }
    Memory::of(plugin.id()).must_not_exceed(before, HEAP_ALLOWANCE_KIB);
    assert_healthy(&client).await;
}

#[tokio::test]
async fn invalid_messages_to_the_side_services_are_rejected_and_the_process_survives() {
    let mut rng = Rng::with_seed(20_260_303);
    println!("seed 20260303");
    let (_plugin, client) = configured().await;
    // An invalid field number, so the message does not end the process.
    let shutdown = client.raw_call("/plugin.GRPCController/Shutdown", raw::frame(&[0xff, 0xff])).await;
    assert!(matches!(shutdown, Outcome::Failed(_)), "{shutdown:?}");
    for _ in 0..PAYLOADS {
        let sent = raw::frame(&garbage::bytes(&mut rng));
        let outcome = client.raw_call("/grpc.health.v1.Health/Check", sent).await;
        // Bytes that happen to be unknown fields are a valid check of the whole server.
        assert!(!matches!(outcome, Outcome::Broken(_)), "{outcome:?}");
    }
    assert_healthy(&client).await;
}
