//! A Unix domain socket in a private directory: its location, its permissions and its removal.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::net::{UnixListener, UnixStream};

use crate::plugin::environment::PluginEnvironment;
use crate::plugin::error::Error;

/// The maximum length of a socket's path, in bytes, without the terminating zero.
const MAX_PATH_BYTES: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// The parent directory if the path of the directory for temporary files is unusable.
const FALLBACK_DIRECTORY: &str = "/tmp";

const DIRECTORY_PREFIX: &str = "defender-";
const RANDOM_CHARACTERS: usize = 12;
const SOCKET_NAME: &str = "s";

/// A listening socket in a directory of its own with an unpredictable name. Dropping it removes both.
#[derive(Debug)]
pub struct UnixSocket {
    listener: UnixListener,
    path: String,
    // Its drop removes the directory and the socket.
    _directory: TempDir,
}

impl UnixSocket {
    /// Opens a socket for its owner and, if the environment names one, a group.
    pub fn open(environment: &PluginEnvironment) -> Result<Self, Error> {
        let parent = parent_directory(environment)?;
        let failed =
            |error: io::Error| Error::Socket { directory: parent.clone(), reason: error.to_string() };
        let directory = tempfile::Builder::new()
            .prefix(DIRECTORY_PREFIX)
            .rand_bytes(RANDOM_CHARACTERS)
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(&parent)
            .map_err(failed)?;
        let path = directory.path().join(SOCKET_NAME);
        let listener = UnixListener::bind(&path).map_err(failed)?;
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(failed)?;
        if let Some(group) = &environment.socket_group {
            share_with_group(directory.path(), &path, group)?;
        }
        Ok(Self { listener, path: path.to_string_lossy().into_owned(), _directory: directory })
    }

    /// The path of the socket. It contains no character with a meaning in the handshake line.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Accepts the next connection.
    pub async fn accept(&self) -> io::Result<UnixStream> {
        self.listener.accept().await.map(|(socket, _)| socket)
    }
}

/// Returns `PLUGIN_UNIX_SOCKET_DIR` if it is set, without a fallback, because the client may be able to reach the
/// socket only there. Otherwise returns the directory for temporary files, or the fallback if its path is unusable.
fn parent_directory(environment: &PluginEnvironment) -> Result<PathBuf, Error> {
    let requested = environment.socket_directory.as_ref();
    let directory = requested.unwrap_or(&environment.temporary_directory);
    // Terraform may have a different working directory.
    let absolute = std::path::absolute(directory).unwrap_or_else(|_| directory.clone());
    match (find_path_problem(&absolute), requested) {
        (None, _) => Ok(absolute),
        (Some(_), None) => Ok(PathBuf::from(FALLBACK_DIRECTORY)),
        (Some(reason), Some(_)) => Err(Error::Socket {
            directory: absolute,
            reason: format!("{reason}; see PLUGIN_UNIX_SOCKET_DIR"),
        }),
    }
}

/// Why a socket in `directory` would be unusable, if it would.
fn find_path_problem(directory: &Path) -> Option<String> {
    let Some(text) = directory.to_str() else {
        return Some("its path is not UTF-8, which the handshake requires".to_owned());
    };
    if !directory.is_absolute() {
        return Some("its path is not absolute".to_owned());
    }
    if text.contains(|character: char| character == '|' || character.is_control()) {
        return Some("its path contains a character that would break the handshake line".to_owned());
    }
    // Counts a separator after the directory even if its path already ends with one.
    let length = text.len() + 1 + DIRECTORY_PREFIX.len() + RANDOM_CHARACTERS + 1 + SOCKET_NAME.len();
    (length > MAX_PATH_BYTES).then(|| {
        format!("a socket's path in it would be {length} bytes long, and this system allows {MAX_PATH_BYTES}")
    })
}

/// Lets a group connect: it may traverse the directory, but not list it, and use the socket.
fn share_with_group(directory: &Path, socket: &Path, group: &str) -> Result<(), Error> {
    let failed = |reason: String| Error::SocketGroup { group: group.to_owned(), reason };
    let groups = || std::fs::read_to_string("/etc/group").unwrap_or_default();
    let id = group_id(group, groups).ok_or_else(|| {
        failed(
            "/etc/group has no such group; if it comes from a directory service, use its numeric id"
                .to_owned(),
        )
    })?;
    for (path, mode) in [(directory, 0o710), (socket, 0o660)] {
        chown(path, None, Some(id))
            .and_then(|()| std::fs::set_permissions(path, Permissions::from_mode(mode)))
            .map_err(|error| failed(error.to_string()))?;
    }
    Ok(())
}

