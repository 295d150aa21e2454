//! The command line. Kafka's scripts set the form of `standalone` and `distributed`: files, in order, and no options;
//! everything else is for people, and asks a worker (or a broker) that runs already.

mod connectors;
mod kafka;
mod worker;

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use clap_complete::engine::ArgValueCompleter;

pub(crate) use connectors::{
    Alter, Create, Delete, Edit, InitialState, Move, Offsets, OffsetsCommand, One, Reset, Restart, Seen, Set,
    TopicsUsed,
};
pub(crate) use kafka::{Broker, Tail, Topics};
pub(crate) use worker::{Asked, LogLevel, Plugin, Plugins, Validate, Worker};

use crate::completing;

const EXIT_CODES: &str = "\
Environment:
  WATERTIGHT_URL        the worker that is asked (http://localhost:8083 if nothing is set)
  WATERTIGHT_USER       NAME:PASSWORD, for a worker that wants to know who asks (or NAME, and the password in
                        WATERTIGHT_PASSWORD)
  WATERTIGHT_CACERT, WATERTIGHT_CERT, WATERTIGHT_KEY
                        whom to trust and what to show, as --cacert, --cert and --key
  WATERTIGHT_BOOTSTRAP  the broker that 'topics' and 'tail' ask (localhost:9092 if nothing is set)
  WATERTIGHT_LOG        what a worker logs: a level (info, which is the default) or a list such as
                        warn,watertight_worker=debug
  VISUAL, EDITOR        what 'edit' opens
  NO_COLOR              anything: no colours

Exit codes: 0 done, or stopped by a signal; 1 refused or failed; 2 wrong usage; 3 a connector file or a
configuration cannot be used; 4 there is no such connector, task, plugin, logger or topic; 5 conflict (it exists
already, or the cluster rebalances: try again); 6 no worker or broker could be reached.";

/// Runs Kafka Connect connectors as sandboxed WebAssembly components, and looks after them
#[derive(Debug, Parser)]
#[command(
    name = "watertight",
    version,
    after_help = EXIT_CODES,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 110
)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What the user wants.
#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant)] // There is one of it in the life of the process.
pub(crate) enum Command {
    /// Runs a worker on its own
    ///
    /// WORKER.properties holds Kafka Connect's worker settings, with its keys and defaults. Each further file is a
    /// connector to create at the start: properties, a flat JSON map of settings, or the JSON that POST /connectors
    /// takes. After `--` a file may be called anything.
    Standalone {
        /// The worker's properties
        #[arg(value_name = "WORKER.properties", value_hint = clap::ValueHint::FilePath)]
        worker: PathBuf,
        /// Connectors to create at the start, in order
        #[arg(value_name = "CONNECTOR", value_hint = clap::ValueHint::FilePath)]
        connectors: Vec<PathBuf>,
    },
    /// Runs a worker of a cluster
    ///
    /// All workers with the same group.id share connectors and tasks, and take over from each other. WORKER.properties
    /// holds Kafka Connect's worker settings, with its keys and defaults: at least bootstrap.servers, group.id,
    /// key.converter, value.converter, config.storage.topic, offset.storage.topic and status.storage.topic. Connectors
    /// are created over REST: watertight create. After `--` the file may be called anything.
    Distributed {
        /// The worker's properties
        #[arg(value_name = "WORKER.properties", value_hint = clap::ValueHint::FilePath)]
        worker: PathBuf,
    },
    #[command(flatten)]
    People(People),
}

