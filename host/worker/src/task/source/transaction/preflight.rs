//! Before a task that writes exactly once does anything: nobody else writes in its name, and it is still the right one.

use std::time::Duration;

use watertight_kafka::ProducerLease;

use super::super::super::{Order, TaskContext};
use super::ExactlyOnce;
use crate::failure::Failure;

/// How long the coordinator is waited for at a time.
const PATIENCE: Duration = Duration::from_secs(30);

impl ExactlyOnce {
    /// In this order: earlier tasks are fenced off; this one takes the transactional id; then, because that may have
    /// fenced off a newer one, this one makes sure that there is none. False: it was told to stop meanwhile.
    ///
    /// # Errors
    /// What speaks against starting.
    pub(in super::super) async fn prepare(
        &self,
        producer: &ProducerLease,
        context: &mut TaskContext,
    ) -> Result<bool, Failure> {
        let id = context.id.clone();
        let mut orders = context.orders.clone();
        let steps = async {
            self.guard.before_task(&id, self.generation).await?;
            loop {
                match producer.init_transactions(PATIENCE).await {
                    Ok(()) => break,
                    Err(error) if error.retriable => {
                        tracing::warn!("the transactional producer of task {id} cannot be initialized yet: {error}");
                    }
                    Err(error) => {
                        return Err(Failure::caused("Failed to initialize the transactional producer", error));
                    }
                }
            }
            self.guard.may_run(&id, self.generation).await
        };
        tokio::select! {
            done = steps => done.map(|()| context.order() != Order::Stop),
            _ = orders.wait_for(|order| *order == Order::Stop) => Ok(false),
        }
    }
}
