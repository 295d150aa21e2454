//! What a leader does beside sharing out work: the topics are put in order after each rebalance.

use std::collections::BTreeSet;
use std::time::Duration;

use super::core::Core;
use crate::entities::TaskId;

/// What the states may take to be written before something goes on without them.
const FLUSH: Duration = Duration::from_secs(5);

/// Until then a worker has stopped what it had to stop, and said so.
const LATECOMERS: Duration = Duration::from_secs(15);

impl Core {
    /// This worker leads, from this generation or from an earlier one on.
    pub(super) fn take_office(&self) {
        // Now, and not before: workers that stop what is gone say so until the rebalance is over.
        self.forget_what_is_gone();
        let core = self.clone();
        tokio::spawn(async move {
            // Or a little longer, where they did not wait for the rebalance with that.
            tokio::time::sleep(LATECOMERS).await;
            if core.place.now().is_some_and(|standing| standing.leader) {
                core.forget_what_is_gone();
            }
        });
        let core = self.clone();
        tokio::spawn(async move {
            if let Err(error) = core.configs.claim().await {
                tracing::error!(
                    "Unable to claim write privileges for config topic after being elected leader during rebalance: {error}"
                );
                core.claim_again().await;
            }
        });
    }

    /// Somebody else leads.
    pub(super) fn leave_office(&self) {
        let core = self.clone();
        tokio::spawn(async move { core.configs.give_up_claim().await });
    }

    /// Deletes the states of connectors and tasks that there are no more.
    fn forget_what_is_gone(&self) {
        let state = self.configs.snapshot();
        for name in self.statuses.connectors() {
            if !state.contains(&name) {
                self.statuses.forget(&name);
                continue;
            }
            let there: BTreeSet<u32> = state.tasks(&name).into_iter().map(|id| id.task).collect();
            for task in self.statuses.task_numbers(&name).into_iter().filter(|task| !there.contains(task)) {
                self.statuses.forget_task(&TaskId { connector: name.clone(), task });
            }
        }
    }

    /// Connectors that have stopped here and are deleted use no topics any more. Not sooner: what is still running
    /// would note them again.
    pub(super) fn forget_topics_of_deleted(&self, names: &[String]) {
        let state = self.configs.snapshot();
        for name in names.iter().filter(|name| !state.contains(name)) {
            self.statuses.reset_topics(name);
            self.worker.counts().forget(name);
        }
    }

    /// Waits until the states are written, but not for ever.
    pub(super) async fn flush_statuses(&self) {
        let _stage = self.worker.health().stage("flushing updates to the status topic");
        self.statuses.flush(FLUSH).await;
    }
}
