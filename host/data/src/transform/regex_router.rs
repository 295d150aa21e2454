//! `RegexRouter`: another topic, made from the old one by a pattern.

use std::sync::Arc;

use super::{Transformation, settings};
use crate::config::{ConfigDef, ConfigKey, Importance, Kind, Settings, Validator};
use crate::error::{ConfigError, DataError};
use crate::java::regex::{JavaRegex, Replacement};
use crate::record::Record;

pub(super) fn definition() -> ConfigDef {
    ConfigDef::new([
        ConfigKey::required("regex", Kind::String, Importance::High)
            .documented("The pattern that the whole topic must match; else the record goes on as it is.")
            .checked(Validator::IsRegex),
        ConfigKey::required("replacement", Kind::String, Importance::High)
            .documented("What the first match is replaced with; $1 or ${name} is what a group matched."),
    ])
}

pub(super) struct RegexRouter {
    regex: JavaRegex,
    replacement: Replacement,
    /// The last topic and what became of it: records come in runs of one topic.
    last: Option<(Arc<str>, Arc<str>)>,
}

impl RegexRouter {
    pub(super) fn new(settings: &Settings) -> Result<Self, ConfigError> {
        let pattern = settings::text(settings, "regex");
        let regex = JavaRegex::new(&pattern)
            .map_err(|cause| ConfigError::invalid("regex", &pattern, format_args!("Invalid regex: {cause}")))?;
        let replacement = regex.replacement(&settings::text(settings, "replacement"));
        Ok(Self { regex, replacement, last: None })
    }

    fn routed(&self, topic: &Arc<str>) -> Result<Arc<str>, DataError> {
        if !self.regex.full_match(topic)? {
            return Ok(topic.clone());
        }
        // from the start again, and this time not the whole: with `a|ab` it is the `a` of `ab` that is replaced
        Ok(Arc::from(self.regex.replace_first(topic, &self.replacement)?))
    }
}

impl Transformation for RegexRouter {
    fn apply(&mut self, mut record: Record) -> Result<Option<Record>, DataError> {
        let known = match &self.last {
            Some((from, to)) if Arc::ptr_eq(from, &record.topic) || *from == record.topic => Some(to.clone()),
            _ => None,
        };
        let to = match known {
            Some(to) => to,
            None => {
                let to = self.routed(&record.topic)?;
                self.last = Some((record.topic.clone(), to.clone()));
                to
            }
        };
        record.topic = to;
        Ok(Some(record))
    }
}
