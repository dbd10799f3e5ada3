//! Sends reads concurrently, in the given order.

use futures_util::future::join_all;
use terraform_provider_defender::graph::{Answer, Client, Error, Request};

pub async fn together(client: &Client, requests: &[Request]) -> Vec<Result<Answer, Error>> {
    join_all(requests.iter().map(|request| client.send_coalesced(request))).await
}
