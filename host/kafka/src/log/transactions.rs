//! A writer whose every write is a transaction.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::error::LogError;
use super::write::{KeyValue, Outcome, Request};
use super::writer::{WAIT, hand_over};
use crate::{ProducerLease, TransactionError};

/// How long the coordinator may take for one attempt, and for all.
const ATTEMPT: Duration = Duration::from_secs(10);
const ALL: Duration = Duration::from_secs(60);

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(100);

/// Takes the `transactional.id` over: who had it before is fenced off.
pub(super) async fn claim(topic: &Arc<str>, lease: &ProducerLease) -> Result<(), LogError> {
    again(|| lease.init_transactions(ATTEMPT)).await.map_err(|error| LogError::of_transaction(topic, &error))
}

/// Repeats a call as long as librdkafka wants it repeated, for a minute.
async fn again<F>(mut call: impl FnMut() -> F) -> Result<(), TransactionError>
where
    F: Future<Output = Result<(), TransactionError>>,
{
    let deadline = Instant::now() + ALL;
    loop {
        match call().await {
            Err(error) if error.retriable && Instant::now() < deadline => {
                tracing::debug!(%error, "a transaction's call is repeated");
                tokio::time::sleep(PAUSE).await;
            }
            outcome => return outcome,
        }
    }
}

/// The writer's task.
pub(super) struct Transactions {
    topic: Arc<str>,
    lease: ProducerLease,
    next: u64,
    /// Why nothing can be written any more.
    broken: Option<LogError>,
}

impl Transactions {
    pub(super) fn new(topic: Arc<str>, lease: ProducerLease) -> Self {
        Self { topic, lease, next: 0, broken: None }
    }

    pub(super) async fn run(mut self, mut requests: mpsc::UnboundedReceiver<Request>) {
        while let Some(request) = requests.recv().await {
            match request {
                Request::Send { reply, .. } if reply.is_closed() => {}
                Request::Send { records, reply } => {
                    let outcome = self.write(&records).await;
                    let _ = reply.send(outcome);
                }
                Request::Settle(tell) => {
                    let _ = tell.send(());
                }
                Request::Purge => {}
                Request::Stop(tell) => {
                    requests.close();
                    drop(self);
                    drop(tell);
                    return;
                }
            }
        }
    }

    async fn write(&mut self, records: &[KeyValue]) -> Outcome {
        if records.is_empty() {
            return Ok(());
        }
        if let Some(error) = &self.broken {
            return Err(error.clone());
        }
        let outcome = match self.lease.begin_transaction().await {
            Ok(()) => self.inside(records).await,
            Err(error) => Err(LogError::of_transaction(&self.topic, &error)),
        };
        if let Err(error) = &outcome
            && (error.is_fenced() || self.lease.broken().is_some())
        {
            self.broken = Some(error.clone().for_good());
        }
        outcome
    }

    async fn inside(&mut self, records: &[KeyValue]) -> Outcome {
        let failed = match self.deliver(records).await {
            Ok(()) => match again(|| self.lease.commit_transaction(ATTEMPT)).await {
                Ok(()) => return Ok(()),
                Err(error) => LogError::of_transaction(&self.topic, &error),
            },
            Err(error) => error,
        };
        match again(|| self.lease.abort_transaction(ATTEMPT)).await {
            Ok(()) => {
                self.lease.take_acks(&mut Vec::new());
                Err(failed)
            }
            // That another has taken over often shows only now.
            Err(error) => {
                let error = LogError::of_transaction(&self.topic, &error);
                let worse = if failed.is_fenced() || !error.is_fenced() { failed } else { error };
                self.broken = Some(worse.clone().for_good());
                Err(worse.for_good())
            }
        }
    }

    /// Hands the records over and waits until all are acknowledged.
    async fn deliver(&mut self, records: &[KeyValue]) -> Outcome {
        for record in records {
            hand_over(&self.topic, &self.lease, record, self.next).await?;
            self.next += 1;
        }
        let mut failed = None;
        let mut acks = Vec::new();
        while self.lease.in_flight() > 0 || self.lease.has_acks() {
            self.lease.wait(WAIT).await;
            self.lease.take_acks(&mut acks);
            for ack in acks.drain(..) {
                if let (Err(error), None) = (&ack.result, &failed) {
                    failed = Some(LogError::of_delivery(&self.topic, error));
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }
}
