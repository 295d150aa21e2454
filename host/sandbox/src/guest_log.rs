//! The only way a guest can make the worker write: lines, one at a time, each cut to a length, without
//! control characters (a line must not look like two, or colour a terminal), and at a bounded rate.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::limits::{Limits, key};

/// Errors kept for the trace of a trap.
const KEPT: usize = 3;

/// From which level on a plugin's lines are written. Clones are the same one: who sets it reaches instances
/// that are running.
///
/// All plugins write at one place in this worker's code, and a log filter only knows places; so the choice
/// between plugins is made here, and filters let the target `plugin` through.
#[derive(Clone)]
pub struct Threshold(Arc<AtomicU8>);

impl Threshold {
    /// At first this; none is silence.
    pub fn new(level: Option<tracing::Level>) -> Self {
        Self(Arc::new(AtomicU8::new(rank(level))))
    }

    /// From now on this.
    pub fn set(&self, level: Option<tracing::Level>) {
        self.0.store(rank(level), Ordering::Relaxed);
    }

    /// Whether a line of this level, in a guest's word, is written.
    pub fn admits(&self, word: &str) -> bool {
        rank(Some(level_of(word))) <= self.0.load(Ordering::Relaxed)
    }
}

fn rank(level: Option<tracing::Level>) -> u8 {
    match level {
        None => 0,
        Some(tracing::Level::ERROR) => 1,
        Some(tracing::Level::WARN) => 2,
        Some(tracing::Level::INFO) => 3,
        Some(tracing::Level::DEBUG) => 4,
        Some(tracing::Level::TRACE) => 5,
    }
}

/// Unknown words count as `info`.
fn level_of(word: &str) -> tracing::Level {
    match word {
        "error" => tracing::Level::ERROR,
        "warn" => tracing::Level::WARN,
        "debug" => tracing::Level::DEBUG,
        "trace" => tracing::Level::TRACE,
        _ => tracing::Level::INFO,
    }
}

/// Where a guest's lines go. Cheap to clone; clones share one rate.
#[derive(Clone)]
pub struct GuestLog {
    context: Arc<str>,
    /// The name of its logger, which is that of its class.
    logger: Arc<str>,
    /// None: the log's filter decides, as for any line.
    threshold: Option<Threshold>,
    line: usize,
    rate: u64,
    window: Arc<Mutex<Window>>,
    /// The last errors: what a guest says before it traps explains the trap.
    errors: Arc<Mutex<VecDeque<String>>>,
}

struct Window {
    since: Instant,
    lines: u64,
    dropped: u64,
}

impl GuestLog {
    /// `context` is Connect's prefix, e.g. `local-file-source|task-0`. It writes in nobody's name.
    pub fn new(context: impl Into<Arc<str>>, limits: &Limits) -> Self {
        Self {
            context: context.into(),
            logger: "plugin".into(),
            threshold: None,
            line: limits.size(key::LOG_LINE),
            rate: limits.get(key::LOG_RATE),
            window: Arc::new(Mutex::new(Window { since: Instant::now(), lines: 0, dropped: 0 })),
            errors: Arc::default(),
        }
    }

    /// In the name of a class.
    #[must_use]
    pub fn of_class(self, class: impl Into<Arc<str>>, threshold: Threshold) -> Self {
        Self { logger: class.into(), threshold: Some(threshold), ..self }
    }

    /// The prefix.
    pub fn context(&self) -> &str {
        &self.context
    }

    /// Whether a line of this level would be written.
    pub fn enabled(&self, level: &str) -> bool {
        if let Some(threshold) = &self.threshold {
            return threshold.admits(level);
        }
        match level_of(level) {
            tracing::Level::ERROR => tracing::enabled!(target: "plugin::unnamed", tracing::Level::ERROR),
            tracing::Level::WARN => tracing::enabled!(target: "plugin::unnamed", tracing::Level::WARN),
            tracing::Level::INFO => tracing::enabled!(target: "plugin::unnamed", tracing::Level::INFO),
            tracing::Level::DEBUG => tracing::enabled!(target: "plugin::unnamed", tracing::Level::DEBUG),
            tracing::Level::TRACE => tracing::enabled!(target: "plugin::unnamed", tracing::Level::TRACE),
        }
    }

