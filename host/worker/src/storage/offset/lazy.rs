//! A topic that is read by several, and written by few of them: tasks that write exactly once bring their own
//! producer. So the producer, with its threads, is made when something is first to be written.

use std::time::Duration;

use tokio::sync::OnceCell;
use watertight_kafka::{ClientSettings, LogWriter, TopicLog};

use crate::storage::live::records;
use crate::storage::log::{Log, LogTrouble, Pair};

/// A log whose writer comes later.
pub(super) struct Lazy {
    pub(super) read: TopicLog,
    pub(super) settings: ClientSettings,
    pub(super) writer: OnceCell<LogWriter>,
}

#[async_trait::async_trait]
impl Log for Lazy {
    async fn read_to_end(&self, limit: Duration) -> Result<(), LogTrouble> {
        Ok(self.read.read_to_end(limit).await?)
    }

    async fn send(&self, pairs: Vec<Pair>) -> Result<(), LogTrouble> {
        let make = || LogWriter::start(self.read.topic(), self.settings.clone());
        let writer = self.writer.get_or_try_init(make).await?;
        Ok(writer.send_all(records(pairs)).await?)
    }

    fn partitions(&self) -> usize {
        self.read.partitions()
    }

    fn purge(&self) {
        if let Some(writer) = self.writer.get() {
            writer.purge();
        }
    }

    async fn stop(&self) {
        if let Some(writer) = self.writer.get() {
            writer.stop().await;
        }
        self.read.stop().await;
    }
}
