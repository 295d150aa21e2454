//! Who does what. The leader of the group decides it at each rebalance, from what is configured and what each member
//! says it runs. Nothing here waits, asks or knows a clock: time is handed in.

mod eager;
mod group;
mod incremental;
mod kind;

use std::collections::BTreeMap;
use std::time::Duration;

pub use eager::assign as assign_eagerly;
pub use group::{Group, Leader};
pub use incremental::{Generations, IncrementalAssignor};

pub use super::work::Work;

/// What one member is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Share {
    /// To start, beyond what it runs already.
    pub assigned: Work,
    /// To stop.
    pub revoked: Work,
    /// What it runs then: for knowing who owns what.
    pub all: Work,
}

/// What all members are told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Distribution {
    /// By member id.
    pub shares: BTreeMap<String, Share>,
    /// After how long the members are to join again; zero if they need not.
    pub delay: Duration,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
