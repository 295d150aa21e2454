//! Turns by name: who works on something of one name waits for who does already, and for nobody else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::OwnedMutexGuard;

/// Whose turn it is.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>);

impl Turns {
    /// Waits for the turn, which lasts for as long as what is returned.
    pub(super) async fn take(&self, name: &str) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let known = turns.get(name).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                turns.retain(|_, turn| turn.strong_count() > 0);
                let turn = Arc::default();
                turns.insert(name.to_owned(), Arc::downgrade(&turn));
                turn
            })
        };
        turn.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn who_works_on_one_name_takes_turns_and_others_do_not_wait() {
        let turns = Turns::default();
        let first = turns.take("a").await;
        assert!(timeout(Duration::from_secs(30), turns.take("b")).await.is_ok());
        assert!(timeout(Duration::from_millis(20), turns.take("a")).await.is_err());
        drop(first);
        assert!(timeout(Duration::from_secs(30), turns.take("a")).await.is_ok());
    }
}
