//! The first way of sharing: all work is given up at each rebalance, and dealt out anew.

use std::collections::{BTreeMap, BTreeSet};

use super::{Distribution, Share, Work};

/// Deals out connectors, then tasks, to the members in turn: both in order, tasks going on where connectors ended, for
/// instances weigh little, and a connector with one task would put all tasks on the same half of two members.
pub fn assign(configured: &Work, members: &BTreeSet<String>) -> Distribution {
    let mut shares: BTreeMap<String, Share> = members.iter().map(|id| (id.clone(), Share::default())).collect();
    if members.is_empty() {
        return Distribution::default();
    }
    let count = members.len();
    let mut seats: Vec<&mut Share> = shares.values_mut().collect();
    for (at, connector) in configured.connectors.iter().enumerate() {
        if let Some(seat) = seats.get_mut(at % count) {
            seat.assigned.connectors.insert(connector.clone());
        }
    }
    for (at, task) in (configured.connectors.len()..).zip(&configured.tasks) {
        if let Some(seat) = seats.get_mut(at % count) {
            seat.assigned.tasks.insert(task.clone());
        }
    }
    seats.into_iter().for_each(|seat| seat.all = seat.assigned.clone());
    Distribution { shares, delay: std::time::Duration::ZERO }
}
