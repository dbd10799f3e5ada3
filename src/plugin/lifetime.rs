//! Why the process ends. Not how: the caller turns [`super::stop::Stop`] and leaves.

use std::fmt;
use std::time::Duration;

use crate::plugin::Mode;
use crate::plugin::connection::Clients;
use crate::plugin::signals::{Signal, Signals};
use crate::plugin::stop::Stop;

/// Terraform connects within milliseconds, and gives up on us after a minute.
const FIRST_CLIENT: Duration = Duration::from_mins(1);

/// Terraform keeps one connection until it is done. A little time is left for a client that connects again.
const GRACE_AFTER_LAST_CLIENT: Duration = Duration::from_secs(2);

/// How often to look whether the parent is still there.
#[cfg(unix)]
const PARENT_POLL: Duration = Duration::from_millis(500);

/// What ended the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The client called `Shutdown`.
    Shutdown,
    /// A signal that asks for it.
    Signal,
    /// No client came.
    NoClient,
    /// The last client has left without a goodbye.
    ClientsGone,
    /// The parent process is gone, and another has inherited us.
    ParentGone,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shutdown => "Shutdown was called",
            Self::Signal => "a signal asked for it",
            Self::NoClient => "no client connected within a minute",
            Self::ClientsGone => "the last client has gone",
            Self::ParentGone => "the parent process has gone",
        })
    }
}

/// Completes when the process has to end.
pub async fn end(mode: Mode, stop: &Stop, clients: &Clients, signals: Signals) -> Cause {
    tokio::select! {
        () = stop.requested() => Cause::Shutdown,
        () = ending_signal(mode, signals) => Cause::Signal,
        cause = orphaned(clients), if mode == Mode::Hosted => cause,
        () = parent_gone(), if mode == Mode::Hosted => Cause::ParentGone,
    }
}

/// Under Terraform an interrupt is ignored: it goes to the whole process group, and Terraform, which also got it,
/// calls `StopProvider` and waits for the calls that are running. In debug mode it is how a person ends the process.
async fn ending_signal(mode: Mode, mut signals: Signals) {
    loop {
        match (signals.next().await, mode) {
            (Signal::Interrupt, Mode::Hosted) => {
                tracing::debug!("Ignoring an interrupt; Terraform decides what stops");
            }
            (Signal::Terminate, _) | (Signal::Interrupt, Mode::Debug) => return,
        }
    }
}

/// Terraform that was killed says no goodbye; the connection it leaves behind does.
async fn orphaned(clients: &Clients) -> Cause {
    if !clients.arrive_within(FIRST_CLIENT).await {
        return Cause::NoClient;
    }
    clients.all_gone_for(GRACE_AFTER_LAST_CLIENT).await;
    Cause::ClientsGone
}

/// The id of the parent changes when the parent dies, since somebody must inherit its children. It also covers a
/// Terraform that died before it connected, and a connection that a stray copy of its descriptor keeps open.
#[cfg(unix)]
async fn parent_gone() {
    use std::os::unix::process::parent_id;

    let parent = parent_id();
    while parent_id() == parent {
        tokio::time::sleep(PARENT_POLL).await;
    }
}

/// Windows keeps the id of a dead parent; there the connection alone tells.
#[cfg(windows)]
async fn parent_gone() {
    std::future::pending().await
}
