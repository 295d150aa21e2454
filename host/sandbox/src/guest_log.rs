//! The only way a guest can make the worker write: lines, one at a time, each cut to a length, without
//! control characters (a line must not look like two, or colour a terminal), and at a bounded rate.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::limits::{Limits, key};

/// Errors kept for the trace of a trap.
const KEPT: usize = 3;

/// Where a guest's lines go. Cheap to clone; clones share one rate.
#[derive(Clone)]
pub struct GuestLog {
    context: Arc<str>,
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
    /// `context` is Connect's prefix, e.g. `local-file-source|task-0`.
    pub fn new(context: impl Into<Arc<str>>, limits: &Limits) -> Self {
        Self {
            context: context.into(),
            line: limits.size(key::LOG_LINE),
            rate: limits.get(key::LOG_RATE),
            window: Arc::new(Mutex::new(Window { since: Instant::now(), lines: 0, dropped: 0 })),
            errors: Arc::default(),
        }
    }

    /// The prefix.
    pub fn context(&self) -> &str {
        &self.context
    }

    /// Whether a line of this level would be written.
    pub fn enabled(level: &str) -> bool {
        match level {
            "error" => tracing::enabled!(target: "plugin", tracing::Level::ERROR),
            "warn" => tracing::enabled!(target: "plugin", tracing::Level::WARN),
            "debug" => tracing::enabled!(target: "plugin", tracing::Level::DEBUG),
            "trace" => tracing::enabled!(target: "plugin", tracing::Level::TRACE),
            _ => tracing::enabled!(target: "plugin", tracing::Level::INFO),
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
        if !Self::enabled(level) {
            return;
        }
        let Some(dropped) = self.admit() else { return };
        let connector_context = &*self.context;
        if dropped > 0 {
            tracing::warn!(target: "plugin", connector_context, "{dropped} log lines of this plugin were dropped: more than {} a second ({})", self.rate, key::LOG_RATE);
        }
        let line = tidy(message, self.line);
        match level {
            "error" => tracing::error!(target: "plugin", connector_context, "{line}"),
            "warn" => tracing::warn!(target: "plugin", connector_context, "{line}"),
            "debug" => tracing::debug!(target: "plugin", connector_context, "{line}"),
            "trace" => tracing::trace!(target: "plugin", connector_context, "{line}"),
            _ => tracing::info!(target: "plugin", connector_context, "{line}"),
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
    fn lines_over_the_rate_are_dropped() {
        let log = GuestLog::new("[c|task-0] ", &Limits::default());
        let admitted = (0..1000).filter(|_| log.admit().is_some()).count();
        assert_eq!(admitted, 100);
    }
}
