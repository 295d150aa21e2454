//! The way back: what the brokers acknowledged, for the tracker and for guests that want to know.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use watertight_data::DataError;
use watertight_kafka::Ack;
use watertight_sandbox::bindings::exports::watertight::source::source_task::{AckRun, Acknowledgements, Delivery};

use super::transaction::OFFSETS;
use super::{RETRY, Running};
use crate::failure::Failure;

const KAFKA_EXCEPTION: &str = "org.apache.kafka.common.KafkaException";
/// What Java's exception chain says in front.
pub(super) const REFUSED: &str = "Unrecoverable exception from producer send callback";

impl Running {
    /// Takes in what the brokers have said, and passes it on to a guest that wants to know.
    pub(super) async fn collect(&mut self) -> Result<(), Failure> {
        self.run.producer.drive();
        self.take_acks().await?;
        if let Some(error) = self.run.producer.broken() {
            return Err(match self.transactions {
                Some(_) => self.unwritten(error.name(), &error),
                None => Failure::caused(REFUSED, error),
            });
        }
        // What a transaction's records have become is known when it ends.
        if self.transactions.is_none() || !self.wants_acknowledgements { self.tell().await } else { Ok(()) }
    }

    /// Passes on what is known to a guest that wants to know.
    pub(super) async fn tell(&mut self) -> Result<(), Failure> {
        let (acks, dropped) = (std::mem::take(&mut self.acks), std::mem::take(&mut self.dropped));
        if self.wants_acknowledgements && !(acks.is_empty() && dropped.is_empty()) {
            let mut done = runs(acks, &mut self.sent);
            done.runs.extend(dropped.into_iter().map(|first| AckRun { first, count: 1, delivery: None }));
            self.guest.acknowledge(&done).await?;
        }
        Ok(())
    }

    /// Moves acknowledgements from the producer to the tracker; they stay in `acks` for the guest.
    pub(super) async fn take_acks(&mut self) -> Result<(), Failure> {
        let begin = self.acks.len();
        self.run.producer.take_acks(&mut self.acks);
        let mut refused = Vec::new();
        let tolerates = self.tolerates_refusals();
        for ack in &self.acks[begin..] {
            match &ack.result {
                Ok(_) => self.tracker.acknowledge(ack.seq),
                Err(error) if tolerates && !error.fatal => refused.push((ack.seq, error.clone())),
                Err(error) if self.transactions.is_some() => return Err(self.unwritten(error.name, error)),
                Err(error) => {
                    return Err(Failure::caused(REFUSED, error));
                }
            }
        }
        if !self.unproven.is_empty() {
            self.prove(begin);
        }
        if self.transactions.is_some() {
            self.acks.retain(|ack| ack.seq < OFFSETS);
        }
        let arrived = self.acks.len() - begin - refused.len();
        self.run.errors.counts.records_out.many(arrived as u64);
        for (number, error) in refused {
            self.give_up(number, DataError::new(error.to_string()).with_class(KAFKA_EXCEPTION)).await?;
        }
        Ok(())
    }

    /// A topic is in use when the first record there has arrived.
    pub(super) fn prove(&mut self, begin: usize) {
        for ack in &self.acks[begin..] {
            let Some(at) = self.unproven.iter().position(|(number, _)| *number == ack.seq) else { continue };
            let (_, topic) = self.unproven.swap_remove(at);
            if ack.result.is_ok() {
                self.run.topics.note(&self.run.errors.id, &topic);
            } else {
                self.ready_topics.remove(&topic);
                self.last_topic = None;
            }
        }
    }

    /// Waits until nothing is on its way, or so long.
    pub(super) async fn drain(&mut self, limit: Duration) -> Result<(), Failure> {
        let deadline = Instant::now() + limit;
        loop {
            self.collect().await?;
            let left = deadline.saturating_duration_since(Instant::now());
            if self.run.producer.in_flight() == 0 || left.is_zero() {
                return Ok(());
            }
            self.run.producer.wait(left.min(RETRY)).await;
        }
    }
}

/// Acknowledgements as runs of numbers that follow each other on one partition.
fn runs(acks: Vec<Ack>, sent: &mut HashMap<u64, Arc<str>>) -> Acknowledgements {
    let mut done = Acknowledgements { topics: Vec::new(), runs: Vec::new() };
    let mut last: Option<(u64, u32, i32, i64)> = None;
    for Ack { seq, result } in acks {
        let (Ok((partition, offset)), Some(name)) = (result, sent.remove(&seq)) else { continue };
        let topic = match done.topics.iter().position(|known| **known == *name) {
            Some(topic) => topic as u32,
            None => {
                done.topics.push(name.to_string());
                done.topics.len() as u32 - 1
            }
        };
        match done.runs.last_mut() {
            Some(run) if last == Some((seq.wrapping_sub(1), topic, partition, offset - 1)) => run.count += 1,
            Some(_) | None => {
                let delivery = Delivery { topic, partition, offset: (offset >= 0).then_some(offset) };
                done.runs.push(AckRun { first: seq, count: 1, delivery: Some(delivery) });
            }
        }
        last = Some((seq, topic, partition, offset));
    }
    done
}
