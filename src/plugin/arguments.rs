//! Parses the command line. [`super::help`] holds the texts that are printed.

use std::ffi::OsString;

use crate::plugin::mode::Mode;

/// What the command line requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Serve the protocol. Terraform passes no arguments.
    Serve(Mode),
    /// `check`
    Check {
        /// `--plan`: require only the permissions of a plan.
        plans_only: bool,
    },
    /// `probe`
    Probe {
        /// `--yes`: ask the tenant, instead of only showing the questions.
        yes: bool,
        /// `--json`: print JSON.
        json: bool,
        /// The values of `--group`.
        groups: Vec<String>,
    },
    /// `--help`
    Help,
    /// `--version`
    Version,
}

/// Parses the arguments, without the program's name. Options are accepted with one dash or two, as in Go programs.
/// `--help` takes precedence over `--version`, and `--version` over the rest. `check` and `-debug` exclude each other,
/// and `--plan` must follow `check`. The arguments of `probe` follow it. The error is the first argument that is not
/// accepted; for `--group` without the id of a group, it is `--group`.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, OsString> {
    let mut command = Command::Serve(Mode::Hosted);
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        if argument == "probe" && command == Command::Serve(Mode::Hosted) {
            return parse_probe(arguments);
        }
        let next = argument.to_str().and_then(|argument| parse_argument(argument, &command));
        command = next.and_then(|next| merge(command, next)).ok_or(argument)?;
    }
    Ok(command)
}

/// Parses what follows `probe`.
fn parse_probe(mut arguments: impl Iterator<Item = OsString>) -> Result<Command, OsString> {
    let (mut yes, mut json, mut groups) = (false, false, Vec::new());
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("-yes" | "--yes") => yes = true,
            Some("-json" | "--json") => json = true,
            Some("-group" | "--group") => {
                let value = arguments.next().and_then(|value| value.into_string().ok());
                groups.push(value.filter(|id| is_guid(id)).ok_or(argument)?);
            }
            Some("-help" | "--help" | "-h") => return Ok(Command::Help),
            _ => return Err(argument),
        }
    }
    Ok(Command::Probe { yes, json, groups })
}

fn is_guid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

fn parse_argument(argument: &str, earlier: &Command) -> Option<Command> {
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
        (Command::Serve(Mode::Hosted), next) | (Command::Check { .. }, next @ Command::Check { .. }) => {
            Some(next)
        }
        (earlier, next) => (earlier == next).then_some(next),
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
    fn the_arguments_of_probe_follow_it() {
        let group = "5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c11";
        let probe = |yes, json, groups: &[&str]| {
            Ok(Command::Probe { yes, json, groups: groups.iter().map(ToString::to_string).collect() })
        };
        assert_eq!(parsed(&["probe"]), probe(false, false, &[]));
        assert_eq!(parsed(&["probe", "--yes", "-json", "--group", group]), probe(true, true, &[group]));
        assert_eq!(parsed(&["probe", "--yes", "--help"]), Ok(Command::Help));
        assert_eq!(parsed(&["probe", "--group"]), Err(OsString::from("--group")));
        assert_eq!(parsed(&["probe", "--group", "Pilot"]), Err(OsString::from("--group")));
        assert_eq!(parsed(&["probe", "check"]), Err(OsString::from("check")));
        assert_eq!(parsed(&["check", "probe"]), Err(OsString::from("probe")));
        assert_eq!(parsed(&["--yes"]), Err(OsString::from("--yes")));
    }

    #[test]
    fn an_unknown_argument_is_the_error() {
        assert_eq!(parsed(&["-debug", "plan"]), Err(OsString::from("plan")));
    }
}
