//! Starts the provider repeatedly and measures each start.

#[path = "../../tests/support/plugin_client.rs"]
mod plugin_client;

#[path = "machine.rs"]
mod machine;
#[path = "process.rs"]
mod process;
#[path = "table.rs"]
mod table;

use std::process::{Command, Stdio};
use std::time::Instant;

use terraform_provider_defender::wire::go_plugin::ConnInfo;

use plugin_client::{Client, ClientIdentity, PluginCommand};
use process::Process;
use table::{Series, Unit};

/// The default number of starts.
const RUNS: usize = 50;
/// Starts that are not measured, so that all files are in the page cache.
const WARM_UP: usize = 3;
/// The binary that Cargo builds for this bench, with the release profile.
const PROVIDER: &str = env!("CARGO_BIN_EXE_terraform-provider-defender");

/// The results of all starts, in milliseconds, KiB and bytes.
#[derive(Default)]
struct Measured {
    floor: Series,
    version: Series,
    line: Series,
    schema: Series,
    exit: Series,
    cpu: Series,
    resident: Series,
    stderr: Series,
}

pub fn main() {
    let runs = option("--runs").map_or(RUNS, |number| number.parse().expect("--runs takes a number"));
    let binary = option("--binary").unwrap_or_else(|| PROVIDER.to_owned());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut measured = Measured::default();
    let identity = ClientIdentity::generate();
    for _ in 0..WARM_UP {
        runtime.block_on(round(&binary, &identity, &mut Measured::default()));
    }
    for _ in 0..runs {
        runtime.block_on(round(&binary, &identity, &mut measured));
    }
    machine::print(runs, &binary);
    print(&measured);
}

fn option(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

/// Runs the three processes in turn, so that other load affects all of them equally.
async fn round(binary: &str, identity: &ClientIdentity, measured: &mut Measured) {
    measured.floor.push(measure_run(&mut Command::new("true")));
    measured.version.push(measure_run(Command::new(binary).arg("--version")));
    start(binary, identity, measured).await;
}

/// Measures from spawn to exit, in milliseconds.
fn measure_run(command: &mut Command) -> f64 {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let status = command.spawn().and_then(|mut child| child.wait()).unwrap();
    let took = milliseconds(started);
    assert!(status.success());
    took
}

/// Runs the provider once: handshake line, connection, schema, `Shutdown`, exit.
async fn start(binary: &str, identity: &ClientIdentity, measured: &mut Measured) {
    let command = PluginCommand::running(binary).started_by_terraform().asking_for_tls(identity);
    let started = Instant::now();
    let (plugin, handshake) = command.start().await;
    measured.line.push(milliseconds(started));
    let client = handshake.connect_with_tls(identity).await;
    let streams = open_streams(&client);
    let schema = client.schema().await.unwrap();
    measured.schema.push(milliseconds(started));
    assert!(schema.provider.is_some() && schema.diagnostics.is_empty());

    let process = Process::sample(plugin.id());
    measured.cpu.push(process.cpu_milliseconds);
    measured.resident.push(process.resident_kib);

    let asked = Instant::now();
    // Like Terraform, ignores the response, because the server may close the connection first.
    let _ = client.controller().shutdown(terraform_provider_defender::wire::go_plugin::Empty {}).await;
    streams.abort();
    drop(client);
    let ended = plugin.ended().await;
    measured.exit.push(milliseconds(asked));
    assert!(ended.status.success() && ended.left_behind.is_empty());
    #[allow(clippy::cast_precision_loss)]
    measured.stderr.push(ended.stderr.len() as f64);
}

/// Opens the two streams that Terraform opens after connecting and keeps open.
fn open_streams(client: &Client) -> tokio::task::JoinHandle<()> {
    let (mut stdio, mut broker) = (client.stdio(), client.broker());
    tokio::spawn(async move {
        let silent = tokio_stream::pending::<ConnInfo>();
        let _open = tokio::join!(stdio.stream_stdio(()), broker.start_stream(silent));
        std::future::pending::<()>().await;
    })
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

fn print(measured: &Measured) {
    let floor = measured.floor.median();
    table::header();
    table::row("floor: `true`, spawn to exit", &measured.floor, Unit::Milliseconds, Some(floor), "");
    table::row(
        "provider, `--version`, spawn to exit",
        &measured.version,
        Unit::Milliseconds,
        Some(floor),
        "",
    );
    table::row("spawn to handshake line", &measured.line, Unit::Milliseconds, Some(floor), "");
    table::row(
        "spawn to schema response",
        &measured.schema,
        Unit::Milliseconds,
        Some(floor),
        "6 ms, 5 floors",
    );
    table::row("`Shutdown` to exit", &measured.exit, Unit::Milliseconds, Some(floor), "3 ms");
    table::row("CPU until the schema response", &measured.cpu, Unit::Milliseconds, Some(floor), "");
    table::row("resident memory then", &measured.resident, Unit::Kib, None, "9,216 KiB");
    table::row("bytes on stderr", &measured.stderr, Unit::Bytes, None, "0");
}
