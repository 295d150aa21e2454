//! Connectors and their tasks.

use tokio::time::timeout;

use super::load;
use crate::bindings::exports::watertight::sink::{sink_connector, sink_task};
use crate::bindings::exports::watertight::source::{source_connector, source_task};
use crate::bindings::watertight::types::common::{Checkup, Config, KeyReport};
use crate::bindings::watertight::types::data::{Position, TopicPartition};
use crate::error::{Call, GuestError};
use crate::instance::GuestInstance;

/// A source connector.
pub struct SourceConnector {
    /// Its instance.
    pub guest: GuestInstance,
    exports: source_connector::Guest,
}

/// A sink connector.
pub struct SinkConnector {
    /// Its instance.
    pub guest: GuestInstance,
    exports: sink_connector::Guest,
}

/// A source task.
pub struct SourceTask {
    /// Its instance.
    pub guest: GuestInstance,
    exports: source_task::Guest,
}

/// A sink task.
pub struct SinkTask {
    /// Its instance.
    pub guest: GuestInstance,
    exports: sink_task::Guest,
}

macro_rules! connector {
    ($name:ident, $module:ident, $partition:ty, $offset:ty) => {
        impl $name {
            /// Takes the role.
            pub fn new(mut guest: GuestInstance, indices: &$module::GuestIndices) -> Result<Self, GuestError> {
                let exports =
                    load(&mut guest, Call::Instantiate, |guest| indices.load(&mut guest.store, &guest.instance))?;
                Ok(Self { guest, exports })
            }

            /// What the plugin has to say of a config.
            pub async fn validate(&mut self, class: &str, config: &Config) -> Result<Vec<KeyReport>, GuestError> {
                fallible!(self, Call::Validate, call_validate(class, config))
            }

            /// Whether the plugin has taken these offsets up where it keeps some itself; its word on whether they
            /// will do. None: the offset is taken away.
            pub async fn alter_offsets(
                &mut self,
                class: &str,
                config: &Config,
                offsets: &[($partition, Option<$offset>)],
            ) -> Result<bool, GuestError> {
                fallible!(self, Call::AlterOffsets, call_alter_offsets(class, config, offsets))
            }

            /// Starts planning.
            pub async fn start(&mut self, class: &str, config: &Config) -> Result<(), GuestError> {
                fallible!(self, Call::Start, call_start(class, config))
            }

            /// One config a task.
            pub async fn task_configs(&mut self, max: u32) -> Result<Vec<Config>, GuestError> {
                fallible!(self, Call::TaskConfigs, call_task_configs(max))
            }

            /// Is all well?
            pub async fn check(&mut self) -> Result<Checkup, GuestError> {
                fallible!(self, Call::Check, call_check())
            }

            /// The end.
            pub async fn stop(&mut self) -> Result<(), GuestError> {
                infallible!(self, Call::Stop, call_stop())
            }
        }
    };
}

connector!(SourceConnector, source_connector, Position, Position);
connector!(SinkConnector, sink_connector, TopicPartition, i64);

impl SourceConnector {
    /// Whether each record can be written exactly once. None: it does not know.
    pub async fn exactly_once_support(&mut self, class: &str, config: &Config) -> Result<Option<bool>, GuestError> {
        fallible!(self, Call::ExactlyOnceSupport, call_exactly_once_support(class, config))
    }

    /// Whether it says where transactions end.
    pub async fn can_define_transaction_boundaries(
        &mut self,
        class: &str,
        config: &Config,
    ) -> Result<bool, GuestError> {
        fallible!(self, Call::CanDefineTransactionBoundaries, call_can_define_transaction_boundaries(class, config))
    }
}

impl SourceTask {
    /// Takes the role.
    pub fn new(mut guest: GuestInstance, indices: &source_task::GuestIndices) -> Result<Self, GuestError> {
        let exports = load(&mut guest, Call::Instantiate, |guest| indices.load(&mut guest.store, &guest.instance))?;
        Ok(Self { guest, exports })
    }

    /// Starts reading.
    pub async fn start(&mut self, class: &str, config: &Config) -> Result<(), GuestError> {
        fallible!(self, Call::Start, call_start(class, config))
    }

    /// The next records.
    pub async fn poll(
        &mut self,
        max_records: u32,
        max_bytes: u32,
        max_ms: u32,
    ) -> Result<source_task::SourceBatch, GuestError> {
        fallible!(self, Call::Poll, call_poll(max_records, max_bytes, max_ms))
    }

    /// These arrived, or will never.
    pub async fn acknowledge(&mut self, done: &source_task::Acknowledgements) -> Result<(), GuestError> {
        fallible!(self, Call::Acknowledge, call_acknowledge(done))
    }

    /// Offsets of all that was acknowledged are stored.
    pub async fn committed(&mut self) -> Result<(), GuestError> {
        fallible!(self, Call::Committed, call_committed())
    }

    /// The end.
    pub async fn stop(&mut self) -> Result<(), GuestError> {
        infallible!(self, Call::Stop, call_stop())
    }
}

impl SinkTask {
    /// Takes the role.
    pub fn new(mut guest: GuestInstance, indices: &sink_task::GuestIndices) -> Result<Self, GuestError> {
        let exports = load(&mut guest, Call::Instantiate, |guest| indices.load(&mut guest.store, &guest.instance))?;
        Ok(Self { guest, exports })
    }

    /// Starts writing.
    pub async fn start(&mut self, class: &str, config: &Config) -> Result<(), GuestError> {
        fallible!(self, Call::Start, call_start(class, config))
    }

    /// These partitions are now the task's.
    pub async fn open(&mut self, partitions: &[TopicPartition]) -> Result<(), GuestError> {
        fallible!(self, Call::Open, call_open(partitions))
    }

    /// Records to write.
    pub async fn put(&mut self, batch: &sink_task::SinkBatch) -> Result<sink_task::PutReport, GuestError> {
        fallible!(self, Call::Put, call_put(batch))
    }

    /// What may be committed?
    pub async fn pre_commit(
        &mut self,
        offsets: &[sink_task::TopicOffset],
    ) -> Result<sink_task::CommitReport, GuestError> {
        fallible!(self, Call::PreCommit, call_pre_commit(offsets))
    }

    /// These partitions are the task's no more.
    pub async fn close(&mut self, partitions: &[TopicPartition], lost: bool) -> Result<(), GuestError> {
        fallible!(self, Call::Close, call_close(partitions, lost))
    }

    /// The end.
    pub async fn stop(&mut self) -> Result<(), GuestError> {
        infallible!(self, Call::Stop, call_stop())
    }
}
