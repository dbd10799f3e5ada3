//! The real process under hostile input: every method of every service with random bytes and with well-formed
//! messages of nonsense, and messages of 50 MB. What the answers to sensible input are is not the subject.

// A test may stop at the first surprise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
// Seeds, times and memory are for whoever looks at a run.
#![allow(clippy::print_stdout)]
// Sockets of the file system; Windows has none.
#![cfg(unix)]

#[path = "support/plugin_client.rs"]
mod plugin_client;

#[path = "plugin_hostile/bombs.rs"]
mod bombs;
#[path = "plugin_hostile/garbage.rs"]
mod garbage;
#[path = "plugin_hostile/large.rs"]
mod large;
#[path = "plugin_hostile/memory.rs"]
mod memory;
#[path = "plugin_hostile/messages.rs"]
mod messages;
#[path = "plugin_hostile/raw.rs"]
mod raw;
#[path = "plugin_hostile/verdict.rs"]
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

/// For each method.
const PAYLOADS: usize = 1_000;
/// Answers come and go, so the heap breathes; a leak of one payload in ten would be far above this.
const BREATH_KIB: u64 = 16 * 1024;

/// Nobody listens on port 1, so that nothing leaves this machine and a look at Graph fails at once.
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

/// With a provider block that has these arguments and no others.
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

/// A plan and a validation that a healthy process answers without a word.
async fn must_still_work(client: &Client) {
    configure(client).await;
    let request = wire::validate_resource_config::Request {
        type_name: garbage::RESOURCE.to_owned(),
        config: Some(garbage::sensible_configuration()),
        ..Default::default()
    };
    let answer = client.provider().validate_resource_config(request).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics, []);
    assert!(client.schema().await.unwrap().resource_schemas.contains_key(garbage::RESOURCE));
}

/// Sends the payloads of one generator to each of the methods, after some that warm the process up. Gives the methods
/// that had nothing to complain about at least once.
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
    let mut silent = Vec::new();
    for method in methods {
        let verdict = send(&client, method, PAYLOADS, || payload(&mut rng, method)).await;
        assert_eq!(verdict.refused + verdict.silent, PAYLOADS);
        silent.extend((verdict.silent > 0).then_some(*method));
    }
    let after = Memory::of(plugin.id());
    println!("{before} before, {after} after {PAYLOADS} payloads for each of {} methods", methods.len());
    after.must_not_exceed(before, BREATH_KIB);
    must_still_work(&client).await;
    silent
}

async fn send(client: &Client, method: &str, count: usize, mut payload: impl FnMut() -> Vec<u8>) -> Verdict {
    let mut verdict = Verdict::default();
    for _ in 0..count {
        let sent = payload();
        let outcome = client.raw_call(method, raw::frame(&sent)).await;
        verdict.take(method, &sent, &outcome);
    }
    verdict
}

#[tokio::test]
async fn random_bytes_as_messages_are_answered_with_errors_and_the_process_lives() {
    let silent = bombard(METHODS, 20_260_301, |rng, _| garbage::bytes(rng)).await;
    // Bytes that happen to be unknown fields are an empty message.
    assert!(silent.iter().all(|method| raw::MAY_BE_SILENT.contains(method)), "{silent:?}");
}

#[tokio::test]
async fn well_formed_messages_of_nonsense_are_answered_with_errors_and_the_process_lives() {
    let silent = bombard(READING, 20_260_302, messages::message).await;
    assert!(silent.is_empty(), "{silent:?}");
}

#[tokio::test]
async fn methods_that_nobody_has_and_broken_frames_are_errors_and_the_process_lives() {
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
        // Compressed, which was never agreed upon.
        vec![1, 0, 0, 0, 1, 0],
        // Far more, and a little more, than comes.
        vec![0, 0xff, 0xff, 0xff, 0xff, 1],
        vec![0, 0x0f, 0xff, 0xff, 0xff, 1],
        // Two messages where one belongs.
        [raw::frame(b""), raw::frame(b"")].concat(),
    ] {
        let outcome = client.raw_call(method, frame.clone()).await;
        let answered = matches!(outcome, Outcome::Failed(_) | Outcome::Answered(_));
        assert!(answered, "{frame:?}: {outcome:?}");
    }
    Memory::of(plugin.id()).must_not_exceed(before, BREATH_KIB);
    must_still_work(&client).await;
}

#[tokio::test]
async fn nonsense_for_the_side_services_is_answered_and_the_process_lives() {
    let mut rng = Rng::with_seed(20_260_303);
    println!("seed 20260303");
    let (_plugin, client) = configured().await;
    // A field number that cannot be: no order to end.
    let shutdown = client.raw_call("/plugin.GRPCController/Shutdown", raw::frame(&[0xff, 0xff])).await;
    assert!(matches!(shutdown, Outcome::Failed(_)), "{shutdown:?}");
    for _ in 0..PAYLOADS {
        let sent = raw::frame(&garbage::bytes(&mut rng));
        let outcome = client.raw_call("/grpc.health.v1.Health/Check", sent).await;
        // Bytes that happen to be unknown fields ask for the health as a whole, and get it.
        assert!(!matches!(outcome, Outcome::Broken(_)), "{outcome:?}");
    }
    must_still_work(&client).await;
}
