//! Reports a panic on stderr in the format that Terraform recognizes and shows to the user. `protocol` contains the
//! panic within its call.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt::Write as _;
use std::io::Write as _;
use std::panic::PanicHookInfo;

/// Terraform keeps about this many lines of a crash report.
const MAX_LINES: usize = 100;

/// Replaces Rust's message ("thread … panicked at"), which Terraform does not recognize.
pub fn install() {
    std::panic::set_hook(Box::new(|info| {
        let text = render(info, &Backtrace::capture());
        // An error is ignored: Terraform may have closed the pipe, and a second panic would abort the process.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }));
}

/// Renders the report like the crash of a Go plugin:
///
/// ```text
/// panic: MESSAGE
///     at FILE:LINE:COLUMN, terraform-provider-defender VERSION
/// the backtrace, if RUST_BACKTRACE enables it
/// ```
fn render(info: &PanicHookInfo<'_>, backtrace: &Backtrace) -> String {
    let message = info.payload_as_str().unwrap_or("(a value without text)");
    let mut text = format!("panic: {message}\n");
    if let Some(location) = info.location() {
        // Writing to a String cannot fail.
        let _ =
            writeln!(text, "    at {location}, terraform-provider-defender {}", env!("CARGO_PKG_VERSION"));
    }
    if backtrace.status() == BacktraceStatus::Captured {
        let lines = backtrace.to_string();
        for line in lines.lines().take(MAX_LINES) {
            let _ = writeln!(text, "{line}");
        }
    }
    text
}
