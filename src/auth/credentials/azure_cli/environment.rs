//! What the Azure CLI gets to see of the environment: what it needs to run, to find its sign-in and to reach the
//! network. Not the secrets of other methods, nor what Terraform has handed to this process.

use std::ffi::{OsStr, OsString};

/// Compared without case, as Windows does.
const NAMES: &[&str] = &[
    // To run: the shell, Python, and the folders of the user.
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
    // The same on Windows.
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
    // Where its sign-in and its extensions are.
    "AZURE_CONFIG_DIR",
    "AZURE_EXTENSION_DIR",
    // In Cloud Shell the CLI asks this address, which is on the same machine.
    "MSI_ENDPOINT",
    "ACC_CLOUD",
    // The way out.
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// The language of messages, and the CLI's own settings without those of other tools.
const PREFIXES: &[&str] = &["LC_", "AZURE_CORE_"];

/// Those of the variables that the CLI may see.
pub(super) fn allowed(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> impl Iterator<Item = (OsString, OsString)> {
    variables.into_iter().filter(|(name, _)| is_allowed(name))
}

fn is_allowed(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return false };
    let name = name.to_ascii_uppercase();
    NAMES.contains(&name.as_str()) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
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
