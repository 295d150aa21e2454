//! Loggers whose levels change while the worker runs (KIP-495): what `/admin/loggers` shows and sets.
//!
//! The answers are log4j's, as Kafka Connect 4 gives them: which loggers a change touches, what is listed and
//! since when. What a change does is ours: it reaches the filter of this process's log, the plugins that are
//! running, and the living Kafka clients. The filter itself belongs to whoever set up the log; it is known here
//! as a [`LogFilter`] only, so that a second herder, or a test, brings its own.

mod level;
mod levels;
pub mod names;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use watertight_kafka::verbosity::{self, Verbosity};
use watertight_sandbox::guest_log::Threshold;

pub use level::Level;
pub use levels::{BadLevels, Levels};

use crate::entities::LoggerLevel;
use crate::herder::HerderError;

/// The root's name; any case will do.
const ROOT: &str = "root";
/// Loggers that requests may bring into being: each stays until the worker ends.
const MOST: usize = 10_000;
/// Bytes of a logger's name.
const LONGEST: usize = 1024;

/// What decides which lines of this process are written.
pub trait LogFilter: Send + Sync {
    /// From now on these levels hold.
    fn follow(&self, levels: &Levels);
}

/// The worker's loggers.
pub struct Loggers {
    state: Mutex<State>,
    filter: Box<dyn LogFilter>,
}

struct State {
    levels: Levels,
    /// Those that are listed, the root aside.
    known: BTreeSet<String>,
    /// By class: what running instances look at before each line.
    plugins: BTreeMap<String, Threshold>,
    /// Milliseconds since 1970, by name, the root's under its own.
    changed: BTreeMap<String, i64>,
}

impl Loggers {
    /// With these levels, which the filter follows already.
    pub fn new(levels: Levels, filter: Box<dyn LogFilter>) -> Self {
        tell_clients(&levels);
        let known = names::known().map(str::to_owned).chain(levels.set.keys().cloned()).collect();
        let state = State { levels, known, plugins: BTreeMap::new(), changed: BTreeMap::new() };
        Self { state: Mutex::new(state), filter }
    }

    /// Where nothing is filtered and nobody asks.
    pub fn unfiltered() -> Self {
        struct Nobody;
        impl LogFilter for Nobody {
            fn follow(&self, _: &Levels) {}
        }
        Self::new(Levels::default(), Box::new(Nobody))
    }

    /// What decides for the lines of a plugin's instances, by its class.
    pub fn of_plugin(&self, class: &str) -> Threshold {
        let mut state = self.state();
        if let Some(threshold) = state.plugins.get(class) {
            return threshold.clone();
        }
        let threshold = Threshold::new(guest_level(state.levels.of_plugin(class)));
        state.known.insert(class.to_owned());
        state.plugins.insert(class.to_owned(), threshold.clone());
        threshold
    }

    /// Every logger that writes anything, by name.
    pub fn list(&self) -> Vec<(String, LoggerLevel)> {
        let state = self.state();
        let names = state.known.iter().map(String::as_str).chain([ROOT]);
        let shown = names.map(|name| (name.to_owned(), state.level(name)));
        let shown: BTreeMap<_, _> = shown.filter(|(_, level)| *level != Level::Off).collect();
        shown
            .into_iter()
            .map(|(name, level)| {
                let shown = state.shown(&name, level);
                (name, shown)
            })
            .collect()
    }

    /// One of them, by its name or by a module's; none where nobody knows it.
    pub fn get(&self, name: &str) -> Option<LoggerLevel> {
        let state = self.state();
        let name = if is_root(name) { ROOT.to_owned() } else { names::logger_of(name) };
        if name != ROOT && !state.known.contains(&name) {
            drop(state);
            tracing::warn!("Unable to find level for logger {name}");
            return None;
        }
        Some(state.shown(&name, state.level(&name)))
    }

    /// As [`Loggers::set`], with one of log4j's words.
    ///
    /// # Errors
    /// As there, and when the word is none of log4j's.
    pub fn change(&self, name: &str, word: &str) -> Result<Vec<String>, HerderError> {
        let level = Level::parse(word).ok_or_else(|| HerderError::NotFound(format!("invalid log level '{word}'.")))?;
        self.set(name, level)
    }

