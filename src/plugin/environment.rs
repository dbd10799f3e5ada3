//! Reads the environment variables with which Terraform configures the plugin. [`super::log`] reads the log
//! variables. Values for one platform are validated where they are used.

use std::ffi::OsString;
use std::path::PathBuf;

/// The cookie that Terraform passes to its plugins. It is public and protects nothing; it only detects that a person
/// started the process by hand.
const MAGIC_COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// The settings that the parent process passes in environment variables.
#[derive(Debug, Clone, Default)]
pub struct PluginEnvironment {
    /// Whether `TF_PLUGIN_MAGIC_COOKIE` is set and correct.
    pub cookie_matches: bool,
    /// `PLUGIN_PROTOCOL_VERSIONS`, a comma-separated list in any order.
    pub offered_versions: Option<String>,
    /// `PLUGIN_CLIENT_CERT`, PEM. If set, the client requires mutual TLS. Empty counts as unset, as in go-plugin.
    pub client_certificate: Option<String>,
    /// Whether `PLUGIN_MULTIPLEX_GRPC` is set, to any value.
    pub requests_multiplexing: bool,
    /// `PLUGIN_UNIX_SOCKET_DIR`: the directory that must contain the socket.
    pub socket_directory: Option<PathBuf>,
    /// `PLUGIN_UNIX_SOCKET_GROUP`: name or id of a group that may connect too.
    pub socket_group: Option<String>,
    /// The directory for temporary files, the default location of the socket.
    pub temporary_directory: PathBuf,
    /// `PLUGIN_MIN_PORT`, not parsed. Only Windows listens on a port.
    pub min_port: Option<String>,
    /// `PLUGIN_MAX_PORT`, not parsed.
    pub max_port: Option<String>,
}

impl PluginEnvironment {
    /// Reads the environment of this process.
    pub fn from_process() -> Self {
        let temporary_directory = std::env::temp_dir();
        Self { temporary_directory, ..Self::from_variables(|name| std::env::var_os(name)) }
    }

    fn from_variables(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let non_empty = |name: &str| variable(name).filter(|value| !value.is_empty());
        let text = |name: &str| non_empty(name).map(|value| value.to_string_lossy().into_owned());
        Self {
            cookie_matches: variable("TF_PLUGIN_MAGIC_COOKIE").is_some_and(|value| value == MAGIC_COOKIE),
            offered_versions: text("PLUGIN_PROTOCOL_VERSIONS"),
            client_certificate: text("PLUGIN_CLIENT_CERT"),
            requests_multiplexing: variable("PLUGIN_MULTIPLEX_GRPC").is_some(),
            socket_directory: non_empty("PLUGIN_UNIX_SOCKET_DIR").map(PathBuf::from),
            socket_group: text("PLUGIN_UNIX_SOCKET_GROUP"),
            temporary_directory: PathBuf::new(),
            min_port: text("PLUGIN_MIN_PORT"),
            max_port: text("PLUGIN_MAX_PORT"),
        }
    }

    /// Whether the client offers protocol 6. If not, the process still starts, as Go plugins do, because Terraform
    /// then reports the mismatch with both versions.
    pub fn offers_protocol_6(&self) -> bool {
        let offered = self.offered_versions.as_deref().unwrap_or_default();
        offered.split(',').any(|version| version.trim() == "6")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> PluginEnvironment {
        PluginEnvironment::from_variables(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn only_the_correct_cookie_matches() {
        assert!(environment(&[("TF_PLUGIN_MAGIC_COOKIE", MAGIC_COOKIE)]).cookie_matches);
        assert!(!environment(&[("TF_PLUGIN_MAGIC_COOKIE", "another")]).cookie_matches);
        assert!(!environment(&[]).cookie_matches);
    }

    #[test]
    fn version_6_is_found_anywhere_in_the_list() {
        for list in ["5,6", "6,5", "6", "4, 6"] {
            assert!(environment(&[("PLUGIN_PROTOCOL_VERSIONS", list)]).offers_protocol_6(), "{list}");
        }
        for list in ["4,5", "", "16", "6.0"] {
            assert!(!environment(&[("PLUGIN_PROTOCOL_VERSIONS", list)]).offers_protocol_6(), "{list}");
        }
        assert!(!environment(&[]).offers_protocol_6());
    }

    #[test]
    fn an_empty_variable_counts_as_unset_except_for_multiplexing() {
        let names =
            ["PLUGIN_CLIENT_CERT", "PLUGIN_UNIX_SOCKET_DIR", "PLUGIN_UNIX_SOCKET_GROUP", "PLUGIN_MIN_PORT"];
        let read = environment(&names.map(|name| (name, "")));
        assert_eq!(read.client_certificate, None);
        assert_eq!(read.socket_directory, None);
        assert_eq!(read.socket_group, None);
        assert_eq!(read.min_port, None);
        assert!(environment(&[("PLUGIN_MULTIPLEX_GRPC", "")]).requests_multiplexing);
    }
}
