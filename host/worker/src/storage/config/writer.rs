//! The leader's right to write. A leader that has been replaced may not know it yet, and must not write over what its
//! successor decided; so, with exactly-once support, leaders write in transactions under one name for the cluster, and
//! the brokers refuse all but the last who claimed it.

use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::time::Instant;
use watertight_kafka::{ClientSettings, LogWriter};

use crate::storage::live::Privileged;
use crate::storage::log::Pair;
use crate::storage::{StorageError, StorageParts};

/// The right, held or not.
pub(super) struct Leader {
    maker: Box<dyn Maker>,
    held: Mutex<Option<Arc<dyn Privileged>>>,
}

/// Makes a writer, fencing off the one before.
#[async_trait::async_trait]
pub(super) trait Maker: Send + Sync {
    /// With the right to write.
    async fn make(&self) -> Result<Arc<dyn Privileged>, String>;
}

struct Live {
    topic: String,
    settings: ClientSettings,
}

#[async_trait::async_trait]
impl Maker for Live {
    async fn make(&self) -> Result<Arc<dyn Privileged>, String> {
        let writer = LogWriter::start(&self.topic, self.settings.clone()).await.map_err(|error| error.to_string())?;
        Ok(Arc::new(writer))
    }
}

impl Leader {
    pub(super) fn new(parts: &StorageParts) -> Result<Self, StorageError> {
        let settings = parts.transactional_writer(
            "configs-leader",
            &parts.config.transactional_id(),
            "for the worker's config topic producer when exactly-once source support is enabled or in preparation to be enabled",
        )?;
        Ok(Self::with(Box::new(Live { topic: parts.config.config_topic.name.clone(), settings })))
    }

    pub(super) fn with(maker: Box<dyn Maker>) -> Self {
        Self { maker, held: Mutex::new(None) }
    }

    /// Takes the right, unless it is here.
    pub(super) async fn claim(&self) -> Result<(), StorageError> {
        let mut held = self.held.lock().await;
        if held.is_none() {
            let made = self.maker.make().await.map_err(|reason| StorageError::Write {
                doing: "Failed to create and initialize fencable producer for config topic".to_owned(),
                reason,
            })?;
            *held = Some(made);
        }
        Ok(())
    }

    pub(super) async fn give_up(&self) {
        self.held.lock().await.take();
    }

    /// In one transaction. After any failure the right is given up: nobody knows how far it came.
    pub(super) async fn send(&self, records: Vec<Pair>, deadline: Instant) -> Result<(), StorageError> {
        let mut held = self.held.lock().await;
        let Some(writer) = held.clone() else {
            return Err(StorageError::Fenced(
                "Cannot produce to config topic without claiming write privileges first".to_owned(),
            ));
        };
        let reason = match tokio::time::timeout_at(deadline, writer.send(records)).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(trouble)) => trouble.text,
            Err(_) => "the transaction took too long".to_owned(),
        };
        tracing::warn!("Failed to perform fencable send to config topic: {reason}");
        held.take();
        Err(StorageError::Fenced(format!("Failed to perform fencable send to config topic: {reason}")))
    }
}
