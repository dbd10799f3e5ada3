//! The command line: the first line of output, the messages, and shutdown.

use std::io::Write;
#[cfg(unix)]
use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use serde_json::json;

fn emulator() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_defender-graph-emulator"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(arguments: &[&str]) -> Output {
    emulator().args(arguments).output().unwrap()
}

fn tenant_file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

#[test]
fn a_bad_tenant_file_is_named_with_what_and_where() {
    let missing = run(&["--listen", "127.0.0.1:0", "--tenant", "no-such-tenant.json"]);
    let message = String::from_utf8(missing.stderr).unwrap();
    assert_eq!(missing.status.code(), Some(1));
    assert!(message.starts_with("error: cannot read the tenant: no-such-tenant.json: "), "{message}");

    let wrong = json!({"groups": [{"displayName": "G"}, {"name": "H"}]}).to_string();
    for (text, part) in [
        ("{\n  \"groups\": [", "not valid JSON: EOF while parsing a list at line 2"),
        (wrong.as_str(), "groups[1]"),
    ] {
        let file = tenant_file(text);
        let output = run(&["--listen", "127.0.0.1:0", "--tenant", file.path().to_str().unwrap()]);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
        assert!(
            message.contains(&format!("{}: ", file.path().display())) && message.contains(part),
            "{message}"
        );
    }
}

#[test]
fn a_bad_faults_file_is_named_with_what_and_where() {
    let wrong = json!([{"status": 429}, {"status": 503, "retryafter": "2"}]).to_string();
    for (text, part) in [
        ("[", "not valid JSON: EOF while parsing"),
        (wrong.as_str(), "faults[1].retryafter: A rule with this effect has no member 'retryafter'."),
    ] {
        let file = tenant_file(text);
        let output = run(&["--listen", "127.0.0.1:0", "--faults", file.path().to_str().unwrap()]);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
        let start = format!("error: cannot read the faults: {}: {part}", file.path().display());
        assert!(message.starts_with(&start), "{message}");
    }
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    for arguments in [["--latency", "50"], ["--latency", "1m"], ["--page-size", "0"], ["--listen", "here"]] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(String::from_utf8(output.stderr).unwrap().contains(arguments[0]), "{arguments:?}");
    }
}

#[test]
fn a_taken_port_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(&["--listen", &address]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .starts_with(&format!("error: cannot listen on {address}: "))
    );
}

#[test]
fn it_has_a_name_of_its_own() {
    let version = String::from_utf8(run(&["--version"]).stdout).unwrap();
    assert_eq!(version, format!("defender-graph-emulator {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn help_shows_a_tenant_file_and_everything_that_is_served() {
    let help = String::from_utf8(run(&["--help"]).stdout).unwrap();
    for part in [
        "--page-size <N>",
        "\"deviceConfigurations\": [",
        "POST /_emulator/reset\n",
        "--faults <FILE>",
        "{\"cut\": \"before\"}",
        "policySetRowSent: ignore, refuse, makeDirect\n",
        "listening on http://127.0.0.1:PORT",
        "--require-sign-in",
        "\"applications\": [",
        "POST /{tenant}/oauth2/v2.0/token",
        "/_emulator/tokens/revoke",
    ] {
        assert!(help.contains(part), "{part}");
    }
}

/// Starts the binary, reads its first line, calls a function with the address and sends the signal. Returns the status,
/// the rest of stdout, and stderr.
#[cfg(unix)]
async fn live_and_end(arguments: &[&str], signal: &str) -> (Option<i32>, String, String) {
    // Where signing in is required, the placeholder is refused.
    let expected = if arguments.contains(&"--require-sign-in") { 401 } else { 200 };
    let mut child = emulator().args(arguments).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    stdout.read_line(&mut first).unwrap();
    let url = first.strip_prefix("listening on ").unwrap().trim_end().replace("0.0.0.0", "127.0.0.1");
    assert!(url.starts_with("http://127.0.0.1:"), "{first}");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(format!("{url}/v1.0/groups")).bearer_auth("x").send().await.unwrap();
    assert_eq!(answer.status(), expected);
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut stdout, &mut rest).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code(), rest, String::from_utf8(output.stderr).unwrap())
}

