//! What the config topic says while the worker lives, and what this worker does about it at once. The rest is done by
//! the rebalance that follows.

use std::collections::BTreeSet;

use tokio::sync::{mpsc, watch};

use super::core::Core;
use super::desk::Desk;
use crate::restart_plan::RestartPlan;
use crate::storage::ConfigEvent;

/// The ear of the driver.
pub(super) struct Hearing {
    core: Core,
    events: mpsc::UnboundedReceiver<ConfigEvent>,
    closed: watch::Receiver<bool>,
}

impl Hearing {
    pub(super) fn new(core: Core, events: mpsc::UnboundedReceiver<ConfigEvent>, closed: watch::Receiver<bool>) -> Self {
        Self { core, events, closed }
    }

    /// The next event; none: the worker is to end.
    pub(super) async fn next(&mut self) -> Option<ConfigEvent> {
        let next = tokio::select! {
            biased;
            () = over(&mut self.closed) => return None,
            event = self.events.recv() => event,
        };
        match next {
            Some(event) => Some(event),
            // The topic is read no more: the worker is about to end.
            None => {
                over(&mut self.closed).await;
                None
            }
        }
    }

    /// Does what an event and those behind it call for.
    pub(super) fn hear(&mut self, first: ConfigEvent) {
        let mut heard = vec![first];
        while let Ok(event) = self.events.try_recv() {
            heard.push(event);
        }
        self.act(&heard);
    }

    /// The same, if there is any event by now.
    pub(super) fn catch_up(&mut self) {
        if let Ok(event) = self.events.try_recv() {
            self.hear(event);
        }
    }

    fn act(&self, heard: &[ConfigEvent]) {
        let state = self.core.configs.snapshot();
        let mut desk = self.core.desk();
        let mut touched = BTreeSet::new();
        for event in heard {
            tracing::debug!(?event, "heard from the config topic");
            if let ConfigEvent::Logger { namespace, level } = event {
                self.set_logger(namespace, level);
            }
            touched.extend(desk.hear(event, &state));
        }
        self.core.push(&mut desk, touched);
        self.restart(&mut desk);
        if desk.is_stale() {
            self.core.place.settle(false);
        }
        drop(desk);
        self.core.changes.send_replace(());
    }

    /// Restarts what of the restarts that were asked for is this worker's.
    fn restart(&self, desk: &mut Desk) {
        for (name, request) in desk.restarts.take() {
            let Some(status) = self.core.status_of(&name) else {
                tracing::debug!("Skipping restart of connector '{name}' since no status is available");
                continue;
            };
            if let Some(share) = desk.share_of(&RestartPlan::of(request, status)) {
                tracing::info!(connector = name, instance = share.connector, tasks = ?share.tasks, "restarting");
                self.core.statuses.restarting(&share);
                self.core.push(desk, [name.as_str()]);
            }
        }
    }

    fn set_logger(&self, namespace: &str, level: &str) {
        if let Err(error) = self.core.worker.parts().host.loggers.change(namespace, level) {
            tracing::error!("The cluster's wish for logger {namespace} cannot be followed: {error}");
        }
    }
}

/// Ends when the worker is to end.
async fn over(closed: &mut watch::Receiver<bool>) {
    // An error: nobody is left who could want anything else.
    let _ = closed.wait_for(|closed| *closed).await;
}
