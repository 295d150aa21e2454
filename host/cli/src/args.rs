//! The command line, by hand: two commands do not need a parser's dependency tree, and Kafka's scripts set
//! the form: files, in order, and no options.

use std::ffi::OsString;
use std::path::PathBuf;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
Runs Kafka Connect connectors as sandboxed WebAssembly components.

Usage:
  watertight standalone WORKER.properties [CONNECTOR.properties|CONNECTOR.json ...]
  watertight --version
  watertight --help

WORKER.properties holds Kafka Connect's worker settings, with its keys and defaults. Each further file is a
connector to create at the start: properties, a flat JSON map of settings, or the JSON that POST /connectors
takes.

Environment:
  WATERTIGHT_LOG   what to log: a level (info, which is the default) or a list such as
                   warn,watertight_worker=debug

Exit codes: 0 stopped by a signal, 1 the worker could not start or go on, 2 wrong usage, 3 a connector file
could not be used.
";

/// What the user wants.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// `--help`
    Help,
    /// `--version`
    Version,
    /// A worker on its own.
    Standalone {
        /// The worker's properties.
        worker: PathBuf,
        /// Connectors to create at the start, in order.
        connectors: Vec<PathBuf>,
    },
}

/// A command line that makes no sense; one line, with the way out.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UsageError {
    #[error("no command given; try 'watertight standalone WORKER.properties', or 'watertight --help'")]
    NoCommand,
    #[error("unknown command '{0}'; the only one is 'standalone', see 'watertight --help'")]
    UnknownCommand(String),
    #[error("unknown option '{0}'; see 'watertight --help'")]
    UnknownOption(String),
    #[error("'{0}' takes no further arguments, but there is '{1}'")]
    TooMuch(&'static str, String),
    #[error("'standalone' needs the worker's properties file: watertight standalone WORKER.properties [CONNECTOR ...]")]
    NoWorkerFile,
}

/// Understands everything after the program's name.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, UsageError> {
    let mut args = args.into_iter();
    let Some(command) = args.next() else {
        return Err(UsageError::NoCommand);
    };
    match command.to_string_lossy().as_ref() {
        "--help" | "-h" | "help" => Ok(Command::Help),
        "--version" | "-V" => match args.next() {
            None => Ok(Command::Version),
            Some(more) => Err(UsageError::TooMuch("--version", more.to_string_lossy().into_owned())),
        },
        "standalone" => standalone(args),
        option if option.starts_with('-') => Err(UsageError::UnknownOption(option.to_owned())),
        other => Err(UsageError::UnknownCommand(other.to_owned())),
    }
}

/// After `--` a file may be called anything.
fn standalone(args: impl Iterator<Item = OsString>) -> Result<Command, UsageError> {
    let mut files = Vec::new();
    let mut only_files = false;
    for arg in args {
        match arg.to_string_lossy().as_ref() {
            "--" if !only_files => only_files = true,
            "--help" | "-h" if !only_files => return Ok(Command::Help),
            option if !only_files && option.len() > 1 && option.starts_with('-') => {
                return Err(UsageError::UnknownOption(option.to_owned()));
            }
            _ => files.push(PathBuf::from(arg)),
        }
    }
    let mut files = files.into_iter();
    let worker = files.next().ok_or(UsageError::NoWorkerFile)?;
    Ok(Command::Standalone { worker, connectors: files.collect() })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, UsageError> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn the_worker_file_comes_first_and_connectors_follow_in_order() {
        assert_eq!(
            parsed("standalone w.properties a.json b.properties"),
            Ok(Command::Standalone {
                worker: "w.properties".into(),
                connectors: vec!["a.json".into(), "b.properties".into()]
            })
        );
    }

    #[test]
    fn no_connector_is_needed() {
        assert_eq!(parsed("standalone w"), Ok(Command::Standalone { worker: "w".into(), connectors: Vec::new() }));
    }

    #[test]
    fn help_is_given_wherever_it_is_asked_for() {
        for line in ["--help", "-h", "help", "standalone --help", "standalone w -h"] {
            assert_eq!(parsed(line), Ok(Command::Help), "{line}");
        }
    }

    #[test]
    fn the_version_stands_alone() {
        assert_eq!(parsed("--version"), Ok(Command::Version));
        assert!(matches!(parsed("--version now"), Err(UsageError::TooMuch("--version", _))));
    }

    #[test]
    fn a_file_may_look_like_an_option_after_two_dashes() {
        assert_eq!(
            parsed("standalone -- -w --"),
            Ok(Command::Standalone { worker: "-w".into(), connectors: vec!["--".into()] })
        );
    }

    #[test]
    fn every_mistake_is_one_line_that_says_what_to_do() {
        for line in ["", "distributed w", "--verbose", "standalone", "standalone -x w"] {
            let message = parsed(line).unwrap_err().to_string();
            assert!(!message.contains('\n') && message.contains("watertight "), "{line}: {message}");
        }
    }
}
