//! Answers to a refresh that are none: whatever comes in place of the assignments or of the policy, the state stays to
//! the byte and the message says what came. Failures that may pass by
//! themselves, such as a torn body, are in `answers`.

use std::fmt::Write as _;

use expect_test::{expect, expect_file};
use serde_json::{Value as Json, json};
use terraform_provider_defender::wire::tfplugin6 as wire;

use crate::in_process::{RESOURCE, configured, decoded, printed, state};
use crate::scene::stored;
use crate::scripted_graph::{Reply, ScriptedGraph};
use crate::target::Target;
use crate::tenant::{POLICY, WORKSTATIONS};

/// What a refresh has made of these answers.
struct Refreshed {
    /// The new state is the old one, byte by byte, and so is the private data.
    kept: bool,
    state: Json,
    messages: String,
}

/// Refreshes a policy that is assigned to one group, from a service that gives these answers, the last one for ever.
async fn refreshed(replies: &[Reply]) -> Refreshed {
    let graph = ScriptedGraph::start().await;
    let (last, first) = replies.split_last().unwrap();
    for reply in first {
        graph.reply(reply.clone());
    }
    graph.reply_ever_after(last.clone());
    let current = state(&stored(&[Target::group(WORKSTATIONS)]));
    let request = wire::read_resource::Request {
        type_name: RESOURCE.into(),
        current_state: Some(current.clone()),
        private: b"kept".to_vec(),
        ..Default::default()
    };
    let answer = configured(graph.root()).await.read_resource(request).await.unwrap().into_inner();
    Refreshed {
        kept: answer.new_state.as_ref() == Some(&current) && answer.private == b"kept",
        state: decoded(answer.new_state.as_ref()),
        messages: printed(&answer.diagnostics).replace(POLICY, "…"),
    }
}

fn error(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, &json!({"error": {"code": code, "message": message}}))
}

fn gone() -> Reply {
    error(404, "ResourceNotFound", "An error has occurred")
}

fn sign_in_page(status: u16) -> Reply {
    Reply::text(status, "text/html", "<html>\n<title>Sign in\u{1b}[31m</title>")
}

fn ok(body: &str) -> Reply {
    Reply::text(200, "application/json", body)
}

fn row(target: &Json) -> Json {
    json!({"value": [{"id": "a", "source": "direct", "target": target, "newMember": {"a": [1]}}], "@odata.new": 1})
}

