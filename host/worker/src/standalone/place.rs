//! One connector as it is being worked on, and whose turn it is.
//!
//! Work on a connector is done in turns. A turn may take long only in a plugin's hands (its `start` or `task-configs`),
//! and those who come to stop, delete, replace or restart the connector do not wait for that for ever: they say that
//! they are there, and whoever has the turn gives the plugin a few seconds more and then cuts it off.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedMutexGuard, watch};
use watertight_sandbox::registry::PluginEntry;

use super::Standalone;
use crate::connector::ConnectorHandle;
use crate::entities::{ConfigMap, TargetState};
use crate::failure::Failure;
use crate::secrets::Secrets;
use crate::task::TaskHandle;
use crate::worker::{CONNECTOR_STOP, InUse};

/// What there is of one connector.
#[derive(Default)]
pub(super) struct Slot {
    /// As given; none: there is no such connector.
    pub(super) config: Option<ConfigMap>,
    /// The same, as it was last made ready.
    pub(super) in_use: Option<InUse>,
    /// Its class, of the version that it was last started with.
    pub(super) entry: Option<PluginEntry>,
    /// What its operator wants.
    pub(super) target: TargetState,
    /// The instance, where one runs.
    pub(super) handle: Option<ConnectorHandle>,
    /// The instance's number: what an earlier one still says is not heard, whoever's it was.
    pub(super) instance: u64,
    /// The number of who asks the instance for task configs again and again, while it has none to give.
    pub(super) asking: Option<u64>,
    /// By number.
    pub(super) tasks: Vec<Task>,
    /// What the tasks were made for.
    pub(super) applied: Option<Applied>,
}

/// One task.
pub(super) struct Task {
    /// As the connector gave them.
    pub(super) settings: ConfigMap,
    /// None: it is about to be started.
    pub(super) handle: Option<TaskHandle>,
}

/// A config and a class that tasks were made for: when either changes, all of them are made anew.
pub(super) struct Applied {
    pub(super) config: ConfigMap,
    pub(super) entry: PluginEntry,
    /// What must not be seen of what they were given.
    pub(super) secrets: Option<Arc<Secrets>>,
}

/// Where a connector lives, and who waits for it.
#[derive(Default)]
pub(super) struct Place {
    slot: Arc<tokio::sync::Mutex<Slot>>,
    /// Grows with each one who does not want to wait for ever.
    waiting: watch::Sender<u64>,
    /// What was asked for last. Pausing and resuming are done when their turn comes, and turns are not always taken in
    /// the order in which they were asked for.
    desired: Mutex<Option<TargetState>>,
}

impl Place {
    /// Notes what is wanted of the connector from now on.
    pub(super) fn desire(&self, target: TargetState) {
        *self.desired.lock().unwrap_or_else(PoisonError::into_inner) = Some(target);
    }

    /// What is wanted of the connector.
    pub(super) fn desired(&self) -> Option<TargetState> {
        *self.desired.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to work on a connector.
pub(super) struct Turn {
    pub(super) name: String,
    pub(super) interrupt: Interrupt,
    slot: OwnedMutexGuard<Slot>,
}

impl Deref for Turn {
    type Target = Slot;
    fn deref(&self) -> &Slot {
        &self.slot
    }
}

impl DerefMut for Turn {
    fn deref_mut(&mut self) -> &mut Slot {
        &mut self.slot
    }
}

/// Tells that somebody does not want to wait for ever.
#[derive(Clone)]
pub(super) struct Interrupt {
    pub(super) place: Arc<Place>,
    ticket: u64,
}

impl Interrupt {
    /// Runs something that is in a plugin's hands, until it is done or has had its time after somebody came.
    ///
    /// # Errors
    /// When it was cut off.
    pub(super) async fn or<T>(&self, work: impl Future<Output = T>) -> Result<T, Failure> {
        let mut waiting = self.place.waiting.subscribe();
        let over = async {
            if waiting.wait_for(|newest| *newest > self.ticket).await.is_err() {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(CONNECTOR_STOP).await;
        };
        tokio::select! {
            done = work => Ok(done),
            () = over => Err(Failure::new(format!(
                "The connector was not up {} s after something else was asked of it, and was cut off",
                CONNECTOR_STOP.as_secs()
            ))),
        }
    }
}

impl Standalone {
    /// The place of a name, made if need be.
    pub(super) fn place(&self, name: &str) -> Arc<Place> {
        // Poisoned or not, the map is whole: nothing that touches it can leave it by halves.
        let mut slots = self.0.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(name.to_owned()).or_default())
    }

    /// Waits for a turn, for as long as it takes.
    pub(super) async fn enter(&self, name: &str) -> Turn {
        self.take_turn(name, false).await
    }

    /// Waits for a turn, and for plugins only for so long.
    pub(super) async fn supersede(&self, name: &str) -> Turn {
        self.take_turn(name, true).await
    }

    async fn take_turn(&self, name: &str, impatient: bool) -> Turn {
        loop {
            let place = self.place(name);
            if impatient {
                place.waiting.send_modify(|newest| *newest += 1);
            }
            let ticket = *place.waiting.borrow();
            let slot = Arc::clone(&place.slot).lock_owned().await;
            // Whoever had the turn before may have deleted the connector, and its place with it.
            if Arc::ptr_eq(&place, &self.place(name)) {
                return Turn { name: name.to_owned(), interrupt: Interrupt { place, ticket }, slot };
            }
        }
    }

    /// Gives up the place of a connector that is gone, or was never there.
    pub(super) fn leave(&self, turn: Turn) {
        let mut slots = self.0.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let own = slots.get(&turn.name).is_some_and(|place| Arc::ptr_eq(place, &turn.interrupt.place));
        if own && turn.config.is_none() {
            slots.remove(&turn.name);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_is_noted_even_after_somebody_panicked_over_it() {
        let place = Arc::new(Place::default());
        let other = Arc::clone(&place);
        let panicked = std::thread::spawn(move || {
            let _desired = other.desired.lock().unwrap();
            panic!("on purpose");
        });
        assert!(panicked.join().is_err() && place.desired.is_poisoned());
        place.desire(TargetState::Paused);
        assert_eq!(place.desired(), Some(TargetState::Paused));
    }
}
