//! Reads files that users name: regular files only, bounded in size and time. Does not know their content.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// The maximum size of a file. A bundle of all public certificate authorities is a quarter of this size.
pub const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// The maximum time to read a file. A disconnected network drive never responds.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a file was not read. Holds neither path nor content.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system reported an error.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A folder, pipe, socket or device. Reading it might never end, or never start.
    #[error("it is not a regular file")]
    NotRegular,
    /// The file is larger than [`MAX_FILE_BYTES`].
    #[error("it is larger than {MAX_FILE_BYTES} bytes")]
    TooLarge,
    /// The system did not respond.
    #[error("the system did not deliver it within {} seconds", .0.as_secs())]
    TimedOut(Duration),
}

/// The content of a regular file of at most [`MAX_FILE_BYTES`]. Blocks for up to ten seconds, so async code calls
/// [`read_async`].
pub fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    let path = path.to_owned();
    run_with_timeout(READ_TIMEOUT, move || read_regular_file(&path))
}

/// Runs [`read`] on Tokio's pool of blocking threads.
pub async fn read_async(path: PathBuf) -> Result<Vec<u8>, FileError> {
    let task = tokio::task::spawn_blocking(move || read(&path));
    task.await.unwrap_or_else(|error| Err(io::Error::other(error).into()))
}

/// Runs `work` on a separate thread. A thread that hangs in a system call is abandoned and ends with the process.
fn run_with_timeout<T: Send + 'static>(
    timeout: Duration,
    work: impl FnOnce() -> Result<T, FileError> + Send + 'static,
) -> Result<T, FileError> {
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::Builder::new().name("file".to_owned()).spawn(move || sender.send(work()))?;
    receiver.recv_timeout(timeout).unwrap_or_else(|error| match error {
        RecvTimeoutError::Timeout => Err(FileError::TimedOut(timeout)),
        RecvTimeoutError::Disconnected => Err(io::Error::other("reading it panicked").into()),
    })
}

fn read_regular_file(path: &Path) -> Result<Vec<u8>, FileError> {
    let file = open(path)?;
    // Checks the open handle, because the path may name another file a moment later.
    if !file.metadata()?.is_file() {
        return Err(FileError::NotRegular);
    }
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE_BYTES { Err(FileError::TooLarge) } else { Ok(bytes) }
}

/// Opens a file for reading. Does not wait for the other end of a pipe.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;

    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(path: &Path) -> String {
        read(path).unwrap_err().to_string()
    }

    #[test]
    fn a_regular_file_is_read_up_to_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let limit = usize::try_from(MAX_FILE_BYTES).unwrap();
        std::fs::write(&path, vec![b'x'; limit]).unwrap();
        assert_eq!(read(&path).unwrap().len(), limit);
        std::fs::write(&path, vec![b'x'; limit + 1]).unwrap();
        assert_eq!(message(&path), "it is larger than 1048576 bytes");
        assert!(message(&folder.path().join("absent")).contains("os error 2"));
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_a_device_and_a_folder_are_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for path in [pipe.as_path(), Path::new("/dev/zero"), folder.path()] {
            assert_eq!(message(path), "it is not a regular file", "{}", path.display());
        }
    }

    #[test]
    fn a_read_without_a_response_times_out() {
        let (_sender, receiver) = mpsc::channel::<()>();
        let timeout = Duration::from_millis(10);
        let result = run_with_timeout::<()>(timeout, move || {
            let _ = receiver.recv();
            Ok(())
        });
        assert!(matches!(result, Err(FileError::TimedOut(_))), "{result:?}");
    }
}
