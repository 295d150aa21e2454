//! The standalone herder: configs and states in memory, offsets in a file, everything in this process.
//!
//! Decisions about one connector are taken in turn, under that connector's own lock; decisions about different
//! connectors never wait for each other, and reading waits for nobody: what REST shows is published separately.

mod change;
mod connector;
mod herder;
mod offsets;
mod place;
mod plan;
mod published;
mod put;
mod restart;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

use crate::counts::CountBoard;
use crate::status::StatusBoard;
use crate::topics_in_use::{TopicTracking, TopicsInUse};
pub use crate::worker::Parts;
use crate::worker::Worker;

use place::{Place, Slot};
pub use published::Published;

/// The herder. Clones are the same one.
#[derive(Clone)]
pub struct Standalone(Arc<Inner>);

struct Inner {
    worker: Worker,
    board: StatusBoard,
    tracking: TopicTracking,
    slots: Mutex<HashMap<String, Arc<Place>>>,
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
        let worker = Worker::new(parts, Arc::new(board.clone()), in_use);
        Self(Arc::new(Inner {
            worker,
            board,
            tracking,
            slots: Mutex::default(),
            published: RwLock::default(),
            numbers: AtomicU64::new(1),
            closing: AtomicBool::new(false),
        }))
    }

    /// What tasks count.
    pub fn counts(&self) -> &CountBoard {
        self.0.worker.counts()
    }

    /// Which topics connectors use.
    pub fn topics_in_use(&self) -> &TopicsInUse {
        self.0.worker.topics_in_use()
    }

    /// Everything that the worker was started with is there: from now on it calls itself healthy.
    pub fn started(&self) {
        self.0.worker.health().started();
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
