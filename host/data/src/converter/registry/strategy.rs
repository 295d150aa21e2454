//! Under which subject a schema is registered.

use crate::error::ConfigError;

/// Confluent's three `SubjectNameStrategy`s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SubjectNameStrategy {
    /// `TOPIC-key` and `TOPIC-value`.
    #[default]
    TopicName,
    /// The record's full name.
    RecordName,
    /// `TOPIC-` and the record's full name.
    TopicRecordName,
}

const PACKAGE: &str = "io.confluent.kafka.serializers.subject.";

impl SubjectNameStrategy {
    /// The class name.
    pub fn class(self) -> String {
        format!("{PACKAGE}{}", self.simple_name())
    }

    fn simple_name(self) -> &'static str {
        match self {
            SubjectNameStrategy::TopicName => "TopicNameStrategy",
            SubjectNameStrategy::RecordName => "RecordNameStrategy",
            SubjectNameStrategy::TopicRecordName => "TopicRecordNameStrategy",
        }
    }

    /// By class name, with or without its package.
    ///
    /// # Errors
    /// For any other class: a strategy is Java code, and only these three are known here.
    pub fn parse(setting: &str, class: &str) -> Result<Self, ConfigError> {
        let class = class.trim();
        let simple = class.strip_prefix(PACKAGE).unwrap_or(class);
        [SubjectNameStrategy::TopicName, SubjectNameStrategy::RecordName, SubjectNameStrategy::TopicRecordName]
            .into_iter()
            .find(|one| one.simple_name() == simple)
            .ok_or_else(|| {
                let known = "only TopicNameStrategy, RecordNameStrategy and TopicRecordNameStrategy are known";
                ConfigError::invalid(setting, class, format!("Class {class} could not be found; {known}."))
            })
    }

    /// The subject. `record` is the full name of the record; schemas that are no records have none.
    ///
    /// # Errors
    /// When the strategy wants a record and there is none; the sentence is the serializer's.
    pub fn subject(self, topic: &str, is_key: bool, record: Option<&str>) -> Result<String, String> {
        let part = if is_key { "key" } else { "value" };
        match (self, record) {
            (SubjectNameStrategy::TopicName, _) => Ok(format!("{topic}-{part}")),
            (SubjectNameStrategy::RecordName, Some(name)) => Ok(name.to_owned()),
            (SubjectNameStrategy::TopicRecordName, Some(name)) => Ok(format!("{topic}-{name}")),
            (_, None) => Err(format!(
                "In configuration {part}.subject.name.strategy = {}, the message {part} must only be a record schema",
                self.class()
            )),
        }
    }

    /// Whether the subject of a record that is read is known before its schema is.
    pub fn subject_before_schema(self, topic: &str, is_key: bool) -> Option<String> {
        (self == SubjectNameStrategy::TopicName).then(|| format!("{topic}-{}", if is_key { "key" } else { "value" }))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_named_as_confluents_classes_name_them() {
        let strategy = |class| SubjectNameStrategy::parse("value.subject.name.strategy", class).unwrap();
        let topic = strategy("io.confluent.kafka.serializers.subject.TopicNameStrategy");
        assert_eq!(topic.subject("t", true, None).unwrap(), "t-key");
        assert_eq!(topic.subject("t", false, Some("a.B")).unwrap(), "t-value");
        assert_eq!(strategy("RecordNameStrategy").subject("t", false, Some("a.B")).unwrap(), "a.B");
        assert_eq!(strategy("TopicRecordNameStrategy").subject("t", false, Some("a.B")).unwrap(), "t-a.B");
        assert!(SubjectNameStrategy::parse("x", "com.acme.Mine").unwrap_err().message().contains("com.acme.Mine"));
    }

    #[test]
    fn a_record_strategy_wants_a_record() {
        assert_eq!(
            SubjectNameStrategy::RecordName.subject("t", false, None).unwrap_err(),
            "In configuration value.subject.name.strategy = io.confluent.kafka.serializers.subject.RecordNameStrategy, \
             the message value must only be a record schema"
        );
    }
}
