//! The failures: malformed successes that still contain a token, and errors that echo the request. Every earlier step of
//! the sign-in succeeds.

use serde_json::{Value, json};

use crate::methods::Method;
use crate::scripted_graph::{ReceivedRequest, Reply, ScriptedGraph};

/// Neither is a JSON web token: nothing in them shows that they are secret.
pub const ACCESS_TOKEN: &str = "opaque-access-token-of-the-table-91c4d2";
pub const OIDC_TOKEN: &str = "opaque-oidc-token-of-the-table-77aa03";

/// The service that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Vouching,
    Authority,
    Metadata,
    Program,
    Graph,
}

/// How it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    CutOff,
    InList,
    InMember,
    InText,
    InCall,
    AsName,
    WithLineBreak,
    Bare,
    OddExpiry,
    ErrorInSuccess,
    TooLarge,
    PageThatRepeats,
    ErrorThatRepeats,
    FailureThatRepeats,
    RedirectThatRepeats,
    NoAnswer,
    Unauthorized,
    AsIds,
}

/// A service and how it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    stage: Stage,
    kind: Kind,
}

const OF_TOKEN_SERVICES: &[Kind] = &[
    Kind::CutOff,
    Kind::InList,
    Kind::InMember,
    Kind::InText,
    Kind::InCall,
    Kind::AsName,
    Kind::WithLineBreak,
    Kind::Bare,
    Kind::ErrorInSuccess,
    Kind::TooLarge,
    Kind::PageThatRepeats,
    Kind::ErrorThatRepeats,
    Kind::FailureThatRepeats,
    Kind::RedirectThatRepeats,
    Kind::NoAnswer,
];

/// Failures that are not retried for minutes.
const OF_GRAPH: &[Kind] = &[
    Kind::InList,
    Kind::InMember,
    Kind::InText,
    Kind::PageThatRepeats,
    Kind::ErrorThatRepeats,
    Kind::RedirectThatRepeats,
    Kind::Unauthorized,
    Kind::AsIds,
];

const OF_PROGRAMS: &[Kind] =
    &[Kind::CutOff, Kind::InList, Kind::InMember, Kind::Bare, Kind::OddExpiry, Kind::ErrorThatRepeats];

/// All failures of a stage.
pub fn of(stage: Stage) -> impl Iterator<Item = Failure> {
    let kinds = match stage {
        Stage::Vouching | Stage::Authority | Stage::Metadata => OF_TOKEN_SERVICES,
        Stage::Program => OF_PROGRAMS,
        Stage::Graph => OF_GRAPH,
    };
    // Only the library of the authority reads this one; others take the other member.
    let also = (stage == Stage::Authority).then_some(Kind::OddExpiry);
    kinds.iter().copied().chain(also).map(move |kind| Failure { stage, kind })
}

/// All services of a sign-in at one address.
pub async fn serve(failure: Failure, method: Method) -> ScriptedGraph {
    let service = ScriptedGraph::start().await;
    service.reply_always_with(move |request| answer(failure, method, request));
    service
}

fn answer(failure: Failure, method: Method, request: &ReceivedRequest) -> Reply {
    let (stage, good) = expected(method, request);
    if stage == failure.stage { failure.kind.reply(&good, request) } else { Reply::json(200, &good) }
}

/// The requested service, and its successful response.
fn expected(method: Method, request: &ReceivedRequest) -> (Stage, Value) {
    let path = request.line.split(' ').nth(1).unwrap_or_default();
    if path.starts_with("/oidc") {
        return (Stage::Vouching, json!({ method.vouching_member(): OIDC_TOKEN }));
    }
    let mut token = json!({"token_type": "Bearer", "access_token": ACCESS_TOKEN, "expires_in": "3599"});
    if path.starts_with("/msi/") {
        token["expires_on"] = json!("4102444800");
        return (Stage::Metadata, token);
    }
    if path.ends_with("/oauth2/v2.0/token") { (Stage::Authority, token) } else { (Stage::Graph, rows()) }
}

/// Rows of a policy that contain the token in every text.
fn rows() -> Value {
    let target = json!({
        "@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": ACCESS_TOKEN,
        "deviceAndAppManagementAssignmentFilterId": ACCESS_TOKEN,
        "deviceAndAppManagementAssignmentFilterType": "include",
    });
    let row = json!({"id": ACCESS_TOKEN, "source": "policySets", "sourceId": ACCESS_TOKEN, "target": target});
    json!({"id": ACCESS_TOKEN, "displayName": ACCESS_TOKEN, "@odata.type": ACCESS_TOKEN, "value": [row]})
}

