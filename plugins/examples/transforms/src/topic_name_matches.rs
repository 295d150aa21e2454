//! `TopicNameMatches`: the topic's whole name fits a pattern.

use regex_lite::Regex;
use watertight_sdk::{Class, Config, ConfigKey, Failure, Importance, Kind, Predicate, Record, Result};

use crate::VERSION;

const PATTERN: ConfigKey = ConfigKey::new("pattern", Kind::String)
    .importance(Importance::Medium)
    .documentation("A regular expression for matching against the name of a record's topic.")
    .attributes(&[("non-empty", "")]);

/// Looks at the topic.
#[derive(Debug, Default)]
pub struct TopicNameMatches {
    pattern: Option<Regex>,
    /// Records come topic by topic.
    last: Option<(String, bool)>,
}

impl Predicate for TopicNameMatches {
    const CLASS: Class = Class::new("watertight.example.TopicNameMatches", VERSION)
        .documentation("True for records whose topic name fits the pattern")
        .config(&[PATTERN]);

    fn configure(&mut self, config: &Config) -> Result<()> {
        let pattern = config.string(&PATTERN)?;
        let whole = Regex::new(&format!("^(?:{pattern})$"));
        self.pattern = Some(whole.map_err(|error| {
            let reason = format!("entry must be a Java-compatible regular expression: {error}");
            Failure::invalid_value(PATTERN.name(), pattern, &reason)
        })?);
        Ok(())
    }

    fn test(&mut self, record: &Record<'_>) -> Result<bool> {
        let topic = record.topic();
        if let Some((name, holds)) = &self.last
            && name == topic
        {
            return Ok(*holds);
        }
        let holds = self.pattern.as_ref().is_some_and(|pattern| pattern.is_match(topic));
        self.last = Some((topic.to_owned(), holds));
        Ok(holds)
    }
}
