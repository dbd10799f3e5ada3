//! Serializes the writes to each policy. `assign` replaces the whole set, so concurrent writes would undo each other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

use crate::graph::PolicyId;
use crate::terraform::diagnostic::Diagnostics;
use crate::terraform::stop::StopSignal;

use super::policy::Policy;

/// A lock for each policy that this process has written.
#[derive(Debug, Default)]
pub(super) struct PolicyLocks {
    locks: Mutex<HashMap<PolicyId, Arc<tokio::sync::Mutex<()>>>>,
}

impl PolicyLocks {
    /// Waits for the policy's lock. Dropping the guard releases it.
    pub(super) async fn lock(&self, policy_id: &str) -> OwnedMutexGuard<()> {
        let key = PolicyId::new(policy_id);
        let lock = {
            let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(locks.entry(key).or_default())
        };
        lock.lock_owned().await
    }
}

/// Locks the policy. If Terraform asks the provider to stop, the wait ends with an error.
pub(super) async fn acquire_lock(
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
    async fn ids_that_differ_only_in_case_share_a_lock() {
        let locks = PolicyLocks::default();
        let first = locks.lock("AA").await;
        let mut second = std::pin::pin!(locks.lock("aa"));
        tokio::select! {
            biased;
            _ = &mut second => panic!("two guards at once"),
            _ = locks.lock("bb") => {}
        }
        drop(first);
        second.await;
    }
}
