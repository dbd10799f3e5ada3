//! Logs for Terraform: who asks for them, at which level, and the subscriber that writes them. What a record looks
//! like is in `record`, how it is collected in `layer`.
//!
//! Nothing is installed, and nothing is written to stderr, unless a variable asks.

mod layer;
mod level;
mod record;

use std::io::Write;

use tracing_subscriber::layer::SubscriberExt;

use crate::plugin::log::layer::TerraformLog;
use crate::plugin::log::level::Levels;

/// Installs the subscriber if the environment asks for logs. Call it once, before anything is logged.
pub fn install() {
    let levels = Levels::from_variables(|name| std::env::var(name).ok());
    if levels.are_off() {
        return;
    }
    let subscriber = tracing_subscriber::registry().with(TerraformLog::new(levels, write_to_stderr));
    // An error means that there is a subscriber already, which then does the work.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// One write call for one line. Terraform may have closed the pipe: a lost record must not harm the operation.
fn write_to_stderr(line: &[u8]) {
    let _ = std::io::stderr().lock().write_all(line);
}
