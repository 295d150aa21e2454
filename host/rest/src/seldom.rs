//! What happens thousands of times a second is not logged as often.

use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_secs(10);

/// Says yes once in a while.
#[derive(Debug, Default)]
pub(crate) struct Seldom(Option<Instant>);

impl Seldom {
    /// Whether it may be said again.
    pub(crate) fn is_due(&mut self) -> bool {
        let is_due = self.0.is_none_or(|last| last.elapsed() >= EVERY);
        if is_due {
            self.0 = Some(Instant::now());
        }
        is_due
    }
}
