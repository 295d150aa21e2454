//! Writing to the config topic. Whatever is the leader's to write goes through here: one write at a time for each
//! connector, so that of two who create it one is told that it exists; and with the leader's right to write, where the
//! cluster has one (KIP-618).

use std::time::Duration;

use super::core::Core;
use super::standing::Standing;
use crate::herder::{HerderError, Result};
use crate::storage::StorageError;

/// Kafka's pause before the right to write is claimed again.
const BACKOFF: Duration = Duration::from_millis(250);
/// Kafka's words to a client whose write failed because another leader has written.
const FENCED: &str =
    "Failed to write to config topic; this may be due to a transient error and the request can be safely retried";

impl Core {
    /// The leader's standing.
    ///
    /// # Errors
    /// This worker is not the leader: who is, with Kafka's text. Where there is no leader, one is waited for.
    pub(super) async fn as_leader(&self, text: &str) -> Result<Standing> {
        let standing = self.place.when(|_| true).await;
        if standing.leader {
            return Ok(standing);
        }
        let url = Some(standing.leader_url).filter(|url| !url.is_empty());
        Err(HerderError::Elsewhere { url, message: text.to_owned() })
    }

    /// Writes what only the leader writes. `doing` is told to who waits too long.
    ///
    /// # Errors
    /// It may or may not have been written.
    pub(super) async fn write_as_leader<T>(
        &self,
        doing: String,
        write: impl Future<Output = std::result::Result<T, StorageError>>,
    ) -> Result<T> {
        let _stage = self.worker.health().stage(doing);
        self.configs.claim().await.map_err(|error| {
            tracing::warn!("Unable to claim write privileges for config topic: {error}");
            HerderError::Internal(FENCED.to_owned())
        })?;
        write.await.map_err(|error| match error {
            StorageError::Fenced(why) => {
                tracing::warn!(
                    "Failed to write to config topic as leader; will rejoin group if necessary and, if still leader, \
                     attempt to reclaim write privileges for the config topic: {why}"
                );
                let core = self.clone();
                tokio::spawn(async move { core.claim_again().await });
                HerderError::Internal(FENCED.to_owned())
            }
            error => HerderError::Internal(error.to_string()),
        })
    }

    /// Writes what any worker writes.
    ///
    /// # Errors
    /// It may or may not have been written.
    pub(super) async fn write<T>(
        &self,
        doing: String,
        write: impl Future<Output = std::result::Result<T, StorageError>>,
    ) -> Result<T> {
        let _stage = self.worker.health().stage(doing);
        write.await.map_err(|error| HerderError::Internal(error.to_string()))
    }

    /// Takes the right to write from whoever has it, and tries again for as long as this worker leads.
    pub(super) async fn claim_again(&self) {
        let _stage = self.worker.health().stage("reclaiming write privileges for the config topic");
        tokio::time::sleep(BACKOFF).await;
        while self.place.now().is_some_and(|standing| standing.leader) {
            match self.configs.claim().await {
                Ok(()) => return,
                Err(error) => tracing::warn!(
                    "Unable to claim write privileges for config topic. Will backoff and possibly retry if still the \
                     leader: {error}"
                ),
            }
            tokio::time::sleep(BACKOFF).await;
        }
    }
}
