//! Handing records to the guest, and keeping those that it does not take yet.

use std::time::Duration;

use tokio::time::Instant;
use watertight_kafka::TopicPartition;
use watertight_sandbox::batch::data_error;
use watertight_sandbox::bindings::exports::watertight::sink::sink_task::{self as wit, SinkBatch};
use watertight_sandbox::error::{Call, GuestError};

use super::convert::TAKER;
use super::{RETRY, Running, UNRECOVERABLE};
use crate::errors::{About, Problem, Settled, Stage};
use crate::failure::Failure;

impl Running {
    /// Offers records again that were not taken. True: something was done.
    pub(super) async fn redeliver(&mut self) -> Result<bool, Failure> {
        match self.pending.take() {
            Some((batch, at)) if Instant::now() >= at => {
                self.put(batch).await?;
                Ok(true)
            }
            still => {
                self.pending = still;
                Ok(false)
            }
        }
    }

    pub(super) async fn put(&mut self, mut batch: SinkBatch) -> Result<(), Failure> {
        self.call_by = None;
        tracing::trace!("Delivering batch of {} messages to task", batch.records.len());
        let report = match self.guest.put(&batch).await {
            Ok(report) => report,
            Err(error) if error.retriable() => {
                tracing::warn!("put failed and is tried again: {error}");
                return self.hold(batch, error.retry_after().unwrap_or(RETRY)).await;
            }
            Err(error) => return Err(Failure::caused(UNRECOVERABLE, error.trace())),
        };
        let wit::PutReport { taken, held, rejected, call_within_ms } = report;
        if taken as usize > batch.records.len() {
            let what = format!("it took {taken} records of {}", batch.records.len());
            return Err(Failure::caused(UNRECOVERABLE, self.guest.guest.condemn(Call::Put, what)));
        }
        for rejection in rejected {
            if self.reject(rejection).await? == Settled::Stopped {
                // None of the batch is behind the task then; it comes again.
                return Ok(());
            }
        }
        let mut places = vec![None; batch.origins.len()];
        for record in batch.records.drain(..taken as usize) {
            if let Some(place) = places.get_mut(record.origin as usize) {
                *place = Some(record.offset + 1);
            }
        }
        for (origin, place) in batch.origins.iter().zip(places) {
            if let Some(offset) = place
                && let Some(next) = self.next.get_mut(&TopicPartition::new(origin.topic.clone(), origin.partition))
            {
                *next = offset;
            }
        }
        self.call_by = call_within_ms.map(|ms| Instant::now() + Duration::from_millis(ms));
        match held.map(GuestError::from) {
            Some(error) if !error.retriable() => Err(Failure::caused(UNRECOVERABLE, error.trace())),
            Some(error) => {
                tracing::warn!("put took {taken} records and holds the others: {error}");
                self.hold(batch, error.retry_after().unwrap_or(RETRY)).await
            }
            None if batch.records.is_empty() => {
                self.pass_over_skipped();
                self.release().await
            }
            None => self.hold(batch, RETRY).await,
        }
    }

    /// A record that the sink will never take: it is reported, and behind the task if that is tolerated.
    pub(super) async fn reject(&mut self, rejection: wit::Rejection) -> Result<Settled, Failure> {
        let wit::Rejection { origin, offset, cause } = rejection;
        let place = TopicPartition::new(origin.topic, origin.partition);
        let text = format!("the record at {place}, offset {offset}, was rejected");
        if !self.run.errors.has_reporter() {
            return Err(Failure::caused(UNRECOVERABLE, format!("{text}: {}", data_error(cause).stack_trace())));
        }
        let Some(raw) = self.retained.take(&place, offset) else {
            let why = "it is not of this batch, nor of an earlier one that is not committed yet and still in memory";
            return Err(Failure::caused(
                UNRECOVERABLE,
                format!("{text}, but {why}: {}", data_error(cause).stack_trace()),
            ));
        };
        let problem = Problem::new(Stage::TaskPut, &TAKER.into(), data_error(cause));
        let settled = self.run.errors.settle(&problem, About::Consumed(&raw)).await;
        settled.map_err(|failure| Failure::caused(UNRECOVERABLE, failure))
    }

    /// Everything was taken: what was skipped on the way is behind the task too.
    pub(super) fn pass_over_skipped(&mut self) {
        for (partition, offset) in std::mem::take(&mut self.skipped) {
            if let Some(next) = self.next.get_mut(&partition) {
                *next = (*next).max(offset);
            }
        }
    }

    /// Keeps what was not taken and stops fetching meanwhile; the consumer is still asked, for the group's sake.
    pub(super) async fn hold(&mut self, batch: SinkBatch, wait: Duration) -> Result<(), Failure> {
        self.pending = Some((batch, Instant::now() + wait));
        if !self.holding {
            self.holding = true;
            self.pause_all().await?;
        }
        Ok(())
    }

    /// Everything was taken: fetch again.
    pub(super) async fn release(&mut self) -> Result<(), Failure> {
        if self.holding {
            self.holding = false;
            self.resume_all().await?;
        }
        Ok(())
    }
}
