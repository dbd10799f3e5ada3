//! Sets a flag when the user wants to stop. The probe checks the flag between two requests.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Sets the flag at Ctrl-C or SIGTERM. The handlers are in place when this returns.
#[cfg(unix)]
pub fn watch(interrupted: Arc<AtomicBool>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            interrupted.store(true, Ordering::Relaxed);
        }
    });
    Ok(())
}

/// Sets the flag at Ctrl-C. The handler is in place when this returns.
#[cfg(windows)]
pub fn watch(interrupted: Arc<AtomicBool>) -> io::Result<()> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    tokio::spawn(async move {
        while interrupt.recv().await.is_some() {
            interrupted.store(true, Ordering::Relaxed);
        }
    });
    Ok(())
}
