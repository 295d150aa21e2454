//! The leader's office: whoever the coordinator makes it shares out the work of the whole cluster.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use watertight_kafka::Leadership;

use super::core::Core;
use super::owners::Owners;
use crate::distributed::assignor::{Distribution, Generations, Group, IncrementalAssignor, Leader, assign_eagerly};
use crate::distributed::config::ConnectProtocol;
use crate::distributed::work::Work;
use crate::storage::{ClusterState, ConfigLog};

/// No attempt has this number.
const NEVER: i32 = -2;

/// Clones are the same one.
#[derive(Clone)]
pub(super) struct Election {
    configs: ConfigLog,
    url: String,
    sync_timeout: Duration,
    books: Arc<Mutex<Books>>,
}

/// What a leader remembers from one rebalance to the next.
struct Books {
    assignor: IncrementalAssignor,
    /// Attempts to join are counted. Whether what the leader remembers still holds, it tells by whether it was leader
    /// in the last attempt that came to an end.
    attempts: i32,
    completed: i32,
    owners: Arc<Owners>,
}

impl Election {
    pub(super) fn new(core: &Core) -> Self {
        let books = Books {
            assignor: IncrementalAssignor::new(core.config.max_delay),
            attempts: 0,
            completed: -1,
            owners: Arc::default(),
        };
        Self {
            configs: core.configs.clone(),
            url: core.url.clone(),
            sync_timeout: core.config.sync_timeout,
            books: Arc::new(Mutex::new(books)),
        }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An attempt to join begins; its number.
    pub(super) fn begin(&self) -> i32 {
        let mut books = self.books();
        books.attempts += 1;
        books.owners = Arc::default();
        books.attempts
    }

    /// This attempt came to an end, whoever leads.
    pub(super) fn complete(&self, attempt: i32) {
        self.books().completed = attempt;
    }

    /// The place in the group was lost: what was given out before is nobody's any more as far as this worker knows.
    /// Whoever was cut off with it has stopped everything too, and is not waited for.
    pub(super) fn forget(&self) {
        self.books().completed = NEVER;
    }

    /// Who was given what, if this worker decided it in the last attempt.
    pub(super) fn owners(&self) -> Arc<Owners> {
        Arc::clone(&self.books().owners)
    }

    /// Shares out the work. A leader that knows less of the config topic than some member reads on; if that does not
    /// help, everybody is told to come back.
    pub(super) async fn hold(self, leadership: Leadership) -> Result<Vec<(String, Vec<u8>)>, String> {
        let protocol = ConnectProtocol::named(&leadership.protocol)
            .ok_or_else(|| format!("the group speaks {}, which this worker does not", leadership.protocol))?;
        let group = Group::read(&leadership.members);
        for (member, error) in &group.strangers {
            tracing::warn!(member, "a member of the group cannot be understood and is given no work: {error}");
        }
        let leader = Leader { id: leadership.leader_id, url: self.url.clone(), version: protocol.version() };
        if self.configs.snapshot().offset < group.config_offset()
            && let Err(error) = self.configs.refresh(self.sync_timeout).await
        {
            tracing::warn!("the end of the config topic was not reached while work was being shared out: {error}");
        }
        let state = self.configs.snapshot();
        if state.offset < group.config_offset() {
            tracing::info!(
                "Was selected to perform assignments, but do not have latest config found in sync request. Returning an \
                 empty configuration to trigger re-sync."
            );
            return group.tell_mismatch(&leader).map_err(|error| error.to_string());
        }
        let distribution = self.books().share_out(&group, &configured(&state), protocol);
        group.tell(&leader, state.offset, &distribution).map_err(|error| error.to_string())
    }
}

impl Books {
    fn share_out(&mut self, group: &Group, configured: &Work, protocol: ConnectProtocol) -> Distribution {
        let distribution = match protocol {
            ConnectProtocol::Eager => assign_eagerly(configured, &group.ids()),
            ConnectProtocol::Compatible | ConnectProtocol::Sessioned => {
                let generations = Generations { last_completed: self.completed, current: self.attempts };
                self.assignor.assign(configured, &group.work(), generations, Instant::now().into_std())
            }
        };
        let shares = distribution.shares.iter();
        let owned = shares.filter_map(|(id, share)| Some((group.members.get(id)?.url.as_str(), &share.all)));
        self.owners = Arc::new(Owners::of(owned));
        distribution
    }
}

/// All that there is to do.
fn configured(state: &ClusterState) -> Work {
    let connectors: Vec<&str> = state.connectors().collect();
    Work {
        tasks: connectors.iter().flat_map(|name| state.tasks(name)).collect(),
        connectors: connectors.into_iter().map(str::to_owned).collect(),
    }
}
