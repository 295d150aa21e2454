//! Completion in shells: the scripts ask this program, and it asks the worker which connectors, plugins and loggers
//! there are. A worker that does not answer at once is not waited for.

use std::ffi::OsStr;
use std::time::Duration;

use clap::{CommandFactory as _, Parser as _};
use clap_complete::engine::CompletionCandidate;
use clap_complete::env::{CompleteEnv, Shells};
use serde_json::Value;

use crate::args::{Broker, Cli, Worker};
use crate::client::Client;
use crate::failure::Failure;
use crate::{kafka, ui};

/// Set by the scripts.
const VARIABLE: &str = "WATERTIGHT_COMPLETE";
/// Nobody waits longer for a completion.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Completes, if it is a script that asks.
pub(crate) fn complete() -> Result<bool, clap::Error> {
    let here = std::env::current_dir().ok();
    CompleteEnv::with_factory(Cli::command).var(VARIABLE).try_complete(std::env::args_os(), here.as_deref())
}

/// `watertight completion SHELL`
pub(crate) fn script(shell: &str) -> Result<(), Failure> {
    let Some(shell) = Shells::builtins().iter().find(|known| known.is(shell)).map(|known| known.name()) else {
        return Err(Failure::Usage(format!("there is no completion for {shell}")));
    };
    let shells = Shells::builtins();
    let Some(writer) = shells.completer(shell) else {
        return Err(Failure::Usage(format!("there is no completion for {shell}")));
    };
    let mut out = Vec::new();
    writer.write_registration(VARIABLE, "watertight", "watertight", &program(), &mut out)?;
    ui::print(&String::from_utf8_lossy(&out))
}

/// As it was called: by its name if the path leads to it, else where it lies.
fn program() -> String {
    let called = std::env::args().next().unwrap_or_default();
    if !called.is_empty() && !called.contains('/') {
        return called;
    }
    std::env::current_exe().map_or(called, |path| path.display().to_string())
}

/// Names of connectors.
pub(crate) fn connectors(current: &OsStr) -> Vec<CompletionCandidate> {
    let names = asked("/connectors").unwrap_or_default();
    candidates(current, names.as_array().into_iter().flatten().filter_map(Value::as_str))
}

/// Classes of plugins.
pub(crate) fn plugins(current: &OsStr) -> Vec<CompletionCandidate> {
    let listed = asked("/connector-plugins?connectorsOnly=false").unwrap_or_default();
    candidates(current, listed.as_array().into_iter().flatten().filter_map(|plugin| plugin.get("class")?.as_str()))
}

/// Names of loggers.
pub(crate) fn loggers(current: &OsStr) -> Vec<CompletionCandidate> {
    let found = asked("/admin/loggers").unwrap_or_default();
    candidates(current, found.as_object().into_iter().flat_map(|all| all.keys()).map(String::as_str))
}

/// Names of topics.
pub(crate) fn topics(current: &OsStr) -> Vec<CompletionCandidate> {
    let named = options(std::env::args(), &["--bootstrap", "--worker", "--config"], &[]);
    let words = std::iter::once("broker".to_owned()).chain(named);
    let broker = OnlyBroker::try_parse_from(words).ok().map(|only| only.broker);
    let found = broker.and_then(|broker| kafka::topics_within(&broker, PATIENCE)).unwrap_or_default();
    candidates(current, found.iter().map(String::as_str))
}

fn candidates<'a>(current: &OsStr, names: impl Iterator<Item = &'a str>) -> Vec<CompletionCandidate> {
    let begun = current.to_string_lossy();
    let mut names: Vec<&str> = names.filter(|name| name.starts_with(&*begun)).collect();
    names.sort_unstable();
    // What steers a terminal is no name to put on a command line.
    names.into_iter().filter(|name| ui::text::safe(name) == *name).map(CompletionCandidate::new).collect()
}

/// The worker that the line names so far, or the environment.
fn asked(path: &str) -> Option<Value> {
    let mut words = vec!["worker".to_owned()];
    words.extend(worker_options(std::env::args()));
    let mut worker = Only::try_parse_from(words).ok()?.worker;
    worker.timeout = PATIENCE;
    Client::new(&worker).ok()?.read(path).ok()
}

#[derive(clap::Parser)]
struct Only {
    #[command(flatten)]
    worker: Worker,
}

#[derive(clap::Parser)]
struct OnlyBroker {
    #[command(flatten)]
    broker: Broker,
}

/// Those words of a line that say which worker to ask.
fn worker_options(line: impl IntoIterator<Item = String>) -> Vec<String> {
    const WITH_VALUE: [&str; 6] = ["--url", "--user", "--netrc-file", "--cacert", "--cert", "--key"];
    options(line, &WITH_VALUE, &["--netrc", "--insecure"])
}

fn options(line: impl IntoIterator<Item = String>, with_value: &[&str], without: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut words = line.into_iter().peekable();
    while let Some(word) = words.next() {
        let name = word.split('=').next().unwrap_or_default();
        if without.contains(&word.as_str()) || with_value.contains(&name) && word.contains('=') {
            found.push(word);
        } else if with_value.contains(&name)
            && let Some(value) = words.next_if(|next| !next.starts_with("--") && !next.is_empty())
        {
            found.extend([word, value]);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worker_of_the_line_is_asked() {
        let line = "watertight -- watertight status --url http://h:1 --json --user=a:b --netrc --key";
        let found = worker_options(line.split(' ').map(str::to_owned));
        assert_eq!(found, ["--url", "http://h:1", "--user=a:b", "--netrc"]);
    }

    #[test]
    fn names_that_steer_a_terminal_are_not_offered() {
        let found = candidates(OsStr::new("a"), ["b", "ab", "a\u{1b}", "aa"].into_iter());
        let found: Vec<_> =
            found.iter().map(|candidate| candidate.get_value().to_string_lossy().into_owned()).collect();
        assert_eq!(found, ["aa", "ab"]);
    }
}
