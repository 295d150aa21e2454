//! Kafka's own scenarios, with Kafka's own numbers.

use super::*;

const ZERO: Duration = Duration::ZERO;

/// Scenario 1.
#[test]
fn a_worker_that_joins_gets_its_part_after_one_rebalance_of_revocations() {
    let mut cluster = Cluster::new(2);
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect(&[2], &[8]);
    cluster.expect_complete_and_balanced();
    cluster.join("w2");
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect(&[0, 1], &[0, 4]);
    cluster.rebalance();
    cluster.expect_no_revocations();
    cluster.expect_delay(ZERO);
    cluster.expect(&[1, 1], &[4, 4]);
    cluster.expect_complete_and_balanced();
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect_nothing_new();
}

/// Scenario 2.
#[test]
fn workers_that_join_one_by_one_are_served_ever_more_slowly() {
    let mut cluster = with_two_workers(MAX_DELAY);
    cluster.join("w3");
    cluster.rebalance();
    assert!(cluster.last.delay > ZERO);
    cluster.expect(&[0, 1, 2], &[3, 3, 6]);
    cluster.sleep(cluster.last.delay);
    cluster.join("w4");
    cluster.rebalance();
    cluster.expect(&[0, 0, 1, 1], &[0, 3, 3, 3]);
    cluster.join("w5");
    cluster.rebalance();
    assert!(cluster.last.delay > Duration::from_millis(40));
    cluster.expect(&[0, 0, 1, 1, 1], &[1, 2, 3, 3, 3]);
    cluster.sleep(cluster.last.delay);
    cluster.join("w6");
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect(&[0, 0, 0, 1, 1, 1], &[0, 1, 2, 2, 2, 2]);
    cluster.rebalance();
    cluster.expect(&[0, 0, 0, 1, 1, 1], &[2, 2, 2, 2, 2, 2]);
    cluster.expect_complete_and_balanced();
}

/// Scenario 3.
#[test]
fn without_a_delay_revocations_follow_each_other() {
    let mut cluster = with_two_workers(ZERO);
    cluster.join("w3");
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect(&[0, 1, 1], &[3, 3, 4]);
    cluster.rebalance();
    cluster.expect_no_revocations();
    cluster.expect(&[1, 1, 1], &[4, 4, 4]);
    cluster.expect_complete_and_balanced();
}

/// Scenario 4.
#[test]
fn the_longest_delay_bounds_the_pause_between_revocations() {
    let mut cluster = with_two_workers(Duration::from_millis(1));
    cluster.join("w3");
    cluster.rebalance();
    cluster.expect_delay(Duration::from_millis(1));
    cluster.expect(&[0, 1, 2], &[3, 3, 6]);
}

/// Scenario 5.
#[test]
fn nothing_is_revoked_for_a_worker_that_joins_during_a_delay() {
    let mut cluster = with_two_workers(MAX_DELAY);
    cluster.join("w3");
    cluster.rebalance();
    assert!(cluster.last.delay > ZERO);
    cluster.expect_no_revocations();
    cluster.expect(&[0, 1, 2], &[3, 3, 6]);
    cluster.sleep(cluster.last.delay / 2);
    cluster.join("w4");
    cluster.rebalance();
    assert!(cluster.last.delay > ZERO);
    cluster.expect_no_revocations();
    cluster.expect(&[0, 0, 1, 2], &[0, 3, 3, 6]);
    cluster.sleep(cluster.last.delay);
    cluster.join("w5");
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect(&[0, 0, 0, 1, 1], &[0, 0, 2, 3, 3]);
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect_no_revocations();
    cluster.expect(&[0, 0, 1, 1, 1], &[2, 2, 2, 3, 3]);
    cluster.expect_complete_and_balanced();
}

/// Scenario 6.
#[test]
fn the_work_of_a_worker_that_left_for_good_is_given_away_after_the_delay() {
    let mut cluster = balanced(&["w1", "w2"]);
    cluster.leave("w2");
    cluster.rebalance();
    cluster.expect_delay(MAX_DELAY);
    cluster.expect_nothing_new();
    cluster.sleep(MAX_DELAY / 2);
    cluster.rebalance();
    cluster.expect_delay(MAX_DELAY / 2);
    cluster.expect_nothing_new();
    cluster.sleep(MAX_DELAY / 2 + Duration::from_millis(1));
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect(&[2], &[8]);
    cluster.expect_complete_and_balanced();
}

/// Scenario 7.
#[test]
fn a_worker_that_comes_back_in_time_gets_its_work_back() {
    let mut cluster = balanced(&["w1", "w2"]);
    let before = cluster.leave("w2");
    cluster.rebalance();
    cluster.expect_delay(MAX_DELAY);
    cluster.expect_nothing_new();
    cluster.sleep(MAX_DELAY / 2);
    cluster.rebalance();
    cluster.expect_delay(MAX_DELAY / 2);
    cluster.expect_nothing_new();
    cluster.sleep(MAX_DELAY / 4);
    cluster.join("w2");
    cluster.rebalance();
    cluster.expect_delay(MAX_DELAY / 4);
    cluster.expect_nothing_new();
    cluster.sleep(MAX_DELAY / 4);
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect_no_revocations();
    cluster.expect(&[1, 1], &[4, 4]);
    cluster.expect_complete_and_balanced();
    assert_eq!(cluster.members["w2"], before);
}

/// Scenario 8.
#[test]
fn nobody_waits_for_a_leader_that_left() {
    let mut cluster = without_its_leader();
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect_nothing_new();
}

