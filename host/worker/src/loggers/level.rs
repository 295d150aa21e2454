//! log4j's levels: the words in which `/admin/loggers` is spoken to.

use std::fmt;

/// From which severity on lines are written. Each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Nothing at all.
    Off,
    /// Nothing of ours: this worker has no lines of that kind.
    Fatal,
    /// What failed.
    Error,
    /// What will, or may.
    Warn,
    /// What happened.
    Info,
    /// How it happened.
    Debug,
    /// In every detail.
    Trace,
    /// Everything; more than TRACE there is not.
    All,
}

impl Level {
    /// All of them.
    pub const WORDS: [Level; 8] =
        [Level::Off, Level::Fatal, Level::Error, Level::Warn, Level::Info, Level::Debug, Level::Trace, Level::All];

    /// In capitals, as it is shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "OFF",
            Self::Fatal => "FATAL",
            Self::Error => "ERROR",
            Self::Warn => "WARN",
            Self::Info => "INFO",
            Self::Debug => "DEBUG",
            Self::Trace => "TRACE",
            Self::All => "ALL",
        }
    }

    /// In any case and with space around it, as log4j takes it.
    pub fn parse(word: &str) -> Option<Self> {
        Self::WORDS.into_iter().find(|level| level.as_str().eq_ignore_ascii_case(word.trim()))
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_log4j_reads_them() {
        assert_eq!(Level::parse("trAce"), Some(Level::Trace));
        assert_eq!(Level::parse(" INFO"), Some(Level::Info));
        assert_eq!(Level::parse("ALL"), Some(Level::All));
        assert_eq!(Level::parse("XX"), None);
        assert_eq!(Level::parse(""), None);
    }

    #[test]
    fn the_more_is_written_the_greater_the_level() {
        assert!(Level::Off < Level::Fatal && Level::Error < Level::Warn && Level::Debug < Level::Trace);
    }
}
