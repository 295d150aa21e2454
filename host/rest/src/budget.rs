//! Memory for bodies that are on their way, of all clients together.
//!
//! Each body is bounded, and so is the number of connections; but their product is more than any machine has. What a
//! connector's settings usually take is always there. What is more comes out of one budget, and when that is spent, whoever
//! wants more is asked to come back: so clients that send a lot and do not finish cannot fill the worker's
//! memory, and cannot keep out those who ask for something usual.
//!
//! A body that was understood takes more than its bytes did: there are the settings as given, the same with references
//! resolved, what is said of each, and the answer with all of it. So it weighs more from then on, until the request is
//! done. In a cluster the bytes stay, too, for they may have to be sent on.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What every body may take.
const USUAL: usize = 16 * 1024;
/// For all that is more than usual, unless a single body may be larger.
const TOTAL: usize = 64 * 1024 * 1024;
/// Of each byte while its request is worked on.
const COPIES: usize = 4;
/// What each value takes beside its bytes.
const VALUE: usize = 100;

/// What is left of it.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    total: usize,
    spent: Arc<AtomicUsize>,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { total: TOTAL, spent: Arc::default() }
    }
}

/// What one body takes; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Budget,
    held: usize,
}

impl Budget {
    /// For a new body, of which nothing has come yet; it may have so many bytes and values.
    pub(crate) fn share(&self, largest: usize, most_values: usize) -> Share {
        let total = self.total.max(weight(largest, most_values).saturating_add(largest));
        Share { budget: Budget { total, spent: Arc::clone(&self.spent) }, held: 0 }
    }
}

impl Share {
    /// Whether the body may be this long.
    pub(crate) fn grow_to(&mut self, bytes: usize) -> bool {
        self.hold(bytes.saturating_sub(USUAL))
    }

    /// Whether the body, which is here now and may stay beside what is made of it, may be worked on.
    pub(crate) fn settle(&mut self, bytes: usize, values: usize, stays: bool) -> bool {
        let itself = if stays { bytes.saturating_sub(USUAL) } else { 0 };
        self.hold(weight(bytes, values).saturating_sub(weight(USUAL, 0)).saturating_add(itself))
    }

    fn hold(&mut self, wanted: usize) -> bool {
        let more = wanted.saturating_sub(self.held);
        let total = self.budget.total;
        let take = |spent: usize| spent.checked_add(more).filter(|sum| more == 0 || *sum <= total);
        let taken = self.budget.spent.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok();
        if taken {
            self.held += more;
        }
        taken
    }
}

fn weight(bytes: usize, values: usize) -> usize {
    bytes.saturating_mul(COPIES).saturating_add(values.saturating_mul(VALUE))
}

/// What a request takes, for as long as anybody works on it or waits for its answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Load(Arc<Mutex<Vec<Share>>>);

impl Load {
    /// The part of its body, or of another worker's answer.
    pub(crate) fn carry(&self, share: Share) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(share);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.spent.fetch_sub(self.held, Ordering::Relaxed);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn large_bodies_share_what_there_is_and_give_it_back() {
        let budget = Budget { total: 100, ..Budget::default() };
        let mut first = budget.share(10, 0);
        assert!(first.grow_to(USUAL + 60) && first.grow_to(USUAL + 80));
        let mut second = budget.share(10, 0);
        assert!(second.grow_to(USUAL) && !second.grow_to(USUAL + 21), "a usual body is always taken");
        drop(first);
        assert!(second.grow_to(USUAL + 100));
        drop(second);
        assert_eq!(budget.spent.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn one_body_may_be_as_large_as_a_body_may_be() {
        let mut share = Budget { total: 100, ..Budget::default() }.share(1_000_000, 1000);
        assert!(share.grow_to(1_000_000) && share.settle(1_000_000, 1000, true));
    }

    #[test]
    fn a_body_that_is_here_weighs_more_than_its_bytes() {
        let budget = Budget { total: 10 * USUAL, ..Budget::default() };
        let mut first = budget.share(10, 0);
        assert!(first.grow_to(3 * USUAL) && first.settle(3 * USUAL, 0, false));
        let mut second = budget.share(10, 0);
        assert!(second.settle(USUAL, 0, true), "a usual body is always worked on");
        assert!(!second.settle(USUAL, 2 * USUAL / VALUE + 1, false), "unless it is full of values");
        let load = Load::default();
        load.carry(first);
        assert!(!second.settle(2 * USUAL, 0, false));
        drop(load);
        assert!(second.settle(2 * USUAL, 0, false));
        let mut third = budget.share(10, 0);
        assert!(third.settle(2 * USUAL, 0, true));
        assert!(!third.settle(3 * USUAL, 0, true), "what stays counts too");
    }
}
