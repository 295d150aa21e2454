//! The standalone herder: configs and states in memory, offsets in a file, everything in this process.
//!
//! Decisions about one connector are taken in turn, under that connector's own lock; decisions about different
//! connectors never wait for each other, and reading waits for nobody: what REST shows is published separately.

mod connector;
mod equip;
mod herder;
mod in_use;
mod published;
mod start;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, RwLock, Weak};
use std::time::Duration;

use watertight_kafka::{Admin, ProducerPool};
use watertight_sandbox::registry::PluginRegistry;

use crate::config::WorkerConfig;
use crate::connector::ConnectorHandle;
use crate::counts::CountBoard;
use crate::entities::{ConfigMap, TargetState};
use crate::guest::GuestHost;
use crate::offsets::OffsetStore;
use crate::status::StatusBoard;
use crate::task::TaskHandle;
use crate::topics_in_use::TopicsInUse;

pub use published::Published;

/// Producers shared by tasks of equal settings: more would fill smaller batches, fewer would share one queue.
const PRODUCERS: usize = 4;
/// What stopping a connector instance may take; fixed in Kafka too.
const CONNECTOR_STOP: Duration = Duration::from_secs(5);

/// What a standalone worker is made of.
pub struct Parts {
    /// Its settings.
    pub config: WorkerConfig,
    /// Its plugins.
    pub plugins: Arc<PluginRegistry>,
    /// What guests get.
    pub host: Arc<GuestHost>,
    /// Where offsets lie.
    pub offsets: Arc<dyn OffsetStore>,
    /// For questions to the cluster.
    pub admin: Arc<Admin>,
    /// `host:port` under which it is known.
    pub worker_id: String,
    /// Answer of `GET /`.
    pub version: String,
    /// As the broker told it at start.
    pub cluster_id: String,
}

/// The herder. Clones are the same one.
#[derive(Clone)]
pub struct Standalone(Arc<Inner>);

struct Inner {
    parts: Parts,
    board: StatusBoard,
    counts: CountBoard,
    in_use: TopicsInUse,
    producers: ProducerPool,
    slots: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Slot>>>>,
    published: RwLock<HashMap<String, Arc<Published>>>,
}

/// One connector, as it is being worked on.
#[derive(Default)]
struct Slot {
    /// As given.
    config: Option<ConfigMap>,
    /// The same, as it was last made ready.
    in_use: Option<in_use::InUse>,
    target: TargetState,
    handle: Option<ConnectorHandle>,
    tasks: Vec<Task>,
}

struct Task {
    settings: ConfigMap,
    handle: Option<TaskHandle>,
}

impl Standalone {
    /// A herder with nothing to herd yet.
    pub fn new(parts: Parts) -> Self {
        let board = StatusBoard::new(parts.worker_id.as_str(), parts.config.vault.clone());
        let tracking = parts.config.properties.get("topic.tracking.enable");
        let in_use = TopicsInUse::new(tracking.is_none_or(|value| !value.trim().eq_ignore_ascii_case("false")));
        Self(Arc::new(Inner {
            parts,
            board,
            counts: CountBoard::default(),
            in_use,
            producers: ProducerPool::new(PRODUCERS),
            slots: Mutex::default(),
            published: RwLock::default(),
        }))
    }

    /// What tasks count.
    pub fn counts(&self) -> &CountBoard {
        &self.0.counts
    }

    /// Which topics connectors use.
    pub fn topics_in_use(&self) -> &TopicsInUse {
        &self.0.in_use
    }

    /// Stops everything, each within its deadline and all at once.
    pub async fn shut_down(&self) {
        let slots: Vec<_> = match self.0.slots.lock() {
            Ok(slots) => slots.values().cloned().collect(),
            Err(_) => return,
        };
        let deadline = self.0.parts.config.shutdown_timeout;
        let stops = slots.into_iter().map(|slot| async move {
            let mut slot = slot.lock().await;
            let tasks = slot.tasks.iter_mut().filter_map(|task| task.handle.take());
            let tasks: Vec<TaskHandle> = tasks.collect();
            futures::future::join_all(tasks.into_iter().map(|task| task.stop(deadline))).await;
            if let Some(handle) = slot.handle.take() {
                handle.stop(CONNECTOR_STOP).await;
            }
        });
        futures::future::join_all(stops).await;
    }

    fn downgrade(&self) -> Weak<Inner> {
        Arc::downgrade(&self.0)
    }

    /// The slot of a name, made if need be.
    fn slot(&self, name: &str) -> Arc<tokio::sync::Mutex<Slot>> {
        match self.0.slots.lock() {
            Ok(mut slots) => Arc::clone(slots.entry(name.to_owned()).or_default()),
            Err(_) => Arc::default(),
        }
    }
}
