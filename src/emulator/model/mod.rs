//! The entities as typed state: read from JSON member by member, rendered from fields. Nothing is stored in the
//! form in which a client sent it.

pub mod applicability;
pub mod assignable;
pub mod assignment;
pub mod assignment_filter;
pub mod configuration_policy;
pub mod conflict_summary;
pub mod defender;
pub mod device_status_overview;
pub mod group;
pub mod onboarding_summary;
pub mod policy;
pub mod policy_collection;
pub mod policy_settings;
pub mod policy_types;
pub mod role_scope_tag;
mod seed;
pub mod target;
pub mod threat_defense_connector;
pub mod transitive_members;

use uuid::Uuid;

/// Parses a GUID of 36 characters. Returns it in lower case, as the service does.
pub fn guid(text: &str) -> Option<String> {
    if text.len() != 36 {
        return None;
    }
    Uuid::try_parse(text).ok().map(|id| id.to_string())
}

/// The known name that an unknown one is probably meant to be.
pub fn misspelled<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const SIMILAR: f64 = 0.93;
    let scored = known.into_iter().map(|known| (strsim::jaro_winkler(name, known), known));
    let (score, known) = scored.max_by(|(left, _), (right, _)| left.total_cmp(right))?;
    (score >= SIMILAR && known != name).then_some(known)
}
