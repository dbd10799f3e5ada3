//! A proxy for HTTPS that leads every host to the emulator, so that clients run unpatched with Microsoft's own addresses.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;

/// The proxy, as a client names it: `http://127.0.0.1:PORT`. It runs until the process ends.
pub fn start(emulator: SocketAddr) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // A client that closes early is none of the test's business.
            thread::spawn(move || tunnel(&client, emulator).ok());
        }
    });
    url
}

fn tunnel(client: &TcpStream, emulator: SocketAddr) -> io::Result<()> {
    let mut head = BufReader::new(client.try_clone()?);
    let mut line = String::new();
    head.read_line(&mut line)?;
    assert!(line.starts_with("CONNECT "), "a client did not use TLS: {line}");
    while line.trim_end() != "" {
        line.clear();
        head.read_line(&mut line)?;
    }
    let server = TcpStream::connect(emulator)?;
    (&*client).write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let (from_server, to_client) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || copy(from_server, to_client));
    // The reader may hold bytes of the handshake already.
    copy(head, server);
    Ok(())
}

/// Copies until one side closes, and closes the other.
fn copy(mut from: impl io::Read, mut to: TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Both);
}
