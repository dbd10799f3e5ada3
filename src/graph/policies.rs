//! Calls on policies and their assignments. The calls are the same in each collection of policies. All of them use
//! beta: v1.0 shows neither the filter nor the source of an assignment, so assignments that are written back through
//! v1.0 would lose their filters.

use std::sync::Arc;

use serde_json::json;

use super::client::Client;
use super::error::Error;
use super::held_token::HeldToken;
use super::ids::GroupId;
use super::page;
use super::request::{ApiVersion, Request};
use super::request_error::RequestError;
use super::response::Response;
use super::types::{Assignment, AssignmentTarget, Group, ListedPolicy, Policy};

/// The query options of the list. If the service refuses them, the first option is dropped, and then the second.
const LIST_OPTIONS: &[(&str, &str)] =
    &[("$select", "id,displayName"), ("$top", "999"), ("$expand", "assignments")];

/// A collection of policies under `deviceManagement`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyCollection {
    /// `deviceConfigurations`: each policy has a derived type, for example the type for Defender onboarding.
    DeviceConfigurations,
    /// `configurationPolicies`: policies of the settings catalog, including those for endpoint security.
    ConfigurationPolicies,
}

/// The calls on the policies of one collection.
#[derive(Debug, Clone, Copy)]
pub struct Policies<'a> {
    client: &'a Client,
    collection: PolicyCollection,
}

/// What a caller reads before it assigns a policy for the first time. Each read has its own result.
#[derive(Debug)]
pub struct PolicyForAssignment {
    /// The policy.
    pub policy: Result<Policy, Error>,
    /// Its live assignments, all pages.
    pub assignments: Result<Vec<Assignment>, Error>,
    /// The requested groups that exist.
    pub groups: Result<Vec<Group>, Error>,
}

impl PolicyCollection {
    /// The name of the collection in Graph.
    pub fn name(self) -> &'static str {
        match self {
            Self::DeviceConfigurations => "deviceConfigurations",
            Self::ConfigurationPolicies => "configurationPolicies",
        }
    }
}

impl Client {
    /// The policies of one collection.
    pub fn policies(&self, collection: PolicyCollection) -> Policies<'_> {
        Policies { client: self, collection }
    }
}

