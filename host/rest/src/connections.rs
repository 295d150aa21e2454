//! How many clients may be connected at once, and who has to go when there are too many.
//!
//! Each connection costs memory and a file descriptor, and descriptors are what connectors need too. So there is a cap,
//! shared by all listeners. A cap alone would let anyone who opens connections and says nothing keep all others
//! out; so a newcomer gets the place of the connection that has been idle for longest. Only when every one has a
//! request under way is the newcomer turned away.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

/// The connections of all listeners of a worker.
#[derive(Debug, Clone)]
pub struct Connections(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limit: usize,
    begun: Instant,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    clients: HashMap<u64, Arc<Client>>,
}

/// What is known of one connection.
#[derive(Debug)]
struct Client {
    requests: AtomicUsize,
    /// Milliseconds since `begun`.
    idle_since: AtomicU64,
    leave: Notify,
}

/// A connection's place; dropping it makes it free.
#[derive(Debug)]
pub(crate) struct Place {
    id: u64,
    client: Arc<Client>,
    shared: Arc<Shared>,
}

/// A request under way: as long as one lives, its connection is not idle.
#[derive(Debug)]
pub(crate) struct UnderWay(Arc<Client>, Arc<Shared>);

impl Connections {
    /// Room for so many.
    pub fn at_most(limit: usize) -> Self {
        let open = Mutex::default();
        Connections(Arc::new(Shared { limit, begun: Instant::now(), open }))
    }

    /// How many there may be.
    pub fn limit(&self) -> usize {
        self.0.limit
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.open().clients.len()
    }

    /// A place, if need be that of another; none if all are at work.
    pub(crate) fn admit(&self) -> Option<Place> {
        let mut open = self.0.open();
        if open.clients.len() >= self.0.limit && !open.dismiss_idlest() {
            return None;
        }
        let client = Arc::new(Client {
            requests: AtomicUsize::new(0),
            idle_since: AtomicU64::new(self.0.now()),
            leave: Notify::new(),
        });
        let id = open.next;
        open.next += 1;
        open.clients.insert(id, Arc::clone(&client));
        Some(Place { id, client, shared: Arc::clone(&self.0) })
    }

    /// Makes the connection leave that has been idle for longest; false if there is none.
    pub(crate) fn dismiss_idlest(&self) -> bool {
        self.0.open().dismiss_idlest()
    }
}

impl Shared {
    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn dismiss_idlest(&mut self) -> bool {
        let idle = self.clients.iter().filter(|(_, client)| client.requests.load(Ordering::Relaxed) == 0);
        // Of two that have been idle since the same moment, the one that came first.
        let idlest = idle.min_by_key(|(id, client)| (client.idle_since.load(Ordering::Relaxed), **id));
        let Some(id) = idlest.map(|(id, _)| *id) else {
            return false;
        };
        if let Some(client) = self.clients.remove(&id) {
            client.leave.notify_one();
        }
        true
    }
}

impl Place {
    /// Completes when the place is wanted for another.
    pub(crate) async fn wanted(&self) {
        self.client.leave.notified().await;
    }

    /// What marks a request.
    pub(crate) fn marker(&self) -> impl Fn() -> UnderWay + Clone + Send + Sync + 'static + use<> {
        let (client, shared) = (Arc::clone(&self.client), Arc::clone(&self.shared));
        move || {
            client.requests.fetch_add(1, Ordering::Relaxed);
            UnderWay(Arc::clone(&client), Arc::clone(&shared))
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.open().clients.remove(&self.id);
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.idle_since.store(self.1.now(), Ordering::Relaxed);
        self.0.requests.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn is_wanted(place: &Place) -> bool {
        use futures::FutureExt as _;
        place.wanted().now_or_never().is_some()
    }

    #[test]
    fn the_one_that_has_been_idle_for_longest_makes_room() {
        let connections = Connections::at_most(2);
        let (first, second) = (connections.admit().unwrap(), connections.admit().unwrap());
        let third = connections.admit().unwrap();
        assert!(is_wanted(&first) && !is_wanted(&second) && !is_wanted(&third));
        assert_eq!(connections.count(), 2);
    }

    #[test]
    fn a_request_under_way_is_not_idle() {
        let connections = Connections::at_most(1);
        let place = connections.admit().unwrap();
        let request = place.marker()();
        assert!(connections.admit().is_none());
        drop(request);
        assert!(connections.admit().is_some() && is_wanted(&place));
    }

    #[test]
    fn a_place_that_is_left_is_free() {
        let connections = Connections::at_most(1);
        drop(connections.admit().unwrap());
        let place = connections.admit().unwrap();
        assert!(!is_wanted(&place));
    }
}
