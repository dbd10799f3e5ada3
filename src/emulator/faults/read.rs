//! Rules from JSON, member by member; what does not belong there is refused by its place. The form is
//! described in `mod.rs`.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderValue, Method};
use serde_json::Value;

use super::failure::{Failure, RetryAfter};
use super::rule::{Effect, Moment, Rewrite, Rule};
use crate::emulator::answer::{Body, Delivery};
use crate::emulator::errors::Shape;
use crate::emulator::members::{Members, ShapeError};
use crate::emulator::model::guid;
use crate::emulator::model::target::Target;

/// The members of which a rule has exactly one; the last two may also stand together.
const EFFECTS: [&str; 10] =
    ["status", "cut", "delay", "drip", "stale", "hide", "hideGroups", "item", "dropTargets", "addTargets"];

/// The longest body that a rule may ask for.
const MAX_BODY_BYTES: u64 = 256 * 1024 * 1024;

/// Reads an array of rules, or one rule.
pub fn rules(document: Value) -> Result<Vec<Rule>, ShapeError> {
    let documents = match document {
        Value::Array(documents) => documents,
        one => vec![one],
    };
    let read = |(index, document)| rule(document, &format!("faults[{index}]"));
    documents.into_iter().enumerate().map(read).collect()
}

fn rule(document: Value, at: &str) -> Result<Rule, ShapeError> {
    let shown = document.clone();
    let mut members = Members::of(document, "fault", at)?;
    let name = members.text("name")?.value();
    let endless = members.is_null("times");
    let times = count(&mut members, "times", 1)?.unwrap_or(1);
    let left = (!endless).then_some(times);
    let (method, path, query, skip) = read_match(&mut members)?;
    let effect = Arc::new(read_effect(&mut members)?);
    refuse_rest(&members)?;
    Ok(Rule { document: shown, name, method, path, query, skip, left, effect })
}

fn read_match(members: &mut Members) -> Result<(Option<Method>, String, String, u64), ShapeError> {
    let place = members.place("match");
    let Some(document) = members.any("match") else { return Ok((None, String::new(), String::new(), 0)) };
    let mut members = Members::of(document, "match", &place)?;
    let method = match members.text("method")?.value() {
        None => None,
        Some(text) => Some(Method::from_bytes(text.to_ascii_uppercase().as_bytes()).map_err(|_| {
            ShapeError::new(&members.place("method"), format!("'{text}' is not an HTTP method."))
        })?),
    };
    let path = members.text("path")?.value().unwrap_or_default().to_ascii_lowercase();
    let query = members.text("query")?.value().unwrap_or_default().to_ascii_lowercase();
    let skip = count(&mut members, "skip", 0)?.unwrap_or(0);
    refuse_rest(&members)?;
    Ok((method, path, query, skip))
}

fn read_effect(members: &mut Members) -> Result<Effect, ShapeError> {
    let mut named = EFFECTS.into_iter().filter(|name| members.has(name));
    let Some(first) = named.next() else {
        return Err(ShapeError::new(members.at(), format!("A rule needs one of {}.", EFFECTS.join(", "))));
    };
    if let Some(second) = named.find(|_| first != "dropTargets") {
        let text = format!("A rule has one effect, and this one has '{first}' already.");
        return Err(ShapeError::new(&members.place(second), text));
    }
    Ok(match first {
        "status" => failure(members)?,
        "cut" => match members.choice("cut", &["before", "after"])?.value().as_deref() {
            Some("after") => Effect::Cut(Moment::After),
            _ => Effect::Cut(Moment::Before),
        },
        "delay" => Effect::Delay(time(members, "delay")?, moment(members)?),
        "drip" => Effect::Drip(time(members, "drip")?),
        "stale" => {
            let reads = count(members, "stale", 1)?.unwrap_or(1);
            let answer = members.choice("answer", &["new", "old"])?.value();
            Effect::Stale { reads, answer_old: answer.as_deref() == Some("old") }
        }
        "hide" => Effect::Hide(count(members, "hide", 1)?.unwrap_or(1)),
        "hideGroups" => Effect::HideGroups(group_ids(members)?),
        "item" => match members.choice("item", &["missing", "repeated"])?.value().as_deref() {
            Some("repeated") => Effect::Item(Delivery::Twice),
            _ => Effect::Item(Delivery::LeftOut),
        },
        _ => Effect::Rewrite(rewrite(members)?),
    })
}