impl Policies<'_> {
    /// One policy.
    ///
    /// `GET /beta/deviceManagement/{collection}/{id}`; least permission `DeviceManagementConfiguration.Read.All`. "Get
    /// deviceConfiguration" and "Get deviceManagementConfigurationPolicy", beta. If the policy does not exist,
    /// [`Error::is_resource_not_found`] is true.
    pub async fn get(self, id: &str) -> Result<Policy, Error> {
        self.client.send_batched(&self.get_request(&[id])).await?.decode()
    }

    /// The live assignments of a policy, direct and inherited, all pages, in no particular order.
    ///
    /// `GET /beta/deviceManagement/{collection}/{id}/assignments`; least permission
    /// `DeviceManagementConfiguration.Read.All`. "List deviceConfigurationAssignments" and "List
    /// deviceManagementConfigurationPolicyAssignments", beta.
    pub async fn list_assignments(self, id: &str) -> Result<Vec<Assignment>, Error> {
        let first = self.client.send_batched(&self.assignments_request(id)).await?;
        page::fetch_from(self.client, first).await
    }

    /// Like [`Self::list_assignments`], but never in a `$batch`, because the response to a batch may wait for other
    /// items.
    pub async fn list_assignments_unbatched(self, id: &str) -> Result<Vec<Assignment>, Error> {
        page::fetch_all(self.client, &self.assignments_request(id)).await
    }

    /// Replaces **all** direct assignments of a policy and returns the resulting set. An empty slice removes them all.
    ///
    /// `POST /beta/deviceManagement/{collection}/{id}/assign`; least permission
    /// `DeviceManagementConfiguration.ReadWrite.All`. "assign action" of either type, beta. After an error,
    /// [`Error::may_have_taken_effect`] says whether the set has to be read before anything else is written. The
    /// request is sent once, without a pause or a sign-in: the caller first waits in [`Client::retry_loop`]
    /// until a request may be sent, and reads the set again before a retry.
    pub async fn assign(
        self,
        token: &HeldToken,
        id: &str,
        targets: &[AssignmentTarget],
    ) -> Result<Vec<Assignment>, Error> {
        let response = self.client.send_with_token(&self.assign_request(id, targets)?, token).await?;
        let call = response.call.clone();
        let is_only_page = response.is_last_page();
        let result = page::fetch_from(self.client, response).await;
        // The set is written already. If a later page fails, the rest of the response to the write is lost.
        result.map_err(|error| {
            if is_only_page {
                return error;
            }
            Error::OutcomeUnknown { call: Box::new(call), cause: Arc::new(error) }
        })
    }

    /// A policy, its live assignments and the groups among `group_ids` that exist. The reads share one `$batch`, unless
    /// one of them is retried.
    ///
    /// [`Self::get`], [`Self::list_assignments`] and [`Client::get_groups_by_ids`] together; least permissions
    /// `DeviceManagementConfiguration.Read.All` and, for the groups, `GroupMember.Read.All`. The groups come from beta
    /// here, because a batch has one version.
    pub async fn get_for_assignment(self, id: &str, group_ids: &[GroupId]) -> PolicyForAssignment {
        let (policy, listing) = (self.get_request(&[id]), self.assignments_request(id));
        let (policy, listed, groups) = tokio::join!(
            Box::pin(self.client.send_batched(&policy)),
            Box::pin(self.client.send_batched(&listing)),
            Box::pin(self.client.send_group_requests(group_ids)),
        );
        let policy = policy.and_then(Response::decode);
        let groups = self.client.fetch_groups_from(groups).await;
        let assignments = match listed {
            Ok(first) => page::fetch_from(self.client, first).await,
            Err(error) => Err(error),
        };
        PolicyForAssignment { policy, assignments, groups }
    }

    /// All policies with their assignments, from the list of policies. The list can be stale and can omit assignments;
    /// only [`Self::list_assignments`] is authoritative.
    ///
    /// `GET /beta/deviceManagement/{collection}?$select=id,displayName&$expand=assignments&$top=999`, all pages; least
    /// permission `DeviceManagementConfiguration.Read.All`. "List deviceConfigurations", beta. Intune's metadata
    /// declares more query options than the service accepts, so after a 400 the function requests the list
    /// without `$select`, and then without `$top`.
    pub async fn list(self) -> Result<Vec<ListedPolicy>, Error> {
        let mut options = LIST_OPTIONS;
        loop {
            match (page::fetch_all(self.client, &self.list_request(options)).await, options) {
                (Err(error), [_, fewer @ ..]) if is_bad_request(&error) && !fewer.is_empty() => {
                    options = fewer;
                }
                (result, _) => return result,
            }
        }
    }

    fn list_request(self, options: &[(&'static str, &str)]) -> Request {
        options.iter().fold(self.get_request(&[]), |request, (name, value)| request.query(name, *value))
    }

    fn assignments_request(self, id: &str) -> Request {
        self.get_request(&[id, "assignments"])
    }

    fn get_request(self, subpath: &[&str]) -> Request {
        Request::get(ApiVersion::Beta, &self.path_segments(subpath))
    }

    /// Sends the array of assignments even if it is empty, because the effect of an absent array is not documented.
    fn assign_request(self, id: &str, targets: &[AssignmentTarget]) -> Result<Request, RequestError> {
        // A target of an unknown type may have members that were not read, so writing it back would lose them.
        if let Some(unknown) = targets.iter().find(|target| target.kind().is_none()) {
            return Err(RequestError::UnsupportedTarget { type_name: unknown.type_name().to_owned() });
        }
        let assignments: Vec<_> =
            targets.iter().map(|target| json!({ "target": target.for_request() })).collect();
        let body = json!({ "assignments": assignments });
        Ok(Request::post(ApiVersion::Beta, &self.path_segments(&[id, "assign"]), body))
    }

    fn path_segments<'b>(self, subpath: &[&'b str]) -> Vec<&'b str> {
        [&["deviceManagement", self.collection.name()], subpath].concat()
    }
}

fn is_bad_request(error: &Error) -> bool {
    error.status() == Some(400)
}
