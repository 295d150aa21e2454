//! Who makes reality what the herder wants. The herder decides in turn and waits for nobody; each connector instance and
//! each task of this worker has somebody who keeps it, who takes one step after the other, and whose plugin may hang
//! without holding up anybody else. What is wanted is the whole picture each time, so that nothing depends on which
//! decisions were made on the way there; what is wanted as it is, is not touched.

mod instance;
mod phase;
mod seat;
mod task;
#[cfg(test)]
mod tests;
mod wanted;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::entities::TaskId;
use crate::failure::Failure;
use crate::worker::Worker;

use instance::InstanceKeeper;
use seat::{Seat, seat};
use task::TaskKeeper;
pub use wanted::{KeepersOwner, Wanted, WantedConnector, WantedTask};

/// What stopping may take where somebody else may be running the same already: guests may clean up, no more.
const CUT_OFF: Duration = Duration::from_secs(2);

/// The keepers of a worker. Clones are the same ones.
#[derive(Clone)]
pub struct Keepers(Arc<Inner>);

struct Inner {
    worker: Worker,
    owner: Arc<dyn KeepersOwner>,
    seats: Mutex<Seats>,
    /// Cut-offs that are going on.
    cutting: watch::Sender<usize>,
}

#[derive(Default)]
struct Seats {
    connectors: HashMap<String, Kept>,
    /// Given out to one seat each.
    next: u64,
}

/// What is kept of one connector.
#[derive(Default)]
struct Kept {
    instance: Option<Seat<WantedConnector>>,
    tasks: BTreeMap<u32, Seat<WantedTask>>,
}

impl Keepers {
    /// Keepers with nothing to keep yet.
    pub fn new(worker: Worker, owner: Arc<dyn KeepersOwner>) -> Self {
        let cutting = watch::Sender::new(0);
        Self(Arc::new(Inner { worker, owner, seats: Mutex::default(), cutting }))
    }

    /// Wants this of a connector from now on, and nothing else of it. Returns at once.
    pub fn want(&self, name: &str, wanted: Wanted) {
        let mut seats = self.seats();
        let Seats { connectors, next } = &mut *seats;
        if !connectors.contains_key(name) && wanted.connector.is_none() && wanted.tasks.is_empty() {
            return;
        }
        let kept = connectors.entry(name.to_owned()).or_default();
        let Wanted { connector, mut tasks } = wanted;
        match (&kept.instance, connector) {
            (Some(seat), connector) => seat.want(connector),
            (None, Some(connector)) => kept.instance = Some(self.seat_instance(name, connector, next)),
            (None, None) => {}
        }
        for (number, seat) in &kept.tasks {
            seat.want(tasks.remove(number));
        }
        for (number, task) in tasks {
            let id = TaskId { connector: name.to_owned(), task: number };
            kept.tasks.insert(number, self.seat_task(id, task, next));
        }
    }

    /// Connectors of which anything is wanted here, or is still here.
    pub fn names(&self) -> Vec<String> {
        self.seats().connectors.keys().cloned().collect()
    }

    /// Waits until of these connectors nothing is here that is not wanted now: as long as plugins and tasks have for
    /// stopping.
    pub async fn stopped(&self, names: &[String]) {
        let (mut instances, mut tasks) = (Vec::new(), Vec::new());
        {
            let seats = self.seats();
            for kept in names.iter().filter_map(|name| seats.connectors.get(name)) {
                instances.extend(kept.instance.iter().map(Seat::stopped));
                tasks.extend(kept.tasks.values().map(Seat::stopped));
            }
        }
        futures::future::join(futures::future::join_all(instances), futures::future::join_all(tasks)).await;
    }

    /// Waits until the connector's instance is here as it is wanted now. Where none is wanted, that is at once.
    ///
    /// # Errors
    /// It has failed instead.
    pub async fn settled(&self, name: &str) -> Result<(), Failure> {
        let settled = self.seats().connectors.get(name).and_then(|kept| kept.instance.as_ref().map(Seat::settled));
        match settled {
            Some(settled) => settled.await,
            None => Ok(()),
        }
    }

    /// Stops everything, all at once and each within its deadline. A cut-off that is going on is over then, too.
    pub async fn stop_all(&self) {
        let names = self.names();
        for name in &names {
            self.want(name, Wanted::default());
        }
        self.stopped(&names).await;
        self.whole().await;
    }

    /// Everything may be somebody else's by now: it ends, quickly, and says nothing more; what tasks have sent and Kafka
    /// has not taken yet is dropped. Returns at once; whatever tasks are wanted meanwhile, start afterwards.
    pub fn cut_off_all(&self, reason: &str) {
        let names = self.names();
        if names.is_empty() {
            return;
        }
        self.0.worker.lost().set(true);
        self.0.cutting.send_modify(|cutting| *cutting += 1);
        tracing::warn!("All connectors and tasks of this worker are stopped: {reason}");
        for name in &names {
            self.want(name, Wanted::default());
        }
        self.0.worker.purge();
        let keepers = self.clone();
        tokio::spawn(async move {
            keepers.stopped(&names).await;
            // Once more: a task may have been in the middle of sending.
            keepers.0.worker.purge();
            keepers.0.cutting.send_modify(|cutting| {
                *cutting -= 1;
                if *cutting == 0 {
                    keepers.0.worker.lost().set(false);
                }
            });
        });
    }

    /// Waits until nothing is being cut off.
    async fn whole(&self) {
        let _ = self.0.cutting.subscribe().wait_for(|cutting| *cutting == 0).await;
    }

    fn seat_instance(&self, name: &str, wanted: WantedConnector, next: &mut u64) -> Seat<WantedConnector> {
        let (seat, chair) = seat(number(next), wanted);
        let keeper = InstanceKeeper::new(name, self.0.worker.clone(), Arc::clone(&self.0.owner), chair);
        tokio::spawn(keeper.keep(self.clone()));
        seat
    }

    fn seat_task(&self, id: TaskId, wanted: WantedTask, next: &mut u64) -> Seat<WantedTask> {
        let (seat, chair) = seat(number(next), wanted);
        let keeper = TaskKeeper::new(id, self.0.worker.clone(), Arc::clone(&self.0.owner), chair);
        tokio::spawn(keeper.keep(self.clone()));
        seat
    }

    /// A keeper has nothing to do any more; whether that is still so.
    fn leave_instance(&self, name: &str, number: u64) -> bool {
        let mut seats = self.seats();
        let Some(kept) = seats.connectors.get_mut(name) else { return true };
        let own = kept.instance.as_ref().filter(|seat| seat.number == number);
        if own.is_some_and(Seat::is_wanted) {
            return false;
        }
        if own.is_some() {
            kept.instance = None;
        }
        seats.tidy(name);
        true
    }

    /// The same for a task's.
    fn leave_task(&self, id: &TaskId, number: u64) -> bool {
        let mut seats = self.seats();
        let Some(kept) = seats.connectors.get_mut(&id.connector) else { return true };
        let own = kept.tasks.get(&id.task).filter(|seat| seat.number == number);
        if own.is_some_and(Seat::is_wanted) {
            return false;
        }
        if own.is_some() {
            kept.tasks.remove(&id.task);
        }
        seats.tidy(&id.connector);
        true
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        // Poisoned or not, the map is whole: nothing that touches it can leave it by halves.
        self.0.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seats {
    fn tidy(&mut self, name: &str) {
        if self.connectors.get(name).is_some_and(|kept| kept.instance.is_none() && kept.tasks.is_empty()) {
            self.connectors.remove(name);
        }
    }
}

fn number(next: &mut u64) -> u64 {
    *next += 1;
    *next
}
