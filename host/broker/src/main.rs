//! The embedded development broker: one node, one directory, Kafka's protocol.
//!
//! Watertight's first run must not ask anyone to install Kafka. This program is what stands in for
//! it: `watertight-broker --listen HOST:PORT --data DIR [--topic NAME:PARTITIONS ...]`. That command
//! line is its whole interface, so the engine behind it can be replaced without anyone noticing.
//!
//! The engine is Nisshi over SQLite, used as a library. Around it stand three things of ours, each
//! for a reason that its module gives: a listener and an end that we control ([`server`]), a layer
//! that makes the engine keep Kafka's word on partition counts ([`partitions`]) and on positions beyond
//! the end ([`bounds`]), and that answers a waiting fetch when a record arrives, not when a timer says
//! so ([`waiting`]).

mod args;
mod bounds;
mod directory;
mod engine;
mod error;
mod front;
mod partitions;
mod server;
mod topics;
mod waiting;

use std::{io::IsTerminal as _, process::ExitCode, time::Duration};

use tracing_subscriber::EnvFilter;

use crate::{
    args::{Command, Options},
    directory::DataDirectory,
    error::Error,
};

/// How long the end of the program waits for a storage call that is still running on a thread of its
/// own. Nothing depends on it: an append that was not acknowledged may be lost.
const PATIENCE_AT_THE_END: Duration = Duration::from_millis(500);

/// The engine's storage calls block the thread they run on, so there are more threads than cores:
/// one long read may not keep the listener from answering.
const THREADS: usize = 8;

/// The engine reports what a client did wrong (a topic that exists already) as an error of its own,
/// with the whole value in it; what is wrong with the storage itself reaches us as a failed request.
const QUIET: &str = "warn,nisshi_storage_sql=off";

fn main() -> ExitCode {
    match args::parse(std::env::args_os().skip(1)) {
        Ok(Command::Help) => {
            print!("{}", args::HELP);
            ExitCode::SUCCESS
        }
        Ok(Command::Version) => {
            println!("watertight-broker {}", env!("CARGO_PKG_VERSION"));
            ExitCode::SUCCESS
        }
        Ok(Command::Run(options)) => report(run(options)),
        Err(error) => report(Err(error)),
    }
}

fn report(result: Result<(), Error>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("watertight-broker: {error}");
            error.exit_code()
        }
    }
}

fn run(options: Options) -> Result<(), Error> {
    log_to_stderr();

    // The listener comes first: a port in use is the commonest mistake, and it must not cost a
    // directory that was created for nothing.
    let listener = server::bind(&options.listen)?;
    let data = DataDirectory::open(&options.data)?;

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build()
        .map_err(Error::Runtime)?;

    let result = runtime.block_on(server::serve(listener, &data, &options));
    runtime.shutdown_timeout(PATIENCE_AT_THE_END);
    result
}

fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(QUIET));

    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}
