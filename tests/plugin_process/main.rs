//! The provider's process: start, handshake, mutual TLS, shutdown and output. Runs the real binary; responses of the
//! provider are tested elsewhere.

// A test may stop at the first surprise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
// Uses Unix domain sockets and signals.
#![cfg(unix)]

#[path = "../support/plugin_client.rs"]
mod plugin_client;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use plugin_client::{ClientIdentity, Ended, PluginCommand, connect_plain};
use serde_json::Value;
use terraform_provider_defender::wire::go_plugin::{ConnInfo, Empty};
use terraform_provider_defender::wire::health::HealthCheckRequest;
use terraform_provider_defender::wire::health::health_check_response::ServingStatus;
use terraform_provider_defender::wire::tfplugin6::{RawState, upgrade_resource_state};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tonic::Code;

/// Asserts a regular end.
fn assert_clean(ended: &Ended) {
    assert!(ended.status.success(), "{}", ended.status);
    assert_eq!(ended.stdout, "", "only the handshake may go to stdout");
    assert_eq!(ended.stderr, "", "logs are not enabled");
    assert_eq!(ended.left_behind, Vec::<String>::new());
}

// --- handshake and TLS ---

#[tokio::test]
async fn the_handshake_line_has_six_fields_and_a_private_socket() {
    let (_plugin, handshake) = PluginCommand::with_tls(&ClientIdentity::generate()).start().await;
    let fields = handshake.fields();
    assert_eq!(fields.len(), 6);
    assert_eq!((fields[0], fields[1], fields[2], fields[4]), ("1", "6", "unix", "grpc"));
    assert!(fields[5].len() > 50, "a shorter field is not read as a certificate");
    assert!(!fields[5].ends_with('='));
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(handshake.socket()), 0o600);
    assert_eq!(mode(handshake.socket().parent().unwrap()), 0o700);
}

/// The server's SETTINGS are the first frame that it sends ("HTTP/2", RFC 9113, section 3.4).
#[tokio::test]
async fn the_number_of_concurrent_calls_is_limited() {
    const MAX_CONCURRENT_STREAMS: u16 = 3;
    let (_plugin, handshake) = PluginCommand::without_tls().start().await;
    let mut stream = UnixStream::connect(handshake.socket()).await.unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await.unwrap();
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(head[3], 4, "SETTINGS");
    let mut settings = vec![0; usize::from(u16::from_be_bytes([head[1], head[2]]))];
    stream.read_exact(&mut settings).await.unwrap();
    let streams = settings.chunks(6).find(|setting| setting[..2] == MAX_CONCURRENT_STREAMS.to_be_bytes());
    assert_eq!(streams.map(|setting| setting[2..].to_vec()), Some(1_024_u32.to_be_bytes().to_vec()));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn core_dumps_are_disabled() {
    let (plugin, _handshake) = PluginCommand::without_tls().start().await;
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", plugin.id())).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(line.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{line}");
}

#[tokio::test]
async fn a_seventh_field_declines_multiplexing_to_a_client_that_requests_it() {
    let command = PluginCommand::without_tls().env("PLUGIN_MULTIPLEX_GRPC", "true");
    let (_plugin, handshake) = command.start().await;
    assert!(handshake.line.ends_with("|grpc||false"), "{}", handshake.line);
}

#[tokio::test]
async fn the_process_starts_with_a_logged_error_if_protocol_6_is_not_offered() {
    let command = PluginCommand::without_tls().env("PLUGIN_PROTOCOL_VERSIONS", "4,5").env("TF_LOG", "error");
    let (plugin, handshake) = command.start().await;
    assert!(handshake.line.starts_with("1|6|unix|"), "{}", handshake.line);
    plugin.signal("TERM");
    let records = json_lines(&plugin.ended().await.stderr);
    assert_eq!(records.len(), 1);
    assert_eq!((&records[0]["@level"], &records[0]["offered"]), (&Value::from("error"), &Value::from("4,5")));
}

