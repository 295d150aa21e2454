//! What the driver and requests share.

use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::watch;

use super::ClusterParts;
use super::desk::Desk;
use super::driver::Driver;
use super::guard::Guard;
use super::hearing::Hearing;
use super::session::Locksmith;
use super::standing::Place;
use super::turns::Turns;
use crate::distributed::colleagues::Colleagues;
use crate::distributed::config::DistributedConfig;
use crate::distributed::keepers::Keepers;
use crate::storage::{ConfigLog, StatusLog};
use crate::worker::Worker;

/// Clones are the same one.
#[derive(Clone)]
pub(super) struct Core(Arc<Inner>);

/// What there is of a worker that is up.
pub(super) struct Inner {
    pub(super) config: Arc<DistributedConfig>,
    pub(super) worker: Worker,
    pub(super) keepers: Keepers,
    pub(super) configs: ConfigLog,
    pub(super) statuses: StatusLog,
    pub(super) colleagues: Arc<dyn Colleagues>,
    /// Where others reach this worker.
    pub(super) url: String,
    pub(super) place: Place,
    /// Whose turn it is to write about a connector.
    pub(super) turns: Turns,
    /// Whose turn it is to shut out producers of a connector's earlier tasks.
    pub(super) fence_turns: Turns,
    /// Whose turn it is to change a connector's offsets.
    pub(super) offset_turns: Turns,
    /// Changes after something new has been heard from the config topic.
    pub(super) changes: watch::Sender<()>,
    pub(super) locksmith: Locksmith,
    desk: Mutex<Desk>,
}

impl Deref for Core {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// The same, for whom it must not be kept alive.
#[derive(Clone)]
pub(super) struct WeakCore(Weak<Inner>);

impl WeakCore {
    /// None once the worker has ended.
    pub(super) fn upgrade(&self) -> Option<Core> {
        self.0.upgrade().map(Core)
    }
}

impl Core {
    /// Puts a worker together; the driver is to be run.
    pub(super) fn assemble(parts: ClusterParts, closed: watch::Receiver<bool>) -> (Self, Driver) {
        let ClusterParts { config, worker, member, configs, events, statuses, colleagues, url } = parts;
        let desk = Desk::knowing(&configs.snapshot());
        let core = Self(Arc::new_cyclic(|weak| Inner {
            keepers: Keepers::new(worker.clone(), Arc::new(Guard(WeakCore(weak.clone())))),
            place: Place::new(),
            turns: Turns::default(),
            fence_turns: Turns::default(),
            offset_turns: Turns::default(),
            changes: watch::channel(()).0,
            locksmith: Locksmith::default(),
            desk: Mutex::new(desk),
            config,
            worker,
            configs,
            statuses,
            colleagues,
            url,
        }));
        let hearing = Hearing::new(core.clone(), events, closed);
        let driver = Driver::new(core.clone(), member, hearing);
        (core, driver)
    }

    /// What this worker has been given. Never held while anything is waited for.
    pub(super) fn desk(&self) -> MutexGuard<'_, Desk> {
        // Poisoned or not: what was being decided is decided again with the next event.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells keepers what is wanted of their connectors now.
    pub(super) fn push<'a>(&self, desk: &mut Desk, names: impl IntoIterator<Item = &'a str>) {
        let state = self.configs.snapshot();
        for name in names {
            self.keepers.want(name, desk.wanted(name, &state));
        }
    }

    /// Waits until the worker has taken on an assignment and no other is on its way.
    pub(super) async fn settled(&self) {
        self.place.when(|standing| standing.settled).await;
    }
}
