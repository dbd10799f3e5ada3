//! A managed identity of the machine that the emulator plays, as the tenant file describes it. The endpoints are in
//! `managed_identity_endpoint.rs`.

use serde_json::Value;
use uuid::Uuid;

use super::application::required_guid;
use crate::emulator::members::{Members, ShapeError};

/// How long a token lives unless the identity says otherwise, in seconds.
const USUAL_LIFETIME: i32 = 86_399;

/// One identity of the machine.
#[derive(Clone, Debug)]
pub struct ManagedIdentity {
    /// The client id.
    pub client_id: String,
    /// The id of its service principal, made at the start.
    pub object_id: String,
    /// Whether it is the one that is meant where a request names none.
    pub system_assigned: bool,
    /// Application permissions with consent, by name.
    pub roles: Vec<String>,
    /// In seconds; zero or less gives tokens that have expired already.
    pub token_lifetime: i64,
}

impl ManagedIdentity {
    /// Reads an identity of the tenant file.
    pub fn seeded(document: Value, at: &str) -> Result<Self, ShapeError> {
        let mut members = Members::of(document, "managedIdentity", at)?;
        let identity = Self {
            client_id: required_guid(&mut members, "clientId")?,
            object_id: Uuid::new_v4().to_string(),
            system_assigned: members.boolean("systemAssigned")?.value().unwrap_or(false),
            roles: members.texts("roles")?.value().unwrap_or_default(),
            token_lifetime: members.integer("tokenLifetimeSeconds")?.value().unwrap_or(USUAL_LIFETIME).into(),
        };
        members.finish()?;
        Ok(identity)
    }
}
