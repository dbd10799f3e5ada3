//! Responses from Graph and from the authority that are small on the wire and large in memory, or endless. Prints the
//! memory; `cargo test --release --test plugin_hostile bombs -- --nocapture` prints that of the release binary.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::future::join_all;
use serde_json::json;
use terraform_provider_defender::protocol::msgpack;
use terraform_provider_defender::terraform::value::Value;
use terraform_provider_defender::wire::tfplugin6 as wire;

use crate::assert_healthy;
use crate::garbage::{RESOURCE, object, resource_type};
use crate::memory::Memory;
use crate::plugin_client::{Client, Plugin, PluginCommand};

/// The memory limit of the process for one response.
const ANSWER_KIB: u64 = 100 * 1024;
/// The memory limit of the process for a plan.
const PLAN_KIB: u64 = 200 * 1024;

const MIB: usize = 1024 * 1024;
/// Larger than every limit of the provider.
const BOMB_BYTES: usize = 16 * MIB;
const POLICIES: usize = 30;
/// Terraform's default parallelism.
const CONCURRENCY: usize = 10;

/// How a response is too large.
#[derive(Debug, Clone, Copy)]
enum Bomb {
    /// Many small objects, compressed to a thousandth.
    ManyObjects,
    /// One long string.
    OneText,
    /// Unlimited nesting.
    Nesting,
    /// An error nested in itself.
    Error,
    /// A nested error of an accepted size, with many small objects.
    ErrorWithinBounds,
    /// An endless list of pages with a thousand rows each.
    ManyPages,
    /// Nearly the maximum number of objects in a collection, in few bytes.
    RowsWithinBounds,
    /// Nearly the maximum number of bytes in a collection, in few strings.
    TextWithinBounds,
}

const BOMBS: [Bomb; 8] = [
    Bomb::ManyObjects,
    Bomb::OneText,
    Bomb::Nesting,
    Bomb::Error,
    Bomb::ErrorWithinBounds,
    Bomb::ManyPages,
    Bomb::RowsWithinBounds,
    Bomb::TextWithinBounds,
];

/// The kind of request.
#[derive(Debug, Clone, Copy)]
enum RequestKind {
    /// Assignments of one policy, or any other single response.
    One,
    /// A `$batch` with this many reads.
    Batch(usize),
    /// The list of all policies, with the page number.
    List(usize),
}

/// A server that responds to every request with the bomb.
struct Server {
    root: String,
    asked: Arc<AtomicUsize>,
}

impl Server {
    async fn start(bomb: Bomb) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let (same, counted, origin) = (bomb.fixed_body(), Arc::clone(&asked), root.clone());
        let answer = move |request: Request| {
            let number = counted.fetch_add(1, Ordering::SeqCst);
            let (same, root) = (same.clone(), origin.clone());
            async move {
                let head = Response::builder().status(if bomb.is_error() { 400 } else { 200 });
                let head = head.header("content-type", "application/json");
                match same {
                    Some(body) => head.header("content-encoding", "gzip").body(Body::from(body)),
                    None => head.body(Body::from(bomb.answer(classify(request).await, &root, number))),
                }
                .unwrap()
            }
        };
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        Self { root, asked }
    }
}

async fn classify(request: Request) -> RequestKind {
    let uri = request.uri().to_string();
    let body = axum::body::to_bytes(request.into_body(), MIB).await.unwrap();
    if uri.ends_with("$batch") {
        let envelope: serde_json::Value = serde_json::from_slice(&body).unwrap();
        return RequestKind::Batch(envelope["requests"].as_array().unwrap().len());
    }
    match uri.split_once("page=") {
        Some((_, page)) => RequestKind::List(page.parse().unwrap()),
        None if uri.contains("$expand") || uri.contains("%24expand") => RequestKind::List(0),
        None => RequestKind::One,
    }
}

impl Bomb {
    fn is_error(self) -> bool {
        matches!(self, Self::Error | Self::ErrorWithinBounds)
    }

