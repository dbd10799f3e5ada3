//! Calls on assignment filters, which exist in beta only.

use super::client::Client;
use super::error::Error;
use super::page;
use super::request::{Request, Version};
use super::types::AssignmentFilter;

impl Client {
    /// One assignment filter.
    ///
    /// `GET /beta/deviceManagement/assignmentFilters/{id}`; least permission
    /// `DeviceManagementConfiguration.Read.All`. "Get deviceAndAppManagementAssignmentFilter", beta. A refusal (403)
    /// says nothing about whether the filter exists.
    pub async fn get_assignment_filter(&self, id: &str) -> Result<AssignmentFilter, Error> {
        let request = Request::get(Version::Beta, &["deviceManagement", "assignmentFilters", id]);
        self.send(&request).await?.decode()
    }

    /// All assignment filters of the tenant, in no promised order.
    ///
    /// `GET /beta/deviceManagement/assignmentFilters`; least permission `DeviceManagementConfiguration.Read.All`.
    /// "List deviceAndAppManagementAssignmentFilters", beta. A refusal (403) is never an empty list.
    pub async fn list_assignment_filters(&self) -> Result<Vec<AssignmentFilter>, Error> {
        page::collect(self, &Request::get(Version::Beta, &["deviceManagement", "assignmentFilters"])).await
    }
}
