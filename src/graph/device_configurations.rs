//! Calls on device configuration policies and their assignments. All through beta: v1.0 shows neither filters nor
//! the source of an assignment, so a set written back through v1.0 would lose its filters.

use std::sync::Arc;

use serde_json::json;

use super::answer::Answer;
use super::client::{Client, HeldToken};
use super::error::{Error, Refusal};
use super::page;
use super::request::{Request, Version};
use super::types::{Assignment, AssignmentTarget, DeviceConfiguration, Group, ListedDeviceConfiguration};

/// Options of the list, in the order in which the service may refuse them.
const LIST_OPTIONS: &[(&str, &str)] = &[("$select", "id"), ("$top", "999"), ("$expand", "assignments")];

/// What has to be known before a policy is assigned for the first time. Each part has an error of its own.
#[derive(Debug)]
pub struct PolicyForAssignment {
    /// The policy.
    pub policy: Result<DeviceConfiguration, Error>,
    /// Its live assignments, all pages.
    pub assignments: Result<Vec<Assignment>, Error>,
    /// Those of the groups that exist; the others are simply absent.
    pub groups: Result<Vec<Group>, Error>,
}

impl Client {
    /// One policy.
    ///
    /// `GET /beta/deviceManagement/deviceConfigurations/{id}`; least permission
    /// `DeviceManagementConfiguration.Read.All`. "Get deviceConfiguration", beta. A policy that does not exist is an
    /// error with [`Error::is_resource_not_found`].
    pub async fn get_device_configuration(&self, id: &str) -> Result<DeviceConfiguration, Error> {
        self.send_coalesced(&policy_request(id)).await?.decode()
    }

    /// The live assignments of a policy, direct and inherited, all pages, in no promised order.
    ///
    /// `GET /beta/deviceManagement/deviceConfigurations/{id}/assignments`; least permission
    /// `DeviceManagementConfiguration.Read.All`. "List deviceConfigurationAssignments", beta.
    pub async fn list_assignments(&self, id: &str) -> Result<Vec<Assignment>, Error> {
        let first = self.send_coalesced(&assignments_request(id)).await?;
        page::follow(self, first).await
    }

    /// The same in a request of its own, never in a `$batch` whose answer may wait for other items.
    pub async fn list_assignments_alone(&self, id: &str) -> Result<Vec<Assignment>, Error> {
        page::collect(self, &assignments_request(id)).await
    }

    /// Replaces **all** direct assignments of a policy and gives the resulting set; an empty slice removes them all.
    ///
    /// `POST /beta/deviceManagement/deviceConfigurations/{id}/assign`; least permission
    /// `DeviceManagementConfiguration.ReadWrite.All`. "assign action", deviceConfiguration, beta. After an error,
    /// [`Error::may_have_taken_effect`] says whether the set has to be read before anything else is written. Sent once
    /// and at once, without a sign-in: the caller waits with [`Client::tries`], and reads before it repeats.
    pub async fn assign(
        &self,
        token: &HeldToken,
        id: &str,
        targets: &[AssignmentTarget],
    ) -> Result<Vec<Assignment>, Error> {
        let answer = self.send_holding(&assign_request(id, targets)?, token).await?;
        let written = answer.call.clone();
        let whole = answer.is_last_page();
        let result = page::follow(self, answer).await;
        // The set is written by now. A later page that fails is no failed read: the rest of the answer is lost.
        result.map_err(|error| {
            if whole {
                return error;
            }
            Error::OutcomeUnknown { call: Box::new(written), cause: Arc::new(error) }
        })
    }

    /// A policy, its live assignments and the groups among `group_ids` that exist, in one `$batch` if nobody has been
    /// asked to wait.
    ///
    /// [`Client::get_device_configuration`], [`Client::list_assignments`] and [`Client::get_groups_by_ids`] at once;
    /// least permissions `DeviceManagementConfiguration.Read.All` and, for the groups, `GroupMember.Read.All`. The
    /// groups are asked for through beta here, since a batch has one version.
    pub async fn get_policy_for_assignment(&self, id: &str, group_ids: &[String]) -> PolicyForAssignment {
        let (policy, listing) = (policy_request(id), assignments_request(id));
        let (policy, listed, groups) = tokio::join!(
            Box::pin(self.send_coalesced(&policy)),
            Box::pin(self.send_coalesced(&listing)),
            Box::pin(self.ask_for_groups(group_ids)),
        );
        let policy = policy.and_then(Answer::decode);
        let groups = self.collect_groups(groups).await;
        let assignments = match listed {
            Ok(first) => page::follow(self, first).await,
            Err(error) => Err(error),
        };
        PolicyForAssignment { policy, assignments, groups }
    }

    /// All policies with their assignments, as the service's own list shows them now: a second view that may lag
    /// behind, or be cut, where [`Client::list_assignments`] is the first.
    ///
    /// `GET /beta/deviceManagement/deviceConfigurations?$select=id&$expand=assignments&$top=999`, all pages; least
    /// permission `DeviceManagementConfiguration.Read.All`. "List deviceConfigurations", beta. Intune's metadata
    /// promise more query options than the service takes, so a 400 drops `$select` and then `$top`.
    pub async fn list_device_configurations(&self) -> Result<Vec<ListedDeviceConfiguration>, Error> {
        let mut options = LIST_OPTIONS;
        loop {
            match (page::collect(self, &list_request(options)).await, options) {
                (Err(error), [_, fewer @ ..]) if is_bad_request(&error) && !fewer.is_empty() => {
                    options = fewer;
                }
                (result, _) => return result,
            }
        }
    }
}

fn is_bad_request(error: &Error) -> bool {
    error.status() == Some(400)
}

fn list_request(options: &[(&'static str, &str)]) -> Request {
    let list = Request::get(Version::Beta, &["deviceManagement", "deviceConfigurations"]);
    options.iter().fold(list, |request, (name, value)| request.query(name, *value))
}

fn policy_request(id: &str) -> Request {
    Request::get(Version::Beta, &["deviceManagement", "deviceConfigurations", id])
}

fn assignments_request(id: &str) -> Request {
    Request::get(Version::Beta, &["deviceManagement", "deviceConfigurations", id, "assignments"])
}

/// The array is always sent, also when empty: what the service makes of an absent one is not documented.
fn assign_request(id: &str, targets: &[AssignmentTarget]) -> Result<Request, Refusal> {
    // An unknown kind may have members that we did not keep; written back, it would be another target.
    if let Some(unknown) = targets.iter().find(|target| target.kind().is_none()) {
        return Err(Refusal::UnknownTarget { type_name: unknown.type_name().to_owned() });
    }
    let assignments: Vec<_> = targets.iter().map(|target| json!({ "target": target.to_be_sent() })).collect();
    let segments = ["deviceManagement", "deviceConfigurations", id, "assign"];
    Ok(Request::post(Version::Beta, &segments, json!({ "assignments": assignments })))
}
