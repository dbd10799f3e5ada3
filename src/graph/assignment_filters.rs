//! Calls on assignment filters, which exist in beta only.

use super::client::Client;
use super::error::Error;
use super::page;
use super::request::{ApiVersion, Request};
use super::types::AssignmentFilter;

impl Client {
    /// All assignment filters of the tenant, in no particular order.
    ///
    /// `GET /beta/deviceManagement/assignmentFilters`; least permission `DeviceManagementConfiguration.Read.All`.
    /// "List deviceAndAppManagementAssignmentFilters", beta. A 403 is an error, never an empty list.
    pub async fn list_assignment_filters(&self) -> Result<Vec<AssignmentFilter>, Error> {
        page::fetch_all(self, &Request::get(ApiVersion::Beta, &["deviceManagement", "assignmentFilters"]))
            .await
    }
}
