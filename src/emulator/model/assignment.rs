//! Assignments of a policy, with derived ids. The handlers decide which may exist.

use serde_json::{Map, Value, json};

use super::policy_collection::PolicyCollection;
use super::target::StoredTarget;
use crate::emulator::member_reader::{MemberReader, ShapeError};
use crate::emulator::odata::path::VersionRoot;

/// One stored assignment.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredAssignment {
    /// `<policyId>_<key of the target>`: a pure function of policy and target.
    pub id: String,
    /// Direct, or from a policy set.
    pub source: AssignmentSource,
    /// The policy for a direct row, the policy set for the others.
    pub source_id: Option<String>,
    /// Whether the policy is applied or removed.
    pub intent: AssignmentIntent,
    /// Who gets the policy.
    pub target: StoredTarget,
}

/// What created an assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssignmentSource {
    /// A call on the policy.
    Direct,
    /// A policy set that contains the policy.
    PolicySets,
}

/// What an assignment does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssignmentIntent {
    /// Applies the policy.
    Apply,
    /// Removes the policy.
    Remove,
}

/// An assignment as a client sent it. The service sets `id` and `sourceId` itself, so they are ignored.
#[derive(Debug)]
pub struct SentAssignment {
    /// Who gets the policy.
    pub target: StoredTarget,
    /// Default: apply.
    pub intent: AssignmentIntent,
    /// Default: direct. A client may send back a row of a policy set.
    pub source: AssignmentSource,
}

impl SentAssignment {
    /// Reads one element of `assign`, or the body of a POST to the collection.
    pub fn read(
        collection: PolicyCollection,
        document: Value,
        version: VersionRoot,
        at: &str,
    ) -> Result<Self, ShapeError> {
        let expected = collection.assignment_type();
        let mut members = MemberReader::open(document, expected, at)?;
        if let Some(type_name) = members.odata_type()?.filter(|name| name != expected) {
            return Err(ShapeError::new(
                &members.place("@odata.type"),
                format!(
                    "'microsoft.graph.{type_name}' is not the type of an assignment, 'microsoft.graph.{expected}'."
                ),
            ));
        }
        members.text("id")?;
        let (mut intent, mut source) = (AssignmentIntent::Apply, AssignmentSource::Direct);
        for member in collection.assignment_members(version) {
            match *member {
                "intent" => intent = read_intent(&mut members)?,
                "source" => source = read_source(&mut members)?,
                other => drop(members.text(other)?),
            }
        }
        let target = read_target(&mut members, |document, place| {
            StoredTarget::from_request(document, version, place)
        })?;
        members.finish()?;
        Ok(Self { target, intent, source })
    }
}

impl StoredAssignment {
    /// The row that the service creates from what a client sent.
    pub fn direct(policy_id: &str, sent: SentAssignment) -> Self {
        Self {
            id: id_of(policy_id, &sent.target),
            source: AssignmentSource::Direct,
            source_id: Some(policy_id.to_owned()),
            intent: sent.intent,
            target: sent.target,
        }
    }

    /// Reads rows from the tenant file or test control.
    pub fn list_from_seed(
        collection: PolicyCollection,
        rows: Vec<Value>,
        policy_id: &str,
        at: &str,
    ) -> Result<Vec<Self>, ShapeError> {
        let read = |(index, row)| Self::from_seed(collection, row, policy_id, &format!("{at}[{index}]"));
        rows.into_iter().enumerate().map(read).collect()
    }

    /// Reads a row from the tenant file or test control, with any id and source.
    fn from_seed(
        collection: PolicyCollection,
        document: Value,
        policy_id: &str,
        at: &str,
    ) -> Result<Self, ShapeError> {
        let mut members = MemberReader::open(document, collection.assignment_type(), at)?;
        members.odata_type()?;
        let id = members.text("id")?.value();
        let (intent, source) = (read_intent(&mut members)?, read_source(&mut members)?);
        let source_id = members.text("sourceId")?.value();
        let target = read_target(&mut members, StoredTarget::from_seed)?;
        members.finish()?;
        Ok(Self {
            id: id.unwrap_or_else(|| id_of(policy_id, &target)),
            source_id: source_id
                .or_else(|| (source == AssignmentSource::Direct).then(|| policy_id.to_owned())),
            source,
            intent,
            target,
        })
    }

    /// Whether a call on the policy created the row.
    pub fn is_direct(&self) -> bool {
        self.source == AssignmentSource::Direct
    }

    /// The row as Graph shows it in a collection.
    pub fn render(&self, collection: PolicyCollection, version: VersionRoot) -> Map<String, Value> {
        let mut members = Map::new();
        members.insert("id".to_owned(), json!(self.id));
        members.insert("target".to_owned(), self.target.render(version));
        for name in collection.assignment_members(version) {
            let value = match *name {
                "source" => json!(if self.is_direct() { "direct" } else { "policySets" }),
                "intent" => json!(if self.intent == AssignmentIntent::Apply { "apply" } else { "remove" }),
                _ => json!(self.source_id),
            };
            members.insert((*name).to_owned(), value);
        }
        members
    }
}

/// The id of an assignment of `target` to the policy.
pub fn id_of(policy_id: &str, target: &StoredTarget) -> String {
    format!("{policy_id}_{}", target.key())
}

fn read_intent(members: &mut MemberReader) -> Result<AssignmentIntent, ShapeError> {
    Ok(match members.choice("intent", &["apply", "remove"])?.value().as_deref() {
        Some("remove") => AssignmentIntent::Remove,
        _ => AssignmentIntent::Apply,
    })
}

fn read_source(members: &mut MemberReader) -> Result<AssignmentSource, ShapeError> {
    Ok(match members.choice("source", &["direct", "policySets"])?.value().as_deref() {
        Some("policySets") => AssignmentSource::PolicySets,
        _ => AssignmentSource::Direct,
    })
}

fn read_target(
    members: &mut MemberReader,
    read: impl FnOnce(Value, &str) -> Result<StoredTarget, ShapeError>,
) -> Result<StoredTarget, ShapeError> {
    let place = members.place("target");
    match members.any("target") {
        None | Some(Value::Null) => Err(ShapeError::new(&place, "An assignment needs a target.")),
        Some(document) => read(document, &place),
    }
}
