//! The end of a producer, away from everybody who must not wait.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::bindings;

use super::shared::Shared;

/// How long the last records of a producer that nobody holds any more may take. After it they are
/// given up: their task is gone, and its successor may be writing already.
const FLUSH_DEADLINE: Duration = Duration::from_secs(5);

/// Flushes, then gives up what is left, then destroys the handle; all on a thread of its own.
pub(super) fn close(producer: Arc<Shared>) {
    let thread = std::thread::Builder::new().name("kafka-producer-close".to_owned());
    // A failed spawn drops the closure and with it the producer, here: a wait of a second or so,
    // in a process that has run out of threads.
    if let Err(error) = thread.spawn(move || finish(&producer)) {
        tracing::warn!(%error, "no thread to close a producer on; it closed without flushing");
    }
}

fn finish(producer: &Shared) {
    let native = producer.client.ptr();
    let deadline = Instant::now() + FLUSH_DEADLINE;
    // SAFETY: a live handle. With a zero timeout flush only ends the lingering.
    unsafe { bindings::rd_kafka_flush(native, 0) };
    // SAFETY: a live handle.
    while unsafe { bindings::rd_kafka_outq_len(native) } > 0 && Instant::now() < deadline {
        producer.serve(50);
        // SAFETY: a live handle.
        unsafe { bindings::rd_kafka_flush(native, 0) };
    }
    // SAFETY: a live handle.
    let left = unsafe { bindings::rd_kafka_outq_len(native) };
    if left > 0 {
        tracing::warn!(left, "records of a stopped task were given up: the broker did not take them in time");
        // SAFETY: a live handle and valid flags.
        unsafe {
            bindings::rd_kafka_purge(native, bindings::RD_KAFKA_PURGE_F_QUEUE | bindings::RD_KAFKA_PURGE_F_INFLIGHT)
        };
        producer.serve(100);
    }
}
