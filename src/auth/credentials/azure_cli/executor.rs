//! Runs the Azure CLI and kills its processes if the caller stops waiting. Does not parse its output.

use std::ffi::{OsStr, OsString};
use std::io;
use std::process::{Output, Stdio};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use azure_identity::Executor;
use tokio::process::Command;

/// Runs a program in its own process group, with only the variables of `environment`, and stores its output.
pub(super) struct ProcessGroupExecutor {
    environment: Vec<(OsString, OsString)>,
    output: Mutex<Option<Output>>,
}

impl ProcessGroupExecutor {
    pub(super) fn new(environment: Vec<(OsString, OsString)>) -> Self {
        Self { environment, output: Mutex::default() }
    }

    /// Removes and returns the stored output and exit status of the program.
    pub(super) fn take_output(&self) -> Option<Output> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[async_trait]
impl Executor for ProcessGroupExecutor {
    async fn run(&self, program: &OsStr, args: &[&OsStr]) -> io::Result<Output> {
        let mut command = Command::new(program);
        // Our standard output is reserved for the handshake with Terraform. A prompt on standard input would wait
        // forever.
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.args(args).env_clear().envs(self.environment.iter().cloned()).kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let child = command.spawn()?;
        let id = child.id();
        let mut pending_output = std::pin::pin!(child.wait_with_output());
        // Dropped before `pending_output`, whose drop kills only the program itself.
        let tree = ProcessTree(id);
        let output = pending_output.as_mut().await?;
        tree.release();
        *self.output.lock().unwrap_or_else(PoisonError::into_inner) = Some(output.clone());
        Ok(output)
    }
}

/// Hides the output, which contains a token.
impl std::fmt::Debug for ProcessGroupExecutor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProcessGroupExecutor").finish_non_exhaustive()
    }
}

/// The program and the processes that it has started: `az` is a script that starts Python. Dropping this value kills
/// them all.
struct ProcessTree(Option<u32>);

impl ProcessTree {
    /// Kills nothing. To be called after the program has exited, because the system may then reuse its process ID.
    fn release(mut self) {
        self.0 = None;
    }
}

impl Drop for ProcessTree {
    fn drop(&mut self) {
        if let Some(id) = self.0 {
            kill_tree(id);
        }
    }
}

/// Kills the process group, which has the id of the program.
#[cfg(unix)]
fn kill_tree(id: u32) {
    use rustix::process::{Pid, Signal, kill_process_group};

    if let Some(group) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        // The group may have exited already.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// Windows has no process groups. `taskkill` finds the processes by their parents, so the program must still run.
#[cfg(windows)]
fn kill_tree(id: u32) {
    let system = std::env::var_os("SystemRoot").unwrap_or_else(|| "C:\\Windows".into());
    let program = std::path::Path::new(&system).join("System32").join("taskkill.exe");
    let _ = std::process::Command::new(program)
        .args(["/F", "/T", "/PID", &id.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}
