//! What Terraform asks for through environment variables, read once at the start. Not the log variables
//! ([`super::log`]), and no judgement on values that only one platform uses.

use std::ffi::OsString;
use std::path::PathBuf;

/// The value by which go-plugin hosts and plugins of Terraform know each other. It is public and protects nothing;
/// it only tells a person at the prompt from Terraform.
const MAGIC_COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// The requests of the process that started us.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// Whether `TF_PLUGIN_MAGIC_COOKIE` is there and right.
    pub cookie_matches: bool,
    /// `PLUGIN_PROTOCOL_VERSIONS`, a list with commas in any order.
    pub offered_versions: Option<String>,
    /// `PLUGIN_CLIENT_CERT`, PEM. Its presence asks for mutual TLS; the empty text is absence, as in go-plugin.
    pub client_certificate: Option<String>,
    /// Whether `PLUGIN_MULTIPLEX_GRPC` is set, to anything.
    pub asks_for_multiplexing: bool,
    /// `PLUGIN_UNIX_SOCKET_DIR`: where the socket must be.
    pub socket_directory: Option<PathBuf>,
    /// `PLUGIN_UNIX_SOCKET_GROUP`: name or number of a group that may connect as well.
    pub socket_group: Option<String>,
    /// The directory for temporary files, where the socket goes otherwise.
    pub temporary_directory: PathBuf,
    /// `PLUGIN_MIN_PORT` as given. Only Windows listens on a port.
    pub min_port: Option<String>,
    /// `PLUGIN_MAX_PORT` as given.
    pub max_port: Option<String>,
}

impl Environment {
    /// Reads the environment of this process.
    pub fn from_process() -> Self {
        let temporary_directory = std::env::temp_dir();
        Self { temporary_directory, ..Self::from_variables(|name| std::env::var_os(name)) }
    }

    fn from_variables(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let filled = |name: &str| variable(name).filter(|value| !value.is_empty());
        let text = |name: &str| filled(name).map(|value| value.to_string_lossy().into_owned());
        Self {
            cookie_matches: variable("TF_PLUGIN_MAGIC_COOKIE").is_some_and(|value| value == MAGIC_COOKIE),
            offered_versions: text("PLUGIN_PROTOCOL_VERSIONS"),
            client_certificate: text("PLUGIN_CLIENT_CERT"),
            asks_for_multiplexing: variable("PLUGIN_MULTIPLEX_GRPC").is_some(),
            socket_directory: filled("PLUGIN_UNIX_SOCKET_DIR").map(PathBuf::from),
            socket_group: text("PLUGIN_UNIX_SOCKET_GROUP"),
            temporary_directory: PathBuf::new(),
            min_port: text("PLUGIN_MIN_PORT"),
            max_port: text("PLUGIN_MAX_PORT"),
        }
    }

    /// Whether protocol 6 is among the offered versions. If not, it is answered all the same, as the Go library does:
    /// Terraform then explains the mismatch with both numbers, better than we could.
    pub fn offers_our_version(&self) -> bool {
        let offered = self.offered_versions.as_deref().unwrap_or_default();
        offered.split(',').any(|version| version.trim() == "6")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        Environment::from_variables(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn only_the_right_cookie_matches() {
        assert!(environment(&[("TF_PLUGIN_MAGIC_COOKIE", MAGIC_COOKIE)]).cookie_matches);
        assert!(!environment(&[("TF_PLUGIN_MAGIC_COOKIE", "another")]).cookie_matches);
        assert!(!environment(&[]).cookie_matches);
    }

    #[test]
    fn version_6_is_found_in_any_place_of_the_list() {
        for list in ["5,6", "6,5", "6", "4, 6"] {
            assert!(environment(&[("PLUGIN_PROTOCOL_VERSIONS", list)]).offers_our_version(), "{list}");
        }
        for list in ["4,5", "", "16", "6.0"] {
            assert!(!environment(&[("PLUGIN_PROTOCOL_VERSIONS", list)]).offers_our_version(), "{list}");
        }
        assert!(!environment(&[]).offers_our_version());
    }

    #[test]
    fn an_empty_variable_counts_as_absent_except_for_multiplexing() {
        let names =
            ["PLUGIN_CLIENT_CERT", "PLUGIN_UNIX_SOCKET_DIR", "PLUGIN_UNIX_SOCKET_GROUP", "PLUGIN_MIN_PORT"];
        let read = environment(&names.map(|name| (name, "")));
        assert_eq!(read.client_certificate, None);
        assert_eq!(read.socket_directory, None);
        assert_eq!(read.socket_group, None);
        assert_eq!(read.min_port, None);
        assert!(environment(&[("PLUGIN_MULTIPLEX_GRPC", "")]).asks_for_multiplexing);
    }
}
