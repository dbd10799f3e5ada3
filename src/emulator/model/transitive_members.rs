//! How many transitive members a group has, by type. The members themselves are not modeled.

use serde_json::{Value, json};

use super::seed;
use crate::emulator::member_reader::{MemberReader, ShapeError};

/// The member of a group in the tenant file. Graph has no property of this name.
pub const MEMBER: &str = "transitiveMemberCounts";

/// The counts of one group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransitiveMemberCounts {
    /// Members of the type `device`.
    pub devices: u32,
    /// Members of the type `user`.
    pub users: u32,
}

impl TransitiveMemberCounts {
    /// Reads the counts from the tenant file or test control. A count that is left out is 0.
    pub fn from_seed(document: Value, at: &str) -> Result<Self, ShapeError> {
        let mut members = MemberReader::open(document, MEMBER, at)?;
        let counts = Self {
            devices: seed::read_count(&mut members, "devices")?,
            users: seed::read_count(&mut members, "users")?,
        };
        members.finish()?;
        Ok(counts)
    }

    /// The count of all members.
    pub fn total(self) -> u64 {
        u64::from(self.devices) + u64::from(self.users)
    }

    /// The counts as test control shows them.
    pub fn render(self) -> Value {
        json!({"devices": self.devices, "users": self.users})
    }
}
