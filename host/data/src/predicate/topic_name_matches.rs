//! `TopicNameMatches`: records of topics whose whole name matches a pattern.

use std::sync::Arc;

use super::Predicate;
use crate::config::{ConfigDef, ConfigKey, Importance, Kind, Settings, Validator};
use crate::error::{ConfigError, DataError};
use crate::java::regex::JavaRegex;
use crate::record::Record;

pub(super) fn definition() -> ConfigDef {
    ConfigDef::new([ConfigKey::required("pattern", Kind::String, Importance::Medium)
        .documented("A pattern as java.util.regex has it, for the whole name of a record's topic.")
        .checked(Validator::NonEmpty)
        .checked(Validator::IsRegex)])
}

pub(super) struct TopicNameMatches {
    pattern: JavaRegex,
    /// The last topic and the answer: records come in runs of one topic.
    last: Option<(Arc<str>, bool)>,
}

impl TopicNameMatches {
    pub(super) fn new(settings: &Settings) -> Result<Self, ConfigError> {
        let text = settings.text("pattern").unwrap_or_default();
        let pattern = JavaRegex::new(text).map_err(|cause| {
            let reason = format_args!("entry must be a Java-compatible regular expression: {cause}").to_string();
            ConfigError::invalid("pattern", text, reason)
        })?;
        Ok(Self { pattern, last: None })
    }
}

impl Predicate for TopicNameMatches {
    fn test(&mut self, record: &Record) -> Result<bool, DataError> {
        if let Some((topic, answer)) = &self.last
            && (Arc::ptr_eq(topic, &record.topic) || *topic == record.topic)
        {
            return Ok(*answer);
        }
        let answer = self.pattern.full_match(&record.topic)?;
        self.last = Some((record.topic.clone(), answer));
        Ok(answer)
    }
}
