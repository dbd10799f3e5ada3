//! A unix socket in a private directory: where it may be, who may use it, and that it goes away. Nothing about what
//! is said over it.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::net::{UnixListener, UnixStream};

use crate::plugin::environment::Environment;
use crate::plugin::error::Error;

/// The longest path, in bytes, that fits into the address of a socket with its closing zero.
const PATH_LIMIT_BYTES: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// Where the socket goes when the directory for temporary files has too long a name.
const SHORT_DIRECTORY: &str = "/tmp";

const DIRECTORY_PREFIX: &str = "defender-";
const RANDOM_CHARACTERS: usize = 12;
const SOCKET_NAME: &str = "s";

/// A listening socket, alone in a directory with an unpredictable name. Both go when it is dropped.
#[derive(Debug)]
pub struct UnixSocket {
    listener: UnixListener,
    path: String,
    // Held for its drop, which removes the directory and the socket in it.
    _directory: TempDir,
}

impl UnixSocket {
    /// Opens a socket that its owner, and the group that the environment names if any, can connect to.
    pub fn open(environment: &Environment) -> Result<Self, Error> {
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

    /// The socket's path. It is text without the characters that the handshake line gives a meaning.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The next connection.
    pub async fn accept(&self) -> io::Result<UnixStream> {
        self.listener.accept().await.map(|(socket, _)| socket)
    }
}

/// `PLUGIN_UNIX_SOCKET_DIR` if given, and then no other: the host may be able to reach the socket only there.
/// Otherwise the directory for temporary files, or a shorter one if a socket's path in it would be too long.
fn parent_directory(environment: &Environment) -> Result<PathBuf, Error> {
    let chosen = environment.socket_directory.as_ref();
    let wanted = chosen.unwrap_or(&environment.temporary_directory);
    // Terraform may have another working directory than we do.
    let absolute = std::path::absolute(wanted).unwrap_or_else(|_| wanted.clone());
    match (unfit(&absolute), chosen) {
        (None, _) => Ok(absolute),
        (Some(_), None) => Ok(PathBuf::from(SHORT_DIRECTORY)),
        (Some(reason), Some(_)) => Err(Error::Socket {
            directory: absolute,
            reason: format!("{reason}; see PLUGIN_UNIX_SOCKET_DIR"),
        }),
    }
}

/// Why no socket in `directory` can be announced, if so.
fn unfit(directory: &Path) -> Option<String> {
    let Some(text) = directory.to_str() else {
        return Some("its name is not UTF-8, which the handshake needs".to_owned());
    };
    if !directory.is_absolute() {
        return Some("it has no absolute path".to_owned());
    }
    if text.contains(|character: char| character == '|' || character.is_control()) {
        return Some("its name holds a character that would break the handshake line".to_owned());
    }
    // Two separators at most: a directory may end with one, or not.
    let length = text.len() + 1 + DIRECTORY_PREFIX.len() + RANDOM_CHARACTERS + 1 + SOCKET_NAME.len();
    (length > PATH_LIMIT_BYTES).then(|| {
        format!(
            "a socket's path in it would be {length} bytes long, and this system allows {PATH_LIMIT_BYTES}"
        )
    })
}

/// Lets a group connect: it may pass through the directory (not list it) and use the socket.
fn share_with_group(directory: &Path, socket: &Path, group: &str) -> Result<(), Error> {
    let failed = |reason: String| Error::SocketGroup { group: group.to_owned(), reason };
    let groups = || std::fs::read_to_string("/etc/group").unwrap_or_default();
    let id = group_id(group, groups).ok_or_else(|| {
        failed(
            "/etc/group has no such name; give the group's number if it comes from a directory service"
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

/// A number is taken as it is, as go-plugin does; a name is looked up in lines of the form `name:password:number:members`.
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

    fn environment(temporary: &str, chosen: Option<&str>) -> Environment {
        Environment {
            temporary_directory: PathBuf::from(temporary),
            socket_directory: chosen.map(PathBuf::from),
            ..Environment::default()
        }
    }

    #[test]
    fn the_socket_goes_to_the_directory_for_temporary_files() {
        assert_eq!(parent_directory(&environment("/var/tmp", None)).unwrap(), Path::new("/var/tmp"));
    }

    #[test]
    fn a_long_or_unspeakable_temporary_directory_gives_way_to_a_short_one() {
        // Without a name, too: that is how an empty TMPDIR arrives.
        for name in
            [format!("/{}", "t".repeat(90)), "/tmp/a|b".to_owned(), "/tmp/a\nb".to_owned(), String::new()]
        {
            assert_eq!(parent_directory(&environment(&name, None)).unwrap(), Path::new("/tmp"), "{name:?}");
        }
    }

    #[test]
    fn a_directory_that_was_asked_for_is_used_or_refused_but_never_replaced() {
        assert_eq!(parent_directory(&environment("/tmp", Some("/run"))).unwrap(), Path::new("/run"));
        let long = format!("/{}", "t".repeat(90));
        let error = parent_directory(&environment("/tmp", Some(&long))).unwrap_err().to_string();
        assert!(error.contains("bytes long") && error.contains("PLUGIN_UNIX_SOCKET_DIR"), "{error}");
    }

    #[test]
    fn the_longest_directory_that_is_accepted_gives_a_path_within_the_limit() {
        let longest =
            (1..PATH_LIMIT_BYTES).rev().map(|n| "/".repeat(n)).find(|name| unfit(Path::new(name)).is_none());
        let socket =
            format!("{}/{DIRECTORY_PREFIX}{}/{SOCKET_NAME}", longest.unwrap(), "x".repeat(RANDOM_CHARACTERS));
        assert_eq!(socket.len(), PATH_LIMIT_BYTES);
    }

    #[test]
    fn a_group_is_a_number_or_a_name_of_the_group_file() {
        let groups = || "root:x:0:\nstaff:x:50:ann,bob\nodd\n".to_owned();
        assert_eq!(group_id("1000", groups), Some(1000));
        assert_eq!(group_id("staff", groups), Some(50));
        assert_eq!(group_id("odd", groups), None);
        assert_eq!(group_id("nobody", groups), None);
    }

    #[tokio::test]
    async fn directory_and_socket_are_the_owners_alone_and_go_when_dropped() {
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
    async fn a_group_gets_the_socket_and_the_way_to_it() {
        use std::os::unix::fs::MetadataExt;
        let parent = tempfile::tempdir().unwrap();
        // Our own group: nobody needs a privilege to hand a file to it.
        let own = parent.path().metadata().unwrap().gid();
        let mut chosen = environment("", Some(parent.path().to_str().unwrap()));
        chosen.socket_group = Some(own.to_string());
        let socket = UnixSocket::open(&chosen).unwrap();
        let metadata = Path::new(socket.path()).metadata().unwrap();
        assert_eq!((metadata.mode() & 0o777, metadata.gid()), (0o660, own));
        let directory = Path::new(socket.path()).parent().unwrap().metadata().unwrap();
        assert_eq!((directory.mode() & 0o777, directory.gid()), (0o710, own));
    }

    #[tokio::test]
    async fn a_missing_directory_is_an_error_that_names_it() {
        let error = UnixSocket::open(&environment("", Some("/does-not-exist"))).unwrap_err().to_string();
        assert!(error.starts_with("no socket can be made in /does-not-exist: "), "{error}");
    }
}
