//! Reads rules from JSON and refuses unknown members. The format is described in `mod.rs`.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderValue, Method};
use serde_json::Value;

use super::failure::{FaultResponse, RetryAfter};
use super::rule::{CreateFault, FaultEffect, FaultRule, FaultTiming, Rewrite};
use crate::emulator::member_reader::{MemberReader, ShapeError};
use crate::emulator::model::guid;
use crate::emulator::model::target::StoredTarget;
use crate::emulator::response::{Delivery, ResponseBody};
use crate::emulator::service_error::ErrorShape;

/// Effects. A rule has exactly one of them; the last two may be combined.
const EFFECTS: [&str; 10] =
    ["status", "cut", "delay", "drip", "stale", "hide", "hideGroups", "item", "dropTargets", "addTargets"];

/// Effects on a create. They can be combined with each other and with an effect on the response.
const CREATE_EFFECTS: [&str; 2] = ["hideCreated", "repeat"];

/// The maximum size of a body.
const MAX_BODY_BYTES: u64 = 256 * 1024 * 1024;

/// Reads an array of rules, or one rule.
pub fn rules(document: Value) -> Result<Vec<FaultRule>, ShapeError> {
    let documents = match document {
        Value::Array(documents) => documents,
        one => vec![one],
    };
    let read = |(index, document)| rule(document, &format!("faults[{index}]"));
    documents.into_iter().enumerate().map(read).collect()
}

fn rule(document: Value, at: &str) -> Result<FaultRule, ShapeError> {
    let shown = document.clone();
    let mut members = MemberReader::open(document, "fault", at)?;
    let name = members.text("name")?.value();
    let endless = members.is_null("times");
    let times = count(&mut members, "times", 1)?.unwrap_or(1);
    let left = (!endless).then_some(times);
    let (method, path, query, skip) = read_match(&mut members)?;
    let effect = Arc::new(read_effect(&mut members)?);
    refuse_unread(&members)?;
    Ok(FaultRule { document: shown, name, method, path, query, skip, left, effect })
}

fn read_match(members: &mut MemberReader) -> Result<(Option<Method>, String, String, u64), ShapeError> {
    let place = members.place("match");
    let Some(document) = members.any("match") else { return Ok((None, String::new(), String::new(), 0)) };
    let mut members = MemberReader::open(document, "match", &place)?;
    let method = match members.text("method")?.value() {
        None => None,
        Some(text) => Some(Method::from_bytes(text.to_ascii_uppercase().as_bytes()).map_err(|_| {
            ShapeError::new(&members.place("method"), format!("'{text}' is not an HTTP method."))
        })?),
    };
    let path = members.text("path")?.value().unwrap_or_default().to_ascii_lowercase();
    let query = members.text("query")?.value().unwrap_or_default().to_ascii_lowercase();
    let skip = count(&mut members, "skip", 0)?.unwrap_or(0);
    refuse_unread(&members)?;
    Ok((method, path, query, skip))
}

fn read_effect(members: &mut MemberReader) -> Result<FaultEffect, ShapeError> {
    match CREATE_EFFECTS.into_iter().find(|name| members.has(name)) {
        Some(name) => read_create_effect(members, name),
        None => read_single_effect(members),
    }
}

fn read_create_effect(members: &mut MemberReader, name: &str) -> Result<FaultEffect, ShapeError> {
    let hidden_reads = count(members, "hideCreated", 1)?.unwrap_or(0);
    let repeated = members.read("repeat", "true", |value| (value == true).then_some(()))?.value().is_some();
    let combined = EFFECTS.iter().any(|effect| members.has(effect));
    let answer = combined.then(|| read_single_effect(members)).transpose()?;
    if !answer.as_ref().is_none_or(leaves_the_create) {
        let text =
            format!("'{name}' can be combined with 'cut' or 'status' after the effect, and with 'delay'.");
        return Err(ShapeError::new(members.at(), text));
    }
    Ok(FaultEffect::Create(CreateFault { hidden_reads, repeated, answer: answer.map(Box::new) }))
}

