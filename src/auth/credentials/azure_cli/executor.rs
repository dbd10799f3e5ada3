//! Runs the Azure CLI so that no process of it outlives the caller. Does not parse its output.

use std::ffi::{OsStr, OsString};
use std::io;
use std::process::{Output, Stdio};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use azure_identity::Executor;
use tokio::process::Command;

/// Runs a program in its own process group, with only this environment, and keeps its output.
pub(super) struct GroupExecutor {
    environment: Vec<(OsString, OsString)>,
    output: Mutex<Option<Output>>,
}

impl GroupExecutor {
    pub(super) fn new(environment: Vec<(OsString, OsString)>) -> Self {
        Self { environment, output: Mutex::default() }
    }

    /// The output and exit status of the program.
    pub(super) fn take_output(&self) -> Option<Output> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[async_trait]
impl Executor for GroupExecutor {
    async fn run(&self, program: &OsStr, args: &[&OsStr]) -> io::Result<Output> {
        let mut command = Command::new(program);
        // Standard output belongs to the handshake with Terraform, and a prompt on standard input would wait forever.
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.args(args).env_clear().envs(self.environment.iter().cloned()).kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let child = command.spawn()?;
        let group = ProcessGroup::of(&child);
        let output = child.wait_with_output().await?;
        group.release();
        *self.output.lock().unwrap_or_else(PoisonError::into_inner) = Some(output.clone());
        Ok(output)
    }
}

/// Hides the output, which contains a token.
impl std::fmt::Debug for GroupExecutor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GroupExecutor").finish_non_exhaustive()
    }
}

/// Kills the process group when dropped: `az` is a shell script that starts Python.
#[cfg(unix)]
struct ProcessGroup(Option<rustix::process::Pid>);

#[cfg(unix)]
impl ProcessGroup {
    fn of(child: &tokio::process::Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(rustix::process::Pid::from_raw))
    }

    /// The program has exited, and the system may reuse its id.
    fn release(mut self) {
        self.0 = None;
    }
}

#[cfg(unix)]
impl Drop for ProcessGroup {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // It may have exited already.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

/// Windows has no such groups. The program itself is killed all the same.
#[cfg(not(unix))]
struct ProcessGroup;

#[cfg(not(unix))]
impl ProcessGroup {
    fn of(_child: &tokio::process::Child) -> Self {
        Self
    }

    fn release(self) {}
}
