//! What asks the worker to end.

use std::future::pending;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What asks the worker to end.
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// From now on they end nothing by themselves.
    pub(crate) fn new() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        let seen = tokio::select! {
            seen = self.interrupt.recv() => seen,
            seen = self.terminate.recv() => seen,
        };
        if seen.is_none() {
            pending::<()>().await;
        }
    }
}
