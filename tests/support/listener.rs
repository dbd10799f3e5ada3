//! A loopback HTTP server that gives every request the same response and records the requests. Simulates no service.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

pub struct Listener {
    root: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Listener {
    /// Starts a server that responds with this status and JSON body. Its thread runs until the process ends.
    pub fn answering(status: u16, body: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let head =
            format!("HTTP/1.1 {status} Same\r\nContent-Type: application/json\r\nConnection: close\r\n");
        let answer = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        let recorded = Arc::clone(&heads);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                recorded.lock().unwrap().push(serve(stream, &answer));
            }
        });
        Self { root, heads }
    }

    /// `http://127.0.0.1:PORT`
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The request lines and headers so far.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, answer: &str) -> String {
    let lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    // Fails if the client has closed the connection.
    let _ = stream.write_all(answer.as_bytes());
    head.join("\n")
}
