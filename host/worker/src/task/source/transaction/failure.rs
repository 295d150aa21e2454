//! What is said of a transaction that failed.

use std::fmt::Display;

use watertight_kafka::TransactionError;

use super::super::Running;
use crate::entities::TaskId;
use crate::failure::Failure;

/// Kafka's error codes for a producer whose epoch is over. The coordinator ends it when a transaction takes too long,
/// and when another producer takes the name; librdkafka says the same of both.
const EPOCH_IS_OVER: [&str; 4] = ["InvalidProducerEpoch", "INVALID_PRODUCER_EPOCH", "PRODUCER_FENCED", "_FENCED"];

impl Running {
    /// The end of a task whose transaction failed.
    pub(super) fn lost(&self, error: &TransactionError) -> Failure {
        self.unwritten(error.name, error)
    }

    /// Likewise, of a record that could not be written.
    pub(in super::super) fn unwritten(&self, code: &str, error: impl Display) -> Failure {
        let id = &self.run.errors.id;
        let age = self.transactions.as_ref().and_then(|transactions| {
            let age = transactions.open?.elapsed();
            (age >= transactions.time_limit).then_some(age)
        });
        match age {
            Some(_) if EPOCH_IS_OVER.contains(&code) => Failure::caused(&expired(id), error),
            Some(_) | None => Failure::caused(&format!("Failed to flush offsets and/or records for task {id}"), error),
        }
    }
}

/// Kafka's advice.
fn expired(id: &TaskId) -> String {
    format!(
        "The task {id} was unable to finish writing records to Kafka before its producer transaction expired. It may be \
         necessary to reconfigure this connector in order for it to run healthily with exactly-once support. Options for \
         this include: tune the connector's producer configuration for higher throughput, increase the transaction \
         timeout for the connector's producers, decrease the offset commit interval (if using interval-based transaction \
         boundaries), or use the 'poll' transaction boundary (if the connector is not already configured to use it)."
    )
}
