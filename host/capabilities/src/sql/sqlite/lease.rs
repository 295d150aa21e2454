//! Who has the connection. It is nobody's while nothing runs, and goes with the statement that runs to whichever
//! thread that needs: so no thread waits for a guest, however many connections and half-read results there are.
//! Whoever has it gives it back by letting go of it, wherever that happens.

use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cap_std::fs::Dir;
use rusqlite::{Connection, InterruptHandle};
use tokio::sync::Notify;
use watertight_sandbox::sql::{Fault, code};

use super::control::Control;
use super::memory::Account;

/// A connection, and what has to live as long.
pub struct Link {
    /// Closed first.
    pub connection: Connection,
    /// Shared with those who wait.
    pub control: Arc<Control>,
    /// What its statements may take of the worker's memory.
    pub account: Arc<Account>,
    /// Where its file is: only to be kept open.
    pub _directory: Option<Dir>,
}

enum Place {
    Here(Box<Link>),
    /// With a call.
    Called,
    /// With rows that somebody reads.
    Reading,
    /// Gone for good.
    Lost,
}

/// Where a connection is when nobody has it.
pub struct Slot {
    place: Mutex<Place>,
    back: Notify,
    closed: AtomicBool,
    control: Arc<Control>,
    interrupt: InterruptHandle,
}

impl Slot {
    /// For a connection that is ready.
    pub fn new(link: Link) -> Arc<Self> {
        Arc::new(Self {
            back: Notify::new(),
            closed: AtomicBool::new(false),
            control: Arc::clone(&link.control),
            interrupt: link.connection.get_interrupt_handle(),
            place: Mutex::new(Place::Here(Box::new(link))),
        })
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the connection, and starts the time of a statement.
    pub async fn lease(self: &Arc<Self>) -> Result<Lease, Fault> {
        loop {
            let back = self.back.notified();
            {
                let mut place = self.place();
                match std::mem::replace(&mut *place, Place::Called) {
                    Place::Here(link) => {
                        self.control.start();
                        return Ok(Lease { link: ManuallyDrop::new(link), slot: Arc::clone(self) });
                    }
                    Place::Called => {}
                    Place::Reading => {
                        *place = Place::Reading;
                        let text = "rows of this connection are still open: read them to their end, or let go of them";
                        return Err(Fault::new(code::BUSY, text));
                    }
                    Place::Lost => {
                        *place = Place::Lost;
                        return Err(Fault::gone("the connection was lost by an error of the worker; open another"));
                    }
                }
            }
            back.await;
        }
    }

    /// The one who has it reads rows from now on, or, if not, is about to give it back.
    pub fn reading(&self, reads: bool) {
        let mut place = self.place();
        match *place {
            Place::Called if reads => *place = Place::Reading,
            Place::Reading if !reads => *place = Place::Called,
            Place::Here(_) | Place::Called | Place::Reading | Place::Lost => {}
        }
    }

    /// The time of a statement starts again.
    pub fn start(&self) {
        self.control.start();
    }

    /// Ends what runs.
    pub fn stop(&self) {
        self.control.give_up();
        self.interrupt.interrupt();
    }

    /// Nobody will ask for the connection again: it is closed, or will be when it comes back.
    pub fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        let mut place = self.place();
        match std::mem::replace(&mut *place, Place::Lost) {
            Place::Here(link) => {
                drop(place);
                aside(move || drop(link));
            }
            other => *place = other,
        }
    }

    /// Runs something with the connection on a thread that may wait; ended when the one who waits for it goes away.
    pub async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(Lease) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let lease = self.lease().await?;
        let waiting = Waiting(Some(self));
        let account = Arc::clone(&lease.account);
        let answer = tokio::task::spawn_blocking(move || account.during(|| work(lease))).await;
        waiting.over();
        answer
            .unwrap_or_else(|error| Err(Fault::gone(format!("the statement ended in an error of the worker: {error}"))))
    }
}

/// Somebody waits.
struct Waiting<'a>(Option<&'a Slot>);

impl Waiting<'_> {
    fn over(mut self) {
        self.0 = None;
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(slot) = self.0 {
            slot.stop();
        }
    }
}

/// The connection, until it is let go of.
pub struct Lease {
    /// Taken when this is dropped, and not before.
    link: ManuallyDrop<Box<Link>>,
    slot: Arc<Slot>,
}

impl Deref for Lease {
    type Target = Link;

    fn deref(&self) -> &Link {
        &self.link
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // SAFETY: this is the end of the lease: nobody looks at it again.
        let link = unsafe { ManuallyDrop::take(&mut self.link) };
        // What a panic left behind is nothing to build on.
        let last = self.slot.closed.load(Ordering::SeqCst) || std::thread::panicking();
        let gone = {
            let mut place = self.slot.place();
            *place = Place::Lost;
            if last {
                Some(link)
            } else {
                *place = Place::Here(link);
                None
            }
        };
        drop(gone);
        self.slot.back.notify_one();
        // It may have been closed just before it came back.
        if self.slot.closed.load(Ordering::SeqCst) {
            self.slot.close();
        }
    }
}

/// Does what may touch a disk on a thread for that.
pub fn aside(work: impl FnOnce() + Send + 'static) {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => drop(runtime.spawn_blocking(work)),
        Err(_) => work(),
    }
}
