//! What happens thousands of times a second is not logged as often.

use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_secs(10);

/// Says yes once in a while.
#[derive(Debug)]
pub(crate) struct Seldom {
    every: Duration,
    last: Option<Instant>,
}

impl Default for Seldom {
    fn default() -> Self {
        Seldom::every(EVERY)
    }
}

impl Seldom {
    pub(crate) fn every(every: Duration) -> Self {
        Seldom { every, last: None }
    }

    /// Whether it may be said or done again.
    pub(crate) fn is_due(&mut self) -> bool {
        let is_due = self.last.is_none_or(|last| last.elapsed() >= self.every);
        if is_due {
            self.last = Some(Instant::now());
        }
        is_due
    }
}
