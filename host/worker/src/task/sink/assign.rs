//! Partitions that come and go, and topics that appear.

use std::time::Duration;

use watertight_kafka::TopicPartition;
use watertight_sandbox::bindings::watertight::types::data::TopicPartition as GuestPartition;

use super::{LOOK, Running, UNRECOVERABLE, guest_partition};
use crate::failure::Failure;

impl Running {
    /// New partitions: where to start is decided here and told to the consumer, not the other way round.
    pub(super) async fn open(&mut self, partitions: Vec<TopicPartition>) -> Result<(), Failure> {
        let failed = |error: watertight_kafka::KafkaError| Failure::caused(UNRECOVERABLE, error);
        let committed = self.consumer.committed(&partitions).await.map_err(failed)?;
        let mut fresh = Vec::new();
        let mut starts: Vec<(TopicPartition, i64)> = Vec::new();
        for (partition, offset) in partitions.iter().zip(committed) {
            match offset {
                Some(offset) => starts.push((partition.clone(), offset)),
                None => fresh.push(partition.clone()),
            }
        }
        if !fresh.is_empty() && self.run.consumer.get("auto.offset.reset") == Some("error") {
            let list = fresh.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            return Err(Failure::caused(
                UNRECOVERABLE,
                format!(
                    "org.apache.kafka.clients.consumer.NoOffsetForPartitionException: Undefined offset with no reset policy for partitions: [{list}]"
                ),
            ));
        }
        if !fresh.is_empty() {
            let places = if self.run.consumer.starts_at_beginning() {
                self.run.admin.start_offsets(&fresh).await
            } else {
                self.run.admin.end_offsets(&fresh).await
            };
            starts.extend(places.map_err(|error| Failure::caused(UNRECOVERABLE, error))?);
        }
        for (partition, offset) in &starts {
            self.next.insert(partition.clone(), *offset);
        }
        self.guest.guest.state_mut().sink.assignment = self.next.keys().map(guest_partition).collect();
        if !partitions.is_empty() {
            let list: Vec<GuestPartition> = partitions.iter().map(guest_partition).collect();
            self.guest.open(&list).await.map_err(|error| Failure::caused(UNRECOVERABLE, error.trace()))?;
        }
        let seeks = std::mem::take(&mut self.guest.guest.state_mut().sink.seek);
        for (wanted, offset) in seeks {
            let wanted = TopicPartition::new(wanted.topic, wanted.partition);
            match starts.iter_mut().find(|(partition, _)| *partition == wanted) {
                Some(start) => {
                    start.1 = offset;
                    self.next.insert(wanted, offset);
                }
                // Of a partition that was there before: carried out with the other requests.
                None => self.guest.guest.state_mut().sink.seek.push((guest_partition(&wanted), offset)),
            }
        }
        // Where a failed pre-commit goes back to, as in Kafka's worker.
        self.committed.extend(starts.iter().cloned());
        tracing::info!("assigned: {}", partitions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
        self.consumer.assign(&starts).await.map_err(failed)?;
        let pause = |partition: &&TopicPartition| self.paused || self.holding || self.guest_paused.contains(*partition);
        let paused: Vec<TopicPartition> = partitions.iter().filter(pause).cloned().collect();
        if !paused.is_empty() {
            self.consumer.pause(&paused).await.map_err(failed)?;
        }
        Ok(())
    }

    /// Partitions that go: committed while they are still ours, then closed.
    pub(super) async fn close(&mut self, partitions: &[TopicPartition], lost: bool) -> Result<(), Failure> {
        if !lost && let Err(failure) = self.commit(true).await {
            tracing::error!("offsets could not be committed before partitions were given up: {failure}");
            self.doom = Some(failure);
        }
        if !partitions.is_empty() && !self.guest.guest.is_gone() {
            let list: Vec<GuestPartition> = partitions.iter().map(guest_partition).collect();
            self.guest.close(&list, lost).await.map_err(|error| Failure::caused(UNRECOVERABLE, error.trace()))?;
        }
        for partition in partitions {
            self.next.remove(partition);
            self.committed.remove(partition);
            self.guest_paused.remove(partition);
        }
        self.guest.guest.state_mut().sink.assignment = self.next.keys().map(guest_partition).collect();
        self.consumer.unassign(partitions).await.map_err(|error| Failure::caused(UNRECOVERABLE, error))?;
        self.let_go(partitions).await
    }

    pub(super) fn next_look(&self) -> Duration {
        if self.absent.is_empty() { self.run.topics.refresh() } else { LOOK }
    }

    pub(super) async fn look_for_topics(&mut self) -> Result<(), Failure> {
        if !self.run.topics.is_pattern() {
            if !self.absent.is_empty() {
                let absent = self.run.topics.absent(&self.run.admin, false).await;
                if absent.len() < self.absent.len() {
                    let asked = self.consumer.resubscribe(&self.names).await;
                    asked.map_err(|error| Failure::caused(UNRECOVERABLE, error))?;
                }
                self.absent = absent;
            }
            return Ok(());
        }
        match self.run.topics.names(&self.run.admin).await {
            Ok(names) if names != self.names => {
                self.consumer.resubscribe(&names).await.map_err(|error| Failure::caused(UNRECOVERABLE, error))?;
                self.names = names;
            }
            Ok(_) => {}
            Err(error) => tracing::warn!("{error}"),
        }
        Ok(())
    }
}