    fn fixed_body(self) -> Option<Bytes> {
        Some(compressed(&match self {
            Self::ManyObjects => format!("{{\"value\":[{}{{}}]}}", "{\"a\":1},".repeat(BOMB_BYTES / 8)),
            Self::OneText => json!({"value": [], "id": "x".repeat(BOMB_BYTES)}).to_string(),
            Self::Nesting => "[".repeat(7 * MIB),
            Self::Error => wrapped(BOMB_BYTES / 8, 100_000),
            Self::ErrorWithinBounds => wrapped(20_000, 5_000),
            Self::ManyPages | Self::RowsWithinBounds | Self::TextWithinBounds => return None,
        }))
    }

    fn answer(self, kind: RequestKind, root: &str, number: usize) -> String {
        match (self, kind) {
            // Each item continues with its own pages, so many collections grow at the same time.
            (_, RequestKind::Batch(count)) => batch(count, |id| {
                let link = format!("{root}/beta/deviceManagement/next?{number}&{id}");
                with_link(&self.rows(1_000, MIB / count, id), &link)
            }),
            (Self::ManyPages, _) => {
                let link = format!("{root}/beta/deviceManagement/next?{number}&page={number}");
                with_link(&rows_of_bytes(1_000, 400_000, number), &link)
            }
            (_, RequestKind::One) => self.rows(6_500, 3 * MIB + MIB / 2, number),
            (_, RequestKind::List(page)) => {
                let body = self.policies(number);
                // Together, the pages nearly reach the limit of a list.
                let last = if matches!(self, Self::TextWithinBounds) { 4 } else { 0 };
                if page < last { with_link(&body, &format!("{root}/beta/x?page={}", page + 1)) } else { body }
            }
        }
    }

    fn rows(self, count: usize, bytes: usize, number: usize) -> String {
        if matches!(self, Self::TextWithinBounds) {
            rows_of_bytes(3, bytes, number)
        } else {
            rows_of_bytes(count, 0, number)
        }
    }

