//! Decides when the process ends. The caller then triggers [`super::shutdown::ShutdownSignal`] and exits.

use std::fmt;
use std::time::Duration;

use crate::plugin::connection::Clients;
use crate::plugin::mode::Mode;
use crate::plugin::shutdown::ShutdownSignal;
use crate::plugin::signals::{Signal, Signals};

/// The time limit for the first client. Terraform connects within milliseconds and gives up after a minute.
const FIRST_CLIENT_TIMEOUT: Duration = Duration::from_mins(1);

/// The time for a client to reconnect. Terraform keeps one connection until it is done.
const GRACE_AFTER_LAST_CLIENT: Duration = Duration::from_secs(2);

/// How often to check for the parent process.
#[cfg(unix)]
const PARENT_POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Why the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitReason {
    /// The client called `Shutdown`.
    Shutdown,
    /// A signal asked the process to end.
    Signal,
    /// No client connected.
    NoClient,
    /// The last client disconnected without calling `Shutdown`.
    ClientsGone,
    /// The parent process has exited.
    ParentGone,
}

impl fmt::Display for ExitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shutdown => "Shutdown was called",
            Self::Signal => "a signal was received",
            Self::NoClient => "no client connected within a minute",
            Self::ClientsGone => "the last client disconnected",
            Self::ParentGone => "the parent process exited",
        })
    }
}

/// Waits until the process has to end.
pub async fn wait_for_exit(
    mode: Mode,
    shutdown: &ShutdownSignal,
    clients: &Clients,
    signals: Signals,
) -> ExitReason {
    tokio::select! {
        () = shutdown.triggered() => ExitReason::Shutdown,
        () = wait_for_ending_signal(mode, signals) => ExitReason::Signal,
        reason = wait_for_client_loss(clients), if mode == Mode::Hosted => reason,
        () = wait_for_parent_exit(), if mode == Mode::Hosted => ExitReason::ParentGone,
    }
}

/// Waits for a signal that ends the process. Under Terraform, interrupts are ignored: they go to the whole process
/// group, and Terraform itself calls `StopProvider` and waits for running calls. In debug mode, an interrupt ends the
/// process.
async fn wait_for_ending_signal(mode: Mode, mut signals: Signals) {
    loop {
        match (signals.next().await, mode) {
            (Signal::Interrupt, Mode::Hosted) => {
                tracing::debug!("Ignoring an interrupt, because Terraform stops running calls itself");
            }
            (Signal::Terminate, _) | (Signal::Interrupt, Mode::Debug) => return,
        }
    }
}

/// Waits until all clients are gone. A Terraform that was killed does not call `Shutdown`, but its connection closes.
async fn wait_for_client_loss(clients: &Clients) -> ExitReason {
    if !clients.wait_for_first(FIRST_CLIENT_TIMEOUT).await {
        return ExitReason::NoClient;
    }
    clients.wait_until_idle(GRACE_AFTER_LAST_CLIENT).await;
    ExitReason::ClientsGone
}

/// Waits until the parent's id changes, which happens when the parent exits. Also covers a Terraform that died before
/// it connected, and a connection that an inherited file descriptor keeps open.
#[cfg(unix)]
async fn wait_for_parent_exit() {
    use std::os::unix::process::parent_id;

    let parent = parent_id();
    while parent_id() == parent {
        tokio::time::sleep(PARENT_POLL_INTERVAL).await;
    }
}

/// Windows keeps the id of an exited parent, so only the connection shows its end.
#[cfg(windows)]
async fn wait_for_parent_exit() {
    std::future::pending::<()>().await;
}
