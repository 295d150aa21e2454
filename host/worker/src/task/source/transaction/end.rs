//! Beginning a transaction, and its two ends.

use std::time::Duration;

use tokio::time::Instant;
use watertight_kafka::{OutRecord, SendError};
use watertight_sandbox::bindings::exports::watertight::source::source_task::Boundary as Mark;

use super::super::{RETRY, Running};
use super::OFFSETS;
use crate::failure::Failure;
use crate::offsets::{OffsetRecords, Stored};

/// How long the coordinator is waited for at a time; then the same is asked again.
const PATIENCE: Duration = Duration::from_secs(30);
/// What a task that has failed spends on tidying up. The coordinator does it too, later.
const FAREWELL: Duration = Duration::from_secs(2);

impl Running {
    /// Begins a transaction unless one is open.
    pub(super) async fn begin(&mut self) -> Result<(), Failure> {
        let Some(transactions) = &mut self.transactions else { return Ok(()) };
        if transactions.open.is_some() {
            return Ok(());
        }
        match self.run.producer.begin_transaction().await {
            Ok(()) => {
                transactions.open = Some(Instant::now());
                Ok(())
            }
            Err(error) => Err(self.lost(&error)),
        }
    }

    fn is_open(&self) -> bool {
        self.transactions.as_ref().is_some_and(|transactions| transactions.open.is_some())
    }

    fn closed(&mut self) {
        if let Some(transactions) = &mut self.transactions {
            transactions.open = None;
        }
    }

    /// Ends the transaction where the plugin says so.
    pub(in super::super) async fn obey(&mut self, mark: Mark) -> Result<(), Failure> {
        match mark {
            Mark::Commit => {}
            Mark::Abort if self.is_open() => {
                tracing::info!("Aborting transaction as requested by connector");
                self.abort().await?;
            }
            Mark::Abort => {
                tracing::warn!("Ignoring request by task to abort transaction as the current transaction is empty");
            }
        }
        // Offsets of what was aborted as well: else the same records would come again.
        self.commit().await
    }

    /// Commits the open transaction with the offsets behind its records; with neither there is nothing to commit.
    pub(super) async fn commit(&mut self) -> Result<(), Failure> {
        self.collect().await?;
        let entries = self.tracker.take_ready();
        if self.is_open() || !entries.is_empty() {
            let connector = self.run.settings.get("name").cloned().unwrap_or_default();
            tracing::debug!("Committing offsets of {} source partitions", entries.len());
            if !entries.is_empty() {
                self.write_offsets(&connector, &entries).await?;
            }
            self.acknowledged().await?;
            loop {
                match self.run.producer.commit_transaction(PATIENCE).await {
                    Ok(()) => break,
                    Err(error) if error.retriable => tracing::warn!("the transaction is not committed yet: {error}"),
                    Err(error) => return Err(self.lost(&error)),
                }
            }
            self.closed();
            self.run.offsets.after_records(&connector, &entries);
        }
        self.tell().await?;
        self.tell_committed().await;
        Ok(())
    }

    /// Offsets are records like others, of the same producer: that is what makes them part of the transaction.
    async fn write_offsets(&mut self, connector: &str, entries: &[Stored]) -> Result<(), Failure> {
        let unstored = |error: &dyn std::fmt::Display| Failure::caused("Failed to flush offsets to storage", error);
        let Some(OffsetRecords { topic, records }) = self.run.offsets.records(connector, entries) else {
            return Err(unstored(&"this worker does not keep offsets in a topic"));
        };
        self.run.offsets.before_records(connector, entries).await.map_err(|error| unstored(&error))?;
        self.begin().await?;
        for (number, (key, value)) in (OFFSETS..).zip(&records) {
            let record = OutRecord {
                topic: &topic,
                partition: None,
                key: Some(key),
                value: value.as_deref(),
                headers: &[],
                timestamp: None,
            };
            loop {
                match self.run.producer.send(record, number) {
                    Ok(()) => break,
                    Err(SendError::QueueFull) => {
                        self.run.producer.make_room(RETRY).await;
                        self.collect().await?;
                    }
                    Err(SendError::UnknownTopic(name)) => {
                        tracing::warn!("{name} is not known to the task's producer");
                        let asked = self.run.producer.refresh_topic(&topic).await;
                        if !matches!(asked, Ok(Some(_))) {
                            tokio::time::sleep(RETRY).await;
                        }
                    }
                    Err(error) => return Err(unstored(&error)),
                }
            }
        }
        Ok(())
    }

    /// Waits until everything sent is acknowledged, however long that takes: committing would wait for the same, and
    /// look for it only now and then.
    async fn acknowledged(&mut self) -> Result<(), Failure> {
        loop {
            self.collect().await?;
            if self.run.producer.in_flight() == 0 {
                return self.collect().await;
            }
            self.run.producer.wait(RETRY).await;
        }
    }

    /// Nothing of the transaction will be seen by who reads only what is committed.
    async fn abort(&mut self) -> Result<(), Failure> {
        // librdkafka ends transactions that the coordinator has not heard of yet, and takes its answer for the end.
        self.acknowledged().await?;
        loop {
            match self.run.producer.abort_transaction(PATIENCE).await {
                Ok(()) => break,
                Err(error) if error.retriable => tracing::warn!("the transaction is not aborted yet: {error}"),
                Err(error) => return Err(self.lost(&error)),
            }
        }
        self.closed();
        self.forsake();
        Ok(())
    }

    /// What was sent is as good as dropped, whatever the brokers said of it.
    fn forsake(&mut self) {
        let begin = self.acks.len();
        self.run.producer.take_acks(&mut self.acks);
        self.prove(begin);
        let numbers = self.acks.drain(..).map(|ack| ack.seq).filter(|number| *number < OFFSETS);
        self.dropped.extend(numbers);
        self.dropped.sort_unstable();
        for number in &self.dropped {
            self.sent.remove(number);
        }
    }

    /// The end of a task that has failed, or whose plugin has not ended what it had begun. Readers of committed records
    /// would wait for the coordinator's time limit otherwise.
    pub(in super::super) async fn give_up_transaction(&mut self) {
        if !self.is_open() {
            return;
        }
        if let Err(error) = self.run.producer.abort_transaction(FAREWELL).await {
            tracing::debug!("the open transaction is left to its time limit: {error}");
        }
        self.closed();
        self.forsake();
    }
}
