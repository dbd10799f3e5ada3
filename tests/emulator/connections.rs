//! What reaches the emulator below Graph: TLS, proxies, clients without `Host`, and clients that are slow, broken or
//! too large.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use terraform_provider_defender::emulator::{Emulator, Options, StartError, Tenant, TlsOptions};

use crate::support::*;

/// Sends bytes on a new connection and returns all that comes back until the emulator closes it.
fn raw(graph: &Graph, request: &str) -> String {
    let mut stream = TcpStream::connect(graph.emulator.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
        Err(error) => panic!("the connection stayed open: {error}"),
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn https_is_served_with_a_certificate_of_the_written_authority() {
    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("ca.pem");
    let tls = TlsOptions { ca_file: ca_file.clone(), names: vec!["graph.microsoft.com".to_owned()] };
    let options = Options { tls: Some(tls), page_size: Some(1), ..Options::default() };
    let emulator = Emulator::start(tenant(), options).unwrap();
    let port = emulator.address().port();
    assert_eq!(emulator.base_url(), format!("https://127.0.0.1:{port}"));

    let ca = reqwest::Certificate::from_pem(&std::fs::read(&ca_file).unwrap()).unwrap();
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([ca])
        .resolve("graph.microsoft.com", emulator.address())
        .build()
        .unwrap();
    for host in ["127.0.0.1", "localhost", "graph.microsoft.com"] {
        let url = format!("https://{host}:{port}/v1.0/groups");
        let answer: serde_json::Value =
            client.get(&url).bearer_auth("x").send().await.unwrap().json().await.unwrap();
        let link = answer["@odata.nextLink"].as_str().unwrap();
        assert!(link.starts_with(&format!("{url}?")), "{link}");
    }
    let other = reqwest::Client::builder().no_proxy().build().unwrap();
    assert!(other.get(format!("https://127.0.0.1:{port}/v1.0/groups")).send().await.is_err());
}

#[test]
fn a_file_that_cannot_hold_the_authority_ends_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let tls = TlsOptions { ca_file: folder.path().to_owned(), names: Vec::new() };
    let error =
        Emulator::start(Tenant::default(), Options { tls: Some(tls), ..Options::default() }).unwrap_err();
    assert!(matches!(error, StartError::Tls(_)));
    assert!(error.to_string().starts_with(&format!("cannot write {}: ", folder.path().display())), "{error}");
}

#[tokio::test]
async fn links_are_https_behind_a_proxy_that_speaks_https() {
    let graph = Graph::with(tenant(), Options { page_size: Some(1), ..Options::default() });
    for (name, value) in [("X-Forwarded-Proto", "https"), ("Forwarded", "for=10.0.0.1;proto=https, for=x")] {
        let answer = send(graph.request(Method::GET, "/v1.0/groups").header(name, value)).await;
        assert!(answer.next_link().unwrap().starts_with("https://"), "{name}");
    }
}

#[test]
fn a_client_without_a_host_is_answered() {
    let graph = Graph::with(tenant(), Options { page_size: Some(1), ..Options::default() });
    let answer = raw(&graph, "GET /v1.0/groups HTTP/1.0\r\nAuthorization: Bearer x\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.0 200"), "{answer}");
    assert!(
        answer.contains(&format!("\"@odata.nextLink\":\"{}/v1.0/groups?", graph.emulator.base_url())),
        "{answer}"
    );
}

#[test]
fn a_client_that_expects_100_continue_gets_it() {
    let graph = Graph::start();
    let body = json!({"ids": [PILOT]}).to_string();
    let head = format!(
        "POST /v1.0/directoryObjects/getByIds HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(graph.emulator.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn a_body_that_is_not_http_is_a_bad_request() {
    let graph = Graph::start();
    let head = "POST /v1.0/directoryObjects/getByIds HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n\
                Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    let answer = raw(&graph, &format!("{head}zz\r\n{{}}\r\n0\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert!(answer.contains("The request body is not valid HTTP."), "{answer}");
}

#[test]
fn a_client_that_stops_in_the_middle_is_disconnected() {
    let options = Options { client_timeout: Duration::from_millis(300), ..Options::default() };
    let graph = Graph::with(tenant(), options);
    assert_eq!(raw(&graph, "GET /v1.0/groups HTTP/1.1\r\nHost:"), "", "in the head");
    assert_eq!(raw(&graph, ""), "", "before the head");
    assert_eq!(raw(&graph, "PRI * HTT"), "", "in the preface of HTTP/2");
    let answer = raw(
        &graph,
        "POST /v1.0/directoryObjects/getByIds HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{",
    );
    assert!(answer.starts_with("HTTP/1.1 408"), "in the body: {answer}");
}

#[tokio::test]
async fn a_body_with_too_many_bytes_or_values_is_refused() {
    let graph = Graph::start();
    let path = "/v1.0/directoryObjects/getByIds";
    let post = |body: String| {
        graph.request(Method::POST, path).header("Content-Type", "application/json").body(body)
    };
    // Valid JSON of 3 MB, which would take 100 MB as a tree.
    let values = format!("[{}0]", "0,".repeat(1_500_000));
    let answer = send(post(values)).await;
    assert_eq!((answer.status, answer.code()), (413, "RequestEntityTooLarge"));
    assert!(answer.message().contains("JSON values"), "{}", answer.message());
    let long = send(post(format!("{{\"ids\": [\"{}\"]}}", "x".repeat(3_000_000)))).await;
    assert_eq!(long.status, 400, "it is read");
}