#[tokio::test]
async fn the_pinned_client_is_served_with_both_versions_of_tls() {
    let identity = ClientIdentity::generate();
    let (_plugin, handshake) = PluginCommand::with_tls(&identity).start().await;
    for version in [&rustls::version::TLS13, &rustls::version::TLS12] {
        let client = handshake.try_tls(Some(&identity), version).await.unwrap();
        assert!(client.schema().await.unwrap().provider.is_some(), "{version:?}");
    }
}

#[tokio::test]
async fn other_clients_are_rejected_and_the_pinned_one_is_still_served() {
    let identity = ClientIdentity::generate();
    let (plugin, handshake) = PluginCommand::with_tls(&identity).start().await;

    let (other, impostor) = (ClientIdentity::generate(), identity.with_another_key());
    for version in [&rustls::version::TLS13, &rustls::version::TLS12] {
        for wrong in [Some(&other), Some(&impostor), None] {
            let refused = match handshake.try_tls(wrong, version).await {
                Ok(client) => client.schema().await.is_err(),
                Err(_) => true,
            };
            assert!(refused, "{version:?}");
        }
    }
    expect_plain_text_rejected(handshake.socket()).await;

    let client = handshake.connect_with_tls(&identity).await;
    assert!(client.schema().await.is_ok());
    client.controller().shutdown(Empty {}).await.unwrap();
    assert_clean(&plugin.ended().await);
}

/// Connects without TLS and waits until the server closes the connection.
async fn expect_plain_text_rejected(socket: &Path) {
    let mut stream = UnixStream::connect(socket).await.unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    // At most a TLS alert.
    assert!(answer.len() < 16, "{answer:?}");
}

#[tokio::test]
async fn without_a_client_certificate_it_serves_plain_http2() {
    let (_plugin, handshake) = PluginCommand::without_tls().start().await;
    assert_eq!(handshake.fields()[5], "");
    assert!(handshake.connect().await.schema().await.unwrap().provider.is_some());
}

#[tokio::test]
async fn an_invalid_client_certificate_prevents_the_start() {
    let command = PluginCommand::without_tls().env("PLUGIN_CLIENT_CERT", "not a certificate");
    let ended = command.spawn().ended().await;
    assert_eq!(ended.status.code(), Some(1));
    assert_eq!(ended.stdout, "");
    assert!(ended.stderr.starts_with("fatal error: "), "{}", ended.stderr);
    assert!(ended.stderr.contains("PLUGIN_CLIENT_CERT"), "{}", ended.stderr);
    assert_eq!(ended.left_behind, Vec::<String>::new());
}

#[tokio::test]
async fn the_socket_is_in_the_requested_directory() {
    let wanted = tempfile::tempdir().unwrap();
    let command = PluginCommand::without_tls().env("PLUGIN_UNIX_SOCKET_DIR", wanted.path());
    let (plugin, handshake) = command.start().await;
    assert!(handshake.socket().starts_with(wanted.path()));
    plugin.signal("TERM");
    plugin.ended().await;
    assert_eq!(wanted.path().read_dir().unwrap().count(), 0);
}

// --- services ---

#[tokio::test]
async fn a_message_above_the_default_limit_is_received() {
    let (_plugin, handshake) = PluginCommand::without_tls().start().await;
    let request = upgrade_resource_state::Request {
        type_name: "defender_unknown".to_owned(),
        raw_state: Some(RawState { json: vec![b' '; 8 * 1024 * 1024], ..RawState::default() }),
        ..upgrade_resource_state::Request::default()
    };
    let client = handshake.connect().await;
    let answer = client.provider().upgrade_resource_state(request).await;
    // Any other result shows that the transport accepted the message.
    assert_ne!(answer.err().map(|status| status.code()), Some(Code::OutOfRange));
}

