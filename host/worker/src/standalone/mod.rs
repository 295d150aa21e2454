//! The standalone herder: configs and states in memory, offsets in a file, everything in this process.
//!
//! Decisions about one connector are taken in turn, under that connector's own lock; decisions about different
//! connectors never wait for each other, and reading waits for nobody: what REST shows is published separately.

mod ask;
mod change;
mod connector;
mod equip;
mod herder;
mod in_use;
mod offsets;
mod place;
mod plan;
mod published;
mod put;
mod restart;
mod start;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Duration;

use watertight_kafka::{Admin, ProducerPool};
use watertight_sandbox::registry::PluginRegistry;

use crate::config::WorkerConfig;
use crate::counts::CountBoard;
use crate::guest::GuestHost;
use crate::health::HealthWatch;
use crate::offsets::OffsetStore;
use crate::status::StatusBoard;
use crate::topics_in_use::{TopicTracking, TopicsInUse};
use crate::validate::Inquiries;

use place::{Place, Slot};
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
    tracking: TopicTracking,
    in_use: TopicsInUse,
    producers: ProducerPool,
    inquiries: Inquiries,
    slots: Mutex<HashMap<String, Arc<Place>>>,
    health: HealthWatch,
    published: RwLock<HashMap<String, Arc<Published>>>,
    /// Given out to what must not be taken for its successor, even under the same name.
    numbers: AtomicU64,
    /// Nothing is started any more.
    closing: AtomicBool,
}

impl Standalone {
    /// A herder with nothing to herd yet.
    pub fn new(parts: Parts) -> Self {
        let board = StatusBoard::new(parts.worker_id.as_str(), parts.config.vault.clone());
        let tracking = TopicTracking::of(&parts.config.properties);
        let in_use = TopicsInUse::new(tracking.enabled);
        Self(Arc::new(Inner {
            parts,
            board,
            counts: CountBoard::default(),
            tracking,
            in_use,
            producers: ProducerPool::new(PRODUCERS),
            inquiries: Inquiries::default(),
            slots: Mutex::default(),
            health: HealthWatch::default(),
            published: RwLock::default(),
            numbers: AtomicU64::new(1),
            closing: AtomicBool::new(false),
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

    /// Everything that the worker was started with is there: from now on it calls itself healthy.
    pub fn started(&self) {
        self.0.health.started();
    }

    /// Stops everything, each within its deadline and all at once. Whose turn comes afterwards finds the herder closed.
    pub async fn shut_down(&self) {
        // First: a place that is not among the names yet is one whose turn is still to come.
        self.0.closing.store(true, Ordering::SeqCst);
        let names: Vec<String> = self.0.slots.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect();
        let stops = names.into_iter().map(|name| async move {
            let mut turn = self.supersede(&name).await;
            self.stop_tasks(&mut turn).await;
            self.stop_connector(&mut turn).await;
        });
        futures::future::join_all(stops).await;
    }

    fn is_closing(&self) -> bool {
        self.0.closing.load(Ordering::SeqCst)
    }

    /// A number that nobody else has had.
    fn number(&self) -> u64 {
        self.0.numbers.fetch_add(1, Ordering::Relaxed)
    }

    fn downgrade(&self) -> Weak<Inner> {
        Arc::downgrade(&self.0)
    }
}
