//! Calls on groups of the directory.

use serde_json::json;

use super::client::Client;
use super::error::Error;
use super::ids::GroupId;
use super::page;
use super::request::{ApiVersion, Request};
use super::response::Response;
use super::types::Group;

/// Graph's limit on the number of ids in one `getByIds` call.
const MAX_IDS: usize = 1_000;

/// The properties of a group that the requests select.
const GROUP_PROPERTIES: &str = "id,displayName,securityEnabled,groupTypes,membershipRule";

/// The most pages that a list of all groups may have. Listing a larger directory takes longer than looking groups up
/// individually.
const MAX_LIST_PAGES: usize = 4;

/// A type of group member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberType {
    /// Devices of the directory.
    Device,
    /// Users.
    User,
}

impl MemberType {
    /// The type cast in a URL.
    fn as_str(self) -> &'static str {
        match self {
            Self::Device => "microsoft.graph.device",
            Self::User => "microsoft.graph.user",
        }
    }
}

impl Client {
    /// The groups with these ids, in no particular order. Groups that do not exist are left out.
    ///
    /// `POST /v1.0/directoryObjects/getByIds`, up to 1,000 ids a call; least permission `GroupMember.Read.All`.
    /// Documented in "directoryObject: getByIds". Sends nothing if `ids` is empty.
    pub async fn get_groups_by_ids(&self, ids: &[GroupId]) -> Result<Vec<Group>, Error> {
        let mut groups = Vec::new();
        for request in get_by_ids_requests(ApiVersion::V1, ids) {
            groups.extend(page::fetch_all::<Group>(self, &request).await?);
        }
        groups.retain(Group::is_group);
        Ok(groups)
    }

    /// A group.
    ///
    /// `GET /v1.0/groups/{id}`; least permission `GroupMember.Read.All`. "Get group". If the group does not exist,
    /// [`Error::is_directory_object_not_found`] is true.
    pub async fn get_group(&self, id: &str) -> Result<Group, Error> {
        let request = Request::get(ApiVersion::V1, &["groups", id]).query("$select", GROUP_PROPERTIES);
        self.send_batched(&request).await?.decode()
    }

    /// The groups with this name. The directory compares names without case.
    ///
    /// `GET /v1.0/groups?$filter=displayName eq '…'`; least permission `GroupMember.Read.All`. "List groups".
    pub async fn find_groups(&self, name: &str) -> Result<Vec<Group>, Error> {
        let request = Request::get(ApiVersion::V1, &["groups"])
            .query("$filter", name_filter(name))
            .query("$select", GROUP_PROPERTIES)
            .with_eventual_consistency();
        let first = self.send_batched(&request).await?;
        page::fetch_from(self, first).await
    }

    /// All groups of a small directory, in no particular order. Empty if there are more than [`MAX_LIST_PAGES`] pages.
    ///
    /// `GET /v1.0/groups?$top=999`; least permission `GroupMember.Read.All`. "List groups".
    pub async fn list_groups(&self) -> Result<Vec<Group>, Error> {
        let request =
            Request::get(ApiVersion::V1, &["groups"]).query("$select", GROUP_PROPERTIES).query("$top", "999");
        Ok(page::fetch_if_short(self, &request, MAX_LIST_PAGES).await?.unwrap_or_default())
    }

    /// How many devices or users are members of a group, directly or through other groups.
    ///
    /// `GET /v1.0/groups/{id}/transitiveMembers/{type}/$count`; least permission `GroupMember.Read.All`. Some
    /// tenants also require a permission to read the member type. "List group transitive members".
    pub async fn count_transitive_members(&self, id: &str, members: MemberType) -> Result<u64, Error> {
        let segments = ["groups", id, "transitiveMembers", members.as_str(), "$count"];
        let request = Request::get(ApiVersion::V1, &segments).with_eventual_consistency();
        self.send_batched(&request).await?.decode()
    }

    /// Requests the groups through beta, so that the requests can share a `$batch` with reads of policies. Returns the
    /// first page of each response.
    pub(super) async fn send_group_requests(&self, ids: &[GroupId]) -> Vec<Result<Response, Error>> {
        let mut responses = Vec::new();
        for request in get_by_ids_requests(ApiVersion::Beta, ids) {
            responses.push(self.send_batched(&request).await);
        }
        responses
    }

    /// Returns the groups in the responses to [`Self::send_group_requests`], and fetches their further pages.
    pub(super) async fn fetch_groups_from(
        &self,
        responses: Vec<Result<Response, Error>>,
    ) -> Result<Vec<Group>, Error> {
        let mut groups = Vec::new();
        for response in responses {
            groups.extend(page::fetch_from::<Group>(self, response?).await?);
        }
        groups.retain(Group::is_group);
        Ok(groups)
    }
}

/// `displayName eq '…'`, with each quotation mark of the name doubled.
fn name_filter(name: &str) -> String {
    format!("displayName eq '{}'", name.replace('\'', "''"))
}

/// One `getByIds` request for every [`MAX_IDS`] ids.
fn get_by_ids_requests(version: ApiVersion, ids: &[GroupId]) -> Vec<Request> {
    let request = |chunk: &[GroupId]| {
        let body = json!({ "ids": chunk, "types": ["group"] });
        Request::post_to_read(version, &["directoryObjects", "getByIds"], body)
    };
    ids.chunks(MAX_IDS).map(request).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_holds_at_most_a_thousand_ids() {
        let ids: Vec<GroupId> = (0..2_001).map(|number| GroupId::new(&number.to_string())).collect();
        let counts: Vec<usize> = get_by_ids_requests(ApiVersion::V1, &ids)
            .iter()
            .map(|request| request.body().unwrap()["ids"].as_array().unwrap().len())
            .collect();
        assert_eq!(counts, [1_000, 1_000, 1]);
        assert_eq!(get_by_ids_requests(ApiVersion::V1, &[]), []);
    }
}
