//! Parses the command line. [`super::help`] holds the texts that are printed.

use std::ffi::OsString;

use crate::plugin::mode::Mode;

/// What the command line requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Serve the protocol. Terraform passes no arguments.
    Serve(Mode),
    /// `check`
    Check {
        /// `--plan`: require only the permissions of a plan.
        plans_only: bool,
    },
    /// `--help`
    Help,
    /// `--version`
    Version,
}

/// Parses the arguments, without the program's name. Options are accepted with one dash or two, as in Go programs.
/// `--help` takes precedence over `--version`, and `--version` over the rest. `check` and `-debug` exclude each
/// other, and `--plan` must follow `check`. The error is the first argument that is not accepted.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, OsString> {
    let mut command = Command::Serve(Mode::Hosted);
    for argument in arguments {
        let next = argument.to_str().and_then(|argument| parse_argument(argument, command));
        command = next.and_then(|next| merge(command, next)).ok_or(argument)?;
    }
    Ok(command)
}

fn parse_argument(argument: &str, earlier: Command) -> Option<Command> {
    match argument {
        "check" => Some(Command::Check { plans_only: false }),
        "-plan" | "--plan" if matches!(earlier, Command::Check { .. }) => {
            Some(Command::Check { plans_only: true })
        }
        "-debug" | "--debug" => Some(Command::Serve(Mode::Debug)),
        "-version" | "--version" | "-v" | "-V" => Some(Command::Version),
        "-help" | "--help" | "-h" => Some(Command::Help),
        _ => None,
    }
}

fn merge(earlier: Command, next: Command) -> Option<Command> {
    match (earlier, next) {
        (Command::Help, _) | (_, Command::Help) => Some(Command::Help),
        (Command::Version, _) | (_, Command::Version) => Some(Command::Version),
        (Command::Serve(Mode::Hosted), _) | (Command::Check { .. }, Command::Check { .. }) => Some(next),
        _ => (earlier == next).then_some(next),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Command, OsString> {
        parse(arguments.iter().map(OsString::from))
    }

    #[test]
    fn no_argument_means_hosted_by_terraform() {
        assert_eq!(parsed(&[]), Ok(Command::Serve(Mode::Hosted)));
    }

    #[test]
    fn debug_is_accepted_with_one_dash_and_with_two() {
        assert_eq!(parsed(&["-debug"]), Ok(Command::Serve(Mode::Debug)));
        assert_eq!(parsed(&["--debug"]), Ok(Command::Serve(Mode::Debug)));
    }

    #[test]
    fn help_precedes_version_and_version_precedes_debug_in_any_order() {
        assert_eq!(parsed(&["-debug", "--version"]), Ok(Command::Version));
        assert_eq!(parsed(&["--version", "-debug"]), Ok(Command::Version));
        assert_eq!(parsed(&["--version", "-h"]), Ok(Command::Help));
        assert_eq!(parsed(&["-h", "--version"]), Ok(Command::Help));
    }

    #[test]
    fn check_excludes_debug() {
        assert_eq!(parsed(&["check"]), Ok(Command::Check { plans_only: false }));
        assert_eq!(parsed(&["check", "--help"]), Ok(Command::Help));
        assert_eq!(parsed(&["--version", "check"]), Ok(Command::Version));
        assert_eq!(parsed(&["-debug", "check"]), Err(OsString::from("check")));
        assert_eq!(parsed(&["check", "-debug"]), Err(OsString::from("-debug")));
    }

    #[test]
    fn plan_is_an_option_of_check() {
        assert_eq!(parsed(&["check", "--plan"]), Ok(Command::Check { plans_only: true }));
        assert_eq!(parsed(&["check", "-plan"]), Ok(Command::Check { plans_only: true }));
        assert_eq!(parsed(&["--plan"]), Err(OsString::from("--plan")));
        assert_eq!(parsed(&["-debug", "--plan"]), Err(OsString::from("--plan")));
    }

    #[test]
    fn an_unknown_argument_is_the_error() {
        assert_eq!(parsed(&["-debug", "plan"]), Err(OsString::from("plan")));
    }
}
