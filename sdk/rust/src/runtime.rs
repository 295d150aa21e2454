//! What the worker offers to a running connector or task: Connect's contexts, as functions.

use crate::{Config, Position, Result, Schema, SchemaId};

#[cfg(target_arch = "wasm32")]
use crate::bindings::base::watertight::runtime as host;
#[cfg(not(target_arch = "wasm32"))]
use crate::testing as host;

/// A named fact: `connector`, `task`, `worker.version`, `worker.directory`, `transaction.boundary`,
/// `errors.tolerance`, `errors.reporter`.
pub fn fact(name: &str) -> Option<String> {
    host::worker::fact(name)
}

/// The configuration as it is now, which may differ from that at start: secrets rotate.
pub fn current_config() -> Config {
    host::worker::current_config().into()
}

/// The worker wants this task to stop: return soon.
pub fn stopping() -> bool {
    host::worker::stopping()
}

/// The offset this connector has stored for a source partition.
pub fn stored_offset(partition: &Position) -> Result<Option<Position>> {
    let mut answers = stored_offsets(std::slice::from_ref(partition))?;
    Ok(answers.pop().flatten())
}

/// The offsets stored for these source partitions, in the order asked.
pub fn stored_offsets(partitions: &[Position]) -> Result<Vec<Option<Position>>> {
    host::offsets::stored(partitions)
}

/// A number for this schema; equal schemas have equal numbers.
pub fn define_schema(schema: &Schema) -> Result<SchemaId, String> {
    host::schemas::define(schema)
}

/// The schema behind a number that came with a record.
pub fn schema(id: SchemaId) -> Option<Schema> {
    host::schemas::get(id)
}

/// These numbers will not be used again.
pub fn forget_schemas(ids: &[SchemaId]) {
    host::schemas::forget(ids);
}

/// The plain text behind a setting that arrived as a reference. Using this asks for a permission.
pub fn reveal_secret(reference: &str) -> Result<String> {
    host::secrets::reveal(reference)
}

/// Series that the worker exposes with connector and task added.
pub mod metrics {
    use super::host;

    /// Says what a series is: kind `counter` or `gauge`, its unit, and a sentence.
    pub fn describe(name: &str, kind: &str, unit: &str, description: &str) {
        host::metrics::describe(name, kind, unit, description);
    }

    /// Adds to a counter.
    pub fn add(name: &str, by: f64) {
        host::metrics::add(name, &[], by);
    }

    /// Sets a gauge.
    pub fn set(name: &str, to: f64) {
        host::metrics::set(name, &[], to);
    }
}

/// For sink tasks. Takes effect when the call of the task that is under way has returned.
pub mod sink_context {
    use crate::{Result, TopicPartition};

    #[cfg(target_arch = "wasm32")]
    use crate::bindings::sink::watertight::sink::sink_context as host;
    #[cfg(not(target_arch = "wasm32"))]
    use crate::testing::sink_context as host;

    /// The partitions this task has.
    pub fn assignment() -> Vec<TopicPartition> {
        host::assignment()
    }

    /// Read on from here (Connect's `SinkTaskContext.offset`).
    pub fn seek(offsets: &[(TopicPartition, i64)]) -> Result<()> {
        host::seek(offsets)
    }

    /// Bring no records of these partitions until they are resumed.
    pub fn pause(partitions: &[TopicPartition]) -> Result<()> {
        host::pause(partitions)
    }

    /// Bring records of these partitions again.
    pub fn resume(partitions: &[TopicPartition]) -> Result<()> {
        host::resume(partitions)
    }

    /// Commit soon instead of at the next interval.
    pub fn request_commit() {
        host::request_commit();
    }
}
