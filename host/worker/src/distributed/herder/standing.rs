//! The worker's place in the group, as everybody in the worker may look at it.

use std::sync::Arc;

use tokio::sync::watch;

use super::owners::Owners;
use crate::distributed::config::ConnectProtocol;

/// What the last assignment said.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    /// What its members speak.
    pub(super) protocol: ConnectProtocol,
    /// Whether this worker leads.
    pub(super) leader: bool,
    /// Where the leader's REST interface is.
    pub(super) leader_url: String,
    /// The leader knows who runs what.
    pub(super) owners: Arc<Owners>,
    /// What was given has been taken on, and no other assignment is on its way.
    pub(super) settled: bool,
}

impl Standing {
    /// Whether requests between workers are signed.
    pub(super) fn is_sessioned(&self) -> bool {
        self.protocol >= ConnectProtocol::Sessioned
    }
}

/// None while the worker is no member.
pub(super) struct Place(watch::Sender<Option<Standing>>);

impl Place {
    pub(super) fn new() -> Self {
        Self(watch::channel(None).0)
    }

    /// As it is now.
    pub(super) fn now(&self) -> Option<Standing> {
        self.0.borrow().clone()
    }

    /// From now on.
    pub(super) fn set(&self, standing: Option<Standing>) {
        self.0.send_replace(standing);
    }

    /// Another assignment is on its way, or has been taken on.
    pub(super) fn settle(&self, settled: bool) {
        self.0.send_if_modified(|standing| match standing {
            Some(standing) if standing.settled != settled => {
                standing.settled = settled;
                true
            }
            Some(_) | None => false,
        });
    }

    /// Waits until it is like this.
    pub(super) async fn when(&self, fits: impl Fn(&Standing) -> bool) -> Standing {
        let mut changes = self.0.subscribe();
        let fitting = changes.wait_for(|standing| standing.as_ref().is_some_and(&fits)).await;
        let fitting = fitting.map_or(None, |standing| standing.clone());
        match fitting {
            Some(standing) => standing,
            // The sender lives in the same place as whoever waits.
            None => std::future::pending().await,
        }
    }
}
