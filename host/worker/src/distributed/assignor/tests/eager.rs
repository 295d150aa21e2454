//! Everything is dealt out anew.

use super::*;

fn counts(distribution: &Distribution) -> Vec<(usize, usize)> {
    distribution.shares.values().map(|share| (share.assigned.connectors.len(), share.assigned.tasks.len())).collect()
}

#[test]
fn tasks_go_on_where_connectors_ended() {
    let configured = work(&["a", "b", "c"], &[("a", 0), ("b", 0), ("c", 0)]);
    let distribution = assign_eagerly(&configured, &set(&["w1", "w2"]));
    assert_eq!(distribution.shares["w1"].assigned, work(&["a", "c"], &[("b", 0)]));
    assert_eq!(distribution.shares["w2"].assigned, work(&["b"], &[("a", 0), ("c", 0)]));
    assert!(distribution.shares.values().all(|share| share.revoked.is_empty() && share.all == share.assigned));
    assert_eq!(distribution.delay, Duration::ZERO);
}

#[test]
fn nobody_has_more_than_two_more_than_another() {
    let configured = Cluster::new(7).configured();
    let distribution = assign_eagerly(&configured, &set(&["w1", "w2", "w3"]));
    assert_eq!(counts(&distribution), [(3, 9), (2, 10), (2, 9)]);
}

#[test]
fn nobody_is_given_work_where_nobody_is() {
    assert_eq!(assign_eagerly(&work(&["a"], &[]), &set(&[])), Distribution::default());
}
