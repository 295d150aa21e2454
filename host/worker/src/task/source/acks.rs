//! The way back: what the brokers acknowledged, for the tracker and for guests that want to know.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use watertight_kafka::{Ack, ProducerLease};
use watertight_sandbox::bindings::exports::watertight::source::source_task::{AckRun, Acknowledgements, Delivery};

use super::super::tracker::Tracker;
use super::{RETRY, Running};
use crate::failure::Failure;

impl Running {
    /// Takes in what the brokers have said, and passes it on to a guest that wants to know.
    pub(super) async fn collect(&mut self) -> Result<(), Failure> {
        self.run.producer.drive();
        take(&self.run.producer, &mut self.acks, &mut self.tracker)?;
        if let Some(error) = self.run.producer.broken() {
            return Err(Failure::caused("Unrecoverable exception from producer send callback", error));
        }
        let (acks, dropped) = (std::mem::take(&mut self.acks), std::mem::take(&mut self.dropped));
        if self.wants_acknowledgements && !(acks.is_empty() && dropped.is_empty()) {
            let mut done = runs(acks, &mut self.sent);
            done.runs.extend(dropped.into_iter().map(|first| AckRun { first, count: 1, delivery: None }));
            self.guest.acknowledge(&done).await?;
        }
        Ok(())
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

/// Moves acknowledgements from the producer to the tracker; they stay in `acks` for the guest.
pub(super) fn take(producer: &ProducerLease, acks: &mut Vec<Ack>, tracker: &mut Tracker) -> Result<(), Failure> {
    let begin = acks.len();
    producer.take_acks(acks);
    for ack in &acks[begin..] {
        match &ack.result {
            Ok(_) => tracker.acknowledge(ack.seq),
            Err(error) => {
                return Err(Failure::caused("Unrecoverable exception from producer send callback", error));
            }
        }
    }
    Ok(())
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
