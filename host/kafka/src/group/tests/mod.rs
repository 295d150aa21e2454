//! Against a coordinator by script.

mod fake;

use std::time::{Duration, Instant};

use fake::*;

use super::*;
use crate::settings::admin_settings;

const LONG: Duration = Duration::from_secs(60);

fn settings(session: Duration, rebalance: Duration, heartbeat: Duration) -> GroupSettings {
    GroupSettings {
        group: "g".into(),
        protocol_type: "connect".into(),
        session_timeout: session,
        rebalance_timeout: rebalance,
        heartbeat_interval: heartbeat,
    }
}

fn member_with(fake: &Fake, settings: GroupSettings) -> GroupMember {
    let admin =
        admin_settings([("bootstrap.servers", fake.address.as_str()), ("retry.backoff.ms", "10")], "c").unwrap();
    GroupMember::new(admin, settings).unwrap()
}

fn member(fake: &Fake) -> GroupMember {
    member_with(fake, settings(LONG, LONG, Duration::from_millis(20)))
}

async fn join(member: &mut GroupMember) -> Result<Membership, GroupError> {
    let assign = |leadership: Leadership| async move {
        Ok(leadership.members.into_iter().map(|(id, metadata)| (id, [b"for ", &metadata[..]].concat())).collect())
    };
    tokio::time::timeout(LONG, member.join(vec![("protocol".into(), b"me".to_vec())], assign)).await.unwrap()
}

async fn event(member: &mut GroupMember) -> GroupEvent {
    tokio::time::timeout(LONG, member.event()).await.unwrap()
}

async fn joined_one(fake: &Fake) -> GroupMember {
    fake.says(JOIN, [joined(0, 7, "m", "other")]);
    fake.says(SYNC, [synced(0, b"work")]);
    fake.says(HEARTBEAT, [beaten(0)]);
    let mut member = member(fake);
    join(&mut member).await.unwrap();
    member
}

#[tokio::test]
async fn an_id_that_the_coordinator_gives_first_is_taken_within_one_attempt() {
    let fake = Fake::start().await;
    fake.says(JOIN, [joined(79, -1, "m-1", ""), joined(0, 1, "m-1", "m-1")]);
    fake.says(SYNC, [synced(0, b"for me")]);
    fake.says(HEARTBEAT, [beaten(0)]);
    let mut member = member(&fake);
    let membership = join(&mut member).await.unwrap();
    assert!(membership.is_leader());
    assert_eq!((membership.generation, membership.protocol.as_str()), (1, "protocol"));
    assert_eq!(membership.assignment, b"for me");
    assert_eq!(member.member_id().as_deref(), Some("m-1"));
    fake.until_asked(HEARTBEAT, 5).await;
    assert_eq!((fake.asked(JOIN), fake.asked(SYNC), fake.asked(FIND)), (2, 1, 2), "each connection looked once");
}

#[tokio::test]
async fn a_coordinator_that_moved_is_looked_up_again() {
    let fake = Fake::start().await;
    fake.says(JOIN, [joined(16, -1, "", ""), joined(15, -1, "", ""), joined(14, -1, "", ""), joined(0, 1, "m", "x")]);
    fake.says(SYNC, [synced(0, b"")]);
    fake.says(HEARTBEAT, [beaten(16), beaten(15), beaten(0)]);
    let mut member = member(&fake);
    for expected in ["NOT_COORDINATOR", "COORDINATOR_NOT_AVAILABLE", "COORDINATOR_LOAD_IN_PROGRESS"] {
        match join(&mut member).await {
            Err(GroupError::Again(reason)) => assert!(reason.contains(expected), "{reason}"),
            other => panic!("{other:?}"),
        }
    }
    join(&mut member).await.unwrap();
    fake.until_asked(HEARTBEAT, 4).await;
    assert!(fake.asked(FIND) >= 5, "{}", fake.asked(FIND));
}

