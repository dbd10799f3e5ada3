//! Calls on groups of the directory.

use serde_json::json;

use super::client::Client;
use super::error::Error;
use super::ids::GroupId;
use super::page;
use super::request::{ApiVersion, Request};
use super::response::Response;
use super::types::Group;

/// Graph's limit of ids in one call.
const MAX_IDS: usize = 1_000;

impl Client {
    /// The groups that exist, in no particular order; the others are absent.
    ///
    /// `POST /v1.0/directoryObjects/getByIds`, up to 1,000 ids a call; least permission `GroupMember.Read.All`.
    /// "directoryObject: getByIds". Nothing is sent without ids.
    pub async fn get_groups_by_ids(&self, ids: &[GroupId]) -> Result<Vec<Group>, Error> {
        let mut groups = Vec::new();
        for request in by_ids_requests(ApiVersion::V1, ids) {
            groups.extend(page::fetch_all::<Group>(self, &request).await?);
        }
        groups.retain(Group::is_group);
        Ok(groups)
    }

    /// The first pages of the groups through beta, which may share a `$batch` with other reads.
    pub(super) async fn send_group_requests(&self, ids: &[GroupId]) -> Vec<Result<Response, Error>> {
        let mut responses = Vec::new();
        for request in by_ids_requests(ApiVersion::Beta, ids) {
            responses.push(self.send_batched(&request).await);
        }
        responses
    }

    /// The groups of the responses to [`Self::send_group_requests`], including further pages.
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

/// One request for each [`MAX_IDS`] groups.
fn by_ids_requests(version: ApiVersion, ids: &[GroupId]) -> Vec<Request> {
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
        let counts: Vec<usize> = by_ids_requests(ApiVersion::V1, &ids)
            .iter()
            .map(|request| request.body().unwrap()["ids"].as_array().unwrap().len())
            .collect();
        assert_eq!(counts, [1_000, 1_000, 1]);
        assert_eq!(by_ids_requests(ApiVersion::V1, &[]), []);
    }
}
