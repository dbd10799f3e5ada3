//! What the questions share: the throw-away policy, the test groups, requests for which a refusal is a valid result,
//! and the answers so far. What Graph returns is called a reply.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::graph::{ApiVersion, Client, Error, Request};

use super::question::Answer;

/// The type of the policy.
pub const DEFENDER: &str = "#microsoft.graph.windowsDefenderAdvancedThreatProtectionConfiguration";

/// The collection of policies.
pub const POLICIES: [&str; 2] = ["deviceManagement", "deviceConfigurations"];

/// A GUID that names nothing.
pub const ABSENT: &str = "f3a0c1de-0000-4000-8000-00000000dead";

/// How many times a throttled request is sent in all.
const THROTTLED_ATTEMPTS: u32 = 5;

/// The pause after a throttled request, which is the window of Intune's limits.
const THROTTLED_PAUSE: Duration = Duration::from_secs(20);

/// Why no further question is asked.
#[derive(Debug)]
pub enum Halt {
    /// The user asked for it.
    Interrupted,
    /// Graph cannot be used: no sign-in, no connection, no permission at all.
    Unusable(Box<Error>),
    /// Something that all other questions need is missing.
    Impossible(String),
}

/// A reply of Graph: a success or a refusal.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The code of a refusal.
    pub code: String,
    /// The message of a refusal.
    pub message: String,
    /// The body of a success; null if there is none.
    pub body: Value,
}

/// The id of a policy that this probe has created. Only such a policy is assigned, changed or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPolicy(String);

impl OwnPolicy {
    /// The id.
    pub fn id(&self) -> &str {
        &self.0
    }

    /// The address of the policy, below the version root.
    pub fn path(&self) -> [&str; 3] {
        [POLICIES[0], POLICIES[1], self.id()]
    }

    /// An address below the policy.
    pub fn below<'a>(&'a self, name: &'a str) -> [&'a str; 4] {
        [POLICIES[0], POLICIES[1], self.id(), name]
    }
}

/// The state of a probe.
#[derive(Debug)]
pub struct Access {
    graph: Client,
    /// The display name of everything that the probe creates.
    pub name: String,
    /// Groups without members.
    pub groups: Vec<String>,
    /// Every policy that the probe has created and not deleted.
    pub created: Vec<OwnPolicy>,
    /// Whether a create got no answer, so that a policy may exist whose id is not known.
    pub lost_create: bool,
    answers: BTreeMap<&'static str, Answer>,
    interrupted: Arc<AtomicBool>,
}

/// A body with one more member. `object` points to the object that gets it (RFC 6901), "" to the body itself.
pub fn with_property(mut body: Value, object: &str, name: &str, value: Value) -> Value {
    if let Some(Value::Object(members)) = body.pointer_mut(object) {
        members.insert(name.to_owned(), value);
    }
    body
}

impl Reply {
    /// `200`, or `404 ResourceNotFound`.
    pub fn brief(&self) -> String {
        if self.code.is_empty() { self.status.to_string() } else { format!("{} {}", self.status, self.code) }
    }

    /// Whether it is a success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The objects of a collection.
    pub fn rows(&self) -> &[Value] {
        self.body.get("value").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The status, and the number of rows of a success: `200, 1 row`.
    pub fn counted(&self) -> String {
        match (self.is_success(), self.rows().len()) {
            (false, _) => self.status.to_string(),
            (true, 1) => format!("{}, 1 row", self.status),
            (true, count) => format!("{}, {count} rows", self.status),
        }
    }

    /// A string member of the body.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.body.get(name)?.as_str()
    }
}

impl Access {
    /// The state at the start.
    pub fn new(graph: Client, name: String, groups: Vec<String>, interrupted: Arc<AtomicBool>) -> Self {
        Self {
            graph,
            name,
            groups,
            created: Vec::new(),
            lost_create: false,
            answers: BTreeMap::new(),
            interrupted,
        }
    }

