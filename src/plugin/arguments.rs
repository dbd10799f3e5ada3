//! The command line: what was asked for. Not the texts that answer it ([`super::help`]).

use std::ffi::OsString;

use crate::plugin::Mode;

/// What the command line asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Serve the protocol. Terraform passes no arguments at all.
    Serve(Mode),
    /// `--help`
    Help,
    /// `--version`
    Version,
}

/// Reads the arguments, without the program's name. Each option is accepted with one dash or two, since Go programs,
/// whose habits users of Terraform know, take both. `--help` beats `--version`, which beats `-debug`. An argument
/// that is none of these is the error.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Request, OsString> {
    let mut request = Request::Serve(Mode::Hosted);
    for argument in arguments {
        request = match (argument.to_str(), request) {
            (Some("-debug" | "--debug"), Request::Serve(_)) => Request::Serve(Mode::Debug),
            (Some("-version" | "--version" | "-v" | "-V"), Request::Serve(_)) => Request::Version,
            (Some("-help" | "--help" | "-h"), _) => Request::Help,
            (Some("-debug" | "--debug" | "-version" | "--version" | "-v" | "-V"), earlier) => earlier,
            _ => return Err(argument),
        };
    }
    Ok(request)
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
    fn an_unknown_argument_is_given_back() {
        assert_eq!(parsed(&["-debug", "plan"]), Err(OsString::from("plan")));
    }
}