#[cfg(unix)]
#[tokio::test]
async fn it_serves_until_it_is_told_to_end() {
    let file = tenant_file(r#"{"groups": [{"displayName": "G"}]}"#);
    let file = file.path().to_str().unwrap();
    let faults = tenant_file(r#"{"match": {"path": "/users"}, "status": 503}"#);
    let faults = faults.path().to_str().unwrap();
    for signal in ["-TERM", "-INT"] {
        let mut arguments = vec![
            "--listen",
            "127.0.0.1:0",
            "--tenant",
            file,
            "--latency",
            "1ms",
            "--page-size",
            "5",
            "--limits",
        ];
        arguments.extend(["--faults", faults]);
        assert_eq!(live_and_end(&arguments, signal).await, (Some(0), String::new(), String::new()));
    }
}

/// The shell commands under the guide's heading "In a pipeline".
#[cfg(unix)]
fn pipeline_of_the_guide() -> String {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guides/offline-testing.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let after = guide.split("\n## In a pipeline\n").nth(1).unwrap();
    after.split("```").nth(1).unwrap().strip_prefix("shell\n").unwrap().to_owned()
}

#[cfg(unix)]
#[test]
fn the_pipeline_of_the_guide_ends_where_the_port_is_taken() {
    use std::os::unix::fs::PermissionsExt as _;

    // If it cannot be had, it is taken already.
    let _taken = std::net::TcpListener::bind("127.0.0.1:8400");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tenant.json"), "{}").unwrap();
    let terraform = folder.path().join("terraform");
    std::fs::write(&terraform, "#!/bin/sh\ntouch ran\n").unwrap();
    std::fs::set_permissions(&terraform, std::fs::Permissions::from_mode(0o755)).unwrap();
    let programs = std::path::Path::new(env!("CARGO_BIN_EXE_defender-graph-emulator")).parent().unwrap();
    let path = format!("{}:{}:/usr/bin:/bin", folder.path().display(), programs.display());
    let mut shell = Command::new("sh");
    shell.args(["-c", &pipeline_of_the_guide()]).current_dir(folder.path()).env("PATH", path);
    let mut shell = shell.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let ended = (0..300).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        shell.try_wait().unwrap()
    });
    if ended.is_none() {
        shell.kill().unwrap();
    }
    let stderr = shell.wait_with_output().unwrap().stderr;
    assert_eq!(ended.and_then(|status| status.code()), Some(1));
    assert!(String::from_utf8(stderr).unwrap().contains("cannot listen on 127.0.0.1:8400"));
    assert!(!folder.path().join("ran").exists());
}

/// The first line, and the address in it.
#[cfg(unix)]
fn started(arguments: &[&str]) -> (std::process::Child, String) {
    let mut child = emulator().args(arguments).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
    let url = first.strip_prefix("listening on ").unwrap().trim_end().to_owned();
    (child, url)
}

/// Otherwise a module that names the group would wait two minutes for it.
#[cfg(unix)]
#[tokio::test]
async fn a_group_that_is_not_in_the_tenant_file_is_refused_at_once_by_its_name() {
    const POLICY: &str = "0b8a3d5e-5c0f-4a55-9a07-3a1d0a5c6d01";
    const GROUP: &str = "99999999-9999-4999-8999-999999999999";
    let file =
        tenant_file(&json!({"deviceConfigurations": [{"id": POLICY, "displayName": "P"}]}).to_string());
    let file = file.path().to_str().unwrap();
    let (mut child, url) = started(&["--listen", "127.0.0.1:0", "--tenant", file]);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let target = json!({"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": GROUP});
    for (path, body) in [
        ("v1.0/directoryObjects/getByIds".to_owned(), json!({"ids": [GROUP], "types": ["group"]})),
        (
            format!("beta/deviceManagement/deviceConfigurations/{POLICY}/assign"),
            json!({"assignments": [{"target": target}]}),
        ),
    ] {
        let answer = client.post(format!("{url}/{path}")).bearer_auth("x").json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 400);
        let text = answer.text().await.unwrap();
        assert!(text.contains(&format!("The group {GROUP} is not in the tenant file {file}")), "{text}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn listening_beyond_loopback_is_warned_of() {
    let (status, _, warning) = live_and_end(&["--listen", "0.0.0.0:0"], "-TERM").await;
    assert_eq!(status, Some(0));
    assert!(warning.starts_with("warning: listening beyond loopback; any token is accepted"), "{warning}");
    let (_, _, warning) = live_and_end(&["--listen", "0.0.0.0:0", "--require-sign-in"], "-TERM").await;
    assert!(
        warning.starts_with("warning: listening beyond loopback; test control needs no token"),
        "{warning}"
    );
}
