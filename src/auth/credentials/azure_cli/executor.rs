//! Runs the Azure CLI so that nothing of it outlives whoever waits. Does not read what it prints.

use std::ffi::{OsStr, OsString};
use std::io;
use std::process::{Output, Stdio};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use azure_identity::Executor;
use tokio::process::Command;

/// Runs a program in a process group of its own, with this environment and no other, and keeps its output.
pub(super) struct GroupExecutor {
    environment: Vec<(OsString, OsString)>,
    output: Mutex<Option<Output>>,
}

impl GroupExecutor {
    pub(super) fn new(environment: Vec<(OsString, OsString)>) -> Self {
        Self { environment, output: Mutex::default() }
    }

    /// What the program printed and how it ended.
    pub(super) fn output(&self) -> Option<Output> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[async_trait]
impl Executor for GroupExecutor {
    async fn run(&self, program: &OsStr, args: &[&OsStr]) -> io::Result<Output> {
        let mut command = Command::new(program);
        // Terraform talks with us over standard output, and a program that asks a question would wait for ever.
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.args(args).env_clear().envs(self.environment.iter().cloned()).kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let child = command.spawn()?;
        let group = Group::of(&child);
        let output = child.wait_with_output().await?;
        group.ended();
        *self.output.lock().unwrap_or_else(PoisonError::into_inner) = Some(output.clone());
        Ok(output)
    }
}

/// Prints nothing of the output, which holds a token.
impl std::fmt::Debug for GroupExecutor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GroupExecutor").finish_non_exhaustive()
    }
}

/// A process group that is ended when this is dropped: `az` is a shell script that starts Python.
#[cfg(unix)]
struct Group(Option<rustix::process::Pid>);

#[cfg(unix)]
impl Group {
    fn of(child: &tokio::process::Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(rustix::process::Pid::from_raw))
    }

    /// The program has ended by itself, and its id may soon be another's.
    fn ended(mut self) {
        self.0 = None;
    }
}

#[cfg(unix)]
impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // It may be gone already.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

/// Windows has no such groups; the program itself is ended all the same.
#[cfg(not(unix))]
struct Group;

#[cfg(not(unix))]
impl Group {
    fn of(_child: &tokio::process::Child) -> Self {
        Self
    }

    fn ended(self) {}
}
