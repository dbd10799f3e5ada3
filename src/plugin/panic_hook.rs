//! How a panic is told on stderr, so that Terraform recognises it and shows it to the user. Containing the panic to
//! its call is the work of `protocol`.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt::Write as _;
use std::io::Write as _;
use std::panic::PanicHookInfo;

/// Terraform keeps about this many lines of a crash.
const LINE_LIMIT: usize = 100;

/// Replaces Rust's own text ("thread … panicked at"), which Terraform does not recognise.
pub fn install() {
    std::panic::set_hook(Box::new(|info| {
        let text = describe(info, &Backtrace::capture());
        // Terraform may have closed the pipe; a second panic in here would abort the process.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }));
}

/// Reads like the crash of a Go plugin:
///
/// ```text
/// panic: MESSAGE
///     at FILE:LINE:COLUMN, terraform-provider-defender VERSION
/// and the backtrace, if RUST_BACKTRACE asks for one
/// ```
fn describe(info: &PanicHookInfo<'_>, backtrace: &Backtrace) -> String {
    let message = info.payload_as_str().unwrap_or("(a value without text)");
    let mut text = format!("panic: {message}\n");
    if let Some(location) = info.location() {
        // Writing to a String cannot fail.
        let _ =
            writeln!(text, "    at {location}, terraform-provider-defender {}", env!("CARGO_PKG_VERSION"));
    }
    if backtrace.status() == BacktraceStatus::Captured {
        let lines = backtrace.to_string();
        for line in lines.lines().take(LINE_LIMIT) {
            let _ = writeln!(text, "{line}");
        }
    }
    text
}