/// Scenario 9.
#[test]
fn a_leader_that_comes_back_is_a_new_worker() {
    let mut cluster = without_its_leader();
    cluster.join("w1");
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect(&[0, 1, 1], &[0, 3, 3]);
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect_no_revocations();
    cluster.expect(&[0, 1, 1], &[2, 3, 3]);
    cluster.expect_complete_and_balanced();
}

/// Scenario 10.
#[test]
fn a_first_assignment_that_nobody_heard_of_is_made_again_at_once() {
    let mut cluster = Cluster::new(2);
    cluster.join("w2");
    cluster.rebalance_in_vain();
    cluster.expect_delay(ZERO);
    cluster.expect(&[0, 0], &[0, 0]);
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect(&[1, 1], &[4, 4]);
    cluster.expect_complete_and_balanced();
}

/// Scenario 11.
#[test]
fn a_later_assignment_that_nobody_heard_of_is_made_again() {
    let mut cluster = with_an_unheard_third();
    cluster.rebalance();
    after_an_unheard_third(cluster);
}

/// Scenario 12.
#[test]
fn an_assignment_that_its_own_leader_did_not_hear_of_is_made_again() {
    let mut cluster = with_an_unheard_third();
    cluster.rebalance_after(cluster.generation - 1);
    after_an_unheard_third(cluster);
}

/// Scenario 13.
#[test]
fn a_deleted_connector_is_stopped_and_the_rest_stays() {
    let mut cluster = Cluster::new(3);
    cluster.join("w2");
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect(&[1, 2], &[6, 6]);
    cluster.expect_complete_and_balanced();
    cluster.connectors.remove("c3");
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect(&[1, 1], &[4, 4]);
    cluster.expect_complete_and_balanced();
}

/// Scenario 21.
#[test]
fn without_a_delay_the_work_of_a_worker_that_left_is_given_away_at_once() {
    let mut cluster = Cluster::waiting(2, ZERO);
    cluster.join("w2");
    cluster.rebalance();
    cluster.expect(&[1, 1], &[4, 4]);
    cluster.leave("w2");
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect(&[2], &[8]);
    cluster.expect_complete_and_balanced();
}

/// Scenario 22.
#[test]
fn what_runs_twice_is_stopped_everywhere_and_started_once() {
    let mut cluster = Cluster::new(2);
    cluster.rebalance();
    cluster.join_running("w2", everything_of("c1"));
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect(&[0, 1], &[0, 4]);
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect_no_revocations();
    cluster.expect(&[1, 1], &[4, 4]);
    cluster.expect_complete_and_balanced();
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect_nothing_new();
}

/// Scenario 23.
#[test]
fn what_runs_twice_and_is_deleted_is_stopped_everywhere() {
    let mut cluster = Cluster::new(2);
    cluster.rebalance();
    cluster.connectors.remove("c1");
    cluster.join_running("w2", everything_of("c1"));
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect(&[0, 1], &[0, 2]);
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect_no_revocations();
    cluster.expect(&[0, 1], &[2, 2]);
    cluster.expect_complete_and_balanced();
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect_nothing_new();
}

/// Ours: Kafka's leaves it where it is.
#[test]
fn what_was_deleted_while_nobody_led_is_stopped() {
    let mut cluster = balanced(&["w1", "w2"]);
    cluster.change_leader();
    cluster.connectors.remove("c1");
    cluster.rebalance();
    cluster.expect(&[0, 1], &[2, 2]);
    cluster.expect_complete_and_balanced();
}

fn everything_of(connector: &str) -> Work {
    work(&[connector], &[(connector, 0), (connector, 1), (connector, 2), (connector, 3)])
}

fn balanced(workers: &[&str]) -> Cluster {
    let mut cluster = Cluster::new(2);
    workers.iter().filter(|name| **name != "w1").for_each(|name| cluster.join(name));
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect_complete_and_balanced();
    cluster
}

/// Three connectors on one of two workers; the second has just joined.
fn with_two_workers(max_delay: Duration) -> Cluster {
    let mut cluster = Cluster::waiting(3, max_delay);
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect(&[3], &[12]);
    cluster.expect_complete_and_balanced();
    cluster.join("w2");
    cluster.rebalance();
    cluster.expect(&[0, 2], &[0, 6]);
    cluster
}

fn without_its_leader() -> Cluster {
    let mut cluster = balanced(&["w1", "w2", "w3"]);
    cluster.expect(&[0, 1, 1], &[2, 3, 3]);
    cluster.leave("w1");
    cluster.change_leader();
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect(&[1, 1], &[4, 4]);
    cluster.expect_complete_and_balanced();
    cluster
}

fn with_an_unheard_third() -> Cluster {
    let mut cluster = balanced(&["w1", "w2"]);
    cluster.expect(&[1, 1], &[4, 4]);
    cluster.join("w3");
    cluster.rebalance_in_vain();
    cluster.expect_delay(ZERO);
    cluster.expect(&[0, 1, 1], &[0, 4, 4]);
    cluster
}

fn after_an_unheard_third(mut cluster: Cluster) {
    assert!(cluster.last.delay > ZERO);
    cluster.expect(&[0, 1, 1], &[0, 4, 4]);
    cluster.sleep(cluster.last.delay);
    cluster.rebalance();
    cluster.expect_delay(ZERO);
    cluster.expect(&[0, 1, 1], &[0, 3, 3]);
    cluster.rebalance();
    cluster.expect(&[0, 1, 1], &[2, 3, 3]);
    cluster.expect_complete_and_balanced();
}
