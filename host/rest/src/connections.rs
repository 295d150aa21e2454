//! How many clients may be connected at once, and who has to go when there are too many.
//!
//! Each connection costs memory and a file descriptor, and descriptors are what connectors need too. So there is a cap,
//! shared by all listeners. A cap alone would let anyone who opens connections and says nothing keep all others
//! out; so a newcomer gets the place of the connection that has been idle for longest, and where none is idle, of the one
//! whose body has been on its way for longest. Only when every one has a request at work is the newcomer turned away.
//!
//! A request keeps its place for as long as it is worked on, though its client be gone: else those who do not wait
//! for answers could have any number of them worked on.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Context;
use std::time::Instant;

use futures::task::AtomicWaker;
use tokio::sync::Notify;

/// The connections of all listeners of a worker.
#[derive(Debug, Clone)]
pub struct Connections(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limit: usize,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    clients: HashMap<u64, Client>,
}

/// What a connection is there for at the moment; the less, the sooner it has to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Doing {
    Nothing,
    Receiving,
    Working,
}

/// What is known of one connection.
#[derive(Debug)]
struct Client {
    doing: Doing,
    since: Instant,
    requests: usize,
    /// There is no connection any more, but a request of it is at work.
    is_gone: bool,
    dismissal: Arc<Dismissal>,
}

/// Tells a connection that its place is another's now.
#[derive(Debug, Default)]
struct Dismissal {
    has_come: AtomicBool,
    connection: Notify,
    body: AtomicWaker,
}

/// A connection's place; dropping it makes it free.
#[derive(Debug)]
pub(crate) struct Place(Seat);

/// The same for those who work on the connection's requests.
#[derive(Debug, Clone)]
pub(crate) struct Seat {
    id: u64,
    dismissal: Arc<Dismissal>,
    shared: Arc<Shared>,
}

