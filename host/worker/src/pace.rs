//! How many instances start at the same time. Each brings a client with threads and connections of its own, and code of
//! a plugin that wants to run: a thousand that start at once would hold up each other, and everybody else's heartbeats.
//!
//! A turn ends when whoever has it is up, and after a while in any case: a plugin that hangs in `start` must not keep
//! the others from starting.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Instances that start at the same time.
const AT_ONCE: usize = 16;
/// After so long the next one starts too.
const PATIENCE: Duration = Duration::from_secs(2);

/// Gives turns. Clones give the same ones.
#[derive(Debug, Clone)]
pub struct Pace {
    turns: Arc<Semaphore>,
    patience: Duration,
}

/// A turn at starting, until it is dropped.
#[derive(Debug)]
pub struct Turn(Arc<Mutex<Option<OwnedSemaphorePermit>>>);

impl Default for Pace {
    fn default() -> Self {
        Self::of(AT_ONCE, PATIENCE)
    }
}

impl Pace {
    fn of(at_once: usize, patience: Duration) -> Self {
        Self { turns: Arc::new(Semaphore::new(at_once)), patience }
    }

    /// Waits for a turn. They are given in the order in which they were asked for.
    pub async fn turn(&self) -> Turn {
        // Never closed; if it were, there would be nothing to wait for.
        let permit = Arc::clone(&self.turns).acquire_owned().await.ok();
        let turn = Turn(Arc::new(Mutex::new(permit)));
        let (held, patience) = (Arc::clone(&turn.0), self.patience);
        tokio::spawn(async move {
            tokio::time::sleep(patience).await;
            held.lock().unwrap_or_else(PoisonError::into_inner).take();
        });
        turn
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn those_who_hang_hold_nobody_up_for_ever() {
        let pace = Pace::of(2, Duration::from_millis(20));
        let _hung = (pace.turn().await, pace.turn().await);
        assert!(tokio::time::timeout(Duration::from_secs(60), pace.turn()).await.is_ok());
    }

    #[tokio::test]
    async fn who_is_up_lets_the_next_one_start_at_once() {
        let pace = Pace::of(2, Duration::from_secs(3600));
        let (first, _second) = (pace.turn().await, pace.turn().await);
        assert!(pace.turn().now_or_never().is_none());
        drop(first);
        assert!(pace.turn().now_or_never().is_some());
    }
}
