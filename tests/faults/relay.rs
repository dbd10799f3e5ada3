//! A proxy to the emulator that stops: it forwards requests until the provider has read the assignments, and then
//! refuses connections.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use crate::closed_port::ClosedPort;

pub struct Relay {
    origin: String,
    /// Dropped with the relay, which frees the port.
    _in_use: Sender<()>,
}

impl Relay {
    /// A root of Graph that forwards to `origin`, up to and including the first read of assignments.
    pub fn until_the_look(origin: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let relay_origin = format!("http://{}", listener.local_addr().unwrap());
        let emulator = origin.trim_start_matches("http://").to_owned();
        let (in_use, dropped) = channel();
        thread::spawn(move || carry(listener, &emulator, &dropped));
        Self { origin: relay_origin, _in_use: in_use }
    }

    pub fn origin(&self) -> &str {
        &self.origin
    }
}

/// One request for each connection, so that the last one leaves none open.
fn carry(listener: TcpListener, emulator: &str, dropped: &Receiver<()>) {
    loop {
        let (mut provider, _) = listener.accept().unwrap();
        let request = read_request(&mut provider);
        let is_last = request.contains("/assignments");
        let mut service = TcpStream::connect(emulator).unwrap();
        let request = request.replacen("\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1);
        service.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        service.read_to_end(&mut answer).unwrap();
        if is_last {
            let address = listener.local_addr().unwrap().to_string();
            drop(listener);
            let _refusing = ClosedPort::bind(&address);
            send(&mut provider, &answer);
            let _ = dropped.recv();
            return;
        }
        send(&mut provider, &answer);
    }
}

fn send(provider: &mut TcpStream, answer: &[u8]) {
    provider.write_all(answer).unwrap();
    provider.shutdown(Shutdown::Write).unwrap();
}

/// Head and body; the provider announces the length of each body.
fn read_request(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).unwrap();
        assert!(read > 0, "the request ended early: {text}");
        text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().unwrap())
        });
        if body.len() >= length.unwrap_or_default() {
            return text;
        }
    }
}