fn not_answers() -> Vec<(&'static str, Reply)> {
    let nested = format!("{{\"value\":{}{}}}", "[".repeat(200), "]".repeat(200));
    let gone_in_html = r#"{"error": {"code": "ResourceNotFound", "message": "m"}}"#;
    vec![
        ("400", error(400, "BadRequest", "Bad id")),
        ("400 with the code of a missing policy", error(400, "ResourceNotFound", "m")),
        ("401", error(401, "InvalidAuthenticationToken", "Expired")),
        ("403", error(403, "Forbidden", "No licence")),
        ("403 of a proxy", sign_in_page(403)),
        ("404 of the route", error(404, "No method match route template", "No OData route exists")),
        ("404 of a proxy", sign_in_page(404)),
        ("404 without a body", Reply::bytes(404, Vec::new())),
        ("404 that is not JSON by its content type", Reply::text(404, "text/html", gone_in_html)),
        ("redirect", Reply::bytes(302, Vec::new()).header("Location", "https://login.example/x?secret=1")),
        ("page of a proxy", sign_in_page(200)),
        ("JSON by another name", Reply::text(200, "text/plain", r#"{"value": []}"#)),
        ("empty", ok("")),
        ("no content", Reply::bytes(204, Vec::new())),
        ("null", ok("null")),
        ("text", ok("\"value\"")),
        ("array", ok("[[], null]")),
        ("no value", ok("{}")),
        ("value of another kind", ok(r#"{"value": {"target": 1}, "id": 5}"#)),
        ("rows without target", ok(r#"{"value": [{"id": "a"}], "@odata.type": 7}"#)),
        ("nested too deeply", ok(&nested)),
        ("not UTF-8", Reply::bytes(200, b"{\"value\": \"\xff\"}".to_vec())),
    ]
}

#[tokio::test]
async fn a_refresh_keeps_the_state_whatever_comes_in_place_of_the_assignments() {
    let mut told = String::new();
    for (name, reply) in not_answers() {
        let refreshed = refreshed(&[reply]).await;
        assert!(refreshed.kept, "{name}: {}", refreshed.state);
        writeln!(told, "--- {name}\n{}", refreshed.messages.trim_end()).unwrap();
    }
    expect_file!["bodies/assignments.txt"].assert_eq(&told);
}

#[tokio::test]
async fn a_refresh_keeps_the_state_whatever_comes_in_place_of_the_policy() {
    let mut tables = Vec::new();
    for doubt in [gone(), ok(r#"{"value": []}"#)] {
        let mut told = String::new();
        for (name, reply) in not_answers() {
            let refreshed = refreshed(&[doubt.clone(), reply]).await;
            assert!(refreshed.kept, "{name}: {}", refreshed.state);
            writeln!(told, "{name}: {}", refreshed.messages.lines().next().unwrap_or_default()).unwrap();
        }
        tables.push(told);
        let refreshed = refreshed(&[doubt, gone()]).await;
        assert_eq!((refreshed.state, refreshed.messages.as_str()), (Json::Null, ""), "only this is gone");
    }
    assert_eq!(tables[0], tables[1]);
    expect_file!["bodies/policy.txt"].assert_eq(&tables[0]);
}

#[tokio::test]
async fn a_refresh_keeps_the_state_when_a_small_body_unfolds_without_end() {
    let bomb = gzip_of_spaces(65 * 1024 * 1024);
    assert!(bomb.len() < 1024 * 1024);
    let refreshed = refreshed(&[Reply::bytes(200, bomb).header("Content-Encoding", "gzip")]).await;
    assert!(refreshed.kept, "{}", refreshed.state);
    expect![[r#"
        Error: Policy …: the response of Microsoft Graph could not be read
        The response of Microsoft Graph could not be read: the body is larger than 8388608 bytes. This happened while reading its assignments.
        Request: GET /beta/deviceManagement/deviceConfigurations/…/assignments, status 200, client-request-id ….
        Next: run the command again. The state is unchanged.
    "#]].assert_eq(&refreshed.messages);
}

#[tokio::test]
async fn a_refresh_takes_what_is_new_to_it_as_far_as_it_means_something() {
    let group =
        json!({"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": WORKSTATIONS, "new": {}});
    let plain = Reply::json(200, &row(&group));
    let marked = Reply::text(200, "Application/JSON;charset=utf-8", &format!("\u{feff}{}", row(&group)));
    for reply in [plain, marked] {
        let refreshed = refreshed(&[reply]).await;
        assert_eq!(refreshed.messages, "");
        assert_eq!(refreshed.state["assignments"], json!([Target::group(WORKSTATIONS).element()]));
    }
    // An unknown kind is drift, which the next plan shows; a write over it is refused.
    let unit = json!({"@odata.type": "#microsoft.graph.organizationalUnitAssignmentTarget", "unitId": "7"});
    let refreshed = refreshed(&[Reply::json(200, &row(&unit))]).await;
    assert_eq!(refreshed.messages, "");
    assert_eq!(refreshed.state["assignments"][0]["type"], "organizationalUnitAssignmentTarget");
}

/// So many spaces in some hundredths of the bytes: one literal, then repetitions of 258 bytes from one byte before, in
/// the fixed codes (RFC 1951, section 3.2.6). Without an end, which nobody should reach.
fn gzip_of_spaces(length: usize) -> Vec<u8> {
    let mut bits = Bits { bytes: vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255], used: 8 };
    // The last block, in fixed codes; the literal is 0x30 + 0x20; Huffman codes have their highest bit first.
    bits.push(&[1, 1, 0]);
    bits.push(&[0, 1, 0, 1, 0, 0, 0, 0]);
    for _ in 0..length / 258 {
        bits.push(&[1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]);
    }
    bits.bytes
}

struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    fn push(&mut self, bits: &[u8]) {
        for bit in bits {
            if self.used == 8 {
                self.bytes.push(0);
                self.used = 0;
            }
            *self.bytes.last_mut().unwrap() |= bit << self.used;
            self.used += 1;
        }
    }
}
