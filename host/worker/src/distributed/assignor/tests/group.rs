//! From what the coordinator hands the leader to what it hands back.

use super::*;
use crate::distributed::protocol::{Assignment, Fault, Subscription};

fn subscription(version: i16, config_offset: i64, running: Option<Work>) -> Vec<u8> {
    let allocation = running.map(|assigned| Assignment { version, assigned, ..Assignment::default() });
    Subscription { version, url: "http://h:8083/".to_owned(), config_offset, allocation }.encode().unwrap()
}

fn leader(version: i16) -> Leader {
    Leader { id: "one".to_owned(), url: "http://h:8083/".to_owned(), version }
}

fn decoded(messages: Vec<(String, Vec<u8>)>) -> BTreeMap<String, Assignment> {
    messages.into_iter().map(|(id, bytes)| (id, Assignment::decode(&bytes).unwrap())).collect()
}

/// Scenario 24.
#[test]
fn members_are_told_in_the_version_that_the_group_settled_on() {
    for version in [0, 1, 2] {
        let running = work(&["a"], &[("a", 0)]);
        let members = [
            ("one".to_owned(), subscription(version, 7, Some(running.clone()))),
            ("two".to_owned(), subscription(version, 9, None)),
        ];
        let group = Group::read(&members);
        assert_eq!(group.config_offset(), 9);
        assert_eq!(group.ids(), set(&["one", "two"]));
        let is_told = if version > 0 { running } else { Work::default() };
        assert_eq!(group.work(), BTreeMap::from([("one".to_owned(), is_told), ("two".to_owned(), Work::default())]));

        let share = Share { assigned: work(&["b"], &[]), revoked: work(&[], &[("a", 0)]), ..Share::default() };
        let shares = BTreeMap::from([("one".to_owned(), share)]);
        let distribution = Distribution { shares, delay: Duration::from_secs(1) };
        let told = decoded(group.tell(&leader(version), 9, &distribution).unwrap());
        for assignment in told.values() {
            assert_eq!((assignment.version, assignment.fault, assignment.config_offset), (version, Fault::None, 9));
            assert_eq!((assignment.leader.as_str(), assignment.leader_url.as_str()), ("one", "http://h:8083/"));
        }
        assert_eq!(told["one"].assigned, work(&["b"], &[]));
        assert_eq!(told["one"].revoked.is_empty(), version == 0);
        assert!(told["two"].assigned.is_empty() && told["two"].revoked.is_empty());
    }
}

#[test]
fn a_leader_that_knows_too_little_gives_nobody_anything() {
    let members = [("one".to_owned(), subscription(2, 7, None)), ("two".to_owned(), subscription(2, 9, None))];
    let told = decoded(Group::read(&members).tell_mismatch(&leader(2)).unwrap());
    assert_eq!(told.len(), 2);
    for assignment in told.values() {
        assert_eq!((assignment.fault, assignment.config_offset), (Fault::ConfigMismatch, 9));
        assert!(assignment.assigned.is_empty() && assignment.revoked.is_empty());
    }
}

#[test]
fn a_stranger_in_the_group_gets_no_work_and_the_others_get_theirs() {
    let members = [("one".to_owned(), subscription(2, 7, None)), ("stranger".to_owned(), b"consumer".to_vec())];
    let group = Group::read(&members);
    assert_eq!(group.ids(), set(&["one"]));
    assert!(group.strangers.contains_key("stranger"));
    let configured = work(&["a"], &[("a", 0)]);
    let generations = Generations { last_completed: 0, current: 1 };
    let distribution =
        IncrementalAssignor::new(MAX_DELAY).assign(&configured, &group.work(), generations, Instant::now());
    let told = decoded(group.tell(&leader(2), 7, &distribution).unwrap());
    assert_eq!(told["one"].assigned, configured);
    assert_eq!((told["stranger"].fault, told["stranger"].assigned.is_empty()), (Fault::ConfigMismatch, true));
}
