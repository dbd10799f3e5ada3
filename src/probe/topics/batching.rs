//! Envelopes and items of `$batch`. The items only read.

use serde_json::{Value, json};

use crate::graph::{ApiVersion, Request};
use crate::probe::access::{ABSENT, Access, Halt, OwnPolicy, Reply};
use crate::probe::question::{Question, Topic, assumed, choice};

const QUESTIONS: [Question; 11] = [
    assumed("batch", "a batch of two reads", "200: 200, 200"),
    assumed("batchEmpty", "a batch without items", "400"),
    assumed("batchOf21", "a batch of 21 items", "400"),
    assumed("batchRepeatedId", "two items with one id", "400"),
    assumed("batchNumericId", "an item with a number as id", "200: 200"),
    assumed("batchUnknownMember", "an item with a member that is not documented", "200: 200"),
    assumed("batchAbsoluteUrl", "an item with an absolute url", "200: 200"),
    assumed("batchPostWithoutType", "a POST item without Content-Type", "400"),
    assumed("batchFailedParent", "an item that depends on one that fails", "200: 404, 424"),
    assumed("batchInBatch", "an item that is a batch", "200: 400"),
    choice(
        "batchCount",
        "an item that counts the members of a group",
        "a number",
        "batchedCount",
        &[("a number", "number"), ("text", "text")],
    ),
];

/// The topic.
pub const TOPIC: Topic = Topic { name: "Batches", questions: &QUESTIONS };

/// Asks the questions of this file.
pub async fn ask(access: &mut Access, policy: &OwnPolicy) -> Result<(), Halt> {
    let url = format!("/deviceManagement/deviceConfigurations/{}?$select=id", policy.id());
    let item = |id: Value| json!({"id": id, "method": "GET", "url": url});
    let many: Vec<Value> = (0..21).map(|number| item(json!(number.to_string()))).collect();
    let unknown = json!({"id": "1", "method": "GET", "url": url, "depends_on": [], "probe": 1});
    let absolute =
        json!({"id": "1", "method": "GET", "url": format!("https://graph.microsoft.com/beta{url}")});
    let look_up =
        json!({"id": "1", "method": "POST", "url": "/directoryObjects/getByIds", "body": {"ids": []}});
    let missing = format!("/deviceManagement/deviceConfigurations/{ABSENT}");
    let family = json!([
        {"id": "1", "method": "GET", "url": missing},
        {"id": "2", "method": "GET", "url": url, "dependsOn": ["1"]},
    ]);
    let nested = json!([{
        "id": "1", "method": "POST", "url": "/$batch", "headers": {"Content-Type": "application/json"},
        "body": {"requests": [item(json!("1"))]},
    }]);
    for (id, requests) in [
        ("batch", json!([item(json!("1")), item(json!("2"))])),
        ("batchEmpty", json!([])),
        ("batchOf21", json!(many)),
        ("batchRepeatedId", json!([item(json!("1")), item(json!("1"))])),
        ("batchNumericId", json!([item(json!(1))])),
        ("batchUnknownMember", json!([unknown])),
        ("batchAbsoluteUrl", json!([absolute])),
        ("batchPostWithoutType", json!([look_up])),
        ("batchFailedParent", family),
        ("batchInBatch", nested),
    ] {
        let body = json!({"requests": requests});
        let seen = access.send(Request::post_to_read(ApiVersion::Beta, &["$batch"], body)).await?;
        access.observe(id, statuses(&seen));
    }
    count_in_batch(access).await
}

async fn count_in_batch(access: &mut Access) -> Result<(), Halt> {
    let Some(group) = access.groups.first() else {
        access.skip("batchCount", "it needs a group without members, see --group");
        return Ok(());
    };
    let item = json!({
        "id": "1", "method": "GET", "url": format!("/groups/{group}/transitiveMembers/$count"),
        "headers": {"ConsistencyLevel": "eventual"},
    });
    let body = json!({"requests": [item]});
    let seen = access.send(Request::post_to_read(ApiVersion::V1, &["$batch"], body)).await?;
    let form = match seen.body.pointer("/responses/0/body") {
        Some(Value::Number(_)) => "a number".to_owned(),
        Some(Value::String(_)) => "text".to_owned(),
        _ => statuses(&seen),
    };
    access.observe("batchCount", form);
    Ok(())
}

/// The status of the envelope, and those of its items in the order of their ids.
fn statuses(seen: &Reply) -> String {
    if !seen.is_success() {
        return seen.status.to_string();
    }
    let responses = seen.body.get("responses").and_then(Value::as_array);
    let mut items: Vec<(String, String)> = responses
        .into_iter()
        .flatten()
        .map(|item| {
            let text = |name: &str| {
                item.get(name).map(|value| value.to_string().replace('"', "")).unwrap_or_default()
            };
            (text("id"), text("status"))
        })
        .collect();
    items.sort();
    let items: Vec<String> = items.into_iter().map(|(_, status)| status).collect();
    format!("{}: {}", seen.status, items.join(", "))
}
