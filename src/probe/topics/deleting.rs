//! Deleting the policy, which also ends the probe.

use crate::probe::access::{Access, Halt, OwnPolicy};
use crate::probe::question::{Question, Topic, assumed, choice};

const QUESTIONS: [Question; 3] = [
    choice("delete", "DELETE of the policy", "204", "deleteAnswer", &[("204", "noContent"), ("200", "ok")]),
    assumed("readAfterDelete", "GET after the DELETE", "404 ResourceNotFound"),
    assumed("deleteTwice", "DELETE again", "404 ResourceNotFound"),
];

/// The topic.
pub const TOPIC: Topic = Topic { name: "Deleting", questions: &QUESTIONS };

/// Asks the questions of this file.
pub async fn ask(access: &mut Access, policy: &OwnPolicy) -> Result<(), Halt> {
    let seen = access.delete(policy).await?;
    access.observe("delete", seen.status.to_string());
    let seen = access.get(&policy.path()).await?;
    access.observe("readAfterDelete", seen.brief());
    let seen = access.delete(policy).await?;
    access.observe("deleteTwice", seen.brief());
    Ok(())
}
