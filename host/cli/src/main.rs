//! The `watertight` command: reads its arguments, sets up the log, and hands over.

mod args;
mod connector_file;
mod exit;
mod logging;
mod memory;
mod places;
mod standalone;

use std::process::ExitCode;

use args::Command;
use watertight_worker::secrets::Vault;

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|argument| argument == watertight_sandbox::compiler::ARGUMENT) {
        return compile();
    }
    match args::parse(std::env::args_os().skip(1)) {
        Ok(Command::Help) => {
            print!("{}", args::HELP);
            ExitCode::SUCCESS
        }
        Ok(Command::Version) => {
            println!("watertight {}", env!("CARGO_PKG_VERSION"));
            ExitCode::SUCCESS
        }
        Ok(Command::Standalone { worker, connectors }) => {
            let vault = Vault::default();
            if let Err(error) = logging::start(vault.clone()) {
                eprintln!("watertight: {error}");
                return ExitCode::from(exit::USAGE);
            }
            match standalone::run(&worker, &connectors, vault) {
                Ok(()) => ExitCode::SUCCESS,
                Err(stop) => {
                    tracing::error!("Stopping due to error: {stop}");
                    ExitCode::from(stop.code())
                }
            }
        }
        Err(error) => {
            eprintln!("watertight: {error}");
            ExitCode::from(exit::USAGE)
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