/// Whether the request still takes effect, and the effect is one on the response.
fn leaves_the_create(effect: &FaultEffect) -> bool {
    matches!(
        effect,
        FaultEffect::Fail(_, FaultTiming::After)
            | FaultEffect::Cut(FaultTiming::After)
            | FaultEffect::Delay(..)
    )
}

fn read_single_effect(members: &mut MemberReader) -> Result<FaultEffect, ShapeError> {
    let mut named = EFFECTS.into_iter().filter(|name| members.has(name));
    let Some(first) = named.next() else {
        return Err(ShapeError::new(
            members.at(),
            format!("A rule must have one of {}, {}.", EFFECTS.join(", "), CREATE_EFFECTS.join(", ")),
        ));
    };
    if let Some(second) = named.find(|_| first != "dropTargets") {
        let text = format!("A rule has only one effect, and this one already has '{first}'.");
        return Err(ShapeError::new(&members.place(second), text));
    }
    Ok(match first {
        "status" => failure(members)?,
        "cut" => match members.choice("cut", &["before", "after"])?.value().as_deref() {
            Some("after") => FaultEffect::Cut(FaultTiming::After),
            _ => FaultEffect::Cut(FaultTiming::Before),
        },
        "delay" => FaultEffect::Delay(time(members, "delay")?, moment(members)?),
        "drip" => FaultEffect::Drip(time(members, "drip")?),
        "stale" => {
            let reads = count(members, "stale", 1)?.unwrap_or(1);
            let answer = members.choice("answer", &["new", "old"])?.value();
            FaultEffect::Stale { reads, answer_old: answer.as_deref() == Some("old") }
        }
        "hide" => FaultEffect::Hide(count(members, "hide", 1)?.unwrap_or(1)),
        "hideGroups" => FaultEffect::HideGroups(group_ids(members)?),
        "item" => match members.choice("item", &["missing", "repeated"])?.value().as_deref() {
            Some("repeated") => FaultEffect::Item(Delivery::Twice),
            _ => FaultEffect::Item(Delivery::LeftOut),
        },
        _ => FaultEffect::Rewrite(rewrite(members)?),
    })
}

fn failure(members: &mut MemberReader) -> Result<FaultEffect, ShapeError> {
    let place = members.place("status");
    let status = count(members, "status", 200)?.and_then(|status| u16::try_from(status).ok());
    let status = status
        .filter(|status| *status <= 599)
        .ok_or_else(|| ShapeError::new(&place, "A status must be a number from 200 to 599."))?;
    let shape = match members.choice("shape", &["plain", "intune", "nested"])?.value().as_deref() {
        Some("intune") => ErrorShape::Intune,
        Some("nested") => ErrorShape::Nested,
        _ => ErrorShape::Plain,
    };
    let failure = FaultResponse {
        status,
        code: members.text("code")?.value(),
        message: members.text("message")?.value(),
        shape,
        retry_after: retry_after(members)?,
        body: body(members)?,
    };
    Ok(FaultEffect::Fail(failure, moment(members)?))
}

fn moment(members: &mut MemberReader) -> Result<FaultTiming, ShapeError> {
    let after = members.boolean("afterEffect")?.value().unwrap_or(false);
    Ok(if after { FaultTiming::After } else { FaultTiming::Before })
}

fn retry_after(members: &mut MemberReader) -> Result<Option<RetryAfter>, ShapeError> {
    let text = members.read("retryAfter", "a string or a number", |value| match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })?;
    let Some(text) = text.value() else { return Ok(None) };
    let wrong =
        |rule: &str| ShapeError::new(&members.place("retryAfter"), format!("'{text}' is not {rule}."));
    if let Some(ahead) = text.strip_prefix("now+") {
        let ahead = duration(ahead).ok_or_else(|| wrong("'now+' and a duration such as 2s"))?;
        return Ok(Some(RetryAfter::Ahead(ahead)));
    }
    HeaderValue::from_str(&text).map_err(|_| wrong("a valid header value"))?;
    Ok(Some(RetryAfter::Text(text)))
}

