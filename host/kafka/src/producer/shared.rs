//! One producer and the tasks that share it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};

use rdkafka::bindings;

use super::slot::{SLOTS, Slot, Weight, lock, unpack};
use super::{Ack, DeliveryError};
use crate::KafkaError;
use crate::native::event::EventKind;
use crate::native::{Client, Kind, NativeEvent, code};
use crate::settings::ClientSettings;

/// A producer with its slots. Dropping it blocks, see [`super::close`].
pub(super) struct Shared {
    pub(super) client: Client,
    pub(super) settings: ClientSettings,
    slots: RwLock<Vec<Arc<Slot>>>,
    /// Leases that are out. Changed under the pool's lock only.
    pub(super) leases: AtomicUsize,
    /// What made the client useless, if anything did.
    broken: Mutex<Option<KafkaError>>,
}

impl Shared {
    pub(super) fn new(settings: &ClientSettings) -> Result<Self, KafkaError> {
        Ok(Self {
            client: Client::new(Kind::Producer, settings)?,
            settings: settings.clone(),
            slots: RwLock::new(Vec::new()),
            leases: AtomicUsize::new(0),
            broken: Mutex::new(None),
        })
    }

    /// A free slot and its number, or nothing when all are taken.
    pub(super) fn take_slot(&self) -> Option<(u16, Arc<Slot>)> {
        let mut slots = self.slots.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(at) = slots.iter().position(|slot| slot.take()) {
            return Some((u16::try_from(at).ok()?, slots[at].clone()));
        }
        if slots.len() >= SLOTS {
            return None;
        }
        let slot = Arc::new(Slot::default());
        slot.take();
        slots.push(slot.clone());
        Some((u16::try_from(slots.len() - 1).ok()?, slot))
    }

    /// Why the producer is of no use any more: fenced, refused, or failed for good.
    pub(super) fn broken(&self) -> Option<KafkaError> {
        lock(&self.broken).clone()
    }

    /// Serves what is there, at most `timeout_ms` after the first look. Any thread may, several at
    /// once may: librdkafka's queue is safe, and each event belongs to who took it.
    pub(super) fn serve(&self, timeout_ms: i32) {
        let mut wait = timeout_ms;
        let mut run = Vec::new();
        while let Some(event) = self.client.poll(wait) {
            wait = 0;
            match event.kind() {
                EventKind::Deliveries => self.deliver(&event, &mut run),
                EventKind::Error => self.note(&event),
                EventKind::Fetch | EventKind::Rebalance | EventKind::OffsetCommit | EventKind::Other => {}
            }
        }
    }

    fn deliver(&self, event: &NativeEvent, run: &mut Vec<Ack>) {
        let slots = self.slots.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut owner = None;
        let mut weight = Weight::default();
        loop {
            let message = event.next_message();
            if message.is_null() {
                break;
            }
            // SAFETY: the message lives as long as the event. The code is read as a number.
            let (opaque, error, partition, offset, bytes) = unsafe {
                let message = &raw const *message;
                (
                    (*message)._private as usize,
                    std::ptr::addr_of!((*message).err).cast::<i32>().read(),
                    (*message).partition,
                    (*message).offset,
                    (*message).len + (*message).key_len,
                )
            };
            let (slot, seq) = unpack(opaque);
            if owner != Some(slot) {
                hand_over(&slots, owner, run, weight);
                owner = Some(slot);
                weight = Weight::default();
            }
            weight.add(Weight::of(bytes));
            let result = if error == code::NO_ERROR { Ok((partition, offset)) } else { Err(failed(error)) };
            run.push(Ack { seq, result });
        }
        hand_over(&slots, owner, run, weight);
    }

    fn note(&self, event: &NativeEvent) {
        let error = event.error("producing");
        if event.is_fatal() || error.is_authorization() {
            tracing::error!(%error, "the producer failed");
            *lock(&self.broken) = Some(error);
        } else {
            tracing::debug!(%error, "the producer goes on");
        }
    }

    /// Drops what is queued and on its way. Does not wait for the threads that hold it.
    pub(super) fn purge(&self) {
        let what = bindings::RD_KAFKA_PURGE_F_QUEUE
            | bindings::RD_KAFKA_PURGE_F_INFLIGHT
            | bindings::RD_KAFKA_PURGE_F_NON_BLOCKING;
        // SAFETY: a live handle and valid flags.
        unsafe { bindings::rd_kafka_purge(self.client.ptr(), what) };
    }

    pub(super) fn add_lease(&self) {
        self.leases.fetch_add(1, Ordering::AcqRel);
    }

    /// Whether that was the last one.
    pub(super) fn remove_lease(&self) -> bool {
        self.leases.fetch_sub(1, Ordering::AcqRel) == 1
    }
}

fn hand_over(slots: &[Arc<Slot>], owner: Option<u16>, run: &mut Vec<Ack>, weight: Weight) {
    match owner.and_then(|at| slots.get(usize::from(at))) {
        Some(slot) => slot.acknowledge(run, weight),
        None => run.clear(),
    }
}

pub(super) fn failed(error: i32) -> DeliveryError {
    DeliveryError {
        retriable: code::is_retriable(error),
        fatal: code::is_useless(error),
        code: error,
        name: code::name(error),
        text: code::text(error),
    }
}
