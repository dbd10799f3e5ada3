//! The provider's process as Terraform meets it: start, handshake, mutual TLS, the ways it ends, and what it writes.
//! Runs the real binary; what the provider answers is not the subject.

// A test may stop at the first surprise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
// Sockets of the file system and signals; Windows has neither.
#![cfg(unix)]

#[path = "support/plugin_client.rs"]
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

/// What every regular end has in common.
fn assert_clean(ended: &Ended) {
    assert!(ended.status.success(), "{}", ended.status);
    assert_eq!(ended.stdout, "", "only the handshake may go to stdout");
    assert_eq!(ended.stderr, "", "nobody asked for logs");
    assert_eq!(ended.left_behind, Vec::<String>::new());
}

// --- handshake and TLS ---

#[tokio::test]
async fn the_handshake_line_has_six_fields_and_a_private_socket() {
    let (_plugin, handshake) = PluginCommand::with_tls(&ClientIdentity::generate()).start().await;
    let fields = handshake.fields();
    assert_eq!(fields.len(), 6);
    assert_eq!((fields[0], fields[1], fields[2], fields[4]), ("1", "6", "unix", "grpc"));
    assert!(fields[5].len() > 50, "a shorter field is not taken for a certificate");
    assert!(!fields[5].ends_with('='));
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(handshake.socket()), 0o600);
    assert_eq!(mode(handshake.socket().parent().unwrap()), 0o700);
}

/// The server's SETTINGS are the first frame that it sends ("HTTP/2", RFC 9113, section 3.4).
#[tokio::test]
async fn a_client_may_have_some_hundred_calls_under_way_and_no_more() {
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
async fn core_dumps_are_switched_off() {
    let (plugin, _handshake) = PluginCommand::without_tls().start().await;
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", plugin.id())).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(line.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{line}");
}

#[tokio::test]
async fn a_seventh_field_refuses_multiplexing_to_a_client_that_asks() {
    let command = PluginCommand::without_tls().env("PLUGIN_MULTIPLEX_GRPC", "true");
    let (_plugin, handshake) = command.start().await;
    assert!(handshake.line.ends_with("|grpc||false"), "{}", handshake.line);
}

#[tokio::test]
async fn protocol_6_is_answered_when_it_is_not_offered_and_the_log_says_why() {
    let command = PluginCommand::without_tls().env("PLUGIN_PROTOCOL_VERSIONS", "4,5").env("TF_LOG", "error");
    let (plugin, handshake) = command.start().await;
    assert!(handshake.line.starts_with("1|6|unix|"), "{}", handshake.line);
    plugin.signal("TERM");
    let records = json_lines(&plugin.ended().await.stderr);
    assert_eq!(records.len(), 1);
    assert_eq!((&records[0]["@level"], &records[0]["offered"]), (&Value::from("error"), &Value::from("4,5")));
}

#[tokio::test]
async fn the_pinned_client_gets_the_schema_with_either_version_of_tls() {
    let identity = ClientIdentity::generate();
    let (_plugin, handshake) = PluginCommand::with_tls(&identity).start().await;
    for version in [&rustls::version::TLS13, &rustls::version::TLS12] {
        let client = handshake.try_tls(Some(&identity), version).await.unwrap();
        assert!(client.schema().await.unwrap().provider.is_some(), "{version:?}");
    }
}

#[tokio::test]
async fn every_other_client_is_refused_and_the_right_one_still_served() {
    let identity = ClientIdentity::generate();
    let (plugin, handshake) = PluginCommand::with_tls(&identity).start().await;

    let (stranger, thief) = (ClientIdentity::generate(), identity.with_another_key());
    for version in [&rustls::version::TLS13, &rustls::version::TLS12] {
        for wrong in [Some(&stranger), Some(&thief), None] {
            let refused = match handshake.try_tls(wrong, version).await {
                Ok(client) => client.schema().await.is_err(),
                Err(_) => true,
            };
            assert!(refused, "{version:?}");
        }
    }
    refuse_plain_text(handshake.socket()).await;

    let client = handshake.connect_with_tls(&identity).await;
    assert!(client.schema().await.is_ok());
    client.controller().shutdown(Empty {}).await.unwrap();
    assert_clean(&plugin.ended().await);
}