#[tokio::test]
async fn a_connection_that_ends_is_a_reason_to_join_again() {
    let fake = Fake::start().await;
    fake.says(JOIN, [Answer::End, joined(0, 1, "m", "x")]);
    fake.says(SYNC, [Answer::End, synced(0, b"a")]);
    fake.says(HEARTBEAT, [beaten(0)]);
    let mut member = member(&fake);
    assert!(matches!(join(&mut member).await, Err(GroupError::Again(_))));
    assert!(matches!(join(&mut member).await, Err(GroupError::Again(_))));
    assert_eq!(join(&mut member).await.unwrap().assignment, b"a");
}

#[tokio::test]
async fn a_rebalance_is_told_once_per_join_however_often_the_coordinator_says_it() {
    let fake = Fake::start().await;
    let mut member = joined_one(&fake).await;
    fake.says(HEARTBEAT, [beaten(27)]);
    assert_eq!(event(&mut member).await, GroupEvent::Rebalance);
    let count = fake.asked(HEARTBEAT);
    fake.until_asked(HEARTBEAT, count + 3).await;
    fake.says(HEARTBEAT, [beaten(0)]);
    join(&mut member).await.unwrap();
    let nothing = tokio::time::timeout(Duration::from_millis(200), member.event()).await;
    assert!(nothing.is_err(), "{nothing:?}");
}

#[tokio::test]
async fn a_member_that_the_coordinator_forgot_is_lost_and_gets_a_new_id() {
    for code in [25, 22, 30] {
        let fake = Fake::start().await;
        let mut member = joined_one(&fake).await;
        fake.says(HEARTBEAT, [beaten(code)]);
        let told = event(&mut member).await;
        assert!(matches!(told, GroupEvent::Lost(_)), "{told:?}");
        // Who is only a generation behind keeps its id.
        assert_eq!(member.member_id().is_some(), code == 22);
        fake.says(HEARTBEAT, [beaten(0)]);
        join(&mut member).await.unwrap();
    }
}

#[tokio::test]
async fn what_was_lost_is_told_to_who_joins_instead_of_waiting_for_events() {
    let fake = Fake::start().await;
    let mut member = joined_one(&fake).await;
    fake.says(JOIN, [joined(25, -1, "", "")]);
    assert!(matches!(join(&mut member).await, Err(GroupError::Lost(_))));
    // Nothing is left to lose.
    assert!(matches!(join(&mut member).await, Err(GroupError::Again(_))));
    fake.says(JOIN, [joined(0, 8, "m", "x")]);
    join(&mut member).await.unwrap();
    fake.says(SYNC, [synced(22, b"")]);
    assert!(matches!(join(&mut member).await, Err(GroupError::Lost(_))));
    fake.says(SYNC, [synced(0, b"")]);
    join(&mut member).await.unwrap();
    fake.says(JOIN, [Answer::Silence]);
    fake.says(HEARTBEAT, [beaten(25)]);
    assert!(matches!(join(&mut member).await, Err(GroupError::Lost(_))), "while a JoinGroup is pending");
}

#[tokio::test]
async fn another_rebalance_during_the_sync_loses_nothing() {
    let fake = Fake::start().await;
    let mut member = joined_one(&fake).await;
    fake.says(SYNC, [synced(27, b""), synced(0, b"b")]);
    assert!(matches!(join(&mut member).await, Err(GroupError::Again(_))));
    assert_eq!(join(&mut member).await.unwrap().assignment, b"b");
}

#[tokio::test]
async fn heartbeats_go_on_while_others_are_waited_for() {
    let fake = Fake::start().await;
    let mut member = joined_one(&fake).await;
    fake.says(JOIN, [Answer::Silence]);
    fake.says(HEARTBEAT, [beaten(27)]);
    let count = fake.asked(HEARTBEAT);
    {
        let joining = join(&mut member);
        tokio::select! {
            result = joining => panic!("{result:?}"),
            () = fake.until_asked(HEARTBEAT, count + 5) => {}
        }
    }
    // Dropped half-way; the next attempt is as good as any.
    fake.says(JOIN, [joined(0, 8, "m", "x")]);
    assert_eq!(join(&mut member).await.unwrap().generation, 8);
}

