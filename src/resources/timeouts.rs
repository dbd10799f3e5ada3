//! The `timeouts` block of a resource: its schema, and the time limit of each operation.

use std::time::Duration;

use crate::terraform::duration;
use crate::terraform::schema::{Attribute, Block, NestedBlock, Nesting, Presence};
use crate::terraform::ty::Type;
use crate::terraform::validators::PositiveDuration;
use crate::terraform::value::Value;

/// The name of the block.
pub const TIMEOUTS: &str = "timeouts";

/// The `timeouts` block.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeouts(Value);

/// An operation with its own time limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Creates the object, or its assignments.
    Create,
    /// Refreshes or imports the object.
    Read,
    /// Changes the object in place.
    Update,
    /// Removes the object, or its assignments.
    Delete,
}

impl Timeouts {
    /// The timeouts of a state or a planned state.
    pub fn from_state(state: &Value) -> Self {
        Self(state.attribute(TIMEOUTS).cloned().unwrap_or(Value::Null))
    }

    /// The value of the block.
    pub fn to_value(&self) -> Value {
        self.0.clone()
    }

    /// The time limit of the operation.
    pub fn limit(&self, operation: Operation) -> Duration {
        let (name, default) = match operation {
            Operation::Create => ("create", Duration::from_mins(10)),
            Operation::Read => ("read", Duration::from_mins(5)),
            Operation::Update => ("update", Duration::from_mins(10)),
            Operation::Delete => ("delete", Duration::from_mins(10)),
        };
        let text = self.0.attribute(name).and_then(Value::as_str);
        // Validation refuses invalid durations. A state that was edited by hand falls back to the default.
        text.and_then(|text| duration::parse(text).ok()).unwrap_or(default)
    }
}

impl Default for Timeouts {
    /// Timeouts without a block: each operation has its default time limit.
    fn default() -> Self {
        Self(Value::Null)
    }
}

/// The schema of the block.
pub fn schema() -> NestedBlock {
    let timeout = |name, description| {
        Attribute::new(name, Type::String, Presence::Optional, description).validated(PositiveDuration)
    };
    let attributes = vec![
        timeout("create", "How long a create may take. Default: `10m`."),
        timeout("read", "How long a refresh may take. Default: `5m`."),
        timeout("update", "How long an update may take. Default: `10m`."),
        timeout("delete", "How long a destroy may take. Default: `10m`."),
    ];
    let description =
        "How long operations may take: numbers with units, for example `90s`, `1.5m` or `1h30m`.";
    NestedBlock {
        name: TIMEOUTS,
        nesting: Nesting::Single,
        limits: (0, 0),
        block: Block { description, attributes, blocks: Vec::new() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_have_defaults() {
        let block = Value::object([("create", Value::string("90s")), ("read", Value::Null)]);
        let timeouts = Timeouts::from_state(&Value::object([(TIMEOUTS, block)]));
        assert_eq!(timeouts.limit(Operation::Create), Duration::from_secs(90));
        assert_eq!(timeouts.limit(Operation::Read), Duration::from_mins(5));
        assert_eq!(Timeouts::default().limit(Operation::Delete), Duration::from_mins(10));
    }
}