/// Speaks no TLS at all, and waits until the other side hangs up.
async fn refuse_plain_text(socket: &Path) {
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
async fn an_unreadable_client_certificate_stops_the_start() {
    let command = PluginCommand::without_tls().env("PLUGIN_CLIENT_CERT", "not a certificate");
    let ended = command.spawn().ended().await;
    assert_eq!(ended.status.code(), Some(1));
    assert_eq!(ended.stdout, "");
    assert!(ended.stderr.starts_with("fatal error: "), "{}", ended.stderr);
    assert!(ended.stderr.contains("PLUGIN_CLIENT_CERT"), "{}", ended.stderr);
    assert_eq!(ended.left_behind, Vec::<String>::new());
}

#[tokio::test]
async fn the_socket_goes_where_the_host_wants_it() {
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
    // Whatever the provider makes of it: the transport let it through.
    assert_ne!(answer.err().map(|status| status.code()), Some(Code::OutOfRange));
}

#[tokio::test]
async fn the_health_of_the_plugin_is_known_and_of_nothing_else() {
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

    assert!(stdio.message().await.unwrap().is_none(), "silent to its end");
    // The client never ended its half; how the stream ends is of no interest, only that it does.
    let _ = broker.message().await;
    assert_clean(&plugin.ended().await);
}

// --- the other ends ---

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
async fn it_ends_when_the_last_client_is_gone_without_a_goodbye() {
    let identity = ClientIdentity::generate();
    let (plugin, handshake) = PluginCommand::with_tls(&identity).start().await;
    let client = handshake.connect_with_tls(&identity).await;
    client.schema().await.unwrap();
    drop(client);
    assert_clean(&plugin.ended().await);
}

#[tokio::test]
async fn it_ends_when_its_parent_is_gone_though_a_connection_is_left() {
    // A shell that starts the plugin and lives until its stdin ends.
    let shell = PluginCommand::running("sh").started_by_terraform().stdin(Stdio::piped());
    let binary = env!("CARGO_BIN_EXE_terraform-provider-defender");
    let (mut shell, handshake) = shell.arg("-c").arg("\"$0\" & cat").arg(binary).start().await;
    let client = handshake.connect().await;
    client.schema().await.unwrap();
    shell.close_stdin();
    // Its stdout is the shell's: that it ends means that both have ended.
    assert_clean(&shell.ended().await);
}

// --- stderr ---

#[tokio::test]
async fn logs_are_lines_of_json_that_terraform_can_read() {
    let identity = ClientIdentity::generate();
    let command = PluginCommand::with_tls(&identity).env("TF_LOG", "JSON");
    let (plugin, handshake) = command.start().await;
    // Something to log besides the regular course: a client that is refused.
    refuse_plain_text(handshake.socket()).await;
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
    assert!(has("A client was refused in the TLS handshake"), "{records:?}");
    assert!(has("The provider process ends"), "{records:?}");
}

#[tokio::test]
async fn logs_switched_off_leave_stderr_empty() {
    let command = PluginCommand::without_tls().env("TF_LOG", "TRACE").env("TF_LOG_PROVIDER", "OFF");
    let (plugin, _) = command.start().await;
    plugin.signal("TERM");
    assert_clean(&plugin.ended().await);
}

#[tokio::test]
async fn logs_that_nobody_reads_any_more_do_no_harm() {
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
fn a_panic_is_told_in_the_form_that_terraform_shows() {
    const ASKED_TO_PANIC: &str = "DEFENDER_TEST_ASKED_TO_PANIC";
    if std::env::var_os(ASKED_TO_PANIC).is_some() {
        terraform_provider_defender::plugin::panic_hook::install();
        // Two lines, so that the second is seen to be text as well.
        panic!("one bug\nin two lines");
    }
    // Hooks belong to the whole process, so the panic happens in another one: this very test.
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_panic_is_told_in_the_form_that_terraform_shows", "--nocapture"])
        .env(ASKED_TO_PANIC, "1")
        .env("RUST_BACKTRACE", "1")
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<_> = stderr.lines().skip_while(|line| !line.starts_with("panic: ")).collect();
    assert_eq!(lines[..2], ["panic: one bug", "in two lines"]);
    assert!(lines[2].trim_start().starts_with("at tests/plugin_process.rs:"), "{}", lines[2]);
    assert!(lines.len() > 3, "a backtrace was asked for");
}

// --- a person at the prompt ---

#[tokio::test]
async fn run_by_hand_it_explains_itself() {
    for cookie in [None, Some("wrong")] {
        let mut command = PluginCommand::by_hand();
        if let Some(cookie) = cookie {
            command = command.env("TF_PLUGIN_MAGIC_COOKIE", cookie);
        }
        let ended = command.spawn().ended().await;
        assert_eq!(ended.status.code(), Some(1));
        assert_eq!(ended.stdout, "");
        assert!(ended.stderr.contains("is started by Terraform"), "{}", ended.stderr);
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
async fn debug_mode_tells_how_to_reach_it_and_serves_one_client_after_the_other() {
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