    /// Sets a logger, and all whose names begin with its name; those that have another level now.
    ///
    /// # Errors
    /// When there are too many of them, or the name is too long for one.
    pub fn set(&self, name: &str, level: Level) -> Result<Vec<String>, HerderError> {
        if name.len() > LONGEST {
            return Err(HerderError::BadRequest(format!("A logger's name has at most {LONGEST} bytes.")));
        }
        let root = is_root(name);
        let meant = if root { vec![String::new()] } else { names::meant(name) };
        let mut state = self.state();
        let new = if root { 0 } else { meant.iter().filter(|name| !state.known.contains(*name)).count() };
        if new > 0 && state.known.len() + new > MOST {
            return Err(HerderError::BadRequest(format!("There are {MOST} loggers already, and none is added.")));
        }
        let heard = meant.iter().any(|name| state.below(name).next().is_some());
        tracing::info!(
            "Setting level of namespace {} and children to {level}{}",
            if root { ROOT } else { name },
            if heard { "" } else { "; nothing of this worker has been written under it so far" }
        );
        if !root {
            state.known.extend(meant.iter().cloned());
        }
        let touched: BTreeSet<String> = meant.iter().flat_map(|name| state.below(name)).cloned().collect();
        let mut touched: Vec<String> = touched.into_iter().collect();
        if root {
            touched.push(ROOT.to_owned());
        }
        // log4j forgets what was OFF: whatever follows counts as a change.
        let before: Vec<Option<Level>> =
            touched.iter().map(|name| Some(state.level(name)).filter(|level| *level != Level::Off)).collect();
        if root {
            state.levels.put_root(level);
        } else {
            meant.iter().for_each(|name| state.levels.put(name, level));
        }
        let now = now();
        let mut changed = Vec::new();
        for (name, before) in touched.into_iter().zip(before) {
            if before != Some(state.level(&name)) {
                state.changed.insert(name.clone(), now);
                changed.push(name);
            }
        }
        changed.sort();
        for (class, threshold) in &state.plugins {
            threshold.set(guest_level(state.levels.of_plugin(class)));
        }
        tell_clients(&state.levels);
        self.filter.follow(&state.levels);
        Ok(changed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Those whose names begin with this.
    fn below<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a String> {
        let from = (Bound::Included(name), Bound::Unbounded);
        self.known.range::<str, _>(from).take_while(move |known| known.starts_with(name))
    }

    fn level(&self, name: &str) -> Level {
        match name {
            ROOT => self.levels.root,
            class if self.plugins.contains_key(class) => self.levels.of_plugin(class),
            name => self.levels.of(name),
        }
    }

    fn shown(&self, name: &str, level: Level) -> LoggerLevel {
        LoggerLevel { level: level.as_str().to_owned(), last_modified: self.changed.get(name).copied() }
    }
}

fn is_root(name: &str) -> bool {
    name.is_empty() || name.eq_ignore_ascii_case(ROOT)
}

/// librdkafka formats a line before anybody can refuse it: it must know by itself.
fn tell_clients(levels: &Levels) {
    for target in [names::CONSUMER, names::PRODUCER] {
        let verbosity = match levels.of_target(target) {
            Level::Off | Level::Fatal => Verbosity::Silent,
            Level::Error => Verbosity::Errors,
            Level::Warn => Verbosity::Warnings,
            Level::Info => Verbosity::Usual,
            Level::Debug | Level::Trace | Level::All => Verbosity::Debug,
        };
        verbosity::set(target, verbosity);
    }
}

fn guest_level(level: Level) -> Option<tracing::Level> {
    match level {
        Level::Off | Level::Fatal => None,
        Level::Error => Some(tracing::Level::ERROR),
        Level::Warn => Some(tracing::Level::WARN),
        Level::Info => Some(tracing::Level::INFO),
        Level::Debug => Some(tracing::Level::DEBUG),
        Level::Trace | Level::All => Some(tracing::Level::TRACE),
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;
