//! The end of a consumer, in the one order that neither hangs nor crashes.
//!
//! librdkafka's own close is not used. From its beginning on, every call that asks librdkafka's main thread may wait for
//! ever: the thread ends the group's part when it has nothing left to do there, and drops what is asked after that
//! without an answer. Nobody can know beforehand whether the answer to a rebalance comes in time or just too late. And
//! what the group's part does after its end has no coordinator any more, which this version does not expect: a crash.
//!
//! So the group is left **before** anything is closed, while every call is answered: wait for calls that are still
//! under way, end the subscription, give back what is assigned. When that is through, a farewell has been written to
//! the coordinator; a question to the coordinator, which answers in order, makes sure that it was read. Then the
//! client is destroyed and told not to leave the group once more.
//!
//! All on a thread of its own: should it hang all the same, the worker has lost a thread, and says so.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::SinkConsumer;
use super::answer::unplaced;
use super::inner::Inner;
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

/// How long the coordinator may take to have read the farewell. One that does not answer notices by itself, after
/// `session.timeout.ms`.
const FAREWELL: Duration = Duration::from_secs(2);

/// How long somebody who is no member yet may be about to become one. Gone before, he would hold up the others'
/// rebalances until his session's time is over.
const ARRIVAL: Duration = Duration::from_millis(300);

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
    let start = Instant::now();
    let mut joined = inner.is_member();
    inner.unsubscribe();
    // The task may have taken away the question whether partitions may be revoked: this is the answer.
    if let Some(assigned) = inner.assignment() {
        note("giving up partitions", inner.unassign(&assigned));
    }
    loop {
        let gone = inner.has_left();
        joined |= !gone;
        let empty = inner.assignment().is_none_or(|list| list.is_empty());
        if empty && gone && (joined || start.elapsed() >= ARRIVAL) {
            break;
        }
        if Instant::now() >= deadline {
            tracing::warn!("a consumer could not leave its group in time; the group notices after session.timeout.ms");
            serve(inner, Duration::ZERO);
            return;
        }
        serve(inner, SERVE);
    }
    if joined && let Ok(list) = unplaced("leaving the group", &[inner.any_partition()]) {
        let left = FAREWELL.min(deadline.saturating_duration_since(Instant::now()));
        note("leaving the group", inner.committed_within(&list, left).map(drop));
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
