//! What the list of all policies can answer: that nothing has changed, and that a create removes nothing. Everything
//! else is asked of the policy itself.

use crate::graph;
use crate::graph::types::ListedDeviceConfiguration;
use crate::resources::session::Session;
use crate::terraform::resource::Model;

use super::from_graph::Rows;
use super::guard;
use super::model::AtpAssignmentModel;
use super::refreshed;

/// Whether the list shows exactly the state.
pub(super) async fn is_unchanged(
    session: &Session,
    client: &graph::Client,
    current: &AtpAssignmentModel,
) -> Result<bool, graph::Error> {
    let id = &current.device_configuration_id;
    // The list may lag behind our own write, and the state before it would then look unchanged.
    if session.may_have_written(id) {
        return Ok(false);
    }
    let Some(listed) = session.snapshot.policy(client, id).await? else { return Ok(false) };
    let rows = Rows::new(listed.assignments.unwrap_or_default());
    Ok(refreshed(current.clone(), &rows).to_value() == current.to_value())
}

/// Whether the list shows the policy of a create as one of the right type, with nothing that the plan would remove.
/// Without a plan that can be judged, the type is enough.
pub(super) async fn lets_create(
    session: &Session,
    client: &graph::Client,
    id: &str,
    planned: Option<&AtpAssignmentModel>,
) -> Result<bool, graph::Error> {
    let listed = session.snapshot.policy(client, id).await?;
    let Some(listed) = listed.filter(ListedDeviceConfiguration::is_defender_atp) else { return Ok(false) };
    let rows = Rows::new(listed.assignments.unwrap_or_default());
    Ok(planned.is_none_or(|planned| guard::create(planned, &rows).is_ok()))
}
