//! Logging in Terraform's format. `level` reads the log variables, `layer` collects records, `record` renders them.
//!
//! Without a log variable, nothing is installed and nothing is written to stderr.

mod layer;
mod level;
mod record;

use std::io::Write;

use tracing_subscriber::layer::SubscriberExt;

use crate::plugin::log::layer::TerraformLog;
use crate::plugin::log::level::Levels;

/// Installs the subscriber if a log variable enables a level. Call it once, before anything is logged.
pub fn install() {
    let levels = Levels::from_variables(|name| std::env::var(name).ok());
    if levels.are_all_off() {
        return;
    }
    let subscriber = tracing_subscriber::registry().with(TerraformLog::new(levels, write_to_stderr));
    // Fails only if a subscriber is already installed, which then receives the records.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// Writes one line in one call. Errors are ignored, because Terraform may have closed the pipe.
fn write_to_stderr(line: &[u8]) {
    let _ = std::io::stderr().lock().write_all(line);
}
