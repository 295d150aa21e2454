//! Connect's `SinkConnector` and `SinkTask`.

use crate::{Checkup, Class, Config, Failure, KeyReport, Result, TopicPartition};

pub use crate::bindings::sink::exports::watertight::sink::sink_task::{
    CommitReport, PutReport, Rejection, SinkBatch, SinkRecord, TimestampType, TopicOffset,
};

/// Plans the work of its tasks.
pub trait SinkConnector: Default + 'static {
    /// What does the work.
    type Task: SinkTask + Default;

    /// Name, configuration and whatever else a worker lists.
    const CLASS: Class;

    /// What the worker cannot check by itself. Only keys with something to say. Without `start`.
    fn validate(&self, config: &Config) -> Result<Vec<KeyReport>> {
        let _ = config;
        Ok(Vec::new())
    }

    /// An operator sets (or with none resets) offsets of a stopped connector; asked of a fresh instance, without `start`,
    /// before anything is written. True: these are all the offsets that there are, whatever the connector keeps elsewhere
    /// included. False: not implemented. A failure leaves everything as it was, and its message is what the operator
    /// reads; [`Failure::unsupported`] says that offsets cannot be changed from outside.
    ///
    /// [`Failure::unsupported`]: crate::Failure::unsupported
    fn alter_offsets(&self, config: &Config, offsets: &[(TopicPartition, Option<i64>)]) -> Result<bool> {
        let _ = (config, offsets);
        Ok(false)
    }

    /// Called once, before `task_configs`.
    fn start(&mut self, config: &Config) -> Result<()>;

    /// One configuration per task, at most so many.
    fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<Config>>;

    /// Is all well, and do the tasks need new configurations? A failure is Connect's `raiseError`.
    fn check(&mut self) -> Result<Checkup> {
        Ok(Checkup { reconfigure_tasks: false, again_after_ms: None })
    }

    /// The end.
    fn stop(&mut self) {}
}

/// Takes records.
pub trait SinkTask: 'static {
    /// Called once, before `open`.
    fn start(&mut self, config: &Config) -> Result<()>;

    /// These partitions are this task's from now on.
    fn open(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        let _ = partitions;
        Ok(())
    }

    /// Takes records; [`PutReport::all`] is the normal answer. A failure stands for none taken.
    fn put(&mut self, batch: SinkBatch) -> Result<PutReport>;

    /// Makes all that was taken durable. Called by [`pre_commit`](Self::pre_commit) as it stands.
    fn flush(&mut self) -> Result<()> {
        Ok(())
    }

    /// What may be committed: fewer or lower than offered, or nothing.
    fn pre_commit(&mut self, offsets: Vec<TopicOffset>) -> Result<CommitReport> {
        self.flush()?;
        Ok(CommitReport { offsets, rejected: Vec::new() })
    }

    /// These partitions are this task's no longer. With `lost`, others own them already.
    fn close(&mut self, partitions: &[TopicPartition], lost: bool) -> Result<()> {
        let _ = (partitions, lost);
        Ok(())
    }

    /// The end.
    fn stop(&mut self) {}
}

impl PutReport {
    /// All of these records are the task's now.
    pub fn all(count: usize) -> Self {
        Self { taken: u32::try_from(count).unwrap_or(u32::MAX), held: None, rejected: Vec::new(), call_within_ms: None }
    }

    /// Bring the rest again later: back-pressure, or with a reason trouble.
    pub fn some(taken: usize, held: Option<Failure>) -> Self {
        Self { held, ..Self::all(taken) }
    }
}
