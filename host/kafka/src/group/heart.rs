//! The heartbeats, and the eye on the clock.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, sleep_until};

use super::coordinator::{Backoff, Coordinator};
use super::state::{Beat, Shared};
use super::{GroupSettings, codes};
use crate::raw::RawError;

/// Beats for as long as it is polled, which is as long as the member lives.
pub(super) struct Heart {
    pub(super) coordinator: Coordinator,
    pub(super) shared: Arc<Shared>,
    pub(super) settings: GroupSettings,
    pub(super) backoff: Backoff,
}

/// A heart at work; it stops when this is dropped.
pub(super) struct Beating(#[expect(dead_code, reason = "its end is what is waited for")] oneshot::Sender<()>);

impl Heart {
    /// Beats on a thread of its own: a worker that is busy is not dead, and one that is cut off must know it in time.
    pub(super) fn start(self) -> Result<Beating, RawError> {
        let group = self.settings.group.clone();
        let failed = |error: std::io::Error| RawError::Connection {
            address: format!("of group {group}"),
            request: "Heartbeat",
            reason: format!("there is no thread for it: {error}"),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let (alive, end) = oneshot::channel();
        let beat = move || {
            runtime.block_on(async {
                tokio::select! {
                    () = self.beat() => {}
                    _ = end => {}
                }
            });
            // Whoever is being asked for an address or a hash must not be waited for.
            runtime.shutdown_background();
        };
        std::thread::Builder::new().name("group-heartbeat".to_owned()).spawn(beat).map_err(failed)?;
        Ok(Beating(alive))
    }

    async fn beat(self) {
        let shared = self.shared.clone();
        // A heartbeat that waits for its answer must not keep the clock from being looked at.
        futures::future::join(self.send(), watch(&shared)).await;
    }

    async fn send(mut self) {
        loop {
            match self.shared.next_beat().await {
                Beat::Leave(parting) => self.coordinator.leave(&parting).await,
                Beat::Send(place) => {
                    let sent = Instant::now();
                    let failed = match self.coordinator.heartbeat(&place).await {
                        Ok(code) => {
                            self.shared.answered(&place, sent, code);
                            codes::is_elsewhere(code) || code == codes::COORDINATOR_LOAD_IN_PROGRESS
                        }
                        Err(error) => {
                            tracing::debug!(group = self.settings.group, %error, "no answer to a heartbeat");
                            true
                        }
                    };
                    if failed {
                        self.backoff.failed();
                        self.backoff.pause().await;
                    } else {
                        self.backoff.worked();
                        tokio::select! {
                            () = sleep(self.settings.heartbeat_interval) => {}
                            () = self.shared.hurried() => {}
                        }
                    }
                }
            }
        }
    }
}

async fn watch(shared: &Shared) {
    loop {
        sleep_until(shared.next_look()).await;
        shared.look();
    }
}
