//! A gate in front of the emulator: it passes every exchange on, and holds the next write where a test wants it held.
//! Of HTTP it knows where a request ends, no more; faults of the service are the emulator's business.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use super::wait;

/// Lives as long as the test's process.
pub struct Gate {
    origin: String,
    order: Arc<Mutex<Option<Order>>>,
}

/// A place on the way of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The provider has sent it all, and the service has nothing of it.
    BeforeTheEffect,
    /// The service has done it and answered, and the provider has nothing of the answer.
    BeforeTheAnswer,
}

/// The write that is held, or will be. Once this is dropped the write goes no further, and its connection is closed.
pub struct HeldWrite {
    news: Receiver<()>,
    go: Sender<()>,
}

/// What the gate has to do with the next write.
struct Order {
    place: Place,
    news: Sender<()>,
    go: Receiver<()>,
}

impl Gate {
    /// Opens in front of `http://HOST:PORT`.
    pub fn before(service: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let order = Arc::default();
        let gate = Self { origin, order: Arc::clone(&order) };
        let service = service.strip_prefix("http://").expect("the emulator speaks plain http").to_owned();
        thread::spawn(move || {
            for client in listener.incoming() {
                let (service, order) = (service.clone(), Arc::clone(&order));
                // A side that has hung up is what these scenarios are about, and the other one tells of it.
                thread::spawn(move || client.and_then(|client| exchange(client, &service, &order)));
            }
        });
        gate
    }

    /// `http://127.0.0.1:PORT`
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The next write comes to this place and no further.
    pub fn hold_next_write(&self, place: Place) -> HeldWrite {
        let ((news, heard), (go, gone)) = (channel(), channel());
        *self.order.lock().unwrap() = Some(Order { place, news, go: gone });
        HeldWrite { news: heard, go }
    }
}

impl HeldWrite {
    /// Returns when the write is held.
    pub fn must_come(&self) {
        assert_eq!(self.news.recv_timeout(wait::BOUND), Ok(()), "a write should come to the gate");
    }

    /// Lets it go on, and returns when its answer has been handed over, or nobody is there to take it.
    pub fn let_pass(self) {
        self.go.send(()).unwrap();
        assert_eq!(self.news.recv_timeout(wait::BOUND), Err(RecvTimeoutError::Disconnected));
    }
}

impl Order {
    /// Holds the write if this is the place; false if it must not go on.
    fn lets_pass(&self, place: Place) -> bool {
        self.place != place || (self.news.send(()).is_ok() && self.go.recv().is_ok())
    }
}

/// One request and its answer. Each has a connection of its own, so that an answer ends where its connection does.
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

/// A whole request, with the wish to close the connection after it.
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
