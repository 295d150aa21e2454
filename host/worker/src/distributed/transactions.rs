//! Exactly-once support rests on transactions: a worker that is to have it does not start without.

use std::time::Duration;

use watertight_kafka::Admin;

use super::config::DistributedConfig;
use crate::failure::Failure;

const PATIENCE: Duration = Duration::from_secs(60);

/// Makes sure that the cluster has what `exactly.once.source.support` needs.
///
/// # Errors
/// It has not, or does not say.
pub async fn check(config: &DistributedConfig, admin: &Admin) -> Result<(), Failure> {
    if !config.exactly_once.has_transactional_leader() {
        return Ok(());
    }
    let probe = format!("{}-probe", config.transactional_id());
    match admin.has_transactions(&probe, PATIENCE).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::new(format!(
            "exactly.once.source.support is '{}', but the Kafka cluster at {} has no transactions: set it to 'disabled', \
             or use a cluster that has them",
            config.exactly_once.word(),
            config.worker.bootstrap
        ))),
        Err(error) => Err(Failure::caused("Failed to find out whether the Kafka cluster has transactions", error)),
    }
}
