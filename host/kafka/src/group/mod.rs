//! A member of a group, by the classic group protocol.
//!
//! librdkafka joins groups for consuming only. Connect's workers are members of a group of another protocol type whose
//! leader assigns connectors and tasks, so this is the membership alone: what the members tell each other, and what the
//! leader makes of it, are bytes of the caller's.
//!
//! A blocked JoinGroup holds its connection until everybody has joined. Heartbeats therefore have a connection of their
//! own, and a thread, so that no work of the worker's delays them; they go on while a JoinGroup is pending, because they
//! are also how silence is noticed. A member
//! that was cut off must know it before the coordinator gives its work to somebody else: see [`GroupEvent`].

mod codes;
mod coordinator;
mod heart;
mod join;
mod state;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use coordinator::Coordinator;
use heart::{Beating, Heart};
use state::{Parting, Shared};

use crate::raw::RawError;
use crate::settings::AdminSettings;

/// Of which group, and how patient everybody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupSettings {
    /// `group.id`
    pub group: String,
    /// What kind of group; the coordinator refuses members of another kind.
    pub protocol_type: String,
    /// `session.timeout.ms`: who is not heard of for so long is no member any more.
    pub session_timeout: Duration,
    /// `rebalance.timeout.ms`: how long the coordinator waits for members to join again, and how long a member may go
    /// without a [`GroupMember::touch`].
    pub rebalance_timeout: Duration,
    /// `heartbeat.interval.ms`
    pub heartbeat_interval: Duration,
}

impl GroupSettings {
    /// How long after its last answered heartbeat a member believes in its membership. The rest of the session
    /// time-out is for stopping what it runs: then nothing of it is left when the coordinator may know of its silence.
    pub fn patience(&self) -> Duration {
        self.session_timeout / 4 * 3
    }
}

/// What the coordinator asks of the member it made leader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leadership {
    /// The protocol that all members offered.
    pub protocol: String,
    /// The leader's own member id.
    pub leader_id: String,
    /// Each member's id and what it offered as metadata of that protocol.
    pub members: Vec<(String, Vec<u8>)>,
}

/// A place in one generation of the group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The generation's number.
    pub generation: i32,
    /// This member's id.
    pub member_id: String,
    /// The leader's id.
    pub leader_id: String,
    /// The protocol that all members offered.
    pub protocol: String,
    /// What the leader assigned to this member; empty where it said nothing.
    pub assignment: Vec<u8>,
}

impl Membership {
    /// Whether this member leads the group in this generation.
    pub fn is_leader(&self) -> bool {
        self.member_id == self.leader_id
    }
}

/// Why an attempt to join came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    /// Join again; nothing of the membership is lost. Where a pause is needed first, the next attempt makes it.
    #[error("{0}")]
    Again(String),
    /// The coordinator does not know this member any more, or may not: all work must be given up. Then join again.
    #[error("{0}")]
    Lost(String),
    /// Joining again will not help: a permission is missing, members' protocols or settings do not fit, the broker is
    /// too old.
    #[error(transparent)]
    Fatal(#[from] RawError),
}

/// What happened to a membership. After each of them: join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupEvent {
    /// The group is being rebalanced.
    Rebalance,
    /// The coordinator does not know this member any more: all work must be given up.
    Lost(String),
    /// No heartbeat was answered for so long that the coordinator may be about to forget this member: all work must be
    /// given up. Told a quarter of the session time-out before it is over.
    Unreachable(String),
}

/// Tells the group that the worker is alive; see [`GroupMember::touch`].
#[derive(Clone)]
pub struct Pulse(Arc<Shared>);

impl Pulse {
    /// As [`GroupMember::touch`].
    pub fn touch(&self) {
        self.0.touch();
    }

    /// Sends a heartbeat now: whoever expects another rebalance need not wait for the next one to hear of it.
    pub fn beat(&self) {
        self.0.beat_now();
    }
}

/// A member of a group, or who wants to be one. Dropping it ends the heartbeats without leaving: the coordinator
/// notices when the session time-out is over.
pub struct GroupMember {
    settings: GroupSettings,
    coordinator: Coordinator,
    shared: Arc<Shared>,
    /// Before the next attempt to join.
    backoff: coordinator::Backoff,
    /// Beats until it is dropped.
    _heart: Beating,
}

impl GroupMember {
    /// Somebody who may [`join`](Self::join). Connects only when joining.
    ///
    /// # Errors
    /// When TLS cannot be set up from the settings, or there is no thread for the heartbeats.
    pub fn new(admin: AdminSettings, settings: GroupSettings) -> Result<Self, RawError> {
        let shared = Arc::new(Shared::new(&settings));
        let backoff = coordinator::Backoff::new(admin.backoff);
        // A heartbeat that is not answered leaves time for others before patience ends.
        let impatient = admin.request.min(settings.session_timeout / 3);
        let answered_late = admin.request.max(settings.rebalance_timeout.saturating_add(Duration::from_secs(5)));
        let admin = admin.with_timeouts(impatient, impatient);
        let heart = Heart {
            coordinator: Coordinator::new(admin.clone(), &settings.group, answered_late)?,
            shared: shared.clone(),
            settings: settings.clone(),
            backoff: backoff.clone(),
        };
        let coordinator = Coordinator::new(admin, &settings.group, answered_late)?;
        Ok(Self { settings, coordinator, shared, backoff, _heart: heart.start()? })
    }

    /// The next event. May be dropped at any time without losing one. Never ends while this is no member.
    pub async fn event(&mut self) -> GroupEvent {
        self.shared.event().await
    }

    /// Says that the worker is alive. A member without it for `rebalance_timeout` leaves the group, and its work is
    /// told to be [`Lost`](GroupEvent::Lost): whoever is stuck must not hold what others could run. Waiting in
    /// [`join`](Self::join) for other members needs none.
    pub fn touch(&self) {
        self.shared.touch();
    }

    /// A handle for [`touch`](Self::touch), for use while [`join`](Self::join) or [`event`](Self::event) waits.
    pub fn pulse(&self) -> Pulse {
        Pulse(self.shared.clone())
    }

    /// The id that the coordinator gave, while it is of use.
    pub fn member_id(&self) -> Option<String> {
        self.shared.member_id()
    }

    /// Leaves the group, so that others get its work at once; as good as it can be done within a few seconds. It may
    /// join again.
    pub async fn leave(&mut self, reason: &str) {
        if let Some(member) = self.shared.leave() {
            self.coordinator.leave(&Parting { member, reason: reason.to_owned() }).await;
        }
    }
}
