//! Calls on groups of the directory.

use serde_json::json;

use super::answer::Answer;
use super::client::Client;
use super::error::Error;
use super::page;
use super::request::{Request, Version};
use super::types::Group;

/// Graph's limit of ids in one call.
const MAX_IDS: usize = 1_000;

impl Client {
    /// Those of the groups that exist, in no promised order; the others are simply absent.
    ///
    /// `POST /v1.0/directoryObjects/getByIds`, up to 1,000 ids a call; least permission `GroupMember.Read.All`.
    /// "directoryObject: getByIds". No ids, no call.
    pub async fn get_groups_by_ids(&self, ids: &[String]) -> Result<Vec<Group>, Error> {
        let mut groups = Vec::new();
        for request in by_ids_requests(Version::V1, ids) {
            groups.extend(page::collect::<Group>(self, &request).await?);
        }
        groups.retain(Group::is_group);
        Ok(groups)
    }

    /// The first pages of the same through beta, in one `$batch` with what else is asked for at this moment.
    pub(super) async fn ask_for_groups(&self, ids: &[String]) -> Vec<Result<Answer, Error>> {
        let mut answers = Vec::new();
        for request in by_ids_requests(Version::Beta, ids) {
            answers.push(self.send_coalesced(&request).await);
        }
        answers
    }

    /// The groups of [`Self::ask_for_groups`], further pages included.
    pub(super) async fn collect_groups(
        &self,
        answers: Vec<Result<Answer, Error>>,
    ) -> Result<Vec<Group>, Error> {
        let mut groups = Vec::new();
        for answer in answers {
            groups.extend(page::follow::<Group>(self, answer?).await?);
        }
        groups.retain(Group::is_group);
        Ok(groups)
    }
}

/// The requests for groups by id, as many as it takes.
fn by_ids_requests(version: Version, ids: &[String]) -> Vec<Request> {
    let request = |chunk: &[String]| {
        let body = json!({ "ids": chunk, "types": ["group"] });
        Request::post_to_read(version, &["directoryObjects", "getByIds"], body)
    };
    ids.chunks(MAX_IDS).map(request).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_asked_for_a_thousand_at_a_time() {
        let ids: Vec<String> = (0..2_001).map(|number| number.to_string()).collect();
        let counts: Vec<usize> = by_ids_requests(Version::V1, &ids)
            .iter()
            .map(|request| request.body().unwrap()["ids"].as_array().unwrap().len())
            .collect();
        assert_eq!(counts, [1_000, 1_000, 1]);
        assert_eq!(by_ids_requests(Version::V1, &[]), []);
    }
}
