//! What the list of all policies can answer: that nothing has changed, and that a policy has no direct assignment.
//! Everything else is asked of the policy itself.

use crate::graph;
use crate::graph::types::ListedDeviceConfiguration;
use crate::resources::session::Session;
use crate::terraform::resource::Model;

use super::from_graph::Rows;
use super::model::AtpAssignmentModel;
use super::new_state::refreshed;

/// Whether the list shows exactly the state.
pub(super) async fn is_unchanged(
    session: &Session,
    client: &graph::Client,
    current: &AtpAssignmentModel,
) -> Result<bool, graph::Error> {
    let id = &current.device_configuration_id;
    // The list may lag behind our own write, and the state before it would then look unchanged.
    if session.policies.may_have_written(id) {
        return Ok(false);
    }
    let Some(listed) = session.snapshot.policy(client, id).await? else { return Ok(false) };
    let rows = Rows::new(listed.assignments.unwrap_or_default());
    Ok(refreshed(current.clone(), &rows).to_value() == current.to_value())
}

/// Whether the list shows the policy as one of the right type without direct assignments.
pub(super) async fn is_unassigned(
    session: &Session,
    client: &graph::Client,
    id: &str,
) -> Result<bool, graph::Error> {
    let listed = session.snapshot.policy(client, id).await?;
    let listed = listed.filter(ListedDeviceConfiguration::is_defender_atp);
    Ok(listed.is_some_and(|listed| !Rows::new(listed.assignments.unwrap_or_default()).has_direct()))
}
