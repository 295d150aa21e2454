//! Where somebody keeps one connector instance or one task: what is wanted goes in, what is there comes out. The two
//! sides never wait for each other.

use tokio::sync::watch;

use super::phase::{Here, Phase};
use super::wanted::Claim;
use crate::entities::TargetState;
use crate::failure::Failure;

/// The herder's side.
pub(super) struct Seat<W> {
    /// Nobody else has had it.
    pub(super) number: u64,
    wanted: watch::Sender<Option<W>>,
    here: watch::Receiver<Option<Here>>,
}

/// The keeper's side.
pub(super) struct Chair<W> {
    /// As its seat's.
    pub(super) number: u64,
    pub(super) wanted: watch::Receiver<Option<W>>,
    here: watch::Sender<Option<Here>>,
}

/// Both sides of a new seat.
pub(super) fn seat<W: Claim>(number: u64, wanted: W) -> (Seat<W>, Chair<W>) {
    let (wanted, wanted_here) = watch::channel(Some(wanted));
    let (told, here) = watch::channel(None);
    (Seat { number, wanted, here }, Chair { number, wanted: wanted_here, here: told })
}

impl<W: Claim> Seat<W> {
    /// Wants something else from now on. Who wants the same again changes nothing.
    pub(super) fn want(&self, wanted: Option<W>) {
        self.wanted.send_if_modified(|before| {
            let changes = key(before.as_ref()) != key(wanted.as_ref());
            if changes {
                *before = wanted;
            }
            changes
        });
    }

    /// Whether anything is wanted here.
    pub(super) fn is_wanted(&self) -> bool {
        self.wanted.borrow().is_some()
    }

    /// Waits until nothing is here that is not wanted. Borrows nothing.
    pub(super) fn stopped(&self) -> impl Future<Output = ()> + Send + use<W> {
        let (wanted, here) = (self.wanted.subscribe(), self.here.clone());
        async move {
            until(wanted, here, |wanted, here| is_clear(wanted, here).then_some(())).await;
        }
    }

    /// Waits until what is wanted is here; the failure if it has failed. Borrows nothing.
    pub(super) fn settled(&self) -> impl Future<Output = Result<(), Failure>> + Send + use<W> {
        let (wanted, here) = (self.wanted.subscribe(), self.here.clone());
        async move { until(wanted, here, settled).await.unwrap_or(Ok(())) }
    }
}

impl<W: Claim> Chair<W> {
    /// What is wanted now, and seen from now on.
    pub(super) fn look(&mut self) -> Option<W> {
        self.wanted.borrow_and_update().clone()
    }

    /// Tells what is here.
    pub(super) fn tell(&self, here: Option<Here>) {
        self.here.send_replace(here);
    }

    /// Waits until something other than this is wanted. Borrows nothing.
    pub(super) fn superseded(&self, doing: &W) -> impl Future<Output = ()> + Send + use<W> {
        let (mut wanted, doing) = (self.wanted.clone(), key(Some(doing)));
        async move {
            // An error: nobody wants anything any more.
            let _ = wanted.wait_for(|wanted| key(wanted.as_ref()) != doing).await;
        }
    }
}

/// What makes a difference.
pub(super) fn key<W: Claim>(wanted: Option<&W>) -> Option<(u64, TargetState)> {
    wanted.map(|wanted| (wanted.revision(), wanted.target()))
}

fn is_clear<W: Claim>(wanted: Option<&W>, here: Option<&Here>) -> bool {
    match (wanted, here) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(wanted), Some(here)) => wanted.revision() == here.revision && wanted.allows(&here.phase),
    }
}

fn settled<W: Claim>(wanted: Option<&W>, here: Option<&Here>) -> Option<Result<(), Failure>> {
    let Some(wanted) = wanted else { return Some(Ok(())) };
    let here = here.filter(|here| here.revision == wanted.revision())?;
    match &here.phase {
        Phase::Failed(failure) => Some(Err(failure.clone())),
        Phase::Starting => None,
        Phase::Up | Phase::Paused | Phase::Stopped => (here.target == wanted.target()).then_some(Ok(())),
    }
}

/// Waits until both sides together give something; nothing, when the keeper has left.
async fn until<W: Claim, T>(
    mut wanted: watch::Receiver<Option<W>>,
    mut here: watch::Receiver<Option<Here>>,
    gives: impl Fn(Option<&W>, Option<&Here>) -> Option<T>,
) -> Option<T> {
    loop {
        let given = gives(wanted.borrow_and_update().as_ref(), here.borrow_and_update().as_ref());
        if given.is_some() {
            return given;
        }
        let left = tokio::select! {
            changed = wanted.changed() => changed.is_err(),
            changed = here.changed() => changed.is_err(),
        };
        if left {
            return None;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use futures::FutureExt;

    use super::*;
    use crate::distributed::keepers::WantedConnector;
    use TargetState::{Paused, Started};

    fn wanted(revision: u64, target: TargetState) -> WantedConnector {
        WantedConnector { config: Arc::default(), revision, target }
    }

    fn here(revision: u64, phase: Phase, target: TargetState) -> Option<Here> {
        Some(Here { revision, phase, target })
    }

    #[test]
    fn who_wants_the_same_again_wakes_nobody() {
        let (seat, mut chair) = seat(1, wanted(1, Started));
        assert!(chair.look().is_some());
        seat.want(Some(wanted(1, Started)));
        assert!(!chair.wanted.has_changed().unwrap());
        let superseded = chair.superseded(&wanted(1, Started));
        seat.want(Some(wanted(1, Paused)));
        assert!(chair.wanted.has_changed().unwrap());
        assert!(superseded.now_or_never().is_some());
    }

    #[test]
    fn stopped_waits_for_what_is_not_wanted_and_for_nothing_else() {
        let (seat, chair) = seat(1, wanted(1, Started));
        let is_clear = || seat.stopped().now_or_never().is_some();
        assert!(is_clear());
        chair.tell(here(1, Phase::Up, Started));
        assert!(is_clear());
        seat.want(Some(wanted(1, Paused)));
        assert!(!is_clear());
        chair.tell(here(1, Phase::Paused, Paused));
        assert!(is_clear());
        seat.want(Some(wanted(2, Paused)));
        assert!(!is_clear());
        chair.tell(here(2, Phase::Starting, Started));
        seat.want(None);
        assert!(!is_clear());
        chair.tell(None);
        assert!(is_clear());
    }

    #[test]
    fn settled_means_here_as_wanted_or_failed() {
        let (seat, chair) = seat(1, wanted(1, Started));
        assert_eq!(seat.settled().now_or_never(), None);
        chair.tell(here(1, Phase::Starting, Started));
        assert_eq!(seat.settled().now_or_never(), None);
        chair.tell(here(1, Phase::Up, Started));
        assert_eq!(seat.settled().now_or_never(), Some(Ok(())));
        seat.want(Some(wanted(2, Started)));
        assert_eq!(seat.settled().now_or_never(), None);
        let why = Failure::new("why");
        chair.tell(here(2, Phase::Failed(why.clone()), Started));
        assert_eq!(seat.settled().now_or_never(), Some(Err(why)));
    }

    #[test]
    fn nobody_waits_for_a_keeper_who_has_left() {
        let (seat, chair) = seat(1, wanted(1, Started));
        let settled = seat.settled();
        drop(chair);
        assert_eq!(settled.now_or_never(), Some(Ok(())));
    }
}