fn failure(members: &mut Members) -> Result<Effect, ShapeError> {
    let place = members.place("status");
    let status = count(members, "status", 200)?.and_then(|status| u16::try_from(status).ok());
    let status = status
        .filter(|status| *status <= 599)
        .ok_or_else(|| ShapeError::new(&place, "A status is a number from 200 to 599."))?;
    let shape = match members.choice("shape", &["plain", "intune", "nested"])?.value().as_deref() {
        Some("intune") => Shape::Intune,
        Some("nested") => Shape::Nested,
        _ => Shape::Plain,
    };
    let failure = Failure {
        status,
        code: members.text("code")?.value(),
        message: members.text("message")?.value(),
        shape,
        retry_after: retry_after(members)?,
        body: body(members)?,
    };
    Ok(Effect::Fail(failure, moment(members)?))
}

fn moment(members: &mut Members) -> Result<Moment, ShapeError> {
    let after = members.boolean("afterEffect")?.value().unwrap_or(false);
    Ok(if after { Moment::After } else { Moment::Before })
}

fn retry_after(members: &mut Members) -> Result<Option<RetryAfter>, ShapeError> {
    let text = members.take("retryAfter", "a string or a number", |value| match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })?;
    let Some(text) = text.value() else { return Ok(None) };
    let wrong =
        |rule: &str| ShapeError::new(&members.place("retryAfter"), format!("'{text}' is not {rule}."));
    if let Some(ahead) = text.strip_prefix("now+") {
        let ahead = duration(ahead).ok_or_else(|| wrong("'now+' and a time such as 2s"))?;
        return Ok(Some(RetryAfter::Ahead(ahead)));
    }
    HeaderValue::from_str(&text).map_err(|_| wrong("a value that a header can carry"))?;
    Ok(Some(RetryAfter::Text(text)))
}

fn body(members: &mut Members) -> Result<Option<Body>, ShapeError> {
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
        (Some(text), None) if text.is_empty() => Some(Body::Empty),
        (Some(text), content_type) => {
            let content_type = content_type.unwrap_or_else(|| "application/json".to_owned());
            Some(Body::Raw { text, content_type })
        }
    })
}

/// A long body said briefly: one text many times.
fn repeated(document: Value, place: &str) -> Result<String, ShapeError> {
    let mut members = Members::of(document, "repeated", place)?;
    let text = members.text("repeat")?.value().unwrap_or_default();
    let times = count(&mut members, "times", 0)?.unwrap_or(0);
    let bytes = (text.len() as u64).saturating_mul(times);
    if bytes > MAX_BODY_BYTES {
        let rule = format!("A body of {bytes} bytes is longer than {MAX_BODY_BYTES}.");
        return Err(ShapeError::new(&members.place("times"), rule));
    }
    refuse_rest(&members)?;
    Ok(text.repeat(usize::try_from(times).unwrap_or_default()))
}

fn time(members: &mut Members, name: &str) -> Result<Duration, ShapeError> {
    let text = members.text(name)?.value().unwrap_or_default();
    duration(&text).ok_or_else(|| {
        ShapeError::new(&members.place(name), format!("'{text}' is not a time such as 500ms or 1.5s."))
    })
}

/// Reads a time as rules and the command line write it: a number with the unit `ms` or `s`.
pub fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (text.strip_suffix('s')?, 1.0),
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * unit).ok()
}

fn group_ids(members: &mut Members) -> Result<Vec<String>, ShapeError> {
    let place = members.place("hideGroups");
    let ids = members.texts("hideGroups")?.value().unwrap_or_default();
    let read =
        |id: &String| guid(id).ok_or_else(|| ShapeError::new(&place, format!("'{id}' is not a GUID.")));
    ids.iter().map(read).collect()
}

fn rewrite(members: &mut Members) -> Result<Rewrite, ShapeError> {
    let drop = members.texts("dropTargets")?.value().unwrap_or_default();
    let place = members.place("addTargets");
    let add = members.list("addTargets")?.value().unwrap_or_default();
    let read = |(index, target)| Target::seeded(target, &format!("{place}[{index}]"));
    Ok(Rewrite {
        drop: drop.iter().map(|name| name.to_ascii_lowercase()).collect(),
        add: add.into_iter().enumerate().map(read).collect::<Result<_, _>>()?,
    })
}

/// A whole number of at least `least`.
fn count(members: &mut Members, name: &str, least: u64) -> Result<Option<u64>, ShapeError> {
    let expected = format!("a whole number of at least {least}");
    let read = |value: Value| value.as_u64().filter(|count| *count >= least);
    Ok(members.take(name, &expected, read)?.value())
}

fn refuse_rest(members: &Members) -> Result<(), ShapeError> {
    let Some(name) = members.left().next() else { return Ok(()) };
    let text = format!("A rule with this effect has no member '{name}' here.");
    Err(ShapeError::new(&members.place(name), text))
}
