//! Bad records (KIP-298, KIP-610): tried again, reported, skipped or fatal, as the connector's `errors.` settings
//! say. One handler per task; every stage of the way hands it a [`Problem`] and learns whether to go on.
//!
//! In one point this is stricter than Kafka's worker, which skips a record under `errors.tolerance=none` when its
//! last failure was a retriable one: nothing is lost here unless somebody asked for it.

mod dead_letters;
mod policy;
mod report;
mod stage;

use std::sync::Arc;

pub use dead_letters::{DeadLetterSettings, DeadLetters, Flushed};
pub use policy::{Pause, Policy};
pub use report::{About, Logging};
pub use stage::{Problem, Stage};

use crate::counts::TaskCounts;
use crate::entities::TaskId;
use crate::failure::Failure;

const TOLERANCE_EXCEEDED: &str =
    "org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler";

/// What becomes of a task's bad records.
pub struct ErrorHandler {
    /// Its task.
    pub id: TaskId,
    /// What is tried again, and what is tolerated.
    pub policy: Policy,
    /// Where it counts.
    pub counts: Arc<TaskCounts>,
    /// `errors.log.enable`
    pub logging: Option<Logging>,
    /// `errors.deadletterqueue.topic.name`; sinks only.
    pub dead_letters: Option<DeadLetters>,
}

impl ErrorHandler {
    /// Whether a record that the sink rejects has somewhere to go (the fact `errors.reporter`).
    pub fn has_reporter(&self) -> bool {
        self.dead_letters.is_some() || self.logging.is_some()
    }

    /// A record failed for good: counts it, reports it, and says whether the task may go on without it.
    ///
    /// # Errors
    /// The failure of the task, when the record is not tolerated. It is reported before.
    pub async fn settle(&mut self, problem: &Problem, about: About<'_>) -> Result<Settled, Failure> {
        // Kafka counts what a stage of its own threw otherwise than what it is told of by a sink or a producer.
        let told = matches!(problem.stage, Stage::TaskPut | Stage::KafkaProduce);
        let tolerant = self.policy.tolerant;
        self.counts.stamp();
        self.counts.failures.one();
        if !told || !tolerant {
            self.counts.errors.one();
        }
        if !told && tolerant {
            self.counts.skipped.one();
        }
        if let Some(logging) = &self.logging {
            tracing::error!("{}\n{}", logging.text(&self.id, problem, &about), problem.error.stack_trace());
            self.counts.logged.one();
        }
        if let (Some(queue), About::Consumed(record)) = (&mut self.dead_letters, &about)
            && !queue.send(&self.id, problem, record, &self.counts).await
        {
            return Ok(Settled::Stopped);
        }
        if tolerant {
            return Ok(Settled::Tolerated);
        }
        if let Flushed::Late(letters) = self.flush().await {
            tracing::error!("{letters} letters to the dead letter queue are still on their way");
        }
        let place = match about {
            About::Consumed(record) => format!(
                " (stage {}, the record at {}-{}, offset {})",
                problem.stage, record.topic, record.partition, record.offset
            ),
            About::Source(_) | About::Unknown => format!(" (stage {})", problem.stage),
        };
        Err(Failure::new(format!("{TOLERANCE_EXCEEDED}{place}\nCaused by: {}", problem.error.stack_trace())))
    }

    /// Waits until everything reported is in the dead letter queue: before offsets behind it are committed.
    pub async fn flush(&mut self) -> Flushed {
        match &mut self.dead_letters {
            Some(queue) => queue.flush(&self.counts).await,
            None => Flushed::All,
        }
    }
}

/// What became of a bad record that does not end its task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It is behind the task.
    Tolerated,
    /// The task was told to stop before it could be reported: it comes again.
    Stopped,
}