    /// A line as it would be written: cut and printable.
    pub fn tidy(&self, message: &str) -> String {
        tidy(message, self.line)
    }

    /// The last lines of level `error`, newest last.
    pub fn last_errors(&self) -> Option<String> {
        let errors = self.errors.lock().ok()?;
        (!errors.is_empty()).then(|| errors.iter().cloned().collect::<Vec<_>>().join("\n"))
    }

    fn remember(&self, message: &str) {
        if let Ok(mut errors) = self.errors.lock() {
            if errors.len() >= KEPT {
                errors.pop_front();
            }
            errors.push_back(tidy(message, self.line));
        }
    }

    /// Writes one line; unknown levels count as `info`.
    pub fn write(&self, level: &str, message: &str) {
        if level == "error" {
            self.remember(message);
        }
        if !self.enabled(level) {
            return;
        }
        let Some(dropped) = self.admit() else { return };
        let connector_context = &*self.context;
        let logger = &*self.logger;
        if dropped > 0 {
            tracing::warn!(target: "plugin", connector_context, logger, "{dropped} log lines of this plugin were dropped: more than {} a second ({})", self.rate, key::LOG_RATE);
        }
        let line = tidy(message, self.line);
        match level_of(level) {
            tracing::Level::ERROR => tracing::error!(target: "plugin", connector_context, logger, "{line}"),
            tracing::Level::WARN => tracing::warn!(target: "plugin", connector_context, logger, "{line}"),
            tracing::Level::INFO => tracing::info!(target: "plugin", connector_context, logger, "{line}"),
            tracing::Level::DEBUG => tracing::debug!(target: "plugin", connector_context, logger, "{line}"),
            tracing::Level::TRACE => tracing::trace!(target: "plugin", connector_context, logger, "{line}"),
        }
    }

    /// None: over the rate. Otherwise how many were dropped before.
    fn admit(&self) -> Option<u64> {
        let mut window = self.window.lock().ok()?;
        let mut dropped = 0;
        if window.since.elapsed() >= Duration::from_secs(1) {
            dropped = window.dropped;
            *window = Window { since: Instant::now(), lines: 0, dropped: 0 };
        }
        if window.lines >= self.rate {
            window.dropped += 1;
            return None;
        }
        window.lines += 1;
        Some(dropped)
    }
}

/// One line, printable, at most `limit` bytes and a mark that it was cut.
pub fn tidy(message: &str, limit: usize) -> String {
    let mut line = String::with_capacity(message.len().min(limit));
    for c in message.trim_end_matches(['\r', '\n']).chars() {
        if line.len() >= limit {
            line.push_str("... (cut)");
            break;
        }
        match c {
            '\t' => line.push(' '),
            '\n' => line.push_str("\\n"),
            c if c.is_control() || is_format_control(c) => line.extend(c.escape_unicode()),
            c => line.push(c),
        }
    }
    line
}

/// Characters that reorder or hide text without being control characters to Rust.
fn is_format_control(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_line_cannot_pretend_to_be_two_or_colour_the_terminal() {
        assert_eq!(tidy("a\nb\u{1b}[31m\r\n", 100), "a\\nb\\u{1b}[31m");
        assert_eq!(tidy("\u{202e}x", 100), "\\u{202e}x");
    }

    #[test]
    fn a_long_line_is_cut() {
        assert_eq!(tidy(&"x".repeat(2000), 10), format!("{}... (cut)", "x".repeat(10)));
    }

    #[test]
    fn who_sets_a_threshold_reaches_those_who_have_it() {
        let threshold = Threshold::new(Some(tracing::Level::INFO));
        let log = GuestLog::new("c|task-0", &Limits::default()).of_class("X", threshold.clone());
        assert!(log.enabled("info") && log.enabled("strange") && !log.enabled("debug"));
        threshold.set(Some(tracing::Level::DEBUG));
        assert!(log.enabled("debug") && !log.enabled("trace"));
        threshold.set(None);
        assert!(!log.enabled("error"));
    }

    #[test]
    fn lines_over_the_rate_are_dropped() {
        let log = GuestLog::new("[c|task-0] ", &Limits::default());
        let admitted = (0..1000).filter(|_| log.admit().is_some()).count();
        assert_eq!(admitted, 100);
    }
}
