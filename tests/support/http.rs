//! A minimal HTTP client for the emulator, independent of the provider's client. No TLS, no redirects, no streaming.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// Status and body. An empty body is null.
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

/// Sends one request to `http://HOST:PORT`. Uses HTTP/1.0, so that the end of the connection ends the response.
pub fn send(origin: &str, method: &str, path: &str, token: Option<&str>, body: Option<&Value>) -> Answer {
    let authority = origin.strip_prefix("http://").expect("the emulator uses plain HTTP");
    let mut stream = TcpStream::connect(authority).expect("the emulator accepts connections");
    stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    let body = body.map(Value::to_string).unwrap_or_default();
    let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    let head = format!(
        "{method} {path} HTTP/1.0\r\nHost: {authority}\r\n{authorization}\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    parse(&String::from_utf8(answer).expect("the emulator answers in UTF-8"))
}

fn parse(answer: &str) -> Answer {
    let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer has a head");
    let status =
        head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("an HTTP answer has a status");
    let body = if body.trim().is_empty() { Value::Null } else { serde_json::from_str(body).expect("JSON") };
    Answer { status, body }
}
