//! A proxy in front of the emulator that can hold the next write at a chosen point. It parses only as much HTTP as
//! needed to find the end of a request. The emulator simulates faults of the service.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use super::wait;

/// Runs until the test process ends.
pub struct Gate {
    origin: String,
    order: Arc<Mutex<Option<Order>>>,
}

/// The point at which a write is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// After the provider has sent the request, before the service receives it.
    BeforeTheEffect,
    /// After the service has responded, before the provider receives the response.
    BeforeTheAnswer,
}

/// The held write. Dropping it closes the connection of the write.
pub struct HeldWrite {
    news: Receiver<()>,
    go: Sender<()>,
}

/// How to hold the next write.
struct Order {
    place: Place,
    news: Sender<()>,
    go: Receiver<()>,
}

impl Gate {
    /// Starts a proxy for `http://HOST:PORT`.
    pub fn before(service: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let order = Arc::default();
        let gate = Self { origin, order: Arc::clone(&order) };
        let service = service.strip_prefix("http://").expect("the emulator uses plain HTTP").to_owned();
        thread::spawn(move || {
            for client in listener.incoming() {
                let (service, order) = (service.clone(), Arc::clone(&order));
                // Errors are ignored: these scenarios close connections on purpose.
                thread::spawn(move || client.and_then(|client| exchange(client, &service, &order)));
            }
        });
        gate
    }

    /// `http://127.0.0.1:PORT`
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Holds the next write at this point.
    pub fn hold_next_write(&self, place: Place) -> HeldWrite {
        let ((news, heard), (go, gone)) = (channel(), channel());
        *self.order.lock().unwrap() = Some(Order { place, news, go: gone });
        HeldWrite { news: heard, go }
    }
}

impl HeldWrite {
    /// Waits until the write is held.
    pub fn must_come(&self) {
        assert_eq!(self.news.recv_timeout(wait::BOUND), Ok(()), "a write should arrive at the gate");
    }

    /// Releases the write and waits until its response has been forwarded or its connection is closed.
    pub fn let_pass(self) {
        self.go.send(()).unwrap();
        assert_eq!(self.news.recv_timeout(wait::BOUND), Err(RecvTimeoutError::Disconnected));
    }
}

impl Order {
    /// Holds the write if this is its point. Returns false if it must not continue.
    fn lets_pass(&self, place: Place) -> bool {
        self.place != place || (self.news.send(()).is_ok() && self.go.recv().is_ok())
    }
}

/// Forwards one request and its response. Each has its own connection, so the end of the connection ends the
/// response.
fn exchange(mut client: TcpStream, service: &str, order: &Mutex<Option<Order>>) -> io::Result<()> {
    let request = read_request(&client)?;
    let order = if is_write(&request) { order.lock().unwrap().take() } else { None };
    let lets_pass = |place| order.as_ref().is_none_or(|order| order.lets_pass(place));
    if !lets_pass(Place::BeforeTheEffect) {
        return Ok(());
    }
    let mut service = TcpStream::connect(service)?;
    service.write_all(&request)?;
    let mut answer = Vec::new();
    service.read_to_end(&mut answer)?;
    if lets_pass(Place::BeforeTheAnswer) { client.write_all(&answer) } else { Ok(()) }
}

/// Reads a whole request and adds `Connection: close`.
fn read_request(client: &TcpStream) -> io::Result<Vec<u8>> {
    let mut reader = BufReader::new(client);
    let (mut request, mut body_bytes) = (String::new(), 0);
    reader.read_line(&mut request)?;
    request.push_str("Connection: close\r\n");
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(length) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            body_bytes = length.trim().parse().map_err(io::Error::other)?;
        }
        request.push_str(&line);
        if line == "\r\n" {
            break;
        }
    }
    let mut request = request.into_bytes();
    reader.take(body_bytes).read_to_end(&mut request)?;
    Ok(request)
}

fn is_write(request: &[u8]) -> bool {
    let line = request.split(|byte| *byte == b'\r').next().unwrap_or_default();
    line.starts_with(b"POST ") && line.ends_with(b"/assign HTTP/1.1")
}
