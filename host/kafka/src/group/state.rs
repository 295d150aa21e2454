//! What a member knows of its membership, shared by who joins, who sends heartbeats and who watches the clock.
//!
//! No request is sent from here and nothing waits: each method says what a fact means for the membership.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::{GroupEvent, GroupSettings, codes};

/// Kafka's text for it.
pub(super) const POLL_TIMEOUT: &str = "worker poll timeout has expired.";

const NO_GENERATION: i32 = -1;

/// Where a heartbeat says that it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) member: String,
    pub(super) generation: i32,
    /// Of which state of affairs this is: an answer that comes later says nothing.
    turn: u64,
}

/// A member that goes, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parting {
    pub(super) member: String,
    pub(super) reason: String,
}

/// What the heart does next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Beat {
    Send(Place),
    Leave(Parting),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No member; nothing is sent.
    Out,
    /// To join again: a JoinGroup is pending, or another attempt is to be made.
    Joining {
        pending: bool,
    },
    /// In the new generation, waiting for the assignment.
    Settling,
    Stable,
}

struct State {
    member: String,
    generation: i32,
    phase: Phase,
    /// Whether the caller may be running what this membership assigned to it.
    holding: bool,
    turn: u64,
    /// When the last request that was answered was sent.
    good: Instant,
    touched: Instant,
    event: Option<GroupEvent>,
    parting: Option<Parting>,
}

/// The state and who waits for changes of it.
pub(super) struct Shared {
    state: Mutex<State>,
    patience: Duration,
    poll_timeout: Duration,
    /// Something for the caller.
    told: Notify,
    /// Something for the heart.
    hurry: Notify,
}

/// How a JoinGroup or SyncGroup that did not succeed leaves the membership.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Kept,
    Lost,
}

/// A JoinGroup that is under way; when it is dropped, none is.
pub(super) struct Pending<'a>(&'a Shared);

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        if state.phase == (Phase::Joining { pending: true }) {
            state.phase = Phase::Joining { pending: false };
        }
    }
}