/// Returns a numeric id unchanged, like go-plugin, and looks up a name in lines of the form
/// `name:password:id:members`.
fn group_id(group: &str, groups: impl FnOnce() -> String) -> Option<u32> {
    if let Ok(number) = group.parse() {
        return Some(number);
    }
    groups().lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(group)).then(|| fields.nth(1)?.parse().ok()).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(temporary: &str, chosen: Option<&str>) -> PluginEnvironment {
        PluginEnvironment {
            temporary_directory: PathBuf::from(temporary),
            socket_directory: chosen.map(PathBuf::from),
            ..PluginEnvironment::default()
        }
    }

    #[test]
    fn the_default_is_the_directory_for_temporary_files() {
        assert_eq!(parent_directory(&environment("/var/tmp", None)).unwrap(), Path::new("/var/tmp"));
    }

    #[test]
    fn an_unusable_temporary_directory_is_replaced_by_the_fallback() {
        // An empty TMPDIR is an empty path.
        for name in
            [format!("/{}", "t".repeat(90)), "/tmp/a|b".to_owned(), "/tmp/a\nb".to_owned(), String::new()]
        {
            assert_eq!(parent_directory(&environment(&name, None)).unwrap(), Path::new("/tmp"), "{name:?}");
        }
    }

    #[test]
    fn a_requested_directory_is_used_or_rejected_but_never_replaced() {
        assert_eq!(parent_directory(&environment("/tmp", Some("/run"))).unwrap(), Path::new("/run"));
        let long = format!("/{}", "t".repeat(90));
        let error = parent_directory(&environment("/tmp", Some(&long))).unwrap_err().to_string();
        assert!(error.contains("bytes long") && error.contains("PLUGIN_UNIX_SOCKET_DIR"), "{error}");
    }

    #[test]
    fn the_longest_accepted_directory_gives_the_longest_allowed_path() {
        let longest = (1..MAX_PATH_BYTES)
            .rev()
            .map(|n| "/".repeat(n))
            .find(|name| find_path_problem(Path::new(name)).is_none());
        let socket =
            format!("{}/{DIRECTORY_PREFIX}{}/{SOCKET_NAME}", longest.unwrap(), "x".repeat(RANDOM_CHARACTERS));
        assert_eq!(socket.len(), MAX_PATH_BYTES);
    }

    #[test]
    fn a_group_is_an_id_or_a_name_in_the_group_file() {
        let groups = || "root:x:0:\nstaff:x:50:ann,bob\nodd\n".to_owned();
        assert_eq!(group_id("1000", groups), Some(1000));
        assert_eq!(group_id("staff", groups), Some(50));
        assert_eq!(group_id("odd", groups), None);
        assert_eq!(group_id("nobody", groups), None);
    }

    #[tokio::test]
    async fn directory_and_socket_are_private_and_removed_on_drop() {
        let parent = tempfile::tempdir().unwrap();
        let chosen = environment("", Some(parent.path().to_str().unwrap()));
        let socket = UnixSocket::open(&chosen).unwrap();
        let path = PathBuf::from(socket.path());
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        drop(socket);
        assert_eq!(parent.path().read_dir().unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_group_can_reach_and_use_the_socket() {
        use std::os::unix::fs::MetadataExt;
        let parent = tempfile::tempdir().unwrap();
        // Giving a file to the process's own group needs no privilege.
        let group = parent.path().metadata().unwrap().gid();
        let mut chosen = environment("", Some(parent.path().to_str().unwrap()));
        chosen.socket_group = Some(group.to_string());
        let socket = UnixSocket::open(&chosen).unwrap();
        let metadata = Path::new(socket.path()).metadata().unwrap();
        assert_eq!((metadata.mode() & 0o777, metadata.gid()), (0o660, group));
        let directory = Path::new(socket.path()).parent().unwrap().metadata().unwrap();
        assert_eq!((directory.mode() & 0o777, directory.gid()), (0o710, group));
    }

    #[tokio::test]
    async fn a_missing_directory_is_an_error() {
        let error = UnixSocket::open(&environment("", Some("/does-not-exist"))).unwrap_err().to_string();
        assert!(error.starts_with("the socket cannot be created in /does-not-exist: "), "{error}");
    }
}
