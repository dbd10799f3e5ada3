//! Many calls, large bodies, junk and slow clients: the emulator stays small and answers others.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::support::{PILOT, POLICY};

const CALLS: usize = 60_000;
const CONNECTIONS: usize = 4;
const SLOW_CLIENTS: usize = 300;
const LARGE_BODIES: usize = 12;
const MIB: usize = 1024 * 1024;
const LIMIT_MIB: usize = 64;

/// The emulator as a process, so that its memory can be measured.
struct Emulator {
    process: Child,
    address: SocketAddr,
}

impl Emulator {
    fn start() -> Self {
        let file = tempfile::NamedTempFile::new().unwrap();
        let tenant = json!({
            "deviceConfigurations": [{"id": POLICY, "displayName": "Onboarding"}],
            "groups": [{"id": PILOT, "displayName": "Pilot"}],
        });
        fs::write(file.path(), tenant.to_string()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_defender-graph-emulator"));
        command.args(["--listen", "127.0.0.1:0", "--tenant"]).arg(file.path()).stdout(Stdio::piped());
        let mut process = command.stdin(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").unwrap().parse().unwrap();
        Self { process, address }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        stream
    }

    /// The most memory that it has ever used.
    fn peak_mib(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() / 1024
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\n\r\n")
}

/// Sends the same requests again and again, a hundred at a time, and returns the statuses other than the usual ones.
fn many_calls(mut stream: TcpStream, count: usize) -> Vec<String> {
    let policy = format!("/beta/deviceManagement/deviceConfigurations/{POLICY}");
    let requests = [
        get(&format!("{policy}?$expand=assignments")),
        get(&format!("/v1.0/groups/{PILOT}")),
        get("/beta/users"),
    ];
    let mut answers = BufReader::new(stream.try_clone().unwrap());
    let mut unusual = Vec::new();
    for round in 0..count / 100 {
        let sent: Vec<&String> =
            (0..100).map(|number| &requests[(round + number) % requests.len()]).collect();
        stream.write_all(sent.into_iter().cloned().collect::<String>().as_bytes()).unwrap();
        for _ in 0..100 {
            let status = read_answer(&mut answers);
            if !["200", "400"].contains(&status.as_str()) {
                unusual.push(status);
            }
        }
    }
    unusual
}

/// Reads one answer and returns its status.
fn read_answer(answers: &mut impl BufRead) -> String {
    let (mut status, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        if line.trim_end().is_empty() {
            break;
        }
        if let Some(rest) = line.strip_prefix("HTTP/1.1 ") {
            rest[..3].clone_into(&mut status);
        }
        if let Some(rest) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
            length = rest.trim().parse().unwrap();
        }
    }
    answers.read_exact(&mut vec![0; length]).unwrap();
    status
}

/// Sends a hundred megabytes, or as much as the emulator takes.
fn large_body(mut stream: TcpStream, chunked: bool) {
    let length = 100 * MIB;
    let framing =
        if chunked { "Transfer-Encoding: chunked".to_owned() } else { format!("Content-Length: {length}") };
    let head = format!(
        "POST /v1.0/directoryObjects/getByIds HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\n\
         Content-Type: application/json\r\n{framing}\r\n\r\n"
    );
    let piece = vec![b'1'; 64 * 1024];
    let mut sent = stream.write_all(head.as_bytes());
    for _ in 0..length / piece.len() {
        if sent.is_err() {
            return;
        }
        sent = if chunked {
            stream
                .write_all(format!("{:x}\r\n", piece.len()).as_bytes())
                .and_then(|()| stream.write_all(&piece))
                .and_then(|()| stream.write_all(b"\r\n"))
        } else {
            stream.write_all(&piece)
        };
    }
}

/// Bytes that are no HTTP, the same on every run.
fn junk(mut stream: TcpStream, seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let bytes: Vec<u8> = (0..random.usize(1..4096)).map(|_| random.u8(..)).collect();
    let _ = stream.write_all(&bytes);
}

#[test]
fn it_stays_small_whatever_clients_do() {
    let emulator = Emulator::start();
    // They stay connected, in the middle of a head or of a body.
    let slow: Vec<TcpStream> = (0..SLOW_CLIENTS)
        .map(|number| {
            let mut stream = emulator.connect();
            let rest = if number % 2 == 0 {
                get("/v1.0/groups").trim_end().to_owned()
            } else {
                "POST /v1.0/groups HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n".to_owned()
                    + &"1".repeat(60_000)
            };
            stream.write_all(rest.as_bytes()).unwrap();
            stream
        })
        .collect();
    let unusual: Vec<String> = thread::scope(|scope| {
        for number in 0..LARGE_BODIES {
            let stream = emulator.connect();
            scope.spawn(move || large_body(stream, number % 2 == 0));
        }
        for seed in 0..100 {
            junk(emulator.connect(), seed);
        }
        let calls: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                let stream = emulator.connect();
                scope.spawn(move || many_calls(stream, CALLS / CONNECTIONS))
            })
            .collect();
        calls.into_iter().flat_map(|calls| calls.join().unwrap()).collect()
    });
    assert_eq!(unusual, Vec::<String>::new());
    let mut log = emulator.connect();
    log.write_all(b"GET /_emulator/calls HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    assert_eq!(read_answer(&mut BufReader::new(log)), "200");
    drop(slow);
    let peak = emulator.peak_mib();
    assert!(peak < LIMIT_MIB, "{peak} MiB");
}
