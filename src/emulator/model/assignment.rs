//! Assignments of a policy: rows with derived ids. Which rows may exist is decided by the handlers.

use serde_json::{Map, Value, json};

use super::target::Target;
use crate::emulator::members::{Members, ShapeError};
use crate::emulator::odata::path::Version;

/// Graph's name of the type.
pub const TYPE_NAME: &str = "deviceConfigurationAssignment";

/// One stored assignment.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// `<policyId>_<key of the target>`, so a pure function of policy and target.
    pub id: String,
    /// Where it comes from.
    pub source: Source,
    /// The policy itself for a direct row, the policy set for the others.
    pub source_id: Option<String>,
    /// Whether the policy is applied or removed.
    pub intent: Intent,
    /// Who gets the policy.
    pub target: Target,
}

/// Who made an assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A call on the policy.
    Direct,
    /// A policy set that contains the policy.
    PolicySets,
}

/// What an assignment does with the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// The usual one.
    Apply,
    /// Takes the policy away.
    Remove,
}

/// An assignment as a client sent it. Its `id` and `sourceId` are the service's to give and are not read.
#[derive(Debug)]
pub struct SentAssignment {
    /// Who shall get the policy.
    pub target: Target,
    /// Apply unless said otherwise.
    pub intent: Intent,
    /// Direct unless the client sent a row of a policy set back.
    pub source: Source,
}

impl SentAssignment {
    /// Reads one element of `assign`, or the body of a POST to the collection.
    pub fn read(document: Value, version: Version, at: &str) -> Result<Self, ShapeError> {
        let mut members = Members::of(document, TYPE_NAME, at)?;
        if let Some(type_name) = members.odata_type()?.filter(|name| name != TYPE_NAME) {
            return Err(ShapeError::new(
                &members.place("@odata.type"),
                format!(
                    "'microsoft.graph.{type_name}' is not the type of an assignment, 'microsoft.graph.{TYPE_NAME}'."
                ),
            ));
        }
        members.text("id")?;
        let (intent, source) = if version.is_beta() {
            members.text("sourceId")?;
            (read_intent(&mut members)?, read_source(&mut members)?)
        } else {
            (Intent::Apply, Source::Direct)
        };
        let target = read_target(&mut members, |document, place| Target::sent(document, version, place))?;
        members.finish()?;
        Ok(Self { target, intent, source })
    }
}

impl Assignment {
    /// The row that the service makes of what a client sent for a policy.
    pub fn direct(policy_id: &str, sent: SentAssignment) -> Self {
        Self {
            id: id_of(policy_id, &sent.target),
            source: Source::Direct,
            source_id: Some(policy_id.to_owned()),
            intent: sent.intent,
            target: sent.target,
        }
    }

    /// Reads a row of the tenant file or of test control, which may say anything about id and source.
    pub fn seeded(document: Value, policy_id: &str, at: &str) -> Result<Self, ShapeError> {
        let mut members = Members::of(document, TYPE_NAME, at)?;
        members.odata_type()?;
        let id = members.text("id")?.value();
        let (intent, source) = (read_intent(&mut members)?, read_source(&mut members)?);
        let source_id = members.text("sourceId")?.value();
        let target = read_target(&mut members, Target::seeded)?;
        members.finish()?;
        Ok(Self {
            id: id.unwrap_or_else(|| id_of(policy_id, &target)),
            source_id: source_id.or_else(|| (source == Source::Direct).then(|| policy_id.to_owned())),
            source,
            intent,
            target,
        })
    }

    /// Whether the row was made by a call on the policy.
    pub fn is_direct(&self) -> bool {
        self.source == Source::Direct
    }

    /// The row as Graph shows it; v1.0 has `id` and `target` only.
    pub fn render(&self, version: Version) -> Map<String, Value> {
        let mut members = Map::new();
        members.insert("id".to_owned(), json!(self.id));
        members.insert("target".to_owned(), self.target.render(version));
        if version.is_beta() {
            let source = if self.is_direct() { "direct" } else { "policySets" };
            let intent = if self.intent == Intent::Apply { "apply" } else { "remove" };
            members.insert("source".to_owned(), json!(source));
            members.insert("sourceId".to_owned(), json!(self.source_id));
            members.insert("intent".to_owned(), json!(intent));
        }
        members
    }
}

/// The id that the service gives an assignment of `target` to the policy.
pub fn id_of(policy_id: &str, target: &Target) -> String {
    format!("{policy_id}_{}", target.key())
}

fn read_intent(members: &mut Members) -> Result<Intent, ShapeError> {
    Ok(match members.choice("intent", &["apply", "remove"])?.value().as_deref() {
        Some("remove") => Intent::Remove,
        _ => Intent::Apply,
    })
}

fn read_source(members: &mut Members) -> Result<Source, ShapeError> {
    Ok(match members.choice("source", &["direct", "policySets"])?.value().as_deref() {
        Some("policySets") => Source::PolicySets,
        _ => Source::Direct,
    })
}

fn read_target(
    members: &mut Members,
    read: impl FnOnce(Value, &str) -> Result<Target, ShapeError>,
) -> Result<Target, ShapeError> {
    let place = members.place("target");
    match members.any("target") {
        None | Some(Value::Null) => Err(ShapeError::new(&place, "An assignment needs a target.")),
        Some(document) => read(document, &place),
    }
}
