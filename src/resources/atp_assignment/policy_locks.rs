//! One write at a time to each policy: `assign` replaces a whole set, so two at once would undo each other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

use crate::terraform::diagnostic::Diagnostics;
use crate::terraform::stop::StopSignal;

use super::policy::Policy;

/// A lock for each policy that this process has written.
#[derive(Debug, Default)]
pub(super) struct PolicyLocks {
    locks: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl PolicyLocks {
    /// Waits for the turn. The turn ends when the guard is dropped.
    pub(super) async fn lock(&self, device_configuration_id: &str) -> OwnedMutexGuard<()> {
        let key = device_configuration_id.to_ascii_lowercase();
        let lock = {
            let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(locks.entry(key).or_default())
        };
        lock.lock_owned().await
    }
}

/// Waits until no other operation of this process writes the policy.
pub(super) async fn locked(
    locks: &PolicyLocks,
    policy: Policy<'_>,
    stop: &mut StopSignal,
) -> Result<OwnedMutexGuard<()>, Diagnostics> {
    tokio::select! {
        lock = locks.lock(policy.id) => Ok(lock),
        () = stop.stopped() => Err(policy.interrupted().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn writes_to_one_policy_take_turns_and_case_makes_no_difference() {
        let locks = PolicyLocks::default();
        let first = locks.lock("AA").await;
        let mut second = std::pin::pin!(locks.lock("aa"));
        tokio::select! {
            biased;
            _ = &mut second => panic!("two turns at once"),
            _ = locks.lock("bb") => {}
        }
        drop(first);
        second.await;
    }
}
