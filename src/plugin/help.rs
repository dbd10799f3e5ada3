//! Every text for a person who runs the binary by hand, and how a start that failed is worded. Not the debug
//! instructions ([`super::debug`]).

use std::ffi::OsStr;
use std::io::Write;
use std::process::ExitCode;

use crate::plugin::error::Error;

/// Prints `text` on stdout and ends with status 0, also when nobody reads it.
pub fn print(text: &str) -> ExitCode {
    let _ = std::io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

/// Says on stderr that `argument` is unknown and how to learn more. Status 2.
pub fn refuse(argument: &OsStr) -> ExitCode {
    let text = format!(
        "terraform-provider-defender does not know the argument \"{}\".\n\
         It takes check [--plan], -debug, --version and --help; with none of them it is started by Terraform.\n",
        argument.display()
    );
    let _ = std::io::stderr().write_all(text.as_bytes());
    ExitCode::from(2)
}

/// The answer to `--version`, one line.
pub fn version() -> String {
    format!("terraform-provider-defender {} (Terraform plugin protocol 6)\n", env!("CARGO_PKG_VERSION"))
}

/// The answer to `--help`.
pub fn usage() -> String {
    format!("{}\n{OPTIONS}", introduction())
}

/// What stderr says when the process cannot start. For Terraform the text begins with `fatal error: `, one of the
/// two forms that it shows to the user instead of hiding it in the log.
pub fn failure(error: &Error) -> String {
    if let Error::NotStartedByTerraform = error {
        return format!("This program is a plugin and is started by Terraform or OpenTofu.\n\n{}", usage());
    }
    format!("fatal error: terraform-provider-defender cannot start: {error}\n")
}

fn introduction() -> String {
    format!(
        "terraform-provider-defender {}: the Defender provider for Terraform and OpenTofu.\n\
         It manages who gets the Intune policy that onboards Windows devices to Microsoft Defender for Endpoint.\n\
         \n\
         Terraform runs it; by hand there is only \"check\", below. Name it in a configuration, and\n\
         \"terraform init\" installs it:\n\
         \n\
         \x20   terraform {{\n\
         \x20     required_providers {{\n\
         \x20       defender = {{ source = \"defender-atp/defender\" }}\n\
         \x20     }}\n\
         \x20   }}\n\
         \n\
         A binary that you built yourself is found through \"dev_overrides\" or a \"filesystem_mirror\" in the CLI\n\
         configuration file; README.md shows both.\n",
        env!("CARGO_PKG_VERSION")
    )
}

const OPTIONS: &str = "\
Commands:
    check        sign in with what the environment gives, and tell what this identity may do; nothing is changed.
                 Status 0: all well. 1: not signed in, or Graph not reached. 2: a required permission is missing.
                 With --plan only what a plan needs is required. It ends within a minute.

Options:
    -debug       serve until Ctrl-C, and print how Terraform finds this process (TF_REATTACH_PROVIDERS)
    --version    print the version
    --help       print this text

Logs go to stderr, and only if one of these asks (TRACE, DEBUG, INFO, WARN, ERROR, OFF):
    TF_LOG, TF_LOG_PROVIDER       as for any provider
    TF_LOG_PROVIDER_DEFENDER      narrows the records of this provider
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_learns_what_it_is_how_it_is_installed_and_which_options_there_are() {
        let text = failure(&Error::NotStartedByTerraform);
        for part in [
            "is started by Terraform",
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
    fn a_failed_start_begins_with_the_words_that_terraform_shows() {
        let text = failure(&Error::ClientCertificate("it is empty".to_owned()));
        assert!(text.starts_with("fatal error: terraform-provider-defender cannot start: "), "{text}");
        assert_eq!(text.lines().count(), 1);
    }
}
