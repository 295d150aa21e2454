//! Who gets what is new.

use super::*;

/// Workers `w0`, `w1`, ... with this many connectors and tasks each, and some more of both that are new.
fn cluster(loads: &[usize], new: usize) -> Cluster {
    let mut cluster = Cluster::new(0);
    cluster.leave("w1");
    let mut number = 0;
    let mut connectors: Vec<String> = Vec::new();
    for (at, load) in loads.iter().enumerate() {
        let mut work = Work::default();
        for _ in 0..*load {
            let name = format!("c{number:02}");
            work.connectors.insert(name.clone());
            work.tasks.insert(TaskId { connector: name.clone(), task: 0 });
            connectors.push(name);
            number += 1;
        }
        cluster.join_running(&format!("w{at}"), work);
    }
    connectors.extend((number..number + new).map(|number| format!("c{number:02}")));
    cluster.connectors = connectors.into_iter().map(|name| (name, 1)).collect();
    cluster
}

/// Scenario 14.
#[test]
fn workers_with_the_same_load_get_what_is_new_in_turn() {
    let mut cluster = cluster(&[2, 2, 2], 5);
    cluster.rebalance();
    for (worker, expected) in [("w0", &["c06", "c09"][..]), ("w1", &["c07", "c10"]), ("w2", &["c08"])] {
        let share = &cluster.last.shares[worker];
        assert_eq!(share.assigned.connectors, set(expected));
        let tasks: Vec<(&str, u32)> = expected.iter().map(|name| (*name, 0)).collect();
        assert_eq!(share.assigned.tasks, work(&[], &tasks).tasks);
    }
    cluster.expect_no_revocations();
}

/// Scenario 15.
#[test]
fn workers_with_less_load_get_more_of_what_is_new() {
    let mut cluster = cluster(&[2, 3, 4, 0], 15);
    cluster.rebalance();
    cluster.expect_no_revocations();
    cluster.expect(&[6, 6, 6, 6], &[6, 6, 6, 6]);
}

#[test]
fn a_cluster_without_connectors_has_nothing_to_do() {
    let mut cluster = Cluster::new(0);
    cluster.join("w2");
    cluster.rebalance();
    cluster.expect_delay(Duration::ZERO);
    cluster.expect_nothing_new();
}

#[test]
fn a_cluster_without_workers_is_nobodys() {
    let mut cluster = Cluster::new(2);
    cluster.leave("w1");
    cluster.rebalance();
    assert_eq!(cluster.last.shares.len(), 0);
}
