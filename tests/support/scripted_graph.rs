//! A loopback HTTP server with scripted responses that records its requests. It simulates no Graph entities.
//!
//! Uses plain TCP instead of an HTTP framework, which could not send closed connections and truncated bodies.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A request to the server.
#[derive(Debug, Clone)]
pub struct ReceivedRequest {
    /// `GET /beta/x?y`
    pub line: String,
    /// Names are in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl ReceivedRequest {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// The response to one request.
#[derive(Debug, Clone)]
pub struct Reply {
    head: String,
    body: Vec<u8>,
    announced_bytes: usize,
    cut: bool,
}

impl Reply {
    /// A JSON response.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json", &body.to_string())
    }

    /// A text response of any content type.
    pub fn text(status: u16, content_type: &str, body: &str) -> Self {
        Self::bytes(status, body.as_bytes().to_vec()).header("Content-Type", content_type)
    }

    pub fn bytes(status: u16, body: Vec<u8>) -> Self {
        let head = format!("HTTP/1.1 {status} Scripted\r\n");
        Self { head, announced_bytes: body.len(), body, cut: false }
    }

    /// Reads the request and closes the connection without a response.
    pub fn cut() -> Self {
        Self { cut: true, ..Self::bytes(200, Vec::new()) }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.head.extend([name, ": ", value, "\r\n"]);
        self
    }

    /// Declares a longer body than it sends.
    pub fn truncated(mut self) -> Self {
        self.announced_bytes += 1_000;
        self
    }

    async fn write(self, stream: &mut TcpStream) {
        if self.cut {
            return;
        }
        let head =
            format!("{}Content-Length: {}\r\nConnection: close\r\n\r\n", self.head, self.announced_bytes);
        // Errors are ignored: the client may close the connection, for example because of the declared length.
        let _ = stream.write_all(head.as_bytes()).await;
        let _ = stream.write_all(&self.body).await;
        let _ = stream.shutdown().await;
    }
}

/// The running server. When dropped, it asserts that all scripted responses were used and no further request was
/// made.
pub struct ScriptedGraph {
    root: String,
    script: Arc<Mutex<Script>>,
    accepting: JoinHandle<()>,
}

/// Computes the reply to a request.
type Replier = Box<dyn Fn(&ReceivedRequest) -> Reply + Send>;

#[derive(Default)]
struct Script {
    replies: VecDeque<Reply>,
    afterwards: Option<Replier>,
    request: Vec<ReceivedRequest>,
    unexpected: Vec<String>,
}

impl ScriptedGraph {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Mutex::new(Script::default()));
        let accepting = tokio::spawn(accept(listener, Arc::clone(&script)));
        Self { root, script, accepting }
    }

    /// `http://127.0.0.1:PORT`
    pub fn root(&self) -> &str {
        &self.root
    }

    /// Appends a reply to the script.
    pub fn reply(&self, reply: Reply) -> &Self {
        self.script.lock().unwrap().replies.push_back(reply);
        self
    }

    /// Computes the replies to all requests after the script.
    pub fn reply_always_with(&self, reply: impl Fn(&ReceivedRequest) -> Reply + Send + 'static) -> &Self {
        self.script.lock().unwrap().afterwards = Some(Box::new(reply));
        self
    }

    /// Sets one reply for all requests after the script.
    #[allow(dead_code, reason = "the tests of the Graph client do not use it")]
    pub fn reply_ever_after(&self, reply: Reply) -> &Self {
        self.reply_always_with(move |_| reply.clone())
    }

    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.script.lock().unwrap().request.clone()
    }

    /// `GET /beta/x` of each request.
    pub fn lines(&self) -> Vec<String> {
        self.requests().into_iter().map(|request| request.line).collect()
    }
}

impl Drop for ScriptedGraph {
    fn drop(&mut self) {
        self.accepting.abort();
        if std::thread::panicking() {
            return;
        }
        let script = self.script.lock().unwrap();
        assert!(script.unexpected.is_empty(), "requests without a scripted reply: {:?}", script.unexpected);
        assert!(script.replies.is_empty(), "unused replies: {:?}", script.replies);
    }
}

async fn accept(listener: TcpListener, script: Arc<Mutex<Script>>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, Arc::clone(&script)));
    }
}

/// Serves one request per connection, so that the order of the script is unambiguous.
async fn serve(mut stream: TcpStream, script: Arc<Mutex<Script>>) {
    let Some(request) = read_request(&mut stream).await else { return };
    let reply = {
        let mut script = script.lock().unwrap();
        let next = script.replies.pop_front();
        let reply = next.or_else(|| script.afterwards.as_ref().map(|reply| reply(&request)));
        if reply.is_none() {
            script.unexpected.push(request.line.clone());
        }
        script.request.push(request);
        reply
    };
    reply.unwrap_or_else(Reply::cut).write(&mut stream).await;
}

async fn read_request(stream: &mut TcpStream) -> Option<ReceivedRequest> {
    let mut received = Vec::new();
    let head_end = loop {
        if let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        read_some(stream, &mut received).await?;
    };
    let head = String::from_utf8(received[..head_end].to_vec()).ok()?;
    let mut lines = head.split("\r\n");
    let line = lines.next()?.strip_suffix(" HTTP/1.1")?.to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .map_or(Some(0), |(_, text)| text.parse().ok())?;
    let mut body = received.split_off(head_end + 4);
    while body.len() < length {
        read_some(stream, &mut body).await?;
    }
    Some(ReceivedRequest { line, headers, body })
}

async fn read_some(stream: &mut TcpStream, into: &mut Vec<u8>) -> Option<()> {
    let read = stream.read_buf(into).await.ok()?;
    (read > 0).then_some(())
}
