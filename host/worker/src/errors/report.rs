//! What a bad record looks like in the log.

use watertight_kafka::{InRecord, TimestampType};

use super::Problem;
use crate::entities::{ConfigMap, TaskId};

/// The record that failed, as far as it is known.
#[derive(Clone, Copy)]
pub enum About<'a> {
    /// As it came from Kafka.
    Consumed(&'a InRecord),
    /// From a source: the text of the record before its transforms, where the log wants it.
    Source(&'a str),
    /// Its place only is known, or not even that.
    Unknown,
}

/// `errors.log.enable=true`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Logging {
    /// `errors.log.include.messages`: the record's place too, and of a source the record itself.
    pub include_records: bool,
}

impl Logging {
    /// From a connector's settings; none where errors are not logged.
    pub fn of(settings: &ConfigMap) -> Option<Self> {
        let is = |key: &str| settings.get(key).is_some_and(|value| value.trim().eq_ignore_ascii_case("true"));
        is("errors.log.enable").then(|| Self { include_records: is("errors.log.include.messages") })
    }

    /// Kafka's line.
    pub(super) fn text(self, id: &TaskId, problem: &Problem, about: &About<'_>) -> String {
        let Problem { stage, class, .. } = problem;
        let mut text = format!("Error encountered in task {id}. Executing stage '{stage}' with class '{class}'");
        match about {
            About::Consumed(record) if self.include_records => {
                let (topic, partition, offset) = (&record.topic, record.partition, record.offset);
                text.push_str(", where consumed record is ");
                text.push_str(&format!("{{topic='{topic}', partition={partition}, offset={offset}"));
                match (record.timestamp, record.timestamp_type) {
                    (_, TimestampType::NoTimestampType) | (None, _) => {}
                    (Some(timestamp), kind) => {
                        text.push_str(&format!(", timestamp={timestamp}, timestampType={}", kind.name()));
                    }
                }
                text.push('}');
            }
            About::Source(record) if self.include_records => {
                text.push_str(", where source record is = ");
                text.push_str(record);
            }
            About::Consumed(_) | About::Source(_) | About::Unknown => {}
        }
        text.push('.');
        text
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use watertight_data::DataError;

    use super::super::Stage;
    use super::*;

    #[test]
    fn the_line_is_kafkas() {
        let record = InRecord {
            topic: "t".into(),
            partition: 1,
            offset: 7,
            timestamp: Some(5),
            timestamp_type: TimestampType::CreateTime,
            key: None,
            value: None,
            headers: Vec::new(),
        };
        let class: Arc<str> = "a.B".into();
        let problem = Problem::new(Stage::ValueConverter, &class, DataError::new("no"));
        let id = TaskId { connector: "c".into(), task: 0 };
        let line = |include_records| Logging { include_records }.text(&id, &problem, &About::Consumed(&record));
        assert_eq!(line(false), "Error encountered in task c-0. Executing stage 'VALUE_CONVERTER' with class 'a.B'.");
        assert_eq!(
            line(true),
            "Error encountered in task c-0. Executing stage 'VALUE_CONVERTER' with class 'a.B', where consumed record \
             is {topic='t', partition=1, offset=7, timestamp=5, timestampType=CreateTime}."
        );
    }
}
