//! The queue that carries records and nothing else.
//!
//! Read as events, each record costs a lock, two looks at the clock and an event. A queue that
//! holds only what partitions fetch can be handed over in one go, so each assigned partition is
//! led into one; what the group asks stays on the consumer's main queue. librdkafka leaves out
//! what was fetched before a pause, a seek or a revocation here as there, and knows how far each
//! partition was read at every moment.
//!
//! `rd_kafka_consume_batch_queue` would look simpler, but it moves a partition's position past an
//! error: a record would be missing after the next pause.

use std::os::raw::{c_char, c_void};
use std::ptr::{self, NonNull};

use rdkafka::bindings;
use tokio::sync::Notify;

use super::record::{self, InRecord, Topics};
use crate::KafkaError;
use crate::native::client::lossy;
use crate::native::event::EventKind;
use crate::native::{Client, NativeEvent, PartitionList, code};
use crate::settings::ClientSettings;

/// librdkafka's own defaults of what it fetches ahead.
const AHEAD_KBYTES: usize = 65_536;
const AHEAD_RECORDS: usize = 100_000;

/// Must be dropped before its client.
pub(super) struct RecordQueue {
    native: NonNull<bindings::rd_kafka_queue_t>,
    client: *mut bindings::rd_kafka_t,
    /// See [`Self::is_overfull`].
    most_bytes: usize,
    most_records: usize,
}

// SAFETY: librdkafka's handles and queues may be used from any thread at any time.
unsafe impl Send for RecordQueue {}
// SAFETY: as above.
unsafe impl Sync for RecordQueue {}

/// What reading remembers from one time to the next.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) topics: Topics,
    /// Bytes of a record, lately.
    typical: usize,
}

/// An error that came in place of a record.
pub(super) struct Trouble {
    pub(super) error: KafkaError,
    pub(super) code: i32,
    pub(super) fatal: bool,
}

impl Trouble {
    pub(super) fn of(event: &NativeEvent) -> Self {
        Self { error: event.error(super::CONSUMING), code: event.error_code(), fatal: event.is_fatal() }
    }
}

impl RecordQueue {
    /// An empty queue that wakes whom the client's main queue wakes.
    pub(super) fn new(client: &Client, settings: &ClientSettings) -> Result<Self, KafkaError> {
        let ahead = |key, otherwise| settings.get(key).and_then(|text| text.parse().ok()).unwrap_or(otherwise);
        let kbytes: usize = ahead("queued.max.messages.kbytes", AHEAD_KBYTES);
        let records: usize = ahead("queued.min.messages", AHEAD_RECORDS);
        // SAFETY: a live handle; the address is that of a boxed value which outlives this queue.
        unsafe {
            let Some(native) = NonNull::new(bindings::rd_kafka_queue_new(client.ptr())) else {
                return Err(KafkaError::Creation("no memory for a queue".to_owned()));
            };
            let address = ptr::from_ref::<Notify>(client.arrived()).cast_mut().cast::<c_void>();
            bindings::rd_kafka_queue_cb_event_enable(native.as_ptr(), Some(wake), address);
            Ok(Self {
                native,
                client: client.ptr(),
                most_bytes: kbytes.saturating_mul(2 * 1024),
                most_records: records.saturating_mul(2),
            })
        }
    }

    /// Leads what these partitions fetch here. Letting a partition go undoes it, and only that.
    pub(super) fn lead_here(&self, partitions: &PartitionList) {
        // SAFETY: a live handle and a live list of `cnt` elements whose topics end in zero; the
        // partition's queue is ours to give back.
        unsafe {
            let list = partitions.ptr();
            for at in 0..usize::try_from((*list).cnt).unwrap_or(0) {
                let element = (*list).elems.add(at);
                let fetched =
                    bindings::rd_kafka_queue_get_partition(self.client, (*element).topic, (*element).partition);
                if !fetched.is_null() {
                    bindings::rd_kafka_queue_forward(fetched, self.native.as_ptr());
                    bindings::rd_kafka_queue_destroy(fetched);
                }
            }
        }
    }

