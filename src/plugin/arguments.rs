//! The command line: what was asked for. Not the texts that answer it ([`super::help`]).

use std::ffi::OsString;

use crate::plugin::Mode;

/// What the command line asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Serve the protocol. Terraform passes no arguments at all.
    Serve(Mode),
    /// `check`
    Check {
        /// `--plan`: of an identity that only plans.
        plans_only: bool,
    },
    /// `--help`
    Help,
    /// `--version`
    Version,
}

/// Reads the arguments, without the program's name. Each option is accepted with one dash or two, since Go programs,
/// whose habits users of Terraform know, take both. `--help` beats `--version`, which beats the rest; `check` and
/// `-debug` exclude each other, and `--plan` comes after `check`. An argument that is none of these is the error.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Request, OsString> {
    let mut request = Request::Serve(Mode::Hosted);
    for argument in arguments {
        let asked = argument.to_str().and_then(|argument| asked_by(argument, request));
        request = asked.and_then(|asked| combined(request, asked)).ok_or(argument)?;
    }
    Ok(request)
}

fn asked_by(argument: &str, earlier: Request) -> Option<Request> {
    match argument {
        "check" => Some(Request::Check { plans_only: false }),
        "-plan" | "--plan" if matches!(earlier, Request::Check { .. }) => {
            Some(Request::Check { plans_only: true })
        }
        "-debug" | "--debug" => Some(Request::Serve(Mode::Debug)),
        "-version" | "--version" | "-v" | "-V" => Some(Request::Version),
        "-help" | "--help" | "-h" => Some(Request::Help),
        _ => None,
    }
}

fn combined(earlier: Request, asked: Request) -> Option<Request> {
    match (earlier, asked) {
        (Request::Help, _) | (_, Request::Help) => Some(Request::Help),
        (Request::Version, _) | (_, Request::Version) => Some(Request::Version),
        (Request::Serve(Mode::Hosted), _) | (Request::Check { .. }, Request::Check { .. }) => Some(asked),
        _ => (earlier == asked).then_some(asked),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Request, OsString> {
        parse(arguments.iter().map(OsString::from))
    }

    #[test]
    fn no_argument_means_started_by_terraform() {
        assert_eq!(parsed(&[]), Ok(Request::Serve(Mode::Hosted)));
    }

    #[test]
    fn debug_is_accepted_with_one_dash_and_with_two() {
        assert_eq!(parsed(&["-debug"]), Ok(Request::Serve(Mode::Debug)));
        assert_eq!(parsed(&["--debug"]), Ok(Request::Serve(Mode::Debug)));
    }

    #[test]
    fn help_beats_version_and_version_beats_debug_in_any_order() {
        assert_eq!(parsed(&["-debug", "--version"]), Ok(Request::Version));
        assert_eq!(parsed(&["--version", "-debug"]), Ok(Request::Version));
        assert_eq!(parsed(&["--version", "-h"]), Ok(Request::Help));
        assert_eq!(parsed(&["-h", "--version"]), Ok(Request::Help));
    }

    #[test]
    fn check_stands_alone() {
        assert_eq!(parsed(&["check"]), Ok(Request::Check { plans_only: false }));
        assert_eq!(parsed(&["check", "--help"]), Ok(Request::Help));
        assert_eq!(parsed(&["--version", "check"]), Ok(Request::Version));
        assert_eq!(parsed(&["-debug", "check"]), Err(OsString::from("check")));
        assert_eq!(parsed(&["check", "-debug"]), Err(OsString::from("-debug")));
    }

    #[test]
    fn plan_belongs_to_check() {
        assert_eq!(parsed(&["check", "--plan"]), Ok(Request::Check { plans_only: true }));
        assert_eq!(parsed(&["check", "-plan"]), Ok(Request::Check { plans_only: true }));
        assert_eq!(parsed(&["--plan"]), Err(OsString::from("--plan")));
        assert_eq!(parsed(&["-debug", "--plan"]), Err(OsString::from("--plan")));
    }

    #[test]
    fn an_unknown_argument_is_given_back() {
        assert_eq!(parsed(&["-debug", "plan"]), Err(OsString::from("plan")));
    }
}
