//! What others may do to a statement that runs on a thread of its own: see how long it took, tell it to stop, and
//! know why it was refused. SQLite asks here every few thousand steps.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// One connection's.
#[derive(Debug)]
pub struct Control {
    base: Instant,
    limit: Duration,
    /// Milliseconds after `base`.
    deadline: AtomicU64,
    given_up: AtomicBool,
    trusted: AtomicBool,
    denied: Mutex<Option<String>>,
}

/// Why a statement has to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// Nobody waits for it any more.
    GivenUp,
    /// It took longer than this.
    Late(Duration),
}

impl Control {
    /// With so much time for a statement.
    pub fn new(limit: Duration) -> Self {
        Self {
            base: Instant::now(),
            limit,
            deadline: AtomicU64::new(u64::MAX),
            given_up: AtomicBool::new(false),
            trusted: AtomicBool::new(false),
            denied: Mutex::new(None),
        }
    }

    /// The time of a statement starts, and what was said about the one before is forgotten.
    pub fn start(&self) {
        let deadline = self.base.elapsed().saturating_add(self.limit).as_millis();
        self.deadline.store(u64::try_from(deadline).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.given_up.store(false, Ordering::Relaxed);
        self.refusal();
    }

    /// Nobody waits any more.
    pub fn give_up(&self) {
        self.given_up.store(true, Ordering::Relaxed);
    }

    /// Whether the statement has to end.
    pub fn over(&self) -> Option<Over> {
        if self.given_up.load(Ordering::Relaxed) {
            return Some(Over::GivenUp);
        }
        let late = self.base.elapsed().as_millis() >= u128::from(self.deadline.load(Ordering::Relaxed));
        late.then_some(Over::Late(self.limit))
    }

    /// What is run while the answer lives is the worker's own, and is not asked what it does.
    pub fn trust(&self) -> Trust<'_> {
        self.trusted.store(true, Ordering::Relaxed);
        Trust(self)
    }

    /// Is it the worker's own?
    pub fn trusted(&self) -> bool {
        self.trusted.load(Ordering::Relaxed)
    }

    /// Keeps why a statement is refused; the first reason counts.
    pub fn refuse(&self, why: String) {
        self.denied.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
    }

    /// Takes the reason.
    pub fn refusal(&self) -> Option<String> {
        self.denied.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Ends with the worker's own statements.
pub struct Trust<'a>(&'a Control);

impl Drop for Trust<'_> {
    fn drop(&mut self) {
        self.0.trusted.store(false, Ordering::Relaxed);
    }
}
