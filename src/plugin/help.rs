//! The help texts, and the message of a failed start. [`super::debug`] holds the instructions of debug mode.

use std::ffi::OsStr;
use std::io::Write;
use std::process::ExitCode;

use crate::plugin::error::Error;

/// Prints `text` on stdout. Returns status 0 even if stdout is closed.
pub fn print(text: &str) -> ExitCode {
    let _ = std::io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

/// Reports an unknown argument on stderr. Returns status 2.
pub fn report_unknown_argument(argument: &OsStr) -> ExitCode {
    let text = format!(
        "terraform-provider-defender: unknown argument \"{}\".\n\
         The arguments are check [--plan], probe [--yes] [--json] [--group ID], -debug, --version and --help. Terraform \
         starts it without arguments.\n",
        argument.display()
    );
    let _ = std::io::stderr().write_all(text.as_bytes());
    ExitCode::from(2)
}

/// The output of `--version`, one line.
pub fn version() -> String {
    format!("terraform-provider-defender {} (Terraform plugin protocol 6)\n", env!("CARGO_PKG_VERSION"))
}

/// The output of `--help`.
pub fn usage() -> String {
    format!("{}\n{OPTIONS}", introduction())
}

/// The message on stderr if the process cannot start. It begins with `fatal error: `, one of the two forms that
/// Terraform shows to the user instead of only logging them.
pub fn start_failure(error: &Error) -> String {
    if let Error::NotStartedByTerraform = error {
        return format!("This program is a plugin that Terraform or OpenTofu starts.\n\n{}", usage());
    }
    format!("fatal error: terraform-provider-defender cannot start: {error}\n")
}

fn introduction() -> String {
    format!(
        "terraform-provider-defender {}: the Defender provider for Terraform and OpenTofu.\n\
         It manages the assignments of the Intune policy that onboards Windows devices to Microsoft Defender for\n\
         Endpoint.\n\
         \n\
         Terraform runs it; the commands for a person are \"check\" and \"probe\". To install it, name it in a configuration\n\
         and run \"terraform init\":\n\
         \n\
         \x20   terraform {{\n\
         \x20     required_providers {{\n\
         \x20       defender = {{ source = \"defender-atp/defender\" }}\n\
         \x20     }}\n\
         \x20   }}\n\
         \n\
         To use a binary that you built yourself, set \"dev_overrides\" or a \"filesystem_mirror\" in the CLI\n\
         configuration file, as README.md shows.\n",
        env!("CARGO_PKG_VERSION")
    )
}

const OPTIONS: &str = "\
Commands:
    check        sign in with the settings from the environment and list the permissions of the identity; changes
                 nothing and takes at most a minute. Exit status: 0 if all required permissions are granted, 1 if
                 signing in failed or Graph was not reached, 2 if a required permission is missing. With --plan, only
                 the permissions for a plan are required.
    probe        show what would be asked of a test tenant to settle what is not documented about the service. With
                 --yes, ask: creates a policy, which is deleted at the end, and assigns it only to the groups of
                 --group ID, which must have no members. --json prints JSON.

Options:
    -debug       serve until Ctrl-C, and print how to make Terraform use this process (TF_REATTACH_PROVIDERS)
    --version    print the version
    --help       print this text

Logs go to stderr if one of these variables is set (TRACE, DEBUG, INFO, WARN, ERROR, OFF):
    TF_LOG, TF_LOG_PROVIDER       as for any provider
    TF_LOG_PROVIDER_DEFENDER      limits the records of this provider further
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_explains_installation_and_all_options() {
        let text = start_failure(&Error::NotStartedByTerraform);
        for part in [
            "plugin that Terraform",
            "terraform init",
            "required_providers",
            "check",
            "--version",
            "--help",
            "-debug",
        ] {
            assert!(text.contains(part), "{part} is missing in:\n{text}");
        }
    }

    #[test]
    fn a_start_failure_begins_with_the_prefix_that_terraform_shows() {
        let text = start_failure(&Error::ClientCertificate("it is empty".to_owned()));
        assert!(text.starts_with("fatal error: terraform-provider-defender cannot start: "), "{text}");
        assert_eq!(text.lines().count(), 1);
    }
}
