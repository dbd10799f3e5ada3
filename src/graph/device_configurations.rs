//! Calls on device configuration policies and their assignments. All through beta: v1.0 shows neither filters nor
//! the source of an assignment, so a set written back through v1.0 would lose its filters.

use std::sync::Arc;

use serde_json::json;

use super::answer::Answer;
use super::batch::next_answer;
use super::client::Client;
use super::error::{Error, Refusal};
use super::request::{Request, Version};
use super::types::{Assignment, AssignmentTarget, DeviceConfiguration, Group};
use super::{groups, page};

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
        self.send(&policy_request(id)).await?.decode()
    }

    /// The live assignments of a policy, direct and inherited, all pages, in no promised order.
    ///
    /// `GET /beta/deviceManagement/deviceConfigurations/{id}/assignments`; least permission
    /// `DeviceManagementConfiguration.Read.All`. "List deviceConfigurationAssignments", beta.
    pub async fn list_assignments(&self, id: &str) -> Result<Vec<Assignment>, Error> {
        page::collect(self, &assignments_request(id)).await
    }

    /// Replaces **all** direct assignments of a policy and gives the resulting set; an empty slice removes them all.
    ///
    /// `POST /beta/deviceManagement/deviceConfigurations/{id}/assign`; least permission
    /// `DeviceManagementConfiguration.ReadWrite.All`. "assign action", deviceConfiguration, beta. After an error,
    /// [`Error::may_have_taken_effect`] tells whether the set has to be read before anything else is written. Sent once
    /// and at once: whoever calls waits with [`Client::tries`], and looks before repeating.
    pub async fn assign(&self, id: &str, targets: &[AssignmentTarget]) -> Result<Vec<Assignment>, Error> {
        let answer = self.send_once(&assign_request(id, targets)?).await?;
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

    /// A policy, its live assignments and the groups among `group_ids` that exist, in one `$batch`.
    ///
    /// `POST /beta/$batch` with the requests of [`Client::get_device_configuration`], [`Client::list_assignments`]
    /// and [`Client::get_groups_by_ids`]; least permissions `DeviceManagementConfiguration.Read.All` and, for the
    /// groups, `GroupMember.Read.All`. The groups are asked for through beta here, since a batch has one version.
    /// Further pages of assignments are read afterwards, and all of them if a part had to be asked for again: the
    /// assignments are those after the last pause. The outer error means that nothing was sent.
    pub async fn get_policy_for_assignment(
        &self,
        id: &str,
        group_ids: &[String],
    ) -> Result<PolicyForAssignment, Error> {
        let mut requests = vec![policy_request(id), assignments_request(id)];
        requests.extend(groups::by_ids_requests(Version::Beta, group_ids));
        let answers = self.batch(&requests).await?;
        let paused = answers.iter().any(|answer| times(answer) > 1);
        let mut answers = answers.into_iter();
        let policy = next_answer(&mut answers, &policy_request(id)).and_then(Answer::decode);
        let first_page = next_answer(&mut answers, &assignments_request(id));
        let groups = self.collect_groups(answers).await;
        let assignments = match first_page {
            Ok(_) if paused => self.list_assignments(id).await,
            Ok(first) => page::follow(self, first).await,
            Err(error) => Err(error),
        };
        Ok(PolicyForAssignment { policy, assignments, groups })
    }
}

/// How often the request was sent.
fn times(result: &Result<Answer, Error>) -> u32 {
    match result {
        Ok(answer) => answer.call.tried.times,
        Err(error) => error.call().map_or(1, |call| call.tried.times),
    }
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