#[tokio::test]
async fn what_joining_again_cannot_mend_is_fatal() {
    for code in [23, 24, 26, 30, 81] {
        let fake = Fake::start().await;
        fake.says(JOIN, [joined(code, -1, "", "")]);
        fake.says(HEARTBEAT, [beaten(25)]);
        match join(&mut member(&fake)).await {
            Err(GroupError::Fatal(error)) => assert_eq!(error.code(), Some(code)),
            other => panic!("{code}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn an_assignment_that_cannot_be_made_is_a_reason_to_join_again() {
    let fake = Fake::start().await;
    fake.says(JOIN, [joined(0, 1, "m", "m")]);
    fake.says(SYNC, [synced(0, b"")]);
    fake.says(HEARTBEAT, [beaten(0)]);
    let mut member = member(&fake);
    let failed = member.join(vec![("protocol".into(), vec![])], |_| async { Err("no snapshot".to_owned()) }).await;
    assert_eq!(failed, Err(GroupError::Again("no snapshot".to_owned())));
    join(&mut member).await.unwrap();
}

#[tokio::test]
async fn silence_is_told_before_the_session_is_over_and_to_whoever_waits() {
    let session = Duration::from_secs(2);
    for pending in [false, true] {
        let fake = Fake::start().await;
        fake.says(JOIN, [joined(0, 7, "m", "other")]);
        fake.says(SYNC, [synced(0, b"work")]);
        fake.says(HEARTBEAT, [beaten(0)]);
        let mut member = member_with(&fake, settings(session, LONG, Duration::from_millis(50)));
        join(&mut member).await.unwrap();
        fake.until_asked(HEARTBEAT, 5).await;
        fake.says(HEARTBEAT, [Answer::Silence]);
        fake.says(FIND, [Answer::Silence]);
        fake.says(JOIN, [Answer::Silence]);
        let start = Instant::now();
        if pending {
            let told = join(&mut member).await;
            assert!(matches!(told, Err(GroupError::Lost(_))), "{told:?}");
        } else {
            let told = event(&mut member).await;
            assert!(matches!(told, GroupEvent::Unreachable(_)), "{told:?}");
        }
        let took = start.elapsed();
        println!("told after {took:?} of a session of {session:?}");
        // A quarter of the session is left for stopping; a busy machine may take some of it.
        assert!(took < session, "{took:?}");
        assert_eq!(member.member_id().as_deref(), Some("m"), "which is good if the coordinator comes back in time");
    }
}

#[tokio::test]
async fn a_worker_that_is_stuck_leaves_the_group() {
    let fake = Fake::start().await;
    fake.says(JOIN, [joined(0, 7, "m", "other")]);
    fake.says(SYNC, [synced(0, b"work")]);
    fake.says(HEARTBEAT, [beaten(0)]);
    fake.says(LEAVE, [left()]);
    let rebalance = Duration::from_millis(1500);
    let mut member = member_with(&fake, settings(LONG, rebalance, Duration::from_millis(50)));
    join(&mut member).await.unwrap();
    let pulse = member.pulse();
    for _ in 0..8 {
        pulse.touch();
        member.touch();
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    assert_eq!(fake.asked(LEAVE), 0, "for longer than the limit it was touched in time");
    assert_eq!(event(&mut member).await, GroupEvent::Lost("worker poll timeout has expired.".to_owned()));
    fake.until_asked(LEAVE, 1).await;
    let beats = fake.asked(HEARTBEAT);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(fake.asked(HEARTBEAT), beats, "who has left is silent");
    join(&mut member).await.unwrap();
}

#[tokio::test]
async fn who_leaves_says_so_once() {
    let fake = Fake::start().await;
    fake.says(LEAVE, [left()]);
    let mut member = joined_one(&fake).await;
    member.leave("shutting down").await;
    member.leave("shutting down").await;
    assert_eq!((fake.asked(LEAVE), member.member_id()), (1, None));
    join(&mut member).await.unwrap();
}
