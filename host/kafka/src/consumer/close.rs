//! The end of a consumer, in the one order that neither hangs nor crashes.
//!
//! librdkafka's own close waits for rebalance answers without limit, waits for ever when an
//! assignment is on its way, and has dereferenced null when the coordinator was gone. So: leave the
//! subscription first and answer what comes until nothing is assigned; then close, still answering;
//! then destroy without asking the group again. All on a thread of its own: if it hangs all the
//! same, the worker has lost a thread, and says so.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::bindings;

use super::SinkConsumer;
use super::inner::Inner;
use crate::native::client::take_error;
use crate::native::event::EventKind;
use crate::native::{NativeEvent, code};

/// What a consumer gets that was dropped and not closed.
const DROPPED: Duration = Duration::from_secs(10);

/// What destroying may take beyond the deadline before the watchdog gives it up.
const GRACE: Duration = Duration::from_secs(5);

impl SinkConsumer {
    /// Leaves the group and frees the consumer. Returns when that is done, or shortly after the
    /// deadline in any case. Commit and tell the task before: nothing is asked of it any more.
    pub async fn close(mut self, deadline: Duration) {
        let Some(inner) = self.inner.take() else {
            return;
        };
        let done = shut_down(inner, deadline);
        match tokio::time::timeout(deadline + GRACE, done).await {
            Ok(_) => {}
            Err(_) => tracing::warn!("a consumer did not close within {:?}; its thread is given up", deadline + GRACE),
        }
    }
}

impl Drop for SinkConsumer {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take() {
            drop(shut_down(inner, DROPPED));
        }
    }
}

/// Starts the shutdown; the receiver ends when it is over.
fn shut_down(inner: Arc<Inner>, deadline: Duration) -> tokio::sync::oneshot::Receiver<()> {
    let (done, over) = tokio::sync::oneshot::channel::<()>();
    let thread = std::thread::Builder::new().name("kafka-consumer-close".to_owned());
    let started = thread.spawn(move || {
        let _told_when_dropped = done;
        leave(&inner, Instant::now() + deadline);
        drop(inner);
    });
    if let Err(error) = started {
        tracing::warn!(%error, "no thread to close a consumer on; it left its group without a word");
    }
    over
}

fn leave(inner: &Inner, deadline: Instant) {
    inner.unsubscribe();
    // A question may be open that the task never answered: letting go of everything answers it.
    if let Some(assigned) = inner.assignment() {
        note("giving up partitions", inner.unassign(&assigned));
    }
    while Instant::now() < deadline {
        if inner.assignment().is_none_or(|list| list.is_empty()) {
            break;
        }
        serve(inner);
    }
    // SAFETY: live handle and queue; the error becomes ours.
    let started = unsafe {
        take_error("closing", bindings::rd_kafka_consumer_close_queue(inner.client.ptr(), inner.client.queue()))
    };
    if let Err(error) = started {
        tracing::debug!(%error, "closing a consumer");
        return;
    }
    // SAFETY: a live handle.
    while unsafe { bindings::rd_kafka_consumer_closed(inner.client.ptr()) } == 0 {
        if Instant::now() >= deadline {
            tracing::warn!("a consumer could not leave its group in time; the group notices after session.timeout.ms");
            return;
        }
        serve(inner);
    }
}

/// Waits a little for an event and answers it with "take everything away".
fn serve(inner: &Inner) {
    if let Some(event) = inner.client.poll(50)
        && event.kind() == EventKind::Rebalance
    {
        answer(inner, &event);
    }
}

fn answer(inner: &Inner, event: &NativeEvent) {
    let Some(partitions) = event.partitions() else {
        return;
    };
    // An assignment has to be taken before it can be let go when the group rebalances
    // incrementally; otherwise letting go answers both.
    if event.error_code() == code::ASSIGN_PARTITIONS {
        note("taking partitions", inner.assign(&partitions));
    }
    note("giving up partitions", inner.unassign(&partitions));
}

fn note(what: &str, result: Result<(), crate::KafkaError>) {
    if let Err(error) = result {
        tracing::debug!(%error, "{what} while closing");
    }
}
