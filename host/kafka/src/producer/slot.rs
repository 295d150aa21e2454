//! A task's place in a shared producer.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::Notify;

use super::Ack;

/// Sequence numbers have 48 bits in the opaque; at a million a second that lasts nine years.
const SEQ_BITS: u32 = 48;
const SEQ_MASK: u64 = (1 << SEQ_BITS) - 1;

/// Slots have the remaining 16 bits.
pub(super) const SLOTS: usize = 1 << (64 - SEQ_BITS);

/// Bytes in flight have 40 bits, the records the rest: one atomic holds both.
const BYTES_BITS: u32 = 40;
const BYTES_MASK: u64 = (1 << BYTES_BITS) - 1;

const _: () = assert!(usize::BITS == 64, "the opaque pointer must hold a slot and a sequence number");

pub(super) fn pack(slot: u16, seq: u64) -> Option<usize> {
    (seq <= SEQ_MASK).then_some(((u64::from(slot) << SEQ_BITS) | seq) as usize)
}

pub(super) fn unpack(opaque: usize) -> (u16, u64) {
    let opaque = opaque as u64;
    ((opaque >> SEQ_BITS) as u16, opaque & SEQ_MASK)
}

/// What is in flight, as one number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Weight(u64);

impl Weight {
    pub(super) fn of(bytes: usize) -> Self {
        Self((1 << BYTES_BITS) | (bytes as u64 & BYTES_MASK))
    }
    pub(super) fn add(&mut self, other: Self) {
        self.0 = self.0.wrapping_add(other.0);
    }
    pub(super) fn records(self) -> usize {
        (self.0 >> BYTES_BITS) as usize
    }
    pub(super) fn bytes(self) -> usize {
        (self.0 & BYTES_MASK) as usize
    }
}

/// A task's acknowledgements and what it has in flight.
#[derive(Default)]
pub(super) struct Slot {
    acks: Mutex<Vec<Ack>>,
    in_flight: AtomicU64,
    leased: AtomicBool,
    /// Told when acknowledgements came in.
    pub(super) acked: Notify,
}

impl Slot {
    /// Takes the slot for a new task, unless records of the last one are still on their way: their
    /// acknowledgements must not reach the wrong task.
    pub(super) fn take(&self) -> bool {
        if self.in_flight.load(Ordering::Acquire) != 0 {
            return false;
        }
        if self.leased.swap(true, Ordering::AcqRel) {
            return false;
        }
        lock(&self.acks).clear();
        true
    }

    pub(super) fn release(&self) {
        self.leased.store(false, Ordering::Release);
    }

    pub(super) fn in_flight(&self) -> Weight {
        Weight(self.in_flight.load(Ordering::Acquire))
    }

    pub(super) fn sent(&self, weight: Weight) {
        self.in_flight.fetch_add(weight.0, Ordering::AcqRel);
    }

    pub(super) fn not_sent(&self, weight: Weight) {
        self.in_flight.fetch_sub(weight.0, Ordering::AcqRel);
    }

    /// Hands over a run of acknowledgements, which leaves `run` empty.
    pub(super) fn acknowledge(&self, run: &mut Vec<Ack>, weight: Weight) {
        if self.leased.load(Ordering::Acquire) {
            lock(&self.acks).append(run);
        } else {
            run.clear();
        }
        self.in_flight.fetch_sub(weight.0, Ordering::AcqRel);
        self.acked.notify_one();
    }

    pub(super) fn take_acks(&self, into: &mut Vec<Ack>) {
        let mut acks = lock(&self.acks);
        if into.is_empty() {
            std::mem::swap(&mut *acks, into);
        } else {
            into.append(&mut acks);
        }
    }

    pub(super) fn has_acks(&self) -> bool {
        !lock(&self.acks).is_empty()
    }
}

/// A poisoned lock guards plain data here: whoever panicked left it whole.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slot_and_sequence_survive_the_opaque() {
        for (slot, seq) in [(0, 0), (1, 7), (u16::MAX, SEQ_MASK)] {
            assert_eq!(unpack(pack(slot, seq).unwrap()), (slot, seq));
        }
        assert_eq!(pack(0, SEQ_MASK + 1), None);
    }

    #[test]
    fn a_slot_with_records_on_their_way_is_not_given_away() {
        let slot = Slot::default();
        assert!(slot.take());
        assert!(!slot.take(), "taken");
        slot.sent(Weight::of(10));
        slot.sent(Weight::of(5));
        assert_eq!((slot.in_flight().records(), slot.in_flight().bytes()), (2, 15));
        slot.release();
        assert!(!slot.take(), "in flight");
        let mut weight = Weight::of(10);
        weight.add(Weight::of(5));
        slot.acknowledge(&mut vec![Ack { seq: 1, result: Ok((0, 0)) }], weight);
        assert!(slot.take());
        assert!(!slot.has_acks(), "the old task's acknowledgements are gone");
    }
}
