//! What can go wrong, each as one line that says which flag mends it.

use std::{io, path::PathBuf, process::ExitCode};

/// Why the broker did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line cannot be followed.
    #[error("{0}")]
    Usage(String),

    /// `--listen` is not an address.
    #[error("--listen {listen}: {reason}; write --listen HOST:PORT, for example 127.0.0.1:9092")]
    Address {
        /// As given.
        listen: String,
        /// What is wrong with it.
        reason: String,
    },

    /// Another process listens there.
    #[error("{listen} is already in use: choose another port with --listen HOST:PORT")]
    PortInUse {
        /// As given.
        listen: String,
    },

    /// The address cannot be bound for another reason.
    #[error("cannot listen on {listen}: {source}; choose another address with --listen HOST:PORT")]
    Bind {
        /// As given.
        listen: String,
        /// The operating system's answer.
        source: io::Error,
    },

    /// The data directory cannot be used.
    #[error("cannot use the data directory {path}: {reason}; choose another with --data DIR", path = path.display())]
    Directory {
        /// As given.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },

    /// A topic of `--topic` could not be created.
    #[error("--topic {topic}: {reason}")]
    Topic {
        /// The topic's name.
        topic: String,
        /// What is wrong.
        reason: String,
    },

    /// The process cannot have its threads.
    #[error("cannot start: {0}")]
    Runtime(io::Error),

    /// The engine refused to be put together; a defect, not something a flag mends.
    #[error("the storage engine did not start: {0}")]
    Engine(String),
}

impl Error {
    /// 2 for a command line that cannot be followed, 1 for everything else.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) | Self::Address { .. } => ExitCode::from(2),
            Self::PortInUse { .. }
            | Self::Bind { .. }
            | Self::Directory { .. }
            | Self::Topic { .. }
            | Self::Runtime(_)
            | Self::Engine(_) => ExitCode::FAILURE,
        }
    }
}