impl Shared {
    pub(super) fn new(settings: &GroupSettings) -> Self {
        let now = Instant::now();
        let state = State {
            member: String::new(),
            generation: NO_GENERATION,
            phase: Phase::Out,
            holding: false,
            turn: 0,
            good: now,
            touched: now,
            event: None,
            parting: None,
        };
        Self {
            state: Mutex::new(state),
            patience: settings.patience(),
            poll_timeout: settings.rebalance_timeout,
            told: Notify::new(),
            hurry: Notify::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn touch(&self) {
        self.lock().touched = Instant::now();
    }

    pub(super) fn member_id(&self) -> Option<String> {
        Some(self.lock().member.clone()).filter(|member| !member.is_empty())
    }

    /// The next event for the caller.
    pub(super) async fn event(&self) -> GroupEvent {
        loop {
            // Asked for before looking, so that nothing is missed in between.
            let told = self.told.notified();
            if let Some(event) = self.lock().event.take() {
                return event;
            }
            told.await;
        }
    }

    /// Why the membership was lost while the caller waited for something else.
    pub(super) async fn cut_off(&self) -> String {
        loop {
            let told = self.told.notified();
            if let Some(reason) = self.take_loss() {
                return reason;
            }
            told.await;
        }
    }

    fn take_loss(&self) -> Option<String> {
        let mut state = self.lock();
        match state.event.take() {
            Some(GroupEvent::Lost(reason) | GroupEvent::Unreachable(reason)) => Some(reason),
            other => {
                state.event = other;
                None
            }
        }
    }

    // --- joining

    /// A JoinGroup is about to be sent. The id to send with it, or why the membership was lost before.
    pub(super) fn begin(&self) -> Result<(Pending<'_>, bool), String> {
        if let Some(reason) = self.take_loss() {
            return Err(reason);
        }
        let now = Instant::now();
        let mut state = self.lock();
        state.event = None;
        state.touched = now;
        if !state.holding {
            // Nothing to lose; but a coordinator that falls silent is noticed from now on.
            state.good = now;
        }
        let holding = state.holding;
        state.enter(Phase::Joining { pending: true });
        drop(state);
        self.hurry.notify_one();
        Ok((Pending(self), holding))
    }

    /// The id to join with.
    pub(super) fn identity(&self) -> String {
        self.lock().member.clone()
    }

    /// The coordinator wants a JoinGroup with this id.
    pub(super) fn named(&self, member: String) {
        let mut state = self.lock();
        state.member = member;
        state.generation = NO_GENERATION;
    }

    /// JoinGroup was answered: a member of the new generation, without assignment yet.
    pub(super) fn joined(&self, member: String, generation: i32) {
        let mut state = self.lock();
        state.member = member;
        state.generation = generation;
        let now = Instant::now();
        (state.good, state.touched) = (now, now);
        state.enter(Phase::Settling);
        drop(state);
        self.hurry.notify_one();
    }

    /// SyncGroup was answered. False where the membership was lost meanwhile.
    pub(super) fn settled(&self, generation: i32) -> bool {
        let mut state = self.lock();
        let still = state.phase == Phase::Settling && state.generation == generation;
        if still {
            state.touched = Instant::now();
            state.holding = true;
            state.enter(Phase::Stable);
        }
        still
    }

    /// Another attempt is needed, with what is left of the membership.
    pub(super) fn again(&self) {
        let mut state = self.lock();
        if state.phase != Phase::Out {
            state.enter(Phase::Joining { pending: false });
        }
    }

    /// The coordinator does not know this member, or has gone on without it, by its answer to a JoinGroup or SyncGroup.
    pub(super) fn disowned(&self, code: i16) -> Standing {
        let mut state = self.lock();
        let standing = if state.holding { Standing::Lost } else { Standing::Kept };
        state.forget(code != codes::ILLEGAL_GENERATION);
        standing
    }

    /// Nobody's member any more; who it was, if the coordinator may believe otherwise.
    pub(super) fn leave(&self) -> Option<String> {
        let mut state = self.lock();
        let member = std::mem::take(&mut state.member);
        state.forget(true);
        state.event = None;
        Some(member).filter(|member| !member.is_empty())
    }

    // --- heartbeats

    /// The next thing to send, as soon as there is one.
    pub(super) async fn next_beat(&self) -> Beat {
        loop {
            let hurry = self.hurry.notified();
            if let Some(beat) = self.due() {
                return beat;
            }
            hurry.await;
        }
    }

    fn due(&self) -> Option<Beat> {
        let mut state = self.lock();
        if let Some(parting) = state.parting.take() {
            return Some(Beat::Leave(parting));
        }
        let place = || Place { member: state.member.clone(), generation: state.generation, turn: state.turn };
        match state.phase {
            Phase::Out => None,
            // Only a question whether the coordinator is there at all.
            Phase::Joining { pending } if !pending && !state.holding => None,
            Phase::Joining { .. } | Phase::Settling | Phase::Stable => Some(Beat::Send(place())),
        }
    }

    /// A heartbeat is wanted now.
    pub(super) fn beat_now(&self) {
        self.hurry.notify_one();
    }

    /// Returns when a heartbeat is wanted sooner than after the interval.
    pub(super) async fn hurried(&self) {
        self.hurry.notified().await;
    }

    /// A heartbeat that was sent then was answered so.
    pub(super) fn answered(&self, place: &Place, sent: Instant, code: i16) {
        let mut state = self.lock();
        if state.turn != place.turn {
            return;
        }
        match (code, state.phase) {
            (_, Phase::Out) => {}
            (0, _) => state.good = state.good.max(sent),
            (codes::REBALANCE_IN_PROGRESS, phase) => {
                state.good = state.good.max(sent);
                if phase == Phase::Stable {
                    state.event = Some(GroupEvent::Rebalance);
                    drop(state);
                    self.told.notify_one();
                }
            }
            // The coordinator is there, but cannot say yet whether it knows us.
            (codes::COORDINATOR_LOAD_IN_PROGRESS | codes::COORDINATOR_NOT_AVAILABLE | codes::NOT_COORDINATOR, _) => {}
            // The generation has changed and the answer to our JoinGroup, which says so, is on its way; or we have
            // never been a member. That answer will tell; this one tells that somebody is there.
            (codes::ILLEGAL_GENERATION, Phase::Joining { pending: true }) => state.good = state.good.max(sent),
            (_, Phase::Joining { pending: true }) if !state.holding => state.good = state.good.max(sent),
            (code, Phase::Joining { .. } | Phase::Settling | Phase::Stable) => {
                state.forget(code != codes::ILLEGAL_GENERATION);
                state.event = Some(GroupEvent::Lost(reason(code)));
                drop(state);
                self.told.notify_one();
            }
        }
    }

    // --- the clock

    /// When to look at the clock again, at the latest.
    pub(super) fn next_look(&self) -> Instant {
        let (state, now) = (self.lock(), Instant::now());
        let seldom = now + Duration::from_secs(1).min(self.patience / 8);
        match state.phase {
            Phase::Out => seldom,
            Phase::Joining { .. } => seldom.min(state.good + self.patience),
            Phase::Settling | Phase::Stable => {
                seldom.min(state.good + self.patience).min(state.touched + self.poll_timeout)
            }
        }
    }

    /// Looks at the clock.
    pub(super) fn look(&self) {
        let (mut state, now) = (self.lock(), Instant::now());
        let at_work = match state.phase {
            Phase::Out => return,
            Phase::Joining { pending } if !pending && !state.holding => return,
            Phase::Joining { .. } => false,
            Phase::Settling | Phase::Stable => true,
        };
        if now >= state.good + self.patience {
            let silent = now.saturating_duration_since(state.good);
            // The id is still good where the coordinator comes back in time.
            state.forget(false);
            let reason = format!(
                "the group's coordinator has not answered for {:.1}s: this worker may be cut off from its Kafka cluster",
                silent.as_secs_f64()
            );
            state.event = Some(GroupEvent::Unreachable(reason));
        } else if at_work && now >= state.touched + self.poll_timeout {
            let member = std::mem::take(&mut state.member);
            state.forget(true);
            state.parting = Some(Parting { member, reason: POLL_TIMEOUT.to_owned() });
            state.event = Some(GroupEvent::Lost(POLL_TIMEOUT.to_owned()));
        } else {
            return;
        }
        drop(state);
        self.told.notify_one();
        self.hurry.notify_one();
    }
}

impl State {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.turn += 1;
    }

    fn forget(&mut self, even_the_id: bool) {
        if even_the_id {
            self.member.clear();
        }
        self.generation = NO_GENERATION;
        self.holding = false;
        self.enter(Phase::Out);
    }
}

fn reason(code: i16) -> String {
    match code {
        codes::UNKNOWN_MEMBER_ID => "the group's coordinator does not know this member any more".to_owned(),
        codes::ILLEGAL_GENERATION => "the group has gone on to another generation without this member".to_owned(),
        other => format!("the group's coordinator answered a heartbeat with error {other}"),
    }
}
