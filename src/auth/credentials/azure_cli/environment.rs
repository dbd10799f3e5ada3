//! The environment of the Azure CLI: what it needs to run, to find its sign-in and to reach the network. Leaves out the
//! secrets of other methods and what Terraform passes to this process.

use std::ffi::{OsStr, OsString};

/// The names are compared ignoring case, as on Windows.
const ALLOWED_NAMES: &[&str] = &[
    // To run: the shell, Python and the user's folders.
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMPDIR",
    "TMP",
    "TEMP",
    "LD_LIBRARY_PATH",
    "PYTHONHOME",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
    // To run on Windows.
    "SYSTEMROOT",
    "SYSTEMDRIVE",
    "WINDIR",
    "COMSPEC",
    "PATHEXT",
    "OS",
    "USERNAME",
    "USERDOMAIN",
    "USERPROFILE",
    "HOMEDRIVE",
    "HOMEPATH",
    "APPDATA",
    "LOCALAPPDATA",
    "PROGRAMDATA",
    "PROGRAMFILES",
    "PROGRAMFILES(X86)",
    "PROGRAMW6432",
    "PROCESSOR_ARCHITECTURE",
    "NUMBER_OF_PROCESSORS",
    // To find the CLI's sign-in and extensions.
    "AZURE_CONFIG_DIR",
    "AZURE_EXTENSION_DIR",
    // To request a token in Cloud Shell, from a service on the same machine.
    "MSI_ENDPOINT",
    "ACC_CLOUD",
    // To reach the network.
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// `LC_*` sets the language of messages; `AZURE_CORE_*` holds the CLI's settings.
const ALLOWED_PREFIXES: &[&str] = &["LC_", "AZURE_CORE_"];

/// Keeps the variables that the CLI may read.
pub(super) fn filter_allowed(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> impl Iterator<Item = (OsString, OsString)> {
    variables.into_iter().filter(|(name, _)| is_allowed(name))
}

fn is_allowed(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return false };
    let name = name.to_ascii_uppercase();
    ALLOWED_NAMES.contains(&name.as_str()) || ALLOWED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_other_methods_and_of_terraform_are_left_out() {
        for name in [
            "ARM_CLIENT_SECRET",
            "AZURE_CLIENT_SECRET",
            "AZURE_CLIENT_CERTIFICATE_PASSWORD",
            "DEFENDER_ACCESS_TOKEN",
            "PLUGIN_CLIENT_CERT",
            "TF_PLUGIN_MAGIC_COOKIE",
            "TF_VAR_secret",
            "IDENTITY_HEADER",
            "MSI_SECRET",
            "SYSTEM_ACCESSTOKEN",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
            "GITHUB_TOKEN",
        ] {
            assert!(!is_allowed(OsStr::new(name)), "{name}");
        }
        for name in ["PATH", "Path", "HOME", "https_proxy", "LC_ALL", "AZURE_CONFIG_DIR", "SystemRoot"] {
            assert!(is_allowed(OsStr::new(name)), "{name}");
        }
    }
}
