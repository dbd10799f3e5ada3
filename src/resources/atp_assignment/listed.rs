//! Questions that the list of all policies can answer: whether nothing has changed, and whether a policy has no direct
//! assignment. For everything else, the policy itself is read.

use crate::graph;
use crate::graph::types::ListedDeviceConfiguration;
use crate::resources::session::Session;
use crate::terraform::resource::Model;

use super::from_graph::Rows;
use super::model::AtpAssignmentModel;
use super::new_state::refreshed;

/// Whether the list agrees with the state.
pub(super) async fn is_unchanged(
    session: &Session,
    client: &graph::Client,
    current: &AtpAssignmentModel,
) -> Result<bool, graph::Error> {
    let id = &current.device_configuration_id;
    // The list may lag behind this session's own write and still show the state before it.
    if session.assignments.policies.may_have_written(id) {
        return Ok(false);
    }
    let Some(listed) = session.assignments.snapshot.policy(client, id).await? else { return Ok(false) };
    let rows = Rows::new(listed.assignments.unwrap_or_default());
    Ok(refreshed(current.clone(), &rows).to_value() == current.to_value())
}

/// Whether the list shows the policy with the right type and without direct assignments.
pub(super) async fn is_unassigned(
    session: &Session,
    client: &graph::Client,
    id: &str,
) -> Result<bool, graph::Error> {
    let listed = session.assignments.snapshot.policy(client, id).await?;
    let listed = listed.filter(ListedDeviceConfiguration::is_defender_atp);
    Ok(listed.is_some_and(|listed| !Rows::new(listed.assignments.unwrap_or_default()).has_direct()))
}
