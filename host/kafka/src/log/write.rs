//! Records on their way: which of them belong together, and who waits for them.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::error::LogError;
use crate::Ack;

/// A record to write: key and value.
pub type KeyValue = (Option<Vec<u8>>, Option<Vec<u8>>);

/// How a write ended.
pub(super) type Outcome = Result<(), LogError>;

/// What a writer is asked.
pub(super) enum Request {
    /// To write these.
    Send { records: Vec<KeyValue>, reply: oneshot::Sender<Outcome> },
    /// To tell when all that was asked before is over.
    Settle(oneshot::Sender<()>),
    /// To drop what is on its way.
    Purge,
    /// To end, after what was asked before.
    Stop(oneshot::Sender<()>),
}

/// Records that were handed to the producer together.
struct Batch {
    left: usize,
    outcome: Outcome,
    reply: oneshot::Sender<Outcome>,
}

/// All that is on its way. Sequence numbers count up, so a batch is found by its first.
#[derive(Default)]
pub(super) struct Pending {
    batches: BTreeMap<u64, Batch>,
    next: u64,
    /// Who waits for the batches before this number.
    waiting: Vec<(u64, oneshot::Sender<()>)>,
}

impl Pending {
    /// A new batch of so many records; the number of its first.
    pub(super) fn open(&mut self, records: usize, reply: oneshot::Sender<Outcome>) -> u64 {
        let first = self.next;
        self.next += records as u64;
        self.batches.insert(first, Batch { left: records, outcome: Ok(()), reply });
        self.close_if_over(first);
        first
    }

    /// So many records of a batch never left, and why.
    pub(super) fn not_sent(&mut self, first: u64, records: usize, error: LogError) {
        if let Some(batch) = self.batches.get_mut(&first) {
            batch.left = batch.left.saturating_sub(records);
            batch.fail(error);
        }
        self.close_if_over(first);
    }

    pub(super) fn acknowledge(&mut self, topic: &Arc<str>, acks: &mut Vec<Ack>) {
        for ack in acks.drain(..) {
            let Some((&first, batch)) = self.batches.range_mut(..=ack.seq).next_back() else { continue };
            batch.left = batch.left.saturating_sub(1);
            if let Err(error) = &ack.result {
                batch.fail(LogError::of_delivery(topic, error));
            }
            self.close_if_over(first);
        }
    }

    /// Told when what is on its way now is over.
    pub(super) fn when_settled(&mut self, tell: oneshot::Sender<()>) {
        self.waiting.push((self.next, tell));
        self.tell_settled();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    fn close_if_over(&mut self, first: u64) {
        if self.batches.get(&first).is_some_and(|batch| batch.left == 0)
            && let Some(batch) = self.batches.remove(&first)
        {
            let _ = batch.reply.send(batch.outcome);
            self.tell_settled();
        }
    }

    fn tell_settled(&mut self) {
        let oldest = self.batches.keys().next().copied().unwrap_or(self.next);
        for (_, tell) in self.waiting.extract_if(.., |(before, _)| *before <= oldest) {
            let _ = tell.send(());
        }
    }
}

impl Batch {
    /// The first error counts.
    fn fail(&mut self, error: LogError) {
        if self.outcome.is_ok() {
            self.outcome = Err(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DeliveryError;

    fn topic() -> Arc<str> {
        "t".into()
    }

    fn ack(seq: u64) -> Ack {
        Ack { seq, result: Ok((0, 0)) }
    }

    fn failed(seq: u64) -> Ack {
        let error = DeliveryError { retriable: true, fatal: false, code: -192, name: "_MSG_TIMED_OUT", text: "late" };
        Ack { seq, result: Err(error) }
    }

    #[test]
    fn a_batch_is_over_with_its_last_acknowledgement_in_whatever_order() {
        let mut pending = Pending::default();
        let (one, mut first) = oneshot::channel();
        let (two, mut second) = oneshot::channel();
        assert_eq!(pending.open(3, one), 0);
        assert_eq!(pending.open(1, two), 3);
        pending.acknowledge(&topic(), &mut vec![ack(2), ack(3), ack(0)]);
        assert_eq!(second.try_recv().unwrap(), Ok(()));
        assert!(first.try_recv().is_err());
        let (tell, mut settled) = oneshot::channel();
        pending.when_settled(tell);
        let (three, mut later) = oneshot::channel();
        pending.open(1, three);
        assert!(settled.try_recv().is_err());
        pending.acknowledge(&topic(), &mut vec![ack(1)]);
        assert_eq!(first.try_recv().unwrap(), Ok(()));
        settled.try_recv().expect("what was given later is not waited for");
        assert!(later.try_recv().is_err() && !pending.is_empty());
        pending.acknowledge(&topic(), &mut vec![ack(4)]);
        assert!(pending.is_empty());
        let (tell, mut settled) = oneshot::channel();
        pending.when_settled(tell);
        settled.try_recv().unwrap();
    }

    #[test]
    fn the_first_error_of_a_batch_is_its_error() {
        let mut pending = Pending::default();
        let (reply, mut outcome) = oneshot::channel();
        let first = pending.open(3, reply);
        let text = "too large".to_owned();
        pending.not_sent(first, 1, LogError::Write { topic: topic(), text, retriable: false });
        pending.acknowledge(&topic(), &mut vec![failed(0), ack(1)]);
        let error = outcome.try_recv().unwrap().unwrap_err();
        assert_eq!(error.to_string(), "cannot write to topic t: too large");
        assert!(!error.is_retriable());
    }

    #[test]
    fn nothing_to_write_is_written_at_once() {
        let mut pending = Pending::default();
        let (reply, mut outcome) = oneshot::channel();
        pending.open(0, reply);
        assert_eq!(outcome.try_recv().unwrap(), Ok(()));
        assert!(pending.is_empty());
    }
}
