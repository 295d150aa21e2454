//! What the process tells the shell: scripts and supervisors decide by it whether to start us again.

/// The command line, or the log filter, cannot be understood.
pub(crate) const USAGE: u8 = 2;

/// Why the worker ended before anybody asked it to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    /// The worker itself could not start, or could not go on: settings, files, the broker.
    #[error("{0:#}")]
    Worker(#[from] anyhow::Error),
    /// A connector given on the command line could not be created.
    #[error("{0:#}")]
    Connector(anyhow::Error),
}

impl Stop {
    /// 3 is what Kafka's standalone worker exits with when a connector of the command line fails.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Stop::Worker(_) => 1,
            Stop::Connector(_) => 3,
        }
    }
}
