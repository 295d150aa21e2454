//! Fencing: whoever used a transactional id before can write nothing more under it.
//!
//! A new epoch of the id is asked for, as its producer would, and not used. librdkafka has no call for that, and a
//! producer made only to be thrown away would cost threads for each of a connector's former tasks.

use std::time::{Duration, Instant};

use kafka_protocol::messages::{InitProducerIdRequest, ProducerId, TransactionalId};
use kafka_protocol::protocol::StrBytes;

use super::connection::Versions;
use super::routing::Coordinated;
use super::{Admin, RawError};

const NOT_COORDINATOR: i16 = 16;
const COORDINATOR_NOT_AVAILABLE: i16 = 15;
const COORDINATOR_LOAD_IN_PROGRESS: i16 = 14;
const CONCURRENT_TRANSACTIONS: i16 = 51;

/// The first pause between attempts, and the longest.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));

/// WriteTxnMarkers: how brokers tell each other the end of a transaction. Who has transactions has it.
const END_OF_TRANSACTIONS: i16 = 27;

impl Admin {
    /// Whether the cluster has transactions. There are brokers that list all requests of transactional producers and
    /// refuse each of them; where there is reason to believe so, the one that gives a producer its epoch is tried with
    /// the transactional id `probe`, which nobody uses.
    ///
    /// # Errors
    /// When no broker answers.
    pub async fn has_transactions(&self, probe: &str, timeout: Duration) -> Result<bool, RawError> {
        let complete = self.brokers.persist(|| async { Ok(self.brokers.any().await?.offers(END_OF_TRANSACTIONS)) });
        if complete.await? {
            return Ok(true);
        }
        match self.fence_producers(&[probe.to_owned()], timeout).await {
            Ok(()) => Ok(true),
            Err(error) if error.is_authorization() || error.is_unsupported() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Fences all producers of these transactional ids; open transactions of theirs are aborted. The time is for all
    /// of them together, and is what the coordinator is told as the time-out of transactions, as Java does.
    ///
    /// # Errors
    /// The first id that was refused, or the last failure when the time was over.
    pub async fn fence_producers(&self, ids: &[String], timeout: Duration) -> Result<(), RawError> {
        let until = Instant::now() + timeout;
        let mut coordinator = None;
        for id in ids {
            self.fence(id, timeout, until, &mut coordinator).await?;
        }
        Ok(())
    }

    /// Asks the coordinator of the id before first: one broker has many of them, and it says so when it has not.
    async fn fence(
        &self,
        id: &str,
        timeout: Duration,
        until: Instant,
        coordinator: &mut Option<String>,
    ) -> Result<(), RawError> {
        let (mut pause, longest) = BACKOFF;
        let mut last = None;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let error = match tokio::time::timeout(left, self.ask_to_fence(id, timeout, coordinator)).await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(error)) => error,
                Err(_) => return Err(last.unwrap_or_else(|| self.brokers.silent(timeout))),
            };
            if !may_pass(&error) {
                return Err(error);
            }
            if Instant::now() + pause >= until {
                return Err(error);
            }
            if error.code() != Some(CONCURRENT_TRANSACTIONS) {
                *coordinator = None;
            }
            tracing::debug!(%error, transactional_id = id, "fencing again");
            last = Some(error);
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }

    async fn ask_to_fence(
        &self,
        id: &str,
        timeout: Duration,
        coordinator: &mut Option<String>,
    ) -> Result<(), RawError> {
        const NAME: &str = "InitProducerId";
        let address = match coordinator.take() {
            Some(address) => address,
            None => self.brokers.find_coordinator(Coordinated::Transactions, id).await?,
        };
        let mut broker = self.brokers.at(&address).await?;
        let version = broker.version::<InitProducerIdRequest>(NAME, Versions(1, 4))?;
        let request = InitProducerIdRequest::default()
            .with_transactional_id(Some(TransactionalId(StrBytes::from_string(id.to_owned()))))
            .with_transaction_timeout_ms(i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX))
            .with_producer_id(ProducerId(-1))
            .with_producer_epoch(-1);
        let answer = broker.ask(NAME, &request, version).await?;
        *coordinator = Some(address);
        broker.succeeded(NAME, answer.error_code, Some(format!("transactional id {id}")))
    }
}

fn may_pass(error: &RawError) -> bool {
    const PASSING: [i16; 4] =
        [COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR, CONCURRENT_TRANSACTIONS];
    match error {
        RawError::Broker { code, .. } => PASSING.contains(code),
        RawError::Unreachable { .. } | RawError::Connection { .. } => true,
        RawError::Settings(_) | RawError::Tls { .. } | RawError::Authentication { .. } | RawError::Version { .. } => {
            false
        }
    }
}
