//! Which level holds for which logger: what somebody set, and what follows from it.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::level::Level;
use super::names;

/// Levels as they were set, and the root's. One moment's state; a change makes another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Levels {
    pub(super) root: Level,
    /// By logger.
    pub(super) set: BTreeMap<String, Level>,
}

/// A list of levels that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{part}' is neither a level (off, error, warn, info, debug, trace) nor LOGGER=LEVEL")]
pub struct BadLevels {
    /// The part of the list.
    part: String,
}

impl Default for Levels {
    fn default() -> Self {
        Self { root: Level::Info, set: BTreeMap::new() }
    }
}

impl Levels {
    /// From `info`, or `warn,watertight_worker=debug,org.apache.kafka.clients=trace`: a level for the root and
    /// levels for others, the later over the earlier.
    ///
    /// # Errors
    /// When a part is neither.
    pub fn parse(list: &str) -> Result<Self, BadLevels> {
        let mut levels = Self::default();
        let parts = list.split(',').map(str::trim).filter(|part| !part.is_empty());
        for part in parts {
            let bad = || BadLevels { part: part.to_owned() };
            match part.split_once('=') {
                None => levels.root = Level::parse(part).ok_or_else(bad)?,
                Some((name, level)) if !name.trim().is_empty() => {
                    let level = Level::parse(level).ok_or_else(bad)?;
                    levels.set.extend(names::meant(name.trim()).into_iter().map(|logger| (logger, level)));
                }
                Some(_) => return Err(bad()),
            }
        }
        Ok(levels)
    }

    /// The level of a logger: its own, or that of the nearest above it.
    pub fn of(&self, logger: &str) -> Level {
        self.nearest(logger).unwrap_or(self.root)
    }

    /// The level of a plugin's logger, which is named as its class.
    pub fn of_plugin(&self, class: &str) -> Level {
        self.nearest(class).unwrap_or_else(|| self.of(names::PLUGIN))
    }

    /// The level of lines with this target.
    pub fn of_target(&self, target: &str) -> Level {
        self.of(&names::logger_of(target))
    }

    /// The greatest there is: above it nothing is written by anybody.
    pub fn most(&self) -> Level {
        self.set.values().copied().fold(self.root, Level::max)
    }

    fn nearest(&self, logger: &str) -> Option<Level> {
        names::upwards(logger).find_map(|name| self.set.get(name).copied())
    }

    /// As log4j's `Configurator.setAllLevels` does: this logger, and what has a level of its own and begins with
    /// that name.
    pub(super) fn put(&mut self, logger: &str, level: Level) {
        self.set.insert(logger.to_owned(), level);
        let after = (Bound::Excluded(logger), Bound::Unbounded);
        for (name, its) in self.set.range_mut::<str, _>(after) {
            if !name.starts_with(logger) {
                break;
            }
            *its = level;
        }
    }

    /// Likewise for the root: all are below it.
    pub(super) fn put_root(&mut self, level: Level) {
        self.root = level;
        self.set.values_mut().for_each(|its| *its = level);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn a_list_says_the_root_and_others() {
        let levels = Levels::parse("warn, watertight_rest=debug,a.b=off").unwrap();
        assert_eq!(levels.of("nobody"), Level::Warn);
        assert_eq!(levels.of_target("watertight_rest::serve"), Level::Debug);
        assert_eq!(levels.of("org.apache.kafka.connect.runtime.rest.RestServer"), Level::Debug);
        assert_eq!(levels.of("a.b.c"), Level::Off);
        assert_eq!(levels.most(), Level::Debug);
        assert_eq!(Levels::parse("").unwrap(), Levels::default());
    }

    #[test]
    fn a_list_that_cannot_be_read_is_refused() {
        for bad in ["loud", "a=loud", "=info", "info,a.b"] {
            assert!(Levels::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_crate_in_the_list_leaves_other_crates_alone() {
        let levels = Levels::parse("watertight_worker=debug").unwrap();
        assert_eq!(levels.of_target("watertight_worker::task::source::send"), Level::Debug);
        assert_eq!(levels.of_target("watertight_rest::serve"), Level::Info);
        assert_eq!(levels.of_target("watertight_sandbox::loader"), Level::Info);
    }

    #[test]
    fn a_plugin_follows_its_class_then_all_plugins_then_the_root() {
        let mut levels = Levels::default();
        levels.put_root(Level::Error);
        assert_eq!(levels.of_plugin("com.x.Sink"), Level::Error);
        levels.put("plugin", Level::Warn);
        assert_eq!(levels.of_plugin("com.x.Sink"), Level::Warn);
        levels.put("com.x", Level::Trace);
        assert_eq!(levels.of_plugin("com.x.Sink"), Level::Trace);
    }

    #[test]
    fn setting_a_logger_sets_what_was_set_below_it() {
        let mut levels = Levels::default();
        levels.put("a.b.c", Level::Trace);
        levels.put("a.bee", Level::Trace);
        levels.put("a.c", Level::Trace);
        levels.put("a.b", Level::Error);
        assert_eq!(levels.of("a.b.c"), Level::Error);
        // By its letters, not by its dots: so does log4j.
        assert_eq!(levels.of("a.bee"), Level::Error);
        assert_eq!(levels.of("a.c"), Level::Trace);
    }
}
