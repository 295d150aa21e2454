//! What a worker runs connectors and tasks with, whoever decides which: settings made ready for use, clients, plugins,
//! stores. Kafka calls it `Worker` too. Nothing here knows whether the worker is alone or one of a cluster, and nothing
//! here takes turns: that is the herders' business.

mod ask;
mod databases;
mod equip;
mod fence;
mod in_use;
mod instance;
mod offsets;
mod start;

use std::sync::Arc;
use std::time::Duration;

use watertight_kafka::{Admin, ProducerPool};
use watertight_sandbox::registry::PluginRegistry;

use crate::config::WorkerConfig;
use crate::counts::CountBoard;
use crate::guest::GuestHost;
use crate::health::HealthWatch;
use crate::offsets::OffsetStores;
use crate::pace::Pace;
use crate::status::Statuses;
use crate::task::{Lost, Surroundings};
use crate::topics_in_use::TopicsInUse;
use crate::validate::Inquiries;

pub use ask::{Accepted, Asked};
pub use equip::client_base;
pub use in_use::{InUse, of_task, stored};
pub use instance::NoPlan;
pub use start::{StartTask, TaskGuard, group_of};

/// What stopping a connector instance may take; fixed in Kafka too.
pub const CONNECTOR_STOP: Duration = Duration::from_secs(5);
/// Producers shared by tasks of equal settings: more would fill smaller batches, fewer would share one queue.
const PRODUCERS: usize = 4;

/// What a worker is made of.
pub struct Parts {
    /// Its settings.
    pub config: WorkerConfig,
    /// Its plugins.
    pub plugins: Arc<PluginRegistry>,
    /// What guests get.
    pub host: Arc<GuestHost>,
    /// Where offsets lie.
    pub offsets: Arc<dyn OffsetStores>,
    /// For questions to the cluster.
    pub admin: Arc<Admin>,
    /// `host:port` under which it is known.
    pub worker_id: String,
    /// Answer of `GET /`.
    pub version: String,
    /// As the broker told it at start.
    pub cluster_id: String,
}

/// Clones are the same one.
#[derive(Clone)]
pub struct Worker(Arc<Inner>);

struct Inner {
    parts: Parts,
    surroundings: Surroundings,
    topics: TopicsInUse,
    counts: CountBoard,
    producers: ProducerPool,
    inquiries: Inquiries,
    health: HealthWatch,
}

impl Worker {
    /// A worker that runs nothing yet. Its tasks say in `statuses` what they are doing, and in `topics` what they use.
    pub fn new(parts: Parts, statuses: Arc<dyn Statuses>, topics: TopicsInUse) -> Self {
        Self(Arc::new(Inner {
            parts,
            surroundings: Surroundings { statuses, pace: Pace::default(), lost: Lost::default() },
            topics,
            counts: CountBoard::default(),
            producers: ProducerPool::new(PRODUCERS),
            inquiries: Inquiries::default(),
            health: HealthWatch::default(),
        }))
    }

    /// What it is made of.
    pub fn parts(&self) -> &Parts {
        &self.0.parts
    }

    /// Where states go.
    pub fn statuses(&self) -> &Arc<dyn Statuses> {
        &self.0.surroundings.statuses
    }

    /// Which topics connectors use.
    pub fn topics_in_use(&self) -> &TopicsInUse {
        &self.0.topics
    }

    /// What tasks count.
    pub fn counts(&self) -> &CountBoard {
        &self.0.counts
    }

    /// Whether its tasks may be somebody else's by now.
    pub fn lost(&self) -> &Lost {
        &self.0.surroundings.lost
    }

    /// Drops what tasks have sent and Kafka has not acknowledged: for when all of it is somebody else's by now.
    pub fn purge(&self) {
        self.0.producers.purge();
    }

    /// Whether it is up, and what it is doing.
    pub fn health(&self) -> &HealthWatch {
        &self.0.health
    }
}