#[tokio::test]
async fn only_the_health_of_the_plugin_is_known() {
    let (_plugin, handshake) = PluginCommand::without_tls().start().await;
    let client = handshake.connect().await;
    let ask = |service: &str| HealthCheckRequest { service: service.to_owned() };
    let serving = i32::from(ServingStatus::Serving);
    assert_eq!(client.health().check(ask("plugin")).await.unwrap().into_inner().status, serving);
    assert_eq!(client.health().check(ask("other")).await.unwrap_err().code(), Code::NotFound);
    let mut watch = client.health().watch(ask("plugin")).await.unwrap().into_inner();
    assert_eq!(watch.message().await.unwrap().unwrap().status, serving);
}

#[tokio::test]
async fn shutdown_ends_the_process_while_stdio_and_broker_are_open() {
    let identity = ClientIdentity::generate();
    let (plugin, handshake) = PluginCommand::with_tls(&identity).start().await;
    let client = handshake.connect_with_tls(&identity).await;
    let mut stdio = client.stdio().stream_stdio(()).await.unwrap().into_inner();
    let mut broker =
        client.broker().start_stream(tokio_stream::pending::<ConnInfo>()).await.unwrap().into_inner();
    client.schema().await.unwrap();

    client.controller().shutdown(Empty {}).await.unwrap();

    assert!(stdio.message().await.unwrap().is_none(), "no message until the end");
    // Waits for the end of the stream, with any status.
    let _ = broker.message().await;
    assert_clean(&plugin.ended().await);
}

// --- other ways to end ---

#[tokio::test]
async fn an_interrupt_is_ignored_and_a_termination_removes_the_socket() {
    let (plugin, handshake) = PluginCommand::without_tls().start().await;
    let client = handshake.connect().await;
    plugin.signal("INT");
    plugin.signal("HUP");
    assert!(client.schema().await.is_ok());
    plugin.signal("TERM");
    assert_clean(&plugin.ended().await);
}

#[tokio::test]
async fn it_ends_when_the_last_client_disconnects() {
    let identity = ClientIdentity::generate();
    let (plugin, handshake) = PluginCommand::with_tls(&identity).start().await;
    let client = handshake.connect_with_tls(&identity).await;
    client.schema().await.unwrap();
    drop(client);
    assert_clean(&plugin.ended().await);
}

#[tokio::test]
async fn it_ends_when_its_parent_exits_even_with_an_open_connection() {
    // A shell that starts the plugin and exits when its stdin is closed.
    let shell = PluginCommand::running("sh").started_by_terraform().stdin(Stdio::piped());
    let binary = env!("CARGO_BIN_EXE_terraform-provider-defender");
    let (mut shell, handshake) = shell.arg("-c").arg("\"$0\" & cat").arg(binary).start().await;
    let client = handshake.connect().await;
    client.schema().await.unwrap();
    shell.close_stdin();
    // Both share one stdout, so its end means that both have exited.
    assert_clean(&shell.ended().await);
}

// --- stderr ---

#[tokio::test]
async fn logs_are_lines_of_json_that_terraform_can_read() {
    let identity = ClientIdentity::generate();
    let command = PluginCommand::with_tls(&identity).env("TF_LOG", "JSON");
    let (plugin, handshake) = command.start().await;
    // A rejected client, so that there is a warning.
    expect_plain_text_rejected(handshake.socket()).await;
    let client = handshake.connect_with_tls(&identity).await;
    client.schema().await.unwrap();
    client.controller().shutdown(Empty {}).await.unwrap();

    let records = json_lines(&plugin.ended().await.stderr);
    for record in &records {
        for key in ["@level", "@message", "@module", "@timestamp"] {
            assert!(record[key].is_string(), "{key} in {record}");
        }
        assert_eq!(record["@timestamp"].as_str().unwrap().len(), "2026-01-31T09:12:44.000123Z".len());
    }
    let has = |message: &str| records.iter().any(|record| record["@message"] == message);
    assert!(has("The TLS handshake with a client failed"), "{records:?}");
    assert!(has("The provider process ends"), "{records:?}");
}

#[tokio::test]
async fn disabled_logs_leave_stderr_empty() {
    let command = PluginCommand::without_tls().env("TF_LOG", "TRACE").env("TF_LOG_PROVIDER", "OFF");
    let (plugin, _) = command.start().await;
    plugin.signal("TERM");
    assert_clean(&plugin.ended().await);
}