/// Commands for people: each asks something that runs already.
#[derive(Debug, Subcommand)]
pub(crate) enum People {
    /// Lists connectors: state, tasks, class
    #[command(visible_alias = "ls")]
    Connectors(Seen),
    /// Shows what a connector and its tasks do, with the traces of what failed; without a name, all of them
    Status {
        /// The connector; all if left out
        #[arg(value_parser = clap::builder::NonEmptyStringValueParser::new(), add = ArgValueCompleter::new(completing::connectors))]
        connector: Option<String>,
        /// How to look.
        #[command(flatten)]
        seen: Seen,
    },
    /// Shows a connector: class, tasks, settings
    Show(One),
    /// Prints a connector's settings as a properties file, which `create` takes again
    Config(One),
    /// Lists a connector's tasks
    Tasks {
        /// Show the settings that each task got, too
        #[arg(long)]
        config: bool,
        /// Which.
        #[command(flatten)]
        one: One,
    },
    /// Creates connectors from files: properties, a flat JSON map, or the JSON of POST /connectors
    Create(Create),
    /// Checks a connector's settings without creating it
    Validate(Validate),
    /// Opens a connector's settings in an editor and puts them into force when they are valid
    Edit(Edit),
    /// Changes single settings of a connector
    Set(Set),
    /// Pauses connectors: tasks stay where they are and do nothing
    Pause(Move),
    /// Resumes connectors that are paused or stopped
    Resume(Move),
    /// Stops connectors: their tasks end, and their offsets may be altered
    Stop(Move),
    /// Restarts connectors, or one of their tasks
    Restart(Restart),
    /// Deletes connectors; their offsets and topics stay
    #[command(visible_alias = "rm")]
    Delete(Delete),
    /// Shows, alters or resets a connector's offsets
    Offsets(Offsets),
    /// Lists the topics that a connector has used since its creation, or since the last reset
    TopicsUsed(TopicsUsed),
    /// Lists the connectors that can be created
    Plugins(Plugins),
    /// Explains the settings of a plugin
    Plugin(Plugin),
    /// Lists loggers and their levels
    Loggers(Asked),
    /// Shows or changes the level of a logger
    LogLevel(LogLevel),
    /// Tells whether the worker is well, which version it is and which cluster it uses
    Health(Asked),
    /// Lists the topics of the Kafka cluster, or shows the partitions of one
    Topics(Topics),
    /// Shows the records of a topic as they come; leaves no consumer group behind
    Tail(Tail),
    /// Prints the completion script of a shell, to be sourced: source <(watertight completion bash)
    Completion {
        /// The shell
        #[arg(value_parser = ["bash", "elvish", "fish", "powershell", "zsh"])]
        shell: String,
    },
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use clap::CommandFactory as _;
    use clap::error::ErrorKind;

    use super::*;

    fn parsed(line: &str) -> Result<Command, clap::Error> {
        Cli::try_parse_from(std::iter::once("watertight").chain(line.split_whitespace())).map(|cli| cli.command)
    }

    fn standalone(line: &str) -> (PathBuf, Vec<PathBuf>) {
        match parsed(line).unwrap() {
            Command::Standalone { worker, connectors } => (worker, connectors),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_worker_file_comes_first_and_connectors_follow_in_order() {
        let (worker, connectors) = standalone("standalone w.properties a.json b.properties");
        assert_eq!(worker, PathBuf::from("w.properties"));
        assert_eq!(connectors, [PathBuf::from("a.json"), PathBuf::from("b.properties")]);
    }

    #[test]
    fn no_connector_is_needed() {
        assert_eq!(standalone("standalone w"), ("w".into(), Vec::new()));
    }

    #[test]
    fn a_worker_of_a_cluster_has_one_file() {
        let Command::Distributed { worker } = parsed("distributed w.properties").unwrap() else { panic!() };
        assert_eq!(worker, PathBuf::from("w.properties"));
    }

    #[test]
    fn help_is_given_wherever_it_is_asked_for() {
        for line in [
            "--help",
            "-h",
            "help",
            "standalone --help",
            "standalone w -h",
            "distributed --help",
            "status --help",
            "offsets -h",
        ] {
            assert_eq!(parsed(line).unwrap_err().kind(), ErrorKind::DisplayHelp, "{line}");
        }
    }

    #[test]
    fn the_version_is_told() {
        assert_eq!(parsed("--version").unwrap_err().kind(), ErrorKind::DisplayVersion);
    }

    #[test]
    fn a_file_may_look_like_an_option_after_two_dashes() {
        assert_eq!(standalone("standalone -- -w --"), ("-w".into(), vec!["--".into()]));
    }

    #[test]
    fn every_mistake_ends_with_2_and_says_what_to_do() {
        for line in [
            "",
            "distributed",
            "distributed w c",
            "--verbose",
            "standalone",
            "standalone -x w",
            "statsu a",
            "pause",
            "set a",
        ] {
            let error = parsed(line).unwrap_err();
            let message = error.to_string();
            assert!(error.exit_code() == 2 && message.contains("watertight"), "{line}: {message}");
        }
    }

    #[test]
    fn a_name_that_is_empty_is_refused_before_anybody_is_asked() {
        for words in [["watertight", "status", ""], ["watertight", "pause", ""], ["watertight", "show", ""]] {
            assert!(Cli::try_parse_from(words).is_err(), "{words:?}");
        }
    }

    #[test]
    fn a_connector_may_be_called_like_a_subcommand_of_offsets() {
        let Command::People(People::Offsets(offsets)) = parsed("offsets show alter").unwrap() else { panic!() };
        let Some(OffsetsCommand::Show(one)) = offsets.command else { panic!() };
        assert_eq!(one.connector, "alter");
    }
}