    /// Policies without a type, which could be Defender policies.
    fn policies(self, number: usize) -> String {
        let (count, rows) = if matches!(self, Self::TextWithinBounds) { (8, 3) } else { (4_900, 9) };
        let bytes = if count == 8 { 7 * MIB / 8 } else { 0 };
        let policies: Vec<String> = (0..count)
            .map(|policy| {
                let rows = rows_of_bytes(rows, bytes, policy);
                let rows = rows.strip_prefix("{\"value\":").unwrap().strip_suffix('}').unwrap();
                format!(r#"{{"id":"{number}.{policy}","assignments":{rows}}}"#)
            })
            .collect();
        format!("{{\"value\":[{}]}}", policies.join(","))
    }
}

/// Rows of distinct groups, with about `bytes` of text in total.
fn rows_of_bytes(count: usize, bytes: usize, number: usize) -> String {
    let text = "x".repeat(bytes / count / 2);
    let rows: Vec<String> = (0..count)
        .map(|row| {
            let target =
                format!(r##"{{"@odata.type":"groupAssignmentTarget","groupId":"{number}.{row}{text}"}}"##);
            format!(r#"{{"id":"{number}.{row}{text}","source":"direct","intent":"a","target":{target}}}"#)
        })
        .collect();
    format!("{{\"value\":[{}]}}", rows.join(","))
}

fn with_link(page: &str, link: &str) -> String {
    format!("{},\"@odata.nextLink\":{}}}", page.strip_suffix('}').unwrap(), json!(link))
}

fn batch(count: usize, body: impl Fn(usize) -> String) -> String {
    let items: Vec<String> =
        (1..=count).map(|id| format!(r#"{{"id":"{id}","status":200,"body":{}}}"#, body(id))).collect();
    format!("{{\"responses\":[{}]}}", items.join(","))
}

fn wrapped(objects: usize, details: usize) -> String {
    let message = json!({"Message": format!("[{}]", "{},".repeat(objects))}).to_string();
    let message = (0..2).fold(message, |inner, _| json!({ "Message": inner }).to_string());
    json!({"error": {"code": "x", "message": message, "details": vec![json!({"code": "a"}); details]}})
        .to_string()
}

fn compressed(text: &str) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap().into()
}

/// A process whose Graph endpoint is `root`.
async fn configured(root: &str, block: &[(&str, &str)]) -> (Plugin, Client) {
    let (plugin, handshake) = PluginCommand::without_tls().start().await;
    let client = handshake.connect().await;
    let block = [&[("graph_endpoint", root)], block].concat();
    crate::configure_with(&client, &block).await;
    (plugin, client)
}

fn policy(number: usize) -> String {
    format!("0b8a3d5e-7c41-4f2a-9d36-{number:012}")
}

/// A state of one policy, with short timeouts that limit retries.
fn state(number: usize) -> wire::DynamicValue {
    let ty = resource_type();
    let timeouts = [("read", "10s"), ("create", "10s")].map(|(name, value)| (name, Value::string(value)));
    let target = [("type", Value::string("allDevicesAssignmentTarget"))];
    let element = ty.attribute("assignments").and_then(|ty| ty.element()).unwrap();
    let filled = [
        ("id", Value::string(policy(number))),
        ("device_configuration_id", Value::string(policy(number))),
        ("assignments", Value::set([object(element, &target)])),
        ("timeouts", object(ty.attribute("timeouts").unwrap(), &timeouts)),
    ];
    wire::DynamicValue { msgpack: msgpack::encode(&object(&ty, &filled), &ty).unwrap(), json: Vec::new() }
}

async fn read(client: &Client, number: usize) -> Vec<wire::Diagnostic> {
    let request = wire::read_resource::Request {
        type_name: RESOURCE.to_owned(),
        current_state: Some(state(number)),
        ..Default::default()
    };
    client.provider().read_resource(request).await.unwrap().into_inner().diagnostics
}

async fn plan(client: &Client, number: usize) -> Vec<wire::Diagnostic> {
    let request = wire::plan_resource_change::Request {
        type_name: RESOURCE.to_owned(),
        proposed_new_state: Some(state(number)),
        config: Some(state(number)),
        ..Default::default()
    };
    client.provider().plan_resource_change(request).await.unwrap().into_inner().diagnostics
}

#[tokio::test]
async fn a_bomb_in_one_response_takes_little_memory() {
    for bomb in BOMBS {
        let server = Server::start(bomb).await;
        let (plugin, client) = configured(&server.root, &[("access_token", "token")]).await;
        let diagnostics = read(&client, 0).await;
        let memory = Memory::of(plugin.id());
        let asked = server.asked.load(Ordering::SeqCst);
        let found: Vec<&str> = diagnostics.iter().map(|diagnostic| diagnostic.summary.as_str()).collect();
        println!("{bomb:?}: {memory}; {asked} requests: {found:?}");
        memory.must_have_peaked_below(ANSWER_KIB);
        assert_healthy(&client).await;
    }
}

#[tokio::test]
async fn bombs_in_a_whole_plan_take_little_memory() {
    for bomb in BOMBS {
        let server = Server::start(bomb).await;
        let (plugin, client) = configured(&server.root, &[("access_token", "token")]).await;
        for first in (0..POLICIES).step_by(CONCURRENCY) {
            join_all((first..first + CONCURRENCY).map(|number| read(&client, number))).await;
        }
        for first in (0..POLICIES).step_by(CONCURRENCY) {
            join_all((first..first + CONCURRENCY).map(|number| plan(&client, number))).await;
        }
        let memory = Memory::of(plugin.id());
        println!("{bomb:?}: {memory}; {} requests", server.asked.load(Ordering::SeqCst));
        memory.must_have_peaked_below(PLAN_KIB);
        assert_healthy(&client).await;
    }
}

#[tokio::test]
async fn bombs_from_an_authority_take_little_memory() {
    for bomb in [Bomb::ManyObjects, Bomb::OneText, Bomb::Nesting, Bomb::Error] {
        let server = Server::start(bomb).await;
        let block = [
            ("authority_host", server.root.as_str()),
            ("tenant_id", "contoso.example"),
            ("client_id", "2d6d1c6b-0000-4000-8000-000000000001"),
            ("client_secret", "a-secret-of-the-tests"),
        ];
        let (plugin, client) = configured(&server.root, &block).await;
        assert!(!read(&client, 0).await.is_empty(), "{bomb:?}");
        let memory = Memory::of(plugin.id());
        println!("{bomb:?} of an authority: {memory}");
        memory.must_have_peaked_below(ANSWER_KIB);
    }
}
