//! Writes that nobody waits for. Of each key one write is on its way at most, so that two can never change places; what
//! is to be written meanwhile waits, and only the newest of it. A write that failed for a passing reason is tried
//! again until it is written, or something newer is to be, or it is known that another worker has the say by now.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::Notify;

use super::record::{Key, Status};

/// How soon a write is tried again; later and later, up to the second.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LAST_PAUSE: Duration = Duration::from_secs(1);

/// What is to be written under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Write {
    /// A state.
    Status(Status),
    /// That a topic was used.
    Topic(Vec<u8>),
    /// Nothing any more.
    Tombstone,
}

/// One write that is on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attempt {
    pub(super) key: Key,
    pub(super) write: Write,
    /// How often it was tried before.
    pub(super) failures: u32,
    /// How often everything had been forgotten when it was queued.
    epoch: u64,
}

impl Attempt {
    /// How long to wait before it is tried again.
    pub(super) fn pause(&self) -> Duration {
        (FIRST_PAUSE * 2_u32.saturating_pow(self.failures.min(8))).min(LAST_PAUSE)
    }
}

#[derive(Debug, Default)]
struct Slots {
    /// Keys with something on its way or waiting; what waits.
    by_key: HashMap<Key, Option<Write>>,
    /// Keys with something that waits, and nothing on its way.
    ready: Vec<Key>,
    epoch: u64,
}

/// What is to be written.
#[derive(Debug, Default)]
pub(super) struct Queue {
    slots: Mutex<Slots>,
    /// There is something to write.
    filled: Notify,
    /// There is nothing left to write.
    emptied: Notify,
}

impl Queue {
    fn slots(&self) -> std::sync::MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Something is to be written, instead of what waits under this key.
    pub(super) fn put(&self, key: Key, write: Write) {
        let mut slots = self.slots();
        let Slots { by_key, ready, .. } = &mut *slots;
        match by_key.get_mut(&key) {
            Some(waiting) => *waiting = Some(write),
            None => {
                by_key.insert(key.clone(), Some(write));
                ready.push(key);
                self.filled.notify_one();
            }
        }
    }

    /// What can be sent now.
    pub(super) fn take(&self) -> Vec<Attempt> {
        let mut slots = self.slots();
        let Slots { by_key, ready, epoch } = &mut *slots;
        let taken = ready.drain(..).filter_map(|key| {
            let write = by_key.get_mut(&key)?.take()?;
            Some(Attempt { key, write, failures: 0, epoch: *epoch })
        });
        taken.collect()
    }

    /// Waits until there may be something to take.
    pub(super) async fn filled(&self) {
        self.filled.notified().await;
    }

    /// An attempt is over, for good or because something newer waits, which is ready now.
    pub(super) fn done(&self, key: Key) {
        let mut slots = self.slots();
        if slots.by_key.get(&key).is_some_and(Option::is_some) {
            slots.ready.push(key);
            self.filled.notify_one();
            return;
        }
        slots.by_key.remove(&key);
        if slots.by_key.is_empty() {
            self.emptied.notify_waiters();
        }
    }

    /// Whether nothing newer waits, and the attempt was not forgotten. That a topic was used is never forgotten.
    pub(super) fn is_newest(&self, attempt: &Attempt) -> bool {
        let slots = self.slots();
        let is_kept = attempt.epoch == slots.epoch || matches!(attempt.write, Write::Topic(_));
        is_kept && slots.by_key.get(&attempt.key).is_none_or(Option::is_none)
    }

    /// Whether an attempt may have failed because everything was forgotten meanwhile; not for a second time.
    pub(super) fn was_dropped(&self, attempt: &mut Attempt) -> bool {
        let epoch = self.slots().epoch;
        std::mem::replace(&mut attempt.epoch, epoch) != epoch
    }

    /// Forgets states and deletions that wait, and those that fail from now on.
    pub(super) fn clear(&self) {
        let mut slots = self.slots();
        let Slots { by_key, ready, epoch } = &mut *slots;
        *epoch += 1;
        let is_topic = |write: &Option<Write>| matches!(write, Some(Write::Topic(_)));
        ready.retain(|key| {
            let is_kept = by_key.get(key).is_some_and(is_topic);
            if !is_kept {
                by_key.remove(key);
            }
            is_kept
        });
        by_key.values_mut().filter(|waiting| !is_topic(waiting)).for_each(|waiting| *waiting = None);
        if by_key.is_empty() {
            self.emptied.notify_waiters();
        }
    }

    /// Waits until everything has been written, or given up.
    pub(super) async fn emptied(&self) {
        loop {
            let emptied = self.emptied.notified();
            tokio::pin!(emptied);
            // Registered before the look: what happens in between wakes us.
            emptied.as_mut().enable();
            if self.slots().by_key.is_empty() {
                return;
            }
            emptied.await;
        }
    }
}
