//! The questions by topic. Each file has its questions as data and the function that asks them.

mod assigning;
mod batching;
mod creating;
mod deleting;
mod filters;
mod patching;
mod reading;

use super::access::{Access, Halt};
use super::question::Topic;

/// All topics, in the order in which they are asked.
pub const TOPICS: [Topic; 7] = [
    reading::TOPIC,
    creating::TOPIC,
    assigning::TOPIC,
    filters::TOPIC,
    patching::TOPIC,
    batching::TOPIC,
    deleting::TOPIC,
];

/// Asks everything. The policy of the probe is created in between and deleted at the end.
pub async fn ask_all(access: &mut Access) -> Result<(), Halt> {
    reading::ask(access).await?;
    let policy = creating::ask(access).await?;
    assigning::ask(access, &policy).await?;
    filters::ask(access, &policy).await?;
    patching::ask(access, &policy).await?;
    batching::ask(access, &policy).await?;
    deleting::ask(access, &policy).await
}