#[tokio::test]
async fn a_closed_stderr_does_no_harm() {
    let command = PluginCommand::without_tls().env("TF_LOG", "TRACE");
    let (mut plugin, handshake) = command.start().await;
    plugin.close_stderr().await;
    // Each of these is logged.
    plugin.signal("INT");
    assert!(handshake.connect().await.schema().await.is_ok());
    plugin.signal("TERM");
    assert!(plugin.ended().await.status.success());
}

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

#[test]
fn a_panic_is_reported_in_the_format_that_terraform_shows() {
    const PANIC: &str = "DEFENDER_TEST_PANIC";
    if std::env::var_os(PANIC).is_some() {
        terraform_provider_defender::plugin::panic_hook::install();
        // Two lines, to test that the second is kept.
        panic!("one bug\nin two lines");
    }
    // A panic hook applies to the whole process, so this test runs itself in another process.
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_panic_is_reported_in_the_format_that_terraform_shows", "--nocapture"])
        .env(PANIC, "1")
        .env("RUST_BACKTRACE", "1")
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<_> = stderr.lines().skip_while(|line| !line.starts_with("panic: ")).collect();
    assert_eq!(lines[..2], ["panic: one bug", "in two lines"]);
    assert!(lines[2].trim_start().starts_with("at tests/plugin_process/main.rs:"), "{}", lines[2]);
    assert!(lines.len() > 3, "RUST_BACKTRACE is set");
}

// --- started by a person ---

#[tokio::test]
async fn a_start_without_cookie_prints_help() {
    for cookie in [None, Some("wrong")] {
        let mut command = PluginCommand::by_hand();
        if let Some(cookie) = cookie {
            command = command.env("TF_PLUGIN_MAGIC_COOKIE", cookie);
        }
        let ended = command.spawn().ended().await;
        assert_eq!(ended.status.code(), Some(1));
        assert_eq!(ended.stdout, "");
        assert!(ended.stderr.contains("plugin that Terraform"), "{}", ended.stderr);
        assert!(ended.stderr.contains("terraform init"), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn help_and_version_go_to_stdout_and_an_unknown_argument_to_stderr() {
    let version = PluginCommand::by_hand().arg("--version").spawn().ended().await;
    assert!(version.status.success());
    assert!(version.stdout.contains(env!("CARGO_PKG_VERSION")), "{}", version.stdout);
    let help = PluginCommand::by_hand().arg("--help").spawn().ended().await;
    assert!(help.status.success());
    assert!(help.stdout.contains("-debug"), "{}", help.stdout);
    let unknown = PluginCommand::by_hand().arg("apply").spawn().ended().await;
    assert_eq!(unknown.status.code(), Some(2));
    assert_eq!(unknown.stdout, "");
    assert!(unknown.stderr.contains("\"apply\""), "{}", unknown.stderr);
}

#[tokio::test]
async fn debug_mode_prints_instructions_and_serves_several_clients() {
    let mut plugin = PluginCommand::by_hand().arg("-debug").spawn();
    let line = plugin.line_with("export TF_REATTACH_PROVIDERS=").await;
    let json = line.split_once('=').unwrap().1.trim_matches('\'');
    let value: Value = serde_json::from_str(json).unwrap();
    let entry = &value["defender-atp/defender"];
    assert_eq!(entry["Pid"], plugin.id());
    assert_eq!((&entry["ProtocolVersion"], &entry["Test"]), (&Value::from(6), &Value::from(true)));

    for _ in 0..2 {
        let client = connect_plain(Path::new(entry["Addr"]["String"].as_str().unwrap())).await;
        assert!(client.schema().await.is_ok());
    }

    plugin.signal("INT");
    let ended = plugin.ended().await;
    assert!(ended.status.success());
    assert_eq!(ended.stderr, "");
    assert_eq!(ended.left_behind, Vec::<String>::new());
}
