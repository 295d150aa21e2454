//! The command line, which is the whole interface of this program.
//!
//! Parsed by hand: five flags do not need a parser that is larger than the rest of the program, and
//! every refusal must be one line that names the flag to mend.

use std::{ffi::OsString, path::PathBuf};

use crate::error::Error;

/// What `--help` prints.
pub const HELP: &str = "\
watertight-broker: the embedded development broker of Watertight

Usage: watertight-broker --data DIR [--listen HOST:PORT] [--topic NAME:PARTITIONS]...

  --data DIR               where topics, records and offsets are kept; created if absent
  --listen HOST:PORT       the address clients connect to [default: 127.0.0.1:9092]; port 0 takes a
                           free one and the first line on standard output says which
  --topic NAME:PARTITIONS  create this topic at start if it is absent; may be repeated
  --help                   print this
  --version                print the version

A topic that nobody configured has one partition. Log lines go to standard error; RUST_LOG sets how
many, for example RUST_LOG=info. SIGINT and SIGTERM end the broker, exit code 0.
";

const DEFAULT_LISTEN: &str = "127.0.0.1:9092";

/// Kafka refuses a request for more partitions than this, and so does the engine.
const MAX_PARTITIONS: i32 = 10_000;

/// Kafka's limit on the length of a topic's name.
const MAX_NAME: usize = 249;

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Print the help text.
    Help,
    /// Print the version.
    Version,
    /// Run the broker.
    Run(Options),
}

/// How to run the broker.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// `HOST:PORT` to listen on.
    pub listen: String,
    /// The data directory.
    pub data: PathBuf,
    /// Topics to create at start.
    pub topics: Vec<TopicSpec>,
}

/// One `--topic`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicSpec {
    /// The topic's name.
    pub name: String,
    /// How many partitions it gets if it has to be created.
    pub partitions: i32,
}

/// Reads the arguments after the program's name.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, Error> {
    let mut args = args.into_iter();
    let mut listen = None;
    let mut data = None;
    let mut topics: Vec<TopicSpec> = Vec::new();

    while let Some(arg) = args.next() {
        let (flag, inline) = split(arg)?;
        let mut value = || {
            inline
                .clone()
                .or_else(|| args.next())
                .filter(|value| !value.is_empty())
                .ok_or_else(|| Error::Usage(format!("{flag} needs a value (see --help)")))
        };

        match flag.as_str() {
            "--help" | "-h" => return Ok(Command::Help),
            "--version" | "-V" => return Ok(Command::Version),
            "--listen" => listen = Some(text(&flag, value()?)?),
            "--data" => data = Some(PathBuf::from(value()?)),
            "--topic" => {
                let spec = topic(&text(&flag, value()?)?)?;
                if topics.iter().any(|known| known.name == spec.name) {
                    return Err(Error::Usage(format!("--topic {} is given twice: leave one of them out", spec.name)));
                }
                topics.push(spec);
            }
            _ => {
                return Err(Error::Usage(format!("{flag} is not an option of this program (see --help)")));
            }
        }
    }

    let data =
        data.ok_or_else(|| Error::Usage("--data is missing: say which directory holds the data (see --help)".into()))?;

    Ok(Command::Run(Options { listen: listen.unwrap_or_else(|| DEFAULT_LISTEN.to_owned()), data, topics }))
}

/// `--flag=value` is the same as `--flag value`. A path after `=` has to be valid UTF-8; one that is
/// not can be given as an argument of its own.
fn split(arg: OsString) -> Result<(String, Option<OsString>), Error> {
    let arg = text("an argument", arg)?;
    match arg.split_once('=') {
        Some((flag, value)) if flag.starts_with("--") => Ok((flag.to_owned(), Some(OsString::from(value)))),
        _ => Ok((arg, None)),
    }
}

fn text(flag: &str, value: OsString) -> Result<String, Error> {
    value.into_string().map_err(|value| Error::Usage(format!("{flag}: {value:?} is not valid UTF-8")))
}

fn topic(value: &str) -> Result<TopicSpec, Error> {
    let refuse = |why: &str| {
        Err(Error::Usage(format!("--topic {value}: {why}; write --topic NAME:PARTITIONS, for example --topic lines:1")))
    };

    let Some((name, count)) = value.rsplit_once(':') else {
        return refuse("the number of partitions is missing");
    };

    if !is_topic_name(name) {
        return refuse("a topic's name has 1 to 249 of the characters a-z A-Z 0-9 . _ - and is not . or ..");
    }

    match count.parse::<i32>() {
        Ok(partitions) if (1..=MAX_PARTITIONS).contains(&partitions) => {
            Ok(TopicSpec { name: name.to_owned(), partitions })
        }
        Ok(_) | Err(_) => refuse("the number of partitions must be from 1 to 10000"),
    }
}

fn is_topic_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len())
        && name != "."
        && name != ".."
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn run(args: &[&str]) -> Result<Command, String> {
        parse(args.iter().map(OsString::from)).map_err(|error| error.to_string())
    }

    #[test]
    fn the_data_directory_is_all_that_must_be_said() {
        assert_eq!(
            Ok(Command::Run(Options { listen: "127.0.0.1:9092".into(), data: "d".into(), topics: vec![] })),
            run(&["--data", "d"])
        );
    }

    #[test]
    fn every_option_may_be_written_with_an_equals_sign() {
        assert_eq!(
            run(&["--data", "d", "--listen", "h:1", "--topic", "t:2"]),
            run(&["--data=d", "--listen=h:1", "--topic=t:2"])
        );
    }

    #[test]
    fn a_refusal_names_the_option() {
        for (args, flag) in [
            (&["--data"][..], "--data"),
            (&[][..], "--data"),
            (&["--data", "d", "--port", "1"][..], "--port"),
            (&["--data", "d", "--topic", "lines"][..], "--topic lines"),
            (&["--data", "d", "--topic", "lines:"][..], "--topic lines:"),
            (&["--data", "d", "--topic", ":1"][..], "--topic :1"),
            (&["--data", "d", "--topic", "a b:1"][..], "--topic a b:1"),
            (&["--data", "d", "--topic", "t:0"][..], "--topic t:0"),
            (&["--data", "d", "--topic", "t:-1"][..], "--topic t:-1"),
            (&["--data", "d", "--topic", "t:1", "--topic", "t:2"][..], "--topic t"),
        ] {
            let message = run(args).unwrap_err();
            assert!(message.contains(flag), "{args:?}: {message}");
            assert!(!message.contains('\n'), "{message}");
        }
    }

    #[test]
    fn help_and_version_need_no_other_option() {
        assert_eq!(Ok(Command::Help), run(&["--help"]));
        assert_eq!(Ok(Command::Version), run(&["--version"]));
    }
}
