//! A managed identity of the emulated machine, as the tenant file describes it. The endpoints are in
//! `managed_identity_endpoint.rs`.

use serde_json::Value;

use super::application::{read_required_guid, read_roles};
use crate::emulator::member_reader::{MemberReader, ShapeError};
use crate::emulator::random_id::random_guid;

/// The default lifetime of a token, in seconds.
const USUAL_LIFETIME: i32 = 86_399;

/// A managed identity.
#[derive(Clone, Debug)]
pub struct RegisteredIdentity {
    /// The client id.
    pub client_id: String,
    /// The id of its service principal, generated at start.
    pub object_id: String,
    /// Whether it is the default for requests that name no identity.
    pub system_assigned: bool,
    /// Application permissions with consent, by name.
    pub roles: Vec<String>,
    /// In seconds. With zero or less, tokens are expired from the start.
    pub token_lifetime: i64,
}

impl RegisteredIdentity {
    /// Reads an identity of the tenant file.
    pub fn from_seed(document: Value, at: &str) -> Result<Self, ShapeError> {
        let mut members = MemberReader::open(document, "managedIdentity", at)?;
        let identity = Self {
            client_id: read_required_guid(&mut members, "clientId")?,
            object_id: random_guid(),
            system_assigned: members.boolean("systemAssigned")?.value().unwrap_or(false),
            roles: read_roles(&mut members)?,
            token_lifetime: members.integer("tokenLifetimeSeconds")?.value().unwrap_or(USUAL_LIFETIME).into(),
        };
        members.finish()?;
        Ok(identity)
    }
}