fn body(members: &mut MemberReader) -> Result<Option<ResponseBody>, ShapeError> {
    let place = members.place("body");
    let text = match members.any("body") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text),
        Some(document) => Some(repeated(document, &place)?),
    };
    let content_type = members.text("contentType")?.value();
    Ok(match (text, content_type) {
        (None, None) => None,
        (None, Some(_)) => {
            return Err(ShapeError::new(&members.place("contentType"), "A content type needs a 'body'."));
        }
        (Some(text), None) if text.is_empty() => Some(ResponseBody::Empty),
        (Some(text), content_type) => {
            let content_type = content_type.unwrap_or_else(|| "application/json".to_owned());
            Some(ResponseBody::Raw { text, content_type })
        }
    })
}

/// A long body in short form: a text and how many times to repeat it.
fn repeated(document: Value, place: &str) -> Result<String, ShapeError> {
    let mut members = MemberReader::open(document, "repeated", place)?;
    let text = members.text("repeat")?.value().unwrap_or_default();
    let times = count(&mut members, "times", 0)?.unwrap_or(0);
    let bytes = (text.len() as u64).saturating_mul(times);
    if bytes > MAX_BODY_BYTES {
        let rule = format!("A body of {bytes} bytes exceeds the maximum of {MAX_BODY_BYTES}.");
        return Err(ShapeError::new(&members.place("times"), rule));
    }
    refuse_unread(&members)?;
    Ok(text.repeat(usize::try_from(times).unwrap_or_default()))
}

fn time(members: &mut MemberReader, name: &str) -> Result<Duration, ShapeError> {
    let text = members.text(name)?.value().unwrap_or_default();
    duration(&text).ok_or_else(|| {
        ShapeError::new(&members.place(name), format!("'{text}' is not a duration such as 500ms or 1.5s."))
    })
}

/// Parses a duration as rules and the command line write it: a number with the unit `ms` or `s`.
pub fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (text.strip_suffix('s')?, 1.0),
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * unit).ok()
}

fn group_ids(members: &mut MemberReader) -> Result<Vec<String>, ShapeError> {
    let place = members.place("hideGroups");
    let ids = members.texts("hideGroups")?.value().unwrap_or_default();
    let read =
        |id: &String| guid(id).ok_or_else(|| ShapeError::new(&place, format!("'{id}' is not a GUID.")));
    ids.iter().map(read).collect()
}

fn rewrite(members: &mut MemberReader) -> Result<Rewrite, ShapeError> {
    let drop = members.texts("dropTargets")?.value().unwrap_or_default();
    let place = members.place("addTargets");
    let add = members.list("addTargets")?.value().unwrap_or_default();
    let read = |(index, target)| StoredTarget::from_seed(target, &format!("{place}[{index}]"));
    Ok(Rewrite {
        drop: drop.iter().map(|name| name.to_ascii_lowercase()).collect(),
        add: add.into_iter().enumerate().map(read).collect::<Result<_, _>>()?,
    })
}

/// Reads an integer of at least `least`.
fn count(members: &mut MemberReader, name: &str, least: u64) -> Result<Option<u64>, ShapeError> {
    let expected = format!("a whole number of at least {least}");
    let read = |value: Value| value.as_u64().filter(|count| *count >= least);
    Ok(members.read(name, &expected, read)?.value())
}

fn refuse_unread(members: &MemberReader) -> Result<(), ShapeError> {
    let Some(name) = members.unread().next() else { return Ok(()) };
    let text = format!("A rule with this effect has no member '{name}'.");
    Err(ShapeError::new(&members.place(name), text))
}
