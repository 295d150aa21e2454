//! Where source connectors have got to, in a topic: the worker's, or one that a connector names in
//! `offsets.storage.topic`.

mod both;
mod cache;
mod clients;
mod lazy;
mod log;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use tokio::sync::{Mutex, OnceCell};
use watertight_kafka::{Admin, ClientSettings, LogSettings, TopicLog};

pub use both::ConnectorOffsets;
pub use log::OffsetLog;

use self::clients::Clients;
use self::lazy::Lazy;
use super::parts::StorageParts;
use super::topics::{Purpose, ensure};
use super::{StorageError, live};
use crate::distributed::config::StorageTopic;
use crate::entities::ConfigMap;
use crate::offsets::{OffsetError, OffsetStore, OffsetStores};

/// A connector's setting.
const OWN_TOPIC: &str = "offsets.storage.topic";

/// Offset topics of one worker: its own, and those that connectors name. Whoever reads the same topic in the same way
/// shares one reader, whatever connectors and tasks there are. Clones are the same.
#[derive(Clone)]
pub struct OffsetLogs {
    parts: StorageParts,
    workers: OffsetLog,
    others: Arc<Mutex<HashMap<Reader, Weak<Shared>>>>,
}

/// What makes two readers the same.
#[derive(PartialEq, Eq, Hash)]
struct Reader {
    topic: String,
    reader: ClientSettings,
    writer: ClientSettings,
}

/// One of them, or what is about to be.
type Shared = OnceCell<OffsetLog>;

impl OffsetLogs {
    /// Creates or checks the worker's topic and reads it to its end.
    ///
    /// # Errors
    /// The topic is no good, or cannot be read.
    pub async fn start(parts: &StorageParts) -> Result<Self, StorageError> {
        let topic = &parts.config.offset_topic;
        parts.ensure(topic, Purpose::Offsets).await?;
        let reader = parts.reader("offsets")?;
        let writer = parts.writer("offsets", &[("delivery.timeout.ms", "2147483647")])?;
        let workers = OffsetLog::build(|apply| live::start(&topic.name, reader, Some(writer), parts, apply)).await?;
        Ok(Self { parts: parts.clone(), workers, others: Arc::default() })
    }

    /// The worker's own topic.
    pub fn workers(&self) -> &OffsetLog {
        &self.workers
    }

    /// The store of one connector, by its settings, which are ready for use. The topic that it names is created if it
    /// is missing. Of a worker that supports exactly-once sources, what tasks write in transactions goes to
    /// [`OffsetStore::records`].
    ///
    /// # Errors
    /// Its topic is no good, or its clients cannot be made.
    pub async fn store(&self, connector: &str, settings: &ConfigMap) -> Result<ConnectorOffsets, StorageError> {
        let config = &self.parts.config;
        let named = settings.get(OWN_TOPIC).map(|topic| topic.trim()).filter(|topic| !topic.is_empty());
        let clients = Clients::of(&config.worker, settings, config.exactly_once);
        let topic = named.unwrap_or(&config.offset_topic.name);
        let is_workers = topic == config.offset_topic.name && clients.writes_to_workers_cluster;
        // Exactly-once tasks write their offsets where their records go: to the cluster of their producer.
        let needs_own = named.is_some() || config.exactly_once.is_enabled() && !is_workers;
        if !needs_own {
            return Ok(ConnectorOffsets { topic: topic.to_owned(), own: self.workers.clone(), workers: None });
        }
        let own = self.shared(connector, topic, &clients).await?;
        let workers = (!is_workers).then(|| self.workers.clone());
        Ok(ConnectorOffsets { topic: topic.to_owned(), own, workers })
    }

    async fn shared(&self, connector: &str, topic: &str, clients: &Clients) -> Result<OffsetLog, StorageError> {
        let reader = clients.reader(connector)?;
        let writer = clients.writer(connector)?;
        let key = Reader { topic: topic.to_owned(), reader: reader.clone(), writer: writer.clone() };
        let cell = {
            let mut others = self.others.lock().await;
            others.retain(|_, shared| shared.strong_count() > 0);
            match others.get(&key).and_then(Weak::upgrade) {
                Some(cell) => cell,
                None => {
                    let cell = Arc::new(Shared::new());
                    others.insert(key, Arc::downgrade(&cell));
                    cell
                }
            }
        };
        let admin = Arc::new(clients.admin(connector)?);
        let log = cell.get_or_try_init(|| self.make(topic, reader, writer, admin)).await?;
        Ok(log.clone().kept_in(Arc::clone(&cell)))
    }

    async fn make(
        &self,
        topic: &str,
        reader: ClientSettings,
        writer: ClientSettings,
        admin: Arc<Admin>,
    ) -> Result<OffsetLog, StorageError> {
        let config = &self.parts.config;
        let wanted = StorageTopic { name: topic.to_owned(), ..config.offset_topic.clone() };
        ensure(&admin, &config.worker.properties, &wanted, Purpose::Offsets, config.create_topics).await?;
        OffsetLog::build(|apply| async {
            let settings = LogSettings { topic: topic.to_owned(), reader, writer: None, admin };
            let read = TopicLog::start(settings, apply).await.map_err(|error| StorageError::Read(error.to_string()))?;
            let lazy: Arc<dyn super::log::Log> = Arc::new(Lazy { read, settings: writer, writer: OnceCell::new() });
            Ok(lazy)
        })
        .await
    }

    /// How many topics are read beside the worker's own. For metrics and tests.
    pub async fn readers(&self) -> usize {
        self.others.lock().await.values().filter(|shared| shared.strong_count() > 0).count()
    }

    /// Ends reading and writing of the worker's topic; the others end with their last user.
    pub async fn stop(&self) {
        self.workers.stop().await;
    }
}

#[async_trait::async_trait]
impl OffsetStores for OffsetLogs {
    async fn of(&self, connector: &str, settings: &ConfigMap) -> Result<Arc<dyn OffsetStore>, OffsetError> {
        let store = self.store(connector, settings).await.map_err(|error| OffsetError(error.to_string()))?;
        Ok(Arc::new(store))
    }
}