/// A request under way: as long as one lives, its connection is not idle.
#[derive(Debug, Clone)]
pub(crate) struct UnderWay(#[expect(dead_code, reason = "dropping it is what it is for")] Arc<Ending>);

#[derive(Debug)]
struct Ending(Seat);

impl Connections {
    /// Room for so many.
    pub fn at_most(limit: usize) -> Self {
        Connections(Arc::new(Shared { limit, open: Mutex::default() }))
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
        let dismissal = Arc::<Dismissal>::default();
        let (doing, since) = (Doing::Nothing, Instant::now());
        let client = Client { doing, since, requests: 0, is_gone: false, dismissal: Arc::clone(&dismissal) };
        let id = open.next;
        open.next += 1;
        open.clients.insert(id, client);
        Some(Place(Seat { id, dismissal, shared: Arc::clone(&self.0) }))
    }

    /// Makes the connection leave that is of least use for longest; false if all are at work.
    pub(crate) fn dismiss_idlest(&self) -> bool {
        self.0.open().dismiss_idlest()
    }
}

impl Shared {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn dismiss_idlest(&mut self) -> bool {
        let may_go = self.clients.iter().filter(|(_, client)| client.doing != Doing::Working);
        // Of two since the same moment, the one that came first.
        let idlest = may_go.min_by_key(|(id, client)| (client.doing, client.since, **id));
        let Some(client) = idlest.map(|(id, _)| *id).and_then(|id| self.clients.remove(&id)) else {
            return false;
        };
        client.dismissal.has_come.store(true, Ordering::Release);
        client.dismissal.connection.notify_one();
        client.dismissal.body.wake();
        true
    }
}

impl Place {
    /// Completes when the place is wanted for another.
    pub(crate) async fn wanted(&self) {
        self.0.dismissal.connection.notified().await;
    }

    /// For what its requests do.
    pub(crate) fn seat(&self) -> Seat {
        self.0.clone()
    }
}

impl Seat {
    /// A request begins; none if the place is another's meanwhile.
    pub(crate) fn begin(&self, has_body: bool) -> Option<UnderWay> {
        let mut open = self.shared.open();
        let client = open.clients.get_mut(&self.id)?;
        client.requests += 1;
        client.enter(if has_body { Doing::Receiving } else { Doing::Working });
        Some(UnderWay(Arc::new(Ending(self.clone()))))
    }

    /// The request's body is here, and work on it begins; false if the place is another's meanwhile.
    pub(crate) fn received(&self) -> bool {
        let mut open = self.shared.open();
        let Some(client) = open.clients.get_mut(&self.id) else {
            return false;
        };
        if client.doing == Doing::Receiving {
            client.enter(Doing::Working);
        }
        true
    }

    /// Whether the place is another's; if not, whoever waits for a body is woken when it is.
    pub(crate) fn poll_dismissed(&self, cx: &Context<'_>) -> bool {
        self.dismissal.body.register(cx.waker());
        self.dismissal.has_come.load(Ordering::Acquire)
    }

    /// How many connections there may be.
    pub(crate) fn limit(&self) -> usize {
        self.shared.limit
    }
}

impl Client {
    fn enter(&mut self, doing: Doing) {
        if doing > self.doing {
            (self.doing, self.since) = (doing, Instant::now());
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.0.shared.open();
        let Some(client) = open.clients.get_mut(&self.0.id) else {
            return;
        };
        client.is_gone = true;
        if client.doing != Doing::Working {
            open.clients.remove(&self.0.id);
        }
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        let mut open = self.0.shared.open();
        let Some(client) = open.clients.get_mut(&self.0.id) else {
            return;
        };
        client.requests -= 1;
        if client.requests > 0 {
            return;
        }
        (client.doing, client.since) = (Doing::Nothing, Instant::now());
        if client.is_gone {
            open.clients.remove(&self.0.id);
        }
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
        let request = place.seat().begin(false).unwrap();
        assert!(connections.admit().is_none());
        drop(request);
        assert!(connections.admit().is_some() && is_wanted(&place));
        assert!(place.seat().begin(false).is_none(), "it would be cut off in the middle");
    }

    #[test]
    fn a_body_on_its_way_makes_room_after_the_idle_ones() {
        let connections = Connections::at_most(2);
        let receiving = connections.admit().unwrap();
        let seat = receiving.seat();
        let _request = seat.begin(true).unwrap();
        let idle = connections.admit().unwrap();
        let third = connections.admit().unwrap();
        assert!(is_wanted(&idle) && !is_wanted(&receiving));
        let _working = third.seat().begin(false).unwrap();
        let _fourth = connections.admit().unwrap();
        assert!(is_wanted(&receiving) && !is_wanted(&third));
        assert!(!seat.received(), "its body comes too late");
    }

    #[test]
    fn a_body_that_has_come_keeps_its_place() {
        let connections = Connections::at_most(1);
        let place = connections.admit().unwrap();
        let request = place.seat().begin(true).unwrap();
        assert!(place.seat().received() && connections.admit().is_none());
        drop(request);
        assert!(connections.admit().is_some());
    }

    #[test]
    fn a_place_that_is_left_is_free() {
        let connections = Connections::at_most(1);
        drop(connections.admit().unwrap());
        let place = connections.admit().unwrap();
        assert!(!is_wanted(&place));
    }

    #[test]
    fn a_request_whose_client_is_gone_keeps_its_place_until_it_is_done() {
        let connections = Connections::at_most(1);
        let place = connections.admit().unwrap();
        let request = place.seat().begin(false).unwrap();
        drop(place);
        assert!(connections.admit().is_none());
        drop(request);
        assert_eq!(connections.count(), 0);
        assert!(connections.admit().is_some());
    }

    #[test]
    fn of_two_requests_the_last_one_ends_the_work() {
        let connections = Connections::at_most(1);
        let place = connections.admit().unwrap();
        let timed_out = place.seat().begin(false).unwrap();
        let _next = place.seat().begin(true).unwrap();
        drop(timed_out);
        assert!(connections.admit().is_none());
    }
}