    /// Copies what is here to the end of `into`, until that holds `max` records or something else
    /// comes. Never waits.
    pub(super) fn read(&self, reader: &mut Reader, max: usize, into: &mut Vec<InRecord>) -> Option<Trouble> {
        // SAFETY: a live queue.
        let queued = unsafe { bindings::rd_kafka_queue_length(self.native.as_ptr()) };
        if queued == 0 || into.len() >= max {
            return None;
        }
        if self.is_overfull(queued, reader) {
            return self.read_singly(reader, max, into);
        }
        let start = into.len();
        into.reserve(queued.min(max - start));
        let mut reading =
            Reading { client: self.client, max, topics: &mut reader.topics, bytes: 0, into, trouble: None };
        // SAFETY: a live queue; the callback runs before this returns, on this thread, and the
        // address is that of the value it expects.
        unsafe {
            let address = ptr::from_mut(&mut reading).cast::<c_void>();
            bindings::rd_kafka_consume_callback_queue(self.native.as_ptr(), 0, Some(on_message), address);
        }
        let Reading { bytes, trouble, .. } = reading;
        if let Some(average) = bytes.checked_div(into.len() - start) {
            reader.typical = if reader.typical == 0 { average } else { (3 * reader.typical + average) / 4 };
        }
        trouble
    }

    /// While records are handed over in one go, all that is queued is out of the fetcher's sight,
    /// and it may fetch more although enough is there. Usually that is eaten up again; where it is
    /// not (many partitions, small records), reading singly for a while keeps it from growing.
    fn is_overfull(&self, queued: usize, reader: &Reader) -> bool {
        queued > self.most_records || queued.saturating_mul(reader.typical) > self.most_bytes
    }

    fn read_singly(&self, reader: &mut Reader, max: usize, into: &mut Vec<InRecord>) -> Option<Trouble> {
        while into.len() < max {
            // SAFETY: a live queue; the event is ours.
            let event = NativeEvent::from_ptr(unsafe { bindings::rd_kafka_queue_poll(self.native.as_ptr(), 0) })?;
            match event.kind() {
                EventKind::Fetch => record::read(&event, &mut reader.topics, into),
                EventKind::Error => return Some(Trouble::of(&event)),
                EventKind::Deliveries | EventKind::Rebalance | EventKind::OffsetCommit | EventKind::Other => {}
            }
        }
        None
    }
}

impl Drop for RecordQueue {
    fn drop(&mut self) {
        // SAFETY: ours, and the client still lives. Partitions that still lead here keep the empty
        // queue alive as long as they need it.
        unsafe {
            bindings::rd_kafka_queue_cb_event_enable(self.native.as_ptr(), None, ptr::null_mut());
            bindings::rd_kafka_queue_destroy(self.native.as_ptr());
        }
    }
}

struct Reading<'a> {
    client: *mut bindings::rd_kafka_t,
    max: usize,
    topics: &'a mut Topics,
    bytes: usize,
    into: &'a mut Vec<InRecord>,
    trouble: Option<Trouble>,
}

unsafe extern "C" fn on_message(message: *mut bindings::rd_kafka_message_t, reading: *mut c_void) {
    // SAFETY: the address that `read` gave; the message lives until this returns. An error's
    // payload is its text. Yielding ends the handing over: what is left goes back to the queue's
    // head.
    unsafe {
        let reading = &mut *reading.cast::<Reading<'_>>();
        let code = ptr::addr_of!((*message).err).cast::<i32>().read();
        if code == code::NO_ERROR {
            reading.bytes += (*message).len + (*message).key_len;
            record::push(message, reading.topics, reading.into);
        } else {
            let text = (*message).payload.cast_const().cast::<c_char>();
            let text = if text.is_null() { code::text(code).to_owned() } else { lossy(text) };
            let error = KafkaError::with_text(super::CONSUMING, code, text);
            reading.trouble = Some(Trouble { error, code, fatal: false });
        }
        if reading.trouble.is_some() || reading.into.len() >= reading.max {
            bindings::rd_kafka_yield(reading.client);
        }
    }
}

/// Runs on librdkafka's threads with the queue locked: only wakes.
unsafe extern "C" fn wake(_: *mut bindings::rd_kafka_t, notify: *mut c_void) {
    // SAFETY: the address given at creation; the callback is taken off before the client goes.
    unsafe { &*notify.cast::<Notify>() }.notify_one();
}
