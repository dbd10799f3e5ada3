//! Operating system signals, reduced to two meanings. [`super::lifetime`] acts on them.

/// The meaning of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C, or a closed terminal. Both go to every process of the terminal, including Terraform's children.
    Interrupt,
    /// A request to end this process.
    Terminate,
}

/// Receives signals. While it exists, their default actions are disabled.
pub struct Signals(platform::Streams);

impl Signals {
    /// Starts to receive signals. Needs a Tokio runtime.
    pub fn listen() -> std::io::Result<Self> {
        platform::Streams::listen().map(Self)
    }

    /// Waits for the next signal.
    pub async fn next(&mut self) -> Signal {
        self.0.next().await
    }
}

#[cfg(unix)]
mod platform {
    use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

    use crate::plugin::signals::Signal;

    pub(super) struct Streams {
        interrupt: Stream,
        hangup: Stream,
        terminate: Stream,
    }

    impl Streams {
        pub(super) fn listen() -> std::io::Result<Self> {
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                hangup: signal(SignalKind::hangup())?,
                terminate: signal(SignalKind::terminate())?,
            })
        }

        pub(super) async fn next(&mut self) -> Signal {
            tokio::select! {
                _ = self.interrupt.recv() => Signal::Interrupt,
                _ = self.hangup.recv() => Signal::Interrupt,
                _ = self.terminate.recv() => Signal::Terminate,
            }
        }
    }
}

#[cfg(windows)]
mod platform {
    use tokio::signal::windows::{CtrlBreak, CtrlC, ctrl_break, ctrl_c};

    use crate::plugin::signals::Signal;

    pub(super) struct Streams {
        interrupt: CtrlC,
        terminate: CtrlBreak,
    }

    impl Streams {
        pub(super) fn listen() -> std::io::Result<Self> {
            Ok(Self { interrupt: ctrl_c()?, terminate: ctrl_break()? })
        }

        pub(super) async fn next(&mut self) -> Signal {
            tokio::select! {
                _ = self.interrupt.recv() => Signal::Interrupt,
                _ = self.terminate.recv() => Signal::Terminate,
            }
        }
    }
}
