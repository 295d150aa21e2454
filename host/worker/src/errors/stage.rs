//! Where in the pipeline a record failed.

use std::fmt;
use std::sync::Arc;

use watertight_data::DataError;

/// Kafka's `Stage`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Handing records to a sink.
    TaskPut,
    /// A transform, or the predicate before it.
    Transformation,
    /// The key's converter.
    KeyConverter,
    /// The value's converter.
    ValueConverter,
    /// The headers' converter.
    HeaderConverter,
    /// Writing to Kafka.
    KafkaProduce,
}

impl Stage {
    /// Java's name of the constant, as headers and log lines have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::TaskPut => "TASK_PUT",
            Stage::Transformation => "TRANSFORMATION",
            Stage::KeyConverter => "KEY_CONVERTER",
            Stage::ValueConverter => "VALUE_CONVERTER",
            Stage::HeaderConverter => "HEADER_CONVERTER",
            Stage::KafkaProduce => "KAFKA_PRODUCE",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One record's failure.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Where.
    pub stage: Stage,
    /// Class of the converter, transform or task that failed.
    pub class: Arc<str>,
    /// How.
    pub error: DataError,
}

impl Problem {
    /// A failure of this stage and class.
    pub fn new(stage: Stage, class: &Arc<str>, error: DataError) -> Self {
        Self { stage, class: Arc::clone(class), error }
    }
}