    /// Sends a request. A refusal is a reply; an interruption takes effect before the request, never during it.
    pub async fn send(&self, request: Request) -> Result<Reply, Halt> {
        if self.interrupted.load(Ordering::Relaxed) {
            return Err(Halt::Interrupted);
        }
        self.send_even_if_interrupted(request).await
    }

    /// Sends a request even after an interruption.
    pub async fn send_even_if_interrupted(&self, request: Request) -> Result<Reply, Halt> {
        let mut attempts = 1;
        loop {
            match self.graph.send(&request).await {
                Ok(response) => {
                    let status = response.call.status.unwrap_or_default();
                    let body = if response.body.is_empty() { Ok(Value::Null) } else { response.decode() };
                    return Ok(Reply { status, body: body.unwrap_or_default(), ..Reply::default() });
                }
                Err(error) if matches!(error.status(), Some(429 | 503)) && attempts < THROTTLED_ATTEMPTS => {
                    attempts += 1;
                    tokio::time::sleep(THROTTLED_PAUSE).await;
                }
                Err(error) => return refusal(error),
            }
        }
    }

    /// Reads below the version root of beta.
    pub async fn get(&self, segments: &[&str]) -> Result<Reply, Halt> {
        self.send(Request::get(ApiVersion::Beta, segments)).await
    }

    /// Posts below the version root of beta. It is sent again only if it was throttled.
    pub async fn post(&self, segments: &[&str], body: Value) -> Result<Reply, Halt> {
        self.send(Request::post(ApiVersion::Beta, segments, body)).await
    }

    /// Creates a policy. Returns it, too, if that succeeds.
    pub async fn create(&mut self, body: Value) -> Result<(Reply, Option<OwnPolicy>), Halt> {
        let sent = self.post(&POLICIES, body).await;
        if let Err(Halt::Unusable(error)) = &sent {
            self.lost_create |= error.may_have_taken_effect();
        }
        let seen = sent?;
        let policy = seen.text("id").map(|id| OwnPolicy(id.to_owned()));
        self.created.extend(policy.clone());
        Ok((seen, policy))
    }

    /// Takes over a policy that has the name of this probe, because the answer to its create was lost.
    pub fn adopt(&mut self, id: &str, name: &str) {
        let policy = OwnPolicy(id.to_owned());
        if name == self.name && !self.created.contains(&policy) {
            self.lost_create = false;
            self.created.push(policy);
        }
    }

    /// Deletes a policy, and forgets it if it is gone.
    pub async fn delete(&mut self, policy: &OwnPolicy) -> Result<Reply, Halt> {
        let seen = self.send_even_if_interrupted(Request::delete(ApiVersion::Beta, &policy.path())).await?;
        if seen.is_success() || seen.status == 404 {
            self.created.retain(|created| created != policy);
        }
        Ok(seen)
    }

    /// The body of a policy of the probe: nothing that could change a device.
    pub fn policy_body(&self) -> Value {
        json!({"@odata.type": DEFENDER, "displayName": self.name, "description": "May be deleted at any time."})
    }

    /// Records an answer.
    pub fn observe(&mut self, id: &'static str, observed: impl Into<String>) {
        self.answers.insert(id, Answer::Observed(observed.into()));
    }

    /// Records why a question is not asked.
    pub fn skip(&mut self, id: &'static str, reason: &str) {
        self.answers.insert(id, Answer::NotAsked(reason.to_owned()));
    }

    /// The answer to a question; a question without one was not reached.
    pub fn answer(&self, id: &str) -> Answer {
        self.answers
            .get(id)
            .cloned()
            .unwrap_or_else(|| Answer::NotAsked("the probe ended before it".to_owned()))
    }
}

fn refusal(error: Error) -> Result<Reply, Halt> {
    let Some(status) = error.status().filter(|status| *status != 401) else {
        return Err(Halt::Unusable(Box::new(error)));
    };
    let (code, message) =
        error.object().map(|object| (object.code.clone(), object.message.clone())).unwrap_or_default();
    Ok(Reply { status, code, message, body: Value::Null })
}
