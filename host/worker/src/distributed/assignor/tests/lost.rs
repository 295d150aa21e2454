//! What becomes of the work of a worker that is gone.

use super::*;

/// Three workers with two connectors and four tasks each; `w2` has just left, and its work is given back.
fn without_a_worker(max_delay: Duration) -> (Cluster, Work) {
    let mut cluster = Cluster::waiting(0, max_delay);
    cluster.connectors = (1..=6).map(|number| (format!("c{number}"), 2)).collect();
    cluster.join("w2");
    cluster.join("w3");
    cluster.rebalance();
    cluster.expect(&[2, 2, 2], &[4, 4, 4]);
    let lost = cluster.leave("w2");
    (cluster, lost)
}

/// Half of the delay is over.
fn half_way(cluster: &mut Cluster) {
    cluster.rebalance();
    cluster.expect_delay(MAX_DELAY);
    cluster.expect_nothing_new();
    cluster.sleep(MAX_DELAY / 2);
}

fn has(cluster: &Cluster, worker: &str, work: &Work) -> bool {
    let all = &cluster.members[worker];
    work.connectors.is_subset(&all.connectors) && work.tasks.is_subset(&all.tasks)
}

/// Scenario 16.
#[test]
fn who_comes_back_gets_all_that_was_lost() {
    let (mut cluster, lost) = without_a_worker(MAX_DELAY);
    half_way(&mut cluster);
    cluster.join("w2");
    cluster.rebalance();
    cluster.expect_delay(MAX_DELAY / 2);
    cluster.expect_nothing_new();
    cluster.sleep(MAX_DELAY / 2);
    cluster.rebalance();
    cluster.expect_delay(Duration::ZERO);
    assert!(has(&cluster, "w2", &lost));
    cluster.rebalance();
    cluster.expect_delay(Duration::ZERO);
    cluster.expect_nothing_new();
}

/// Scenario 17.
#[test]
fn what_was_lost_for_good_goes_to_everyone() {
    let (mut cluster, _) = without_a_worker(MAX_DELAY);
    half_way(&mut cluster);
    cluster.rebalance();
    cluster.expect_delay(MAX_DELAY / 2);
    cluster.sleep(MAX_DELAY / 2);
    cluster.rebalance();
    cluster.expect_delay(Duration::ZERO);
    cluster.expect(&[3, 3], &[6, 6]);
    cluster.expect_complete_and_balanced();
}

/// Scenario 18.
#[test]
fn all_who_came_during_the_delay_share_what_was_lost_whatever_they_got_meanwhile() {
    let (mut cluster, lost) = without_a_worker(MAX_DELAY);
    cluster.join("w4");
    half_way(&mut cluster);
    cluster.join("w2");
    cluster.rebalance();
    cluster.expect_delay(MAX_DELAY / 2);
    // What is new is given out at once.
    cluster.connectors.extend(["d1", "d2"].map(|name| (name.to_owned(), 2)));
    cluster.rebalance();
    cluster.expect_delay(MAX_DELAY / 2);
    cluster.expect(&[1, 1, 2, 2], &[2, 2, 4, 4]);
    cluster.sleep(MAX_DELAY / 2);
    cluster.rebalance();
    cluster.expect_delay(Duration::ZERO);
    cluster.expect(&[2, 2, 2, 2], &[4, 4, 4, 4]);
    for connector in &lost.connectors {
        let among_them = ["w2", "w4"].iter().any(|name| cluster.members[*name].connectors.contains(connector));
        assert!(among_them, "{connector}");
    }
    cluster.expect_complete_and_balanced();
}

/// Scenario 19.
#[test]
fn who_came_back_and_left_again_gets_nothing() {
    let (mut cluster, _) = without_a_worker(MAX_DELAY);
    half_way(&mut cluster);
    cluster.join("w2");
    cluster.rebalance();
    cluster.expect_delay(MAX_DELAY / 2);
    cluster.leave("w2");
    cluster.sleep(MAX_DELAY / 2);
    cluster.rebalance();
    cluster.expect_delay(Duration::ZERO);
    cluster.expect(&[3, 3], &[6, 6]);
    cluster.expect_complete_and_balanced();
}

/// Scenario 20.
#[test]
fn nobody_is_waited_for_without_a_delay() {
    let (mut cluster, _) = without_a_worker(Duration::ZERO);
    cluster.rebalance();
    cluster.expect_delay(Duration::ZERO);
    cluster.expect_no_revocations();
    cluster.expect(&[3, 3], &[6, 6]);
    cluster.expect_complete_and_balanced();
}

#[test]
fn what_is_deleted_while_it_waits_is_not_waited_for() {
    let mut cluster = Cluster::new(0);
    cluster.connectors = ["c1", "c2"].map(|name| (name.to_owned(), 1)).into();
    cluster.join("w2");
    cluster.rebalance();
    cluster.leave("w2");
    cluster.rebalance();
    cluster.expect_delay(MAX_DELAY);
    cluster.connectors.remove("c2");
    cluster.rebalance();
    cluster.expect_delay(Duration::ZERO);
    cluster.expect_complete_and_balanced();
}

/// Ours: Kafka's gives it all that was lost, and takes the excess away from it in the same breath.
#[test]
fn who_comes_back_is_not_given_more_than_its_part() {
    let (mut cluster, _) = without_a_worker(MAX_DELAY);
    half_way(&mut cluster);
    cluster.join("w2");
    cluster.rebalance();
    cluster.connectors.extend(["d1", "d2"].map(|name| (name.to_owned(), 4)));
    cluster.rebalance();
    cluster.expect_delay(MAX_DELAY / 2);
    cluster.expect(&[2, 2, 2], &[5, 5, 6]);
    cluster.sleep(MAX_DELAY / 2);
    cluster.rebalance();
    cluster.expect_delay(Duration::ZERO);
    cluster.expect_no_revocations();
    cluster.expect_complete_and_balanced();
    cluster.rebalance();
    cluster.expect_nothing_new();
}