impl Kind {
    fn reply(self, good: &Value, request: &ReceivedRequest) -> Reply {
        let text = good.to_string();
        let ok = |body: String| Reply::text(200, "application/json", &body);
        match self {
            Self::CutOff => ok(text[..text.len() - 2].to_owned()),
            Self::InList => ok(json!([good]).to_string()),
            Self::InMember => ok(json!({ "data": good }).to_string()),
            Self::InText => ok(json!(text).to_string()),
            Self::InCall => ok(format!("callback({text})")),
            Self::AsName => ok(swapped(good).to_string()),
            Self::WithLineBreak => ok(with_line_breaks(good).to_string()),
            Self::Bare => ok(token_of(good)),
            Self::OddExpiry => ok(json!({"access_token": token_of(good), "expires_in": "soon"}).to_string()),
            Self::ErrorInSuccess => ok(error_that_says(&token_of(good)).to_string()),
            Self::TooLarge => ok(format!("[{}\"\"]", format!("{:?},", token_of(good)).repeat(20_000))),
            Self::PageThatRepeats => Reply::text(403, "text/html", &page(request)),
            Self::ErrorThatRepeats => Reply::json(400, &error_that_says(&page(request))),
            Self::FailureThatRepeats => Reply::text(500, "text/plain", &page(request)),
            Self::RedirectThatRepeats => Reply::text(302, "text/html", &page(request))
                .header("Location", &format!("/x?{}", query_of(request))),
            Self::NoAnswer => Reply::cut(),
            Self::Unauthorized => Reply::json(401, &error_that_says(&page(request))),
            Self::AsIds => ok(text),
        }
    }
}

impl Failure {
    /// What `az` does. Where it is not the one that fails, it hands out the access token.
    pub fn script(self) -> String {
        let good =
            json!({"accessToken": ACCESS_TOKEN, "expires_on": 4_102_444_800_i64, "tokenType": "Bearer"});
        let kind = (self.stage == Stage::Program).then_some(self.kind);
        let messages = match kind {
            None => good.to_string(),
            Some(Kind::CutOff) => good.to_string()[..40].to_owned(),
            Some(Kind::InList) => json!([good]).to_string(),
            Some(Kind::InMember) => json!({ "data": good }).to_string(),
            Some(Kind::OddExpiry) => json!({"accessToken": ACCESS_TOKEN, "expires_on": "soon"}).to_string(),
            Some(Kind::Bare) => ACCESS_TOKEN.to_owned(),
            Some(_) => {
                return format!(
                    "echo \"$ARM_OIDC_REQUEST_TOKEN\" >&2; echo 'ERROR: {good} is not good' >&2; exit 1"
                );
            }
        };
        format!("echo '{messages}'")
    }
}

fn token_of(good: &Value) -> String {
    let members = good.as_object().unwrap();
    let token = ["access_token", "value", "oidcToken"].iter().find_map(|name| members.get(*name)?.as_str());
    token.unwrap().to_owned()
}

fn swapped(good: &Value) -> Value {
    good.as_object().unwrap().iter().map(|(name, value)| (text_of(value), json!(name))).collect()
}

fn with_line_breaks(good: &Value) -> Value {
    let broken = |value: &Value| json!(format!("{}\r\nX: y", text_of(value)));
    good.as_object().unwrap().iter().map(|(name, value)| (name.clone(), broken(value))).collect()
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// In the shape of Entra, with that of Graph below.
fn error_that_says(text: &str) -> Value {
    json!({
        "error": {"code": "BadRequest", "message": text, "details": [{"code": "x", "message": text}]},
        "error_description": text, "message": text, "trace_id": text,
    })
}

/// The whole request, secrets first, since messages show only the beginning of a page.
fn page(request: &ReceivedRequest) -> String {
    let body = String::from_utf8_lossy(&request.body);
    let headers: Vec<String> =
        request.headers.iter().rev().map(|(name, value)| format!("{name}: {value}")).collect();
    format!("{}\n{}\n{body}\n{}", secret_part(request), headers.join("\n"), request.line)
}

/// The secret of the request.
fn secret_part(request: &ReceivedRequest) -> String {
    let body = String::from_utf8_lossy(&request.body).into_owned();
    let proof = body.split('&').find(|field| field.starts_with("client_")).unwrap_or_default().to_owned();
    let header = request.header("x-identity-header").or(request.header("authorization")).unwrap_or_default();
    format!("{header} {proof}")
}

fn query_of(request: &ReceivedRequest) -> String {
    secret_part(request).replace(' ', "+")
}
