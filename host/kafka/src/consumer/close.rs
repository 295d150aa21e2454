//! The end of a consumer, in the one order that neither hangs nor crashes.
//!
//! Once librdkafka has been told to close, every call that asks its main thread may wait for ever: the thread ends the
//! group's part as soon as it has nothing left to do there, and drops what is asked after that without an answer. And
//! what the group's part did after its end would have no coordinator any more, which this version does not expect: a
//! crash. So
//! 1. calls that are still under way are waited for, and the question that the task left open is answered;
//! 2. the subscription is ended and all is given back **before** anything is closed, while each call is answered. That
//!    writes the farewell to the coordinator. A rebalance may put it off, so this is tried for a while only;
//! 3. then it is closed, which waits for no rebalance, and only questions that hold it up are answered: those about
//!    letting go. One about taking is out of date by then, and its answer would be the call that waits for ever;
//! 4. it is destroyed and told not to leave the group once more.
//!
//! All on a thread of its own: should it hang all the same, the worker has lost a thread, and says so.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::bindings;

use super::SinkConsumer;
use super::inner::Inner;
use crate::native::client::take_error;
use crate::native::event::EventKind;
use crate::native::{NativeEvent, PartitionList, code};

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

/// How long to try to leave without closing.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long somebody who is no member may be about to become one: the broker would wait for him.
const ARRIVAL: Duration = Duration::from_millis(100);

/// How long to wait for an event at a time.
const SERVE: Duration = Duration::from_millis(20);

/// Between two looks for calls that are still under way.
const LOOK: Duration = Duration::from_millis(5);

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

fn leave(inner: &Arc<Inner>, deadline: Instant) {
    // A call that nobody waits for any more may still be under way, on a thread of its own. It must find the group as
    // it was.
    while Arc::strong_count(inner) > 1 && Instant::now() < deadline {
        std::thread::sleep(LOOK);
    }
    if let Some(partitions) = inner.unanswered() {
        take_and_give_back(inner, &partitions);
    }
    // Who has a place in the group that outlives him (group.instance.id) goes without a farewell, as in Java.
    if inner.stays_member() {
        serve(inner, Duration::ZERO);
        return;
    }
    give_back(inner, deadline.min(Instant::now() + PATIENCE));
    close(inner, deadline);
}

/// Ends the subscription and answers what comes, until the farewell is written.
fn give_back(inner: &Inner, deadline: Instant) {
    let start = Instant::now();
    let joined = inner.is_member();
    inner.unsubscribe();
    // The task may have taken away the question whether partitions may be revoked: this is the answer.
    if let Some(assigned) = inner.assignment() {
        note("giving up partitions", inner.unassign(&assigned));
    }
    loop {
        let empty = inner.assignment().is_none_or(|list| list.is_empty());
        let over = empty && inner.has_left() && (joined || start.elapsed() >= ARRIVAL);
        if over || Instant::now() >= deadline {
            break;
        }
        serve(inner, SERVE);
    }
    serve(inner, Duration::ZERO);
}

/// Closes, which ends when the coordinator has answered the farewell or cannot.
fn close(inner: &Inner, deadline: Instant) {
    let native = inner.client.ptr();
    let cooperative = inner.is_cooperative();
    // SAFETY: live handle and queue; the error becomes ours.
    let started =
        unsafe { take_error("closing", bindings::rd_kafka_consumer_close_queue(native, inner.client.queue())) };
    if let Err(error) = started {
        tracing::debug!(%error, "closing a consumer");
        return;
    }
    // SAFETY: a live handle.
    while unsafe { bindings::rd_kafka_consumer_closed(native) } == 0 {
        if Instant::now() >= deadline {
            tracing::warn!("a consumer could not leave its group in time; the group notices after session.timeout.ms");
            return;
        }
        let millis = i32::try_from(SERVE.as_millis()).unwrap_or(0);
        let Some(event) = inner.client.poll(millis).filter(|event| event.kind() == EventKind::Rebalance) else {
            continue;
        };
        let lets_go = event.error_code() != code::ASSIGN_PARTITIONS;
        // With nothing in it, an incremental assignment is not taken back by closing.
        let is_empty = event.partitions().is_none_or(|list| list.is_empty());
        if lets_go || cooperative && is_empty {
            note("giving up partitions", inner.let_go());
        }
    }
}

/// Answers what is on the queue with "take everything away", waiting so long for the first. A client must not be
/// destroyed with a question open that asks it to take partitions: it would wait for the answer.
fn serve(inner: &Inner, mut wait: Duration) {
    while let Some(event) = inner.client.poll(i32::try_from(wait.as_millis()).unwrap_or(0)) {
        wait = Duration::ZERO;
        if event.kind() == EventKind::Rebalance {
            answer(inner, &event);
        }
    }
}

fn answer(inner: &Inner, event: &NativeEvent) {
    let Some(partitions) = event.partitions() else {
        return;
    };
    if event.error_code() == code::ASSIGN_PARTITIONS {
        take_and_give_back(inner, &partitions);
    } else {
        note("giving up partitions", inner.unassign(&partitions));
    }
}

/// Letting go is no answer to who asks to take.
fn take_and_give_back(inner: &Inner, partitions: &PartitionList) {
    note("taking partitions", inner.assign(partitions));
    note("giving up partitions", inner.unassign(partitions));
}

fn note(what: &str, result: Result<(), crate::KafkaError>) {
    if let Err(error) = result {
        tracing::debug!(%error, "{what} while closing");
    }
}
