//! The `watertight` command: reads its arguments, and hands over.

mod args;
mod client;
mod commands;
mod completing;
mod connector_file;
mod distributed;
mod doors;
mod editor;
mod exit;
mod failure;
mod kafka;
mod logging;
mod memory;
mod places;
mod properties_file;
mod running;
mod standalone;
mod ui;

use std::process::ExitCode;
use std::sync::Arc;

use args::{Cli, Command, People};
use clap::Parser as _;
use exit::Stop;
use watertight_worker::loggers::Loggers;
use watertight_worker::secrets::Vault;

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|argument| argument == watertight_sandbox::compiler::ARGUMENT) {
        return compile();
    }
    match completing::complete() {
        Ok(false) => {}
        Ok(true) => return ExitCode::SUCCESS,
        Err(error) => error.exit(),
    }
    match Cli::parse().command {
        Command::Standalone { worker, connectors } => {
            worker_process(|vault, loggers| standalone::run(&worker, &connectors, vault, loggers))
        }
        Command::Distributed { worker } => worker_process(|vault, loggers| distributed::run(&worker, vault, loggers)),
        Command::People(command) => people(command),
    }
}

fn worker_process(run: impl FnOnce(Vault, Arc<Loggers>) -> Result<(), Stop>) -> ExitCode {
    let vault = Vault::default();
    let loggers = match logging::start(vault.clone()) {
        Ok(loggers) => loggers,
        Err(error) => {
            eprintln!("watertight: {error}");
            return ExitCode::from(exit::USAGE);
        }
    };
    match run(vault, loggers) {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => {
            tracing::error!("Stopping due to error: {stop}");
            ExitCode::from(stop.code())
        }
    }
}

fn people(command: People) -> ExitCode {
    match commands::run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if failure.code() != 0 {
                ui::note(&format!("watertight: {failure}"));
            }
            ExitCode::from(failure.code())
        }
    }
}

/// The worker calls itself for this: see [`watertight_sandbox::compiler`].
fn compile() -> ExitCode {
    match watertight_sandbox::compiler::serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
