//! Connect's `SourceConnector` and `SourceTask`.

use crate::{Checkup, Class, Config, Failure, KeyReport, Message, Position, Result, Scalar};

pub use crate::bindings::source::exports::watertight::source::source_task::{
    AckRun, Acknowledgements, Boundary, Checkpoint, Delivery, SourceBatch, SourcePartition, SourceRecord,
    TransactionMark,
};

/// Plans the work of its tasks.
pub trait SourceConnector: Default + 'static {
    /// What does the work.
    type Task: SourceTask + Default;

    /// Name, configuration and whatever else a worker lists.
    const CLASS: Class;

    /// What the worker cannot check by itself. Only keys with something to say. Without `start`.
    fn validate(&self, config: &Config) -> Result<Vec<KeyReport>> {
        let _ = config;
        Ok(Vec::new())
    }

    /// Whether exactly-once delivery holds with this configuration; nothing when the connector does not know.
    fn exactly_once_support(&self, config: &Config) -> Result<Option<bool>> {
        let _ = config;
        Ok(None)
    }

    /// Whether tasks will say where a transaction ends.
    fn can_define_transaction_boundaries(&self, config: &Config) -> Result<bool> {
        let _ = config;
        Ok(false)
    }

    /// An operator sets (or with none resets) offsets of a stopped connector; asked of a fresh instance, without `start`,
    /// before anything is written. True: these are all the offsets that there are, whatever the connector keeps elsewhere
    /// included. False: not implemented. A failure leaves everything as it was, and its message is what the operator
    /// reads; [`Failure::unsupported`] says that offsets cannot be changed from outside.
    ///
    /// [`Failure::unsupported`]: crate::Failure::unsupported
    fn alter_offsets(&self, config: &Config, offsets: &[(Position, Option<Position>)]) -> Result<bool> {
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

/// How much a poll may answer. A harder byte limit and the call's deadline stand behind these and end the task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollLimits {
    /// At most so many records.
    pub max_records: usize,
    /// About so many bytes, though one record may always come.
    pub max_bytes: usize,
    /// Back within so many milliseconds.
    pub max_ms: u32,
}

/// Brings records.
pub trait SourceTask: 'static {
    /// Called once, before the first poll.
    fn start(&mut self, config: &Config) -> Result<()>;

    /// Whatever there is now. Never sleeps: `wait_ms` says when to ask again.
    fn poll(&mut self, limits: &PollLimits) -> Result<SourceBatch>;

    /// Connect's `commitRecord`, in runs. Needs the feature `acknowledge`.
    fn acknowledge(&mut self, done: &Acknowledgements) -> Result<()> {
        let _ = done;
        Ok(())
    }

    /// Connect's `commit`. Needs the feature `committed`.
    fn committed(&mut self) -> Result<()> {
        Ok(())
    }

    /// The end.
    fn stop(&mut self) {}
}

impl SourceBatch {
    /// Nothing now; ask again after so many milliseconds.
    pub fn wait(milliseconds: u64) -> Self {
        Self {
            topics: Vec::new(),
            source_partitions: Vec::new(),
            records: Vec::new(),
            marks: Vec::new(),
            wait_ms: Some(milliseconds),
        }
    }

    /// Records of one topic and one source partition, the common case: both have index 0.
    pub fn single(
        topic: impl Into<String>,
        partition: Position,
        offset_fields: &[&str],
        records: Vec<SourceRecord>,
    ) -> Self {
        Self {
            topics: vec![topic.into()],
            source_partitions: vec![SourcePartition {
                partition,
                offset_fields: offset_fields.iter().map(|&field| field.to_owned()).collect(),
            }],
            records,
            marks: Vec::new(),
            wait_ms: None,
        }
    }
}

impl SourceRecord {
    /// A record of source partition 0 after which work can resume at this offset.
    pub fn at(message: Message, offset: Vec<Scalar>) -> Self {
        Self { message, source_partition: 0, checkpoint: Checkpoint::At(offset) }
    }
}

impl PollLimits {
    pub(crate) fn new(max_records: u32, max_bytes: u32, max_ms: u32) -> Result<Self, Failure> {
        let wide = |number: u32| usize::try_from(number).map_err(|_| Failure::unsupported("limit out of range"));
        Ok(Self { max_records: wide(max_records)?, max_bytes: wide(max_bytes)?, max_ms })
    }
}
