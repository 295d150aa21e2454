//! What writes the reports.

use std::sync::{Arc, Weak};
use std::time::Duration;

use futures::stream::{FuturesUnordered, StreamExt};

use super::queue::{Attempt, Write};
use super::record::Key;
use super::shared::Shared;
use crate::storage::log::Log;

/// Writes what is queued, for as long as somebody may queue something.
pub(super) async fn pump(weak: Weak<Shared>, log: Arc<dyn Log>) {
    let mut on_their_way = FuturesUnordered::new();
    loop {
        let Some(shared) = weak.upgrade() else { return };
        for attempt in shared.queue.take() {
            on_their_way.push(deliver(weak.clone(), Arc::clone(&log), attempt));
        }
        tokio::select! {
            () = shared.queue.filled() => {}
            Some(key) = on_their_way.next() => shared.queue.done(key),
            // Now and then, to see whether anybody is left.
            () = tokio::time::sleep(Duration::from_secs(5)) => {}
        }
    }
}

/// Sends one write until it is written, or is not to be written any more; its key.
async fn deliver(weak: Weak<Shared>, log: Arc<dyn Log>, mut attempt: Attempt) -> Key {
    let key = attempt.key.to_string().into_bytes();
    let value = match &attempt.write {
        Write::Status(status) => Some(status.bytes()),
        Write::Topic(bytes) => Some(bytes.clone()),
        Write::Tombstone => None,
    };
    let given_up = loop {
        let Err(trouble) = log.send(vec![(key.clone(), value.clone())]).await else { break false };
        let Some(shared) = weak.upgrade() else { break true };
        if !shared.queue.is_newest(&attempt) {
            break true;
        }
        if !trouble.retriable && !shared.queue.was_dropped(&mut attempt) {
            tracing::error!("Failed to write status update {}: {trouble}", attempt.key);
            break true;
        }
        drop(shared);
        tracing::debug!("Status update {} is tried again: {trouble}", attempt.key);
        tokio::time::sleep(attempt.pause()).await;
        attempt.failures += 1;
        if !weak.upgrade().is_some_and(|shared| shared.still_holds(&attempt)) {
            break true;
        }
    };
    if let (true, Write::Status(status), Some(shared)) = (given_up, &attempt.write, weak.upgrade()) {
        shared.settle(&attempt.key, status);
    }
    attempt.key
}
