//! Sends reads concurrently, in the given order.

use futures_util::future::join_all;
use terraform_provider_defender::graph::{Client, Error, Request, Response};

pub async fn together(client: &Client, requests: &[Request]) -> Vec<Result<Response, Error>> {
    join_all(requests.iter().map(|request| client.send_batched(request))).await
}
