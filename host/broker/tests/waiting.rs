//! A record is seen when it arrives, not when a timer says so.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::{
    thread,
    time::{Duration, Instant},
};

use common::{Broker, Scratch};

/// What a user is promised, five times over would be 1.5 s; the default patience of a consumer is
/// 500 ms, so anything below shows that the record woke the fetch.
const PROMISE: Duration = Duration::from_millis(300);
const PATIENCE: Duration = Duration::from_secs(10);
const OFFSET_OUT_OF_RANGE: i16 = 1;
const UNKNOWN_TOPIC_OR_PARTITION: i16 = 3;

#[test]
fn an_append_ends_a_waiting_fetch() {
    let scratch = Scratch::new();
    let broker = Broker::start_with(scratch.path(), &["--topic", "t:1", "--topic", "u:1"]);
    let (mut writer, mut reader) = (broker.client(), broker.client());

    let mut worst = Duration::ZERO;
    for n in 0..10_i64 {
        let waiter = thread::spawn(move || {
            // "u" stays empty: one of several topics is enough.
            let mut answer = reader.fetch_all(&[("u", 0), ("t", n)], PATIENCE);
            (reader, answer.remove(1), Instant::now())
        });
        thread::sleep(Duration::from_millis(60));
        let appended = Instant::now();
        assert_eq!((0, n), writer.produce("t", &[b"record"]));
        let seen;
        let answer;
        (reader, answer, seen) = waiter.join().unwrap();
        assert_eq!((0, vec![(n, b"record".to_vec())]), answer);
        worst = worst.max(seen - appended);
    }

    println!("slowest of 10 from append to answer: {worst:?}");
    assert!(worst < PROMISE * 5, "{worst:?}");
}

#[test]
fn an_append_elsewhere_does_not_end_it() {
    let scratch = Scratch::new();
    let broker = Broker::start_with(scratch.path(), &["--topic", "t:1", "--topic", "u:1"]);
    let (mut writer, mut reader) = (broker.client(), broker.client());
    let patience = Duration::from_millis(400);

    let waiter = thread::spawn(move || {
        let started = Instant::now();
        (reader.fetch("t", 0, patience), started.elapsed())
    });
    thread::sleep(Duration::from_millis(50));
    writer.produce("u", &[b"elsewhere"]);
    let (answer, took) = waiter.join().unwrap();

    assert_eq!((0, vec![]), answer);
    assert!(took >= patience, "{took:?}");
    assert!(took < patience * 4, "{took:?}");
}

/// A sink whose topic was created again must start again, not skip what it has not seen.
#[test]
fn a_position_beyond_the_end_is_refused_at_once() {
    let scratch = Scratch::new();
    let broker = Broker::start_with(scratch.path(), &["--topic", "t:1"]);
    let mut client = broker.client();
    client.produce("t", &[b"one", b"two"]);
    let started = Instant::now();

    assert_eq!((OFFSET_OUT_OF_RANGE, vec![]), client.fetch("t", 3, PATIENCE));
    assert_eq!((OFFSET_OUT_OF_RANGE, vec![]), client.fetch("t", -5, PATIENCE));
    let mixed = client.fetch_all(&[("t", 1), ("t", 9)], PATIENCE);
    assert_eq!(OFFSET_OUT_OF_RANGE, mixed[1].0);

    let took = started.elapsed();
    assert!(took < PATIENCE / 2, "{took:?}");
}

#[test]
fn a_topic_that_is_not_there_is_refused_at_once() {
    let scratch = Scratch::new();
    let broker = Broker::start(scratch.path());
    let started = Instant::now();

    let (code, _) = broker.client().fetch("absent", 0, PATIENCE);

    assert_eq!(UNKNOWN_TOPIC_OR_PARTITION, code);
    let took = started.elapsed();
    assert!(took < PATIENCE / 2, "{took:?}");
}

#[test]
fn a_fetch_that_does_not_wait_gets_what_is_there() {
    let scratch = Scratch::new();
    let broker = Broker::start_with(scratch.path(), &["--topic", "t:1"]);
    let mut client = broker.client();

    assert_eq!((0, vec![]), client.fetch("t", 0, Duration::ZERO));
    client.produce("t", &[b"one"]);
    let (code, records) = client.fetch("t", 0, Duration::ZERO);
    assert_eq!((0, vec![(0, b"one".to_vec())]), (code, records));
}
