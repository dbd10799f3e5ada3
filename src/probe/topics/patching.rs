//! What a PATCH may contain, and what it changes.

use serde_json::{Value, json};

use crate::graph::{ApiVersion, Request};
use crate::probe::access::{Access, DEFENDER, Halt, OwnPolicy, Reply};
use crate::probe::question::{Question, Topic, assumed, choice, open};

const QUESTIONS: [Question; 8] = [
    choice("patch", "PATCH of description", "204", "patchAnswer", &[("204", "noContent"), ("200", "entity")]),
    assumed("patchedVersion", "version after the PATCH", "one more"),
    assumed("patchedDescription", "description after the PATCH", "as sent"),
    choice(
        "patchedToEmpty",
        "description after a PATCH to \"\"",
        "\"\"",
        "emptyDescriptionIsNull",
        &[("\"\"", "false"), ("null", "true")],
    ),
    choice(
        "patchWithoutType",
        "PATCH without @odata.type",
        "400",
        "patchWithoutType",
        &[("400", "refuse"), ("204", "accept"), ("200", "accept")],
    ),
    assumed("patchToOtherType", "PATCH with another type", "400"),
    assumed("patchWithScopeTagSupport", "PATCH with supportsScopeTags: true", "400"),
    open("patchedBlob", "the onboarding blob after a PATCH that sets it"),
];

/// The topic.
pub const TOPIC: Topic = Topic { name: "Changing", questions: &QUESTIONS };

/// Asks the questions of this file.
pub async fn ask(access: &mut Access, policy: &OwnPolicy) -> Result<(), Halt> {
    let before = read(access, policy).await?;
    let text = "Changed by the probe. May be deleted at any time.";
    let seen = patch(access, policy, json!({"@odata.type": DEFENDER, "description": text})).await?;
    access.observe("patch", seen.status.to_string());
    let after = read(access, policy).await?;
    let version = |seen: &Reply| seen.body.get("version").and_then(Value::as_i64);
    let one_more = version(&before).map(|version| version + 1) == version(&after);
    access.observe(
        "patchedVersion",
        if one_more { "one more".to_owned() } else { format!("{:?}", version(&after)) },
    );
    let as_sent = after.text("description") == Some(text);
    access.observe("patchedDescription", if as_sent { "as sent" } else { "another" });

    patch(access, policy, json!({"@odata.type": DEFENDER, "description": ""})).await?;
    let description = read(access, policy).await?.body.get("description").map(Value::to_string);
    access.observe("patchedToEmpty", description.unwrap_or_else(|| "missing".to_owned()));
    for (id, body) in [
        ("patchWithoutType", json!({"description": text})),
        (
            "patchToOtherType",
            json!({"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "description": text}),
        ),
        ("patchWithScopeTagSupport", json!({"@odata.type": DEFENDER, "supportsScopeTags": true})),
    ] {
        let seen = patch(access, policy, body).await?;
        access.observe(id, seen.status.to_string());
    }
    blob(access, policy).await
}

/// The blob is no onboarding package, so a device could not use it.
async fn blob(access: &mut Access, policy: &OwnPolicy) -> Result<(), Halt> {
    let member = "advancedThreatProtectionOnboardingBlob";
    let seen = patch(access, policy, json!({"@odata.type": DEFENDER, member: "probe"})).await?;
    if !seen.is_success() {
        access.observe("patchedBlob", seen.brief());
        return Ok(());
    }
    let after = read(access, policy).await?;
    let observed = match after.text(member) {
        None => "null",
        Some("probe") => "as sent",
        Some(_) => "a different text",
    };
    access.observe("patchedBlob", observed);
    patch(access, policy, json!({"@odata.type": DEFENDER, member: null})).await?;
    Ok(())
}

async fn read(access: &Access, policy: &OwnPolicy) -> Result<Reply, Halt> {
    access.get(&policy.path()).await
}

async fn patch(access: &Access, policy: &OwnPolicy, body: Value) -> Result<Reply, Halt> {
    access.send(Request::patch(ApiVersion::Beta, &policy.path(), body)).await
}
